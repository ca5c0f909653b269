"""Asterisk's ways of writing an instant in CEL and queue_log: an epoch, or a wall clock with or without its offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from ringbook.model.instant import SECOND, Instant, from_datetime


class Moment(msgspec.Struct, frozen=True):
    """An instant as written: ``at`` in UTC if ``utc``, else the wall clock read as if it were UTC."""

    at: Instant
    utc: bool


def moment(text: str) -> Moment | None:
    """What ``1795283050.378072``, ``2026-11-21 12:44:10`` or ``2026-11-21 12:44:10.5-05`` says; None if it is no time."""
    epoch = _EPOCH(text)
    if epoch:
        return Moment(int(epoch[1]) * SECOND + _micros(epoch[2]), True)
    wall = _WALL(text)
    if not wall:
        return None
    second = _second(wall[1].replace("T", " "))
    if second is None:
        return None
    at = second + _micros(wall[2])
    offset = wall[3]
    if not offset:
        return Moment(at, False)
    return Moment(at - _offset(offset), True)


@lru_cache(maxsize=4096)
def _second(text: str) -> Instant | None:
    try:
        return from_datetime(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    except ValueError:
        return None


def _micros(decimals: str | None) -> int:
    return int(decimals[1:].ljust(6, "0")) if decimals else 0


def _offset(text: str) -> int:
    if text in ("Z", "z"):
        return 0
    digits = text[1:].replace(":", "")
    span = (int(digits[:2]) * 3600 + int(digits[2:4] or 0) * 60) * SECOND
    return -span if text[0] == "-" else span


_EPOCH = re.compile(r"(\d{9,11})(\.\d{1,6})?", re.ASCII).fullmatch
_WALL = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d{1,6})?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
).fullmatch
