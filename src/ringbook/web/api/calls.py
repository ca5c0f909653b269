"""Calls: searched, looked at, counted by value."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpResponse
from ninja import Router
from ninja.params.functions import Query

from ringbook.desk.annotations import by_hand
from ringbook.desk.annotations.entry import Entry, EntryError, RepeatedKeyError
from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger, operations
from ringbook.model.call import Call, Direction
from ringbook.model.errors import AskError
from ringbook.model.instant import Instant, from_datetime, iso
from ringbook.search import pages
from ringbook.search.errors import UnknownCallError
from ringbook.search.facets import facet, facets
from ringbook.search.following import changes
from ringbook.web.annotating import by
from ringbook.web.api import schemas
from ringbook.web.api.operation import answered, operation, tagged
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.pages.call.evidence import records_for
from ringbook.web.shapes import shown, shown_many
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["calls"])

QUERY = "A question in the query language, such as `outcome:missed last:7d`; empty is all calls."
ZONE = "IANA time zone in which dates of the query are meant; the organisation's unless given."
CURSOR = "`next_cursor` of the page before, with everything else as it was."

FacetField = Annotated[
    str, Query(description="Fields to count by, with commas between: `outcome,direction,queue`.")
]


@operation(router, "GET", "/calls", Right.SEE_CALLS, answer=schemas.CallPage)
def search_calls(
    request: Asking,
    query: str = Query("", description=QUERY, max_length=4_000),
    limit: int = Query(50, ge=1, le=pages.MOST, description="Calls of a page."),
    cursor: str = Query("", description=CURSOR, max_length=500),
    total: bool = Query(True, description="Whether to count all calls that answer the query."),
    zone: str = Query("", description=ZONE, max_length=64),
) -> HttpResponse:
    """Search calls, newest first.

    Calls that arrive while one goes from page to page do not move the following pages.
    """
    viewer = request.viewer
    zone = zone_of(viewer, zone)
    page = pages.list_calls(
        ledger(),
        viewer.scope,
        query,
        limit=limit,
        cursor=cursor or None,
        zone=zone,
        now=viewer.now,
        me=viewer.handle,
    )
    count = (
        pages.count_calls(ledger(), viewer.scope, query, zone=zone, now=viewer.now, me=viewer.handle)
        if total
        else None
    )
    if not cursor:
        audit.record(viewer.actor, "calls:searched", query=query)
    return answered(
        {
            "items": shown_many(viewer, page.items),
            "next_cursor": page.next_cursor,
            "total": count,
        }
    )


@operation(
    router,
    "POST",
    "/calls",
    Right.SEE_CALLS,
    Right.LOG_CALLS,
    answer=schemas.Call,
    status=201,
    once=True,
)
def log_call(request: Asking, call: schemas.NewCall) -> HttpResponse:
    """Log a call by hand: one that no phone system knows of.

    It is marked as entered by the token's person, or by the token.
    """
    viewer = request.viewer
    if viewer.scope.restricted and call.agent:
        raise invalid("body", "agent", "you log your own calls only: leave it out")
    entry = Entry(
        direction=Direction(call.direction),
        outcome=call.outcome,
        agent=call.agent,
        agent_name=call.agent_name,
        at=_instant(call.started_at),
        number=call.number,
        name=call.name,
        talk_s=call.talk_s,
        medium=call.medium or "",
        zone=viewer.zone_name,
    )
    with _told():
        logged = by_hand.log_call(
            by(viewer),
            entry,
            note=call.note,
            tags=call.tags,
            key=request.headers.get("Idempotency-Key", ""),
        )
    return answered(
        shown(viewer, found(viewer, logged.call_id)), 201, Location=f"/api/v1/calls/{logged.call_id}"
    )


@operation(router, "GET", "/calls/facets", Right.SEE_CALLS, answer=schemas.Facets)
def count_calls_by(
    request: Asking,
    field: FacetField,
    query: str = Query("", description=QUERY, max_length=4_000),
    limit: int = Query(20, ge=1, le=1_000, description="Values of a field at most."),
    zone: str = Query("", description=ZONE, max_length=64),
    exact: bool = Query(False, description="Count all calls, however long that takes."),
) -> HttpResponse:
    """Count calls by the values of fields.

    How many of the calls that answer a query have each value, the most frequent first. Where there are very many calls, the
    newest ones are counted: those begun `since`. With `exact`, `since` is null and all are.
    """
    viewer = request.viewer
    names = list(dict.fromkeys(part.strip() for part in field.split(",")[:_MOST_FIELDS]))
    how: dict[str, Any] = {"zone": zone_of(viewer, zone), "now": viewer.now, "me": viewer.handle}
    since = None
    if exact:
        counts = {name: facet(ledger(), viewer.scope, query, name, limit=limit, **how) for name in names}
    else:
        found = facets(ledger(), viewer.scope, query, names, limit=limit, **how)
        counts, since = found.counts, found.since
    items = [
        {"field": name, "values": [{"value": one.value, "calls": one.calls} for one in counts[name]]}
        for name in names
    ]
    return answered({"query": query, "since": iso(since), "items": items})


@operation(router, "GET", "/calls/changes", Right.SEE_CALLS, answer=schemas.Changes)
def list_changes(
    request: Asking,
    since: str = Query(
        "", description="`next_cursor` of the answer before; without it, from the beginning.", max_length=500
    ),
    limit: int = Query(100, ge=1, le=1_000, description="Changes of an answer, about."),
) -> HttpResponse:
    """Stay up to date: every call that was written or revised since a cursor.

    Follow `next_cursor` while `more` is true, then ask again with it whenever you like. Every change comes at least once. A
    call that comes with `call` null was joined into `leads_to`, or is to be forgotten.
    """
    viewer = request.viewer
    found = changes(ledger(), viewer.scope, since, limit=limit)
    calls = [one.call for one in found.items if one.call is not None]
    shapes = {shape["id"]: shape for shape in shown_many(viewer, calls)}
    items = [{"id": one.id, "call": shapes.get(one.id), "leads_to": one.leads_to} for one in found.items]
    if items:
        audit.record(viewer.actor, "calls:followed", count=len(items))
    return answered({"items": items, "next_cursor": found.next_cursor, "more": found.more})


@operation(
    router,
    "GET",
    "/calls/{id}",
    Right.SEE_CALLS,
    answer=schemas.Call,
    headers=("If-None-Match",),
    also={304: None},
)
def get_call(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """Look at one call.

    The id of a call that was joined into another leads to that one. `ETag` changes with anything about it.
    """
    call = found(request.viewer, id)
    response = tagged(request, shown(request.viewer, call))
    if response.status_code == _OK:
        audit.record(request.viewer.actor, "call:seen", f"call:{call.id}")
    return response


@operation(
    router, "GET", "/calls/{id}/evidence", Right.SEE_CALLS, Right.SEE_EVIDENCE, answer=schemas.Evidence
)
def get_call_evidence(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """See where each value of a call came from.

    The records as they came, and which of them decided each value. Who may not see numbers may not see records; keys that
    somebody pressed are hidden from who may not silence recordings.
    """
    call = found(request.viewer, id)
    if request.viewer.scope.masked:
        raise Problem(
            "right", "Records have whole numbers in them, which you may not see.", right="see_evidence"
        )
    [answer] = operations().run("calls.show", {"id": call.id})
    audit.record(request.viewer.actor, "call:evidence", f"call:{call.id}")
    told = answer["evidence"]
    return answered({**told, "records": records_for(request.viewer, told["records"])})


def found(viewer: Viewer, call_id: str) -> Call:
    """The call with this whole id, or that it leads to; one outside the scope is answered as one that does not exist."""
    if not _ID.fullmatch(call_id):
        raise UnknownCallError
    return pages.show_call(ledger(), viewer.scope, str(uuid.UUID(call_id)))


class _told:  # noqa: N801  # reads as a word
    """Has what cannot be logged told as the problem that it is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case EntryError():
                raise invalid(
                    "body", {"at": "started_at"}.get(error.field, error.field), str(error)
                ) from None
            case RepeatedKeyError():
                raise Problem("key-reused", str(error)) from None
            case AskError():
                raise invalid("body", "", str(error)) from None
            case _:
                return


def _instant(text: str | None) -> Instant | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("body", "started_at", "write it as 2026-11-21T14:00:00Z") from None
    if at.tzinfo is None or not _EARLIEST <= at.year <= _LATEST:
        raise invalid("body", "started_at", "write it with its offset from UTC, as 2026-11-21T14:00:00Z")
    return from_datetime(at.astimezone(UTC))


def zone_of(viewer: Viewer, zone: str) -> str:
    """The zone that was asked for, else the viewer's."""
    if not zone:
        return viewer.zone_name
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid("query", "zone", f"{zone!r} is no IANA time zone, such as Europe/Vienna") from None
    return zone


_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_MOST_FIELDS = 12
_EARLIEST, _LATEST = 1985, 2089
_OK = 200
