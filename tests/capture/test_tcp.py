"""What arrives over TCP is on the spool in order, connections are kept apart, and a lost peer is called again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ringbook.capture.chunk import Chunk, Signal
from ringbook.capture.errors import ListenError
from ringbook.capture.health import State
from ringbook.capture.spool import Limits, Spool
from ringbook.capture.tcp import Backoff, Dialler, Listener
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret

SMDR = Place("office", "smdr", "avaya_ipoffice_smdr")
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def quick() -> Backoff:
    return Backoff(0.01, 0.02)


def open_spool(tmp_path: Path, **limits: int) -> Spool:
    return Spool(tmp_path / "spool.sqlite", Limits(**{"keep_free_bytes": 0, **limits}))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; the test fails if it never does."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def streams(chunks: list[Chunk]) -> list[bytes]:
    """The bytes of each stream, in the order in which the streams began; each must be whole and ended."""
    joined: dict[str, bytes] = {}
    for chunk in chunks:
        assert len(joined.get(chunk.origin, b"")) == chunk.offset
        joined[chunk.origin] = joined.get(chunk.origin, b"") + chunk.data
    assert {c.origin for c in chunks if c.signal is Signal.END} == set(joined)
    return list(joined.values())


async def listening(listener: Listener, stop: asyncio.Event) -> asyncio.Task[None]:
    task = asyncio.create_task(listener.run(stop))
    await listener.ready.wait()
    return task


async def send(port: int, *parts: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def test_connections_are_streams_of_their_own(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        listener = Listener(SMDR, spool, host="127.0.0.1", port=0)
        task = await listening(listener, stop)
        assert listener.status.state is State.LISTENING
        await send(listener.port, b"rec 1\r\nre", b"c 2\r\n", b"\x00tail")
        await until(lambda: listener.status.bytes == 19)
        await asyncio.gather(*(send(listener.port, b"%d" % n * 10) for n in range(5)))
        await until(lambda: listener.status.bytes == 69 and listener.status.connections == 0)
        stop.set()
        await task
        assert listener.status.state is State.STOPPED

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        chunks = spool.take()
    first, *others = streams(chunks)
    assert first == b"rec 1\r\nrec 2\r\n\x00tail"
    assert sorted(others) == [b"%d" % n * 10 for n in range(5)]
    assert {(c.source, c.input, c.format) for c in chunks} == {("office", "smdr", "avaya_ipoffice_smdr")}
    assert all(c.origin.startswith("tcp:smdr:127.0.0.1:") for c in chunks)


def test_stopping_keeps_what_had_arrived_and_ends_the_streams(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        listener = Listener(SMDR, spool, host="127.0.0.1", port=0)
        task = await listening(listener, stop)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"before\r\n")
        await until(lambda: listener.status.bytes == 8)
        writer.write(b"at the last moment\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(task, 20)
        assert await reader.read() == b""
        writer.close()

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"before\r\nat the last moment\r\n"]


def test_a_connection_that_says_nothing_leaves_nothing(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        listener = Listener(SMDR, spool, host="127.0.0.1", port=0)
        task = await listening(listener, stop)
        await send(listener.port)
        await send(listener.port, b"x")
        await until(lambda: listener.status.bytes == 1 and listener.status.connections == 0)
        stop.set()
        await task

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"x"]


def test_only_allowed_peers_and_so_many_may_connect(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        closed = Listener(SMDR, spool, host="127.0.0.1", port=0, allow=["192.0.2.0/24"])
        small = Listener(SMDR, spool, host="127.0.0.1", port=0, allow=["127.0.0.0/8"], max_connections=1)
        tasks = [await listening(closed, stop), await listening(small, stop)]
        reader, writer = await asyncio.open_connection("127.0.0.1", closed.port)
        assert await reader.read() == b""
        writer.close()
        _, first = await asyncio.open_connection("127.0.0.1", small.port)
        first.write(b"mine")
        await until(lambda: small.status.bytes == 4)
        reader, second = await asyncio.open_connection("127.0.0.1", small.port)
        assert await reader.read() == b""
        for writer in (first, second):
            writer.close()
        stop.set()
        await asyncio.gather(*tasks)

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"mine"]


def test_a_silent_connection_is_closed_when_that_is_asked_for(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        listener = Listener(SMDR, spool, host="127.0.0.1", port=0, idle_s=0.05)
        task = await listening(listener, stop)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"hello")
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        stop.set()
        await task

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"hello"]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        stop = asyncio.Event()
        first = Listener(SMDR, spool, host="127.0.0.1", port=0)
        task = await listening(first, stop)
        with pytest.raises(ListenError, match=rf"'office' cannot listen on 127\.0\.0\.1:{first.port}"):
            await Listener(SMDR, spool, host="127.0.0.1", port=first.port).run(stop)
        with pytest.raises(ListenError, match=r"cannot listen on here\.\.example:5000"):
            await Listener(SMDR, spool, host="here..example", port=5000).run(stop)
        stop.set()
        await task

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))


def test_a_full_disk_holds_the_sender_and_goes_on_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True

    def check(path: Path, keep_free: int) -> None:
        from ringbook.capture.errors import SpoolFullError

        if full:
            raise SpoolFullError("no room")

    monkeypatch.setattr("ringbook.capture.spoolfile.check_room", check)

    async def story(spool: Spool) -> None:
        nonlocal full
        stop = asyncio.Event()
        listener = Listener(SMDR, spool, host="127.0.0.1", port=0)
        task = await listening(listener, stop)
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"x" * 1_000)
        await until(lambda: listener.status.state is State.PAUSED)
        assert listener.status.problem == "no room"
        assert listener.status.bytes == 0
        writer.write(b"y" * 1_000)
        full = False
        await until(lambda: listener.status.bytes == 2_000)
        assert (listener.status.state, listener.status.problem) == (State.LISTENING, "")
        writer.close()
        await until(lambda: listener.status.connections == 0)
        stop.set()
        await task

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"x" * 1_000 + b"y" * 1_000]


async def serving(peer: Peer, port: int = 0) -> tuple[asyncio.Server, int]:
    server = await asyncio.start_server(peer, "127.0.0.1", port)
    return server, int(server.sockets[0].getsockname()[1])


def test_a_lost_phone_system_is_called_again(tmp_path: Path) -> None:
    calls = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.write(b"call %d\r\n" % calls)
        await writer.drain()
        writer.close()

    async def story(spool: Spool) -> None:
        server, port = await serving(peer)
        stop = asyncio.Event()
        dialler = Dialler(SMDR, spool, host="127.0.0.1", port=port, backoff=quick())
        task = asyncio.create_task(dialler.run(stop))
        await until(lambda: dialler.status.bytes >= 24)
        stop.set()
        await task
        server.close()

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take())[:3] == [b"call 1\r\n", b"call 2\r\n", b"call 3\r\n"]


def test_a_phone_system_that_appears_later_is_found(tmp_path: Path) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"here\r\n")
        await reader.read()
        writer.close()

    async def story(spool: Spool) -> None:
        server, port = await serving(peer)
        server.close()
        await server.wait_closed()
        stop = asyncio.Event()
        dialler = Dialler(SMDR, spool, host="127.0.0.1", port=port, backoff=quick())
        task = asyncio.create_task(dialler.run(stop))
        await until(lambda: dialler.status.state is State.WAITING)
        assert str(port) in dialler.status.problem
        server, _ = await serving(peer, port)
        await until(lambda: dialler.status.bytes == 6)
        assert (dialler.status.state, dialler.status.connections) == (State.CONNECTED, 1)
        stop.set()
        await task
        assert dialler.status.state is State.STOPPED
        server.close()

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        assert streams(spool.take()) == [b"here\r\n"]


@pytest.mark.parametrize("prompts", [True, False])
def test_log_in_lines_are_sent_after_prompts_or_without(tmp_path: Path, prompts: bool) -> None:
    heard: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for prompt in (b"-", b"Enter Password:"):
            if prompts:
                writer.write(prompt)
            heard.append(await reader.readline())
        writer.write(b"\r\nrecord\r\n")
        await reader.read()
        writer.close()

    async def story(spool: Spool) -> None:
        server, port = await serving(peer)
        stop = asyncio.Event()
        dialler = Dialler(
            SMDR,
            spool,
            host="127.0.0.1",
            port=port,
            login="SMDR",
            password=Secret("open sesame"),
            prompt_s=60 if prompts else 0.02,
            backoff=quick(),
        )
        task = asyncio.create_task(dialler.run(stop))
        await until(lambda: dialler.status.bytes >= 10 + (16 if prompts else 0))
        stop.set()
        await task
        server.close()

    with open_spool(tmp_path) as spool:
        asyncio.run(story(spool))
        (stream,) = streams(spool.take())
    assert heard == [b"SMDR\r\n", b"open sesame\r\n"]
    assert stream == (b"-Enter Password:" if prompts else b"") + b"\r\nrecord\r\n"


def test_waits_double_up_to_a_bound_and_begin_anew() -> None:
    backoff = Backoff(1.0, 60.0, random.Random(7))
    waits = [backoff.next_s() for _ in range(12)]
    for tried, wait in enumerate(waits):
        span = min(60.0, 2.0**tried)
        assert span / 2 <= wait <= span
    backoff.reset()
    assert backoff.next_s() <= 1.0
    assert Backoff(1.0, 60.0, random.Random(1)).next_s() != Backoff(1.0, 60.0, random.Random(2)).next_s()
