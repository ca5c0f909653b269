"""The operations and shapes of the API, as its description names them.

Written by ``python -m ringbook.web.api.generate_client``; change the API, not this file.
"""

# ruff: noqa: A002

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

T = TypeVar("T")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all shapes; keys that a newer server sends are passed over."""


Direction: TypeAlias = Literal["inbound", "outbound", "internal", "unknown"]

HangupBy: TypeAlias = Literal["caller", "callee", "system", "unknown"]

Outcome: TypeAlias = Literal[
    "answered",
    "voicemail",
    "machine",
    "abandoned",
    "missed",
    "busy",
    "rejected",
    "cancelled",
    "failed",
    "unknown",
]


class Agent(Shape, frozen=True, kw_only=True):
    """Somebody of ours who talked on the call; `talk_s` with hold included."""

    extension: str | None
    name: str | None
    talk_s: float | None


class Alert(Shape, frozen=True, kw_only=True):
    """What is watched, how, and who is told. Shares lie between 0 and 1; `column` null is the figure's headline.

    `state` is what it saw last: unseen, fine, off, unknown or broken; `note` says it in words."""

    id: str
    name: str
    kind: str
    query: str
    zone: str
    figure: str | None
    column: str | None
    side: str | None
    limit: float | None
    window_minutes: int | None
    at_least: int | None
    sensitivity: float | None
    weeks: int | None
    source: str | None
    within_minutes: int | None
    in_hours: bool
    every_minutes: int
    quiet_from: str | None
    quiet_until: str | None
    remind_hours: int
    tell_end: bool
    people: list[str]
    addresses: list[str]
    webhooks: list[str]
    sender: str
    paused: bool
    state: str
    value: float | None
    note: str
    looked_at: str | None
    made_at: str
    version: int


class Alerts(Shape, frozen=True, kw_only=True):
    """Alerts by name."""

    items: list[Alert]


class Annotations(Shape, frozen=True, kw_only=True):
    """All that people added to a call; `fields` by their keys."""

    notes: list[Note]
    tags: list[str]
    outcome_code: str | None
    tasks: list[Task]
    fields: dict[str, str]


class AskedCustomer(Shape, frozen=True, kw_only=True):
    """That a customer was asked about a call, by whom, and when they answered: null while they did not."""

    id: str
    call: str
    kind: str
    asked_at: str
    asked_by: str | None
    expires_at: str
    answered_at: str | None


class AskedPage(Shape, frozen=True, kw_only=True):
    """Customers who were asked, and the cursor of the next page."""

    items: list[AskedCustomer]
    next_cursor: str | None


class Because(Shape, frozen=True, kw_only=True):
    """Which view of the records decided a value, and which record; null when no single one did."""

    view: str
    record: int | None
    frame: str | None


class Call(Shape, frozen=True, kw_only=True):
    """One call: one conversation as a person would tell it.

    `contact` of a party is who the directory says it is, `annotations` what people added to the call."""

    id: str
    tenant: str
    started_at: str
    answered_at: str | None
    ended_at: str | None
    direction: Direction
    outcome: Outcome
    hangup_by: HangupBy
    cause: Cause
    from_: Party = msgspec.field(name="from")
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


class CallConsent(Shape, frozen=True, kw_only=True):
    """What is known of a call: `state` is that of all; a refusal of one is the call's. `history` has the last word first."""

    state: Literal["announced", "opted_in", "refused", "unknown"]
    parties: list[ConsentWord]
    history: list[ConsentWord]


class CallPage(Shape, frozen=True, kw_only=True):
    """Calls, newest first; `total` is how many answer the query, null when it was not asked for."""

    items: list[Call]
    next_cursor: str | None
    total: int | None


class Cause(Shape, frozen=True, kw_only=True):
    """Why it ended: Q.850 cause value, SIP status, the source's own words."""

    q850: int | None
    sip: int | None
    text: str | None


class Change(Shape, frozen=True, kw_only=True):
    """A call as it is now; null if it was joined into `leads_to`, or is to be forgotten."""

    id: str
    call: Call | None
    leads_to: str | None


class Changes(Shape, frozen=True, kw_only=True):
    """What changed, and the cursor to ask for what changes after; `more` says whether there is more already."""

    items: list[Change]
    next_cursor: str
    more: bool


class CodeOnCall(Shape, frozen=True, kw_only=True):
    """The outcome code that a call has."""

    key: str
    label: str


class Codes(Shape, frozen=True, kw_only=True):
    """All outcome codes."""

    items: list[OutcomeCode]


class Column(Shape, frozen=True, kw_only=True):
    """A value that every row of a figure has."""

    name: str
    kind: str


class Company(Shape, frozen=True, kw_only=True):
    """An organisation that contacts belong to; `contacts` is how many."""

    id: str
    name: str
    website: str | None
    note: str | None
    contacts: int


class CompanyName(Shape, frozen=True, kw_only=True):
    """The company of a contact."""

    id: str
    name: str


class CompanyPage(Shape, frozen=True, kw_only=True):
    """Companies by name."""

    items: list[Company]
    next_cursor: str | None


class ConsentWord(Shape, frozen=True, kw_only=True):
    """What one party said to being recorded, and how that is known."""

    party: str
    state: Literal["announced", "opted_in", "refused", "unknown"]
    evidence: Literal["prompt", "menu", "api", "hand"]
    detail: str | None
    at: str | None
    by: str | None


class Contact(Shape, frozen=True, kw_only=True):
    """A person or a place that has numbers. `version` is what If-Match names; `owner` is a handle."""

    id: str
    name: str
    company: CompanyName | None
    title: str | None
    emails: list[str]
    numbers: list[ContactNumber]
    note: str | None
    labels: list[str]
    owner: str | None
    state: str
    version: int


class ContactName(Shape, frozen=True, kw_only=True):
    """Whose number it is, as the directory says."""

    id: str
    name: str
    company: str


class ContactNumber(Shape, frozen=True, kw_only=True):
    """A number: in E.164 where it can be, and as it was written."""

    number: str
    raw: str
    label: str


class ContactPage(Shape, frozen=True, kw_only=True):
    """Contacts by name."""

    items: list[Contact]
    next_cursor: str | None


class CustomField(Shape, frozen=True, kw_only=True):
    """A field that the organisation wants on its calls."""

    key: str
    label: str
    kind: str
    choices: list[str]


class Deliveries(Shape, frozen=True, kw_only=True):
    """What was sent, the newest first."""

    items: list[Delivery]


class Delivery(Shape, frozen=True, kw_only=True):
    """One message to one recipient. `report` or `alert` is what it is about; both are null for tests of webhooks."""

    id: str
    report: str | None
    alert: str | None
    occasion: str
    channel: str
    address: str
    subject: str
    state: str
    problem: str | None
    attempts: int
    made_at: str
    sent_at: str | None


class Episode(Shape, frozen=True, kw_only=True):
    """A stretch of time in which what an alert watches was off; `closed_at` is null while it lasts."""

    id: str
    opened_at: str
    closed_at: str | None
    value: float | None
    worst: float | None
    last: float | None
    told: str
    told_at: str | None
    calls_query: str | None
    acknowledged_at: str | None
    acknowledged_by: str | None


