"""The ways in which a person's numbers and names are written, and finding them in texts, JSON and bytes.

A number is found with or without its country's code, with whatever prefixes a telephone system dials before it, and with spaces,
dashes, dots and brackets between its digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import phonenumbers

ERASED = "[erased]"
SHORTEST = 5
"""Digits below which a number is looked for only where a number stands, never within texts: 101 is in every other text."""

SHORTEST_NAME = 3
_BETWEEN = r"[\s\-./()\u00a0]{0,3}"


class Identifiers(msgspec.Struct, frozen=True, kw_only=True):
    """Who a person is: numbers as the ledger and the directory have them, names, e-mail addresses, contacts (ids).

    With ``by_name``, calls that carry a name of theirs and none of their numbers are theirs too.
    """

    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    by_name: bool = False

    def __bool__(self) -> bool:
        return bool(self.numbers or self.names or self.emails or self.contacts)


def of(told: dict[str, Any]) -> Identifiers:
    """The identifiers that a request keeps."""
    return msgspec.convert(told, Identifiers)


def core(number: str) -> str:
    """The digits that every way of writing a number has in common: those after the country's code, or all."""
    if number.startswith("+"):
        try:
            parsed = phonenumbers.parse(number)
            return phonenumbers.national_significant_number(parsed)
        except phonenumbers.NumberParseException:
            pass
    return re.sub(r"\D", "", number).lstrip("0")


class Finder:
    """Finds a person's identifiers. Numbers too short to be told from other digits are not looked for in texts."""

    def __init__(self, who: Identifiers) -> None:
        self.digits = sorted({digits for one in who.numbers if len(digits := core(one)) >= SHORTEST})
        self.words = sorted(
            {word for one in (*who.names, *who.emails) if len(word := one.strip()) >= SHORTEST_NAME}
        )
        self.short = sorted({one for one in who.numbers if len(core(one)) < SHORTEST})
        patterns = [_BETWEEN.join(digits) + r"(?!\d)" for digits in self.digits]
        patterns += [rf"(?<!\w){_spaced(word)}(?!\w)" for word in self.words]
        self._text = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def mentions(self, text: str) -> bool:
        """Whether a text has any of them."""
        return self._text is not None and self._text.search(text) is not None

    def without(self, text: str) -> str:
        """The text with a mark in place of each of them."""
        return self._text.sub(ERASED, text) if self._text is not None else text

    def clean(self, value: Any) -> Any:
        """A JSON value without them, keys included."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, dict):
            return {self.without(str(key)): self.clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(one) for one in value]
        return value

    def needles(self) -> list[str]:
        """What a search by plain substrings goes by: digits in the commonest ways of writing them, names, addresses."""
        return sorted({*self.words, *(way for digits in self.digits for way in _ways(digits))})

    def patterns(self) -> list[re.Pattern[bytes]]:
        """What a search through bytes goes by: in UTF-8 and in UTF-16."""
        return [
            re.compile(pattern, re.IGNORECASE)
            for word in (*self.digits, *self.words)
            for pattern in _in_bytes(word, number=word in self.digits)
        ]


def _spaced(word: str) -> str:
    return r"\s+".join(re.escape(part) for part in word.split())


def _ways(digits: str) -> Iterator[str]:
    yield digits
    if len(digits) == 10:
        for a, b in ((" ", " "), ("-", "-"), (".", "."), (" ", "-"), (") ", "-"), (")", "-"), (") ", " ")):
            yield f"{digits[:3]}{a}{digits[3:6]}{b}{digits[6:]}"


def _in_bytes(word: str, *, number: bool) -> Iterator[bytes]:
    if number:
        yield rb"[ \-./()]{0,3}".join(re.escape(char.encode()) for char in word)
        yield rb"(?:[ \-./()]\x00){0,3}".join(re.escape(char.encode("utf-16-le")) for char in word)
        return
    for way in {word, word.lower(), word.upper()}:
        yield re.escape(way.encode())
        yield re.escape(way.encode("utf-16-le"))


def merged(who: Identifiers, more: Iterable[tuple[str, str]]) -> Identifiers:
    """The identifiers with some more, each a kind (numbers, names, emails, contacts) and a text."""
    kinds: dict[str, list[str]] = {
        "numbers": list(who.numbers),
        "names": list(who.names),
        "emails": list(who.emails),
        "contacts": list(who.contacts),
    }
    for kind, text in more:
        if kind in kinds and text and text not in kinds[kind]:
            kinds[kind].append(text)
    return Identifiers(**{kind: tuple(found) for kind, found in kinds.items()}, by_name=who.by_name)
