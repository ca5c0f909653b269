"""Whatever happens to a followed file, each byte written to it is given out, once per run, in order."""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from ringbook.capture.chunk import Chunk, Signal
from ringbook.capture.health import State
from ringbook.capture.tail import Tail
from ringbook.capture.wire import Place

PLACE = Place("pbx", "cdr", "")


class Kept(msgspec.Struct, frozen=True):
    """A position as the ledger would keep it."""

    origin: str
    mark: str
    offset: int
    context: bytes = b""
    format: str = ""


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Reader:
    """Reads with a tail and keeps what it gave by stream, checking that it was in order and without gaps."""

    def __init__(self, paths: str | Path | list[str], kept: Iterable[Kept] = (), **options: object) -> None:
        self.clock = Clock()
        texts = [str(p) for p in (paths if isinstance(paths, list) else [paths])]
        self.tail = Tail(
            PLACE, texts, positions=list(kept), clock=self.clock, settle_s=5, linger_s=60, **options
        )  # type: ignore[arg-type]
        self.starts: dict[tuple[str, str], int] = {}
        self.streams: dict[tuple[str, str], bytes] = {}
        self.ended: list[str] = []
        self.settled: list[str] = []
        self.chunks: list[Chunk] = []

    def look(self, times: int = 1) -> bytes:
        """What the looks gave."""
        given = b""
        for _ in range(times):
            for chunk in self.tail.look():
                given += self._keep(chunk)
        return given

    def _keep(self, chunk: Chunk) -> bytes:
        key = (chunk.origin, chunk.mark)
        self.starts.setdefault(key, chunk.offset)
        held = self.streams.get(key, b"")
        assert chunk.offset == self.starts[key] + len(held), "a gap or an overlap"
        self.streams[key] = held + chunk.data
        self.chunks.append(chunk)
        if chunk.signal is Signal.END:
            self.ended.append(Path(chunk.origin).name)
        if chunk.signal is Signal.SETTLED:
            self.settled.append(Path(chunk.origin).name)
        return chunk.data

    def positions(self, lines_only: bool = True) -> list[Kept]:
        """The positions that a pipeline would have committed: behind the last complete line of each stream."""
        kept = []
        for (origin, mark), data in self.streams.items():
            whole = data[: data.rfind(b"\n") + 1] if lines_only else data
            kept.append(Kept(origin, mark, self.starts[(origin, mark)] + len(whole)))
        return kept

    def close(self) -> None:
        self.tail.close()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def lines(first: int, count: int) -> bytes:
    """Lines that are all different."""
    return b"".join(
        b'"","101","2079460%03d","from-internal",%d\n' % (n % 1000, n) for n in range(first, first + count)
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "Master.csv"


def test_a_file_that_appears_later_is_followed_as_it_grows(log: Path) -> None:
    reader = Reader(log)
    assert reader.look() == b""
    assert (reader.tail.status.state, reader.tail.status.problem) == (State.WAITING, "there is no file yet")
    log.touch()
    assert reader.look() == b""
    log.write_bytes(b"one\n")
    assert reader.look() == b"one\n"
    assert (reader.tail.status.state, reader.tail.status.problem) == (State.FOLLOWING, "")
    append(log, b"two\nthr")
    assert reader.look() == b"two\nthr"
    append(log, b"ee\n")
    assert reader.look() == b"ee\n"
    assert reader.look(3) == b""
    assert [key[0] for key in reader.streams] == [str(log)]


def test_a_folder_that_appears_later_is_followed(tmp_path: Path) -> None:
    reader = Reader(str(tmp_path / "mount" / "cdr" / "*.csv"))
    assert reader.look() == b""
    (tmp_path / "mount" / "cdr").mkdir(parents=True)
    (tmp_path / "mount" / "cdr" / "a.csv").write_bytes(b"a\n")
    assert reader.look() == b"a\n"


def test_a_file_growing_byte_by_byte_is_read_once(log: Path) -> None:
    reader = Reader(log)
    data = lines(0, 3)
    for value in data:
        append(log, bytes([value]))
        assert reader.look() == bytes([value])
    assert list(reader.streams.values()) == [data]


def test_renaming_finishes_the_old_file_and_begins_the_new(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    append(log, b"last li")
    log.rename(log.with_name("Master.csv.1"))
    log.write_bytes(lines(10, 2))
    append(log.with_name("Master.csv.1"), b"ne\n")
    reader.look()
    append(log.with_name("Master.csv.1"), b"straggler\n")
    append(log, lines(12, 1))
    reader.look()
    assert sorted(reader.streams.values()) == sorted([lines(0, 5) + b"last line\nstraggler\n", lines(10, 3)])
    assert {origin for origin, _ in reader.streams} == {str(log)}
    assert reader.ended == []
    reader.clock.now += 61
    reader.look()
    assert reader.ended == ["Master.csv"]
    assert reader.look(3) == b""


def test_renaming_within_the_pattern_reads_nothing_twice(tmp_path: Path, log: Path) -> None:
    reader = Reader(str(tmp_path / "Master.csv*"))
    log.write_bytes(lines(0, 5))
    reader.look()
    log.rename(log.with_name("Master.csv.1"))
    log.write_bytes(lines(10, 2))
    (tmp_path / "Master.csv.2.gz").write_bytes(gzip.compress(lines(50, 5)))
    assert reader.look(3) == lines(10, 2)


def test_a_chain_of_rotations_between_two_looks(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    append(log, lines(5, 1))
    log.rename(log.with_name("Master.csv.2"))
    log.write_bytes(lines(10, 2))
    log.rename(log.with_name("Master.csv.1"))
    log.write_bytes(lines(20, 2))
    reader.look(2)
    assert lines(0, 6) in reader.streams.values()
    assert lines(20, 2) in reader.streams.values()


def test_a_deleted_file_is_read_to_its_end(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 2))
    reader.look()
    append(log, lines(2, 1))
    log.unlink()
    assert reader.look() == lines(2, 1)
    reader.clock.now += 61
    reader.look()
    assert reader.ended == ["Master.csv"]
    log.write_bytes(lines(30, 2))
    assert reader.look() == lines(30, 2)


def test_truncation_begins_anew(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    os.truncate(log, 0)
    assert reader.look() == b""
    append(log, lines(7, 2))
    assert reader.look() == lines(7, 2)
    assert list(reader.streams.values()) == [lines(0, 5), lines(7, 2)]
    assert reader.ended == ["Master.csv"]


def test_truncation_is_seen_when_the_file_has_outgrown_its_old_length(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(b"head,er\n" + lines(0, 2))
    reader.look()
    with log.open("r+b") as file:
        file.truncate(0)
        file.write(b"head,er\n" + lines(100, 9))
    reader.look()
    assert list(reader.streams.values()) == [b"head,er\n" + lines(0, 2), b"head,er\n" + lines(100, 9)]


def test_truncation_to_the_same_header_twice_gives_streams_of_their_own(log: Path) -> None:
    reader = Reader(log)
    for generation in range(3):
        log.write_bytes(b"start,end\n")
        reader.look()
        append(log, lines(generation * 10, 2))
        reader.look()
        os.truncate(log, 0)
        reader.look()
    assert list(reader.streams.values()) == [b"start,end\n" + lines(g * 10, 2) for g in range(3)]


def test_copy_truncate_loses_nothing_that_the_copy_has(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    append(log, lines(5, 3))
    shutil.copyfile(log, log.with_name("Master.csv.1"))
    os.truncate(log, 0)
    append(log, lines(20, 1))
    reader.look(2)
    assert list(reader.streams.values()) == [lines(0, 8), lines(20, 1)]


def test_a_file_that_is_fetched_anew_goes_on_where_it_was(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    for count in (6, 9):
        fetched = log.with_name(".Master.csv.xyz")
        fetched.write_bytes(lines(0, count))
        fetched.replace(log)
        reader.look()
    assert list(reader.streams.values()) == [lines(0, 9)]


def test_a_file_replaced_by_another_is_read_from_its_beginning(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    other = log.with_name("other")
    other.write_bytes(lines(50, 9))
    other.replace(log)
    reader.look(2)
    assert list(reader.streams.values()) == [lines(0, 5), lines(50, 9)]


def test_a_restart_goes_on_behind_the_last_complete_line(log: Path) -> None:
    first = Reader(log)
    log.write_bytes(lines(0, 5) + b'"","101')
    first.look()
    first.close()
    append(log, b'","rest"\n')
    second = Reader(log, first.positions())
    assert second.look() == b'"","101","rest"\n'
    assert second.streams.keys() == first.streams.keys()


def test_a_restart_gives_the_context_and_format_that_were_kept(log: Path) -> None:
    first = Reader(log)
    log.write_bytes(b"a,b\n1,2\n")
    first.look()
    first.close()
    (kept,) = first.positions()
    append(log, b"3,4\n")
    second = Reader(log, [msgspec.structs.replace(kept, context=b"a,b\n", format="mapped")])
    assert second.look() == b"3,4\n"
    assert (second.chunks[0].context, second.chunks[0].format) == (b"a,b\n", "mapped")


def test_rotation_during_a_stop_loses_nothing(log: Path) -> None:
    first = Reader(log)
    log.write_bytes(lines(0, 5))
    first.look()
    first.close()
    append(log, lines(5, 2))
    log.rename(log.with_name("Master.csv.1"))
    log.write_bytes(lines(20, 2))
    second = Reader(log, first.positions())
    second.look(2)
    assert sorted(second.streams.values()) == sorted([lines(5, 2), lines(20, 2)])
    second.clock.now += 61
    second.look(2)
    assert second.ended == ["Master.csv"]


def test_rotation_during_a_stop_with_nothing_left_reads_nothing_twice(tmp_path: Path, log: Path) -> None:
    first = Reader(str(tmp_path / "Master*"))
    log.write_bytes(lines(0, 5))
    first.look()
    first.close()
    log.rename(log.with_name("Master.csv.1"))
    log.write_bytes(lines(20, 2))
    second = Reader(str(tmp_path / "Master*"), first.positions())
    assert second.look(3) == lines(20, 2)


@pytest.mark.parametrize("header", [b"", b"start,end\n"])
def test_a_file_written_anew_during_a_stop_is_read_from_its_beginning(log: Path, header: bytes) -> None:
    first = Reader(log)
    log.write_bytes(header + lines(0, 3))
    first.look()
    first.close()
    log.write_bytes(header + lines(50, 9))  # the same inode, longer, the same header
    second = Reader(log, first.positions())
    assert second.look() == header + lines(50, 9)


def test_a_deleted_and_recreated_file_during_a_stop_is_read_from_its_beginning(log: Path) -> None:
    first = Reader(log)
    log.write_bytes(lines(0, 3))
    first.look()
    first.close()
    log.unlink()
    log.write_bytes(lines(50, 9))
    second = Reader(log, first.positions())
    assert second.look() == lines(50, 9)


def test_a_position_kept_by_an_import_is_gone_on_from(log: Path) -> None:
    """An import keeps a mark without the file's number; the content alone has to fit then."""
    log.write_bytes(lines(0, 4))
    reader = Reader(log)
    reader.look()
    (kept,) = reader.positions()
    reader.close()
    append(log, lines(4, 1))
    again = Reader(log, [msgspec.structs.replace(kept, mark=kept.mark.partition("+")[0])])
    assert again.look() == lines(4, 1)


def test_many_files_in_a_folder_are_all_read_and_new_ones_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringbook.capture.tail.MAX_OPEN", 10)
    folder = tmp_path / "cdr"
    folder.mkdir()
    for number in range(60):
        (folder / f"cdr_{number:03}").write_bytes(b"same header,same header\n" + lines(number, 1))
    (folder / ".hidden").write_bytes(b"no")
    (folder / "half.part").write_bytes(b"no")
    (folder / "old.csv.gz").write_bytes(gzip.compress(b"no"))
    (folder / "deeper").mkdir()
    reader = Reader(folder)
    reader.look()
    assert sum(f.is_open for f in reader.tail._files.values()) == 10
    append(folder / "cdr_000", lines(500, 1))
    (folder / "cdr_new").write_bytes(lines(600, 1))
    assert reader.look() == lines(500, 1) + lines(600, 1)
    assert len(reader.streams) == 61
    assert reader.look(3) == b""
    second = Reader(folder, reader.positions())
    assert second.look(2) == b""


def test_a_closed_file_that_is_rotated_is_found_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringbook.capture.tail.MAX_OPEN", 0)
    log = tmp_path / "queue_log"
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    append(log, lines(5, 1))
    log.rename(tmp_path / "queue_log-20261121")
    log.write_bytes(lines(9, 1))
    reader.look(2)
    assert sorted(reader.streams.values()) == sorted([lines(0, 6), lines(9, 1)])


def test_globs_reach_into_folders_and_name_a_file_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one.xml").write_bytes(b"<1/>")
    (tmp_path / "a" / "two.xml").write_bytes(b"<2/>")
    (tmp_path / "a" / "two.json").write_bytes(b"no")
    (tmp_path / "a" / "link.xml").symlink_to(tmp_path / "a" / "two.xml")
    reader = Reader([str(tmp_path / "a" / "**" / "*.xml"), str(tmp_path / "a" / "two.xml")])
    reader.look()
    assert sorted(reader.streams.values()) == [b"<1/>", b"<2/>"]


def test_a_document_settles_once_each_time_it_has_grown(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(b"{")
    reader.look()
    reader.clock.now += 4
    append(log, b"}")
    reader.look()
    reader.clock.now += 4
    reader.look()
    assert reader.settled == []
    reader.clock.now += 2
    reader.look(3)
    assert reader.settled == ["Master.csv"]
    append(log, b"\n")
    reader.look()
    reader.clock.now += 6
    reader.look(3)
    assert reader.settled == ["Master.csv"] * 2


def test_a_large_file_comes_in_bounded_chunks_and_shares_the_look(tmp_path: Path) -> None:
    big, small = tmp_path / "a-big", tmp_path / "b-small"
    big.write_bytes(lines(0, 5_000))
    small.write_bytes(b"small\n")
    reader = Reader([str(big), str(small)], chunk_bytes=1_000)
    reader.look()
    assert max(len(c.data) for c in reader.chunks) == 1_000
    assert b"small\n" in reader.streams.values()
    while reader.look():
        pass
    assert lines(0, 5_000) in reader.streams.values()


def test_what_cannot_be_read_is_said_and_tried_again(tmp_path: Path) -> None:
    packed = tmp_path / "Master.csv.gz"
    packed.write_bytes(gzip.compress(b"x"))
    reader = Reader(packed)
    assert reader.look() == b""
    assert "ringbook import" in reader.tail.status.problem


def test_status_tells_how_far_behind_the_ledger_is(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 5))
    reader.look()
    ((origin, mark),) = reader.streams
    assert reader.tail.status.behind_bytes == len(lines(0, 5))
    reader.tail.committed(origin, mark, 10)
    assert reader.tail.status.behind_bytes == len(lines(0, 5)) - 10


def test_chunks_come_until_stopped(log: Path) -> None:
    async def story() -> bytes:
        stop = asyncio.Event()
        tail = Tail(PLACE, [str(log)])
        given = b""
        async for chunk in tail.chunks(stop, poll_s=0.01):
            given += chunk.data
            if given == b"one\n":
                append(log, b"two\n")
            if given == b"one\ntwo\n":
                stop.set()
        assert tail.status.state is State.STOPPED
        return given

    log.write_bytes(b"one\n")
    assert asyncio.run(asyncio.wait_for(story(), 30)) == b"one\ntwo\n"


@pytest.mark.parametrize("seed", range(40))
def test_a_random_life_of_a_log_loses_nothing_and_repeats_nothing_within_a_run(
    tmp_path: Path, seed: int
) -> None:
    """Writes, rotations, truncations after the reader caught up, copies, restarts: all lines arrive."""
    draw = random.Random(seed)
    log = tmp_path / "queue_log"
    reader = Reader(log)
    written: list[bytes] = []
    given: list[bytes] = []
    rotations = 0

    def write(end: bytes = b"\n") -> None:
        line = b"%d|line %d of seed %d" % (1_700_000_000 + len(written), len(written), seed)
        append(log, line + b"\n")
        written.append(line)

    def restart() -> None:
        nonlocal reader, given
        given += list(reader.streams.values())
        reader.close()
        reader = Reader(log, kept)

    kept: list[Kept] = []
    for _ in range(60):
        match draw.choice(
            ["write", "write", "write", "look", "rename", "truncate", "copytruncate", "restart", "later"]
        ):
            case "write":
                write()
            case "look":
                reader.look()
            case "later":
                reader.clock.now += draw.choice([3, 10, 70])
            case "rename" if log.exists():
                rotations += 1
                reader.look()  # a file that comes and goes between two looks is never seen
                if draw.random() < 0.5:
                    write()
                log.rename(log.with_name(f"queue_log.{rotations}"))
                reader.look()
            case "truncate" if log.exists():
                reader.look()
                os.truncate(log, 0)
            case "copytruncate" if log.exists():
                rotations += 1
                reader.look()
                if log.stat().st_size and draw.random() < 0.5:
                    write()
                shutil.copyfile(log, log.with_name(f"queue_log.{rotations}"))
                os.truncate(log, 0)
                reader.look()
            case "restart":
                reader.look()
                kept += reader.positions()
                restart()
    reader.look(2)
    given += list(reader.streams.values())
    seen = b"".join(given).split(b"\n")
    missing = [line for line in written if line not in seen]
    assert missing == []


def test_a_rewind_gives_again_what_the_ledger_does_not_have(tmp_path: Path, log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(b"a,b\n" + lines(0, 4))
    reader.look()
    ((origin, mark),) = reader.streams
    reader.tail.committed(origin, mark, 4 + len(lines(0, 1)), b"a,b\n")
    append(log, lines(4, 1))
    reader.look()
    assert [chunk.first for chunk in reader.chunks] == [True, False]
    reader.tail.rewind()
    again = list(reader.tail.look())
    assert b"".join(c.data for c in again) == lines(1, 4)
    assert [(c.offset, c.first, c.context) for c in again] == [(4 + len(lines(0, 1)), True, b"a,b\n")]
    assert list(reader.tail.look()) == []


def test_a_rewind_reaches_a_file_that_has_ended(log: Path) -> None:
    reader = Reader(log)
    log.write_bytes(lines(0, 4))
    reader.look()
    log.unlink()
    reader.look()
    reader.clock.now += 61
    reader.look()
    assert reader.ended == ["Master.csv"]
    reader.tail.rewind()
    assert b"".join(c.data for c in reader.tail.look()) == lines(0, 4)


def test_a_rewind_in_the_middle_of_a_look_ends_it(log: Path) -> None:
    async def story() -> list[tuple[int, bool]]:
        stop = asyncio.Event()
        tail = Tail(PLACE, [str(log)], chunk_bytes=100)
        given = []
        async for chunk in tail.chunks(stop, poll_s=0.01):
            given.append((chunk.offset, chunk.first))
            if len(given) == 3:
                tail.rewind()
            if len(given) == 5:
                stop.set()
        return given

    log.write_bytes(lines(0, 40))
    given = asyncio.run(asyncio.wait_for(story(), 30))
    assert given == [(0, True), (100, False), (200, False), (0, True), (100, False)]


def test_a_file_waits_until_its_format_is_recognised(log: Path) -> None:
    def recognise(head: bytes, name: str) -> str:
        assert name == "Master.csv"
        return "asterisk_cdr_csv" if b"ANSWERED" in head else ""

    reader = Reader(log, recognise=recognise)
    for part in (b'"","101"', b",ringing\n"):
        append(log, part)
        assert reader.look() == b""
    assert "no format recognises" in reader.tail.status.problem
    append(log, b"ANSWERED\n")
    assert reader.look() == b'"","101",ringing\nANSWERED\n'
    assert reader.tail.status.problem == ""
    assert {chunk.format for chunk in reader.chunks} == {"asterisk_cdr_csv"}


def test_a_format_is_not_told_from_half_a_line_before_the_file_rests(log: Path) -> None:
    asked: list[bytes] = []

    def recognise(head: bytes, name: str) -> str:
        asked.append(head)
        return "vcon"

    reader = Reader(log, recognise=recognise)
    log.write_bytes(b'{"vc')
    assert reader.look() == b""
    reader.clock.now += 4
    append(log, b'on": 1}')
    assert reader.look() == b""
    assert asked == []
    reader.clock.now += 6
    assert reader.look() == b'{"vcon": 1}'
    assert asked == [b'{"vcon": 1}']


def test_a_format_that_is_set_goes_with_every_chunk_and_auto_does_not(log: Path) -> None:
    log.write_bytes(b"x\n")
    fixed = Tail(Place("pbx", "cdr", "asterisk_cel"), [str(log)])
    told = Tail(Place("pbx", "cdr", "auto"), [str(log)])
    assert [c.format for c in fixed.look()] == ["asterisk_cel"]
    assert [c.format for c in told.look()] == [""]


@pytest.mark.parametrize("notes", [True, False])
def test_a_file_of_the_same_header_and_line_lengths_written_during_a_stop_is_told_by_its_note(
    tmp_path: Path, log: Path, notes: bool
) -> None:
    """First seen with its header alone, a file's mark says little; the note says the rest. Without it the gap is real."""
    file = tmp_path / "notes" / "cdr.json" if notes else None
    first = Reader(log, notes=file)
    log.write_bytes(b"start,end\n")
    first.look()
    append(log, lines(100, 4))
    first.look()
    for kept in first.positions():
        first.tail.committed(kept.origin, kept.mark, kept.offset)
    first.close()
    log.write_bytes(b"start,end\n" + lines(200, 6))
    second = Reader(log, first.positions(), notes=file)
    assert second.look() == (b"start,end\n" + lines(200, 6) if notes else lines(204, 2))


def test_a_note_does_not_keep_a_file_from_going_on(tmp_path: Path, log: Path) -> None:
    first = Reader(log, notes=tmp_path / "notes.json")
    log.write_bytes(b"start,end\n" + lines(100, 4))
    first.look()
    ((origin, mark),) = first.streams
    first.tail.committed(origin, mark, 10)  # the note is older than the position
    first.close()
    append(log, lines(104, 1))
    second = Reader(log, first.positions(), notes=tmp_path / "notes.json")
    assert second.look() == lines(104, 1)
    second.close()


def test_notes_that_cannot_be_read_or_written_are_done_without(tmp_path: Path, log: Path) -> None:
    (tmp_path / "notes.json").write_bytes(b"{not json")
    (tmp_path / "a file").touch()
    log.write_bytes(lines(0, 2))
    for notes in (tmp_path / "notes.json", tmp_path / "a file" / "notes.json"):
        reader = Reader(log, notes=notes)
        assert reader.look() == lines(0, 2)
        reader.close()


def test_a_file_replaced_just_before_the_stop_is_not_noted_as_the_one_it_was(
    tmp_path: Path, log: Path
) -> None:
    file = tmp_path / "notes.json"
    first = Reader(log, notes=file)
    log.write_bytes(b"start,end\n")
    first.look()
    append(log, lines(100, 4))
    first.look()
    for kept in first.positions():
        first.tail.committed(kept.origin, kept.mark, kept.offset)
    first.clock.now += 11
    first.look()
    log.write_bytes(b"start,end\n" + lines(200, 6))
    first.close()
    second = Reader(log, first.positions(), notes=file)
    assert second.look() == b"start,end\n" + lines(200, 6)
    second.close()
