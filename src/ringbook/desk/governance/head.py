"""Where the audit log stood last: kept beside the database, signed with the key of the home.

A chain of hashes shows a change in the middle, but not that entries at its end were cut off: what is left is a whole chain. So
the number and hash of the last entry stand in a file of the home too. What that shows: entries missing from the end, as long as
the file was not put back as well. What it cannot show: the work of somebody who has the home's key and writes log and file anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from django.conf import settings

FILE = "audit.head"
_threads = threading.Lock()


class Head(msgspec.Struct, frozen=True):
    """The last entry that was written."""

    seq: int
    hash: str
    seal: str = ""


class ForgedHeadError(ValueError):
    """The file does not hold what was written there."""


def advance(seq: int, entry_hash: str, *, first: bool) -> None:
    """Write down that this entry was the last, unless a later one is written there already.

    A file that is gone or was changed stays so, to be found by whoever verifies: only the first entry of all makes one.
    """
    with _alone() as file:
        try:
            before = read()
        except ForgedHeadError:
            return
        if before.seq >= seq if before else not first:
            return
        draft = file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(Head(seq, entry_hash, _seal(seq, entry_hash))))
        draft.replace(file)


def read() -> Head | None:
    """What is written down; None if nothing is. Raises :class:`ForgedHeadError`."""
    try:
        head = msgspec.json.decode(_file().read_bytes(), type=Head)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ForgedHeadError from error
    if not hmac.compare_digest(head.seal, _seal(head.seq, head.hash)):
        raise ForgedHeadError
    return head


def _file() -> Path:
    return Path(settings.RINGBOOK_HOME) / FILE


def _seal(seq: int, entry_hash: str) -> str:
    key = hashlib.sha256(b"audit head\n" + str(settings.SECRET_KEY).encode()).digest()
    return hmac.new(key, f"{seq}\n{entry_hash}".encode(), hashlib.sha256).hexdigest()


@contextmanager
def _alone() -> Iterator[Path]:
    """The file, while no other thread or process writes it."""
    file = _file()
    with _threads:
        descriptor = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(descriptor)
