"""Records that come over TCP: phone systems that connect to us, and phone systems that we connect to."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from ringbook.capture.chunk import CHUNK_BYTES
from ringbook.capture.errors import ListenError, SpoolUnavailableError
from ringbook.capture.health import Health, InputStatus, State
from ringbook.capture.spool import Spool, now
from ringbook.capture.wire import Place, Wire, keep_alive, paused, peer_name, shut
from ringbook.config.secret import Secret

log = structlog.get_logger()

CONNECT_S = 10.0
PROMPT_S = 2.0
"""How long a log-in line waits for the prompt before it is sent anyway."""


class Listener:
    """Waits for phone systems to connect and puts on the spool what they send."""

    def __init__(
        self,
        place: Place,
        spool: Spool,
        *,
        host: str,
        port: int,
        allow: Sequence[str] = (),
        max_connections: int = 64,
        idle_s: float = 0.0,
    ) -> None:
        self._place = place
        self._spool = spool
        self._host = host
        self._port = port
        self._allow = [ipaddress.ip_network(text, strict=False) for text in allow]
        self._most = max_connections
        self._idle_s = idle_s
        self._open = 0
        self._health = Health(place.source, place.input, "tcp-listen", f"{host}:{port}", now())
        self.ready = asyncio.Event()

    @property
    def status(self) -> InputStatus:
        """How it is doing."""
        return self._health.status

    @property
    def port(self) -> int:
        """The port it listens on; known for port 0 once :attr:`ready` is set."""
        return self._port

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop`` is set, then close the connections with what they had sent. Raises :class:`ListenError`."""
        connections = asyncio.TaskGroup()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.create_task(self._serve(reader, writer, stop), name=f"tcp-{self._place.input}")

        server = await self._bound(accept)
        async with connections:
            await server.start_serving()
            self._health.now(State.LISTENING, now())
            log.info("tcp.listening", source=self._place.source, host=self._host, port=self._port)
            self.ready.set()
            await stop.wait()
            server.close()
        self._health.now(State.STOPPED, now())

    async def _bound(
        self, accept: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
    ) -> asyncio.Server:
        try:
            server = await asyncio.start_server(
                accept, self._host, self._port, limit=CHUNK_BYTES, start_serving=False
            )
        except (OSError, UnicodeError) as error:  # the latter of what cannot be a name of a machine
            self._health.now(State.WAITING, now(), str(error))
            problem = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise ListenError(
                f"source {self._place.source!r} cannot listen on {self._host}:{self._port}: {problem}; "
                "choose another port or stop the program that has it"
            ) from error
        self._port = int(server.sockets[0].getsockname()[1])
        self._health.at(f"{self._host}:{self._port}")
        return server

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stop: asyncio.Event
    ) -> None:
        peer = peer_name(writer)
        refusal = self._refusal(writer)
        if refusal:
            log.warning("tcp.refused", source=self._place.source, peer=peer, reason=refusal)
            await shut(writer)
            return
        keep_alive(writer)
        self._count(1)
        wire = Wire(self._place, peer, self._spool, self._health)
        log.info("tcp.connected", source=self._place.source, origin=wire.origin)
        try:
            await wire.receive(reader, stop, self._idle_s)
        except (OSError, SpoolUnavailableError) as error:
            log.warning("tcp.broken", source=self._place.source, origin=wire.origin, reason=str(error))
        finally:
            self._count(-1)
            await shut(writer)
            log.info("tcp.closed", source=self._place.source, origin=wire.origin)

    def _refusal(self, writer: asyncio.StreamWriter) -> str:
        """Why this peer may not connect; empty if it may."""
        if self._open >= self._most:
            return f"{self._most} connections are open already; raise max_connections"
        if not self._allow:
            return ""
        peer = writer.get_extra_info("peername")
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        return "" if any(mapped in network for network in self._allow) else "its address is not in allow"

    def _count(self, change: int) -> None:
        self._open += change
        self._health.connections(self._open)


