"""WebM and Matroska (RFC 9559): the packets of the sound track, put into Ogg. Nothing is decoded here, so nothing is lost.

Files of browsers are read as they are: without a duration, with a segment and clusters of unknown size, broken off at the end.
The elements are read as one flat row, as nothing here depends on which lies in which; so a wrong size of one that holds others
does no harm. Where there is no element, reading goes on at the next cluster.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from ringbook.recordings.packets import KNOWN, Sound

MAGIC = b"\x1aE\xdf\xa3"
MOST_BLOCK = 4 << 20
"""Bytes of the largest block of sound that is read, and of the largest element that says something of a track."""

MOST_TRACKS = 127
"""Tracks of a file: more than a recorder makes are made to do harm."""

_CLUSTER = b"\x1fC\xb6u"
_PIECE, _LARGEST_PIECE = 256, 1 << 16
_SOUND = 2
_UNKNOWN = -1


class _Id(IntEnum):
    """The elements that matter here."""

    HEAD = 0x1A45DFA3
    SEGMENT = 0x18538067
    INFO = 0x1549A966
    SCALE = 0x2AD7B1
    TRACKS = 0x1654AE6B
    TRACK = 0xAE
    NUMBER = 0xD7
    TYPE = 0x83
    CODEC = 0x86
    PRIVATE = 0x63A2
    ENCODINGS = 0x6D80
    CLUSTER = 0x1F43B675
    TIME = 0xE7
    SIMPLE_BLOCK = 0xA3
    GROUP = 0xA0
    BLOCK = 0xA1
    PADDING = 0x75A2


_ENTERED = {_Id.HEAD, _Id.SEGMENT, _Id.INFO, _Id.TRACKS, _Id.TRACK, _Id.CLUSTER, _Id.GROUP}
_WANTED = set(_Id)


class _Element(msgspec.Struct, frozen=True):
    """Which element it is, and where its data begins and ends."""

    id: int
    start: int
    stop: int


class _Track(msgspec.Struct):
    """What is told of a track."""

    number: int = 0
    type: int = 0
    codec: str = ""
    private: bytes = b""
    encoded: bool = False


def kind(file: Path) -> str:
    """``WEBM`` or ``MATROSKA`` if the file begins as one; else nothing."""
    with file.open("rb") as source:
        head = source.read(64)
    if not head.startswith(MAGIC):
        return ""
    return "WEBM" if b"webm" in head else "MATROSKA"


def as_ogg(source: BinaryIO) -> bytes:
    """The first sound track of a file that can be played, as an Ogg file.

    :raises ValueError: there is none; the text says what there is.
    """
    tracks: list[_Track] = []
    sound: Sound | None = None
    chosen, scale, cluster, discard_s = 0, 1_000_000, 0, 0.0
    for element in _elements(source):
        match element.id:
            case _Id.TRACK:
                if len(tracks) == MOST_TRACKS:
                    raise ValueError(f"it has more than {MOST_TRACKS} tracks")
                tracks.append(_Track())
            case _Id.SCALE:
                scale = _number(source, element) or scale
            case _Id.TIME:
                cluster = _number(source, element)
            case _Id.PADDING:
                discard_s = _number(source, element, signed=True) / 1e9
            case _Id.BLOCK | _Id.SIMPLE_BLOCK:
                if sound is None:
                    track = _playable(tracks)
                    chosen, sound = track.number, KNOWN[track.codec](track.private)
                at, packets = _block(source, element, chosen)
                if packets:
                    sound.put(packets, (cluster + at) * scale / 1e9)
                    discard_s = 0.0
            case _ if tracks:
                _tell(tracks[-1], source, element)
    if sound is None:
        _playable(tracks)
        raise ValueError("it ends before any sound")
    return sound.finished(discard_s)


def _tell(track: _Track, source: BinaryIO, element: _Element) -> None:
    """Note in a track what an element says of it."""
    match element.id:
        case _Id.NUMBER:
            track.number = _number(source, element)
        case _Id.TYPE:
            track.type = _number(source, element)
        case _Id.CODEC:
            track.codec = _data(source, element).rstrip(b"\0").decode("ascii", "replace")
        case _Id.PRIVATE:
            track.private = _data(source, element)
        case _Id.ENCODINGS:
            track.encoded = True


def _playable(tracks: list[_Track]) -> _Track:
    """The first sound track that can be played."""
    sounds = [one for one in tracks if one.type == _SOUND]
    for track in sounds:
        if track.codec in KNOWN and not track.encoded:
            return track
    if not sounds:
        raise ValueError("there is no sound in it" + (", only pictures" if tracks else ""))
    if any(one.codec in KNOWN for one in sounds):
        raise ValueError("its sound is packed or encrypted once more, which cannot be read")
    shown = "".join(letter for letter in sounds[0].codec[:40] if letter.isalnum() or letter in "_/.")
    raise ValueError(
        f"its sound is {shown or 'of no kind'}, and of WebM and Matroska only Opus and Vorbis can be played; it is kept, and can "
        "be downloaded as it came"
    )


def _elements(source: BinaryIO) -> Iterator[_Element]:
    """The elements that matter, one after the other; one that does not end within the file is left out."""
    end, at = source.seek(0, io.SEEK_END), 0
    while at < end:
        source.seek(at)
        head = source.read(12)
        name, size, taken = _head(head)
        start = at + taken
        if name in _ENTERED:
            yield _Element(name, start, start)
            at = start
        elif not taken or size == _UNKNOWN or start + size > end:
            at = _next_cluster(source, at + 1)
        else:
            at = start + size
            if name in _WANTED:
                yield _Element(name, start, at)


def _head(head: bytes) -> tuple[int, int, int]:
    """Id and size of an element, and how many bytes say so: none if these bytes begin no element."""
    width = 9 - head[0].bit_length()
    if width > 4:
        return 0, 0, 0
    size, taken = _vint(head[width:])
    if not taken:
        return 0, 0, 0
    return int.from_bytes(head[:width], "big"), size, width + taken


def _vint(data: bytes) -> tuple[int, int]:
    """A number of variable length (RFC 8794, 4), and how many bytes it takes: none if it is not whole."""
    width = 9 - data[0].bit_length() if data else 9
    if width > min(8, len(data)):
        return 0, 0
    ones = (1 << 7 * width) - 1
    value = int.from_bytes(data[:width], "big") & ones
    return (_UNKNOWN if value == ones else value), width


def _next_cluster(source: BinaryIO, at: int) -> int:
    """Where the next cluster begins, or the file ends; the further away it is, the more is read at once."""
    size = _PIECE
    while True:
        source.seek(at)
        piece = source.read(size)
        found = piece.find(_CLUSTER)
        if found >= 0:
            return at + found
        if len(piece) < size:
            return at + len(piece)
        at += size - len(_CLUSTER) + 1
        size = min(2 * size, _LARGEST_PIECE)


def _data(source: BinaryIO, element: _Element) -> bytes:
    source.seek(element.start)
    return source.read(min(element.stop - element.start, MOST_BLOCK))


def _number(source: BinaryIO, element: _Element, *, signed: bool = False) -> int:
    """The number that an element is; 0 if it is none."""
    data = _data(source, element)
    return int.from_bytes(data, "big", signed=signed) if len(data) <= 8 else 0


def _block(source: BinaryIO, element: _Element, wanted: int) -> tuple[int, list[bytes]]:
    """When a block of a track begins, in ticks of its cluster, and its packets: none if it is another track's or damaged."""
    source.seek(element.start)
    head = source.read(min(element.stop - element.start, 11))
    track, taken = _vint(head)
    if not taken or track != wanted or len(head) < taken + 3 or element.stop - element.start > MOST_BLOCK:
        return 0, []
    at = int.from_bytes(head[taken : taken + 2], "big", signed=True)
    return at, _packets(_data(source, element)[taken + 3 :], head[taken + 2] >> 1 & 3)


