"""Proposes a mapping from a file: its layout, what its columns are, how it writes times, and what its words mean."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from ringbook.parse import mapped_values as values
from ringbook.parse.mapping_columns import Column, column
from ringbook.parse.mapping_model import EPOCHS, FIELDS, SPANS, TIMES, MappingError, Unit
from ringbook.parse.mapping_words import direction_of, header_bids, plain, result_of

_SAMPLE_BYTES = 400_000
_SAMPLE_ROWS = 300
_TITLES = 15
"""Lines that may stand above the header."""


class Found(msgspec.Struct, kw_only=True):
    """What has been found out about a file."""

    layout: str
    encoding: str = "utf-8"
    delimiter: str = ""
    header: bool = True
    names: tuple[str, ...] = ()
    records: str = ""
    skip: tuple[str, ...] = ()
    columns: list[Column]
    document: bytes = b""
    """What of one JSON document was looked at."""


def look(data: bytes) -> Found:
    """The layout and columns of a file. Raises :class:`MappingError` if it has none."""
    text, encoding = _decoded(data[:_SAMPLE_BYTES], whole=len(data) <= _SAMPLE_BYTES)
    stripped = text.lstrip()
    if stripped.startswith(("{", "[")):
        found = _json(data, stripped)
        if found is not None:
            return found
    return _csv(text, encoding)


def _decoded(data: bytes, *, whole: bool) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MappingError("the file is UTF-16; save it as UTF-8 first")
    if b"\0" in data:
        raise MappingError("the file has NUL bytes: it is no text")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode(), "utf-8"
    except UnicodeDecodeError as error:
        if not whole and error.start > len(data) - 4:
            return data[: error.start].decode(), "utf-8"
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _json(data: bytes, text: str) -> Found | None:
    rows: list[dict[str, Any]] = []
    lines = [line for line in text.splitlines() if line.strip()][:_SAMPLE_ROWS]
    for line in lines:
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    if rows and len(rows) * 2 > len(lines):
        return Found(layout="jsonl", columns=_paths(rows))
    data = _closed(data)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    lists = sorted(_lists(document, ""), key=lambda pair: -len(pair[1]))
    path, best = lists[0] if lists else ("", [document] if isinstance(document, dict) else [])
    if not best:
        return None
    return Found(layout="json", records=path, columns=_paths(best[:_SAMPLE_ROWS]), document=data)


def _closed(data: bytes) -> bytes:
    """A document of which only the beginning is here, closed after its last whole record; a whole one as it is."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    else:
        return data
    open_: list[bytes] = []
    best, closers = 0, b""
    for found in _STRUCTURE.finditer(data[:_SAMPLE_BYTES]):
        mark = found[0]
        if mark in _CLOSERS:
            open_.append(_CLOSERS[mark])
        elif mark in b"}]":
            if not open_ or open_.pop() != mark:
                return data
            if mark == b"}" and open_[-1:] == [b"]"]:
                best, closers = found.end(), b"".join(reversed(open_))
    return data[:best] + closers if best else data


_CLOSERS = {b"{": b"}", b"[": b"]"}
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)


