"""Cuts the text of a mapped file's record into values by column or by path."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from ringbook.parse.format import Reasons
from ringbook.parse.mapping_model import FileMapping, Layout

Row: TypeAlias = Callable[[str], str]
"""The text that stands in a column, ``""`` where nothing does."""


class RecordError(Exception):
    """A record that cannot be understood, with the reject's reason and detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail[:300]


class Rows:
    """The records of one mapping's files."""

    def __init__(self, mapping: FileMapping) -> None:
        self._mapping = mapping
        self._delimiter = mapping.delimiter.encode()
        self._named = frozenset(_plain(name) for name in mapping.named())
        self._widest = max((int(c) for c in mapping.named() if c.isdigit()), default=0)
        self._places = lru_cache(maxsize=16)(self._header_places)
        self._least = lru_cache(maxsize=16)(self._delimiters)
        self._rarest = max(self._named, key=len, default="")

    def is_header(self, line: bytes) -> bool:
        """Whether a line names all columns that the mapping uses."""
        if not self._mapping.header or len(line) > _LONGEST_HEADER:
            return False
        text = line.decode(self._mapping.encoding, "replace")
        if self._rarest.partition(" ")[0] not in text.casefold():
            return False
        cells = self._cells(text)
        return cells is not None and self._named <= set(_distinct(cells))

    def may_start(self, line: bytes, header: bytes) -> bool:
        """Whether a line has as many delimiters as a record needs, so that it does not go on in a quoted field."""
        return line.count(self._delimiter) >= self._least(header)

    def is_whole(self, record: bytes, header: bytes) -> bool:
        """Whether several lines together are one record: their quotes match and give the columns there are."""
        cells = self._cells(record.decode(self._mapping.encoding, "replace"))
        return cells is not None and len(cells) > self._least(header)

    def _delimiters(self, header: bytes) -> int:
        """Delimiters in a record."""
        columns = max(len(self._mapping.columns), self._widest)
        return max(1, header.count(self._delimiter) if header else columns - 1)

    def records(self, text: str, context: bytes) -> list[Row]:
        """The records in a piece's text: one, or those of a whole document. Raises :class:`RecordError`."""
        if self._mapping.layout is not Layout.CSV:
            return self._objects(text)
        cells = self._cells(text)
        if cells is None:
            raise RecordError(Reasons.SYNTAX, "quotes that do not match")
        places = self._column_places(context)
        self._check_width(cells, places)
        return [lambda column: cells[places[column]].strip() if places[column] < len(cells) else ""]

    def _column_places(self, context: bytes) -> dict[str, int]:
        if self._mapping.header:
            if not context:
                raise RecordError(
                    Reasons.MISSING, f"no header with {', '.join(self._mapping.named())} stands before it"
                )
            return self._places(context)
        return _NumberedPlaces({name: place for place, name in enumerate(self._mapping.columns)})

    def _header_places(self, context: bytes) -> dict[str, int]:
        cells = self._cells(context.decode(self._mapping.encoding, "replace")) or []
        places = {name: place for place, name in enumerate(_distinct(cells))}
        found = {column: places.get(_plain(column), _ABSENT) for column in self._mapping.named()}
        found[_WIDTH] = len(cells)
        return found

    def _check_width(self, cells: list[str], places: dict[str, int]) -> None:
        expected = places[_WIDTH] if self._mapping.header else len(self._mapping.columns)
        if self._mapping.ragged:
            expected = 0
        elif not expected:
            expected = self._widest
            if len(cells) < expected:
                raise RecordError(
                    Reasons.COLUMNS, f"{len(cells)} columns; the mapping uses column {expected}"
                )
            return
        fewer = len(cells) < expected
        more = bool(expected) and any(cell.strip() for cell in cells[expected:])
        if fewer or more:
            raise RecordError(Reasons.COLUMNS, f"{len(cells)} columns, not {expected}")

    def _cells(self, text: str) -> list[str] | None:
        """The cells of one line of CSV; None where its quotes do not match."""
        text = text.removeprefix("\ufeff").rstrip("\r\n")
        mapping = self._mapping
        if not mapping.quote or mapping.quote not in text:
            return text.split(mapping.delimiter)
        try:
            rows = list(
                csv.reader(
                    text.splitlines(keepends=True),
                    delimiter=mapping.delimiter,
                    quotechar=mapping.quote,
                    skipinitialspace=True,
                    strict=True,
                )
            )
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _objects(self, text: str) -> list[Row]:
        try:
            document = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            reason = Reasons.TRUNCATED if "truncated" in str(error) else Reasons.SYNTAX
            raise RecordError(reason, str(error)) from None
        except RecursionError:
            raise RecordError(Reasons.SYNTAX, "nested too deeply") from None
        if self._mapping.layout is Layout.JSON:
            document = _walk(document, self._mapping.records) if self._mapping.records else document
            items = document if isinstance(document, list) else [document]
        else:
            items = [document]
        if not all(isinstance(item, dict) for item in items):
            raise RecordError(Reasons.UNKNOWN, f"no object at {self._mapping.records or 'the top'}")
        return [_by_path(item) for item in items]


_ABSENT = 1 << 30
_WIDTH = "\0width"
_LONGEST_HEADER = 65_536


class _NumberedPlaces(dict[str, int]):
    """Places of named columns, and of those that are called by their number, from 1."""

    def __missing__(self, column: str) -> int:
        return int(column) - 1 if column.isdigit() else _ABSENT


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _distinct(cells: list[str]) -> list[str]:
    """Column names as they are compared; the second of two alike is ``name#2``."""
    seen: dict[str, int] = {}
    names = []
    for cell in cells:
        name = _plain(cell)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _by_path(item: dict[str, Any]) -> Row:
    return lambda path: _told(item[path] if path in item else _walk(item, path))


_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d{1,6})\]")


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(found[1] if found[1] is not None else int(found[2]) for found in _STEP.finditer(path))


def _walk(value: Any, path: str) -> Any:
    """What stands at a path such as ``call.legs[0].number``; None where nothing does."""
    for step in _steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return None
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _told(value: Any) -> str:
    """A JSON value as the text it would be in a column."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < _EXACT else repr(value)
    return str(value) if abs(value) < _EXACT else ""


_EXACT = 1e15
