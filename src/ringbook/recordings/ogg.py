"""Packets of Opus or Vorbis put into an Ogg stream (RFC 3533), in which libsndfile reads them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

LONGEST = 255 * 255 - 1
"""Bytes of the longest packet that is written: it and its end fit into one page. Packets of speech are a hundredth of that."""

_FIRST, _LAST = 2, 4
_SEGMENTS = 255
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Stream:
    """A stream of packets, written page by page; a page ends with a packet."""

    def __init__(self, headers: Sequence[bytes]) -> None:
        """The stream with its headers: the first on a page of its own, the audio on a new one."""
        self._out = io.BytesIO()
        self._packets: list[bytes] = []
        self._segments = self._position = self._pages = 0
        for header in headers:
            self.add(header, 0)
            self._flush()

    def add(self, packet: bytes, position: int) -> None:
        """Another packet; ``position`` is how many samples there are with it.

        :raises ValueError: it is longer than any packet of audio.
        """
        if len(packet) > LONGEST:
            raise ValueError(f"a packet of {len(packet)} bytes is longer than any of audio")
        segments = len(packet) // 255 + 1
        if self._segments + segments > _SEGMENTS:
            self._flush()
        self._packets.append(packet)
        self._segments += segments
        self._position = position

    def finished(self, position: int) -> bytes:
        """The whole stream, which has so many samples."""
        self._position = position
        self._flush(_LAST)
        return self._out.getvalue()

    def _flush(self, flags: int = 0) -> None:
        if not self._packets and not flags:
            return
        table = b"".join(b"\xff" * (len(one) // 255) + bytes([len(one) % 255]) for one in self._packets)
        body = b"".join(self._packets)
        flags |= 0 if self._pages else _FIRST
        start = struct.pack("<4sBBqII", b"OggS", 0, flags, self._position, 1, self._pages)
        rest = bytes([len(table)]) + table + body
        self._out.write(start + struct.pack("<I", _checksum(start + bytes(4) + rest)) + rest)
        self._packets.clear()
        self._segments = 0
        self._pages += 1


def _checksum(page: bytes) -> int:
    """The CRC of a page: that of zlib with the bits of each byte, and of the result, the other way round, and not inverted."""
    crc = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_REVERSED), "big")
