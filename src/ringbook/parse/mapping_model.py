"""A mapping: which column of somebody's own file is which part of a call, as a small TOML text.

::

    layout = "csv"                        # csv, jsonl (an object on each line) or json (one document)
    delimiter = ";"
    header = true                         # or columns = ["start", "from", …] for a file without one
    skip = ["^#", "^Total"]               # lines that are no records

    [time]
    formats = ["%d.%m.%Y %H:%M:%S"]       # or "iso", "rfc2822", "epoch", "epoch_ms", "epoch_us"
    zone = ""                             # "": the source's; "written": in the text; else a zone for good

    [fields]
    start = ["Datum", "Uhrzeit"]          # a column, several joined by a blank, or a table
    talk = { column = "Dauer", unit = "s" }
    from = "Anrufer"
    direction = { value = "inbound" }     # the same for every record

    [direction]
    inbound = ["eingehend", "in"]

    [result]
    answered = ["angenommen"]
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from ringbook.model.call import Direction
from ringbook.model.errors import AskError
from ringbook.model.statement import PathResult


class MappingError(AskError, ValueError):
    """A mapping that cannot be used; the message names the place, what stands there, what may, and the nearest to it."""


class Layout(StrEnum):
    """How records lie in the file."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"


class Unit(StrEnum):
    """What a plain number in a duration column counts. ``1:02:03``, ``2:05`` and ``1h 2m 3s`` speak for themselves."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MINUTES = "min"
    HOURS_MINUTES = "h:m"  # two parts with a colon are hours and minutes, not minutes and seconds


class Field(msgspec.Struct, frozen=True):
    """Where one part of a call stands: columns (joined by a blank), or the same value for all records."""

    columns: tuple[str, ...] = ()
    value: str = ""
    unit: Unit = Unit.SECONDS
    formats: tuple[str, ...] = ()


class FileMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping, checked."""

    layout: Layout = Layout.CSV
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    ragged: bool = False
    columns: tuple[str, ...] = ()
    records: str = ""
    skip: tuple[re.Pattern[str], ...] = ()
    empty: frozenset[str] = frozenset()
    zone: str = ""
    formats: tuple[str, ...] = ("iso",)
    fields: dict[str, Field]
    directions: dict[str, Direction] = {}
    results: dict[str, PathResult] = {}
    without_talk: PathResult = PathResult.UNKNOWN

    def named(self) -> tuple[str, ...]:
        """All columns that the mapping names, in order, each once."""
        return tuple(dict.fromkeys(c for field in self.fields.values() for c in field.columns))

    def formats_of(self, name: str) -> tuple[str, ...]:
        """The time formats of a field: its own, else those of all."""
        return self.fields[name].formats or self.formats


FIELDS: dict[str, str] = {
    "id": "the call's own id; records that share it are one call",
    "start": "when the call began",
    "answer": "when it was answered",
    "end": "when it ended",
    "duration": "how long the whole call took, ringing included",
    "talk": "how long people talked",
    "ring": "how long it rang",
    "wait": "how long the caller waited in a queue",
    "hold": "how long it was on hold",
    "from": "the number that called",
    "from_name": "the caller's name",
    "to": "the number that was called",
    "to_name": "the name of the called",
    "number": "the other side's number, where one column holds it whichever way the call went",
    "name": "the other side's name, likewise",
    "own": "our own number that was called or called from, likewise",
    "dialled": "the digits as dialled, where they differ from the number reached",
    "direction": "inbound, outbound or internal, in the file's own words (see [direction])",
    "result": "how it ended, in the file's own words (see [result])",
    "cause": "the Q.850 cause value",
    "extension": "the extension of ours that took or made the call",
    "agent": "the name of whoever of ours took or made it",
    "queue": "the queue or group",
    "trunk": "the line, trunk or carrier that the call came in or went out by",
    "hangup_by": "who hung up: caller, callee or system",
    "cost": "what it cost",
    "account": "account code, project, cost centre",
    "recording": "the name of its recording",
}
"""What a mapping can say of a call."""

TIMES = ("start", "answer", "end")
SPANS = ("duration", "talk", "ring", "wait", "hold")
EMPTY = ("", "-", "--", "null", "none", "n/a", r"\n", "undefined")
EPOCHS = ("epoch", "epoch_ms", "epoch_us")
NAMED_FORMATS = ("iso", "rfc2822", *EPOCHS)
WRITTEN = "written"

_TOP = (
    "layout delimiter quote encoding header ragged columns records skip empty time fields direction result"
).split()
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-8-sig")


