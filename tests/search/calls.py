"""Calls for the tests of search: a few made by hand, each with something to be found by, and many random ones.

All numbers are fictitious (555-01xx, +44 20 7946 0xxx).
"""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from typing import Any

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
    Transfer,
)
from ringbook.model.instant import DAY, SECOND, Instant, from_datetime
from ringbook.model.party import EndpointKind, Party

ZONE = "America/New_York"
NOW = from_datetime(datetime(2026, 11, 21, 17, 0, tzinfo=UTC))
"""Saturday noon in New York."""


def at(text: str) -> Instant:
    """The instant of ISO text in UTC."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


def identity(started_at: Instant, number: int) -> CallId:
    """An id such as calls have: the milliseconds of the start, then something of its own."""
    raw = bytearray((started_at // 1000).to_bytes(6, "big") + number.to_bytes(10, "big"))
    raw[6] |= 0x80
    raw[8] |= 0x80
    return CallId(str(uuid.UUID(bytes=bytes(raw))))


def anna(name: str = "Anna Berg") -> Party:
    return Party("+15125550101", "5125550101", name, EndpointKind.OUTSIDE)


def inside(extension: str, name: str = "") -> Party:
    return Party(extension, extension, name, EndpointKind.PERSON)


def outside(number: str, name: str = "") -> Party:
    return Party(number, number, name, EndpointKind.OUTSIDE)


_HAND_MADE: dict[str, dict[str, Any]] = {
    # Thursday 09:30 in New York: Anna reaches Bo through the queue.
    "sales": {
        "started_at": at("2026-11-19T14:30"),
        "answered_at": at("2026-11-19T14:30:20"),
        "ended_at": at("2026-11-19T14:35:20"),
        "direction": Direction.INBOUND,
        "outcome": Outcome.ANSWERED,
        "hangup_by": HangupBy.CALLER,
        "cause": Cause(16, None, "Normal Clearing"),
        "caller": anna(),
        "called": inside("101", "Bo Dahl"),
        "dialled": "+15125550199",
        "agents": (AgentTalk("101", "Bo Dahl", 300.0),),
        "queue": "Sales",
        "trunks": ("PJSIP/carrier-a",),
        "duration_s": 320.0,
        "wait_s": 20.0,
        "ring_s": 5.0,
        "talk_s": 300.0,
        "hold_s": 0.0,
        "recordings": (Recording("sales.wav"),),
        "sources": ("office",),
    },
    # Thursday 22:15 in New York, which is Friday in London: nobody answers.
    "late": {
        "started_at": at("2026-11-20T03:15"),
        "ended_at": at("2026-11-20T03:15:30"),
        "direction": Direction.INBOUND,
        "outcome": Outcome.MISSED,
        "hangup_by": HangupBy.CALLER,
        "caller": outside("+442079460101", "Cléo Ömer"),
        "called": inside("102"),
        "dialled": "5125550199",
        "duration_s": 30.0,
        "ring_s": 30.0,
        "legs": (Leg(EndpointKind.PERSON, "102", "Eve"), Leg(EndpointKind.PERSON, "103", "Fay")),
        "sources": ("office", "branch"),
    },
    # A number that the source wrote without its country, and nobody could place.
    "unplaced": {
        "started_at": at("2026-11-18T15:00"),
        "direction": Direction.INBOUND,
        "outcome": Outcome.BUSY,
        "hangup_by": HangupBy.SYSTEM,
        "cause": Cause(17, 486, "100% busy_here"),
        "caller": outside("5125550101"),
        "called": inside("1010"),
        "duration_s": 1.25,
        "sources": ("branch",),
    },
    # The last hour of the clock before it is set back, and the same hour again.
    "first-half-past-one": {
        "started_at": at("2026-11-01T05:30"),
        "direction": Direction.OUTBOUND,
        "outcome": Outcome.FAILED,
        "caller": inside("103", "Fay"),
        "called": outside("+15125550102"),
        "dialled": "95125550102",
        "cause": Cause(None, 503),
        "sources": ("office",),
    },
    "second-half-past-one": {
        "started_at": at("2026-11-01T06:30"),
        "direction": Direction.OUTBOUND,
        "outcome": Outcome.VOICEMAIL,
        "caller": inside("103", "Fay"),
        "called": outside("+15125550102", "Gus_Hall"),
        "account": "ACME",
        "cost": "0.10 USD",
        "sources": ("office",),
    },
    "transferred": {
        "started_at": at("2026-10-31T12:00"),
        "answered_at": at("2026-10-31T12:00:05"),
        "direction": Direction.INTERNAL,
        "outcome": Outcome.ANSWERED,
        "hangup_by": HangupBy.CALLEE,
        "caller": inside("104", "Hal"),
        "called": inside("105", "Ida"),
        "agents": (AgentTalk("105", "Ida", 10.5), AgentTalk("", "Jon", None)),
        "transfers": (Transfer("blind", "105", "+15125550103"),),
        "quality": CallQuality(mos=3.9),
        "talk_s": 60.5,
        "hold_s": 15.0,
        "duration_s": 65.0,
        "sources": ("office",),
    },
    "left-the-queue": {
        "started_at": at("2026-11-21T16:59:30"),
        "direction": Direction.INBOUND,
        "outcome": Outcome.ABANDONED,
        "hangup_by": HangupBy.CALLER,
        "caller": Party("anonymous", "anonymous", "", EndpointKind.OUTSIDE),
        "called": Party("900", "900", "", EndpointKind.QUEUE),
        "queue": "Sales West",
        "wait_s": 125.0,
        "sources": ("office",),
    },
    "feature-code": {
        "started_at": at("2026-11-21T10:00"),
        "direction": Direction.INTERNAL,
        "outcome": Outcome.MACHINE,
        "caller": inside("104"),
        "dialled": "*97",
        "sources": ("office",),
    },
    "last-year": {
        "started_at": at("2025-11-20T15:00"),
        "direction": Direction.INBOUND,
        "outcome": Outcome.CANCELLED,
        "caller": anna("anna"),
        "called": inside("101"),
        "sources": ("office",),
    },
    "long-ago": {
        "started_at": at("2019-03-10T07:00"),
        "direction": Direction.OUTBOUND,
        "outcome": Outcome.REJECTED,
        "caller": inside("101"),
        "called": anna(),
        "sources": ("old",),
    },
    # Numbers that a source wrote as people do, and nobody could place.
    "odd": {
        "started_at": at("2026-11-09T20:00"),
        "direction": Direction.OUTBOUND,
        "outcome": Outcome.CANCELLED,
        "caller": inside("106"),
        "called": outside("(512) 555-0177"),
        "dialled": "5 12 55 01 77",
        "sources": ("branch",),
    },
    "nothing-known": {"started_at": at("2026-11-10T20:00"), "sources": ("branch",)},
}

HAND_MADE: dict[str, Call] = {
    name: Call(id=identity(facts["started_at"], number), tenant="hand", **facts)
    for number, (name, facts) in enumerate(_HAND_MADE.items())
}
"""Calls by what happened."""


# --- random ---------------------------------------------------------------------------------------------------------------

_OUTSIDE = [
    "(512) 555-0101",
    "512 55 01 02",
    "+15125550101",
    "+15125550102",
    "5125550101",
    "02079460101",
    "+442079460101",
    "+15125559999",
    "anonymous",
    "",
]
_INSIDE = ["101", "102", "103", "1010", "0101"]
_NAMES = [
    "Anna Berg",
    "anna",
    "Bo Dahl",
    "Björn Ödman",
    "100% Foods",
    "a_b",
    "back\\slash",
    "",
    "",
    "Sales Anna*",
]
_CHANGES = [at("2026-11-01T06:00"), at("2026-03-08T07:00")]


def random_calls(count: int, seed: int, tenant: str) -> list[Call]:
    """Calls with any facts in any combination, the same for the same seed."""
    chance = random.Random(seed)
    return [_random_call(chance, number, tenant) for number in range(count)]


def _random_call(chance: random.Random, number: int, tenant: str) -> Call:
    def some(value: Any, nothing: Any) -> Any:
        return value if chance.random() < 0.5 else nothing

    def span() -> float | None:
        return some(
            chance.choice([0.0, 0.5, 4.999, 5.0, 10.0, 20.0, 59.999, 60.0, 60.999, 61.0, 5400.0]), None
        )

    started = _random_start(chance)
    return Call(
        id=identity(started, number),
        tenant=tenant,
        started_at=started,
        answered_at=some(started + SECOND, None),
        direction=chance.choice(list(Direction)),
        outcome=chance.choice(list(Outcome)),
        hangup_by=chance.choice(list(HangupBy)),
        cause=some(Cause(some(16, 17), some(486, None), chance.choice(["", "Normal", "BUSY 100%"])), Cause()),
        caller=_random_party(chance),
        called=_random_party(chance),
        dialled=chance.choice(["", "+15125550199", "95125550101", "*97", "9"]),
        agents=tuple(
            AgentTalk(chance.choice([*_INSIDE, ""]), chance.choice(_NAMES), span())
            for _ in range(chance.choice([0, 0, 1, 2]))
        ),
        queue=chance.choice(["", "", "Sales", "support"]),
        trunks=_TRUNKS[number % len(_TRUNKS)],
        duration_s=span(),
        wait_s=span(),
        ring_s=span(),
        talk_s=span(),
        hold_s=span(),
        transfers=some((Transfer("blind", "101", "+15125550102"),), ()),
        legs=tuple(
            Leg(
                chance.choice([EndpointKind.PERSON, EndpointKind.OUTSIDE]),
                chance.choice(_INSIDE + _OUTSIDE),
                chance.choice(_NAMES),
            )
            for _ in range(chance.choice([0, 1, 2]))
        ),
        recordings=some((Recording("a.wav"),), ()),
        quality=some(CallQuality(mos=4.0), CallQuality()),
        cost=some("1", ""),
        account=chance.choice(["", "acme", "ACME"]),
        sources=tuple(chance.sample(["office", "branch"], chance.choice([1, 2]))),
    )


_TRUNKS: tuple[tuple[str, ...], ...] = ((), ("SIP/a",), ("SIP/b",), ("SIP/a", "SIP/b"), ("sip/A", "50%"))


def _random_start(chance: random.Random) -> Instant:
    near = chance.choice([NOW, NOW, *_CHANGES])
    reach = chance.choice([2 * 3600 * SECOND, 3 * DAY, 40 * DAY, 800 * DAY])
    started = near - chance.randrange(reach) + (reach // 2 if near != NOW else 0)
    return started if chance.random() < 0.5 else started - started % (30 * 60 * SECOND)


def _random_party(chance: random.Random) -> Party:
    if chance.random() < 0.5:
        number = chance.choice(_INSIDE)
        return Party(number, number, chance.choice(_NAMES), EndpointKind.PERSON)
    number = chance.choice(_OUTSIDE)
    return Party(number, number, chance.choice(_NAMES), EndpointKind.OUTSIDE)
