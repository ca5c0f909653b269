"""What the spool has acknowledged is there, in order, once, until the ledger has it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.capture import spoolfile
from ringbook.capture.chunk import Signal
from ringbook.capture.entries import Done, Entry
from ringbook.capture.errors import (
    SpoolBusyError,
    SpoolClosedError,
    SpoolFullError,
    SpoolInUseError,
    SpoolUnusableError,
)
from ringbook.capture.spool import MIB, Limits, Spool

ROOM = Limits(keep_free_bytes=0)


def entry(data: bytes, *, origin: str = "tcp:a#1", start: int = 0, last: bool = False) -> Entry:
    return Entry(
        source="pbx",
        input="smdr",
        origin=origin,
        start=start,
        data=data,
        received_at=1_000,
        last=last,
        format="x",
    )


def put(spool: Spool, *entries: Entry) -> int:
    return spool.put(entries).result(30)


def test_rows_come_back_in_order_with_all_that_was_said_of_them(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, entry(b"one\r\n"), entry(b"two\x00", start=5))
        put(spool, entry(b"body", origin="http:b", last=True))
        chunks = spool.take()
    assert [(c.seq, c.origin, c.offset, c.data, c.signal) for c in chunks] == [
        (1, "tcp:a#1", 0, b"one\r\n", Signal.MORE),
        (2, "tcp:a#1", 5, b"two\x00", Signal.MORE),
        (3, "http:b", 0, b"body", Signal.END),
    ]
    assert {(c.source, c.input, c.format, c.received_at) for c in chunks} == {("pbx", "smdr", "x", 1_000)}


def test_take_goes_on_behind_a_row_and_keeps_to_its_bounds(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, *(entry(b"x" * 100, start=100 * i) for i in range(10)))
        assert [c.seq for c in spool.take(after=3, limit=2)] == [4, 5]
        assert [c.seq for c in spool.take(after=0, max_bytes=250)] == [1, 2, 3]
        assert [c.seq for c in spool.take(after=0, max_bytes=1)] == [1]
        assert spool.take(after=10) == []


def test_release_keeps_the_chunk_in_which_an_unfinished_record_begins(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, entry(b"aaa\nbb"), entry(b"b\nccc", start=6))
        assert spool.release([Done(origin="tcp:a#1", seq=1, offset=4, context=b"head")]).result(30) == 0
        first, second = spool.take()
    assert (first.offset, first.data, first.context) == (4, b"bb", b"head")
    assert (second.offset, second.data) == (6, b"b\nccc")
    assert (first.first, second.first) == (True, False)


def test_release_does_not_take_an_end_that_was_not_seen_yet(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, entry(b"aaa\n"))
        put(spool, entry(b"", start=4, last=True))
        assert spool.release([Done(origin="tcp:a#1", seq=1, offset=4)]).result(30) == 1
        (end,) = spool.take()
        assert (end.data, end.signal, end.offset) == (b"", Signal.END, 4)
        assert spool.release([Done(origin="tcp:a#1", seq=2, offset=4)]).result(30) == 1
        assert spool.status().rows == 0
    assert sqlite3.connect(tmp_path / "spool.sqlite").execute("SELECT count(*) FROM stream").fetchone() == (
        0,
    )


def test_the_position_of_a_stream_survives_a_restart_with_its_context(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        put(spool, entry(b"header\nrow1\nro"), entry(b"w2\n", start=14, last=True))
        spool.release([Done(origin="tcp:a#1", seq=1, offset=12, context=b"header\n")]).result(30)
    with Spool(path, ROOM) as spool:
        first, second = spool.take()
    assert (first.data, first.context, second.data) == (b"ro", b"header\n", b"w2\n")
    assert second.signal is Signal.END


def test_streams_whose_connection_died_are_ended_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        put(spool, entry(b"half a rec"), entry(b"whole\n", origin="http:b", last=True))
    with Spool(path, ROOM) as spool:
        ends = [(c.origin, c.offset, c.data) for c in spool.take() if c.signal is Signal.END]
        assert spool.status().rows == 3
    assert ends == [("http:b", 0, b"whole\n"), ("tcp:a#1", 10, b"")]


def test_the_same_chunk_again_is_acknowledged_and_stored_once(tmp_path: Path) -> None:
    body = entry(b'{"uuid":"1"}', origin="http:digest", last=True)
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, body)
        put(spool, body)
        put(spool, body, entry(b"other", origin="http:other", last=True))
        assert [c.data for c in spool.take()] == [b'{"uuid":"1"}', b"other"]
        assert (spool.status().rows, spool.status().bytes) == (2, 17)


def test_row_numbers_are_never_used_again(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        seq = put(spool, entry(b"a", last=True))
        spool.release([Done(origin="tcp:a#1", seq=seq, offset=1)]).result(30)
    with Spool(path, ROOM) as spool:
        assert spool.status().last_seq == seq
        assert put(spool, entry(b"b", origin="tcp:b", last=True)) == seq + 1


def test_status_tells_what_waits(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=0, warn_bytes=10)) as spool:
        assert spool.status().oldest_at is None
        put(spool, entry(b"x" * 8))
        assert not spool.status().over_warning
        put(spool, entry(b"x" * 8, start=8))
        status = spool.status()
    assert (status.rows, status.bytes, status.oldest_at, status.problem) == (2, 16, 1_000, "")
    assert status.over_warning


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM), pytest.raises(SpoolInUseError, match="another Ringbook"):
        Spool(tmp_path / "spool.sqlite", ROOM)
    Spool(tmp_path / "spool.sqlite", ROOM).close()


def test_a_file_that_is_no_spool_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"this is a letter, not a database" * 40)
    with pytest.raises(SpoolUnusableError, match=r"spool\.sqlite"):
        Spool(path, ROOM)
    assert path.read_bytes().startswith(b"this is a letter")


def test_a_spool_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SpoolUnusableError, match="newer"):
        Spool(path, ROOM)


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(SpoolUnusableError, match="--home"):
        Spool(tmp_path / "home" / "spool.sqlite", ROOM)


def test_a_closed_spool_takes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.sqlite", ROOM)
    spool.close()
    with pytest.raises(SpoolClosedError):
        spool.put([entry(b"late")])


def test_closing_writes_what_was_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    spool = Spool(path, ROOM)
    futures = [spool.put([entry(b"x", start=i)]) for i in range(500)]
    spool.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with Spool(path, ROOM) as again:
        assert again.status().rows == 501


def test_many_senders_share_a_transaction(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        db = sqlite3.connect(tmp_path / "spool.sqlite")
        before = db.execute("PRAGMA data_version").fetchone()
        with spool._wake:  # the writer is held, so all of these gather
            futures: list[Future[int]] = [spool.put([entry(b"x", start=i)]) for i in range(300)]
        numbers = {future.result(30) for future in futures}
        assert db.execute("PRAGMA data_version").fetchone() != before
    assert numbers == {300}


def test_too_much_in_memory_is_refused_and_waited_for(tmp_path: Path) -> None:
    limits = Limits(keep_free_bytes=0, queue_bytes=1_000)

    async def waits(spool: Spool) -> int:
        return await spool.append(entry(b"y" * 900, origin="tcp:b"))

    with Spool(tmp_path / "spool.sqlite", limits) as spool:
        with spool._wake:
            first = spool.put([entry(b"x" * 900)])
            with pytest.raises(SpoolBusyError):
                spool.put([entry(b"z" * 900, origin="tcp:c")])
        first.result(30)
        assert asyncio.run(waits(spool)) == 2


def test_a_body_larger_than_the_queue_passes_alone(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=0, queue_bytes=10)) as spool:
        assert put(spool, entry(b"x" * 100)) == 1


def test_waiting_for_rows(tmp_path: Path) -> None:
    async def story(spool: Spool) -> tuple[bool, bool, bool]:
        nothing = await spool.arrived(0, timeout_s=0.01)
        waiting = asyncio.create_task(spool.arrived(0, timeout_s=30))
        await asyncio.sleep(0)
        seq = await spool.append(entry(b"x", last=True))
        came = await waiting
        await asyncio.wrap_future(spool.release([Done(origin="tcp:a#1", seq=seq, offset=1)]))
        return nothing, came, await spool.arrived(0, timeout_s=0.01)

    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        assert asyncio.run(story(spool)) == (False, True, False)


def test_cancelling_a_sender_does_not_undo_what_it_handed_over(tmp_path: Path) -> None:
    async def story(spool: Spool) -> None:
        with spool._wake:
            task = asyncio.create_task(spool.append(entry(b"handed over")))
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    path = tmp_path / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        asyncio.run(story(spool))
    with Spool(path, ROOM) as spool:
        assert spool.take()[0].data == b"handed over"


def test_too_little_free_disk_stops_intake_and_not_the_release(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        put(spool, entry(b"kept"))
    with Spool(path, Limits(keep_free_bytes=1 << 60)) as spool:
        with pytest.raises(SpoolFullError, match="keep_free_mb"):
            put(spool, entry(b"refused", start=4))
        assert "make room" in spool.status().problem
        assert [c.data for c in spool.take()] == [b"kept", b""]
        assert spool.release([Done(origin="tcp:a#1", seq=2, offset=4)]).result(30) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MiB; skips where mounting is not allowed."""
    where = tmp_path / "disk"
    where.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(where)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small file system needs root")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def fill(spool: Spool) -> list[bytes]:
    """Write until the disk is full; what was acknowledged."""
    acknowledged: list[bytes] = []
    with pytest.raises(SpoolFullError, match="full"):
        for number in range(10_000):
            data = b"%08d" % number + b"x" * 4_000
            put(spool, entry(data, start=number * 4_008))
            acknowledged.append(data)
    return acknowledged


