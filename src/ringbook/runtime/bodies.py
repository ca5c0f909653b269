"""How large what is sent to the pages may be: told before it is taken, so that nobody fills the disk with one request."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 24 << 20
"""Bytes of an ordinary request: a long note, a list of contacts."""

MOST_UPLOADED = (2 << 30) + (1 << 20)
"""Bytes of an upload: two gigabytes of files, and what is around them."""

UPLOADS = ("/sources/upload/", "/recordings/upload")


class Bounded:
    """An application that is given no larger bodies than these. ``Content-Length`` is believed, and what comes is counted."""

    def __init__(self, app: ASGIApp, *, most: int = MOST, most_uploaded: int = MOST_UPLOADED) -> None:
        self._app = app
        self._most = most
        self._most_uploaded = most_uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        signed_in = b"sessionid=" in dict(scope["headers"]).get(b"cookie", b"")
        upload = scope["path"] in UPLOADS and signed_in
        most = self._most_uploaded if upload else self._most
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and int(announced) > most:
            await _refuse(scope, receive, send)
            return
        counted = 0

        async def counting() -> Message:
            nonlocal counted
            message = await receive()
            counted += len(message.get("body", b""))
            return {"type": "http.disconnect"} if counted > most else message

        await self._app(scope, counting, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    text = "This is larger than is taken at once. Send less, or import files with 'ringbook import' on the machine itself."
    await PlainTextResponse(text, status_code=413)(scope, receive, send)
