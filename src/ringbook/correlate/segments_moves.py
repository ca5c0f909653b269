"""Who handed the call to whom: what segments state, and what shows in who had the call before and after."""

from __future__ import annotations

from collections.abc import Sequence

from ringbook.correlate.segments_timing import Stretch, label
from ringbook.model.call import Transfer
from ringbook.model.party import Endpoint, EndpointKind

FORWARD, BLIND, ATTENDED, PARK, PICKUP = "forward", "blind", "attended", "park", "pickup"
UNTOLD = "transfer"
"""What a segment says that knows of a transfer but not whether the transferrer spoke with the target first."""


def moves(parts: Sequence[Stretch]) -> list[Transfer | None]:
    """For each stretch the hand-over that began it, if one did."""
    found: list[Transfer | None] = []
    for index, part in enumerate(parts):
        made = _stated(parts, index) or _shown(parts[index - 1] if index else None, part)
        found.append(None if made in found else made)
    return found


def _stated(parts: Sequence[Stretch], index: int) -> Transfer | None:
    part = parts[index]
    said = part.said
    by = _known(parts, said.transferred_by)
    if not by and not said.transfer_kind:
        return None
    to = _newcomer(parts, index)
    if not by:
        by = _transferrer(parts, index)
        if not by and "id" in said.extra:
            return None  # the segments name one another, and no person had the call before: a menu or queue passed it on
    kind = said.transfer_kind
    if kind in (UNTOLD, BLIND) and _spoke(parts[:index], by, to):
        kind = ATTENDED
    elif kind == UNTOLD:
        kind = BLIND
    return None if by and by == to else Transfer(kind, by, to, part.started_at)


def _newcomer(parts: Sequence[Stretch], index: int) -> str:
    """Who came on with this stretch: whom it reached or, where that party was on the call already, the other end."""
    said = parts[index].said
    before = {label(end) for p in parts[:index] if p.person for end in (p.said.caller, p.said.reached)}
    caller, reached = label(said.caller), label(said.reached)
    return caller if reached in before and caller and caller not in before else reached


def _known(parts: Sequence[Stretch], who: Endpoint) -> str:
    """How the transferrer is called in this call: a name alone is that of whoever bears it in another segment."""
    if who.name and label(who) == who.name:
        for part in parts:
            for end in (part.said.reached, part.said.caller):
                if end.name == who.name and end.kind is EndpointKind.PERSON:
                    return label(end)
    return label(who)


def _transferrer(parts: Sequence[Stretch], index: int) -> str:
    """The person who had the call before this stretch and is not on it."""
    part = parts[index]
    here = {label(part.said.caller), label(part.said.reached)}
    for before in (p for p in parts if p is not part and _leads(p, part)):
        if part.said.transfer_kind in (FORWARD, PICKUP):
            if before.kind is EndpointKind.PERSON:
                return label(before.said.reached)
        elif before.person:
            ends = (before.said.reached, before.said.caller)
            gone = [label(end) for end in ends if end.kind is EndpointKind.PERSON and label(end) not in here]
            if gone:
                return gone[0]
    if "id" in part.said.extra:
        caller = part.said.caller  # a segment that somebody forwarded may name them as the one who placed it
        began = label(caller) in (label(parts[0].said.caller), "")
        forwarded = part.said.transfer_kind == FORWARD and caller.kind is EndpointKind.PERSON and not began
        return label(caller) if forwarded else ""
    for before in reversed(parts[:index]):
        ends = (before.said.reached, before.said.caller)
        gone = [label(end) for end in ends if end.kind is EndpointKind.PERSON and label(end) not in here]
        if before.person and len(gone) == 1:
            return gone[0]
    return ""


def _leads(before: Stretch, after: Stretch) -> bool:
    """Whether a segment says that it goes on in the other, or the other that it came from it."""
    one, two = before.said.extra, after.said.extra
    return bool(one.get("id")) and (
        one["id"] in (two.get("base"), two.get("from")) or one.get("next") == two.get("id")
    )


def _spoke(parts: Sequence[Stretch], by: str, to: str) -> bool:
    """Whether the transferrer spoke with the target before."""
    pair = {by, to}
    return bool(by and to) and any(
        p.person and {label(p.said.caller), label(p.said.reached)} == pair for p in parts
    )


def _shown(before: Stretch | None, part: Stretch) -> Transfer | None:
    """A call that somebody of ours had answered and that goes on with somebody else was handed over; how is not said."""
    if before is None or not before.said.continues or not before.person:
        return None
    if part.kind is EndpointKind.CONFERENCE or part.said.caller.kind is EndpointKind.CONFERENCE:
        return None
    if before.ended_at is None or part.started_at is None or part.started_at < before.ended_at:
        return None  # both at once: a consultation, or a phone that rang beside it
    for one, two in (
        (before.said.reached, part.said.reached),
        (before.said.caller, part.said.caller),
    ):
        if one.kind is EndpointKind.PERSON and label(two) and label(one) != label(two):
            parked = before.said.extra.get("park_s", "0") != "0"
            return Transfer(PARK if parked else "", label(one), label(two), part.started_at)
    return None