class Episodes(Shape, frozen=True, kw_only=True):
    """The last episodes of an alert, the newest first."""

    items: list[Episode]


class Evidence(Shape, frozen=True, kw_only=True):
    """Where each value of a call came from, down to the records."""

    why: dict[str, Because]
    records: list[RawRecord]


class ExpectedHour(Shape, frozen=True, kw_only=True):
    """One hour to come: the calls expected, and between which numbers they will lie in four cases out of five."""

    at: str
    calls: float
    low: float
    high: float


class Export(Shape, frozen=True, kw_only=True):
    """An export: `state` is queued, running, done, failed or cancelled; `file` is where the file is, once it is done."""

    id: str
    state: str
    done: int
    total: int | None
    detail: str | None
    bytes: int | None
    file: str | None
    expires_at: str | None


class Facet(Shape, frozen=True, kw_only=True):
    """The values of one field among the calls that answer a query, the most frequent first."""

    field: str
    values: list[FacetValue]


class FacetValue(Shape, frozen=True, kw_only=True):
    """How many calls have a value; the empty value is none, or not known."""

    value: str
    calls: int


class Facets(Shape, frozen=True, kw_only=True):
    """Counts by value, of the calls begun `since`; null: of all."""

    query: str
    since: str | None
    items: list[Facet]


class Fields(Shape, frozen=True, kw_only=True):
    """All custom fields."""

    items: list[CustomField]


class Figure(Shape, frozen=True, kw_only=True):
    """A figure for some calls: `rows` has one row for each part, `total` the whole, `calls_query` finds the calls behind it."""

    figure: str
    title: str
    version: int
    formula: str
    variant: str | None
    threshold_s: float | None
    short_s: float | None
    chosen: int | None
    zone: str
    hours: str
    query: str
    by: str | None
    period: list[str | None]
    calls_query: str
    columns: list[Column]
    headline: str
    rows: list[dict[str, Any]]
    more: bool
    total: dict[str, Any]
    excluded: dict[str, int]
    sample: int
    small_sample: bool
    notes: list[str]


class FigureAbout(Shape, frozen=True, kw_only=True):
    """A figure with its definition; `formula` by variant. `chosen` is the version of the choice here, null: as usual."""

    figure: str
    title: str
    group: str
    version: int
    formula: dict[str, str]
    variant: str | None
    chosen: int | None
    threshold_s: float | None
    threshold_means: str | None
    short_s: float | None
    by: list[str]
    usual_by: str | None
    columns: list[Column]
    headline: str
    unit: str
    better: str
    left_out: list[str]
    notes: list[str]
    chart: str


class FigureChange(Shape, frozen=True, kw_only=True):
    """A value against another; null is not known. `ratio` 0.1 is a tenth more; `enough`: both rest on enough calls to say so."""

    this: float | None
    other: float | None
    difference: float | None
    ratio: float | None
    enough: bool


class FigureComparison(Shape, frozen=True, kw_only=True):
    """A figure beside the same of another period or question, as a whole and in each part."""

    this: Figure
    other: Figure
    this_label: str
    other_label: str
    headline: str
    change: FigureChange
    rows: list[FigurePart]


class FigurePart(Shape, frozen=True, kw_only=True):
    """One part in both; null where one of them does not have it."""

    label: str
    other_label: str
    this: dict[str, Any] | None
    other: dict[str, Any] | None
    change: FigureChange


class FigureSent(Shape, frozen=True, kw_only=True):
    """A figure of a report."""

    figure: str
    by: str | UnsetType = UNSET
    variant: str | UnsetType = UNSET
    threshold_s: float | UnsetType | None = UNSET


class Figures(Shape, frozen=True, kw_only=True):
    """All figures."""

    items: list[FigureAbout]


class Forecast(Shape, frozen=True, kw_only=True):
    """The hours of the coming weeks. Without `enough` history there are none, and `needed` says what is missing.

    `error_wape` is what the forecast was off by when it was tried on past weeks / the calls there were; `coverage` the share of
    their hours that lay within the interval."""

    enough: bool
    needed: str
    weeks: int
    zone: str
    query: str
    history: list[str | None]
    history_calls: int
    method: str
    error_wape: float | None
    error_wape_as_last_week: float | None
    error_text: str
    coverage: float | None
    interval: float
    hours: list[ExpectedHour]
    notes: list[str]


class KeptRecording(Shape, frozen=True, kw_only=True):
    """A recording: `sha256` is that of the file as it came, `silenced` the spans (seconds) that nobody can hear."""

    id: str
    call: str | None
    name: str
    source: str
    started_at: str | None
    received_at: str
    duration_s: float | None
    channels: int | None
    codec: str | None
    size: int
    sha256: str
    evidence: Literal["record", "id", "overlap", "hand"] | None
    confidence: float | None
    state: Literal["playable", "silencing", "unplayable"]
    problem: str | None
    silenced: list[list[float]]
    audio: str | None


class Leg(Shape, frozen=True, kw_only=True):
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


class MaskMark(Shape, frozen=True, kw_only=True):
    """A span of a call that may not be heard; `silenced` has the recordings in which it is silent by now."""

    begins_at: str | None
    ends_at: str | None
    reason: str
    evidence: str
    silenced: list[str]


class MaskMarks(Shape, frozen=True, kw_only=True):
    """The marks on a call, in order of time."""

    items: list[MaskMark]


class Me(Shape, frozen=True, kw_only=True):
    """Who asks, and what they may do: `restricted` sees some calls only, `masked` no whole number of the outside world."""

    name: str
    role: str
    rights: list[str]
    handle: str | None
    zone: str
    restricted: bool
    masked: bool
    token: TokenAbout | None


class Note(Shape, frozen=True, kw_only=True):
    """A note, as it reads now. `version` is what If-Match names."""

    id: str
    text: str
    author: str
    at: str | None
    changed_at: str | None
    version: int


class Notes(Shape, frozen=True, kw_only=True):
    """The notes on a call."""

    items: list[Note]


class NumberSent(Shape, frozen=True, kw_only=True):
    """A number as somebody writes it."""

    number: str
    label: Literal["mobile", "work", "home", "fax", "other"] | UnsetType = UNSET


class Numbers(Shape, frozen=True, kw_only=True):
    """The numbers of a contact."""

    items: list[ContactNumber]


class OutcomeCode(Shape, frozen=True, kw_only=True):
    """What can come of a call for the business."""

    key: str
    label: str
    group: str | None


class Party(Shape, frozen=True, kw_only=True):
    """One side of a call: the number in E.164 where it can be, as it was written, and the name the source gave."""

    number: str | None
    raw: str | None
    name: str | None
    contact: ContactName | None


class PeopleFigures(Shape, frozen=True, kw_only=True):
    """What each agent did whom the asker may see, and the spread of all agents by measure; null where they are too few."""

    zone: str
    query: str
    period: str
    rows: list[dict[str, Any]]
    spread: dict[str, PeopleSpread | None]
    own: bool
    notes: list[str]


