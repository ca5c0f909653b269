"""Roles, rights and states in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ringbook.desk.people.roles import Right, Role

ROLES: dict[Role, StrPromise] = {
    Role.INTEGRATION: _("Integration: a program that reads and adds"),
    Role.AUDITOR: _("Auditor: reads everything, changes nothing"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.OWNER: _("Owner"),
    Role.SUPERVISOR: _("Supervisor: the calls of a person's teams"),
    Role.AGENT: _("Agent: the calls of a person"),
}

RIGHTS: dict[Right, StrPromise] = {
    Right.SEE_CALLS: _("See calls"),
    Right.SEE_EVIDENCE: _("See the records behind a call"),
    Right.EXPORT_CALLS: _("Export calls"),
    Right.ANNOTATE: _("Add notes, tags, outcomes and tasks"),
    Right.LOG_CALLS: _("Log calls by hand"),
    Right.SEE_CONTACTS: _("See contacts"),
    Right.EDIT_CONTACTS: _("Change contacts"),
    Right.SEE_OVERVIEW: _("See figures"),
    Right.SHARE_VIEWS: _("Share saved views"),
    Right.SEE_SOURCES: _("See phone systems"),
    Right.MANAGE_SOURCES: _("Manage phone systems"),
    Right.MANAGE_SETTINGS: _("Manage settings"),
    Right.MANAGE_PEOPLE: _("Manage people"),
    Right.MANAGE_TOKENS: _("Manage tokens"),
    Right.SEE_AUDIT: _("See the audit log"),
    Right.LISTEN: _("Listen to recordings"),
    Right.DOWNLOAD_RECORDINGS: _("Download recordings"),
    Right.UPLOAD_RECORDINGS: _("Add recordings, and say of which call they are"),
    Right.MASK_RECORDINGS: _("Silence parts of recordings"),
    Right.MAKE_EVIDENCE: _("Make signed packs of evidence"),
    Right.HANDLE_REQUESTS: _("Handle people's requests to be forgotten or told"),
    Right.ERASE: _("Agree to an erasure that somebody else asked for"),
}

SHORT: dict[str, StrPromise] = {
    "integration": _("Integration"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
    "owner": _("Owner"),
    "supervisor": _("Supervisor"),
    "agent": _("Agent"),
}
