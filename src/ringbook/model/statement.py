"""What one frame says, in words shared by all sources.

A *statement* is small, frozen and says only what its record says. There are four shapes of evidence about calls, after
what phone systems write, and each has its own view in ``ringbook.correlate``:

==================  =======================================================  ==========================================
shape               written by                                               view
==================  =======================================================  ==========================================
ChannelEvent        Asterisk CEL; later AMI, ESL, SIP                        ``correlate.events``
QueueStep           Asterisk queue_log                                       ``correlate.queues``
ChannelRecord       FreeSWITCH: one record per channel with all its times    ``correlate.channels``
Path                Asterisk CDR: one record per pair of channels            ``correlate.paths``
Segment             SMDR, CUCM, 3CX, phone logs, vCon, mapped files          ``correlate.segments``
==================  =======================================================  ==========================================

``Quality`` and ``RecordingMade`` add to whichever of them tells the call. ``RecordingMask`` tells nothing of the call itself, but
what may not be heard of its recordings. ``AgentState`` and ``SystemEvent`` concern no call.

Times are instants (see ``model.instant``). Parsers of sources whose clock is local write the wall clock *as if it were
UTC*; ``ringbook.normalise`` then places it, using ``hint_at`` (an instant known to be UTC and within a second or so of
``at``) where the record has one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from ringbook.model.call import Cause, Direction, HangupBy, Transfer
from ringbook.model.instant import Instant
from ringbook.model.party import Endpoint


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """Base of all statements.

    ``keys`` join statements into calls. A key is ``namespace:value`` (``u:1795283050.453``); it is qualified by source when
    it is compared, so only statements of one source share it. A statement without keys is about no call.
    ``identity`` names the row in its source (``uniqueid/sequence``): two statements of one kind with one identity are the
    same row told twice, whatever their bytes. Empty: the bytes are the identity.
    """

    keys: tuple[str, ...] = ()
    identity: str = ""
    at: Instant | None = None  # when what it states began
    hint_at: Instant | None = (
        None  # a UTC instant close to `at`, or not after it, from ids that carry an epoch
    )
    utc: bool = (
        False  # its times are UTC already, though its format's clock is local (an epoch where text may stand)
    )
    frame: bytes = b""  # id of the frame it came from; set by normalise
    order: int = 0  # the source's own order among statements of one instant
    version: int = 0  # of a row that its source corrects: of one identity, the highest stands


class EventKind(StrEnum):
    """What happened to a channel."""

    CREATED = "created"
    RINGING = "ringing"
    ANSWERED = "answered"
    BRIDGE_ENTER = "bridge_enter"
    BRIDGE_EXIT = "bridge_exit"
    APP_START = "app_start"
    APP_END = "app_end"
    HOLD = "hold"
    UNHOLD = "unhold"
    MUSIC_START = "music_start"
    MUSIC_END = "music_end"
    PARK_START = "park_start"
    PARK_END = "park_end"
    BLIND_TRANSFER = "blind_transfer"
    ATTENDED_TRANSFER = "attended_transfer"
    PICKUP = "pickup"
    FORWARD = "forward"
    LOCAL_OPTIMISED = "local_optimised"
    HANGUP = "hangup"
    ENDED = "ended"
    COMPLETE = "complete"  # the source says that no more will come for these keys
    USER = "user"  # the administrator's own event
    OTHER = "other"


class ChannelEvent(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to one channel."""

    event: EventKind
    channel: str  # unique id of the channel
    linked: str = ""  # id of the group of channels the source believes to belong together
    end: Endpoint = Endpoint()  # who is on the channel, as far as this record says
    exten: str = ""
    context: str = ""
    app: str = ""
    app_data: str = ""
    target: Endpoint = (
        Endpoint()
    )  # what the application leads to: a queue, a mailbox, a menu, an outside number dialled
    peer: str = ""  # the other channel's name or id, where said
    bridge: str = ""
    cause: Cause = Cause()
    by: str = ""  # the channel that caused it (hangup source, transferer)
    dial_status: str = ""
    dnid: str = ""
    rdnis: str = ""
    account: str = ""
    extra: dict[str, str] = {}


class QueueEvent(StrEnum):
    """What happened in a queue."""

    ENTERED = "entered"
    RANG_NO_ANSWER = "rang_no_answer"
    RING_CANCELLED = "ring_cancelled"
    CONNECTED = "connected"
    COMPLETED_BY_CALLER = "completed_by_caller"
    COMPLETED_BY_AGENT = "completed_by_agent"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    LEFT_WITH_KEY = "left_with_key"
    LEFT_EMPTY = "left_empty"
    BLIND_TRANSFER = "blind_transfer"
    ATTENDED_TRANSFER = "attended_transfer"


