"""Contacts in a CSV file: how it is written, which column means what, and a draft of a contact for each row.

Columns as Outlook and Google name them are known, in English and German; any can be mapped by hand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import msgspec
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.errors import FileError

MOST_BYTES = 32 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 300
_LONGEST_CELL = 100_000
_DELIMITERS = ",;\t|"
_SEVERAL = re.compile(r"\s*:::\s*")

TARGETS = (
    *("", "name", "first", "middle", "last", "company", "title", "email", "note", "labels"),
    *("number:mobile", "number:work", "number:home", "number:fax", "number:other"),
)
"""What a column can mean; the empty one is left out."""

ENCODINGS = ("", "utf-8", "cp1252", "utf-16", "iso-8859-15", "mac-roman")
"""Encodings that can be chosen; empty: found out."""


class Parsed(msgspec.Struct, frozen=True):
    """A contact that the file tells of, and the line on which it begins."""

    line: int
    draft: ContactDraft


class Problem(msgspec.Struct, frozen=True):
    """Something in the file that is no contact: the line, why, and how it begins."""

    line: int
    reason: str
    text: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """A table: its header, its rows with their lines, and what each column is taken for."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    problems: list[Problem]
    mapping: list[str]


def text_of(data: bytes, encoding: str = "") -> str:
    """The text of a file, its encoding found out unless given.

    :raises FileError: it is empty, too large, or no text.
    """
    if not data.strip():
        raise FileError(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise FileError(
            _("The file is %(size)s MB; %(most)s MB fit. Split it into several.")
            % {"size": len(data) >> 20, "most": MOST_BYTES >> 20}
        )
    if encoding:
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            raise FileError(
                _("The file is not written in %(encoding)s; choose another encoding.")
                % {"encoding": encoding}
            ) from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(data, "utf-16").removeprefix("\ufeff")
    if b"\x00" in data[:100_000]:
        raise FileError(
            _("This is no text file: save the contacts as CSV or vCard (.vcf) and take in that file.")
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise FileError(_("The file begins like UTF-16 text, and then is not.")) from None


def read_sheet(text: str, mapping: Sequence[str] = ()) -> Sheet:
    """The table that a text holds. Raises FileError when it is none."""
    delimiter = _delimiter(text)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    problems: list[Problem] = []
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            problems.append(Problem(line, f"not readable as CSV: {error}"))
            line = reader.line_num + 1
            continue
        if row is None:
            break
        if any(cell.strip() for cell in row) and not _is_hint(row, header):
            if not header:
                header = [cell.replace("\x00", "").strip()[:100] for cell in row]
            else:
                rows.append((line, row))
        line = reader.line_num + 1
        if len(rows) > MOST_ROWS:
            raise FileError(
                _("The file has more than %(most)s rows: split it into several.")
                % {"most": number_format(MOST_ROWS, force_grouping=True)}
            )
    if not header or len(header) > MOST_COLUMNS:
        raise FileError(
            _("The file has no header: its first row must name the columns, such as Name, Company, Phone.")
        )
    known = [target if target in TARGETS else "" for target in mapping]
    used = known if len(known) == len(header) else guessed(header)
    return Sheet(header, rows, problems, used)


def _is_hint(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether the row only tells spreadsheets which character stands between cells."""
    return not header and row[0].lower().startswith("sep=")


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")[:10_000]
    if first.lower().startswith("sep=") and len(first) > 4:
        return first[4]
    return max(_DELIMITERS, key=lambda mark: (first.count(mark), -_DELIMITERS.index(mark)))


_ELSEWHERE = "address|adresse|street|straße|city|ort|postal|plz|zip|country|land|state|region|website|web|url|event|custom|im"
_PHONE = "phone|telephone|telefon|tel|number|nummer|rufnummer|durchwahl"
_OFFICE = "business|work|office|company|geschäft|büro|dienst"
_RULES: tuple[tuple[str, str], ...] = (
    (
        r"(e ?mail|mail).*(type|label|display|typ)|phone \d+ (type|label)|.*(phonetic|yomi|photo|birthday).*",
        "",
    ),
    (r"e ?mail( \d+)?( address| value| adresse)?|.*e ?mail (address|adresse|\d+).*|mail|email", "email"),
    (rf".*\b({_ELSEWHERE})\b.*|account|spouse", ""),
    (r"(given|first) name|first|vorname|prénom|nombre", "first"),
    (r"(additional|middle) name|middle|weitere vornamen", "middle"),
    (r"(family|last|sur) ?name|last|nachname|familienname|nom|apellidos?", "last"),
    (r"(full|display|contact )?name|full name|contact|file as|anzeigename|ansprechpartner", "name"),
    (r"(organi[sz]ation|company)( \d+)?( name)?|firma|unternehmen|société|empresa", "company"),
    (r"(job )?title|organi[sz]ation( \d+)? title|position|role|funktion|berufsbezeichnung", "title"),
    (r".*fax.*", "number:fax"),
    (r".*(mobil|cell|handy|gsm).*", "number:mobile"),
    (rf".*(home|privat).*({_PHONE}).*|.*({_PHONE}).*(home|privat).*", "number:home"),
    (rf".*({_OFFICE}).*({_PHONE}).*|.*({_PHONE}).*({_OFFICE}).*|business|work", "number:work"),
    (rf".*({_PHONE}).*", "number:other"),
    (r"notes?|notiz(en)?|comments?|bemerkung(en)?|remarks?|description", "note"),
    (r"labels?|tags?|categories|kategorien|group( membership)?|gruppen?", "labels"),
)


def guessed(header: Sequence[str]) -> list[str]:
    """What each column is most likely to mean, by its name."""
    found = []
    for column in header:
        plain = " ".join(re.sub(r"[\W_]+", " ", column.casefold()).split())
        target = next((target for rule, target in _RULES if plain and re.fullmatch(rule, plain)), "")
        if target in ("name", "first", "last", "middle") and target in found:
            target = ""
        found.append(target)
    if "name" in found and ("first" in found or "last" in found):
        found = [target if target != "name" else "" for target in found]
    return found


def contacts_in(sheet: Sheet) -> Iterator[Parsed | Problem]:
    """A contact for each row of a table, or why there is none."""
    yield from sheet.problems
    labels = _labels(sheet.header)
    for line, row in sheet.rows:
        if len(row) > len(sheet.header) and any(cell.strip() for cell in row[len(sheet.header) :]):
            yield Problem(
                line, f"{len(row)} cells, but the header has {len(sheet.header)}", ", ".join(row)[:80]
            )
            continue
        yield Parsed(line, _draft(sheet.mapping, row, labels))


def _labels(header: Sequence[str]) -> dict[int, int]:
    """Which column tells the kind of the number in which other one, as Google has it."""
    kinds = {}
    for place, column in enumerate(header):
        found = re.fullmatch(r"(?i)phone (\d+) - (type|label)", column.strip())
        if found:
            kinds[found[1]] = place
    values = {}
    for place, column in enumerate(header):
        found = re.fullmatch(r"(?i)phone (\d+) - value", column.strip())
        if found and found[1] in kinds:
            values[place] = kinds[found[1]]
    return values


def kind_of_number(word: str) -> str:
    """The label that a word for a kind of line stands for."""
    plain = word.casefold()
    for label, words in (
        ("fax", ("fax",)),
        ("mobile", ("mobil", "cell", "handy", "gsm", "iphone")),
        ("work", ("work", "business", "office", "main", "geschäft", "büro")),
        ("home", ("home", "privat")),
    ):
        if any(each in plain for each in words):
            return label
    return "other"


def _draft(mapping: Sequence[str], row: Sequence[str], labels: dict[int, int]) -> ContactDraft:
    told: dict[str, list[str]] = {}
    numbers: list[NumberDraft] = []
    for place, (target, cell) in enumerate(zip(mapping, row, strict=False)):
        text = _plain(cell)
        if not target or not text:
            continue
        if target.startswith("number:"):
            kind = target.removeprefix("number:")
            if place in labels and labels[place] < len(row):
                kind = kind_of_number(row[labels[place]])
            numbers += [NumberDraft(each, kind) for each in _SEVERAL.split(text)]
        else:
            told.setdefault(target, []).append(text)
    whole = told.get("name", [""])[0] or " ".join(
        told[part][0] for part in ("first", "middle", "last") if part in told
    )
    return ContactDraft(
        name=whole,
        company=told.get("company", [""])[0],
        title=told.get("title", [""])[0],
        emails=tuple(
            mail for cell in told.get("email", []) for mail in re.split(r"\s*(?::::|[,;])\s*", cell) if mail
        ),
        labels=tuple(
            one
            for cell in told.get("labels", [])
            for one in re.split(r"\s*(?::::|[,;])\s*", cell)
            if one.strip("* ") == one
        ),
        note="\n".join(told.get("note", [])),
        numbers=tuple(numbers),
    )


_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")


def _plain(cell: str) -> str:
    """The cell without the apostrophe that kept a spreadsheet from computing it (ours in exports, and others')."""
    return _FORMULA.sub("", cell.strip())
