"""Mappings of people's own files: read one (:func:`read_mapping`), or propose one from a file (:func:`propose`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ringbook.parse.format import Noise, Rejected, Stated
from ringbook.parse.formats.mapped import MappedFormat
from ringbook.parse.mapped_values import time
from ringbook.parse.mapping_columns import Column
from ringbook.parse.mapping_model import (
    FIELDS,
    SPANS,
    TIMES,
    FileMapping,
    Layout,
    MappingError,
    Unit,
    read_mapping,
)
from ringbook.parse.mapping_proposal import Found, assigned, look, milliseconds, quoted, span_fields
from ringbook.parse.mapping_words import direction_of, plain, result_of

_SHOWN = 40
"""Characters of an example that are shown."""

_TRIED = 64
"""KiB of the file on which a proposal is tried."""


def propose(data: bytes, name: str) -> str:
    """A commented mapping for a file, as TOML text that can be read back and that reads the file.

    Raises :class:`MappingError` when no column can be the time at which calls began.
    """
    found = look(data)
    chosen = assigned(found)
    if "start" not in chosen:
        seen = ", ".join(one.name for one in found.columns)[:300]
        raise MappingError(
            f"no column of {name or 'the file'} looks like the time of a call; there are: {seen}"
        )
    span_fields(chosen, _formats(chosen))
    body = _body(found, Choices(chosen))
    return f"{_verdict(body, found.document or data, name)}\n{body}\n"


class Choices(msgspec.Struct, frozen=True):
    """What a mapping says of the columns that were found: ``columns`` by field, what words of ``direction`` and ``result`` mean
    where that is known better than by guessing (empty: nothing), and fields that have the same value for all records."""

    columns: dict[str, list[Column]]
    words: dict[str, dict[str, str]] = {}
    always: dict[str, str] = {}


def mapping_of(found: Found, choices: Choices) -> str:
    """The mapping of a file in which somebody said what the columns are. Raises :class:`MappingError` if it cannot be used."""
    if not choices.columns.get("start"):
        raise MappingError("no column is the time at which calls began")
    for field in TIMES:
        for one in choices.columns.get(field, ())[:1]:
            if not (one.formats or (one.dates if field == "start" else one.clocks)):
                raise MappingError(f"{one.name} holds no times that can be read")
    body = _body(found, choices)
    read_mapping(body)
    return f"{body}\n"


def _body(found: Found, choices: Choices) -> str:
    formats = _formats(choices.columns)
    return "\n".join(
        [
            *_layout(found, choices.columns),
            "",
            *_time(choices.columns, formats),
            "",
            *_fields(found, choices, formats),
            *_words(choices),
        ]
    )


def _verdict(body: str, data: bytes, name: str) -> str:
    """What became of the file's first records when the proposal was tried on them."""
    mapping = read_mapping(body)
    form = MappedFormat(mapping)
    framer = form.framer()
    head = data if mapping.layout is Layout.JSON else data[: _TRIED * 1024]
    pieces = list(framer.feed(head))
    if head == data:
        pieces += framer.finish()
    told = [form.parse(piece) for piece in pieces]
    good = sum(len(one.statements) for one in told if isinstance(one, Stated))
    bad = [one for one in told if isinstance(one, Rejected)]
    noise = sum(isinstance(one, Noise) for one in told)
    lines = [
        f"# Proposed from {quoted(name)[1:-1] or 'a file'}. Please read it: names can mislead, and only you know what they mean.",
        f"# Tried on its beginning: {good} records read, {len(bad)} not, {noise} lines that are none.",
    ]
    if bad:
        lines.append(f"# The first that was not: {bad[0].reason}: {quoted(bad[0].detail)[1:-1]}")
    return "\n".join(lines)


def _layout(found: Found, chosen: dict[str, list[Column]]) -> Iterator[str]:
    yield f"layout = {quoted(found.layout)}"
    if found.layout == "json":
        if found.records:
            yield f"records = {quoted(found.records)}"
        return
    if found.layout == "jsonl":
        return
    yield f"delimiter = {quoted(found.delimiter)}"
    if found.encoding != "utf-8":
        yield f"encoding = {quoted(found.encoding)}"
    if not found.header:
        names = _names(found, chosen)
        yield "header = false"
        yield f"columns = [{', '.join(quoted(names[one.name]) for one in found.columns)}]"
    if found.skip:
        yield f"skip = [{', '.join(quoted(pattern) for pattern in found.skip)}]  # lines above the header"


