"""What somebody enters about a call that no phone system knows of, and what of it cannot be."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from ringbook.model.call import Direction
from ringbook.model.errors import AskError
from ringbook.model.instant import SECOND, Instant, plausible

AHEAD = 10 * 60 * SECOND
"""How far ahead of our clock a call may begin: another machine's clock, not next week."""
LONGEST_TALK_S = 7 * 86_400
OUTCOMES = ("answered", "missed", "voicemail", "busy", "rejected", "cancelled", "failed", "unknown")
MEDIA = ("phone", "mobile", "in-person", "video", "other")


class EntryError(AskError):
    """A call that cannot have happened as it was entered; ``field`` says which value to look at."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class RepeatedKeyError(AskError):
    """The same idempotency key with other content."""


class StaleEntryError(AskError):
    """The entry was corrected by somebody else meanwhile."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody enters. ``agent`` is the extension of whoever talked, or their ``@handle``."""

    direction: Direction
    outcome: str
    agent: str
    at: Instant | None = None  # now
    agent_name: str = ""
    number: str = ""
    name: str = ""
    talk_s: float | None = None
    medium: str = ""
    zone: str = ""


def checked(entry: Entry) -> Entry:
    """The entry, its texts in one line. Raises :class:`EntryError` for what cannot be."""
    at, talk_s = entry.at, entry.talk_s
    if at is not None and not plausible(at):
        raise EntryError("at", _("A call begins between 1985 and 2089."))
    if at is not None and at > time.time_ns() // 1000 + AHEAD:
        raise EntryError(
            "at", _("This call lies in the future. Say when it was, or make a follow-up task instead.")
        )
    if talk_s is not None and not (math.isfinite(talk_s) and 0 <= talk_s <= LONGEST_TALK_S):
        raise EntryError("talk_s", _("A talk lasts from nothing to seven days."))
    if not entry.agent.strip():
        raise EntryError("agent", _("Say who talked: an extension or a handle."))
    if not entry.number.strip() and not entry.name.strip():
        raise EntryError("number", _("Say with whom: a number or a name."))
    texts = {
        name: _plain(getattr(entry, name))
        for name in ("agent", "agent_name", "number", "name", "medium", "zone")
    }
    return msgspec.structs.replace(entry, **texts)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:200]


def entry_of(given: Mapping[str, Any]) -> Entry:
    """The entry that plain values describe. Raises :class:`EntryError`."""
    try:
        return msgspec.convert(dict(given), Entry)
    except msgspec.ValidationError as error:
        raise EntryError("", f"This is no call: {error}.") from None