class PeopleSpread(Shape, frozen=True, kw_only=True):
    """How the values of all agents are spread, without telling whose."""

    people: int
    lowest_quarter: float
    median: float
    highest_quarter: float


class ProblemDetails(Shape, frozen=True, kw_only=True):
    """What went wrong (RFC 9457). Some kinds of problem have further keys: see the page of the API."""

    type: str
    title: str
    status: int
    detail: str


class Quality(Shape, frozen=True, kw_only=True):
    """How it sounded, at its worst."""

    mos: float | None
    pdd_s: float | None
    jitter_ms: float | None
    loss_pct: float | None


class RawRecord(Shape, frozen=True, kw_only=True):
    """One record of a source as it came."""

    number: int
    frame: str
    source: str
    format: str
    where: str
    text: str


class Recording(Shape, frozen=True, kw_only=True):
    """A recording that a record says was made."""

    name: str
    id: str | None
    started_at: str | None
    duration_s: float | None
    channels: int | None
    sha256: str | None
    evidence: str | None
    confidence: float | None


class RecordingFetch(Shape, frozen=True, kw_only=True):
    """A file that is being fetched: `state` is queued, running, done, failed or cancelled; `recording` is what it became."""

    id: str
    state: str
    detail: str | None
    recording: str | None


class RecordingList(Shape, frozen=True, kw_only=True):
    """The recordings of a call, in the order of time."""

    items: list[KeptRecording]


class Reject(Shape, frozen=True, kw_only=True):
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


class RejectPage(Shape, frozen=True, kw_only=True):
    """Rejects, the last received first."""

    items: list[Reject]
    next_cursor: str | None


class Replayed(Shape, frozen=True, kw_only=True):
    """What parsing rejects again came to."""

    tried: int
    understood: int
    still_rejected: int
    calls_new: int
    calls_updated: int


class Report(Shape, frozen=True, kw_only=True):
    """Figures about a stretch of days, sent when the calendar says so. `version` is what If-Match names.

    `people` are ids of people, `sender` is in whose name it goes out."""

    id: str
    name: str
    intro: str
    query: str
    zone: str
    figures: list[ReportFigure]
    period: str
    compare: str
    hours: str
    every: str
    weekday: int
    monthday: int
    at: str
    with_pdf: bool
    with_xlsx: bool
    people: list[str]
    addresses: list[str]
    sender: str
    paused: bool
    next_at: str | None
    made_at: str
    version: int


class ReportFigure(Shape, frozen=True, kw_only=True):
    """A figure of a report; what is empty or null is as usual, or as the organisation counts."""

    figure: str
    by: str
    variant: str
    threshold_s: float | None


class Reports(Shape, frozen=True, kw_only=True):
    """Reports by name."""

    items: list[Report]


class Run(Shape, frozen=True, kw_only=True):
    """One making of a report."""

    id: str
    due_at: str
    by_hand: bool
    asked_by: str | None
    late: bool
    since: str | None
    until: str | None
    state: str
    problem: str | None


class Runs(Shape, frozen=True, kw_only=True):
    """The last makings of a report, the newest first."""

    items: list[Run]


class Source(Shape, frozen=True, kw_only=True):
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


class Sources(Shape, frozen=True, kw_only=True):
    """All phone systems."""

    items: list[Source]


class SqlAnswer(Shape, frozen=True, kw_only=True):
    """The rows of an answer; ``cut`` says that there are more."""

    columns: list[SqlColumn]
    rows: list[list[Any]]
    cut: bool


class SqlColumn(Shape, frozen=True, kw_only=True):
    """A column of the answer, with its type in Arrow's words."""

    name: str
    type: str


class Staffing(Shape, frozen=True, kw_only=True):
    """How many agents a service level takes, with the formulas filled in and what to be careful about."""

    question: StaffingAsked
    load_erlang: float
    model: str
    agents: int
    scheduled_agents: int
    service_level_share: float
    asa_s: float | None
    occupancy_share: float
    abandonment_share: float | None
    erlang_c: StaffingPlan
    erlang_a: StaffingPlan | None
    formulas: list[str]
    cautions: list[str]


class StaffingAsked(Shape, frozen=True, kw_only=True):
    """What is to be staffed for. Shares are from 0 to 1."""

    calls: float
    interval_s: float
    aht_s: float
    target_share: float
    within_s: float
    patience_s: float | None
    shrinkage_share: float
    max_occupancy_share: float | None


class StaffingHalfHour(Shape, frozen=True, kw_only=True):
    """One half hour to come; `logged_in` is how many agents were, on average, in that half hour of the last weeks."""

    at: str
    calls: float
    low: float
    high: float
    agents_c: int | None
    agents_a: int | None
    agents: int | None
    scheduled: int | None
    service_level: float | None
    occupancy: float | None
    asa_s: float | None
    logged_in: float | None


class StaffingOption(Shape, frozen=True, kw_only=True):
    """One number of agents and what it gives; not `stable`: the queue grows without end."""

    agents: int
    scheduled_agents: int
    target_reached: bool
    cap_kept: bool
    stable: bool
    outcome: StaffingOutcome


class StaffingOutcome(Shape, frozen=True, kw_only=True):
    """What a number of agents gives on average; null is without bound, or not told by the model."""

    agents: int
    wait_share: float
    service_level_share: float
    asa_s: float | None
    wait_of_waiting_s: float | None
    occupancy_share: float
    abandonment_share: float | None


class StaffingPlan(Shape, frozen=True, kw_only=True):
    """The answer by one model, `erlang_a` or `erlang_c`, with one agent fewer, and one and two more."""

    model: str
    agents: int
    agents_for_target: int
    scheduled_agents: int
    options: list[StaffingOption]


class StaffingWanted(Shape, frozen=True, kw_only=True):
    """What the service is to be; without `aht_s`, the handling time of the last weeks is taken."""

    target_share: float
    within_s: float
    aht_s: float | None
    patience_s: float | None
    shrinkage_share: float
    max_occupancy_share: float | None


class StaffingWeeks(Shape, frozen=True, kw_only=True):
    """The agents that each half hour of the coming weeks takes, and the forecast that they are for."""

    wanted: StaffingWanted
    aht_s: float | None
    aht_from: str
    model: str
    rows: list[StaffingHalfHour]
    forecast: Forecast
    notes: list[str]


class Step(Shape, frozen=True, kw_only=True):
    """Something that happened, with the frame that says so."""

    kind: str
    at: str | None
    who: str | None
    name: str | None
    detail: str | None
    frame: str | None


class Summary(Shape, frozen=True, kw_only=True):
    """What people added to a call, in short; `assigned` are handles, `notes` is how many there are."""

    tags: list[TagOnCall]
    notes: int
    outcome_code: CodeOnCall | None
    assigned: list[str]


class SurveyAnswer(Shape, frozen=True, kw_only=True):
    """What a customer answered: csat from 1 to 5, nps from 0 to 10, ces from 1 to 7. `via` is the way on which it came."""

    kind: str
    score: int
    comment: str | None
    via: str
    answered_at: str
    version: int


