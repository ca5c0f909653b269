"""The figures: each one's definition, declared once. Lists, help, answers and the reference all come from here.

Which calls a figure is about, which of those it rests on and which it leaves out are questions in the query language, so
that the calls behind a figure are exactly what ``ringbook calls list`` gives for its question. ``{T}`` in a text is the
threshold in seconds, ``{short}`` the longest wait of those who are taken to have given up at once.

Whoever changes what a figure means raises its version.
"""

from __future__ import annotations

from ringbook.analyse import people, resolution, satisfaction, trunks, waiting
from ringbook.analyse.definition import CALLS, MEANS, NO_OUTCOME, Column, Figure, Group, Kind, Variant
from ringbook.search.kinds import AGENT

_SUM = Column("total_s", Kind.SECONDS)
_LONGEST = Column("longest_s", Kind.SECONDS)

SHORT_S = 6.0
"""Callers who left within so many seconds are commonly taken to have given up at once (0 to 6 s)."""

GONE_S = 15.0
"""Where there is no queue, calls that nobody answered and that were over within so many seconds are taken for abandoned."""

SERVICE_T_S = 20.0
DAY_S = 86_400.0

_WAITED = "outcome:answered,abandoned"
UNTIMED = "answered, wait not known"
_TIMED = "-(outcome:answered -has:wait)"
_QUEUE_LEFT_OUT = {**NO_OUTCOME, UNTIMED: "outcome:answered -has:wait"}


def _one(formula: str, sql: str, of: str = "", known: str = "", **left_out: str) -> dict[str, Variant]:
    """The only variant of a figure; ``left_out`` by reason, with underscores for spaces."""
    why = {reason.replace("_", " "): question for reason, question in left_out.items()}
    return {"": Variant(formula=formula, sql=sql, of=of, known=known, left_out=why)}


def _spans(name: str, what: str, formula: str, *more: Column, notes: tuple[str, ...] = ()) -> Figure:
    """A figure of how long something took on answered calls."""
    variants = _one(formula, name, "outcome:answered", f"has:{what}", **{f"{what}_not_known": f"-has:{what}"})
    title = {"wait": "Wait until answered", "talk": "Talk (ACD, ALOC)", "ring": "Ringing until answered"}[
        name
    ]
    group, better = {
        "wait": (Group.QUEUES, "down"),
        "talk": (Group.PEOPLE, ""),
        "ring": (Group.PEOPLE, "down"),
    }[name]
    return Figure(
        name=name,
        title=title,
        group=group,
        better=better,
        columns=(CALLS, *MEANS, *more),
        headline="mean_s",
        variants=variants,
        notes=notes,
    )


_SERVICE_LEVEL = {
    "A": Variant(
        formula="answered within {T} s / answered",
        sql="service_level_a",
        of="has:queue outcome:answered",
        known="has:wait",
        left_out={"wait not known": "-has:wait"},
    ),
    "B": Variant(
        formula="(answered within {T} s + abandoned within {T} s) / (answered + abandoned)",
        sql="service_level_b",
        of=f"has:queue {_WAITED}",
        known="has:wait",
        left_out={"wait not known": "-has:wait"},
    ),
    "C": Variant(
        formula="answered within {T} s / offered",
        sql="service_level_c",
        of="has:queue",
        known=f"-outcome:unknown {_TIMED}",
        left_out=_QUEUE_LEFT_OUT,
    ),
    "D": Variant(
        formula="answered within {T} s / (offered - abandoned within {short} s)",
        sql="service_level_d",
        of="has:queue",
        known=f"-outcome:unknown {_TIMED} -(outcome:abandoned wait:<={{short}})",
        left_out={**_QUEUE_LEFT_OUT, "abandoned within {short} s": "outcome:abandoned wait:<={short}"},
    ),
}

