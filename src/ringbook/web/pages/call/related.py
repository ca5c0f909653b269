"""What stands around a call: the calls before and after it in the list, other calls with its parties, its callback."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from ringbook.desk.directory.names import contact_of, numbers_of
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.instant import DAY, iso
from ringbook.model.party import EndpointKind, Party
from ringbook.model.scope import Scope
from ringbook.search import pages
from ringbook.search.errors import SearchError
from ringbook.search.plan import plan
from ringbook.web.guard import call_or_404, needs
from ringbook.web.shapes import shown, shown_many
from ringbook.web.viewer import Asking, Viewer

NEAR = 7 * DAY
SHOWN = 20
UNRETURNED = frozenset({Outcome.MISSED, Outcome.ABANDONED, Outcome.VOICEMAIL, Outcome.BUSY, Outcome.REJECTED})
_AT = "fromUnixTimestamp64Micro({%s:Int64}, 'UTC')"


@needs(Right.SEE_CALLS)
@require_GET
def around(request: Asking, call_id: str) -> HttpResponse:
    """Links to the calls before and after this one in the list that the viewer came from."""
    call, query = call_or_404(request, call_id), request.GET.get("q", "")
    try:
        newer, older = (_beside(request.viewer, call, query, newer=newer) for newer in (True, False))
    except SearchError:
        newer = older = ""
    return render(request, "call/_around.html", {"newer": newer, "older": older})


@needs(Right.SEE_CALLS)
@require_GET
def related(request: Asking, call_id: str) -> HttpResponse:
    """Calls with the same caller some days before and after; the callback of a missed call; what a callback returns."""
    call, viewer = call_or_404(request, call_id), request.viewer
    numbers = _numbers(viewer, call)
    others = _same(viewer, call, numbers) if numbers else []
    returned = _first_after(viewer, call, numbers) if numbers and call.outcome in UNRETURNED else None
    returns = _missed_before(viewer, call, numbers) if numbers and call.outcome not in UNRETURNED else None
    shapes = {
        one["id"]: one for one in shown_many(viewer, [one for one in (returned, returns, *others) if one])
    }
    context = {
        "others": [{"shape": shapes[one.id], "earlier": one.started_at < call.started_at} for one in others],
        "returned": shapes[returned.id] if returned else None,
        "returns": shapes[returns.id] if returns else None,
        "unreturned": call.outcome in UNRETURNED
        and call.direction is not Direction.OUTBOUND
        and bool(numbers),
        "has_number": bool(numbers),
        "outgoing": call.direction is Direction.OUTBOUND,
    }
    return render(request, "call/_related.html", context)


@needs(Right.SEE_CALLS)
@require_GET
def parties(request: Asking, call_id: str) -> HttpResponse:
    """Both sides with their contact and how often they called and were called."""
    call, viewer = call_or_404(request, call_id), request.viewer
    shape = shown(viewer, call)
    sides = [
        _side(viewer, name, shape[name], party)
        for name, party in (("from", call.caller), ("to", call.called))
    ]
    return render(request, "call/_parties.html", {"sides": sides})


class Side(msgspec.Struct, frozen=True):
    """One party: its shape, how many calls it made and got, and where those are listed."""

    name: str
    shape: dict[str, Any]
    made: int | None
    got: int | None
    made_url: str
    got_url: str
    name_url: str


def _side(viewer: Viewer, name: str, shape: dict[str, Any], party: Party) -> Side:
    number = party.number
    if not number or viewer.scope.masked:
        return Side(name, shape, None, None, "", "", "")
    queries = [f"from:{_quoted(number)}", f"to:{_quoted(number)}"]
    made, got = (_count(viewer, query) for query in queries)
    urls = [f"{reverse('calls')}?{urlencode({'q': query})}" for query in queries]
    nameable = party.kind is EndpointKind.OUTSIDE and not shape["contact"] and viewer.may(Right.EDIT_CONTACTS)
    name_url = f"{reverse('contact-new')}?{urlencode({'number': number})}" if nameable else ""
    return Side(name, shape, made, got, urls[0], urls[1], name_url)


def _count(viewer: Viewer, query: str) -> int | None:
    try:
        return pages.count_calls(
            ledger(), viewer.scope, query, zone=viewer.zone_name, now=viewer.now, me=viewer.handle
        )
    except SearchError:
        return None


def _beside(viewer: Viewer, call: Call, query: str, *, newer: bool) -> str:
    """The address of the next call of the list in one direction; empty if there is none."""
    asked = plan(query, viewer.scope, zone=viewer.zone_name, now=viewer.now, me=viewer.handle)
    at, sign, way = _AT % "here_at", ">" if newer else "<", "" if newer else " DESC"
    for width in (DAY, 30 * DAY, None):
        far = call.started_at + ((width or 0) if newer else -(width or 0))
        near = f" AND started_at {'<=' if newer else '>='} {_AT % 'far_at'}" if width else ""
        condition = (
            f"({asked.where}) AND started_at {sign}= {at}{near}"
            f" AND (started_at {sign} {at} OR toString(id) {sign} {{here_id:String}})"
        )
        params = {**asked.params, "here_at": call.started_at, "here_id": str(call.id), "far_at": far}
        found = ledger().select(
            viewer.scope, condition, params, order=f"started_at{way}, toString(id){way}", limit=1
        )
        if found:
            return f"{reverse('call', args=[found[0].id])}?{urlencode({'q': query})}"
    return ""


def _numbers(viewer: Viewer, call: Call) -> list[str]:
    """The outside number of a call and the other numbers of its contact."""
    sides = (
        [call.caller, call.called] if call.direction is not Direction.OUTBOUND else [call.called, call.caller]
    )
    outside = [one.number for one in sides if one.number and one.kind is EndpointKind.OUTSIDE]
    if not outside and call.direction in (Direction.INBOUND, Direction.OUTBOUND):
        outside = [one.number for one in sides[:1] if one.number]
    if not outside:
        return []
    contact = contact_of(viewer.scope, outside[0])
    return list(dict.fromkeys([outside[0], *(numbers_of(contact) if contact else [])]))[:20]


def _same(viewer: Viewer, call: Call, numbers: list[str]) -> list[Call]:
    after, before = iso(call.started_at - NEAR), iso(call.started_at + NEAR)
    query = f"{_any(numbers)} after:{after} before:{before}"
    page = pages.list_calls(
        ledger(), _unmasked(viewer), query, limit=SHOWN + 1, zone="UTC", now=viewer.now, me=viewer.handle
    )
    return [one for one in page.items if one.id != call.id][:SHOWN]


def _first_after(viewer: Viewer, call: Call, numbers: list[str]) -> Call | None:
    """The first later call with any of these numbers that somebody answered, or that we made."""
    asked = plan(
        f"{_any(numbers)} (outcome:answered or direction:outbound)",
        _unmasked(viewer),
        zone="UTC",
        now=viewer.now,
    )
    condition = f"({asked.where}) AND started_at > {_AT % 'here_at'} AND started_at < {_AT % 'far_at'}"
    params = {**asked.params, "here_at": call.started_at, "far_at": call.started_at + 30 * DAY}
    found = ledger().select(_unmasked(viewer), condition, params, order="started_at, id", limit=1)
    return found[0] if found else None


def _missed_before(viewer: Viewer, call: Call, numbers: list[str]) -> Call | None:
    """The missed call that this one returns: the last one before it, unless another call returned that already."""
    outcomes = ",".join(sorted(outcome.value for outcome in UNRETURNED))
    query = f"{_any(numbers)} outcome:{outcomes} direction:inbound"
    asked = plan(query, _unmasked(viewer), zone="UTC", now=viewer.now)
    condition = f"({asked.where}) AND started_at < {_AT % 'here_at'} AND started_at > {_AT % 'far_at'}"
    params = {**asked.params, "here_at": call.started_at, "far_at": call.started_at - NEAR}
    for missed in ledger().select(_unmasked(viewer), condition, params, limit=1):
        first = _first_after(viewer, missed, numbers)
        if first is not None and first.id == call.id:
            return missed
    return None


def _unmasked(viewer: Viewer) -> Scope:
    """The same calls, for questions of ours about the numbers of a call; what is found is masked when it is shown."""
    return Scope(viewer.scope.tenant, viewer.scope.reaches)


def _any(numbers: list[str]) -> str:
    return f"number:{','.join(_quoted(number) for number in numbers)}"


def _quoted(number: str) -> str:
    return '"' + number.replace("\\", "\\\\").replace('"', '\\"') + '"'
