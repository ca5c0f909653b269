"""The kinds of things that entries of the audit log are about: their words, where their names are, which page shows them."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from ringbook.desk.people.roles import Right


class Kind(msgspec.Struct, frozen=True):
    """A kind of thing. Without a model, the key is the name. ``listed``: its page shows all of the kind."""

    word: Any
    model: str = ""
    page: str = ""
    rights: tuple[Right, ...] = ()
    listed: bool = False
    lasts: bool = True  # it goes only when somebody removes it
    related: tuple[str, ...] = ()


_PEOPLE = (Right.MANAGE_PEOPLE,)
_SETTINGS = (Right.MANAGE_SETTINGS,)
_CONTACTS = (Right.SEE_CONTACTS,)
_SOURCES = (Right.MANAGE_SOURCES,)
_KEEPING = (Right.SEE_RETENTION,)
_REPORTS = (Right.SEE_REPORTS,)
_RECORDING = (Right.MANAGE_RECORDING_POLICY,)

CALL = Kind(_("Call"), page="call", rights=(Right.SEE_CALLS,))
RECORDING = Kind(_("Recording"), page="recording", rights=(Right.UPLOAD_RECORDINGS,))

KINDS = {
    "alert": Kind(_("Alert"), "delivery.Alert", "alert", _REPORTS),
    "businesshours": Kind(
        _("Business hours"), "organisation.BusinessHours", "settings-hours", _SETTINGS, True
    ),
    "clip": Kind(_("Clip"), "listening.Clip", "clip", (Right.LISTEN,)),
    "company": Kind(_("Company"), "directory.Company", "company", _CONTACTS),
    "contact": Kind(_("Contact"), "directory.Contact", "contact", _CONTACTS),
    "countryrule": Kind(
        _("Country"), "recording_policy.CountryRule", "settings-recording-countries", _RECORDING, True
    ),
    "dashboard": Kind(_("Dashboard"), "dashboards.Dashboard", "dashboard-own", (Right.SEE_OVERVIEW,)),
    "delivery": Kind(_("Message"), "delivery.Delivery", "delivery", _REPORTS),
    "donotrecord": Kind(
        _("Entry of the do-not-record list"),
        *("recording_policy.DoNotRecord", "settings-recording-never", _RECORDING, True),
    ),
    "evidence": Kind(_("Evidence pack"), page="evidence", rights=(Right.MAKE_EVIDENCE,), listed=True),
    "extensionname": Kind(_("Extension"), "organisation.ExtensionName", "settings-numbers", _SETTINGS, True),
    "field": Kind(_("Field"), "annotations.CustomField", "settings-fields", _SETTINGS, True),
    "hold": Kind(_("Legal hold"), "retention.Hold", "retention-hold", _KEEPING),
    "holiday": Kind(_("Holiday"), "organisation.Holiday", "settings-hours", _SETTINGS, True),
    "import": Kind(_("Import"), "directory.Import", lasts=False),
    "job": Kind(_("Export"), "workspace.Job", lasts=False),
    "organisation": Kind(
        _("Organisation"), "organisation.Organisation", "settings-organisation", _SETTINGS, True
    ),
    "ournumber": Kind(_("Number"), "organisation.OurNumber", "settings-numbers", _SETTINGS, True),
    "outcome-code": Kind(_("Outcome"), "annotations.OutcomeCode", "settings-outcomes", _SETTINGS, True),
    "person": Kind(_("Person"), "people.Person", "person", _PEOPLE),
    "queuename": Kind(_("Queue"), "organisation.QueueName", "settings-queues", _SETTINGS, True),
    "recordingrule": Kind(
        _("Recording rule"), "recording_policy.RecordingRule", "settings-recording", _RECORDING, True
    ),
    "report": Kind(_("Report"), "delivery.Report", "report", _REPORTS),
    "request": Kind(_("Request of a person"), "requests.PersonRequest", "request", (Right.HANDLE_REQUESTS,)),
    "rule": Kind(_("Rule of retention"), "retention.RetentionRule", "retention-rule", _KEEPING),
    "run": Kind(_("Run of retention"), "retention.RetentionRun", "retention-run", _KEEPING),
    "source": Kind(_("Phone system"), page="source", rights=(Right.SEE_SOURCES,)),
    "standard": Kind(
        _("What holds for all recording"),
        *("recording_policy.Standard", "settings-recording", _RECORDING, True),
    ),
    "survey": Kind(_("Survey"), "insight.Survey", "settings-surveys", _SETTINGS, True),
    "digitrule": Kind(_("Rule for keypad answers"), "insight.DigitRule", "settings-surveys", _SETTINGS, True),
    "tag": Kind(_("Tag"), "annotations.Tag", "settings-tags", _SETTINGS, True),
    "team": Kind(_("Team"), "people.Team", "team", _PEOPLE),
    "token": Kind(_("API token"), "tokens.ApiToken", "settings-tokens", (Right.MANAGE_TOKENS,), True),
    "upload": Kind(_("Uploaded files"), "organisation.Upload", "source-uploaded", _SOURCES, lasts=False),
    "view": Kind(_("Saved view"), "workspace.SavedView"),
    "wallboard-link": Kind(_("Link of a wallboard"), "dashboards.WallboardLink"),
    "warrant": Kind(_("Warrant"), "retention.WarrantIssued"),
    "webhook": Kind(_("Webhook"), "delivery.Webhook", "webhook", _REPORTS),
}
"""By the first part of a subject."""
