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
from ringbook.desk.delivery.wording import none
from ringbook.desk.directory.names import names_of
from ringbook.desk.insight.names import part_names
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
        numbers = by in ("number", "dialled")
        self._named = _numbers(viewer, labels) if numbers else part_names(viewer.scope, by, labels)
        self._word = _WORDS.get(by)
        self._by = by
        self._dated = by in _OF_DAYS and len(labels) > 1 and _days_between(labels[0], labels[-1]) >= _WEEK

    def of(self, label: str) -> str:
        """One part."""
        if self._by in _TIMES:
            return _time(self._viewer, self._by, label, dated=self._dated)
        if not label or label == "?":
            return none(self._by)
        if label in self._named:
            return self._named[label]
        return self._word(label) if self._word else label


_OF_DAYS = ("quarter-hour", "half-hour", "hour")
_WEEK = 6
"""Days between two hours from which on they may be of the same weekday."""
_TIMES = (*_OF_DAYS, "day", "week", "month", "year")


def _days_between(first: str, last: str) -> int:
    return abs(datetime.fromisoformat(last) - datetime.fromisoformat(first)).days


def _time(viewer: Viewer, by: str, label: str, *, dated: bool) -> str:
    """A stretch of time; of hours the weekday is enough where none comes twice."""
    if by in _OF_DAYS:
        local = datetime.fromisoformat(label).astimezone(viewer.zone)
        day = pgettext("form of a date", "D j M") if dated else pgettext("form of a date", "D")
        return f"{date_format(local, day)} {local:%H:%M}"
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


def _numbers(viewer: Viewer, labels: list[str]) -> Mapping[str, str]:
    known = [label for label in labels if label]
    names = names_of(viewer.scope, known) if viewer.may(Right.SEE_CONTACTS) else {}
    spelled = {label: spelled_number(label, viewer.country) for label in known}
    return {label: names[label].name if label in names else spelled[label] for label in known}