_SHORT = {"abandoned within {T} s": "outcome:abandoned wait:<={T}"}
_NOT_SHORT = "-(outcome:abandoned wait:<={T})"
_ABANDONMENT = {
    "A": Variant(
        formula="abandoned / entered a queue",
        sql="abandonment_a",
        of="has:queue",
        known="-outcome:unknown",
        left_out=NO_OUTCOME,
    ),
    "B": Variant(
        formula="abandoned / (answered + abandoned), without those who left within {T} s",
        sql="abandonment_b",
        of=f"has:queue {_WAITED}",
        known=_NOT_SHORT,
        left_out=_SHORT,
    ),
    "C": Variant(
        formula="abandoned after more than {T} s / offered, without those who left within {T} s",
        sql="abandonment_c",
        of="has:queue",
        known=f"-outcome:unknown {_NOT_SHORT}",
        left_out={**NO_OUTCOME, **_SHORT},
    ),
    "D": Variant(
        formula="calls in that nobody answered and that were over within {short} s / calls in",
        sql="abandonment_d",
        of="direction:inbound",
        known="-outcome:unknown has:duration",
        left_out={**NO_OUTCOME, "duration not known": "-outcome:unknown -has:duration"},
    ),
}

_FIGURES = (
    Figure(
        name="calls",
        title="Calls",
        columns=(CALLS,),
        headline="calls",
        variants=_one("number of calls", "calls"),
    ),
    Figure(
        name="answered-rate",
        title="Answered rate",
        group=Group.TRAFFIC,
        better="up",
        columns=(CALLS, Column("answered", Kind.COUNT), Column("rate", Kind.SHARE)),
        headline="rate",
        variants={
            "": Variant(
                formula="calls that a person answered / calls",
                sql="answered_rate",
                known="-outcome:unknown",
                left_out=NO_OUTCOME,
            )
        },
        notes=("Voicemail and announcements are no answer.",),
    ),
    Figure(
        name="outcomes",
        title="Outcomes: answered, missed, abandoned…",
        columns=(
            CALLS,
            *(
                Column(outcome, Kind.COUNT)
                for outcome in (
                    "answered voicemail machine abandoned missed busy rejected cancelled failed unknown"
                ).split()
            ),
            Column("missed_share", Kind.SHARE),
            Column("abandoned_share", Kind.SHARE),
            Column("voicemail_share", Kind.SHARE),
        ),
        headline="calls",
        variants=_one(
            "calls of each outcome; each share / all calls, those of unknown outcome included", "outcomes"
        ),
    ),
    _spans("wait", "wait", "waits of answered calls: mean, median, 90th percentile, longest", _LONGEST),
    Figure(
        name="asa",
        title="Average speed of answer (ASA)",
        group=Group.QUEUES,
        better="down",
        columns=(CALLS, *MEANS),
        headline="mean_s",
        variants={
            "": Variant(
                formula="sum of the waits of answered queue calls / answered queue calls",
                sql="asa",
                of="has:queue outcome:answered",
                known="has:wait",
                left_out={"wait not known": "-has:wait"},
            )
        },
    ),
    Figure(
        name="service-level",
        title="Service level",
        group=Group.QUEUES,
        better="up",
        columns=(CALLS, Column("within", Kind.COUNT), Column("service_level", Kind.SHARE)),
        headline="service_level",
        variants=_SERVICE_LEVEL,
        variant="C",
        threshold_s=SERVICE_T_S,
        threshold_means="the wait within which a call should be answered",
        short_s=SHORT_S,
        notes=("Rests on calls that went through a queue.",),
    ),
    Figure(
        name="abandonment",
        title="Abandonment",
        group=Group.QUEUES,
        better="down",
        columns=(
            CALLS,
            Column("abandoned", Kind.COUNT),
            Column("wait_not_known", Kind.COUNT),
            Column("rate", Kind.SHARE),
        ),
        headline="rate",
        variants=_ABANDONMENT,
        variant="A",
        threshold_s=SHORT_S,
        threshold_means="the wait up to which an abandoned call gave up at once (variants B and C)",
        short_s=GONE_S,
        notes=(
            "Variants A to C rest on calls that went through a queue, D on all calls in.",
            "Call-backs asked for in a queue are not told apart.",
        ),
    ),
    _spans(
        "talk",
        "talk",
        "sum of talk / answered calls whose talk is known; hold is part of it",
        _SUM,
    ),
    _spans("ring", "ring", "ringing before the answer: mean, median, 90th percentile, longest", _LONGEST),
    Figure(
        name="hold",
        title="Hold",
        group=Group.PEOPLE,
        columns=(CALLS, Column("held", Kind.COUNT), *MEANS, _SUM),
        headline="mean_s",
        variants=_one(
            "sum of hold / answered calls whose hold is known, those without any included",
            "hold",
            "outcome:answered",
            "has:hold",
            hold_not_known="-has:hold",
        ),
    ),
    Figure(
        name="aht",
        title="Average handling time (AHT)",
        group=Group.PEOPLE,
        columns=(CALLS, *MEANS),
        headline="mean_s",
        variants=_one(
            "sum of talk, hold included / handled calls whose talk is known; without wrap-up",
            "aht",
            "outcome:answered",
            "has:talk",
            talk_not_known="-has:talk",
        ),
        notes=("Wrap-up is not in the records: the true handling time is longer by it.",),
    ),
    Figure(
        name="transfers",
        title="Transferred calls",
        group=Group.PEOPLE,
        columns=(CALLS, Column("transferred", Kind.COUNT), Column("share", Kind.SHARE)),
        headline="share",
        variants=_one(
            "answered calls that were handed over / answered calls", "transfers", "outcome:answered"
        ),
    ),
    Figure(
        name="heat-map",
        title="Calls by weekday and hour",
        columns=(CALLS,),
        headline="calls",
        variants=_one("calls that began on each weekday in each hour of the day", "heat_map"),
        by=(),
    ),
    Figure(
        name="busiest-hours",
        title="Busiest hours",
        columns=(CALLS,),
        headline="calls",
        variants=_one("the ten hours of the calendar in which most calls began", "calls"),
        by=("hour",),
        usual_by="hour",
        top=10,
    ),
    Figure(
        name="concurrency",
        title="Calls at the same time",
        group=Group.LINES,
        columns=(CALLS, Column("peak", Kind.COUNT), Column("peak_at", Kind.INSTANT)),
        headline="peak",
        variants=_one(
            "the most calls that lasted at the same instant, and the first instant of it",
            "concurrency",
            "",
            "has:duration",
            duration_not_known="-has:duration",
        ),
        by=("queue", "trunk", "agent", "direction", "outcome", "source", "number", "dialled"),
    ),
    Figure(
        name="callbacks",
        version=2,
        title="Missed and not returned",
        group=Group.MISSED,
        better="down",
        columns=(
            CALLS,
            Column("callers", Kind.COUNT),
            Column("returned", Kind.COUNT),
            Column("not_returned", Kind.COUNT),
            Column("open", Kind.COUNT),
            Column("returned_share", Kind.SHARE),
            Column("median_s", Kind.SECONDS),
            Column("p90_s", Kind.SECONDS),
        ),
        headline="not_returned",
        variants=_one(
            "missed, abandoned and voicemail calls without an answered call with the same number, either way,"
            " within {T} s after; share: returned / all, of those whose time is over",
            "callbacks",
            "direction:inbound outcome:missed,abandoned,voicemail",
            "from:*",
            number_not_known="-from:*",
        ),
        threshold_s=DAY_S,
        threshold_means="the time within which a call counts as returned",
        notes=(
            "Open: neither returned nor is the time over. Answered calls count whatever else was asked for.",
            "A call already returned counts for the share when its time is over: those not returned could not count before.",
            "Median and 90th percentile are the time until the returning call.",
        ),
    ),
    Figure(
        name="agents",
        title="Agents",
        group=Group.PEOPLE,
        columns=(
            CALLS,
            Column("name", Kind.TEXT),
            Column("talk_not_known", Kind.COUNT),
            _SUM,
            *MEANS,
        ),
        headline="calls",
        variants=_one("calls that each agent talked on, and how long, hold included", "agents", "has:agent"),
        by=("agent",),
        usual_by="agent",
        key=AGENT.format("extension", "name"),
        notes=(
            "A call counts for each agent who talked on it, so the parts may add up to more than the whole.",
        ),
    ),
)

FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        *_FIGURES,
        *trunks.FIGURES,
        *waiting.FIGURES,
        *people.FIGURES,
        *resolution.FIGURES,
        *satisfaction.FIGURES,
    )
}
"""All figures by name, in the order in which they are listed."""
