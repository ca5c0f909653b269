"""The call: one conversation as a person would tell it, from the first ring to the last hang-up."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

from ringbook.model.instant import Instant
from ringbook.model.party import EndpointKind, Party

CallId = NewType("CallId", str)
"""A call's stable, time-ordered id: the canonical text of a version-8 UUID whose first 48 bits are milliseconds."""


class Direction(StrEnum):
    """Seen from the company: who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of the call; *answered* means that a person answered."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    MACHINE = "machine"
    ABANDONED = "abandoned"
    MISSED = "missed"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


class HangupBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    CALLEE = "callee"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why it ended: Q.850 cause value, SIP status code, and the source's own words."""

    q850: int | None = None
    sip: int | None = None
    text: str = ""


class AgentTalk(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody of ours who really talked on the call, in the order in which they came on.

    ``talk_s`` is how long, hold included; None when the source cannot tell how the time was shared.
    """

    extension: str = ""
    name: str = ""
    talk_s: float | None = None


class Transfer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hand-over: ``kind`` is blind, attended, forward, pickup or park; ``by`` and ``to`` are extensions or numbers."""

    kind: str = ""
    by: str = ""
    to: str = ""
    at: Instant | None = None


class Leg(msgspec.Struct, frozen=True, omit_defaults=True):
    """One party's time on the call."""

    kind: EndpointKind = EndpointKind.UNKNOWN
    number: str = ""  # extension for ours, E.164 or digits for others
    name: str = ""
    role: str = ""  # caller | called | agent | target | system
    started_at: Instant | None = None
    rang_at: Instant | None = None
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    talk_s: float | None = None
    ring_s: float | None = None
    hold_s: float | None = None
    outcome: Outcome = Outcome.UNKNOWN
    cause: Cause = Cause()
    channel: str = ""


class StepKind(StrEnum):
    """What can happen on a call, for its timeline."""

    STARTED = "started"
    RANG = "rang"
    RANG_NO_ANSWER = "rang_no_answer"
    QUEUED = "queued"
    LEFT_QUEUE = "left_queue"
    MENU = "menu"
    ANNOUNCEMENT = "announcement"
    VOICEMAIL = "voicemail"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    FORWARDED = "forwarded"
    PARKED = "parked"
    RETRIEVED = "retrieved"
    PICKED_UP = "picked_up"
    CONFERENCE = "conference"
    LEFT = "left"
    RECORDED = "recorded"
    ENDED = "ended"
    NOTED = "noted"


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened, with the frame that says so (hex id)."""

    kind: StepKind
    at: Instant | None = None
    who: str = ""  # extension or number
    name: str = ""
    detail: str = ""
    frame: str = ""


class Recording(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recording that a record says was made; the audio itself may or may not be in the vault."""

    name: str
    id: str = ""
    started_at: Instant | None = None
    duration_s: float | None = None
    channels: int | None = None
    sha256: str = ""
    evidence: str = ""
    confidence: float | None = None


class CallQuality(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it sounded: the worst value that any measurement of the call reported."""

    mos: float | None = None
    pdd_s: float | None = None
    jitter_ms: float | None = None
    loss_pct: float | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Field names are those of the public shape, except ``caller``/``called`` for its ``from``/``to``."""

    id: CallId
    tenant: str
    started_at: Instant
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    direction: Direction = Direction.UNKNOWN
    outcome: Outcome = Outcome.UNKNOWN
    hangup_by: HangupBy = HangupBy.UNKNOWN
    cause: Cause = Cause()
    caller: Party = Party()
    called: Party = Party()
    dialled: str = ""
    agents: tuple[AgentTalk, ...] = ()
    queue: str = ""
    trunks: tuple[str, ...] = ()  # lines that it came in and went out by, in order; () where none is named
    duration_s: float | None = None
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    transfers: tuple[Transfer, ...] = ()
    legs: tuple[Leg, ...] = ()
    steps: tuple[Step, ...] = ()
    recordings: tuple[Recording, ...] = ()
    quality: CallQuality = CallQuality()
    cost: str = ""
    account: str = ""
    sources: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    frames: tuple[bytes, ...] = ()
    revision: int = 1
    rules: int = 0  # version of the correlation rules that made it
