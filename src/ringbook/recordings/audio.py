"""What is done with the samples of audio files: looked at, drawn, written in another format, silenced, cut, put together.

These functions run in a process of their own with limits (:mod:`ringbook.recordings.decoder`), because a decoder meets files that
somebody made to break it. They work block by block, so that an hour takes no more memory than a second. libsndfile reads WAV
(PCM, µ-law, A-law, GSM), AIFF, FLAC, MP3, Ogg Vorbis and Ogg Opus; the sound of WebM and Matroska is put into Ogg for it.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
import soundfile

from ringbook.recordings import matroska

Samples: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
"""Samples from -1 to 1, one row a moment, one column a channel."""

PEAKS_A_SECOND = 20
BLOCK_S = 30
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""Sample rates that Opus knows (RFC 6716)."""

OPUS_BITRATE = 24_000
"""Bits a second of speech in both directions together: about 11 MB an hour."""


class Probe(msgspec.Struct, frozen=True):
    """What a file of audio is."""

    container: str  # WAV, FLAC, OGG, MP3, WEBM …
    codec: str  # PCM_16, ULAW, ALAW, GSM610, OPUS …
    rate: int
    channels: int
    duration_s: float


class Span(msgspec.Struct, frozen=True):
    """From one second of a recording to before another."""

    start_s: float
    stop_s: float


def probe(file: Path) -> Probe:
    """What the file is; its length is counted where its header may be wrong, as it is after a crash of the recorder."""
    with _opened(file) as sound:
        frames = sound.frames
        if frames <= 0 or frames > _MOST_FRAMES:
            frames = sum(len(block) for block in _blocks(sound))
        container = matroska.kind(file) or sound.format
        return Probe(container, sound.subtype, sound.samplerate, sound.channels, frames / sound.samplerate)


