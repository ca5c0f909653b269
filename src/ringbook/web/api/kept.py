"""Requests that are sent twice are carried out once: the answer to an Idempotency-Key is kept for a day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ringbook.desk.tokens.models import KeptAnswer
from ringbook.web.api.problems import Problem
from ringbook.web.viewer import Viewer

KEPT_FOR = timedelta(hours=24)
_GIVEN_UP = timedelta(minutes=10)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_HEADERS = ("Content-Type", "ETag", "Location")


def once(request: HttpRequest, viewer: Viewer, carry_out: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer to a request, which is carried out unless one with the same key was; without a key always."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return carry_out()
    if not _KEY.fullmatch(key):
        raise Problem("invalid", errors=[_BAD_KEY])
    asked = _asked(request)
    kept = _claim(viewer, key, asked)
    if kept.status:
        return _again(kept)
    try:
        response = carry_out()
    except BaseException:
        kept.delete()
        raise
    if not isinstance(response, HttpResponse) or not _final(response.status_code):
        kept.delete()
        return response
    kept.status = response.status_code
    kept.headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    kept.body = response.content.decode()
    kept.save(update_fields=["status", "headers", "body"])
    return response


def _claim(viewer: Viewer, key: str, asked: str) -> KeptAnswer:
    """The row of this key: a new one whose status is 0, or the one with the answer."""
    now = datetime.now(UTC)
    KeptAnswer.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    mine = {"actor": viewer.actor.id, "key": key}
    KeptAnswer.objects.filter(**mine, status=0, made_at__lt=now - _GIVEN_UP).delete()
    try:
        with transaction.atomic():
            made: KeptAnswer = KeptAnswer.objects.create(
                **mine, tenant=viewer.scope.tenant, asked=asked, made_at=now
            )
            return made
    except IntegrityError:
        there: KeptAnswer | None = KeptAnswer.objects.filter(**mine).first()
    if there is None or (there.asked == asked and not there.status):
        raise Problem("in-progress", headers={"Retry-After": "1"})
    if there.asked != asked:
        raise Problem("key-reused")
    return there


def _again(kept: KeptAnswer) -> HttpResponse:
    response = HttpResponse(kept.body, status=kept.status)
    for name, value in kept.headers.items():
        response.headers[name] = value
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _asked(request: HttpRequest) -> str:
    text = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(text + request.body).hexdigest()


def _final(status: int) -> bool:
    """Whether sending the request again would be answered in the same way."""
    return status < 500 and status not in (401, 403, 429)


_BAD_KEY = {"where": "header", "name": "Idempotency-Key", "problem": "1 to 200 visible ASCII characters"}
