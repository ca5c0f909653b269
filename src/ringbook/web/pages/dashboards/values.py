"""Values and parts of figures as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ringbook.analyse.definition import Kind
from ringbook.desk.directory.names import names_of
from ringbook.desk.organisation.models import ExtensionName, QueueName
from ringbook.desk.people.models import Seat
from ringbook.desk.people.roles import Right
from ringbook.model.instant import DAY, to_datetime
from ringbook.search.values import WEEKDAYS
from ringbook.web.templatetags.calls import (
    UNKNOWN,
    direction_word,
    hangup_word,
    outcome_word,
    short,
    span,
    spelled_number,
)
from ringbook.web.viewer import Viewer

_MONDAY = 4 * DAY  # of January 1970


def shown(kind: Kind, value: Any, viewer: Viewer) -> str:
    """A value in words; what is not known is a dash, never zero."""
    if value is None or value == "":
        return UNKNOWN
    match kind:
        case Kind.SHARE:
            return f"{_tenths(value * 100)} %"
        case Kind.SECONDS:
            return span(value)
        case Kind.NUMBER:
            return _tenths(value)
        case Kind.COUNT:
            return number_format(int(value), force_grouping=True)
        case Kind.INSTANT:
            return short(datetime.fromisoformat(value).astimezone(viewer.zone))
    return str(value)


def difference(kind: Kind, change: float | None) -> str:
    """By how much a value is more or less."""
    if change is None:
        return ""
    if unchanged(kind, change):
        return _("as before")
    sign = "+" if change > 0 else "−"
    match kind:
        case Kind.SHARE:
            return _("%(n)s points") % {"n": f"{sign}{_tenths(abs(change) * 100)}"}
        case Kind.SECONDS:
            return f"{sign}{span(abs(change))}"
        case Kind.COUNT:
            return f"{sign}{number_format(int(abs(change)), force_grouping=True)}"
    return f"{sign}{_tenths(abs(change))}"


def unchanged(kind: Kind, change: float) -> bool:
    """Whether a change is too small to be seen in the values as they are shown."""
    return abs(change) < {Kind.SHARE: 0.0005, Kind.SECONDS: 0.5, Kind.COUNT: 0.5}.get(kind, 0.05)


def _tenths(value: float) -> str:
    # Django cuts decimals off; people round.
    return number_format(round(value, 1), 1, force_grouping=True)


_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?: – (\d{4}-\d\d-\d\d))?")


def days_word(label: str, today: date) -> str:
    """Days as people write them, with the year only where it is not this one; any other text as it is."""
    found = _DAYS.fullmatch(label)
    if found is None:
        return label
    days = [date.fromisoformat(day) for day in found.groups() if day]
    near = all(day.year == today.year for day in days)
    form = pgettext("form of a date", "j M") if near else pgettext("form of a date", "j M Y")
    return " – ".join(date_format(day, form) for day in days)


class Parts:
    """Says what the parts of a figure are called: by their label, in the viewer's words and names."""

    def __init__(self, viewer: Viewer, by: str, labels: list[str]) -> None:
        self._viewer = viewer
        self._named = _NAMES[by](viewer, labels) if by in _NAMES else {}
        self._word = _WORDS.get(by)
        self._by = by

    def of(self, label: str) -> str:
        """One part."""
        if self._by in _TIMES:
            return _time(self._viewer, self._by, label)
        if not label or label == "?":
            return _none(self._by)
        if label in self._named:
            return self._named[label]
        return self._word(label) if self._word else label


def _none(by: str) -> str:
    if by == "queue":
        return _("No queue")
    if by == "agent":
        return _("Nobody, or not known")
    return _("Not known")


_TIMES = ("quarter-hour", "half-hour", "hour", "day", "week", "month", "year")


def _time(viewer: Viewer, by: str, label: str) -> str:
    if by in ("quarter-hour", "half-hour", "hour"):
        local = datetime.fromisoformat(label).astimezone(viewer.zone)
        return f"{date_format(local, pgettext('form of a date', 'D'))} {local:%H:%M}"
    if by == "year":
        return label
    if by == "month":
        return date_format(datetime.fromisoformat(f"{label}-01"), pgettext("form of a date", "M Y"))
    return date_format(datetime.fromisoformat(label), pgettext("form of a date", "D j M"))


def weekday_word(label: str) -> str:
    """A weekday, short."""
    return date_format(to_datetime(_MONDAY + WEEKDAYS.index(label) * DAY), "D")


_WORDS: dict[str, Callable[[str], str]] = {
    "direction": direction_word,
    "outcome": outcome_word,
    "hangup": hangup_word,
    "weekday": weekday_word,
}


def _queues(viewer: Viewer, labels: list[str]) -> Mapping[str, str]:
    found = QueueName.objects.within(viewer.scope).filter(queue__in=labels).exclude(name="")
    return dict(found.values_list("queue", "name"))


def _extensions(viewer: Viewer, labels: list[str]) -> Mapping[str, str]:
    named = dict(
        ExtensionName.objects.within(viewer.scope)
        .filter(extension__in=labels)
        .values_list("extension", "name")
    )
    seats = Seat.objects.within(viewer.scope).filter(until=None, extension__in=labels)
    named |= {seat.extension: str(seat.person) for seat in seats.select_related("person")}
    return {extension: f"{name} ({extension})" for extension, name in named.items()}


def _numbers(viewer: Viewer, labels: list[str]) -> Mapping[str, str]:
    known = [label for label in labels if label]
    names = names_of(viewer.scope, known) if viewer.may(Right.SEE_CONTACTS) else {}
    spelled = {label: spelled_number(label, viewer.country) for label in known}
    return {label: names[label].name if label in names else spelled[label] for label in known}


_NAMES: dict[str, Callable[[Viewer, list[str]], Mapping[str, str]]] = {
    "queue": _queues,
    "agent": _extensions,
    "extension": _extensions,
    "number": _numbers,
    "dialled": _numbers,
}
