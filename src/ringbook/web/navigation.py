"""The ways through Ringbook that one viewer has, in the order of the navigation."""

from __future__ import annotations

import msgspec
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from ringbook.desk.people.roles import Right
from ringbook.web.viewer import Viewer

PHONE_ENTRIES = 3
"""How many entries the bar on a phone holds; the rest stand behind its menu."""


class Entry(msgspec.Struct, frozen=True):
    """A place one can go to: ``key`` is what is pressed after g."""

    name: str
    label: str
    icon: str
    key: str
    url: str
    current: bool
    beyond: bool


class _Place(msgspec.Struct, frozen=True):
    name: str
    label: str
    icon: str
    key: str
    right: Right


_PLACES = (
    _Place("calls", gettext_noop("Calls"), "phone", "c", Right.SEE_CALLS),
    _Place("missed", gettext_noop("Missed"), "phone-missed", "m", Right.SEE_CALLS),
    _Place("contacts", gettext_noop("Contacts"), "users", "k", Right.SEE_CONTACTS),
    _Place("tasks", gettext_noop("Tasks"), "list-checks", "t", Right.ANNOTATE),
    _Place("overview", gettext_noop("Overview"), "chart", "o", Right.SEE_OVERVIEW),
    _Place("dashboards", gettext_noop("Dashboards"), "activity", "d", Right.SEE_OVERVIEW),
    _Place("reports", gettext_noop("Reports"), "file-text", "p", Right.SEE_REPORTS),
    _Place("sql", gettext_noop("SQL"), "code", "q", Right.QUERY_SQL),
    _Place("sources", gettext_noop("Sources"), "plug", "s", Right.SEE_SOURCES),
    _Place("clips", gettext_noop("Clips"), "scissors", "i", Right.LISTEN),
    _Place("recordings", gettext_noop("Recordings"), "mic", "r", Right.SEE_SOURCES),
    _Place("retention", gettext_noop("Retention"), "hourglass", "h", Right.SEE_RETENTION),
    _Place("privacy", gettext_noop("Privacy"), "shield-check", "y", Right.USE_PAGES),
    _Place("completeness", gettext_noop("Completeness"), "mic-off", "v", Right.SEE_COMPLETENESS),
    _Place("settings", gettext_noop("Settings"), "settings", "e", Right.USE_PAGES),
)
_SETTINGS_RIGHTS = (Right.MANAGE_SETTINGS, Right.MANAGE_PEOPLE, Right.MANAGE_TOKENS, Right.SEE_AUDIT)


def entries(viewer: Viewer | None, path: str) -> list[Entry]:
    """Where the viewer may go; ``path`` says where they are: the entry with the longest address that begins it."""
    if viewer is None:
        return []
    places = [(place, _address(place.name)) for place in _PLACES if _open_to(viewer, place)]
    there = [(place, url) for place, url in places if url]
    here = max((url for _, url in there if path.startswith(url)), key=len, default="")
    return [
        Entry(place.name, gettext(place.label), place.icon, place.key, url, url == here, n >= PHONE_ENTRIES)
        for n, (place, url) in enumerate(there)
    ]


def _open_to(viewer: Viewer, place: _Place) -> bool:
    if place.name == "settings":
        return any(viewer.may(right) for right in _SETTINGS_RIGHTS)
    if place.name == "privacy":
        return viewer.may(Right.HANDLE_REQUESTS) or viewer.may(Right.MAKE_EVIDENCE)
    if place.name == "sql" and viewer.scope.masked:
        return False
    return viewer.may(place.right)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # a build without that page
        return ""
