"""The door: how a command reaches the home, through the ``serve`` that holds it or by opening it itself.

The store admits one process. While ``serve`` runs, every other command asks it through a local socket that only this user may
open: one line of JSON with the operation and its arguments goes in, lines of JSON come back. Without ``serve`` the same
operations run in the command's own process. Either way a command sees the same answers and the same errors.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from ringbook.model.errors import AskError, RingbookError, SettingsError, StopError, WaitError

if TYPE_CHECKING:
    from ringbook.runtime.service import Service

log = structlog.get_logger()

SOCKET = "ringbook.sock"
_LONGEST_ASK = 16 << 20
_PATIENCE_S = 30.0
_GROUPS: dict[str, type[RingbookError]] = {
    e.__name__: e for e in (AskError, SettingsError, WaitError, StopError)
}


class Answers(Protocol):
    """Something that carries out operations."""

    def run(self, operation: str, arguments: Mapping[str, Any]) -> Generator[dict[str, Any]]:
        """The answers to an operation, as they come."""
        ...


class Remote:
    """The operations of a home that a ``serve`` holds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def run(self, operation: str, arguments: Mapping[str, Any]) -> Generator[dict[str, Any]]:
        """The answers to an operation, as they come; raises what it raised there."""
        with socket.socket(socket.AF_UNIX) as line:
            with _address(self._path) as address:
                line.connect(address)
            line.sendall(json.dumps({"operation": operation, "arguments": dict(arguments)}).encode() + b"\n")
            line.shutdown(socket.SHUT_WR)
            finished = False
            with line.makefile("rb") as answers:
                for answer in answers:
                    value = json.loads(answer)
                    if "error" in value:
                        raise _GROUPS.get(value["error"]["group"], RingbookError)(value["error"]["text"])
                    if value == {"finished": True}:
                        finished = True
                        break
                    yield value
        if not finished:
            raise WaitError("'ringbook serve' stopped before it had answered; run the command again")


@contextlib.contextmanager
def reach(folder: Path) -> Iterator[Answers]:
    """The operations of a home: through its ``serve`` if that runs, else by opening the home here."""
    path = folder / SOCKET
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        if _listening(path):
            yield Remote(path)
            return
        # only here, as these bring the store with them, which takes longer than most questions
        from ringbook.ledger.errors import LedgerBusyError
        from ringbook.runtime.home import Home
        from ringbook.runtime.service import Service

        try:
            home = Home.open(folder)
        except LedgerBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
            continue
        with home:
            yield Service(home)
        return


class Door:
    """The socket on which a running ``serve`` takes operations from commands."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._path = folder / SOCKET
        self._path.unlink(missing_ok=True)
        previous = os.umask(0o177)
        try:
            with _address(self._path) as address:
                self._server = _Server(address, _Handler)
        finally:
            os.umask(previous)
        self._server.service = service
        self._thread = threading.Thread(target=self._server.serve_forever, name="door", daemon=True)

    def open(self) -> None:
        """Begin to take operations."""
        self._thread.start()

    def close(self) -> None:
        """Take no more operations."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    service: Service


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line = self.rfile.readline(_LONGEST_ASK)
            if not line:
                return  # somebody only looked whether the door is open
            try:
                asked = json.loads(line)
                answers = self.server.service.run(asked["operation"], asked["arguments"])
            except (ValueError, KeyError, TypeError):
                self._say({"error": {"group": "AskError", "text": "the request was not understood"}})
                return
            with contextlib.closing(answers):
                self._answer(answers)

    def _answer(self, answers: Iterator[dict[str, Any]]) -> None:
        try:
            for answer in answers:
                self._say(answer)
        except RingbookError as error:
            group = next((name for name, kind in _GROUPS.items() if isinstance(error, kind)), "RingbookError")
            self._say({"error": {"group": group, "text": str(error)}})
            return
        except (BrokenPipeError, ConnectionResetError):
            raise  # the command went away: nobody is left to be told
        except Exception:  # the connection must be told, whatever happened
            log.exception("door.failed")
            text = "an unexpected error, please report it; the log of 'ringbook serve' has the particulars"
            self._say({"error": {"group": "StopError", "text": text}})
            return
        self._say({"finished": True})

    def _say(self, value: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(value).encode() + b"\n")


def _listening(path: Path) -> bool:
    if not path.exists():
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            with _address(path) as address:
                probe.connect(address)
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path as a socket address, of which 107 bytes are the most: a longer one leads through its opened folder."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    if not _OPENED.is_dir():
        raise SettingsError(
            f"the path of the home is too long for a local socket: {path.parent}; choose a shorter one"
        )
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield str(_OPENED / str(folder) / path.name)
    finally:
        os.close(folder)


_LONGEST_ADDRESS = 107

_OPENED = Path("/proc/self/fd")
"""Where Linux shows a process its open files as paths."""
