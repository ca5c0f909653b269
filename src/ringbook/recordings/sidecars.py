"""What stands in a file beside a recording: Asterisk's voicemail writes ``msg0000.txt`` beside ``msg0000.wav``."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import msgspec

from ringbook.model.instant import LATEST, SECOND, Instant

MOST = 64 << 10


class Note(msgspec.Struct, frozen=True):
    """What stands beside a recording: when it began, and the numbers on the call."""

    began_at: Instant | None
    numbers: tuple[str, ...]


def beside(file: Path) -> Note | None:
    """What the file beside a recording says of it; None if there is none that can be understood."""
    try:
        with file.with_suffix(".txt").open("rb") as source:
            text = source.read(MOST).decode("utf-8", errors="replace")
    except (OSError, ValueError):
        return None
    return read(text)


def read(text: str) -> Note | None:
    """What such a file says; None if it is another kind of file."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    if not parser.has_section("message"):
        return None
    told = parser["message"]
    origtime = told.get("origtime") or ""
    began = int(origtime) * SECOND if re.fullmatch(r"[0-9]{1,11}", origtime) else 0
    numbers = [number for name in ("callerid", "exten") for number in _numbers(told.get(name) or "")]
    return Note(began if 0 < began < LATEST else None, tuple(dict.fromkeys(numbers)))


def _numbers(text: str) -> list[str]:
    """The telephone number in ``"Name" <number>``, or in a text that is one."""
    inner = re.search(r"<([^>]*)>", text)
    return re.findall(r"\+?[0-9]{2,16}", inner[1] if inner else text)[:1]
