"""The shapes of reports, alerts, and what was sent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ringbook.web.api.schemas import Sent, Shape

Period = Literal[
    "today", "yesterday", "last-7-days", "last-week", "last-28-days", "last-month", "last-quarter"
]
Compare = Literal["nothing", "before", "year"]
Hours = Literal["all", "open", "closed"]
Every = Literal["never", "day", "week", "month"]
Kind = Literal["threshold", "anomaly", "silence"]
Side = Literal["above", "below", "either"]
Clock = Field(None, pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A time of day: 07:00")


class ReportFigure(Shape):
    """A figure of a report; what is empty or null is as usual, or as the organisation counts."""

    figure: str
    by: str
    variant: str
    threshold_s: float | None


class Report(Shape):
    """Figures about a stretch of days, sent when the calendar says so. `version` is what If-Match names.

    `people` are ids of people, `sender` is in whose name it goes out.
    """

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


class Reports(Shape):
    """Reports by name."""

    items: list[Report]


class FigureSent(Sent):
    """A figure of a report."""

    figure: str = Field(max_length=60)
    by: str = Field("", max_length=60)
    variant: str = Field("", max_length=8)
    threshold_s: float | None = None


class OutgoingSent(Sent):
    """What reports and alerts have in common. What is left out stays, or is as usual in a new one."""

    name: str | None = Field(None, max_length=120)
    query: str | None = Field(None, max_length=2_000)
    zone: str | None = Field(None, max_length=64)
    people: list[str] | None = Field(None, max_length=100, description="Ids of people.")
    addresses: list[str] | None = Field(None, max_length=100, description="E-mail addresses.")


class ReportSent(OutgoingSent):
    """What is said of a report."""

    intro: str | None = Field(None, max_length=2_000)
    figures: list[FigureSent] | None = Field(None, min_length=1, max_length=20)
    period: Period | None = None
    compare: Compare | None = None
    hours: Hours | None = None
    every: Every | None = None
    weekday: int | None = Field(None, ge=0, le=6, description="0 is Monday.")
    monthday: int | None = Field(None, ge=1, le=31)
    at: str | None = Clock
    with_pdf: bool | None = None
    with_xlsx: bool | None = None


class Run(Shape):
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


class Runs(Shape):
    """The last makings of a report, the newest first."""

    items: list[Run]


class Delivery(Shape):
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


class Deliveries(Shape):
    """What was sent, the newest first."""

    items: list[Delivery]


class Alert(Shape):
    """What is watched, how, and who is told. Shares lie between 0 and 1; `column` null is the figure's headline.

    `state` is what it saw last: unseen, fine, off, unknown or broken; `note` says it in words.
    """

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


class Alerts(Shape):
    """Alerts by name."""

    items: list[Alert]


class AlertSent(OutgoingSent):
    """What is said of an alert: `figure` to `weeks` of those on figures, `source` and `within_minutes` of silence."""

    figure: str | None = Field(None, max_length=60)
    column: str | None = Field(None, max_length=60)
    side: Side | None = None
    limit: float | None = None
    window_minutes: int | None = None
    at_least: int | None = Field(None, ge=1)
    sensitivity: float | None = None
    weeks: int | None = None
    source: str | None = Field(None, max_length=120, description="Empty: any of them.")
    within_minutes: int | None = None
    in_hours: bool | None = None
    every_minutes: int | None = None
    quiet_from: str | None = Clock
    quiet_until: str | None = Clock
    remind_hours: int | None = None
    tell_end: bool | None = None
    webhooks: list[str] | None = Field(None, max_length=50, description="Ids of webhooks.")


class NewAlert(AlertSent):
    """An alert to make."""

    kind: Kind


class Episode(Shape):
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


class Episodes(Shape):
    """The last episodes of an alert, the newest first."""

    items: list[Episode]
