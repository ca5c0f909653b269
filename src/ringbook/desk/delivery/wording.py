"""Figures in words: headings, values, parts and changes, in the language that is active."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from ringbook.analyse.definition import Kind

UNKNOWN = "–"
"""What stands where nothing is known: never a zero."""

PARTS = {
    "answered": gettext_noop("Answered"),
    "voicemail": gettext_noop("Voicemail"),
    "machine": gettext_noop("Machine"),
    "abandoned": gettext_noop("Abandoned"),
    "missed": gettext_noop("Missed"),
    "busy": gettext_noop("Busy"),
    "rejected": gettext_noop("Rejected"),
    "cancelled": gettext_noop("Cancelled"),
    "failed": gettext_noop("Failed"),
    "unknown": gettext_noop("Not known"),
    "inbound": gettext_noop("Inbound"),
    "outbound": gettext_noop("Outbound"),
    "internal": gettext_noop("Internal"),
    "caller": gettext_noop("Caller"),
    "callee": gettext_noop("Called party"),
    "system": gettext_noop("System"),
}
"""Parts whose names are words of ours, not of the phone system."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONDAY = date(1970, 1, 5)
_TEXTUAL = ("outcome", "direction", "hangup")


def value(told: Any, kind: Kind, zone: str) -> str:
    """A value as people read it."""
    if told is None:
        return "" if kind is Kind.TEXT else UNKNOWN
    match kind:
        case Kind.COUNT:
            return number(told, 0)
        case Kind.SHARE:
            return f"{number(told * 100, 1)} %"
        case Kind.SECONDS:
            return span(told)
        case Kind.NUMBER:
            return number(told, 2)
        case Kind.INSTANT:
            return moment(datetime.fromisoformat(told), zone)
        case Kind.TEXT:
            return str(told)


def number(told: float, places: int) -> str:
    """A number, rounded (Django's own filter cuts off)."""
    return str(number_format(round(told, places), places, force_grouping=True))


def span(seconds: float) -> str:
    """How long something took: 0:09, 1:05, 1 h 02 min."""
    if 0 < seconds < 0.5:
        return "<0:01"
    whole = int(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return _("%(hours)d h %(minutes)02d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}


def moment(at: datetime, zone: str) -> str:
    """An instant on the clock of a zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date())} {local:%H:%M}"


def day(of: date) -> str:
    """A day: 3 Nov 2026."""
    return str(date_format(of, pgettext("form of a date", "j M Y")))


def days(since: date, until: date) -> str:
    """Some days: 2 Nov 2026 – 8 Nov 2026, or the one."""
    return day(since) if since == until else f"{day(since)} – {day(until)}"


def weekday(number: int) -> str:
    """A day of the week, Monday is 0."""
    return str(date_format(_MONDAY + timedelta(days=number), "l"))


def part(label: str, by: str, zone: str) -> str:
    """What a part is called."""
    if not label:
        return none(by)
    if by in ("hour", "half-hour", "quarter-hour"):
        return moment(datetime.fromisoformat(label), zone)
    if by in ("day", "week"):
        return str(date_format(date.fromisoformat(label), pgettext("form of a date", "D j M")))
    if by == "month":
        return str(date_format(date.fromisoformat(f"{label}-01"), "F Y"))
    if by == "weekday" and label in _WEEKDAYS:
        return weekday(_WEEKDAYS.index(label))
    if by in _TEXTUAL and label in PARTS:
        return _(PARTS[label])
    return label


def none(by: str) -> str:
    """What the part is called that has none."""
    match by:
        case "queue":
            return _("No queue")
        case "agent":
            return _("Nobody, or not known")
    return _("Not known")


def change(this: float | None, other: float | None, kind: Kind) -> str:
    """How a value changed: counts by a share of themselves, shares by points; empty where either is not known."""
    if this is None or other is None:
        return ""
    difference = this - other
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    if kind is Kind.SHARE:
        return _("%(n)s points") % {"n": f"{sign}{number(abs(difference) * 100, 1)}"}
    if kind is Kind.SECONDS:
        return f"{sign}{span(abs(difference))}"
    if not other:
        return f"{sign}{number(abs(difference), 0)}"
    return f"{sign}{number(abs(difference) / abs(other) * 100, 0)} %"
