"""Sealing: bytes encrypted in independent chunks, so that any part is read, and proved unchanged, without the rest.

A sealed object is ``RBV1``, the chunk size (u32, big-endian), and the chunks: each up to that many bytes under AES-256-GCM
(NIST SP 800-38D) with its 16-byte tag. The nonce is the chunk's index (u64) and whether it is the last, so that chunks cannot be
exchanged, repeated or left off unseen (the STREAM construction, Hoang et al. 2015). The key serves this object alone: it is
derived from the recording's key and the object's form by HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringbook.recordings.errors import DamagedRecordingError

MAGIC = b"RBV1"
CHUNK = 64 << 10
TAG = 16
_HEAD = struct.Struct(">4sI")
_NONCE = struct.Struct(">QB3x")

Fetch = Callable[[int, int], bytes]
"""Gives the stored bytes from a first to before a second position."""


def object_key(key: bytes, form: str) -> bytes:
    """The key of one object of a recording."""
    return HKDF(SHA256(), 32, salt=None, info=f"ringbook vault {form}".encode()).derive(key)


def sealed(parts: Iterable[bytes], key: bytes, chunk: int = CHUNK) -> Iterator[bytes]:
    """The sealed object, piece by piece; ``parts`` are the plain bytes, however cut."""
    cipher = AESGCM(key)
    yield _HEAD.pack(MAGIC, chunk)
    waiting = bytearray()
    index = 0
    for part in parts:
        waiting += part
        while len(waiting) > chunk:
            yield cipher.encrypt(_NONCE.pack(index, 0), bytes(waiting[:chunk]), None)
            del waiting[:chunk]
            index += 1
    yield cipher.encrypt(_NONCE.pack(index, 1), bytes(waiting), None)


class Sealed:
    """A sealed object that is read in parts. ``size`` is that of the plain bytes.

    :raises DamagedRecordingError: it is not a sealed object, or cut off.
    """

    def __init__(self, fetch: Fetch, stored: int, key: bytes) -> None:
        self._fetch = fetch
        self._cipher = AESGCM(key)
        head = fetch(0, min(_HEAD.size, stored))
        magic, self._chunk = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0)
        body = stored - _HEAD.size
        whole = self._chunk + TAG
        self.chunks = -(-body // whole) if self._chunk else 0
        self.size = body - self.chunks * TAG
        rest = body - (self.chunks - 1) * whole
        if magic != MAGIC or body < TAG or rest < TAG:
            raise DamagedRecordingError("its beginning or end is not that of a kept recording", 0)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The plain bytes from a first to before a second position, checked, a chunk at a time."""
        stop = min(stop, self.size)
        if start >= stop:
            return
        for index in range(start // self._chunk, (stop - 1) // self._chunk + 1):
            plain = self.chunk(index)
            first = index * self._chunk
            yield plain[max(0, start - first) : stop - first]

    def chunk(self, index: int) -> bytes:
        """One chunk.

        :raises DamagedRecordingError: it is not as it was written.
        """
        first = _HEAD.size + index * (self._chunk + TAG)
        stored = self._fetch(first, first + self._chunk + TAG)
        last = index == self.chunks - 1
        try:
            return self._cipher.decrypt(_NONCE.pack(index, last), stored, None)
        except InvalidTag:
            raise DamagedRecordingError(f"chunk {index} is not as it was written", index) from None

    def damaged(self) -> list[int]:
        """The chunks that are not as they were written; every byte is read."""
        found = []
        for index in range(self.chunks):
            try:
                self.chunk(index)
            except DamagedRecordingError:
                found.append(index)
        return found