class QueueStep(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a queue's own log about one caller."""

    event: QueueEvent
    call: str  # id of the caller's channel
    queue: str = ""
    agent: str = ""  # member name or interface as written
    agent_channel: str = ""
    caller: Endpoint = Endpoint()
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    position: int | None = None
    target: str = ""  # transfer destination


class Bridge(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stretch in which a channel was connected with another; without ``from_at`` the other one only rang."""

    peer: str = ""  # the other channel
    end: Endpoint = Endpoint()  # who is there, as this record says
    from_at: Instant | None = None
    to_at: Instant | None = None


class ChannelRecord(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """One channel's whole life in one record."""

    channel: str
    originated: bool | None = None  # True: the switch placed this channel (a B-leg); False: it came in
    end: Endpoint = Endpoint()
    caller: Endpoint = Endpoint()
    dialled: str = ""
    rang_at: Instant | None = None
    answered_at: Instant | None = None
    bridged_at: Instant | None = None
    ended_at: Instant | None = None
    originator: str = ""  # channel that caused this one
    peers: tuple[str, ...] = ()  # channels it was bridged with, in order
    bridges: tuple[Bridge, ...] = ()  # the same in time, as far as the record still tells
    hold_s: float | None = None
    holds: tuple[tuple[Instant, Instant], ...] = ()  # when this channel held the other
    app: str = ""
    queue: str = ""
    queue_side: str = ""  # member | agent
    queue_joined_at: Instant | None = None
    queue_answered_at: Instant | None = None
    queue_left_at: Instant | None = None
    queue_result: str = ""
    agent: str = ""
    transfers: tuple[Transfer, ...] = ()
    cause: Cause = Cause()
    hangup_by: HangupBy = HangupBy.UNKNOWN
    account: str = ""
    recording: str = ""
    extra: dict[str, str] = {}


class PathResult(StrEnum):
    """How one path or segment ended, as its record says."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CONGESTION = "congestion"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    TRANSFERRED = "transferred"
    ELSEWHERE = "elsewhere"  # another member of the group took it
    UNKNOWN = "unknown"


class Path(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """One Asterisk CDR row: channel A's path to channel B (or to an application) between two instants.

    ``at`` is the row's start. The words are Asterisk's: ``answered_at`` is when A was up on this path, which for queues,
    IVRs and the legs after a transfer is not when a person answered.
    """

    a: Endpoint = Endpoint()
    b: Endpoint = Endpoint()
    src: str = ""
    dst: str = ""
    context: str = ""
    app: str = ""
    app_data: str = ""
    did: str = ""
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    duration_s: float | None = None
    billed_s: float | None = None
    result: PathResult = PathResult.UNKNOWN
    uniqueid: str = ""
    linkedid: str = ""
    sequence: int | None = None
    account: str = ""
    userfield: str = ""
    recording: str = ""


class Segment(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """One stretch of a call that the source itself delimits and explains: SMDR line, CUCM row, 3CX segment, phone log entry.

    ``at`` is when the stretch began. ``None`` always means that the source does not say.
    """

    caller: Endpoint = Endpoint()  # who placed the call, as this segment says
    reached: Endpoint = Endpoint()  # who or what this segment reached or rang
    dialled: str = ""
    direction: Direction = Direction.UNKNOWN
    result: PathResult = PathResult.UNKNOWN
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    wait_s: float | None = None
    queue: str = ""
    trunk: str = ""  # the line to the outside, where the source names it apart from the parties
    transferred_by: Endpoint = Endpoint()  # whoever sent the call on to this segment
    transfer_kind: str = ""  # blind | attended | forward | …
    continues: bool | None = None  # another segment follows
    from_talk: bool = False  # it begins with the talk: whatever rang before is not part of it
    hangup_by: HangupBy = HangupBy.UNKNOWN
    cause: Cause = Cause()
    cost: str = ""
    account: str = ""
    recording: str = ""
    extra: dict[str, str] = {}


class Quality(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """What a phone or gateway measured about the audio."""

    end: Endpoint = Endpoint()
    mos: float | None = None
    jitter_ms: float | None = None
    loss_pct: float | None = None
    latency_ms: float | None = None
    pdd_s: float | None = None


class RecordingMade(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """That a recording of the call was made."""

    name: str = ""
    path: str = ""
    started_at: Instant | None = None
    duration_s: float | None = None


class RecordingMask(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """That from ``at`` on nobody may hear what is said, or may again: recording was masked or paused, or goes on.

    ``parts`` are what of the channel it is about, such as one direction or one file; each is masked until it is said to go on.
    Without any it is about the whole call. If not ``timed``, the record bears no time, and ``at`` is when the channel was made.
    """

    on: bool
    channel: str = ""
    parts: tuple[str, ...] = ()
    timed: bool = True


class AgentState(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """An agent logged in or out, paused or resumed; about no call."""

    agent: str
    state: str  # login | logout | pause | resume | added | removed
    queue: str = ""
    reason: str = ""


class SystemEvent(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Something about the phone system itself (started, configuration reloaded); about no call."""

    event: str
    detail: str = ""


CallStatement: TypeAlias = (
    ChannelEvent | QueueStep | ChannelRecord | Path | Segment | Quality | RecordingMade | RecordingMask
)
AnyStatement: TypeAlias = CallStatement | AgentState | SystemEvent