class Backoff:
    """How long to wait before the next attempt: doubling from ``first_s`` to ``most_s``, each drawn from the upper half."""

    def __init__(self, first_s: float = 1.0, most_s: float = 60.0, draw: random.Random | None = None) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._draw = draw or random.Random()  # spreads load, guards nothing
        self._tries = 0

    def next_s(self) -> float:
        """The next wait."""
        span = min(self._most_s, self._first_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return span * self._draw.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Begin anew: the peer is there."""
        self._tries = 0


async def dialled(
    host: str, port: int, stop: asyncio.Event, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection; raises ``OSError``, and :class:`TimeoutError` if there is none in time or ``stop`` is set meanwhile."""
    opening = asyncio.create_task(
        asyncio.open_connection(host, port, limit=CHUNK_BYTES, ssl=tls), name=f"connect {host}:{port}"
    )
    stopping = asyncio.create_task(stop.wait(), name="connect-stop")
    try:
        await asyncio.wait({opening, stopping}, timeout=CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            raise TimeoutError(f"{host}:{port} did not answer in {CONNECT_S:.0f} s")
        return opening.result()
    except UnicodeError as error:
        raise OSError(f"{host!r} is no name that a machine can have") from error
    finally:
        stopping.cancel()
        opening.cancel()


class Dialler:
    """Connects to a phone system, logs in if it asks for that, and puts on the spool what it sends; connects again for ever."""

    def __init__(
        self,
        place: Place,
        spool: Spool,
        *,
        host: str,
        port: int,
        login: str = "",
        password: Secret = Secret(),  # noqa: B008  # immutable
        idle_s: float = 0.0,
        backoff: Backoff | None = None,
        prompt_s: float = PROMPT_S,
    ) -> None:
        self._place = place
        self._spool = spool
        self._host = host
        self._port = port
        self._lines = [line for line in (login, password.reveal()) if line]
        self._idle_s = idle_s
        self._backoff = backoff or Backoff()
        self._prompt_s = prompt_s
        self._health = Health(place.source, place.input, "tcp-connect", f"{host}:{port}", now())

    @property
    def status(self) -> InputStatus:
        """How it is doing."""
        return self._health.status

    async def run(self, stop: asyncio.Event) -> None:
        """Stay connected until ``stop`` is set."""
        while not stop.is_set():
            problem = "the phone system closed the connection"
            try:
                await self._once(stop)
            except (OSError, TimeoutError, SpoolUnavailableError) as error:
                problem = str(error) or "no answer in time"
            if stop.is_set():
                break
            wait_s = self._backoff.next_s()
            if self._health.now(State.WAITING, now(), problem):
                log.warning(
                    "tcp.disconnected",
                    source=self._place.source,
                    host=self._host,
                    port=self._port,
                    reason=problem,
                )
            await paused(stop, wait_s)
        self._health.now(State.STOPPED, now())

    async def _once(self, stop: asyncio.Event) -> None:
        reader, writer = await dialled(self._host, self._port, stop)
        keep_alive(writer)
        wire = Wire(self._place, f"{self._host}:{self._port}", self._spool, self._health)
        self._health.now(State.CONNECTED, now())
        self._health.connections(1)
        log.info("tcp.connected", source=self._place.source, origin=wire.origin)
        login = asyncio.create_task(self._login(writer, wire), name=f"login-{self._place.input}")
        try:
            await wire.receive(reader, stop, self._idle_s)
        finally:
            login.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await login
            self._health.connections(0)
            await shut(writer)

    async def _login(self, writer: asyncio.StreamWriter, wire: Wire) -> None:
        """Send the log-in lines, each after a prompt or when none has come for a while; hearing anything resets the back-off."""
        for line in self._lines:
            with suppress(TimeoutError):
                await asyncio.wait_for(wire.heard.wait(), self._prompt_s)
            wire.heard.clear()
            writer.write(line.encode() + b"\r\n")
            await writer.drain()
        await wire.heard.wait()
        self._backoff.reset()
