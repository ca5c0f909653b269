"""What the API answers when it cannot do what was asked: problem details (RFC 9457), each with what to do next.

Every problem has a type of its own, listed in ``KINDS``; the page of the API explains them.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from ringbook.desk.tokens.errors import RefusedTokenError
from ringbook.model.errors import AskError, RingbookError, StopError, WaitError
from ringbook.model.instant import iso
from ringbook.search.errors import CursorError, QuestionError, RemovedCallError, UnknownCallError
from ringbook.web.guard import Removed

log = structlog.get_logger()

TYPE = "/api/v1/docs#problem-"
MEDIA_TYPE = "application/problem+json"


class Kind(msgspec.Struct, frozen=True):
    """A kind of problem: its status, its title, and what it means to a program."""

    status: int
    title: str
    meaning: str


KINDS: dict[str, Kind] = {
    "query": Kind(
        400,
        "The query cannot be understood",
        "`position` is where it goes wrong (from 0, up to `position_end`), `hint` what may be meant.",
    ),
    "cursor": Kind(
        400,
        "The cursor cannot be used",
        "It is damaged, or belongs to another query, zone or token. Ask for the first page again.",
    ),
    "request": Kind(
        400, "The request cannot be carried out", "`detail` says why. Sending it again does not help."
    ),
    "body": Kind(400, "The body is not JSON", "The body could not be read as a JSON text in UTF-8."),
    "token-in-address": Kind(
        400,
        "A token does not belong into an address",
        "Addresses are logged and shared. Send `Authorization: Bearer rb_…`, and revoke a token that stood in an address.",
    ),
    "token": Kind(
        401,
        "A valid token is needed",
        "Send `Authorization: Bearer rb_…`. `detail` says what is wrong with the one that was sent.",
    ),
    "right": Kind(
        403,
        "The token may not do this",
        "`right` is the one that is missing. Make a token of another role, or with that right.",
    ),
    "csrf": Kind(
        403,
        "The page's proof is missing",
        "Requests with a session change something only with the `X-CSRFToken` header. Programs use tokens.",
    ),
    "not-found": Kind(
        404,
        "There is no such thing",
        "It does not exist, or this token may not see it: the two are never told apart.",
    ),
    "method": Kind(405, "This address cannot do that", "`Allow` names the methods that it has."),
    "conflict": Kind(409, "It stands in the way of something else", "`detail` says what of."),
    "in-progress": Kind(
        409,
        "The first request is still being answered",
        "A request with this Idempotency-Key is under way. Ask again after `Retry-After`.",
    ),
    "removed": Kind(
        410,
        "It was removed for good",
        "`removed_at` is when, `ground` and `reference` are under what. Forget what you have of it.",
    ),
    "changed": Kind(
        412,
        "Somebody changed it meanwhile",
        "`current` is how it stands now, `yours` what was sent. Decide, and send it again with the current ETag.",
    ),
    "too-large": Kind(413, "The body is too large", "`most` is how many bytes it may have."),
    "media-type": Kind(415, "The body has to be JSON", "Send `Content-Type: application/json`."),
    "invalid": Kind(
        422,
        "Some values cannot be accepted",
        "`errors` names each of them, where it stands and what is wrong with it.",
    ),
    "key-reused": Kind(
        422,
        "The Idempotency-Key was used for something else",
        "A key stands for one request: take a new one for another.",
    ),
    "precondition": Kind(
        428,
        "Say which version this is about",
        "Send `If-Match` with the ETag that was read, so that nobody's words are lost.",
    ),
    "rate": Kind(
        429,
        "Too many requests",
        "Wait as many seconds as `Retry-After` says. `RateLimit` in every answer tells how many are left.",
    ),
    "internal": Kind(
        500, "A mistake of ours", "Please report it. The log of 'ringbook serve' has the particulars."
    ),
    "unavailable": Kind(
        503, "Not now", "A store cannot be reached, or is busy. Ask again after `Retry-After`."
    ),
}
"""All kinds of problems, by the last part of their type."""


class Problem(Exception):  # noqa: N818  # it is what RFC 9457 calls it
    """A problem that an operation answers with."""

    def __init__(
        self, kind: str, detail: str = "", *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}
        self.more = more
        super().__init__(detail or KINDS[kind].title)


def invalid(where: str, name: str, problem: str) -> Problem:
    """The problem that one value has."""
    errors = [{"where": where, "name": name, "problem": problem}]
    return Problem("invalid", errors=errors)


def answer(problem: Problem) -> HttpResponse:
    """The response that a problem is."""
    kind = KINDS[problem.kind]
    body = {
        "type": TYPE + problem.kind,
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail or kind.meaning.replace("`", ""),
        **problem.more,
    }
    response = HttpResponse(msgspec.json.encode(body), status=kind.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def of(error: Exception) -> Problem:
    """The problem that an error is to the program that asked."""
    match error:
        case Problem():
            return error
        case QuestionError():
            return Problem(
                "query",
                error.problem,
                query=error.question,
                position=error.start,
                position_end=error.stop,
                hint=error.hint or None,
            )
        case CursorError():
            return Problem("cursor", str(error))
        case RemovedCallError(removed=one) | Removed(erasure=one):
            detail = "This call was removed for good."
            return Problem(
                "removed", detail, removed_at=iso(one.at), ground=one.ground.value, reference=one.reference
            )
        case UnknownCallError() | Http404():
            return Problem(
                "not-found", "There is no such call." if isinstance(error, UnknownCallError) else str(error)
            )
        case RefusedTokenError():
            return Problem("token", str(error), headers=CHALLENGE)
        case RequestDataTooBig():
            return Problem("too-large")
        case PermissionDenied():
            return Problem("right")
        case _:
            return _other(error)


def _other(error: Exception) -> Problem:
    match error:
        case ValidationError():
            return Problem("invalid", errors=[_invalid(one) for one in error.errors])
        case HttpError() if error.status_code < 500:
            return Problem("body", "The body could not be read as JSON.")
        case WaitError() | StopError():
            return Problem("unavailable", str(error), headers={"Retry-After": "10"})
        case AskError() | RingbookError():
            return Problem("request", str(error))
        case _:
            log.exception("api.failed", exc_info=error)
            return Problem("internal")


def handle(api: NinjaAPI) -> None:
    """Have the API answer every error with its problem."""

    def answered(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:  # noqa: ARG001
        return answer(of(error if isinstance(error, Exception) else error()))

    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, answered)


def _invalid(error: dict[str, Any]) -> dict[str, Any]:
    """Where a value stands and what is wrong with it, in words."""
    where, *path = (str(part) for part in error.get("loc", ("body",)))
    return {"where": where, "name": ".".join(path), "problem": str(error.get("msg", ""))}


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Ringbook"'}