def test_a_really_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    path = small_disk / "spool.sqlite"
    with Spool(path, ROOM) as spool:
        acknowledged = fill(spool)
        assert len(acknowledged) > 20
        assert "full" in spool.status().problem
        held = spool.take(limit=100_000, max_bytes=64 * MIB)
        assert [c.data for c in held] == acknowledged


def test_a_full_disk_recovers_by_itself_when_room_is_made(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    with Spool(small_disk / "spool.sqlite", ROOM) as spool:
        acknowledged = fill(spool)
        assert spool.status().problem
        ballast.unlink()
        put(spool, entry(b"after", start=1 << 40))
        assert spool.status().problem == ""
        held = spool.take(limit=100_000, max_bytes=64 * MIB)
    assert [c.data for c in held] == [*acknowledged, b"after"]


def test_room_made_is_no_problem_though_nothing_was_received_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 10
    monkeypatch.setattr(spoolfile, "room", lambda path: free)
    with Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=MIB)) as spool:
        with pytest.raises(SpoolFullError):
            put(spool, entry(b"x"))
        assert spool.status().problem
        free = 2 * MIB
        assert spool.status().problem == ""


def test_a_release_that_a_full_disk_refuses_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = spoolfile.release, True

    def refusing(db: sqlite3.Connection, done: list[Done]) -> spoolfile.Amount:
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        return real(db, done)

    monkeypatch.setattr(spoolfile, "release", refusing)
    with Spool(tmp_path / "spool.sqlite", ROOM) as spool:
        put(spool, entry(b"a", origin="a", last=True), entry(b"b", origin="b", last=True))
        assert spool.release([Done(origin="a", seq=1, offset=1)]).result(30) == 0
        assert spool.status().rows == 2
        full = False
        assert spool.release([Done(origin="b", seq=2, offset=1)]).result(30) == 2
        assert spool.status().rows == 0


