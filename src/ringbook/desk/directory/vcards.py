"""Contacts as vCards (2.1, 3.0, 4.0): read leniently, a card at a time with its line, and written as 3.0 or 4.0.

Read here and not by a library: phones write cards that no standard allows, one bad card must not cost the others, and
people are told on which line it is. RFC 2426, RFC 6350, and the Versit text of 2.1.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator, Sequence

import msgspec
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.errors import FileError
from ringbook.desk.directory.spreadsheets import MOST_ROWS, Parsed, Problem, kind_of_number

_PROPERTY = re.compile(
    r"^(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<params>(?:;(?:\"[^\"]*\"|[^:;\"])*)*):(?P<value>.*)$", re.S
)
_LONGEST_CARD = 2_000_000


class _Property(msgspec.Struct, frozen=True):
    name: str
    params: str
    value: str


def looks_like(text: str) -> bool:
    """Whether a text is one of cards."""
    return text.lstrip()[:200].upper().startswith("BEGIN:VCARD")


def contacts_in(data: bytes, text: str) -> Iterator[Parsed | Problem]:
    """A contact for each card, or why there is none.

    ``data`` are the bytes of the text, for 2.1 cards that name a charset of their own.
    """
    del data
    cards = 0
    for line, card, whole in _cards(text):
        cards += 1
        if cards > MOST_ROWS:
            raise FileError(
                _("The file has more than %(most)s cards: split it into several.")
                % {"most": number_format(MOST_ROWS, force_grouping=True)}
            )
        if not whole:
            yield Problem(line, "the card has no end (END:VCARD)", card[0][:80] if card else "")
        elif sum(map(len, card)) > _LONGEST_CARD:
            yield Problem(line, "the card is too long")
        else:
            yield Parsed(line, _draft(list(_properties(card))))
    if not cards:
        raise FileError(_("There is no card in this file: a vCard file says BEGIN:VCARD."))


def _cards(text: str) -> Iterator[tuple[int, list[str], bool]]:
    """The lines of each card, the line on which it begins, and whether it has an end."""
    card: list[str] | None = None
    began = 0
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if card is not None:
                yield began, card, False
            card, began = [], number
        elif word == "END:VCARD" and card is not None:
            yield began, card, True
            card = None
        elif card is not None:
            card.append(line)
    if card is not None:
        yield began, card, False


def _properties(lines: Sequence[str]) -> Iterator[_Property]:
    for line in _unfolded(lines):
        found = _PROPERTY.match(line)
        if found:
            yield _Property(
                found["name"].upper(),
                found["params"].upper(),
                _value(found["params"].upper(), found["value"]),
            )


def _unfolded(lines: Sequence[str]) -> Iterator[str]:
    """Whole lines: those that go on with a blank, and quoted-printable ones that end in ``=``."""
    whole = ""
    soft = False
    for line in lines:
        if soft:
            whole = whole[:-1] + line
        elif line[:1] in (" ", "\t") and whole:
            whole += line[1:]
            continue
        else:
            if whole:
                yield whole
            whole = line
        soft = whole.endswith("=") and "QUOTED-PRINTABLE" in whole.partition(":")[0].upper()
    if whole:
        yield whole


def _value(params: str, value: str) -> str:
    charset = re.search(r"CHARSET=\"?([\w-]+)", params)
    raw: bytes | None = None
    if "QUOTED-PRINTABLE" in params:
        raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    elif re.search(r"ENCODING=(B|BASE64)\b", params) and "X-" not in params and len(value) < 10_000:
        try:
            raw = binascii.a2b_base64(value)
        except binascii.Error:
            raw = None
    if raw is None:
        return value
    for encoding in (charset[1] if charset else "utf-8", "utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _parts(text: str) -> list[str]:
    """A structured value's parts, unescaped."""
    return [_unescaped(part) for part in re.split(r"(?<!\\);", text)]


def _draft(properties: list[_Property]) -> ContactDraft:
    by_name: dict[str, list[_Property]] = {}
    for one in properties:
        by_name.setdefault(one.name, []).append(one)

    def first(name: str) -> str:
        return next((text for one in by_name.get(name, []) if (text := _unescaped(one.value))), "")

    structured = next((_parts(one.value) for one in by_name.get("N", [])), [])
    given = [structured[place] for place in (1, 2, 0) if place < len(structured) and structured[place]]
    return ContactDraft(
        name=first("FN") or " ".join(given) or first("NICKNAME"),
        company=next((_parts(one.value)[0] for one in by_name.get("ORG", [])), ""),
        title=first("TITLE") or first("ROLE"),
        emails=tuple(_unescaped(one.value).removeprefix("mailto:") for one in by_name.get("EMAIL", [])),
        labels=tuple(
            _unescaped(part)
            for one in by_name.get("CATEGORIES", [])
            for part in re.split(r"(?<!\\),", one.value)
        ),
        note="\n\n".join(_unescaped(one.value) for one in by_name.get("NOTE", [])),
        numbers=tuple(
            NumberDraft(_number(one.value), kind_of_number(one.params)) for one in by_name.get("TEL", [])
        ),
    )


def _number(value: str) -> str:
    text = _unescaped(value)
    return text[4:].partition(";")[0] if text.lower().startswith("tel:") else text


_TYPES = {"mobile": "CELL", "work": "WORK", "home": "HOME", "fax": "FAX", "other": "VOICE"}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of a contact."""

    uid: str
    name: str
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    note: str = ""
    labels: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()  # number, label


def written(card: Card) -> bytes:
    """The contact as a vCard 3.0, which everything reads."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{card.uid}",
        f"FN:{_escaped(card.name)}",
        f"N:{_structured(card.name)}",
    ]
    if card.company:
        lines.append(f"ORG:{_escaped(card.company)}")
    if card.title:
        lines.append(f"TITLE:{_escaped(card.title)}")
    lines += [f"TEL;TYPE={_TYPES.get(label, 'VOICE')}:{number}" for number, label in card.numbers]
    lines += [f"EMAIL;TYPE=INTERNET:{_escaped(mail)}" for mail in card.emails]
    if card.labels:
        lines.append("CATEGORIES:" + ",".join(map(_escaped, card.labels)))
    if card.note:
        lines.append(f"NOTE:{_escaped(card.note)}")
    lines.append("END:VCARD")
    return b"".join(_folded(line) for line in lines)


def _structured(name: str) -> str:
    given, _, family = name.rpartition(" ")
    return f"{_escaped(family)};{_escaped(given)};;;"


def _escaped(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 bytes, no character torn."""
    pieces, piece = [], b""
    for char in line:
        one = char.encode()
        if len(piece) + len(one) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = b""
        piece += one
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