class SurveyAnswers(Shape, frozen=True, kw_only=True):
    """The answers about a call, at most one of each kind. `asked` are the kinds that a link was made for."""

    items: list[SurveyAnswer]
    asked: list[str]


class SurveyLink(Shape, frozen=True, kw_only=True):
    """An address to send to the customer. It is told this once only."""

    url: str
    kind: str
    expires_at: str


class Tag(Shape, frozen=True, kw_only=True):
    """A tag."""

    name: str
    colour: int


class TagOnCall(Shape, frozen=True, kw_only=True):
    """A tag that a call has."""

    id: str
    name: str
    colour: int


class Tags(Shape, frozen=True, kw_only=True):
    """All tags."""

    items: list[Tag]


class Task(Shape, frozen=True, kw_only=True):
    """A follow-up task; `owner` is the handle of who has it."""

    id: str
    text: str
    owner: str | None
    due_at: str | None
    done_at: str | None
    version: int


class TokenAbout(Shape, frozen=True, kw_only=True):
    """The token that asks."""

    id: str
    name: str
    expires_at: str | None


class Transfer(Shape, frozen=True, kw_only=True):
    """One hand-over: `kind` is blind, attended, forward, pickup or park."""

    kind: str | None
    by: str | None
    to: str | None
    at: str | None


