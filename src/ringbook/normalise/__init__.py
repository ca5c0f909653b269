"""Rewrites statements into our numbers, clocks and sides; the original stays beside it in the frame."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import msgspec

from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import Endpoint
from ringbook.model.source import Source
from ringbook.model.statement import AnyStatement, ChannelRecord
from ringbook.normalise.clocks import WallClock
from ringbook.normalise.numbers import Placer

S = TypeVar("S", bound=AnyStatement)


class Normaliser:
    """Rewrites the statements of one source.

    ``local`` says that the format writes wall-clock time, to be placed in the source's zone. ``statement`` gives back the
    statement with UTC instants, E.164 numbers, sides (ours or outside) and the id of its frame.
    """

    def __init__(self, source: Source, *, local: bool) -> None:
        self._placed = Placer(source).end
        self._clock = WallClock(source.timezone) if local else None

    def statement(self, statement: S, frame: bytes) -> S:
        """The statement in our terms."""
        changes: dict[str, object] = {"frame": frame}
        times, ends = _fields(type(statement))  # type: ignore[arg-type]  # a class is hashable
        if self._clock is not None and statement.at is not None and not statement.utc:
            self._place(self._clock, statement, statement.at, times, changes)
        for name in ends:
            end = getattr(statement, name)
            if end is not _NOBODY:
                changes[name] = self._placed(end)
        if isinstance(statement, ChannelRecord) and statement.bridges:
            changes["bridges"] = tuple(
                msgspec.structs.replace(bridge, end=self._placed(bridge.end)) for bridge in statement.bridges
            )
        return msgspec.structs.replace(statement, **changes)

    def _place(
        self,
        clock: WallClock,
        statement: AnyStatement,
        at: Instant,
        times: tuple[str, ...],
        changes: dict[str, object],
    ) -> None:
        hint = statement.hint_at  # also a floor: nothing happens on a channel before its id was made
        start = changes["at"] = clock.instant(at, hint, hint)
        keys = statement.keys
        if keys and keys[-1].startswith(_MADE):
            shift = (start - at) // SECOND
            changes["keys"] = tuple([_moved(key, shift) for key in keys])
        for name in times:
            wall = getattr(statement, name)
            if wall is not None:
                changes[name] = start if wall == at else clock.instant(wall, None, start)


def _moved(key: str, shift: int) -> str:
    """A key that says when its channel was made, on our clock; any other key as it is."""
    name, at, second = key.rpartition("@")
    return f"{name}{at}{int(second) + shift}" if key.startswith(_MADE) and second.isdecimal() else key


_MADE = "m:"
"""Keys ``m:channel@second`` name something by when it was made, on the record's own clock; they stand last among the keys."""


@cache
def _fields(kind: type[AnyStatement]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of a statement type's later times (``…_at``, but not the hint, which is UTC already) and of its endpoints."""
    infos = msgspec.structs.fields(kind)
    times = tuple(f.name for f in infos if f.name.endswith("_at") and f.name != "hint_at")
    ends = tuple(f.name for f in infos if isinstance(f.default, Endpoint))
    return times, ends


_NOBODY = Endpoint()
