"""The ranges of the date picker, as words of the query language."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from django.utils.translation import gettext as _


class Range(msgspec.Struct, frozen=True):
    """A range by name, and how a question says it; empty is any time."""

    label: str
    told: str


def ranges(today: date, week_starts_on: int) -> list[Range]:
    """The ranges that people ask for most, seen from a day; ``week_starts_on`` is 0 for Monday."""
    week = today - timedelta(days=(today.weekday() - week_starts_on) % 7)
    last_week = week - timedelta(days=7)
    last_month = today.replace(day=1) - timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    quarter_end = (quarter.replace(day=28) + timedelta(days=70)).replace(day=1) - timedelta(days=1)
    return [
        Range(_("Any time"), ""),
        Range(_("Today"), "on:today"),
        Range(_("Yesterday"), "on:yesterday"),
        Range(_("This week"), f"on:{week}..{week + timedelta(days=6)}"),
        Range(_("Last week"), f"on:{last_week}..{last_week + timedelta(days=6)}"),
        Range(_("Last 7 days"), "last:7d"),
        Range(_("Last 30 days"), "last:30d"),
        Range(_("This month"), f"on:{today:%Y-%m}"),
        Range(_("Last month"), f"on:{last_month:%Y-%m}"),
        Range(_("This quarter"), f"on:{quarter}..{quarter_end}"),
        Range(_("This year"), f"on:{today:%Y}"),
    ]


def between(since: str, until: str) -> str:
    """How a question says two days of the picker (ISO text, either may be empty), the last one included.

    :raises ValueError: one is no date.
    """
    first = date.fromisoformat(since) if since else None
    last = date.fromisoformat(until) if until else None
    if first and last:
        first, last = min(first, last), max(first, last)
        return f"on:{first}" if first == last else f"on:{first}..{last}"
    if first:
        return f"after:{first}"
    return f"before:{last + timedelta(days=1)}" if last else ""


def named(told: str, known: list[Range]) -> str:
    """What the button of the picker says: the name of a range, or the words themselves."""
    return next((each.label for each in known if each.told == told), told)
