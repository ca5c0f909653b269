"""One connection as a stream on the spool: whatever arrives is durable before more is read.

Plain TCP has no acknowledgement that a program could withhold. What holds: bytes are read one chunk ahead of the disk and no
further, so a full disk fills the sender's window and stops it; a kill loses at most the chunk in hand and what the kernel
had taken, which no receiver of plain TCP can prevent. Formats that acknowledge records do so after :meth:`Wire.take` returned.
"""

from __future__ import annotations

import asyncio
import socket
import uuid
from contextlib import suppress

import msgspec
import structlog

from ringbook.capture.chunk import CHUNK_BYTES
from ringbook.capture.entries import Entry
from ringbook.capture.errors import SpoolClosedError, SpoolUnavailableError
from ringbook.capture.health import Health, State
from ringbook.capture.spool import Spool, now

log = structlog.get_logger()

_RETRY_S = 0.2
_RETRY_MAX_S = 5.0
_LAST_READ_S = 0.05


class Place(msgspec.Struct, frozen=True):
    """Which input of which source bytes belong to, and their format."""

    source: str
    input: str
    format: str


class Wire:
    """The stream of one connection. ``heard`` is set whenever something arrived."""

    def __init__(self, place: Place, peer: str, spool: Spool, health: Health) -> None:
        self.origin = f"tcp:{place.input}:{peer}#{uuid.uuid4().hex[:12]}"
        self.heard = asyncio.Event()
        self._place = place
        self._spool = spool
        self._health = health
        self._offset = 0

    async def receive(self, reader: asyncio.StreamReader, stop: asyncio.Event, idle_s: float = 0.0) -> None:
        """Put on the spool what arrives until the peer closes, falls silent for ``idle_s``, or ``stop`` is set."""
        stopping = asyncio.create_task(stop.wait(), name="wire-stop")
        try:
            while data := await self._next(reader, stopping, idle_s):
                self.heard.set()
                await self.take(data, stop)
        finally:
            stopping.cancel()
            await self.end(stop)

    async def take(self, data: bytes, stop: asyncio.Event) -> None:
        """Return once the bytes are durable; while the spool is unavailable, wait and try again.

        Raises :class:`SpoolUnavailableError` only when ``stop`` is set meanwhile: the bytes are then lost to us, and said so.
        """
        try:
            await self._store(data, stop, last=False)
        except SpoolUnavailableError as error:
            log.warning("capture.unsaved", origin=self.origin, bytes=len(data), reason=str(error))
            raise
        self._offset += len(data)
        self._health.received(len(data), now())

    async def _store(self, data: bytes, stop: asyncio.Event, *, last: bool) -> None:
        entry = Entry(
            source=self._place.source,
            input=self._place.input,
            origin=self.origin,
            start=self._offset,
            data=data,
            format=self._place.format,
            received_at=now(),
            last=last,
        )
        wait_s = _RETRY_S
        before = self._health.status.state
        while True:
            try:
                await self._spool.append(entry)
            except SpoolClosedError:
                raise
            except SpoolUnavailableError as error:
                self._health.now(State.PAUSED, now(), str(error))
                if await paused(stop, wait_s):
                    raise
                wait_s = min(wait_s * 2, _RETRY_MAX_S)
                continue
            if self._health.status.state is State.PAUSED:
                self._health.now(State.CONNECTED if before is State.PAUSED else before, now())
            return

    async def end(self, stop: asyncio.Event) -> None:
        """Say on the spool that the stream is over; if it cannot be said now, the next start says it."""
        if self._offset:
            with suppress(SpoolUnavailableError):
                await self._store(b"", stop, last=True)

    async def _next(self, reader: asyncio.StreamReader, stopping: asyncio.Task[bool], idle_s: float) -> bytes:
        """The next bytes; none at the end of the connection, of patience, or of our work."""
        if stopping.done():
            return await _at_hand(reader)
        reading = asyncio.create_task(reader.read(CHUNK_BYTES), name="wire-read")
        try:
            await asyncio.wait(
                {reading, stopping}, timeout=idle_s or None, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            if not reading.done():
                reading.cancel()
        if reading.done():
            return reading.result()
        with suppress(asyncio.CancelledError):
            return await reading
        if stopping.done():
            return await _at_hand(reader)
        log.info("capture.idle", origin=self.origin, idle_s=idle_s)
        return b""


async def _at_hand(reader: asyncio.StreamReader) -> bytes:
    """What has arrived already."""
    try:
        return await asyncio.wait_for(reader.read(CHUNK_BYTES), _LAST_READ_S)
    except TimeoutError:
        return b""


async def paused(stop: asyncio.Event, span_s: float) -> bool:
    """Wait for that long, or until ``stop`` is set; whether it is."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), span_s)
    return stop.is_set()


async def shut(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever state it is in."""
    writer.close()
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 2)


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the kernel find out within two minutes that a peer is gone, though nothing is ever sent to it."""
    sock = writer.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def peer_name(writer: asyncio.StreamWriter) -> str:
    """The peer's address and port: ``192.0.2.7:40123`` or ``[2001:db8::7]:40123``."""
    peer = writer.get_extra_info("peername")
    if not peer:
        return "unknown"
    host, port = str(peer[0]), peer[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
