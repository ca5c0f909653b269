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

COLUMNS = {
    "calls": gettext_noop("Calls"),
    "answered": gettext_noop("Answered"),
    "rate": gettext_noop("Share"),
    "share": gettext_noop("Share"),
    "ratio": gettext_noop("Ratio"),
    "mean_s": gettext_noop("Mean"),
    "median_s": gettext_noop("Median"),
    "p90_s": gettext_noop("9 of 10 within"),
    "longest_s": gettext_noop("Longest"),
    "total_s": gettext_noop("In all"),
    "service_level": gettext_noop("Service level"),
    "within": gettext_noop("Within the time"),
    "abandoned": gettext_noop("Abandoned"),
    "missed": gettext_noop("Missed"),
    "voicemail": gettext_noop("Voicemail"),
    "machine": gettext_noop("Machine"),
    "busy": gettext_noop("Busy"),
    "rejected": gettext_noop("Rejected"),
    "cancelled": gettext_noop("Cancelled"),
    "failed": gettext_noop("Failed"),
    "unknown": gettext_noop("Not known"),
    "missed_share": gettext_noop("Missed, share"),
    "abandoned_share": gettext_noop("Abandoned, share"),
    "voicemail_share": gettext_noop("Voicemail, share"),
    "wait_not_known": gettext_noop("Wait not known"),
    "talk_not_known": gettext_noop("Talk not known"),
    "held": gettext_noop("Held"),
    "transferred": gettext_noop("Transferred"),
    "peak": gettext_noop("Most at once"),
    "peak_at": gettext_noop("At"),
    "callers": gettext_noop("Callers"),
    "returned": gettext_noop("Returned"),
    "not_returned": gettext_noop("Not returned"),
    "open": gettext_noop("Open"),
    "returned_share": gettext_noop("Returned, share"),
    "name": gettext_noop("Name"),
    "effective": gettext_noop("Effective"),
    "measured": gettext_noop("Measured"),
    "lines": gettext_noop("Lines"),
    "busiest_erlang": gettext_noop("Busiest hour, erlang"),
    "busiest_hour": gettext_noop("Busiest hour"),
    "contacts": gettext_noop("Contacts"),
    "resolved": gettext_noop("Resolved"),
    "repeated": gettext_noop("Called again"),
    "rings": gettext_noop("Rings"),
    "not_taken": gettext_noop("Not taken"),
    "served": gettext_noop("Served"),
    "given_up": gettext_noop("Given up"),
}

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

DIMENSIONS = {
    "quarter-hour": gettext_noop("Quarter of an hour"),
    "half-hour": gettext_noop("Half hour"),
    "hour": gettext_noop("Hour"),
    "day": gettext_noop("Day"),
    "week": gettext_noop("Week"),
    "month": gettext_noop("Month"),
    "quarter": gettext_noop("Quarter"),
    "year": gettext_noop("Year"),
    "weekday": gettext_noop("Day of the week"),
    "clock": gettext_noop("Time of day"),
    "waited": gettext_noop("Waited"),
    "queue": gettext_noop("Queue"),
    "trunk": gettext_noop("Trunk"),
    "agent": gettext_noop("Agent"),
    "extension": gettext_noop("Extension"),
    "direction": gettext_noop("Direction"),
    "outcome": gettext_noop("Outcome"),
    "cause": gettext_noop("Cause"),
    "hangup": gettext_noop("Ended by"),
    "account": gettext_noop("Account"),
    "source": gettext_noop("Source"),
    "number": gettext_noop("Caller's number"),
    "dialled": gettext_noop("Number dialled"),
    "country": gettext_noop("Country"),
}

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONDAY = date(1970, 1, 5)
_TEXTUAL = ("outcome", "direction", "hangup")


def heading(column: str) -> str:
    """What a column is called."""
    return (
        _(COLUMNS[column]) if column in COLUMNS else column.removesuffix("_s").replace("_", " ").capitalize()
    )


def dimension(name: str) -> str:
    """What a dimension is called."""
    return _(DIMENSIONS[name]) if name in DIMENSIONS else name.replace("-", " ").capitalize()


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
        return _("Not known")
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