def _names(found: Found, chosen: dict[str, list[Column]]) -> dict[str, str]:
    """What the columns of a file without a header are called in its mapping: by the field they are."""
    names = {one.name: one.name for one in found.columns}
    if not found.header:
        for field, columns in chosen.items():
            for place, one in enumerate(columns):
                names[one.name] = field if place == 0 else f"{field}_{place + 1}"
    return names


def _formats(chosen: dict[str, list[Column]]) -> list[str]:
    """The time formats of the file: the start's, and what else the other times need."""
    start = chosen["start"]
    formats = list((start[0].formats or start[0].dates)[:1])
    if len(start) > 1 and start[0].dates and start[1].clocks:
        formats = [f"{start[0].dates[0]} {start[1].clocks[0]}"]
    for name in TIMES[1:]:
        if name in chosen and chosen[name][0].formats and not set(chosen[name][0].formats) & set(formats):
            formats.append(chosen[name][0].formats[0])
    return formats


def _time(chosen: dict[str, list[Column]], formats: Sequence[str]) -> Iterator[str]:
    start = chosen["start"][0]
    yield "[time]"
    ambiguous = "%d/%m" in formats[0] or "%m/%d" in formats[0]
    both = sum(("%d/%m" in f) or ("%m/%d" in f) for f in (*start.formats, *start.dates)) > 1
    note = "  # day and month could also stand the other way round" if ambiguous and both else ""
    yield f"formats = [{', '.join(quoted(pattern) for pattern in formats)}]{note}"
    if formats[0].startswith("epoch"):
        return
    words = {word for one in chosen["start"] for word in plain(one.name).split()}
    if _written(start, formats[0]):
        yield 'zone = "written"  # the times say their own offset'
    elif words & {"utc", "gmt", "zulu"}:
        yield 'zone = "UTC"'
    else:
        yield 'zone = ""  # local time: the source\'s timezone setting says of where'


def _written(start: Column, pattern: str) -> bool:
    """Whether the times themselves say of which zone they are."""
    read = [time(text, (pattern,)) for text in start.values]
    return any(one is not None and one.instant is not None for one in read)


def _fields(found: Found, choices: Choices, formats: Sequence[str]) -> Iterator[str]:
    chosen = choices.columns
    names = _names(found, chosen)
    used = {one.name for columns in chosen.values() for one in columns}
    yield "[fields]"
    for field, help_text in FIELDS.items():
        columns = chosen.get(field)
        if not columns:
            if field in choices.always:
                yield f"{field} = {{ value = {quoted(choices.always[field])} }}  # {help_text}"
            continue
        called = [quoted(names[one.name]) for one in columns]
        value = called[0] if len(called) == 1 else f"[{', '.join(called)}]"
        extra = _extra(field, columns[0], formats)
        if extra:
            value = f"{{ column = {called[0]}, {extra} }}"
        yield f"{field} = {value}  # {help_text}{_example(columns)}"
    for one in found.columns:
        if one.name not in used:
            yield f"# not used: {quoted(names[one.name])}{_example([one])}"


def _extra(field: str, one: Column, formats: Sequence[str]) -> str:
    if field in SPANS and milliseconds(one):
        return f"unit = {quoted(Unit.MILLISECONDS)}"
    if field in TIMES[1:] and not one.formats and one.clocks:
        return f"format = {quoted(one.clocks[0])}"
    if field in TIMES[1:] and formats[0] not in one.formats:
        return f"format = {quoted(one.formats[0])}"
    return ""


def _example(columns: Sequence[Column]) -> str:
    text = " ".join(one.example for one in columns)
    shown = "".join(char if char.isprintable() else " " for char in text)[:_SHOWN]
    return f"; e.g. {shown}" if shown else "; always empty"


def _words(choices: Choices) -> Iterator[str]:
    chosen = choices.columns
    for field, meaning_of in (("direction", direction_of), ("result", result_of)):
        columns = chosen.get(field)
        if not columns or not columns[0].values:
            continue
        said = choices.words.get(field, {})
        meanings: dict[str, list[str]] = {}
        unknown: list[str] = []
        for word in columns[0].words:
            meaning = said.get(word, meaning_of(word))
            if meaning:
                meanings.setdefault(meaning, []).append(word)
            elif field == "direction" or columns is not chosen.get("direction"):
                unknown.append(word)
        yield ""
        yield f"[{field}]"
        for meaning, words in meanings.items():
            distinct = {word.casefold(): word for word in words}
            yield f"{meaning} = [{', '.join(quoted(word) for word in distinct.values())}]"
        if unknown:
            yield f"# what do these mean? {', '.join(quoted(word[:_SHOWN]) for word in unknown[:10])}"


__all__ = ["FIELDS", "Choices", "FileMapping", "MappingError", "mapping_of", "propose", "read_mapping"]
