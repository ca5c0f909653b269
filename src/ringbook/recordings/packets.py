"""Packets of Opus and Vorbis as they come out of another container, put into Ogg with the positions that Ogg wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ringbook.recordings.ogg import LONGEST, Stream

GAP_S = 0.2
"""Seconds without packets from which silence is put in their place: a recorder paused, or none came in."""

MOST_GAPS_S = 6 * 3_600
"""Seconds of silence that are put in in all: a clock that jumps further is wrong."""

_RATE = 48_000
_SILENT_S = 0.02
_LONGEST = _RATE * 120 // 1_000


class Sound(Protocol):
    """What takes the packets of one track, in order."""

    def put(self, packets: Sequence[bytes], at_s: float, /) -> None:
        """Packets, the first of which is of that second of the file. One that is none is left out."""

    def finished(self, discard_s: float) -> bytes:
        """The whole as an Ogg file, without so many seconds at the end."""


class Opus:
    """Opus (RFC 6716, RFC 7845). Where packets are missing there is silence, so that what follows keeps its time."""

    def __init__(self, private: bytes) -> None:
        """:raises ValueError: what the container tells of it is not a head of Opus."""
        if len(private) < 19 or not private.startswith(b"OpusHead"):
            raise ValueError("what it tells of its sound is not what Opus needs")
        self._fills = private[18] == 0  # a packet of more than two channels is several in one
        self._stream = Stream([private, b"OpusTags" + bytes([8, 0, 0, 0]) + b"ringbook" + bytes(4)])
        self._position = self._filled = 0
        self._began_s: float | None = None
        self._stereo = 0

    def put(self, packets: Sequence[bytes], at_s: float, /) -> None:
        """Packets, the first of which is of that second of the file."""
        if self._began_s is None:
            self._began_s = at_s
        self._fill(at_s - self._began_s - self._position / _RATE)
        for packet in packets:
            samples = _samples(packet)
            if samples and len(packet) <= LONGEST:
                self._position += samples
                self._stereo = packet[0] & 4
                self._stream.add(packet, self._position)

    def finished(self, discard_s: float) -> bytes:
        """The whole as an Ogg file, without so many seconds at the end."""
        return self._stream.finished(_trimmed(self._position, discard_s, _RATE))

    def _fill(self, gap_s: float) -> None:
        if not self._fills or gap_s < GAP_S or self._filled * _SILENT_S + gap_s > MOST_GAPS_S:
            return
        for _ in range(int(gap_s / _SILENT_S)):
            self._filled += 1
            self._position += round(_SILENT_S * _RATE)
            self._stream.add(bytes([0xF8 | self._stereo, 0xFF, 0xFE]), self._position)  # CELT, 20 ms, silent


def _samples(packet: bytes) -> int:
    """How many samples a packet of Opus has at 48 kHz; 0 if it is none (RFC 6716, 3.1)."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (480, 960, 1_920, 2_880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    frames = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[code]
    return frame * frames if frame * frames <= _LONGEST else 0


def _trimmed(position: int, discard_s: float, rate: int) -> int:
    return position - min(max(0, round(discard_s * rate)), position)


class Vorbis:
    """Vorbis I. How many samples a packet gives is told by the modes in the setup header."""

    def __init__(self, private: bytes) -> None:
        """:raises ValueError: what the container tells of it are not the three headers of Vorbis."""
        headers = _three(private)
        shapes = headers[0][28] if len(headers[0]) == 30 else 0
        self._sizes = (1 << (shapes & 15), 1 << (shapes >> 4))
        self._rate = int.from_bytes(headers[0][12:16], "little")
        self._modes = _modes(headers[2])
        signs = [header[:7] for header in headers]
        if signs != [b"\x01vorbis", b"\x03vorbis", b"\x05vorbis"] or not self._modes:
            raise ValueError("what it tells of its sound is not what Vorbis needs")
        self._stream = Stream(headers)
        self._position = self._before = 0

    def put(self, packets: Sequence[bytes], _at_s: float, /) -> None:
        """Packets, in order; a gap between them is not filled."""
        for packet in packets:
            mode = packet[0] >> 1 & (1 << (len(self._modes) - 1).bit_length()) - 1 if packet else 0
            if not packet or packet[0] & 1 or mode >= len(self._modes) or len(packet) > LONGEST:
                continue
            size = self._sizes[self._modes[mode]]
            self._position += (self._before + size) // 4 if self._before else 0
            self._before = size
            self._stream.add(packet, self._position)

    def finished(self, discard_s: float) -> bytes:
        """The whole as an Ogg file, without so many seconds at the end."""
        return self._stream.finished(_trimmed(self._position, discard_s, self._rate))


def _three(private: bytes) -> list[bytes]:
    """The headers, which stand one after the other behind their number less one and the lengths of all but the last."""
    lengths, at = [], 1
    for _ in range(2):
        length = 0
        while at < len(private) and private[at] == 255:
            length, at = length + 255, at + 1
        length, at = length + (private[at] if at < len(private) else 0), at + 1
        lengths.append(length)
    first, second = at + lengths[0], at + sum(lengths)
    if private[:1] != b"\x02" or second >= len(private):
        raise ValueError("what it tells of its sound is not what Vorbis needs")
    return [private[at:first], private[first:second], private[second:]]


def _modes(setup: bytes) -> list[int]:
    """For each mode whether its blocks are long (1) or short (0).

    They are the end of the setup header: six bits with their number less one, 41 bits for each (of which 32 are always 0), and
    one bit that is set. Read from there, nothing before them has to be understood.
    """
    bits = int.from_bytes(setup, "little")
    end = bits.bit_length() - 1
    found: list[int] = []
    for count in range(1, 65):
        start = end - 41 * count
        if start < 6 or bits >> start + 1 & 0xFFFFFFFF:
            break
        if bits >> start - 6 & 63 == count - 1:
            found = [bits >> start + 41 * mode & 1 for mode in range(count)]
    return found


KNOWN: Mapping[str, Callable[[bytes], Sound]] = {"A_OPUS": Opus, "A_VORBIS": Vorbis}
"""What Matroska calls them."""
