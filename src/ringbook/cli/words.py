"""How calls are worded in a terminal: clocks, spans, parties, and a sign beside every word that a colour carries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.markup import escape

from ringbook.normalise.clocks import zone as zone_of

DIRECTION = {"inbound": "↘", "outbound": "↗", "internal": "↔", "unknown": "?"}

OUTCOME = {
    "answered": ("✔", "green"),
    "voicemail": ("✉", "cyan"),
    "machine": ("⚙", "cyan"),
    "abandoned": ("⤫", "red"),
    "missed": ("✘", "red"),
    "busy": ("⊘", "yellow"),
    "rejected": ("⊗", "yellow"),
    "cancelled": ("↩", "yellow"),
    "failed": ("⚠", "yellow"),
    "unknown": ("?", "dim"),
}


_CONTROLS = {*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)} - {0x09, 0x0A}
_SHOWN = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _CONTROLS}
"""Characters that move the cursor, colour the screen or turn the direction of writing, as they are shown instead."""


def safe(text: str) -> str:
    """A record's text, to be printed as markup: nothing in it is markup, and nothing in it commands the terminal.

    A caller chooses the name that is shown, so it may hold escape sequences.
    """
    return escape(text.translate(_SHOWN))


def clock(text: str | None, zone: str, *, decimals: bool = False) -> str:
    """An RFC 3339 instant in a time zone, ``2026-11-21 12:44:10``; an empty text for none."""
    if not text:
        return ""
    local = datetime.fromisoformat(text).astimezone(zone_of(zone))
    return local.strftime("%Y-%m-%d %H:%M:%S") + (f".{local.microsecond // 100_000}" if decimals else "")


def span(seconds: float | None) -> str:
    """Seconds as ``0:12`` or ``1:02:03``; a question mark where unknown."""
    if seconds is None:
        return "?"
    whole = int(seconds + 0.5)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def who(party: dict[str, Any]) -> str:
    """A party as ``+15125550115 JUST ASKING``; a question mark for an unknown one. Safe to print as markup."""
    number = party.get("number") or party.get("raw") or ""
    return safe(" ".join(part for part in (number, party.get("name") or "") if part)) or "?"
