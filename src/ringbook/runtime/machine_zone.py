"""This machine's own time zone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from ringbook.model.instant import Instant, to_datetime
from ringbook.normalise.clocks import ZoneNameError, zone


def machine_zone() -> str:
    """The IANA name of this machine's time zone; ``UTC`` where it cannot be told."""
    for name in (os.environ.get("TZ", "").lstrip(":"), _linked(), _written()):
        if name:
            try:
                zone(name)
            except ZoneNameError:
                continue
            return name
    return "UTC"


def offset_now(name: str, wall: Instant) -> str:
    """The offset of a zone at a wall-clock time, written ``UTC-05:00``."""
    offset = to_datetime(wall).replace(tzinfo=zone(name)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _linked() -> str:
    target = Path("/etc/localtime")
    if not target.is_symlink():
        return ""
    _, found, name = str(target.resolve()).partition("zoneinfo/")
    return name if found else ""


def _written() -> str:
    try:
        return Path("/etc/timezone").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
