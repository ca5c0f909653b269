"""WebM and Matroska sound as what is in them, however their recorder wrote them; what is made to do harm does none."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import UndecodableError
from ringbook.recordings.matroska import MOST_BLOCK, as_ogg

FILES = Path(__file__).parent / "webm"
BROWSER = (FILES / "browser.webm").read_bytes()
VORBIS = (FILES / "vorbis.webm").read_bytes()
UNKNOWN = b"\x01" + b"\xff" * 7
HEAD, SEGMENT, TRACKS, TRACK, CLUSTER = "1a45dfa3", "18538067", "1654ae6b", "ae", "1f43b675"
NUMBER, TYPE, CODEC, PRIVATE, TIME, BLOCK, GROUP, OLD_BLOCK = "d7", "83", "86", "63a2", "e7", "a3", "a0", "a1"
PADDING = "75a2"


def element(name: str, *parts: bytes, size: bytes | None = None) -> bytes:
    data = b"".join(parts)
    return bytes.fromhex(name) + (size or (1 << 56 | len(data)).to_bytes(8, "big")) + data


def track(codec: str, private: bytes = b"", number: int = 1, kind: int = 2) -> bytes:
    said = (
        element(NUMBER, bytes([number])),
        element(TYPE, bytes([kind])),
        element(CODEC, codec.encode()),
        element(PRIVATE, private),
    )
    return element(TRACK, *said)


def block(data: bytes, at: int = 0, lacing: int = 0, number: int = 1) -> bytes:
    return bytes([0x80 | number]) + at.to_bytes(2, "big", signed=True) + bytes([lacing << 1]) + data


def webm(tracks: Sequence[bytes], *clusters: bytes, size: bytes | None = None) -> bytes:
    head = element(HEAD, element("4282", b"webm"))
    return head + element(SEGMENT, element(TRACKS, *tracks), *clusters, size=size)


def speech(seconds: float = 2.0) -> tuple[bytes, bytes, list[bytes]]:
    """A file of Ogg Opus, its head, and its packets of 20 ms."""
    moments = np.arange(round(seconds * 48_000)) / 48_000
    file = io.BytesIO()
    samples = (0.5 * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
    soundfile.write(file, samples, 48_000, "OPUS", format="OGG")
    packets, data, at = [b""], file.getvalue(), 0
    while at < len(data):
        table = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(table)
        for length in table:
            packets[-1] += data[at : at + length]
            at += length
            if length < 255:
                packets.append(b"")
    return data, packets[0], packets[2:-1]


OGG, OPUS_HEAD, PACKETS = speech()
OPUS = track("A_OPUS", OPUS_HEAD)


def heard(data: bytes) -> Any:
    samples, _ = soundfile.read(io.BytesIO(as_ogg(io.BytesIO(data))), always_2d=True)
    return samples


def hertz(samples: Any, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples[rate // 4 : rate // 4 + rate, 0]))
    return float(np.argmax(spectrum))


@pytest.mark.parametrize(
    ("name", "codec", "channels", "rate", "duration_s"),
    [
        ("browser.webm", "OPUS", 2, 48_000, 2.46),
        ("video.webm", "OPUS", 1, 48_000, 3.0),
        ("vorbis.webm", "VORBIS", 1, 22_050, 3.0),
    ],
)
def test_files_of_recorders_are_read_drawn_and_copied(
    name: str, codec: str, channels: int, rate: int, duration_s: float, tmp_path: Path
) -> None:
    file, outline = str(FILES / name), tmp_path / "peaks"
    found = decode(Task(do="look", file=file, to=str(outline)))
    assert (found["container"], found["codec"], found["channels"]) == ("WEBM", codec, channels)
    assert found["duration_s"] == pytest.approx(duration_s, abs=0.03)
    assert len(outline.read_bytes()) == pytest.approx(found["duration_s"] * 40 * channels, abs=2 * channels)
    for form in ("wav", "ogg"):
        decode(Task(do="write", file=file, to=str(tmp_path / form), form=form))
        samples, own = soundfile.read(tmp_path / form, always_2d=True)
        assert own == rate
        assert hertz(samples, rate) == pytest.approx(440, abs=2)


def test_a_span_is_silenced_and_a_clip_cut(tmp_path: Path) -> None:
    file = str(FILES / "browser.webm")
    decode(Task(do="write", file=file, to=str(tmp_path / "quiet"), form="wav", spans=[(1.0, 1.5)]))
    quiet, rate = soundfile.read(tmp_path / "quiet")
    assert not quiet[rate : rate * 3 // 2].any()
    assert quiet[: rate // 2].any()
    assert decode(Task(do="write", file=file, to=str(tmp_path / "clip"), form="mp3", cut=(0.5, 1.5)))[
        "duration_s"
    ] == pytest.approx(1, abs=0.1)


def groups(lacing: int) -> list[bytes]:
    """The packets in blocks of four, so laced that none is lost."""
    blocks, at = [], 0
    while at < len(PACKETS):
        four = PACKETS[at : at + 4]
        if lacing == 2:  # all of one size
            four = [one for one in four if len(one) == len(four[0])]
        sizes = [len(one) for one in four]
        told = {
            1: b"".join(b"\xff" * (one // 255) + bytes([one % 255]) for one in sizes[:-1]),
            2: b"",
            3: b"".join(
                (1 << 14 | (size if n == 0 else size - sizes[n - 1] + 8_191)).to_bytes(2, "big")
                for n, size in enumerate(sizes[:-1])
            ),
        }[lacing]
        data = bytes([len(four) - 1]) + told + b"".join(four)
        blocks.append(element(BLOCK, block(data, at * 20, lacing)))
        at += len(four)
    return blocks


@pytest.mark.parametrize("lacing", [1, 2, 3], ids=["xiph", "fixed", "ebml"])
def test_packets_that_share_a_block_are_told_apart(lacing: int) -> None:
    data = webm([OPUS], element(CLUSTER, element(TIME, b"\0"), *groups(lacing)))
    expected, _ = soundfile.read(io.BytesIO(OGG), always_2d=True)
    samples = heard(data)[: len(expected)]
    assert np.array_equal(samples, expected)


def test_sizes_that_nobody_knew_and_groups_change_nothing() -> None:
    clusters = [
        element(CLUSTER, element(TIME, bytes([first * 20 >> 8, first * 20 & 255])), *grouped, size=UNKNOWN)
        for first in range(0, len(PACKETS), 10)
        for grouped in [
            [
                element(GROUP, element(OLD_BLOCK, block(one, n * 20)), size=UNKNOWN)
                for n, one in enumerate(PACKETS[first : first + 10])
            ]
        ]
    ]
    expected, _ = soundfile.read(io.BytesIO(OGG), always_2d=True)
    samples = heard(webm([OPUS], *clusters, size=UNKNOWN))
    assert np.array_equal(samples[: len(expected)], expected)


def one_by_one(packets: Sequence[bytes], first_ms: int = 0) -> list[bytes]:
    return [element(BLOCK, block(one, first_ms + n * 20)) for n, one in enumerate(packets)]


def test_what_is_to_be_left_out_at_the_end_is() -> None:
    last = element(
        GROUP,
        element(OLD_BLOCK, block(PACKETS[-1], len(PACKETS) * 20)),
        element(PADDING, b"\x00\x98\x96\x80"),
    )
    whole = heard(webm([OPUS], element(CLUSTER, *one_by_one(PACKETS))))
    less = heard(webm([OPUS], element(CLUSTER, *one_by_one(PACKETS[:-1]), last)))
    assert len(whole) - len(less) == 480  # 10 ms


def test_a_gap_is_silence_and_what_follows_keeps_its_time() -> None:
    blocks = one_by_one(PACKETS[:50]) + one_by_one(PACKETS[50:], 3_000)
    samples = heard(webm([OPUS], element(CLUSTER, *blocks)))
    assert len(samples) / 48_000 == pytest.approx(3 + (len(PACKETS) - 50) * 0.02, abs=0.03)
    assert np.abs(samples[round(1.5 * 48_000) : round(2.9 * 48_000)]).max() < 0.02
    assert np.abs(samples[round(3.1 * 48_000) :]).max() > 0.4


def test_a_clock_that_jumps_by_years_is_not_believed() -> None:
    late = element(CLUSTER, element(TIME, b"\xff" * 6), *one_by_one(PACKETS[50:]))
    samples = heard(webm([OPUS], element(CLUSTER, *one_by_one(PACKETS[:50])), late))
    assert len(samples) / 48_000 == pytest.approx(len(PACKETS) * 0.02, abs=0.05)


@pytest.mark.parametrize("file", [BROWSER, VORBIS], ids=["opus", "vorbis"])
def test_a_file_that_was_broken_off_is_as_long_as_what_is_there(file: bytes) -> None:
    whole, half = heard(file), heard(file[: len(file) // 3 * 2])
    assert len(whole) / 4 < len(half) < len(whole)
    assert np.array_equal(half[: len(half) // 2], whole[: len(half) // 2])


def test_damage_in_the_middle_takes_no_more_than_its_cluster() -> None:
    clusters = [
        element(
            CLUSTER, element(TIME, (first * 20).to_bytes(2, "big")), *one_by_one(PACKETS[first : first + 25])
        )
        for first in range(0, 100, 25)
    ]
    clusters[1] = clusters[1][:40] + bytes(200) + clusters[1][240:]
    samples = heard(webm([OPUS], *clusters))
    assert len(samples) / 48_000 == pytest.approx(2.0, abs=0.05)
    assert np.abs(samples[round(1.2 * 48_000) :]).max() > 0.4


NOTHING = {
    "no tracks": (webm([]), "no sound"),
    "only pictures": (webm([track("V_VP8", kind=1)], element(CLUSTER, element(BLOCK, block(b"x")))), "pictures"),
    "another codec": (webm([track("A_AAC")], element(CLUSTER, element(BLOCK, block(b"x")))), "A_AAC"),
    "encrypted": (webm([element(TRACK, element(TYPE, b"\2"), element(CODEC, b"A_OPUS"), element("6d80", b""))]), "encrypted"),
    "no blocks": (webm([OPUS]), "ends before"),
    "no head of Opus": (webm([track("A_OPUS", b"x")], element(CLUSTER, element(BLOCK, block(b"x")))), "Opus needs"),
    "no head of Vorbis": (webm([track("A_VORBIS", b"\2")], element(CLUSTER, element(BLOCK, block(b"x")))), "Vorbis needs"),
    "a track of 2^56 bytes": (webm([OPUS[:1] + b"\x01" + b"\xff" * 6 + b"\xfe"]), "no sound|ends before"),
    "a block of 2^56 bytes": (
        webm([OPUS], element(CLUSTER, element(BLOCK, block(PACKETS[0]), size=b"\x01" + b"\xff" * 6 + b"\xfe"))),
        "ends before",
    ),
    "tracks without end": (webm([element(TRACK)] * 1_000), "more than 127 tracks"),
    "a track of another name": (webm([track("\x1b[2J<script>")]), "is 2Jscript,"),
}  # fmt: skip


@pytest.mark.parametrize("what", NOTHING)
def test_a_file_without_sound_that_can_be_played_says_why(what: str, tmp_path: Path) -> None:
    data, why = NOTHING[what]
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(UndecodableError, match=why):
        decode(Task(do="probe", file=str(tmp_path / "file")))


def test_mp4_is_told_to_be_kept_and_not_played() -> None:
    with pytest.raises(UndecodableError, match=r"MP4.*downloaded as it came"):
        decode(Task(do="probe", file=str(FILES / "aac.m4a")))


def test_a_block_larger_than_any_sound_is_not_read_into_memory() -> None:
    big = element(BLOCK, block(bytes(MOST_BLOCK + 1), 20))
    data = webm([OPUS], element(CLUSTER, *one_by_one(PACKETS[:1]), big, *one_by_one(PACKETS[1:], 20)))
    assert len(as_ogg(io.BytesIO(data))) < MOST_BLOCK


class Counted(io.BytesIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


@pytest.mark.parametrize("made", [CLUSTER + "00", "00", "ff", TRACK, "1b538667ff"])
def test_no_file_is_read_again_and_again(made: str) -> None:
    """Whatever is repeated in it; a file of damaged clusters was read 10,000 times over."""
    source = Counted(bytes.fromhex(HEAD + made * 20_000))
    with pytest.raises(ValueError, match=r"tracks|no sound"):
        as_ogg(source)
    assert source.taken < 100 * len(source.getvalue())


def harmless(data: bytes) -> None:
    try:
        made = as_ogg(io.BytesIO(data))
    except ValueError as error:
        assert str(error)
    else:
        assert made.startswith(b"OggS")
        assert len(made) < 30 * len(data) + (4 << 20)


ODD = st.sampled_from(
    [bytes.fromhex(one) for one in (TRACK, CLUSTER, BLOCK, GROUP, TIME, "2ad7b1", "63a2")] + [UNKNOWN]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(max_size=40) | ODD, max_size=20))
@example([])
def test_no_bytes_do_harm(parts: list[bytes]) -> None:
    harmless(bytes.fromhex(HEAD) + b"".join(parts))
    harmless(webm([OPUS], b"".join(parts)))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([BROWSER, VORBIS]), st.data())
def test_no_change_to_a_good_file_does_harm(file: bytes, data: st.DataObject) -> None:
    changed = bytearray(file)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed)))
        what = data.draw(st.binary(max_size=12) | ODD)
        changed[at : at + data.draw(st.integers(0, 30))] = what
    harmless(bytes(changed))


@pytest.mark.parametrize("seed", range(8))
def test_the_decoder_survives_changed_files_and_says_what_is_wrong(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    changed = bytearray(chance.choice([BROWSER, VORBIS]))
    for _ in range(chance.choice([1, 10, 200])):
        changed[chance.randrange(4, len(changed))] = chance.randrange(256)
    (tmp_path / "file").write_bytes(changed)
    try:
        found = decode(Task(do="look", file=str(tmp_path / "file"), to=str(tmp_path / "peaks")), timeout_s=60)
    except UndecodableError as error:
        assert "signal" not in str(error)
        assert "internal error" not in str(error)
    else:
        assert found["duration_s"] < 7 * 3_600
