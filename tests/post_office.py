"""A real mail server and a real receiver of webhooks on this machine, which keep what they are given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, cast

from aiosmtpd.controller import Controller


class PostOffice:
    """A mail server. ``answers`` says what it tells of an address when it is named as recipient; the rest gets 250."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = cast(EmailMessage, message_from_bytes(envelope.content, policy=default))
        self.letters += [(address, letter) for address in envelope.rcpt_tos]
        return "250 Message accepted for delivery"

    def to(self, address: str) -> list[EmailMessage]:
        """What came for an address."""
        return [letter for known, letter in self.letters if known == address]

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @contextmanager
    def open(self) -> Iterator[PostOffice]:
        """The server, running."""
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


@contextmanager
def post_office(settings: Any) -> Iterator[PostOffice]:
    """A running mail server that Django's settings name."""
    with PostOffice().open() as office:
        settings.MAIL_IS_SET_UP = True
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = ""
        settings.DEFAULT_FROM_EMAIL = "Ringbook <calls@northwind.example>"
        yield office


class _Controller(Controller):
    """A controller that can tell its port: the usual one knocks at the port that was asked for, which is none."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


class Posted(NamedTuple):
    """One message as a webhook got it."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A receiver of webhooks. ``status`` is what it answers."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.status = 204
        self.port = 0


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running receiver of webhooks."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.posted.append(Posted(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(kept.status)
            self.send_header("location", "http://192.0.2.1/")
            self.end_headers()

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