def read_mapping(text: str) -> FileMapping:
    """The mapping that a TOML text describes. Raises :class:`MappingError`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"the mapping is no TOML: {error}") from None
    _only("", table, _TOP)
    time = _table(table, "time")
    _only("time.", time, ("formats", "format", "zone"))
    layout = _choice("layout", table.get("layout", "csv"), Layout)
    mapping = FileMapping(
        layout=layout,
        delimiter=_delimiter(table),
        quote=_character("quote", table.get("quote", '"'), empty=True),
        encoding=_encoding(table),
        header=_flag("header", table.get("header", "columns" not in table)),
        ragged=_flag("ragged", table.get("ragged", False)),
        columns=_texts("columns", table.get("columns", [])),
        records=_text("records", table.get("records", "")),
        skip=tuple(_pattern(item) for item in _texts("skip", table.get("skip", []))),
        empty=frozenset(t.casefold() for t in (*EMPTY, *_texts("empty", table.get("empty", [])))),
        zone=_zone(_text("time.zone", time.get("zone", ""))),
        formats=_formats("time.formats", time.get("formats", time.get("format", ["iso"]))),
        fields=_fields(_table(table, "fields")),
        directions=_words("direction", _table(table, "direction"), Direction),
        results=_words("result", _without(_table(table, "result"), "without_talk"), PathResult),
        without_talk=_choice(
            "result.without_talk", _table(table, "result").get("without_talk", "unknown"), PathResult
        ),
    )
    _fits(mapping)
    return mapping


def _fits(mapping: FileMapping) -> None:
    if "start" not in mapping.fields or not mapping.fields["start"].columns:
        raise MappingError("[fields] must say where 'start' stands: when each call began")
    if mapping.layout is Layout.CSV and not mapping.header:
        known = set(mapping.columns)
        for name, field in mapping.fields.items():
            for column in field.columns:
                if column not in known and not re.fullmatch(r"[1-9]\d{0,2}", column):
                    near = _near(column, known)
                    raise MappingError(
                        f"fields.{name}: there is no column {column!r}; without a header, columns are those "
                        f"of 'columns' or their numbers, counted from 1{near}"
                    )


def _only(where: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
    allowed = list(allowed)
    for key in table:
        if key not in allowed:
            raise MappingError(
                f"{where}{key} is no setting of a mapping; there are: {', '.join(allowed)}{_near(key, allowed)}"
            )


def _near(word: str, allowed: Iterable[str]) -> str:
    close = difflib.get_close_matches(word.lower(), list(allowed), 1, 0.5)
    return f". Did you mean {close[0]!r}?" if close else ""


def _table(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise MappingError(f"{name} is a table: write [{name}] on a line of its own and its settings below")
    return value


def _without(table: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != name}


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise MappingError(f"{where} is a text in quotes, not {value!r}")
    return value


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise MappingError(f"{where} is true or false, not {value!r}")
    return value


def _texts(where: str, value: Any) -> tuple[str, ...]:
    items = [value] if isinstance(value, str | int) and not isinstance(value, bool) else value
    if not isinstance(items, list) or not all(isinstance(i, str | int) for i in items):
        raise MappingError(f"{where} is a list of texts, not {value!r}")
    return tuple(str(item) for item in items)


def _choice(where: str, value: Any, kind: type[Any]) -> Any:
    words = [str(member.value) for member in kind]
    if value not in words:
        raise MappingError(f"{where} is {value!r}; it may be: {', '.join(words)}{_near(str(value), words)}")
    return kind(value)


def _character(where: str, value: Any, *, empty: bool) -> str:
    text = _text(where, value)
    if len(text.encode()) != 1 and not (empty and not text):
        raise MappingError(f"{where} is one character, not {text!r}")
    return text


def _delimiter(table: Mapping[str, Any]) -> str:
    given = table.get("delimiter", ",")
    return _character(
        "delimiter", _DELIMITERS.get(given, given) if isinstance(given, str) else given, empty=False
    )


def _encoding(table: Mapping[str, Any]) -> str:
    given = _text("encoding", table.get("encoding", "utf-8")).lower()
    if given not in _ENCODINGS:
        raise MappingError(
            f"encoding is {given!r}; it may be: {', '.join(_ENCODINGS)}{_near(given, _ENCODINGS)}"
        )
    return given


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise MappingError(f"skip: {text!r} is no regular expression: {error}") from None


def _zone(name: str) -> str:
    if name in ("", WRITTEN, "UTC") or re.fullmatch(r"UTC[+-]\d{1,2}(:?\d\d)?", name):
        return name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = _near(name, sorted(available_timezones()))
        raise MappingError(
            f'time.zone is {name!r}; it may be "" (the source\'s), "written" (the times carry it), '
            f"or a zone such as 'Europe/Berlin'{near}"
        ) from None
    return name


def _formats(where: str, value: Any) -> tuple[str, ...]:
    given = _texts(where, value)
    for item in given:
        if item not in NAMED_FORMATS and "%" not in item:
            raise MappingError(
                f"{where}: {item!r} is no time format; write {', '.join(NAMED_FORMATS)}, or a pattern such as "
                f"'%d.%m.%Y %H:%M:%S'{_near(item, NAMED_FORMATS)}"
            )
        unknown = re.search(r"%[^aAbBdHIjmMpSfyYzZ%-]", item)
        if unknown:
            raise MappingError(f"{where}: {item!r} has {unknown[0]!r}, which stands for no part of a time")
    if not given:
        raise MappingError(f"{where} is empty; write at least one time format")
    return given


def _fields(table: Mapping[str, Any]) -> dict[str, Field]:
    _only("fields.", table, FIELDS)
    return {name: _field(name, value) for name, value in table.items()}


def _field(name: str, value: Any) -> Field:
    where = f"fields.{name}"
    if not isinstance(value, dict):
        columns = _texts(where, value)
        if not columns:
            raise MappingError(f"{where} names no column")
        return Field(columns)
    _only(f"{where}.", value, ("column", "columns", "value", "unit", "format", "formats"))
    columns = _texts(f"{where}.columns", value.get("columns", value.get("column", [])))
    constant = _text(f"{where}.value", value.get("value", ""))
    if bool(columns) == bool(constant):
        raise MappingError(f"{where} needs either 'column' or 'value'")
    given = value.get("formats", value.get("format"))
    return Field(
        columns,
        constant,
        _choice(f"{where}.unit", value.get("unit", "s"), Unit),
        _formats(f"{where}.formats", given) if given is not None else (),
    )


def _words(where: str, table: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for name, value in table.items():
        meaning = _choice(f"[{where}] {name}", name, kind)
        for word in _texts(f"{where}.{name}", value):
            if words.setdefault(word.casefold(), meaning) is not meaning:
                raise MappingError(
                    f"[{where}] {word!r} cannot mean both {words[word.casefold()]} and {meaning}"
                )
    return words