def _lists(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Lists of objects in a document, with their paths."""
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value):
            yield path, value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}" if path else key, depth + 1)


_DEEPEST = 3


def _paths(rows: Sequence[dict[str, Any]]) -> list[Column]:
    cells: dict[str, list[str]] = {}
    for row in rows:
        for path, value in _leaves(row, "", 0):
            cells.setdefault(path, []).append(value)
    return [column(path, found) for path, found in cells.items()]


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < _DEEPEST + 2:
        for key, inner in value.items():
            if not re.search(r"[.\[\]]", key):
                yield from _leaves(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value[:2]):
            yield from _leaves(inner, f"{path}[{index}]", depth + 1)
    elif value is not None and path:
        yield path, ("true" if value else "false") if isinstance(value, bool) else str(value)


def _csv(text: str, encoding: str) -> Found:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise MappingError("the file is empty")
    delimiter, width, rows = max(
        (_table(lines, mark) for mark in ",;\t|"), key=lambda t: (_fit(t, lines), t[1])
    )
    if width < 2:
        raise MappingError("no columns are to be seen: neither commas, semicolons, tabs nor bars, nor JSON")
    first = next(index for index, row in enumerate(rows) if len(row) == width)
    body = [row for row in rows[first:] if len(row) == width]
    header = _is_header(body)
    names = tuple(_unique(body[0])) if header else ()
    cells = body[1:] if header else body
    titles = lines[: min(first, _TITLES)]
    found = [
        column(names[i] if header else f"column_{i + 1}", [row[i] for row in cells]) for i in range(width)
    ]
    return Found(
        layout="csv",
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        names=names,
        skip=tuple(f"^{re.escape(line[:_TITLE])}" for line in titles),
        columns=[one for one in found if one.name],
    )


_TITLE = 20


def _table(lines: Sequence[str], mark: str) -> tuple[str, int, list[list[str]]]:
    """The rows with that delimiter, and how many columns most of them have."""
    try:
        rows = list(csv.reader(lines[:_SAMPLE_ROWS], delimiter=mark, skipinitialspace=True))
    except csv.Error:
        rows = [line.split(mark) for line in lines[:_SAMPLE_ROWS]]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = max(widths, key=lambda w: (widths[w], w), default=1)
    return mark, width, rows


def _fit(table: tuple[str, int, list[list[str]]], lines: Sequence[str]) -> float:
    _, width, rows = table
    if width < 2:
        return 0.0
    return sum(len(row) == width for row in rows) / max(1, min(len(lines), _SAMPLE_ROWS)) + width * 0.001


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: words, none twice, not the shapes that stand below."""
    first = [cell.strip() for cell in rows[0]]
    known = sum(bool(header_bids(cell)) for cell in first)
    shaped = sum(re.fullmatch(r"[+\d][\d\s:./,+\-]*", cell) is not None for cell in first)
    if shaped:
        return known > shaped * 2
    return known >= max(1, len(first) // 5) or (len(rows) > 1 and all(first))


def _unique(cells: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        name = " ".join(cell.split())
        seen[name.casefold()] += 1
        names.append(name if seen[name.casefold()] == 1 or not name else f"{name}#{seen[name.casefold()]}")
    return names


# ---------------------------------------------------------------------------------------------------------------- assignment


def assigned(found: Found) -> dict[str, list[Column]]:
    """The columns of each field that the file seems to have."""
    chosen: dict[str, list[Column]] = {}
    used: set[str] = set()
    bids = [
        (bid if one.values else bid - _EMPTY_BID, -place, field, one)
        for place, one in enumerate(found.columns)
        for field, bid in (header_bids(one.name) if found.header else {}).items()
        if _may_be(field, one)
    ]
    for _, _, field, one in sorted(bids, key=lambda b: (-b[0], -b[1], b[2])):
        if field not in chosen and one.name not in used:
            chosen[field] = [one]
            used.add(one.name)
    _by_shape(found, chosen, used)
    _date_and_time(found, chosen, used)
    _result_in_direction(chosen)
    _one_number(chosen)
    return chosen


def _may_be(field: str, one: Column) -> bool:
    """Whether the shape of a column's values allows what its name says; an empty column may be anything but a time."""
    if field == "start":
        return bool(one.formats or one.dates)
    if field in TIMES:
        return bool(one.formats or one.clocks)
    if field in SPANS:
        return one.span and not one.formats
    if not one.values:
        return field not in ("direction", "result", "id")
    if field == "direction":
        words = one.words
        return len(words) <= _MOST_WORDS and any(direction_of(word) for word in words)
    if field == "result":
        words = one.words
        return len(words) <= _MOST_WORDS * 3 and any(result_of(word) for word in words)
    if field == "id":
        return one.distinct > _RARELY_SHARED
    if field == "cause":
        return all(re.fullmatch(r"\d{1,3}", word) for word in one.words)
    if field == "agent" and all(re.match("machine|human|fax", word) for word in one.words):
        return False
    if field in ("from_name", "to_name", "name", "agent"):
        return not one.formats and not one.outside
    return set(one.formats) <= set(EPOCHS)  # ten digits may be a telephone number as well


_EMPTY_BID = 50.0
_MOST_WORDS = 12
_RARELY_SHARED = 0.3


def _by_shape(found: Found, chosen: dict[str, list[Column]], used: set[str]) -> None:
    """Fills what no name has told: a time for the start and, without a header, numbers and spans in their usual order."""

    def take(field: str, fits: Callable[[Column], bool]) -> None:
        one = next((c for c in found.columns if c.name not in used and fits(c)), None)
        if field not in chosen and one is not None:
            chosen[field] = [one]
            used.add(one.name)

    take("start", lambda c: bool(c.formats))
    if found.header:
        return
    take("direction", lambda c: _may_be("direction", c) and len(c.words) > 1)
    take("result", lambda c: _may_be("result", c))
    take("end", lambda c: "start" in chosen and _follows(c, chosen["start"][0]))
    for field in ("from", "to"):
        take(field, lambda c: c.number and not c.formats and (c.outside or len(c.example) > 2))
    take("talk", lambda c: c.span and not c.formats and not c.outside and max(map(len, c.values)) < _COMPACT)


_COMPACT = 9


def _follows(one: Column, start: Column) -> bool:
    """Whether a column's times are written like the starts beside them and lie after them."""
    if not one.formats or one.formats[:1] != start.formats[:1] or len(one.values) != len(start.values):
        return False
    pairs = [
        (values.time(first, one.formats[:1]), values.time(then, one.formats[:1]))
        for first, then in zip(start.values, one.values, strict=True)
    ]
    return all(first and then and first.wall <= then.wall for first, then in pairs)


def _date_and_time(found: Found, chosen: dict[str, list[Column]], used: set[str]) -> None:
    """Joins a column of dates with the column of times beside it."""
    start = chosen.get("start")
    if start is None:
        dates = [c for c in found.columns if c.dates and c.name not in used and not c.span]
        if not dates:
            return
        start = chosen["start"] = dates[:1]
        used.add(dates[0].name)
    if not start[0].dates or start[0].formats:
        return
    names = [c.name for c in found.columns]
    after = found.columns[names.index(start[0].name) + 1 :] + found.columns
    clock = next((c for c in after if c.clocks and c.name not in used and _says_time(c)), None)
    if clock is None:
        clock = next((c for c in after if c.clocks and c.name not in used and not c.span), None)
    if clock is not None:
        start.append(clock)
        used.add(clock.name)


def _says_time(one: Column) -> bool:
    bids = header_bids(one.name)
    return "start" in bids or "time" in plain(one.name).split()


def _result_in_direction(chosen: dict[str, list[Column]]) -> None:
    """A column such as "Incoming, Outgoing, Missed" says the direction and, where it was missed, the result."""
    if "result" not in chosen and "direction" in chosen:
        words = chosen["direction"][0].words
        if any(result_of(word) not in ("", "answered") for word in words):
            chosen["result"] = chosen["direction"]


def _one_number(chosen: dict[str, list[Column]]) -> None:
    """With one number only, whose side it is depends on the direction."""
    if "number" in chosen and ("from" in chosen or "to" in chosen):
        missing = "to" if "from" in chosen else "from"
        if missing not in chosen:
            chosen[missing] = chosen.pop("number")
        else:
            del chosen["number"]
    if "name" in chosen and "number" not in chosen and "from" in chosen and "from_name" not in chosen:
        chosen["from_name"] = chosen.pop("name")


# -------------------------------------------------------------------------------------------------------------------- spans


def span_fields(chosen: dict[str, list[Column]], formats: Sequence[str]) -> None:
    """Decides whether a single duration counts the talk or the whole call, by what stands beside it."""
    if "duration" in chosen and "talk" not in chosen and not _covers_ringing(chosen, formats):
        chosen["talk"] = chosen.pop("duration")


def _covers_ringing(chosen: dict[str, list[Column]], formats: Sequence[str]) -> bool:
    spans = [values.span(text, Unit.SECONDS) for text in chosen["duration"][0].values]
    if "start" in chosen and "end" in chosen and len(chosen["start"]) == 1:
        starts = [values.time(text, tuple(formats)) for text in chosen["start"][0].values]
        ends = [values.time(text, tuple(formats)) for text in chosen["end"][0].values]
        if len(starts) == len(ends) == len(spans):
            same = [
                abs((end.wall - start.wall) / 1e6 - span) <= 1
                for start, end, span in zip(starts, ends, spans, strict=True)
                if start and end and span is not None and not end.clock_only
            ]
            return bool(same) and sum(same) * 2 > len(same)
    result = chosen.get("result")
    if result is not None and len(result[0].values) == len(spans):
        unanswered = [
            span
            for word, span in zip(result[0].values, spans, strict=True)
            if result_of(word) not in ("", "answered") and span is not None
        ]
        return sum(span > 0 for span in unanswered) * 2 > len(unanswered) > 0
    return False


def milliseconds(one: Column) -> bool:
    """Whether a column of spans counts milliseconds: its name says so, or calls of days would be usual."""
    words = plain(one.name).split()
    if "ms" in words or "msec" in words or "milliseconds" in words or "millis" in words:
        return True
    numbers = [int(text) for text in one.values if text.isdecimal() and int(text)]
    return len(numbers) > 2 and min(numbers) >= 1000 and sorted(numbers)[len(numbers) // 2] > 50_000


def quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


__all__ = ["FIELDS", "Found", "assigned", "look", "milliseconds", "quoted", "span_fields"]
