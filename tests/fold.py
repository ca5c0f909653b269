"""Folding files into calls in memory, without a store: parse → normalise → components → assemble."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.model.call import Call
from ringbook.model.frame import frame_id
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement
from ringbook.normalise import Normaliser
from ringbook.parse.format import Clock, Piece, Rejected, Stated, Stream
from ringbook.parse.registry import named


def pieces(form: Stream, data: bytes, cuts: Iterable[int] = ()) -> list[Piece]:
    """All pieces of a stream that arrives cut at the given positions."""
    framer = form.framer()
    edges = [0, *sorted(set(cuts)), len(data)]
    found: list[Piece] = []
    for start, stop in pairwise(edges):
        found += framer.feed(data[start:stop])
    return found + list(framer.finish())


def statements(
    form: Stream, data: bytes, source: Source
) -> tuple[list[AnyStatement], list[tuple[Piece, Rejected]]]:
    """The normalised statements of a stream's bytes, and its rejects."""
    form = form.configure(source.settings)
    normaliser = Normaliser(source, local=form.about.clock is Clock.LOCAL)
    said: list[AnyStatement] = []
    rejects: list[tuple[Piece, Rejected]] = []
    for piece in pieces(form, data):
        parsed = form.parse(piece)
        if isinstance(parsed, Rejected):
            rejects.append((piece, parsed))
        if isinstance(parsed, Stated):
            at = next((s.at for s in parsed.statements if s.at is not None), 0)
            frame = frame_id(source.name, piece.data, at)
            said += [normaliser.statement(s, frame) for s in parsed.statements]
    return said, rejects


def fold(files: Iterable[tuple[str, Path | bytes]], source: Source) -> list[Call]:
    """The calls told by files of one source, each given with its format's slug; oldest first."""
    said: list[AnyStatement] = []
    for slug, content in files:
        data = content if isinstance(content, bytes) else content.read_bytes()
        found, _ = statements(named(slug), data, source)
        said += found
    calls = []
    for group in components([s.keys for s in said]):
        members = [said[index] for index in group]
        calls.append(
            assemble(source.tenant, source.name, call_id(source.tenant, source.name, members), members)
        )
    return sorted(calls, key=lambda call: (call.started_at, call.id))
