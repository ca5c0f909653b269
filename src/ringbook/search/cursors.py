"""Page markers: where a list goes on, as text that is opaque, versioned and checked.

A marker holds the place of the last call shown and the instant at which the list was begun, so that ``last:7d`` and
``today`` mean the same on every page. It belongs to one question, viewer's zone and scope. It grants nothing: what may be
seen is decided by the scope of every single read, so its check guards against mistakes, not against forgery.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import uuid

import msgspec

from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.search.errors import CursorError
from ringbook.search.language import parse, text

_VERSION = 1
_LAYOUT = struct.Struct(">Bqq16s8s")
_CHECK_BYTES = 7
_AGAIN = "Ask for the first page again, without a cursor."


class Place(msgspec.Struct, frozen=True):
    """A call's place in a list, and when the list was begun."""

    started_at: Instant
    id: CallId
    now: Instant


def seal(place: Place, question: str, zone: str, scope: Scope) -> str:
    """The marker of a place in the list that answers a question."""
    body = _LAYOUT.pack(
        _VERSION, place.started_at, place.now, uuid.UUID(place.id).bytes, _mark(question, zone, scope)
    )
    return base64.urlsafe_b64encode(body + _check(body)).decode().rstrip("=")


def unseal(cursor: str, question: str, zone: str, scope: Scope) -> Place:
    """The place that a marker of this question means.

    :raises CursorError: if it was changed, cut, made by another version, or belongs to another question.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorError(f"The cursor is damaged. {_AGAIN}") from None
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if body[:1] and body[0] != _VERSION and check == _check(body):
        raise CursorError(f"The cursor was made by another version of Ringbook. {_AGAIN}")
    if len(body) != _LAYOUT.size or check != _check(body):
        raise CursorError(f"The cursor is damaged. {_AGAIN}")
    _, started_at, now, call, mark = _LAYOUT.unpack(body)
    if mark != _mark(question, zone, scope):
        raise CursorError(f"The cursor belongs to another question, time zone or viewer. {_AGAIN}")
    return Place(started_at, CallId(str(uuid.UUID(bytes=call))), now)


def _mark(question: str, zone: str, scope: Scope) -> bytes:
    """What tells questions apart: their meaning as written, not their spaces."""
    said = "\0".join((text(parse(question)), zone, scope.tenant, _seen(scope)))
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=8).digest()


def seen_by(scope: Scope) -> bytes:
    """What tells readers apart: their tenant and what they see of it."""
    said = f"{scope.tenant}\0{_seen(scope)}"
    return hashlib.blake2b(said.encode(errors="surrogatepass"), digest_size=8).digest()


def _seen(scope: Scope) -> str:
    """What of a tenant the scope shows, in whatever order it is told."""
    if scope.reaches is None:
        return "masked" if scope.masked else ""
    reaches = sorted(repr(reach) for reach in set(scope.reaches))
    return f"{scope.masked} {reaches}"


def _check(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK_BYTES, person=b"ringbook-cursor").digest()
