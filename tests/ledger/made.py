"""Calls, frames and batches made for tests. All numbers are fictitious (555-01xx)."""

from __future__ import annotations

import hashlib
import uuid

import msgspec
import xxhash

from ringbook.ledger.batch import Batch, KeyRow, Position, Tally
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Leg,
    Outcome,
    Recording,
    Step,
    StepKind,
    Transfer,
)
from ringbook.model.frame import FrameKind, FrameRow, frame_id
from ringbook.model.instant import SECOND
from ringbook.model.party import EndpointKind, Party

BASE = 1_795_283_050_453_000  # 2026-11-21T17:44:10.453Z
MINUTE = 60 * SECOND


def id_at(at: int, name: str) -> CallId:
    """A call's id that carries an instant."""
    digest = hashlib.blake2b(name.encode(), digest_size=10).digest()
    raw = bytearray((at // 1000).to_bytes(6, "big") + digest)
    raw[6], raw[8] = 0x80 | (raw[6] & 0x0F), 0x80 | (raw[8] & 0x3F)
    return CallId(str(uuid.UUID(bytes=bytes(raw))))


def frame(tenant: str, name: str, at: int = BASE, **fields: object) -> FrameRow:
    """A stated frame about a call, unless told otherwise."""
    data = f"record {name}\n".encode()
    row = FrameRow(
        id=frame_id("pbx", data, at),
        tenant=tenant,
        source="pbx",
        format="asterisk_cdr_csv",
        kind=FrameKind.STATED,
        stated_at=at,
        about_call=True,
        data=data,
        origin="/var/log/cdr.csv",
        received_at=at + SECOND,
    )
    return msgspec.structs.replace(row, **fields)


def key_of(name: str) -> int:
    """The hash of a key."""
    return xxhash.xxh3_64_intdigest(name.encode())


def call(tenant: str, name: str, at: int = BASE, **fields: object) -> Call:
    """A small call that rests on one frame, ``frame(tenant, name, at)``."""
    made = Call(
        id=id_at(at, f"{tenant} {name}"),
        tenant=tenant,
        started_at=at,
        caller=Party("+12125550101", "2125550101", "Ann Example", EndpointKind.OUTSIDE),
        called=Party("101", "101", "Bo", EndpointKind.PERSON),
        outcome=Outcome.MISSED,
        duration_s=12.5,
        sources=("pbx",),
        keys=(f"u:{name}",),
        frames=(frame(tenant, name, at).id,),
    )
    return msgspec.structs.replace(made, **fields)


def full_call(tenant: str, at: int = BASE) -> Call:
    """A call with something in every field."""
    frames = tuple(frame(tenant, f"full {n}", at).id for n in range(3))
    return Call(
        id=id_at(at, f"{tenant} full"),
        tenant=tenant,
        started_at=at,
        answered_at=at + 7_123_456,
        ended_at=at + 95 * SECOND + 1,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        hangup_by=HangupBy.CALLER,
        cause=Cause(16, 200, "Normal Clearing"),
        caller=Party("+12125550123", "(212) 555-0123", 'Zoë "Z" O\'Neil\t\\ 東京', EndpointKind.OUTSIDE),
        called=Party("101", "101", "Bo", EndpointKind.PERSON),
        dialled="+12125550100",
        agents=(AgentTalk("101", "Bo", 60.25), AgentTalk("102", "Cy", None)),
        queue="sales",
        duration_s=95.0,
        wait_s=0.001,
        ring_s=7.123,
        talk_s=87.877,
        hold_s=0.0,
        transfers=(
            Transfer("blind", "101", "102", at + 61 * SECOND),
            Transfer("attended", "102", "+12125550177"),
        ),
        legs=(
            Leg(
                EndpointKind.OUTSIDE,
                "+12125550123",
                "Zoë",
                "caller",
                at,
                None,
                at + 1,
                at + 95 * SECOND,
                talk_s=87.877,
            ),
            Leg(
                EndpointKind.PERSON,
                "101",
                "Bo",
                "agent",
                rang_at=at - 5,
                ring_s=7.123,
                hold_s=1.5,
                outcome=Outcome.ANSWERED,
                cause=Cause(text="x"),
                channel="PJSIP/101-00000001",
            ),
            Leg(),
        ),
        steps=(
            Step(StepKind.STARTED, at, "+12125550123", "Zoë", "", frames[0].hex()),
            Step(StepKind.HELD, None, detail="elsewhere", frame="00" * 16),
            Step(StepKind.ENDED, at + 95 * SECOND, frame=frames[2].hex()),
        ),
        recordings=(Recording("one.wav", "r1", at, 12.5, 2, "ab" * 32, "record", 0.5),),
        quality=CallQuality(4.1, 1.25, 3.75, 0.1),
        cost="0.12 EUR",
        account="acme",
        sources=("pbx", "voip"),
        keys=("u:1", "u:2", "l:1"),
        frames=frames,
        revision=3,
        rules=2,
    )


def batch(tenant: str, number: int, size: int = 20, at: int = BASE) -> Batch:
    """The ``number``-th batch of an origin: as many frames as calls, keys, a tally and a position."""
    names = [f"{number}/{index}" for index in range(size)]
    times = [at + (number * size + index) * MINUTE for index in range(size)]
    frames = [frame(tenant, name, when) for name, when in zip(names, times, strict=True)]
    calls = [call(tenant, name, when) for name, when in zip(names, times, strict=True)]
    # A position's bytes are made the same for every batch, so that they add up however many there are.
    length = 1000
    place = {"source": "pbx", "origin": "/var/log/cdr.csv", "mark": "m1"}
    return Batch(
        tenant=tenant,
        frames=frames,
        calls=calls,
        keys=[
            KeyRow(key_of(f"{tenant} u:{name}"), when, made.id)
            for name, when, made in zip(names, times, calls, strict=True)
        ],
        tallies=[
            Tally(
                **place,
                start=number * length,
                stop=(number + 1) * length,
                size=length,
                frames=size,
                stated=size,
                rejected=0,
                noise=0,
                repeated=0,
                at=at,
            )
        ],
        positions=[
            Position(**place, offset=(number + 1) * length, context=b"\xff\0head", format="asterisk_cdr_csv")
        ],
    )
