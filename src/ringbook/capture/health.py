"""How each input is doing, for ``sources status``, ``/healthz`` and ``/metrics``."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ringbook.model.instant import Instant


class State(StrEnum):
    """What an input is doing."""

    STARTING = "starting"
    WAITING = "waiting"  # for a file that is not there yet, or before the next attempt to connect
    LISTENING = "listening"
    CONNECTED = "connected"
    FOLLOWING = "following"
    PAUSED = "paused"  # the spool takes nothing: senders are held off
    STOPPED = "stopped"


class InputStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An input at this moment. ``place`` is the file, address or path it reads from.

    ``bytes`` counts since the start of this process; ``last_received_at`` is None when nothing has come since then.
    ``behind_bytes`` is what stands in followed files and is not committed yet.
    """

    source: str
    input: str
    kind: str
    place: str
    state: State
    since: Instant
    connections: int
    bytes: int
    last_received_at: Instant | None
    behind_bytes: int
    problem: str


class Health:
    """Keeps an input's status up to date; written by the input, read by anyone."""

    def __init__(self, source: str, name: str, kind: str, place: str, at: Instant) -> None:
        self._status = InputStatus(
            source=source,
            input=name,
            kind=kind,
            place=place,
            state=State.STARTING,
            since=at,
            connections=0,
            bytes=0,
            last_received_at=None,
            behind_bytes=0,
            problem="",
        )

    @property
    def status(self) -> InputStatus:
        """The status at this moment."""
        return self._status

    def now(self, state: State, at: Instant, problem: str = "") -> bool:
        """Set the state; whether it, or its problem, is a new one."""
        if (state, problem) == (self._status.state, self._status.problem):
            return False
        since = self._status.since if state is self._status.state else at
        self._change(state=state, since=since, problem=problem)
        return True

    def received(self, size: int, at: Instant) -> None:
        """Count bytes in, once they are durable."""
        self._change(bytes=self._status.bytes + size, last_received_at=at)

    def connections(self, number: int) -> None:
        """Set how many connections are open."""
        self._change(connections=number)

    def behind(self, size: int) -> None:
        """Set how many bytes are known and not committed."""
        self._change(behind_bytes=size)

    def at(self, place: str) -> None:
        """Set where the input reads from, when that is known only now."""
        self._change(place=place)

    def _change(self, **fields: object) -> None:
        self._status = msgspec.structs.replace(self._status, **fields)