def _packets(data: bytes, lacing: int) -> list[bytes]:
    """The packets of a block: one, or several whose sizes stand before them in one of three ways; none if they do not fit."""
    if not lacing:
        return [data]
    if not data:
        return []
    count, at = data[0] + 1, 1
    match lacing:
        case 1:
            sizes, at = _xiph_sizes(data, count)
        case 2:
            sizes = [(len(data) - 1) // count] * (count - 1)
        case _:
            sizes, at = _ebml_sizes(data, count)
    last = len(data) - at - sum(sizes)
    if last < 0 or min(sizes, default=0) < 0:
        return []
    packets = []
    for size in (*sizes, last):
        packets.append(data[at : at + size])
        at += size
    return packets


def _xiph_sizes(data: bytes, count: int) -> tuple[list[int], int]:
    """The sizes of all packets but the last, each a sum of bytes up to one that is not 255, and where they end."""
    sizes, at = [], 1
    for _ in range(count - 1):
        size = 0
        while data[at : at + 1] == b"\xff":
            size, at = size + 255, at + 1
        sizes.append(size + (data[at] if at < len(data) else 0))
        at += 1
    return sizes, at


def _ebml_sizes(data: bytes, count: int) -> tuple[list[int], int]:
    """The sizes of all packets but the last, each but the first told by how much it differs, and where they end."""
    sizes: list[int] = []
    at = 1
    for _ in range(count - 1):
        value, taken = _vint(data[at : at + 8])
        if not taken or value == _UNKNOWN:
            return [-1], at
        sizes.append(sizes[-1] + value - ((1 << 7 * taken - 1) - 1) if sizes else value)
        at += taken
    return sizes, at
