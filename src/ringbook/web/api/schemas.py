"""The shapes that the API answers with: those of ``model.public`` under the same names, and what stands around them.

Times are RFC 3339 text in UTC, spans seconds. Every key is always there; what nobody can tell is null, never zero.
"""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from ringbook.model.call import Direction, HangupBy, Outcome


class Shape(Schema):
    """Base of all shapes; what the API sends may get further keys later."""

    model_config = ConfigDict(populate_by_name=True)


class Sent(Schema):
    """Base of what programs send: a key that is not known is refused, because it would be lost."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_max_length=200_000)


class ContactName(Shape):
    """Whose number it is, as the directory says."""

    id: str
    name: str
    company: str


class Party(Shape):
    """One side of a call: the number in E.164 where it can be, as it was written, and the name the source gave."""

    number: str | None
    raw: str | None
    name: str | None
    contact: ContactName | None


class Cause(Shape):
    """Why it ended: Q.850 cause value, SIP status, the source's own words."""

    q850: int | None
    sip: int | None
    text: str | None


class Agent(Shape):
    """Somebody of ours who talked on the call; `talk_s` with hold included."""

    extension: str | None
    name: str | None
    talk_s: float | None


class Transfer(Shape):
    """One hand-over: `kind` is blind, attended, forward, pickup or park."""

    kind: str | None
    by: str | None
    to: str | None
    at: str | None


class Leg(Shape):
    """One party's time on the call."""

    kind: str
    number: str | None
    name: str | None
    role: str | None
    started_at: str | None
    rang_at: str | None
    answered_at: str | None
    ended_at: str | None
    talk_s: float | None
    ring_s: float | None
    hold_s: float | None
    outcome: Outcome
    cause: Cause
    channel: str | None
    contact: ContactName | None


class Step(Shape):
    """Something that happened, with the frame that says so."""

    kind: str
    at: str | None
    who: str | None
    name: str | None
    detail: str | None
    frame: str | None


class Recording(Shape):
    """A recording that a record says was made."""

    name: str
    id: str | None
    started_at: str | None
    duration_s: float | None
    channels: int | None
    sha256: str | None
    evidence: str | None
    confidence: float | None


class Quality(Shape):
    """How it sounded, at its worst."""

    mos: float | None
    pdd_s: float | None
    jitter_ms: float | None
    loss_pct: float | None


class TagOnCall(Shape):
    """A tag that a call has."""

    id: str
    name: str
    colour: int


class CodeOnCall(Shape):
    """The outcome code that a call has."""

    key: str
    label: str


class Summary(Shape):
    """What people added to a call, in short; `assigned` are handles, `notes` is how many there are."""

    tags: list[TagOnCall]
    notes: int
    outcome_code: CodeOnCall | None
    assigned: list[str]


class Call(Shape):
    """One call: one conversation as a person would tell it.

    `contact` of a party is who the directory says it is, `annotations` what people added to the call.
    """

    id: str
    tenant: str
    started_at: str
    answered_at: str | None
    ended_at: str | None
    direction: Direction
    outcome: Outcome
    hangup_by: HangupBy
    cause: Cause
    from_: Party = Field(alias="from")
    to: Party
    dialled: str | None
    agents: list[Agent]
    queue: str | None
    trunks: list[str] | None
    duration_s: float | None
    wait_s: float | None
    ring_s: float | None
    talk_s: float | None
    hold_s: float | None
    transfers: list[Transfer]
    legs: list[Leg]
    steps: list[Step]
    recordings: list[Recording]
    quality: Quality
    cost: str | None
    account: str | None
    sources: list[str]
    keys: list[str]
    frames: list[str]
    revision: int
    annotations: Summary


class NewCall(Sent):
    """A call to log: with whom, when, and how it went.

    `agent` is the extension or `@handle` of who talked; the token's own person unless given.
    """

    direction: Literal["inbound", "outbound", "internal"]
    outcome: Literal[
        "answered", "missed", "voicemail", "busy", "rejected", "cancelled", "failed", "unknown"
    ] = "answered"
    number: str = Field("", max_length=80)
    name: str = Field("", max_length=200)
    started_at: str | None = Field(None, description="RFC 3339; now unless given.", max_length=40)
    talk_s: float | None = Field(None, ge=0, le=7 * 86_400)
    medium: Literal["phone", "mobile", "in-person", "video", "other"] | None = None
    agent: str = Field("", max_length=60)
    agent_name: str = Field("", max_length=200)
    note: str = Field("", max_length=100_000)
    tags: list[str] = Field([], max_length=20)


class Change(Shape):
    """A call as it is now; null if it was joined into `leads_to`, or is to be forgotten."""

    id: str
    call: Call | None
    leads_to: str | None


class Changes(Shape):
    """What changed, and the cursor to ask for what changes after; `more` says whether there is more already."""

    items: list[Change]
    next_cursor: str
    more: bool


class CallPage(Shape):
    """Calls, newest first; `total` is how many answer the query, null when it was not asked for."""

    items: list[Call]
    next_cursor: str | None
    total: int | None


class FacetValue(Shape):
    """How many calls have a value; the empty value is none, or not known."""

    value: str
    calls: int


class Facet(Shape):
    """The values of one field among the calls that answer a query, the most frequent first."""

    field: str
    values: list[FacetValue]


class Facets(Shape):
    """Counts by value, of the calls begun `since`; null: of all."""

    query: str
    since: str | None
    items: list[Facet]


class Because(Shape):
    """Which view of the records decided a value, and which record; null when no single one did."""

    view: str
    record: int | None
    frame: str | None


class RawRecord(Shape):
    """One record of a source as it came."""

    number: int
    frame: str
    source: str
    format: str
    where: str
    text: str


class Evidence(Shape):
    """Where each value of a call came from, down to the records."""

    why: dict[str, Because]
    records: list[RawRecord]


class TokenAbout(Shape):
    """The token that asks."""

    id: str
    name: str
    expires_at: str | None


class Me(Shape):
    """Who asks, and what they may do: `restricted` sees some calls only, `masked` no whole number of the outside world."""

    name: str
    role: str
    rights: list[str]
    handle: str | None
    zone: str
    restricted: bool
    masked: bool
    token: TokenAbout | None


class Source(Shape):
    """One phone system: what it brought lately, what could not be understood, how many calls came of it."""

    source: str
    state: str
    formats: list[str]
    last_record_at: str | None
    last_stated_at: str | None
    last_call_at: str | None
    frames: int
    frames_last_hour: int
    frames_last_day: int
    rejected: int
    rejected_by_reason: dict[str, int]
    noise: int
    calls: int
    timezone: str | None
    timezone_inferred: bool
    region: str | None


class Sources(Shape):
    """All phone systems."""

    items: list[Source]


class Reject(Shape):
    """A record that could not be understood; `data` is its bytes in base64 for who may manage sources, else null."""

    id: str
    source: str
    format: str
    origin: str
    offset: int
    received_at: str | None
    reason: str
    detail: str | None
    data: str | None


class RejectPage(Shape):
    """Rejects, the last received first."""

    items: list[Reject]
    next_cursor: str | None


class ReplayAsk(Sent):
    """Which rejects to parse again: all of them, those of a source, for a reason, or one."""

    source: str | None = None
    reason: str | None = None
    id: str | None = None


class Replayed(Shape):
    """What parsing rejects again came to."""

    tried: int
    understood: int
    still_rejected: int
    calls_new: int
    calls_updated: int


class ProblemDetails(Shape):
    """What went wrong (RFC 9457). Some kinds of problem have further keys: see the page of the API."""

    type: str
    title: str
    status: int
    detail: str
