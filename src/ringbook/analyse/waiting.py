"""Figures of waiting: how it is spread, how long it takes at most, and when callers give up."""

from __future__ import annotations

from ringbook.analyse.definition import CALLS, NO_OUTCOME, Column, Figure, Group, Kind, Variant, counted

_NO_WAIT = "-outcome:unknown -has:wait"
_KNOWN = "-outcome:unknown has:wait"
_LEFT_OUT = {**NO_OUTCOME, "wait not known": _NO_WAIT}

FIGURES = (
    Figure(
        name="queue-calls",
        title="Offered to queues, and what became of it",
        group=Group.QUEUES,
        columns=(
            CALLS,
            *counted("answered", "abandoned", "abandoned_at_once", "otherwise"),
            Column("answered_share", Kind.SHARE),
            Column("abandoned_share", Kind.SHARE),
        ),
        headline="calls",
        variants={
            "": Variant(
                formula="calls that entered a queue; each share / these calls. At once: abandoned within {short} s",
                sql="queue_calls",
                of="has:queue",
                known="-outcome:unknown",
                left_out=NO_OUTCOME,
            )
        },
        short_s=6.0,
        notes=("Otherwise: voicemail, missed and every other end.",),
    ),
    Figure(
        name="wait-distribution",
        title="Waits in queues, spread",
        group=Group.QUEUES,
        columns=(CALLS, *counted("answered", "abandoned", "otherwise")),
        headline="calls",
        variants={
            "": Variant(
                formula="queue calls whose wait lies within each span, and what became of them",
                sql="wait_distribution",
                of="has:queue",
                known=_KNOWN,
                left_out=_LEFT_OUT,
            )
        },
        by=("waited",),
        usual_by="waited",
        notes=("Otherwise: voicemail, missed and every other end.",),
    ),
    Figure(
        name="longest-wait",
        title="Longest wait in a queue",
        group=Group.QUEUES,
        better="down",
        columns=(
            CALLS,
            Column("longest_s", Kind.SECONDS),
            Column("longest_answered_s", Kind.SECONDS),
            Column("longest_abandoned_s", Kind.SECONDS),
            Column("median_s", Kind.SECONDS),
            Column("p90_s", Kind.SECONDS),
            Column("longest_at", Kind.INSTANT),
        ),
        headline="longest_s",
        variants={
            "": Variant(
                formula="the longest wait of queue calls, however they ended, and when that call began",
                sql="longest_wait",
                of="has:queue",
                known="has:wait",
                left_out={"wait not known": "-has:wait"},
            )
        },
        notes=("Median and 90th percentile are of all these waits.",),
    ),
    Figure(
        name="patience",
        title="Patience of callers",
        group=Group.QUEUES,
        columns=(CALLS, *counted("abandoned"), Column("mean_s", Kind.SECONDS)),
        headline="mean_s",
        variants={
            "": Variant(
                formula="all time waited in queues / abandoned calls",
                sql="patience",
                of="has:queue",
                known=_KNOWN,
                left_out=_LEFT_OUT,
            )
        },
        notes=(
            "The mean patience if callers give up at an even rate, as Erlang A takes it: the served were ready to wait longer.",
            "See abandonment-curve for whether the rate is even.",
        ),
    ),
    Figure(
        name="abandonment-curve",
        title="Abandonment over waiting time",
        group=Group.QUEUES,
        better="down",
        columns=(CALLS, *counted("abandoned", "served"), Column("given_up", Kind.SHARE)),
        headline="given_up",
        variants={
            "": Variant(
                formula="share of callers who would have given up by each time if nobody were served (Kaplan-Meier:"
                " 1 - product of (1 - abandoned / still waiting) over all waits)",
                sql="abandonment_curve",
                of="has:queue",
                known=_KNOWN,
                left_out=_LEFT_OUT,
            )
        },
        by=("waited",),
        usual_by="waited",
        notes=(
            "Calls of a row: those still waiting after that time. Served: answered, or out of the queue otherwise.",
        ),
    ),
)
