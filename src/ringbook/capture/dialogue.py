"""Dialogues: phone systems that have to be logged in to and asked before they tell anything.

The words of a protocol are in its own file (``ami``, ``esl``): bytes in, turns out, no socket. Here are the connection, the
patience and the spool. What a turn keeps is durable before more is read.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol, TypeAlias

import msgspec
import structlog

from ringbook.capture.chunk import CHUNK_BYTES
from ringbook.capture.errors import LoginRefusedError, SpoolUnavailableError
from ringbook.capture.health import Health, InputStatus, State
from ringbook.capture.spool import Spool, now
from ringbook.capture.tcp import Backoff, dialled
from ringbook.capture.wire import Place, Wire, keep_alive, paused, shut

log = structlog.get_logger()

LOGIN_S = 15.0
"""How long greeting and log-in may take."""

PING_S = 30.0
"""Silence after which the phone system is asked whether it is there; as long again without an answer, and it is not."""

REFUSED_S = 60.0
"""At least this long between two log-ins that are refused: phone systems lock out who tries on and on."""


class Send(msgspec.Struct, frozen=True):
    """Say this to the phone system."""

    data: bytes


class Keep(msgspec.Struct, frozen=True):
    """This is a record, or damaged: have it durable."""

    data: bytes


class Begun(msgspec.Struct, frozen=True):
    """The log-in was accepted."""


class Refused(msgspec.Struct, frozen=True):
    """There is no going on; ``why`` says what to do."""

    why: str


class Warn(msgspec.Struct, frozen=True):
    """It goes on, but somebody should do this."""

    why: str


Turns: TypeAlias = Iterator[Send | Keep | Begun | Refused | Warn]


class Speech(Protocol):
    """A protocol's side of one connection."""

    def hear(self, data: bytes) -> Turns:
        """What is to be done about what the phone system sent."""
        ...

    def ping(self) -> bytes:
        """What it answers if it is there."""
        ...

    def rest(self) -> bytes:
        """What was cut off by the end of the connection."""
        ...


class Dialogue:
    """Connects to a phone system, logs in, and puts on the spool what it tells of its recordings; connects again for ever."""

    def __init__(
        self,
        place: Place,
        spool: Spool,
        speech: Callable[[], Speech],
        *,
        kind: str,
        host: str,
        port: int,
        tls: Callable[[], ssl.SSLContext] | None = None,
        backoff: Backoff | None = None,
        login_s: float = LOGIN_S,
        ping_s: float = PING_S,
        refused_s: float = REFUSED_S,
    ) -> None:
        self._place = place
        self._spool = spool
        self._speech = speech
        self._host = host
        self._port = port
        self._tls = tls
        self._backoff = backoff or Backoff()
        self._login_s = login_s
        self._ping_s = ping_s
        self._refused_s = refused_s
        self._health = Health(place.source, place.input, kind, f"{host}:{port}", now())

    @property
    def status(self) -> InputStatus:
        """How it is doing."""
        return self._health.status

    async def run(self, stop: asyncio.Event) -> None:
        """Stay logged in until ``stop`` is set."""
        while not stop.is_set():
            problem, least_s = "the phone system closed the connection", 0.0
            try:
                await self._once(stop)
            except LoginRefusedError as error:
                problem, least_s = str(error), self._refused_s
            except (OSError, TimeoutError, SpoolUnavailableError) as error:
                problem = str(error) or "no answer in time"
            if stop.is_set():
                break
            wait_s = max(least_s, self._backoff.next_s())
            if self._health.now(State.WAITING, now(), problem):
                where = {"source": self._place.source, "host": self._host, "port": self._port}
                log.warning("dialogue.over", **where, reason=problem)
            await paused(stop, wait_s)
        self._health.now(State.STOPPED, now())

    async def _once(self, stop: asyncio.Event) -> None:
        tls = None if self._tls is None else await asyncio.to_thread(self._tls)
        reader, writer = await dialled(self._host, self._port, stop, tls)
        keep_alive(writer)
        wire = Wire(self._place, f"{self._host}:{self._port}", self._spool, self._health)
        speech = self._speech()
        try:
            await self._talk(reader, writer, wire, speech, stop)
        finally:
            with suppress(SpoolUnavailableError):
                if rest := speech.rest():
                    await wire.take(rest, stop)
            await wire.end(stop)
            self._health.connections(0)
            await shut(writer)

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        wire: Wire,
        speech: Speech,
        stop: asyncio.Event,
    ) -> None:
        """Hear and answer until the phone system hangs up, is silent for too long, or ``stop`` is set."""
        stopping = asyncio.create_task(stop.wait(), name="dialogue-stop")
        reading = asyncio.create_task(reader.read(CHUNK_BYTES), name="dialogue-read")
        clock = asyncio.get_running_loop().time
        begun, asked, deadline = False, False, clock() + self._login_s
        try:
            while not stopping.done():
                patience = self._ping_s if begun else max(0.0, deadline - clock())
                await asyncio.wait({reading, stopping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    data, asked = reading.result(), False
                    if not data:
                        return
                    for turn in speech.hear(data):
                        begun = await self._do(turn, writer, wire, stop) or begun
                    reading = asyncio.create_task(reader.read(CHUNK_BYTES), name="dialogue-read")
                elif asked and not stopping.done():
                    raise TimeoutError(f"the phone system has been silent for {2 * self._ping_s:.0f} s")
                elif begun and not stopping.done():
                    asked = True
                    await self._say(writer, speech.ping())
                if not begun and clock() >= deadline:
                    raise TimeoutError(f"no log-in in {self._login_s:.0f} s; is this the right port?")
        finally:
            stopping.cancel()
            reading.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await reading

    async def _do(
        self,
        turn: Send | Keep | Begun | Refused | Warn,
        writer: asyncio.StreamWriter,
        wire: Wire,
        stop: asyncio.Event,
    ) -> bool:
        """Do it; whether the log-in was accepted with it."""
        match turn:
            case Send(data):
                await self._say(writer, data)
            case Keep(data):
                await wire.take(data, stop)
            case Refused(why):
                raise LoginRefusedError(why)
            case Warn(why):
                self._health.now(State.CONNECTED, now(), why)
            case Begun():
                self._backoff.reset()
                self._health.now(State.CONNECTED, now())
                self._health.connections(1)
                log.info("dialogue.begun", source=self._place.source, origin=wire.origin)
                return True
        return False

    async def _say(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send it; a phone system that only talks and never listens is given up."""
        writer.write(data)
        try:
            await asyncio.wait_for(writer.drain(), self._login_s)
        except TimeoutError:
            raise TimeoutError(f"the phone system took nothing for {self._login_s:.0f} s") from None