def test_a_start_on_a_full_disk_says_so_and_touches_nothing(small_disk: Path) -> None:
    path = small_disk / "spool.sqlite"
    acknowledged = [b"%08d" % number + b"x" * 4_000 for number in range(20)]
    with Spool(path, ROOM) as spool:
        put(spool, *(entry(data, start=number * 4_008) for number, data in enumerate(acknowledged)))
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4_096)):
            pass
    with pytest.raises(SpoolFullError, match="make room"):
        Spool(path, ROOM)
    ballast.unlink()
    with Spool(path, ROOM) as spool:
        held = spool.take(limit=100_000, max_bytes=64 * MIB)
    assert [c.data for c in held if c.data] == acknowledged
    assert held[-1].signal is Signal.END


def test_a_read_only_disk_is_refused_by_name(small_disk: Path) -> None:
    Spool(small_disk / "spool.sqlite", ROOM).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(SpoolUnusableError, match="Read-only"):
        Spool(small_disk / "spool.sqlite", ROOM)
    with pytest.raises(SpoolUnusableError, match="--home"):
        Spool(small_disk / "new" / "spool.sqlite", ROOM)


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=60), cuts=st.lists(st.integers(0, 60)), committed=st.integers(0, 60))
def test_what_is_not_committed_comes_again_exactly(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], committed: int
) -> None:
    """Bytes cut anywhere, committed up to anywhere, restarted: the rest comes, and only the rest."""
    path = tmp_path_factory.mktemp("spool") / "spool.sqlite"
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    committed = min(committed, len(data))
    with Spool(path, ROOM) as spool:
        pairs = list(itertools.pairwise(edges))
        put(spool, *(entry(data[a:b], start=a) for a, b in pairs), entry(b"", start=len(data), last=True))
        seen = next((i + 1 for i, (_, b) in enumerate(pairs) if b >= committed), 0)
        spool.release([Done(origin="tcp:a#1", seq=seen, offset=committed)]).result(30)
    with Spool(path, ROOM) as spool:
        chunks = spool.take()
    assert b"".join(c.data for c in chunks) == data[committed:]
    assert chunks[-1].signal is Signal.END
