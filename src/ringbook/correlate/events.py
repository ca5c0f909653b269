"""The call as told by channel events (Asterisk CEL): who was truly connected with whom, and when.

The events are laid out as channels and their stays in bridges (``events_channels``, ``events_bridges``), from which follow who
began the call, who the other party is and who talked with them (``events_trace``), what became of the call
(``events_outcome``), its hand-overs (``events_moves``), legs and timeline (``events_story``). Applications, streams and even
bridge events may be missing from a source; what hangs on them is then unknown or told from the answers alone.
"""

from __future__ import annotations

from ringbook.correlate.account import Account, Evidence
from ringbook.correlate.events_bridges import length_s
from ringbook.correlate.events_moves import moves
from ringbook.correlate.events_outcome import (
    answered_at,
    cause,
    ended_at,
    hangup_by,
    outcome,
    queue,
    ring,
    wait,
)
from ringbook.correlate.events_story import agents, legs, lines, steps
from ringbook.correlate.events_trace import Talk, Trace, talk, trace
from ringbook.model.call import Direction, Outcome
from ringbook.model.instant import Instant
from ringbook.model.party import Endpoint, EndpointKind, Number


def tell(evidence: Evidence) -> Account:
    """What the channel events tell about the call."""
    call = trace(evidence.events)
    talked = talk(call)
    answered = answered_at(call, talked)
    ended = ended_at(call, talked)
    ending = outcome(call, talked)
    handed = moves(call, talked)
    waited = queue(call, talked)
    spoken = _spoken(talked, ending.outcome)
    why = _why(call, answered, ended, ending.frame)
    trunks = lines(call)
    if trunks:
        why["trunks"] = next(iter(trunks.values()))
    if waited is not None:
        why["queue"] = waited.frame
    moved = next((event.frame for event in call.events if handed and event.at == handed[0].at), b"")
    if moved:
        why["transfers"] = moved
    return Account(
        started_at=_started(call),
        answered_at=answered[0] if answered else None,
        ended_at=ended[0] if ended else None,
        direction=call.direction,
        outcome=ending.outcome,
        hangup_by=hangup_by(call, talked),
        cause=cause(call, talked),
        caller=_caller(call),
        called=_called(call, talked),
        dialled=call.dialled,
        agents=agents(call, talked, evidence) if ending.outcome is not Outcome.UNKNOWN else None,
        queue=waited.name if waited is not None else "",
        trunks=tuple(trunks),
        wait_s=wait(call, talked),
        ring_s=ring(call, talked),
        talk_s=spoken,
        hold_s=_hold(talked),
        transfers=handed,
        legs=legs(call, talked),
        steps=steps(call, talked, handed),
        account=call.first.account,
        why=why,
    )


def _started(call: Trace) -> Instant | None:
    """When whoever began the call called; unknown where the log begins in the middle of the call."""
    return call.first.started_at if call.first.made else None


def _spoken(talked: Talk, became: Outcome) -> float | None:
    if not talked.spans:
        return None if became is Outcome.UNKNOWN else 0.0
    return length_s(talked.spans)


def _hold(talked: Talk) -> float | None:
    """Seconds on hold; None where nobody talked, or the source writes nothing about music."""
    if not talked.spans or not talked.hold_known:
        return None
    return length_s(talked.held)


def _caller(call: Trace) -> Endpoint:
    return call.first.end


def _called(call: Trace, talked: Talk) -> Endpoint | None:
    """Whom the call was to: outbound the outside party; else who talked first, who was rung, or what dealt with it."""
    channels = call.channels
    if call.direction is Direction.OUTBOUND:
        if not call.first.outside and talked.party:
            return channels[talked.party[0]].end
        if call.first.outside:
            return call.first.end
        asked = next((e.target for e in call.events if e.target.kind is EndpointKind.OUTSIDE), None)
        outside = call.first.shown if call.first.placed else asked or Endpoint(number=Number(call.dialled))
        return Endpoint(EndpointKind.OUTSIDE, outside.number, outside.name)
    talkers = [channels[name].end for name in (*talked.ours, *talked.outside)]
    if talkers:
        return talkers[0]
    if call.legs:
        return call.legs[0].end
    for use in (use for channel in channels.values() for use in channel.uses):
        return Endpoint(use.target.kind, Number(call.dialled), use.target.name)
    return Endpoint(EndpointKind.UNKNOWN, Number(call.dialled)) if call.dialled else None


def _why(
    call: Trace, answered: tuple[int, bytes] | None, ended: tuple[int, bytes] | None, decided: bytes
) -> dict[str, bytes]:
    first = call.first.frames.get("created", b"")
    why = dict.fromkeys(("started_at", "direction", "caller", "dialled", "account"), first)
    why["outcome"] = decided
    if answered:
        why |= dict.fromkeys(("answered_at", "called", "agents", "wait_s", "ring_s"), answered[1])
    if ended:
        why |= dict.fromkeys(("ended_at", "hangup_by", "cause", "talk_s"), ended[1])
    return {name: frame for name, frame in why.items() if frame}
