"""Things that tests do to a ledger in a process of its own: ``python -m tests.ledger.child TASK ARGUMENT…``."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import msgspec

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.errors import LedgerBusyError, LedgerUnwritableError
from ringbook.ledger.ledger import open_ledger
from ringbook.ledger.verify import verify
from ringbook.model.scope import Scope

from .made import MINUTE, batch

TENANT = "main"
SIZE = 20


def numbered(number: int) -> Batch:
    """The ``number``-th of a run of batches, each of which also joins two calls of the one before and moves their start."""
    made = batch(TENANT, number, SIZE)
    if number == 0:
        return made
    one, two, *_ = batch(TENANT, number - 1, SIZE).calls
    joined = msgspec.structs.replace(
        one, revision=2, started_at=one.started_at - 45 * 24 * 60 * MINUTE, frames=one.frames + two.frames
    )
    return msgspec.structs.replace(
        made, calls=[*made.calls, joined], gone=[Gone(two.id, two.started_at, 1, one.id)]
    )


def write(address: str, acknowledged: str, count: str) -> None:
    """Write so many batches, noting each after it was written; begin with the one after the last noted."""
    ledger = open_ledger(address)
    note = Path(acknowledged)
    number = len(note.read_bytes()) if note.exists() else 0
    with note.open("ab", buffering=0) as file:
        print("ready", flush=True)
        for _ in range(int(count)):
            ledger.write(numbered(number))
            file.write(b".")
            number += 1
    ledger.close()


def check(address: str) -> None:
    """What the ledger holds."""
    ledger = open_ledger(address)
    scope = Scope(TENANT)
    differences = [finding.text for finding in verify(ledger, scope) if finding.differs]
    frames = sum(1 for _ in ledger.frames_between(scope, None, 0, 2**52))
    print(json.dumps({"calls": ledger.count(scope), "frames": frames, "differences": differences}))
    ledger.close()


def hold(address: str) -> None:
    """Keep the ledger open until the parent closes standard input."""
    ledger = open_ledger(address)
    print("ready", flush=True)
    sys.stdin.read()
    ledger.close()


def busy(address: str) -> None:
    """Try to open a ledger that is in use."""
    try:
        open_ledger(address)
    except LedgerBusyError as error:
        print(error)


def choke(address: str) -> None:
    """Write until files may not grow any more, then report the error and whether the batch before it stands."""
    ledger = open_ledger(address)
    scope = Scope(TENANT)
    ledger.write(numbered(0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, free[1]))
    message = ""
    try:
        ledger.write(numbered(1))
    except LedgerUnwritableError as error:
        message = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, free)
    before = ledger.count(scope)
    ledger.write(numbered(1))
    differences = [finding.text for finding in verify(ledger, scope) if finding.differs]
    print(
        json.dumps(
            {"error": message, "before": before, "after": ledger.count(scope), "differences": differences}
        )
    )
    sys.stdout.flush()
    os._exit(0)


def read_beside_writing(address: str, rounds: str) -> None:
    """Count calls while revisions move and join them: how many different counts a reader saw, and how many in the end."""
    import threading

    ledger = open_ledger(address)
    scope = Scope(TENANT)
    first = batch(TENANT, 0, SIZE)
    ledger.write(first)
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(ledger.count(scope))

    reader = threading.Thread(target=read)
    reader.start()
    for revision in range(2, 2 + int(rounds)):
        moved = [
            msgspec.structs.replace(
                c, revision=revision, started_at=c.started_at + (revision % 3 - 1) * 60 * 24 * 60 * MINUTE
            )
            for c in first.calls
        ]
        ledger.write(Batch(tenant=TENANT, calls=moved))
        time.sleep(0.01)
    done.set()
    reader.join()
    print(json.dumps({"seen": sorted(seen)}))
    ledger.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
