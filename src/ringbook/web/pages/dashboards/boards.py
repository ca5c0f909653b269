"""The dashboards that everybody has, by what they are for: which figures, asked how, in which order."""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext_noop

from ringbook.desk.dashboards.service import Panel

TIME = "time"
"""As a dimension: the grain that fits the period."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard: the numbers at its top and the panels below."""

    slug: str
    title: str
    lead: str
    icon: str
    period: str = "last-28-days"
    numbers: tuple[Panel, ...]
    panels: tuple[Panel, ...]


def _number(figure: str, column: str = "", title: str = "", ask: str = "") -> Panel:
    return Panel(figure=figure, draw="number", column=column, title=title, ask=ask)


HANDLED = "has:agent"
"""Calls on which somebody of ours talked."""

_OUTSIDE = "direction:inbound,outbound"
_LOST = "direction:inbound outcome:missed,abandoned,voicemail"

_BOARDS = (
    Board(
        slug="traffic",
        title=gettext_noop("Traffic"),
        lead=gettext_noop("How many calls, when, from where, and how they fared."),
        icon="activity",
        numbers=(
            _number("calls"),
            _number("calls", title=gettext_noop("Inbound"), ask="direction:inbound"),
            _number("calls", title=gettext_noop("Outbound"), ask="direction:outbound"),
            _number("answered-rate"),
            _number("talk"),
            _number("concurrency"),
        ),
        panels=(
            Panel(figure="calls", by=TIME),
            Panel(figure="outcomes", by=TIME, draw="stack"),
            Panel(figure="heat-map"),
            Panel(figure="calls", by="direction", title=gettext_noop("Calls by direction")),
            Panel(figure="concurrency", by="source"),
            Panel(
                figure="calls",
                by="country",
                ask=_OUTSIDE,
                title=gettext_noop("Calls by country"),
            ),
        ),
    ),
    Board(
        slug="lines",
        title=gettext_noop("Lines"),
        lead=gettext_noop(
            "How full the lines to the outside are, how many are needed, and which calls get through."
        ),
        icon="plug",
        numbers=(
            _number("asr", title=gettext_noop("ASR")),
            _number("ner", title=gettext_noop("NER")),
            _number("talk", ask=_OUTSIDE, title=gettext_noop("ACD")),
            _number("pdd", title=gettext_noop("PDD")),
            _number("concurrency", ask=_OUTSIDE),
            _number("lines"),
        ),
        panels=(
            Panel(figure="concurrency", by="trunk", ask=_OUTSIDE),
            Panel(figure="lines", by="trunk"),
            Panel(figure="concurrency-levels", ask=_OUTSIDE),
            Panel(figure="asr", by=TIME),
            Panel(figure="asr", by="trunk", title=gettext_noop("ASR by trunk")),
            Panel(figure="asr", by="country", title=gettext_noop("ASR by country")),
            Panel(figure="ner", by="trunk", title=gettext_noop("NER by trunk")),
            Panel(figure="ner", by="country", title=gettext_noop("NER by country")),
            Panel(figure="ner", by="cause", title=gettext_noop("NER by cause")),
            Panel(figure="talk", by="trunk", ask=_OUTSIDE, title=gettext_noop("ACD by trunk")),
            Panel(figure="talk", by="country", ask=_OUTSIDE, title=gettext_noop("ACD by country")),
            Panel(figure="pdd", by="trunk", title=gettext_noop("PDD by trunk")),
            Panel(figure="pdd", by="country", title=gettext_noop("PDD by country")),
            Panel(figure="calls", by="cause", ask=_OUTSIDE, title=gettext_noop("Calls by cause")),
            Panel(figure="asr", by="cause", title=gettext_noop("ASR by cause")),
            Panel(figure="talk", by="cause", ask=_OUTSIDE, title=gettext_noop("ACD by cause")),
            Panel(figure="pdd", by="cause", title=gettext_noop("PDD by cause")),
        ),
    ),
    Board(
        slug="queues",
        title=gettext_noop("Queues"),
        lead=gettext_noop("How long callers wait, who is answered in time, and who gives up."),
        icon="hourglass",
        numbers=(
            _number("queue-calls", title=gettext_noop("Offered")),
            _number("service-level"),
            _number("asa"),
            _number("abandonment"),
            _number("longest-wait"),
            _number("aht", ask="has:queue"),
        ),
        panels=(
            Panel(figure="service-level", by=TIME),
            Panel(figure="abandonment", by=TIME),
            Panel(figure="service-level", by="queue", title=gettext_noop("Service level by queue")),
            Panel(figure="abandonment", by="queue", title=gettext_noop("Abandonment by queue")),
            Panel(figure="asa", by="queue", title=gettext_noop("Speed of answer by queue")),
            Panel(
                figure="calls",
                by="clock",
                ask="has:queue",
                title=gettext_noop("Offered by hour of the day"),
            ),
            Panel(figure="wait-distribution", draw="stack"),
            Panel(figure="abandonment-curve"),
        ),
    ),
    Board(
        slug="people",
        title=gettext_noop("People"),
        lead=gettext_noop(
            "Who handled what, beside how the others fare: a spread to learn from, not a ranking."
        ),
        icon="users-round",
        numbers=(
            _number("calls", title=gettext_noop("Handled"), ask=HANDLED),
            _number("aht", ask=HANDLED),
            _number("talk", column="total_s", title=gettext_noop("Talk altogether"), ask=HANDLED),
            _number("hold", ask=HANDLED),
            _number("transfers", ask=HANDLED),
        ),
        panels=(
            Panel(figure="calls", by=TIME, ask=HANDLED, title=gettext_noop("Handled calls")),
            Panel(figure="aht", by=TIME, ask=HANDLED),
            Panel(figure="rings"),
            Panel(
                figure="calls",
                by="clock",
                ask=HANDLED,
                title=gettext_noop("Handled by hour of the day"),
            ),
        ),
    ),
    Board(
        slug="resolution",
        title=gettext_noop("Resolution and satisfaction"),
        lead=gettext_noop("Whether callers got what they rang for, and what they say of it."),
        icon="check-check",
        numbers=(
            _number("fcr"),
            _number("resolved"),
            _number("csat"),
            _number("nps"),
            _number("transfers"),
        ),
        panels=(
            Panel(figure="fcr", by=TIME),
            Panel(figure="fcr", by="queue", title=gettext_noop("First-contact resolution by queue")),
            Panel(figure="resolved", by=TIME),
            Panel(figure="resolved", by="queue", title=gettext_noop("Resolution by queue")),
            Panel(figure="csat", by=TIME),
            Panel(figure="nps", by=TIME),
            Panel(figure="transfers", by="queue", title=gettext_noop("Transferred calls by queue")),
        ),
    ),
    Board(
        slug="missed",
        title=gettext_noop("Missed business"),
        lead=gettext_noop("Who rang and was not answered, and whether somebody called back."),
        icon="phone-missed",
        numbers=(
            _number("calls", title=gettext_noop("Missed, abandoned or voicemail"), ask=_LOST),
            _number("callbacks", column="callers", title=gettext_noop("Callers")),
            _number("callbacks"),
            _number("callbacks", column="returned_share", title=gettext_noop("Returned")),
            _number("callbacks", column="median_s", title=gettext_noop("Time to call back, median")),
        ),
        panels=(
            Panel(figure="callbacks", by=TIME),
            Panel(figure="calls", by="clock", ask=_LOST, title=gettext_noop("Missed by hour of the day")),
            Panel(figure="calls", by="weekday", ask=_LOST, title=gettext_noop("Missed by weekday")),
            Panel(figure="callbacks", by="queue", title=gettext_noop("Not returned by queue")),
            Panel(
                figure="callbacks",
                by=TIME,
                draw="line",
                column="median_s",
                title=gettext_noop("Time to call back, median"),
            ),
            Panel(figure="calls", by="outcome", ask=_LOST, title=gettext_noop("How they were missed")),
        ),
    ),
)

BOARDS: dict[str, Board] = {board.slug: board for board in _BOARDS}
"""The dashboards by name, in the order of their tabs."""
