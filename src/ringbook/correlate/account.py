"""What one view of the evidence can tell about a call."""

from __future__ import annotations

import msgspec

from ringbook.model.call import (
    AgentTalk,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Leg,
    Outcome,
    Recording,
    Step,
    Transfer,
)
from ringbook.model.instant import Instant
from ringbook.model.party import Endpoint
from ringbook.model.statement import (
    ChannelEvent,
    ChannelRecord,
    Path,
    Quality,
    QueueStep,
    RecordingMade,
    Segment,
)


class Evidence(msgspec.Struct, frozen=True):
    """All statements about one call, by shape; each list in a fixed order (time, the source's order, frame)."""

    events: tuple[ChannelEvent, ...] = ()
    steps: tuple[QueueStep, ...] = ()
    records: tuple[ChannelRecord, ...] = ()
    segments: tuple[Segment, ...] = ()
    paths: tuple[Path, ...] = ()
    qualities: tuple[Quality, ...] = ()
    recordings: tuple[RecordingMade, ...] = ()


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One view's account of a call. ``None`` (or UNKNOWN, or empty text) is "this evidence cannot tell", never zero.

    ``why`` names, for a field, the frame whose record decided it.
    """

    started_at: Instant | None = None
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    direction: Direction = Direction.UNKNOWN
    outcome: Outcome = Outcome.UNKNOWN
    hangup_by: HangupBy = HangupBy.UNKNOWN
    cause: Cause = Cause()
    caller: Endpoint | None = None
    called: Endpoint | None = None
    dialled: str = ""
    agents: tuple[AgentTalk, ...] | None = None  # () is "nobody of ours talked"
    queue: str = ""
    trunks: tuple[str, ...] = ()
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    transfers: tuple[Transfer, ...] | None = None
    legs: tuple[Leg, ...] = ()
    steps: tuple[Step, ...] = ()
    recordings: tuple[Recording, ...] = ()
    quality: CallQuality | None = None
    cost: str = ""
    account: str = ""
    why: dict[str, bytes] = {}
