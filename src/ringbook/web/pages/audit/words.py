"""What happened, in words. An action without words here is shown by its name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = {
    "session": _("Sign-ins"),
    "person": _("People"),
    "team": _("Teams"),
    "entry-link": _("Entry links"),
    "token": _("API tokens"),
    "call": _("Calls"),
    "calls": _("Searches and exports"),
    "note": _("Notes"),
    "recording": _("Recordings"),
    "contact": _("Contacts"),
    "source": _("Phone systems"),
    "audit": _("Audit log"),
}
"""The first part of actions, to choose by."""

ACTIONS = {
    "audit:exported": _("exported the audit log"),
    "audit:verified": _("verified the audit log"),
    "call:seen": _("looked at a call"),
    "calls:exported": _("exported calls"),
    "calls:searched": _("searched calls"),
    "entry-link:made": _("made an entry link"),
    "entry-link:used": _("used an entry link"),
    "person:added": _("added a person"),
    "person:changed": _("changed a profile"),
    "person:disabled": _("switched a person off"),
    "person:enabled": _("switched a person on"),
    "person:password-changed": _("changed a password"),
    "person:renamed": _("renamed a person"),
    "person:role-changed": _("changed a role"),
    "person:second-factor-added": _("set up a second factor"),
    "person:second-factor-removed": _("removed a second factor"),
    "person:single-sign-on-connected": _("connected single sign-on"),
    "seat:added": _("seated a person"),
    "recording:downloaded": _("downloaded a recording"),
    "recording:heard": _("listened to a recording"),
    "recording:joined": _("joined a recording to a call"),
    "recording:opened": _("opened a recording"),
    "recording:uploaded": _("uploaded a recording"),
    "session:began": _("signed in"),
    "session:ended": _("ended sessions"),
    "session:refused": _("was refused at sign-in"),
    "team:added": _("added a team"),
    "team:changed": _("changed a team"),
    "team:removed": _("removed a team"),
}


def words_of(action: str) -> str:
    """What an action is called."""
    return str(ACTIONS.get(action, action))