def peaks(file: Path) -> bytes:
    """The outline of a recording, to draw: for each 1/20 s the lowest and highest sample of each channel, as int8."""
    with _opened(file) as sound:
        step = max(1, sound.samplerate // PEAKS_A_SECOND)
        return b"".join(_outline(block, step) for block in _blocks(sound, step * PEAKS_A_SECOND * BLOCK_S))


def _outline(block: Samples, step: int) -> bytes:
    short = -len(block) % step
    if short:
        block = np.concatenate([block, np.repeat(block[-1:], short, axis=0)])
    steps = block.reshape(-1, step, block.shape[1])
    found = np.stack([steps.min(axis=1), steps.max(axis=1)], axis=2)
    return bytes(np.clip(np.rint(found * 127), -127, 127).astype(np.int8).tobytes())


def write(file: Path, to: Path, form: str, spans: Sequence[Span] = (), cut: Span | None = None) -> Probe:
    """A copy in another form (``opus``, ``flac``, ``wav`` or ``mp3``), with spans silenced and only a part of it if told so.

    The form ``ogg`` is the sound of a WebM or Matroska file as it is, bit for bit, in a container that is easier to play.
    """
    if form == "ogg":
        to.write_bytes(_rewrapped(file))
        return probe(to)
    with _opened(file) as sound:
        rate, channels = sound.samplerate, sound.channels
        blocks = _between(_silenced(_blocks(sound), spans, rate), cut, rate)
        _written(blocks, to, form, rate, channels)
    return probe(to)


def together(left: Path, right: Path, to: Path, form: str = "flac") -> Probe:
    """One stereo file of two of one channel each, the shorter one filled up with silence."""
    with _opened(left) as one, _opened(right) as other:
        if one.samplerate != other.samplerate:
            raise ValueError(f"the two sides have different rates: {one.samplerate} and {other.samplerate}")
        pairs = itertools.zip_longest(_blocks(one), _blocks(other))
        _written((_side_by_side(a, b) for a, b in pairs), to, form, one.samplerate, 2)
    return probe(to)


def _side_by_side(left: Samples | None, right: Samples | None) -> Samples:
    sides = [np.zeros(0, np.float32) if side is None else side.mean(axis=1) for side in (left, right)]
    longest = max(len(side) for side in sides)
    return np.stack([np.pad(side, (0, longest - len(side))) for side in sides], axis=1)


def _opened(file: Path) -> soundfile.SoundFile:
    """The file, opened to be read, also if its recorder was ended before it could write into the header how long it is."""
    if matroska.kind(file):
        return soundfile.SoundFile(io.BytesIO(_rewrapped(file)))
    with file.open("rb") as source:
        if source.read(8)[4:] == b"ftyp":
            raise ValueError(_MP4)
    head = _mended(file)
    return soundfile.SoundFile(_Mended(file, head) if head else file)


def _rewrapped(file: Path) -> bytes:
    with file.open("rb") as source:
        return matroska.as_ogg(source)


def _mended(file: Path) -> bytes:
    """The beginning of a WAV file whose header says that it has no samples, although some follow; else nothing."""
    with file.open("rb") as source:
        head = bytearray(source.read(_HEAD))
    at = head.find(b"data", 12) if head[:4] == b"RIFF" and head[8:12] == b"WAVE" else -1
    if at < 0 or at + 8 > len(head) or int.from_bytes(head[at + 4 : at + 8], "little"):
        return b""
    size = file.stat().st_size
    head[at + 4 : at + 8] = min(size - at - 8, 2**32 - 1).to_bytes(4, "little")
    head[4:8] = min(size - 8, 2**32 - 1).to_bytes(4, "little")
    return bytes(head[: at + 8])


class _Mended(io.FileIO):
    """A file that is read as if it began otherwise."""

    def __init__(self, file: Path, head: bytes) -> None:
        super().__init__(file, "rb")
        self._head = head

    def readinto(self, into: Any) -> int:
        at = self.tell()
        count = super().readinto(into) or 0
        if at < len(self._head):
            instead = self._head[at : at + count]
            into[: len(instead)] = instead
        return count

    def read(self, size: int | None = -1) -> bytes:
        at = self.tell()
        data = super().read(-1 if size is None else size) or b""
        return (
            self._head[at : at + len(data)] + data[max(0, len(self._head) - at) :]
            if at < len(self._head)
            else data
        )


def _blocks(sound: soundfile.SoundFile, size: int = 0) -> Iterator[Samples]:
    """All samples, block by block; of GSM too, in which libsndfile cannot seek."""
    sound.seek(0) if sound.seekable() else None
    while len(block := sound.read(size or sound.samplerate * BLOCK_S, dtype="float32", always_2d=True)):
        yield block


def _silenced(blocks: Iterator[Samples], spans: Sequence[Span], rate: int) -> Iterator[Samples]:
    first = 0
    for block in blocks:
        for span in spans:
            start = max(0, round(span.start_s * rate) - first)
            stop = max(0, round(span.stop_s * rate) - first)
            block[start:stop] = 0
        first += len(block)
        yield block


def _between(blocks: Iterator[Samples], cut: Span | None, rate: int) -> Iterator[Samples]:
    if cut is None:
        yield from blocks
        return
    start, stop, first = round(cut.start_s * rate), round(cut.stop_s * rate), 0
    for block in blocks:
        part = block[max(0, start - first) : max(0, stop - first)]
        first += len(block)
        if len(part):
            yield part
        if first >= stop:
            return


def _written(blocks: Iterator[Samples], to: Path, form: str, rate: int, channels: int) -> None:
    if form == "opus" and rate not in OPUS_RATES:
        form = "flac"
    container, codec = _FORMS[form]
    options: dict[str, Any] = {}
    if form == "opus":
        options["compression_level"] = _opus_level(channels)
    with soundfile.SoundFile(to, "w", rate, channels, codec, format=container, **options) as sound:
        for block in blocks:
            sound.write(block)


def _opus_level(channels: int) -> float:
    """libsndfile's name for a bitrate: from 256 kbit/s a channel at 0 down to 6 at 1."""
    return (256_000 - OPUS_BITRATE / channels) / 250_000


_FORMS = {
    "opus": ("OGG", "OPUS"),
    "flac": ("FLAC", "PCM_16"),
    "wav": ("WAV", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
_MP4 = "it is an MP4 or M4A file, whose sound (AAC) cannot be played here; it is kept, and can be downloaded as it came"
_MOST_FRAMES = 2**40
_HEAD = 4_096
