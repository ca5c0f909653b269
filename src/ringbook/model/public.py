"""The public shape of a call: the same names and types in the terminal's ``--json``, in exports and in the API.

Times are RFC 3339 text in UTC, spans seconds, frames hexadecimal ids. Every key is always there; what the sources cannot
tell is ``null`` (``unknown`` for the words of a list), never zero.
"""

from __future__ import annotations

from typing import Any

from ringbook.model.call import AgentTalk, Call, Cause, Leg, Recording, Step, Transfer
from ringbook.model.instant import iso
from ringbook.model.party import Party


def public(call: Call) -> dict[str, Any]:
    """The call in its public shape, ready for JSON."""
    quality = call.quality
    return {
        "id": call.id,
        "tenant": call.tenant,
        "started_at": iso(call.started_at),
        "answered_at": iso(call.answered_at),
        "ended_at": iso(call.ended_at),
        "direction": call.direction.value,
        "outcome": call.outcome.value,
        "hangup_by": call.hangup_by.value,
        "cause": _cause(call.cause),
        "from": _party(call.caller),
        "to": _party(call.called),
        "dialled": call.dialled or None,
        "agents": [_agent(agent) for agent in call.agents],
        "queue": call.queue or None,
        "trunks": list(call.trunks) or None,
        "duration_s": call.duration_s,
        "wait_s": call.wait_s,
        "ring_s": call.ring_s,
        "talk_s": call.talk_s,
        "hold_s": call.hold_s,
        "transfers": [_transfer(transfer) for transfer in call.transfers],
        "legs": [_leg(leg) for leg in call.legs],
        "steps": [_step(step) for step in call.steps],
        "recordings": [_recording(recording) for recording in call.recordings],
        "quality": {
            "mos": quality.mos,
            "pdd_s": quality.pdd_s,
            "jitter_ms": quality.jitter_ms,
            "loss_pct": quality.loss_pct,
        },
        "cost": call.cost or None,
        "account": call.account or None,
        "sources": list(call.sources),
        "keys": list(call.keys),
        "frames": [frame.hex() for frame in call.frames],
        "revision": call.revision,
    }


FLAT_COLUMNS = (
    *("id", "tenant", "started_at", "answered_at", "ended_at", "direction", "outcome", "hangup_by"),
    *("cause_q850", "cause_sip", "cause_text", "from_number", "from_raw", "from_name"),
    *("to_number", "to_raw", "to_name", "dialled", "agents", "queue", "trunks"),
    *("duration_s", "wait_s", "ring_s", "talk_s", "hold_s", "transfers", "recordings"),
    *("mos", "pdd_s", "jitter_ms", "loss_pct", "cost", "account", "sources", "revision"),
)
"""The columns of a call in a table (CSV), in order; legs, steps, keys and frames have no place in one row."""


def flat(call: Call) -> dict[str, str]:
    """The call as one row of text under ``FLAT_COLUMNS``; what the sources cannot tell is empty.

    ``agents`` are extensions (or names) and ``trunks`` names with ``;`` between, ``transfers`` ``kind:by>to``,
    ``recordings`` their names.
    """
    shape = public(call)
    row = {name: shape.get(name) for name in FLAT_COLUMNS}
    row |= {f"cause_{name}": value for name, value in shape["cause"].items()}
    row |= {f"{side}_{name}": value for side in ("from", "to") for name, value in shape[side].items()}
    row |= shape["quality"]
    row["agents"] = ";".join(agent.extension or agent.name for agent in call.agents)
    row["trunks"] = ";".join(call.trunks)
    row["transfers"] = ";".join(f"{one.kind}:{one.by}>{one.to}" for one in call.transfers)
    row["recordings"] = ";".join(one.name for one in call.recordings)
    row["sources"] = ";".join(call.sources)
    return {name: _cell(row[name]) for name in FLAT_COLUMNS}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _party(side: Party) -> dict[str, Any]:
    return {"number": side.number or None, "raw": side.raw or None, "name": side.name or None}


def _cause(cause: Cause) -> dict[str, Any]:
    return {"q850": cause.q850, "sip": cause.sip, "text": cause.text or None}


def _agent(agent: AgentTalk) -> dict[str, Any]:
    return {"extension": agent.extension or None, "name": agent.name or None, "talk_s": agent.talk_s}


def _transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "kind": transfer.kind or None,
        "by": transfer.by or None,
        "to": transfer.to or None,
        "at": iso(transfer.at),
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "kind": leg.kind.value,
        "number": leg.number or None,
        "name": leg.name or None,
        "role": leg.role or None,
        "started_at": iso(leg.started_at),
        "rang_at": iso(leg.rang_at),
        "answered_at": iso(leg.answered_at),
        "ended_at": iso(leg.ended_at),
        "talk_s": leg.talk_s,
        "ring_s": leg.ring_s,
        "hold_s": leg.hold_s,
        "outcome": leg.outcome.value,
        "cause": _cause(leg.cause),
        "channel": leg.channel or None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "at": iso(step.at),
        "who": step.who or None,
        "name": step.name or None,
        "detail": step.detail or None,
        "frame": step.frame or None,
    }


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "name": recording.name,
        "id": recording.id or None,
        "started_at": iso(recording.started_at),
        "duration_s": recording.duration_s,
        "channels": recording.channels,
        "sha256": recording.sha256 or None,
        "evidence": recording.evidence or None,
        "confidence": recording.confidence,
    }
