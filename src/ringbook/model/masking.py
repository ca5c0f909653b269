"""Public shapes without the telephone numbers of the outside world, for readers who are not to see them.

Of a number its country code and its last two digits are left, with as many dots between for every number:
``+44 •••• ••01``. Short numbers are extensions of ours and stay. In any other text, whatever may be a number goes: seven digits
or more with nothing but spaces, dashes, dots and brackets between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import phonenumbers

LONGEST_EXTENSION = 6
"""Digits of the longest number that may be one of ours."""

HIDDEN = "••••"
_BETWEEN = r"[\s\-–—‑._/()\[\]+·]{0,4}"
_RUN = re.compile(rf"(?:\+|00)?\(?\d(?:{_BETWEEN}\d){{{LONGEST_EXTENSION},}}")
_LISTS = ("keys", "frames")
_NOTHING = ("channel", "frame")
_WORDS = frozenset(
    {"direction", "outcome", "hangup_by", "kind", "role", "sha256"}
    | {"duration_s", "wait_s", "ring_s", "talk_s", "hold_s"}
)
_OURS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
"""Ids of ours, and instants."""


def masked(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A call's public shape (or its flat row) without outside numbers; keys and frames are empty."""
    return {name: _value(name, value) for name, value in shape.items()}


def masked_number(number: str) -> str:
    """A number as such a reader sees it; extensions stay as they are."""
    digits = "".join(str(unicodedata.digit(char)) for char in number if char.isdigit())
    if len(digits) <= LONGEST_EXTENSION:
        return number
    return f"{_country(number, digits)}{HIDDEN} ••{digits[-2:]}"


def masked_text(text: str) -> str:
    """Text in which nothing is left that may be a telephone number."""
    return _RUN.sub(lambda found: masked_number(found[0]), text)


def _country(number: str, digits: str) -> str:
    """The country code of a number that says that it has one, with its plus; otherwise nothing."""
    if not number.lstrip().startswith("+"):
        return ""
    try:
        return f"+{phonenumbers.parse('+' + digits).country_code} "
    except phonenumbers.NumberParseException:
        return "+"


def _value(name: str, value: Any) -> Any:
    if name in _LISTS:
        return []
    if name in _NOTHING:
        return None
    if isinstance(value, str):
        return value if name in _WORDS or _OURS.fullmatch(value) else masked_text(value)
    if isinstance(value, Mapping):
        return {key: _value(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(name, item) for item in value]
    return value


_KEYED = re.compile(
    r"(?i)("
    r'"{1,2}(?:digits?|digits_dialed|last_matching_digits|dtmf\w*)"{1,2}\s*:\s*"{0,2}'  # JSON, also within CSV
    r"|<(?:digits_dialed|last_matching_digits|dtmf\w*)>"
    r'|"?SendDTMF"?,"?'
    r")([0-9A-D*#%]+)"
)
"""What comes before keys that somebody pressed, in records of Asterisk and FreeSWITCH; then the keys."""


def keys_hidden(text: str) -> str:
    """A raw record without the keys that somebody pressed: they may be those of a card."""
    return _KEYED.sub(lambda found: found[1] + "•" * len(found[2]), text)
