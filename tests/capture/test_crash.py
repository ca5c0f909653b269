"""Killed at any moment: what was acknowledged is there as it was sent, in order, once.

Over HTTP an answer is a promise: each answered body is there exactly once, though its sender may have had to send it again. Over
plain TCP there is no answer: of each connection there is an unbroken beginning, at least as long as what the process had called
durable.
"""

from __future__ import annotations

import resource
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from ringbook.capture.chunk import Signal
from ringbook.capture.entries import Done, Entry
from ringbook.capture.errors import SpoolUnwritableError
from ringbook.capture.spool import MIB, Limits, Spool
from tests.capture.crash import LIMITS, ROUNDS, Caller, Killed, Poster, kill_often, open_ledger, senders


def spooled(home: Path) -> dict[str, bytes]:
    """All streams on the spool; each without a gap, and ended, for no connection outlives its process."""
    streams: dict[str, bytes] = {}
    ended = set()
    after = 0
    with Spool(home / "spool.sqlite", LIMITS) as spool:
        while chunks := spool.take(after, limit=10_000):
            for chunk in chunks:
                held = streams.setdefault(chunk.origin, b"")
                assert chunk.offset == len(held) or not held, "a gap or an overlap"
                streams[chunk.origin] = held + chunk.data
                if chunk.signal is Signal.END:
                    assert chunk.origin not in ended
                    ended.add(chunk.origin)
            after = chunks[-1].seq
    assert ended == set(streams)
    return streams


def check_posts(posters: list[Poster], bodies: Counter[bytes]) -> None:
    acknowledged = [body for poster in posters for body in poster.acknowledged]
    assert len(acknowledged) > 5
    assert [body[:40] for body in acknowledged if bodies[body] != 1] == []
    unanswered = {poster.unanswered for poster in posters}
    assert [body[:40] for body in bodies if body not in unanswered and body not in set(acknowledged)] == []


def check_calls(callers: list[Caller], streams: dict[str, bytes], killed: list[Killed]) -> None:
    """Each stream is a beginning of what one connection sent; together they hold what had been called durable."""
    sent = [(key, bytes(data)) for caller in callers for key, data in caller.sent.items()]
    held: Counter[int] = Counter()
    for origin, data in streams.items():
        peer = origin.removeprefix("tcp:smdr:").partition("#")[0]
        rounds = [
            int(key.partition("/")[0])
            for key, all_sent in sent
            if key.endswith("/" + peer) and all_sent.startswith(data)
        ]
        assert rounds, f"{origin} holds what nobody sent"
        for number in rounds[:1]:
            held[number] += len(data)
    assert sum(held.values()) >= sum(each.durable for each in killed)
    assert sum(each.durable for each in killed) > 10_000


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_on_the_spool(tmp_path: Path) -> None:
    with senders(posters=4, callers=0, seed=1) as threads:
        kill_often(tmp_path, threads, ROUNDS, seed=1, consume=False)
        streams = spooled(tmp_path)
        check_posts([t for t in threads if isinstance(t, Poster)], Counter(streams.values()))


@pytest.mark.slow
def test_tcp_streams_are_kept_up_to_what_was_durable(tmp_path: Path) -> None:
    with senders(posters=0, callers=3, seed=2) as threads:
        killed = kill_often(tmp_path, threads, ROUNDS, seed=2, consume=False)
        check_calls([t for t in threads if isinstance(t, Caller)], spooled(tmp_path), killed)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_on_the_way_from_the_spool_to_a_ledger(tmp_path: Path) -> None:
    with senders(posters=3, callers=2, seed=3) as threads:
        killed = kill_often(tmp_path, threads, ROUNDS, seed=3, consume=True)
        db = open_ledger(tmp_path / "ledger.sqlite")
        streams: dict[str, bytes] = {}
        for origin, start, data in db.execute("SELECT origin, start, data FROM line ORDER BY origin, start"):
            assert start == len(streams.get(origin, b"")), "a gap or an overlap in the ledger"
            streams[origin] = streams.get(origin, b"") + data
        with Spool(tmp_path / "spool.sqlite", LIMITS) as spool:
            for chunk in spool.take(limit=1_000_000, max_bytes=1 << 40):
                held = streams.get(chunk.origin, b"")
                assert chunk.offset <= len(held), "a gap between ledger and spool"
                streams[chunk.origin] = held + chunk.data[len(held) - chunk.offset :]
        bodies = Counter(data for origin, data in streams.items() if origin.startswith("http:"))
        calls = {origin: data for origin, data in streams.items() if origin.startswith("tcp:")}
        check_posts([t for t in threads if isinstance(t, Poster)], bodies)
        check_calls([t for t in threads if isinstance(t, Caller)], calls, killed)


def test_a_quota_on_the_file_is_told_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """A file size limit is an input/output error to SQLite, as a quota is."""
    path = tmp_path / "spool.sqlite"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = []
    try:
        with Spool(path, Limits(keep_free_bytes=0)) as spool:
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
            with pytest.raises(SpoolUnwritableError, match="quota"):
                for number in range(1_000):
                    data = b"%06d" % number + b"x" * 5_000
                    spool.put(
                        [Entry(source="a", input="b", origin="o", start=number * 5_006, data=data)]
                    ).result(30)
                    kept.append(data)
            assert "quota" in spool.status().problem
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            spool.put(
                [Entry(source="a", input="b", origin="o", start=1 << 40, data=b"after", last=True)]
            ).result(30)
            assert spool.status().problem == ""
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Spool(path, LIMITS) as spool:
        assert [c.data for c in spool.take(limit=10_000, max_bytes=64 * MIB)] == [*kept, b"after"]
        assert len(kept) > 20


def test_what_is_released_gives_the_disk_back(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    with Spool(path, LIMITS) as spool:
        for number in range(40):
            data = bytes(MIB)
            spool.put(
                [Entry(source="a", input="b", origin=f"o{number}", start=0, data=data, last=True)]
            ).result(60)
        for number in range(40):
            spool.release([Done(origin=f"o{number}", seq=number + 1, offset=MIB)]).result(60)
        assert spool.status().rows == 0
    assert path.stat().st_size < 20 * MIB
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