class Operations(ABC):
    """All operations of the API; ``ringbook.client.Ringbook`` carries them out."""

    @abstractmethod
    def _ask(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        version: int | None = None,
        once: bool = False,
        idempotency_key: str | None = None,
    ) -> T:
        """The answer to a request, as the shape that is expected."""

    def search_calls(
        self, *, query: str = "", limit: int = 50, cursor: str = "", total: bool = True, zone: str = ""
    ) -> CallPage:
        """Search calls, newest first.

        Calls that arrive while one goes from page to page do not move the following pages.
        """
        return self._ask(
            CallPage,
            "GET",
            "/api/v1/calls",
            params={"query": query, "limit": limit, "cursor": cursor, "total": total, "zone": zone},
        )

    def log_call(
        self,
        *,
        direction: Literal["inbound", "outbound", "internal"],
        outcome: Literal[
            "answered", "missed", "voicemail", "busy", "rejected", "cancelled", "failed", "unknown"
        ]
        | UnsetType = UNSET,
        number: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        started_at: str | UnsetType | None = UNSET,
        talk_s: float | UnsetType | None = UNSET,
        medium: Literal["phone", "mobile", "in-person", "video", "other"] | UnsetType | None = UNSET,
        agent: str | UnsetType = UNSET,
        agent_name: str | UnsetType = UNSET,
        note: str | UnsetType = UNSET,
        tags: list[str] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Call:
        """Log a call by hand: one that no phone system knows of.

        It is marked as entered by the token's person, or by the token.
        """
        return self._ask(
            Call,
            "POST",
            "/api/v1/calls",
            body={
                "direction": direction,
                "outcome": outcome,
                "number": number,
                "name": name,
                "started_at": started_at,
                "talk_s": talk_s,
                "medium": medium,
                "agent": agent,
                "agent_name": agent_name,
                "note": note,
                "tags": tags,
            },
            once=True,
            idempotency_key=idempotency_key,
        )

    def count_calls_by(
        self, *, field: str, query: str = "", limit: int = 20, zone: str = "", exact: bool = False
    ) -> Facets:
        """Count calls by the values of fields.

        How many of the calls that answer a query have each value, the most frequent first. Where there are very many calls, the
        newest ones are counted: those begun `since`. With `exact`, `since` is null and all are.
        """
        return self._ask(
            Facets,
            "GET",
            "/api/v1/calls/facets",
            params={"field": field, "query": query, "limit": limit, "zone": zone, "exact": exact},
        )

    def list_changes(self, *, since: str = "", limit: int = 100) -> Changes:
        """Stay up to date: every call that was written or revised since a cursor.

        Follow `next_cursor` while `more` is true, then ask again with it whenever you like. Every change comes at least once. A
        call that comes with `call` null was joined into `leads_to`, or is to be forgotten.
        """
        return self._ask(Changes, "GET", "/api/v1/calls/changes", params={"since": since, "limit": limit})

    def get_call(self, id: str) -> Call:
        """Look at one call.

        The id of a call that was joined into another leads to that one. `ETag` changes with anything about it.
        """
        return self._ask(Call, "GET", f"/api/v1/calls/{_segment(id)}")

    def get_call_evidence(self, id: str) -> Evidence:
        """See where each value of a call came from.

        The records as they came, and which of them decided each value. Who may not see numbers may not see records; keys that
        somebody pressed are hidden from who may not silence recordings.
        """
        return self._ask(Evidence, "GET", f"/api/v1/calls/{_segment(id)}/evidence")

    def get_annotations(self, id: str) -> Annotations:
        """Everything that people added to a call."""
        return self._ask(Annotations, "GET", f"/api/v1/calls/{_segment(id)}/annotations")

    def list_notes(self, id: str) -> Notes:
        """The notes on a call, the first one first."""
        return self._ask(Notes, "GET", f"/api/v1/calls/{_segment(id)}/notes")

    def add_note(self, id: str, *, text: str, idempotency_key: str | None = None) -> Note:
        """Add a note to a call.

        `@handle` in the text mentions somebody. `ETag` is the version to send with a change.
        """
        return self._ask(
            Note,
            "POST",
            f"/api/v1/calls/{_segment(id)}/notes",
            body={"text": text},
            once=True,
            idempotency_key=idempotency_key,
        )

    def change_note(self, id: str, note_id: str, *, text: str, version: int) -> Note:
        """Change a note of one's own.

        What it said before is kept. `If-Match` has to be the ETag that was read; if somebody changed it since, the problem
        has both texts.
        """
        return self._ask(
            Note,
            "PATCH",
            f"/api/v1/calls/{_segment(id)}/notes/{_segment(note_id)}",
            body={"text": text},
            version=version,
        )

    def remove_note(self, id: str, note_id: str, *, version: int) -> None:
        """Remove a note of one's own; the history of the call keeps it."""
        self._ask(
            type(None), "DELETE", f"/api/v1/calls/{_segment(id)}/notes/{_segment(note_id)}", version=version
        )

    def add_tag(self, id: str, tag: str, *, create: bool = False) -> Annotations:
        """Tag a call."""
        return self._ask(
            Annotations,
            "PUT",
            f"/api/v1/calls/{_segment(id)}/tags/{_segment(tag)}",
            params={"create": create},
        )

    def remove_tag(self, id: str, tag: str) -> Annotations:
        """Take a tag off a call."""
        return self._ask(Annotations, "DELETE", f"/api/v1/calls/{_segment(id)}/tags/{_segment(tag)}")

    def set_outcome_code(self, id: str, *, key: str | None) -> Annotations:
        """Say what came of a call, by the key of an outcome code; null takes it off."""
        return self._ask(Annotations, "PUT", f"/api/v1/calls/{_segment(id)}/outcome-code", body={"key": key})

    def set_field(self, id: str, key: str, *, value: str | None) -> Annotations:
        """Fill a custom field of a call; null empties it."""
        return self._ask(
            Annotations, "PUT", f"/api/v1/calls/{_segment(id)}/fields/{_segment(key)}", body={"value": value}
        )

    def add_task(
        self,
        id: str,
        *,
        text: str | UnsetType = UNSET,
        owner: str | UnsetType | None = UNSET,
        due_at: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Task:
        """Add a follow-up task to a call."""
        return self._ask(
            Task,
            "POST",
            f"/api/v1/calls/{_segment(id)}/tasks",
            body={"text": text, "owner": owner, "due_at": due_at},
            once=True,
            idempotency_key=idempotency_key,
        )

    def change_task(
        self,
        id: str,
        task_id: str,
        *,
        version: int,
        text: str | UnsetType | None = UNSET,
        owner: str | UnsetType | None = UNSET,
        due_at: str | UnsetType | None = UNSET,
        done: bool | UnsetType | None = UNSET,
    ) -> Task:
        """Change a task, or say that it is done; what is left out stays as it is."""
        return self._ask(
            Task,
            "PATCH",
            f"/api/v1/calls/{_segment(id)}/tasks/{_segment(task_id)}",
            body={"text": text, "owner": owner, "due_at": due_at, "done": done},
            version=version,
        )

    def list_tags(self) -> Tags:
        """The tags that calls can have."""
        return self._ask(Tags, "GET", "/api/v1/tags")

    def list_outcome_codes(self) -> Codes:
        """The outcome codes that calls can have."""
        return self._ask(Codes, "GET", "/api/v1/outcome-codes")

    def list_fields(self) -> Fields:
        """The custom fields that calls can have."""
        return self._ask(Fields, "GET", "/api/v1/fields")

    def get_consent(self, id: str) -> CallConsent:
        """What the parties of a call said to being recorded."""
        return self._ask(CallConsent, "GET", f"/api/v1/calls/{_segment(id)}/consent")

    def add_consent(
        self,
        id: str,
        *,
        party: str,
        state: Literal["announced", "opted_in", "refused", "unknown"],
        evidence: Literal["prompt", "menu", "api"] | UnsetType = UNSET,
        detail: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> CallConsent:
        """Tell what a party of a call said to being recorded.

        The last word of a party holds, and all of them stay on record. From a refusal on, nobody hears a recording of the call.
        """
        return self._ask(
            CallConsent,
            "POST",
            f"/api/v1/calls/{_segment(id)}/consent",
            body={"party": party, "state": state, "evidence": evidence, "detail": detail},
            once=True,
            idempotency_key=idempotency_key,
        )

    def list_mask_marks(self, id: str) -> MaskMarks:
        """The spans of a call that may not be heard."""
        return self._ask(MaskMarks, "GET", f"/api/v1/calls/{_segment(id)}/mask-marks")

    def add_mask_mark(
        self,
        id: str,
        *,
        begins_at: str,
        ends_at: str | UnsetType | None = UNSET,
        reason: str | UnsetType = UNSET,
        evidence: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> MaskMark:
        """Mark a span of a call that may not be heard.

        From the answer on, nothing of the call's recordings is heard until the span is silent in them; one that arrives later is
        silenced at once. A second before and after the span is silent, too. The same mark again is the one that is there.
        """
        return self._ask(
            MaskMark,
            "POST",
            f"/api/v1/calls/{_segment(id)}/mask-marks",
            body={"begins_at": begins_at, "ends_at": ends_at, "reason": reason, "evidence": evidence},
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_survey(self, id: str) -> SurveyAnswers:
        """What the customer answered about a call."""
        return self._ask(SurveyAnswers, "GET", f"/api/v1/calls/{_segment(id)}/survey")

    def add_survey_answer(
        self,
        id: str,
        *,
        kind: Literal["csat", "nps", "ces"],
        score: int,
        comment: str | UnsetType = UNSET,
        answered_at: str | UnsetType | None = UNSET,
        via: Literal["api", "ivr", "hand"] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> SurveyAnswers:
        """Tell what the customer answered about a call.

        There is one answer of each kind: a later one replaces it.
        """
        return self._ask(
            SurveyAnswers,
            "POST",
            f"/api/v1/calls/{_segment(id)}/survey",
            body={"kind": kind, "score": score, "comment": comment, "answered_at": answered_at, "via": via},
            once=True,
            idempotency_key=idempotency_key,
        )

    def make_survey_link(self, id: str, *, idempotency_key: str | None = None) -> SurveyLink:
        """Make a link that asks the customer about a call.

        The organisation's survey says what is asked and for how long; while it is switched off, there are no links.
        """
        return self._ask(
            SurveyLink,
            "POST",
            f"/api/v1/calls/{_segment(id)}/survey-link",
            once=True,
            idempotency_key=idempotency_key,
        )

    def list_survey_links(self, *, since: str | None = None, limit: int = 100, cursor: str = "") -> AskedPage:
        """Who was asked by a link and when they answered, the first asked first.

        A page has the links of calls that the asker sees, so it may have fewer than `limit`. The address of a link is told when
        it is made, and never again.
        """
        return self._ask(
            AskedPage,
            "GET",
            "/api/v1/survey-links",
            params={"since": since, "limit": limit, "cursor": cursor},
        )

    def list_contacts(self, *, query: str = "", limit: int = 50, cursor: str = "") -> ContactPage:
        """Contacts in use, by name."""
        return self._ask(
            ContactPage, "GET", "/api/v1/contacts", params={"query": query, "limit": limit, "cursor": cursor}
        )

    def add_contact(
        self,
        *,
        name: str | UnsetType = UNSET,
        company: str | UnsetType = UNSET,
        title: str | UnsetType = UNSET,
        emails: list[str] | UnsetType = UNSET,
        numbers: list[NumberSent] | UnsetType = UNSET,
        note: str | UnsetType = UNSET,
        labels: list[str] | UnsetType = UNSET,
        owner: str | UnsetType | None = UNSET,
        move: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Contact:
        """Add a contact.

        A number belongs to one contact: `move` takes it from the one that has it.
        """
        return self._ask(
            Contact,
            "POST",
            "/api/v1/contacts",
            body={
                "name": name,
                "company": company,
                "title": title,
                "emails": emails,
                "numbers": numbers,
                "note": note,
                "labels": labels,
                "owner": owner,
                "move": move,
            },
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_contact(self, id: str) -> Contact:
        """One contact; `ETag` is the version to send with a change."""
        return self._ask(Contact, "GET", f"/api/v1/contacts/{_segment(id)}")

    def change_contact(
        self,
        id: str,
        *,
        version: int,
        name: str | UnsetType | None = UNSET,
        company: str | UnsetType | None = UNSET,
        title: str | UnsetType | None = UNSET,
        emails: list[str] | UnsetType | None = UNSET,
        numbers: list[NumberSent] | UnsetType | None = UNSET,
        note: str | UnsetType | None = UNSET,
        labels: list[str] | UnsetType | None = UNSET,
        owner: str | UnsetType | None = UNSET,
        move: bool | UnsetType = UNSET,
    ) -> Contact:
        """Change a contact; what is left out stays as it is."""
        return self._ask(
            Contact,
            "PATCH",
            f"/api/v1/contacts/{_segment(id)}",
            body={
                "name": name,
                "company": company,
                "title": title,
                "emails": emails,
                "numbers": numbers,
                "note": note,
                "labels": labels,
                "owner": owner,
                "move": move,
            },
            version=version,
        )

    def remove_contact(self, id: str, *, version: int) -> None:
        """Take a contact away for good; calls with its numbers no longer have a name from it."""
        self._ask(type(None), "DELETE", f"/api/v1/contacts/{_segment(id)}", version=version)

    def list_numbers(self, id: str) -> Numbers:
        """The numbers of a contact."""
        return self._ask(Numbers, "GET", f"/api/v1/contacts/{_segment(id)}/numbers")

    def add_number(
        self,
        id: str,
        *,
        number: str,
        label: Literal["mobile", "work", "home", "fax", "other"] | UnsetType = UNSET,
        move: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Contact:
        """Add a number to a contact; all calls with it have the contact's name at once."""
        return self._ask(
            Contact,
            "POST",
            f"/api/v1/contacts/{_segment(id)}/numbers",
            body={"number": number, "label": label, "move": move},
            once=True,
            idempotency_key=idempotency_key,
        )

    def list_companies(self, *, query: str = "", limit: int = 50, cursor: str = "") -> CompanyPage:
        """Companies by name."""
        return self._ask(
            CompanyPage, "GET", "/api/v1/companies", params={"query": query, "limit": limit, "cursor": cursor}
        )

    def get_company(self, id: str) -> Company:
        """One company."""
        return self._ask(Company, "GET", f"/api/v1/companies/{_segment(id)}")

    def begin_export(
        self,
        *,
        query: str | UnsetType = UNSET,
        format: Literal["csv", "xlsx", "jsonl", "parquet"] | UnsetType = UNSET,
        bom: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Export:
        """Have a file made of all calls that answer a query.

        Ask for it until its state is `done`, then fetch the file. It is kept for some days.
        """
        return self._ask(
            Export,
            "POST",
            "/api/v1/exports",
            body={"query": query, "format": format, "bom": bom},
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_export(self, id: str) -> Export:
        """How far an export is."""
        return self._ask(Export, "GET", f"/api/v1/exports/{_segment(id)}")

    def cancel_export(self, id: str) -> Export:
        """Stop an export that is under way; one that is over stays as it is."""
        return self._ask(Export, "DELETE", f"/api/v1/exports/{_segment(id)}")

    def get_export_file(self, id: str) -> bytes:
        """The file of an export that is done."""
        return self._ask(bytes, "GET", f"/api/v1/exports/{_segment(id)}/file")

    def list_recordings(self, id: str) -> RecordingList:
        """The recordings of a call."""
        return self._ask(RecordingList, "GET", f"/api/v1/calls/{_segment(id)}/recordings")

    def fetch_recording(
        self,
        *,
        url: str,
        source: str,
        name: str | UnsetType = UNSET,
        call: str | UnsetType = UNSET,
        length: int | UnsetType | None = UNSET,
        sha256: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> RecordingFetch:
        """Have a recording fetched from an address.

        It is fetched once, over https, from the public net, unless the settings name the host.
        Ask for it until its state is `done`.
        """
        return self._ask(
            RecordingFetch,
            "POST",
            "/api/v1/recordings/fetch",
            body={
                "url": url,
                "source": source,
                "name": name,
                "call": call,
                "length": length,
                "sha256": sha256,
            },
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_recording_fetch(self, id: str) -> RecordingFetch:
        """How far the fetching of a recording is."""
        return self._ask(RecordingFetch, "GET", f"/api/v1/recordings/fetches/{_segment(id)}")

    def get_recording(self, id: str) -> KeptRecording:
        """A recording."""
        return self._ask(KeptRecording, "GET", f"/api/v1/recordings/{_segment(id)}")

    def get_recording_audio(self, id: str) -> bytes:
        """The audio of a recording, or the part of it that `Range` asks for.

        It is in a form that browsers play. That it was asked for is in the audit log.
        """
        return self._ask(bytes, "GET", f"/api/v1/recordings/{_segment(id)}/audio")

    def list_figures(self) -> Figures:
        """The figures there are, with their definitions, as the organisation counts them."""
        return self._ask(Figures, "GET", "/api/v1/figures")

    def get_figure(
        self,
        name: str,
        *,
        query: str = "",
        by: str = "",
        variant: str = "",
        threshold_s: float | None = None,
        short_s: float | None = None,
        period: str = "",
        hours: str = "",
        zone: str = "",
    ) -> Figure:
        """A figure for the calls that answer a query, in parts if asked.

        What is not said of variant and thresholds is as the organisation chose; `chosen` is the version of that choice.
        """
        return self._ask(
            Figure,
            "GET",
            f"/api/v1/figures/{_segment(name)}",
            params={
                "query": query,
                "by": by,
                "variant": variant,
                "threshold_s": threshold_s,
                "short_s": short_s,
                "period": period,
                "hours": hours,
                "zone": zone,
            },
        )

    def compare_figure(
        self,
        name: str,
        *,
        query: str = "",
        other_query: str | None = None,
        by: str = "",
        variant: str = "",
        threshold_s: float | None = None,
        short_s: float | None = None,
        period: str = "",
        other_period: str | None = None,
        hours: str = "",
        zone: str = "",
    ) -> FigureComparison:
        """A figure beside that of another period, or of another question.

        If neither is said, it is the period before.
        """
        return self._ask(
            FigureComparison,
            "GET",
            f"/api/v1/figures/{_segment(name)}/comparison",
            params={
                "query": query,
                "other_query": other_query,
                "by": by,
                "variant": variant,
                "threshold_s": threshold_s,
                "short_s": short_s,
                "period": period,
                "other_period": other_period,
                "hours": hours,
                "zone": zone,
            },
        )

    def get_forecast(self, *, query: str = "", weeks: int = 1, zone: str = "") -> Forecast:
        """The calls to be expected in each hour of the coming weeks, with an interval and the error of a back-test."""
        return self._ask(
            Forecast, "GET", "/api/v1/forecast", params={"query": query, "weeks": weeks, "zone": zone}
        )

    def get_staffing(
        self,
        *,
        calls: float,
        aht_s: float,
        interval_s: float = 1800,
        target_share: float = 0.8,
        within_s: float = 20.0,
        patience_s: float | None = None,
        shrinkage_share: float = 0.0,
        max_occupancy_share: float | None = None,
    ) -> Staffing:
        """How many agents a service level takes, by Erlang C and, with the callers' patience, by Erlang A."""
        return self._ask(
            Staffing,
            "GET",
            "/api/v1/staffing",
            params={
                "calls": calls,
                "aht_s": aht_s,
                "interval_s": interval_s,
                "target_share": target_share,
                "within_s": within_s,
                "patience_s": patience_s,
                "shrinkage_share": shrinkage_share,
                "max_occupancy_share": max_occupancy_share,
            },
        )

    def get_staffing_weeks(
        self,
        *,
        query: str = "has:queue",
        weeks: int = 1,
        aht_s: float | None = None,
        target_share: float = 0.8,
        within_s: float = 20.0,
        patience_s: float | None = None,
        shrinkage_share: float = 0.0,
        max_occupancy_share: float | None = None,
        zone: str = "",
    ) -> StaffingWeeks:
        """The agents that each half hour of the coming weeks takes, beside those who were logged in lately."""
        return self._ask(
            StaffingWeeks,
            "GET",
            "/api/v1/staffing/weeks",
            params={
                "query": query,
                "weeks": weeks,
                "aht_s": aht_s,
                "target_share": target_share,
                "within_s": within_s,
                "patience_s": patience_s,
                "shrinkage_share": shrinkage_share,
                "max_occupancy_share": max_occupancy_share,
                "zone": zone,
            },
        )

    def get_people(self, *, query: str = "", period: str = "last-28-days", zone: str = "") -> PeopleFigures:
        """What each agent did on calls that answer a query, beside the spread of all agents."""
        return self._ask(
            PeopleFigures, "GET", "/api/v1/people", params={"query": query, "period": period, "zone": zone}
        )

    def list_reports(self) -> Reports:
        """The reports that one may look at: one's own; all of them for who manages settings or reads the audit log."""
        return self._ask(Reports, "GET", "/api/v1/reports")

    def add_report(
        self,
        *,
        name: str | UnsetType | None = UNSET,
        query: str | UnsetType | None = UNSET,
        zone: str | UnsetType | None = UNSET,
        people: list[str] | UnsetType | None = UNSET,
        addresses: list[str] | UnsetType | None = UNSET,
        intro: str | UnsetType | None = UNSET,
        figures: list[FigureSent] | UnsetType | None = UNSET,
        period: Literal[
            "today", "yesterday", "last-7-days", "last-week", "last-28-days", "last-month", "last-quarter"
        ]
        | UnsetType
        | None = UNSET,
        compare: Literal["nothing", "before", "year"] | UnsetType | None = UNSET,
        hours: Literal["all", "open", "closed"] | UnsetType | None = UNSET,
        every: Literal["never", "day", "week", "month"] | UnsetType | None = UNSET,
        weekday: int | UnsetType | None = UNSET,
        monthday: int | UnsetType | None = UNSET,
        at: str | UnsetType | None = UNSET,
        with_pdf: bool | UnsetType | None = UNSET,
        with_xlsx: bool | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Report:
        """Make a report. It goes out in the name of who makes it, with what they may see."""
        return self._ask(
            Report,
            "POST",
            "/api/v1/reports",
            body={
                "name": name,
                "query": query,
                "zone": zone,
                "people": people,
                "addresses": addresses,
                "intro": intro,
                "figures": figures,
                "period": period,
                "compare": compare,
                "hours": hours,
                "every": every,
                "weekday": weekday,
                "monthday": monthday,
                "at": at,
                "with_pdf": with_pdf,
                "with_xlsx": with_xlsx,
            },
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_report(self, id: str) -> Report:
        """One report; `version` is what to send with a change."""
        return self._ask(Report, "GET", f"/api/v1/reports/{_segment(id)}")

    def change_report(
        self,
        id: str,
        *,
        version: int,
        name: str | UnsetType | None = UNSET,
        query: str | UnsetType | None = UNSET,
        zone: str | UnsetType | None = UNSET,
        people: list[str] | UnsetType | None = UNSET,
        addresses: list[str] | UnsetType | None = UNSET,
        intro: str | UnsetType | None = UNSET,
        figures: list[FigureSent] | UnsetType | None = UNSET,
        period: Literal[
            "today", "yesterday", "last-7-days", "last-week", "last-28-days", "last-month", "last-quarter"
        ]
        | UnsetType
        | None = UNSET,
        compare: Literal["nothing", "before", "year"] | UnsetType | None = UNSET,
        hours: Literal["all", "open", "closed"] | UnsetType | None = UNSET,
        every: Literal["never", "day", "week", "month"] | UnsetType | None = UNSET,
        weekday: int | UnsetType | None = UNSET,
        monthday: int | UnsetType | None = UNSET,
        at: str | UnsetType | None = UNSET,
        with_pdf: bool | UnsetType | None = UNSET,
        with_xlsx: bool | UnsetType | None = UNSET,
    ) -> Report:
        """Change a report; what is left out stays as it is. From then on it goes out in the name of who changed it."""
        return self._ask(
            Report,
            "PATCH",
            f"/api/v1/reports/{_segment(id)}",
            body={
                "name": name,
                "query": query,
                "zone": zone,
                "people": people,
                "addresses": addresses,
                "intro": intro,
                "figures": figures,
                "period": period,
                "compare": compare,
                "hours": hours,
                "every": every,
                "weekday": weekday,
                "monthday": monthday,
                "at": at,
                "with_pdf": with_pdf,
                "with_xlsx": with_xlsx,
            },
            version=version,
        )

    def remove_report(self, id: str) -> None:
        """Take a report away; what it sent stays on record."""
        self._ask(type(None), "DELETE", f"/api/v1/reports/{_segment(id)}")

    def pause_report(self, id: str) -> Report:
        """Have a report rest."""
        return self._ask(Report, "POST", f"/api/v1/reports/{_segment(id)}/pause")

    def resume_report(self, id: str) -> Report:
        """Have a report go out again; times that passed meanwhile are not made up for."""
        return self._ask(Report, "POST", f"/api/v1/reports/{_segment(id)}/resume")

    def send_report(self, id: str, *, idempotency_key: str | None = None) -> Run:
        """Have a report made and sent now; its runs and deliveries say what became of it."""
        return self._ask(
            Run, "POST", f"/api/v1/reports/{_segment(id)}/send", once=True, idempotency_key=idempotency_key
        )

    def list_report_runs(self, id: str, *, limit: int = 50) -> Runs:
        """When a report was made, and what became of it."""
        return self._ask(Runs, "GET", f"/api/v1/reports/{_segment(id)}/runs", params={"limit": limit})

    def list_deliveries(self, *, report: str = "", alert: str = "", limit: int = 50) -> Deliveries:
        """What was sent to whom, and what became of it."""
        return self._ask(
            Deliveries, "GET", "/api/v1/deliveries", params={"report": report, "alert": alert, "limit": limit}
        )

    def list_alerts(self) -> Alerts:
        """The alerts that one may look at, with what they saw last."""
        return self._ask(Alerts, "GET", "/api/v1/alerts")

    def add_alert(
        self,
        *,
        kind: Literal["threshold", "anomaly", "silence"],
        name: str | UnsetType | None = UNSET,
        query: str | UnsetType | None = UNSET,
        zone: str | UnsetType | None = UNSET,
        people: list[str] | UnsetType | None = UNSET,
        addresses: list[str] | UnsetType | None = UNSET,
        figure: str | UnsetType | None = UNSET,
        column: str | UnsetType | None = UNSET,
        side: Literal["above", "below", "either"] | UnsetType | None = UNSET,
        limit: float | UnsetType | None = UNSET,
        window_minutes: int | UnsetType | None = UNSET,
        at_least: int | UnsetType | None = UNSET,
        sensitivity: float | UnsetType | None = UNSET,
        weeks: int | UnsetType | None = UNSET,
        source: str | UnsetType | None = UNSET,
        within_minutes: int | UnsetType | None = UNSET,
        in_hours: bool | UnsetType | None = UNSET,
        every_minutes: int | UnsetType | None = UNSET,
        quiet_from: str | UnsetType | None = UNSET,
        quiet_until: str | UnsetType | None = UNSET,
        remind_hours: int | UnsetType | None = UNSET,
        tell_end: bool | UnsetType | None = UNSET,
        webhooks: list[str] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Alert:
        """Make an alert. It looks in the name of who makes it, at what they may see."""
        return self._ask(
            Alert,
            "POST",
            "/api/v1/alerts",
            body={
                "name": name,
                "query": query,
                "zone": zone,
                "people": people,
                "addresses": addresses,
                "figure": figure,
                "column": column,
                "side": side,
                "limit": limit,
                "window_minutes": window_minutes,
                "at_least": at_least,
                "sensitivity": sensitivity,
                "weeks": weeks,
                "source": source,
                "within_minutes": within_minutes,
                "in_hours": in_hours,
                "every_minutes": every_minutes,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
                "remind_hours": remind_hours,
                "tell_end": tell_end,
                "webhooks": webhooks,
                "kind": kind,
            },
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_alert(self, id: str) -> Alert:
        """One alert; `version` is what to send with a change."""
        return self._ask(Alert, "GET", f"/api/v1/alerts/{_segment(id)}")

    def change_alert(
        self,
        id: str,
        *,
        version: int,
        name: str | UnsetType | None = UNSET,
        query: str | UnsetType | None = UNSET,
        zone: str | UnsetType | None = UNSET,
        people: list[str] | UnsetType | None = UNSET,
        addresses: list[str] | UnsetType | None = UNSET,
        figure: str | UnsetType | None = UNSET,
        column: str | UnsetType | None = UNSET,
        side: Literal["above", "below", "either"] | UnsetType | None = UNSET,
        limit: float | UnsetType | None = UNSET,
        window_minutes: int | UnsetType | None = UNSET,
        at_least: int | UnsetType | None = UNSET,
        sensitivity: float | UnsetType | None = UNSET,
        weeks: int | UnsetType | None = UNSET,
        source: str | UnsetType | None = UNSET,
        within_minutes: int | UnsetType | None = UNSET,
        in_hours: bool | UnsetType | None = UNSET,
        every_minutes: int | UnsetType | None = UNSET,
        quiet_from: str | UnsetType | None = UNSET,
        quiet_until: str | UnsetType | None = UNSET,
        remind_hours: int | UnsetType | None = UNSET,
        tell_end: bool | UnsetType | None = UNSET,
        webhooks: list[str] | UnsetType | None = UNSET,
    ) -> Alert:
        """Change an alert; what is left out stays as it is. An open episode ends without a word."""
        return self._ask(
            Alert,
            "PATCH",
            f"/api/v1/alerts/{_segment(id)}",
            body={
                "name": name,
                "query": query,
                "zone": zone,
                "people": people,
                "addresses": addresses,
                "figure": figure,
                "column": column,
                "side": side,
                "limit": limit,
                "window_minutes": window_minutes,
                "at_least": at_least,
                "sensitivity": sensitivity,
                "weeks": weeks,
                "source": source,
                "within_minutes": within_minutes,
                "in_hours": in_hours,
                "every_minutes": every_minutes,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
                "remind_hours": remind_hours,
                "tell_end": tell_end,
                "webhooks": webhooks,
            },
            version=version,
        )

    def remove_alert(self, id: str) -> None:
        """Take an alert away; what it sent stays on record."""
        self._ask(type(None), "DELETE", f"/api/v1/alerts/{_segment(id)}")

    def pause_alert(self, id: str) -> Alert:
        """Have an alert rest; an open episode ends without a word."""
        return self._ask(Alert, "POST", f"/api/v1/alerts/{_segment(id)}/pause")

    def resume_alert(self, id: str) -> Alert:
        """Have an alert look again."""
        return self._ask(Alert, "POST", f"/api/v1/alerts/{_segment(id)}/resume")

    def list_alert_episodes(self, id: str, *, limit: int = 50) -> Episodes:
        """When what an alert watches was off."""
        return self._ask(Episodes, "GET", f"/api/v1/alerts/{_segment(id)}/episodes", params={"limit": limit})

    def acknowledge_episode(self, id: str, episode_id: str) -> Episode:
        """Say that somebody looks after an episode: nobody is reminded of it any more."""
        return self._ask(
            Episode, "POST", f"/api/v1/alerts/{_segment(id)}/episodes/{_segment(episode_id)}/acknowledge"
        )

    def ask_sql(
        self, *, statement: str, rows: int | UnsetType = UNSET, time_s: float | UnsetType = UNSET
    ) -> SqlAnswer:
        """The rows that a SELECT over the documented views gives, within the calls that the asker sees.

        `Accept: application/vnd.apache.arrow.stream` gives a stream of Arrow, `text/csv` lines of CSV, anything else JSON.
        With the first two, the header `X-Cut: true` says that there are more rows than were asked for.
        """
        return self._ask(
            SqlAnswer, "POST", "/api/v1/sql", body={"statement": statement, "rows": rows, "time_s": time_s}
        )

    def list_sources(self) -> Sources:
        """The phone systems: what they brought lately, and how many calls came of it."""
        return self._ask(Sources, "GET", "/api/v1/sources")

    def list_rejects(
        self, *, source: str = "", reason: str = "", limit: int = 50, cursor: str = ""
    ) -> RejectPage:
        """What could not be understood, the last received first."""
        return self._ask(
            RejectPage,
            "GET",
            "/api/v1/rejects",
            params={"source": source, "reason": reason, "limit": limit, "cursor": cursor},
        )

    def replay_rejects(
        self,
        *,
        source: str | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        id: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Replayed:
        """Parse rejects again, after a parser or a setting was mended.

        Answers when it is done; with many of them, that takes a while.
        """
        return self._ask(
            Replayed,
            "POST",
            "/api/v1/rejects/replay",
            body={"source": source, "reason": reason, "id": id},
            once=True,
            idempotency_key=idempotency_key,
        )

    def get_reject(self, id: str) -> Reject:
        """One record that could not be understood."""
        return self._ask(Reject, "GET", f"/api/v1/rejects/{_segment(id)}")

    def get_me(self) -> Me:
        """Who asks, and what they may do."""
        return self._ask(Me, "GET", "/api/v1/me")


def _segment(text: str) -> str:
    """The text as one step of a path."""
    from urllib.parse import quote

    return quote(text, safe="")
