"""Records that are posted to us: ``POST /intake/{source}``, answered with 200 only when the body is on the disk.

A body is one complete stream. The spool knows it by the hash of its content: a sender that got no answer sends the same body
again, and while the first still waits on the spool the second is acknowledged without being stored; later repeats are found by
the ledger, which knows every record by its bytes. So delivery is at least once on the wire and exactly once in the ledger.

Whoever does not show the right token gets the same 401 whether or not the source exists.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Iterable, Sequence

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ringbook.capture.entries import Entry
from ringbook.capture.errors import SpoolUnavailableError
from ringbook.capture.health import Health, InputStatus, State
from ringbook.capture.spool import MIB, Spool, now
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret

log = structlog.get_logger()

BODY_S = 60.0
"""How long a sender may take over its body."""

_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""Every method comes here, so that a wrong one is told so, and not that there is no such page."""

_NOT_RECORDS = ("multipart/", "image/", "audio/", "video/", "font/")


class Endpoint(msgspec.Struct, frozen=True):
    """An ``http-post`` input: what is posted to it, and the token that senders must show."""

    place: Place
    token: Secret
    paused: bool = False  # somebody has it rest: what is posted is answered 503, so that senders keep it


class Refusal(Exception):  # noqa: N818  # an answer on its way out, not an error of ours
    """A request that is answered with a problem (RFC 9457); ``code`` is stable, ``detail`` says what to do."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> Response:
        """The answer."""
        body = {
            "type": f"urn:ringbook:problem:{self.code}",
            "title": self.code.replace("-", " "),
            "status": self.status,
            "detail": str(self),
        }
        return JSONResponse(
            body, status_code=self.status, headers=self.headers, media_type="application/problem+json"
        )


class HttpIntake:
    """The routes of the intake. ``held_bytes`` bounds the bodies that are in memory at the same time."""

    def __init__(
        self,
        spool: Spool,
        endpoints: Iterable[Endpoint],
        *,
        max_body_bytes: int = 16 * MIB,
        held_bytes: int | None = None,
        body_s: float = BODY_S,
    ) -> None:
        self._spool = spool
        self._endpoints: tuple[Endpoint, ...] = ()
        self._max_body = max_body_bytes
        self._most_held = held_bytes or max(64 * MIB, 4 * max_body_bytes)
        self._held = 0
        self._body_s = body_s
        self._health: dict[Endpoint, Health] = {}
        self.serve(endpoints)

    def serve(self, endpoints: Iterable[Endpoint]) -> None:
        """Take what is posted to these endpoints from now on, and to no others; those that stay keep their state."""
        kept = self._health
        self._endpoints = tuple(endpoints)
        self._health = {
            e: kept.get(e) or Health(e.place.source, e.place.input, "http-post", _path(e), now())
            for e in self._endpoints
        }
        for endpoint, health in self._health.items():
            if endpoint not in kept:
                health.now(State.STOPPED if endpoint.paused else State.LISTENING, now())

    @property
    def statuses(self) -> list[InputStatus]:
        """How each input is doing."""
        return [health.status for health in self._health.values()]

    def routes(self) -> list[Route]:
        """``POST /intake/{source}``, and ``/intake/{source}/{input}`` where a source has several."""
        return [
            Route("/intake/{source}", self.post, methods=_ANY),
            Route("/intake/{source}/{input}", self.post, methods=_ANY),
        ]

    async def post(self, request: Request) -> Response:
        """Take one body: 200 once it is durable, otherwise a problem that says what to do."""
        if request.method != "POST":
            return Refusal(405, "method-not-allowed", "post the records", Allow="POST").response()
        source = str(request.path_params["source"])
        name = str(request.path_params.get("input", ""))
        try:
            endpoint = self._permitted(source, name, request.headers.get("authorization", ""))
            _check_type(request.headers.get("content-type", ""))
            if endpoint.paused:
                detail = "this source rests; nothing was kept, send it again later"
                raise Refusal(503, "paused", detail, Retry_After="60")
            return await self._take(endpoint, request)
        except Refusal as refusal:
            known = any(e.place.source == source for e in self._endpoints)
            log.warning(
                "http.refused", source=source if known else "", status=refusal.status, code=refusal.code
            )
            return refusal.response()

    async def _take(self, endpoint: Endpoint, request: Request) -> Response:
        body = _Body(request.headers.get("content-encoding", ""), self._max_body)
        body.expect(request.headers.get("content-length", ""))
        try:
            await self._read(request, body)
            data = body.finish()
            seq = await self._store(endpoint, data)
        finally:
            self._held -= body.counted
        return JSONResponse({"received": len(data), "row": seq})

    async def _read(self, request: Request, body: _Body) -> None:
        try:
            async with asyncio.timeout(self._body_s):
                async for part in request.stream():
                    gained = body.add(part)
                    self._held += gained
                    body.counted += gained
                    if self._held > self._most_held:
                        raise Refusal(
                            503, "busy", "too many bodies at once; send again in a moment", Retry_After="1"
                        )
        except TimeoutError as error:
            raise Refusal(408, "too-slow", f"send the whole body within {self._body_s:.0f} s") from error
        except ClientDisconnect as error:
            raise Refusal(
                400, "cut-off", "the connection ended within the body; nothing was kept, send it again"
            ) from error

    def _of(self, endpoint: Endpoint) -> Health:
        """The state of an endpoint; one of its own for a body that was on its way when the endpoint was taken away."""
        return self._health.get(endpoint) or Health(
            endpoint.place.source, endpoint.place.input, "http-post", _path(endpoint), now()
        )

    async def _store(self, endpoint: Endpoint, data: bytes) -> int:
        place, health = endpoint.place, self._of(endpoint)
        entry = Entry(
            source=place.source,
            input=place.input,
            origin=origin_of(place, data),
            start=0,
            data=data,
            format=place.format,
            received_at=now(),
            last=True,
        )
        try:
            seq = await self._spool.append(entry, wait=False)
        except SpoolUnavailableError as error:
            health.now(State.PAUSED, now(), str(error))
            detail = "this body was not kept; send it again later. The log of Ringbook and its /healthz say what is wrong"
            raise Refusal(503, error.code, detail, Retry_After=str(error.retry_after_s)) from error
        health.now(State.LISTENING, now())
        health.received(len(data), now())
        return seq

    def _permitted(self, source: str, name: str, authorization: str) -> Endpoint:
        """The input that the request may post to. Compares as much for an unknown source as for a known one."""
        shown = _shown(authorization)
        found: Endpoint | None = None
        for endpoint in (*self._endpoints, _NOBODY):
            right = hmac.compare_digest(_digest(endpoint.token.reveal().encode()), _digest(shown))
            meant = endpoint.place.source == source and name in ("", endpoint.place.input)
            if right and meant and shown and endpoint is not _NOBODY and found is None:
                found = endpoint
        if found is None:
            raise Refusal(
                401,
                "not-permitted",
                "send the source's token as 'Authorization: Bearer TOKEN', or as the password of Basic authentication, "
                "to /intake/SOURCE with SOURCE as in ringbook.toml",
                WWW_Authenticate='Bearer realm="ringbook", Basic realm="ringbook"',
            )
        return found


class _Body:
    """A body as it arrives, unpacked, within its limit. ``counted`` is what the intake has counted for it."""

    def __init__(self, encoding: str, limit: int) -> None:
        match encoding.strip().lower():
            case "" | "identity":
                self._gzip = None
            case "gzip" | "x-gzip":
                self._gzip = zlib.decompressobj(wbits=31)
            case _:
                raise Refusal(
                    415, "unknown-encoding", "send the body as it is or with gzip", Accept_Encoding="gzip"
                )
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self.counted = 0

    def expect(self, length: str) -> None:
        """Refuse at once what is announced to be too long."""
        if length.isdecimal() and int(length) > self._limit:
            raise self._too_long()

    def add(self, part: bytes) -> int:
        """Keep the next bytes; how many they are, unpacked."""
        before = self._size
        if self._gzip is None:
            self._keep(part)
        while self._gzip is not None and part:
            part = self._unpack(self._gzip, part)
        return self._size - before

    def _unpack(self, gzip: zlib._Decompress, part: bytes) -> bytes:
        """Keep what the part unpacks to; what is left of it for another run."""
        if gzip.eof:  # a further gzip member
            gzip = self._gzip = zlib.decompressobj(wbits=31)
        try:
            self._keep(gzip.decompress(part, self._limit + 1 - self._size))
        except zlib.error as error:
            raise Refusal(
                400, "bad-gzip", "the body is announced as gzip and is not; send it whole or unpacked"
            ) from error
        return gzip.unused_data if gzip.eof else gzip.unconsumed_tail

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise self._too_long()
        self._parts.append(data)

    def finish(self) -> bytes:
        """The whole body."""
        if self._gzip is not None and not self._gzip.eof:
            raise Refusal(400, "bad-gzip", "the gzip body ends early; send it again")
        if not self._size:
            raise Refusal(400, "empty-body", "post the records themselves as the body")
        return b"".join(self._parts)

    def _too_long(self) -> Refusal:
        detail = f"a body may have {self._limit} bytes, unpacked; send fewer records at once or raise [server] max_body_mb"
        return Refusal(413, "body-too-long", detail)


def endpoints_of(places: Sequence[tuple[Place, Secret]], *, paused: bool = False) -> list[Endpoint]:
    """Endpoints for inputs and their tokens; an input without a token has none, so that nobody can post to it."""
    return [Endpoint(place, token, paused) for place, token in places if token]


def origin_of(place: Place, data: bytes) -> str:
    """The name under which a body is one stream: the same body to the same input has the same name."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (place.source.encode(), b"\0", place.input.encode(), b"\0", data):
        digest.update(part)
    return f"http:{place.input}:{digest.hexdigest()}"


def _check_type(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith(_NOT_RECORDS):
        detail = f"{kind} holds no call records; send text, CSV, JSON, XML or a form, with that content type"
        raise Refusal(415, "not-records", detail)


def _shown(authorization: str) -> bytes:
    """The token that a request shows: that of Bearer, or the password of Basic; empty if none."""
    scheme, _, rest = authorization.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip().encode("latin-1", "replace")
        case "basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
            except (binascii.Error, ValueError):
                return b""
        case _:
            return b""


def _digest(text: bytes) -> bytes:
    """Equal lengths for the comparison, so that its time does not tell the token's length."""
    return hashlib.sha256(text).digest()


def _path(endpoint: Endpoint) -> str:
    return f"/intake/{endpoint.place.source}"


_NOBODY = Endpoint(Place("", "", ""), Secret(""))
