"""Figures of the lines to the outside: how many attempts get through, and how long it takes."""

from __future__ import annotations

from ringbook.analyse.definition import (
    CALLS,
    EXTERNAL,
    MEANS,
    NO_OUTCOME,
    Column,
    Figure,
    Group,
    Kind,
    Variant,
    counted,
)

_NO_CAUSE = "outcome:failed -has:cause"

FIGURES = (
    Figure(
        name="asr",
        title="Answer-seizure ratio (ASR)",
        group=Group.LINES,
        better="up",
        columns=(CALLS, *counted("answered"), Column("ratio", Kind.SHARE)),
        headline="ratio",
        variants={
            "A": Variant(
                formula="inbound and outbound calls that a person or a machine answered / attempts",
                sql="asr",
                of=EXTERNAL,
                known="-outcome:unknown",
                left_out=NO_OUTCOME,
            ),
            "B": Variant(
                formula="inbound and outbound calls that a person answered / attempts",
                sql="asr_b",
                of=EXTERNAL,
                known="-outcome:unknown",
                left_out=NO_OUTCOME,
            ),
        },
        variant="A",
        notes=(
            "As networks count (ITU-T E.411), voicemail and announcements are an answer; not in variant B.",
        ),
    ),
    Figure(
        name="ner",
        title="Network effectiveness ratio (NER)",
        group=Group.LINES,
        better="up",
        columns=(CALLS, *counted("effective", "failed_without_cause"), Column("ratio", Kind.SHARE)),
        headline="ratio",
        variants={
            "A": Variant(
                formula="attempts that were answered, met a busy or ringing phone or were refused there / attempts",
                sql="ner",
                of=EXTERNAL,
                known="-outcome:unknown",
                left_out=NO_OUTCOME,
            ),
            "B": Variant(
                formula="attempts that were answered, met a busy or ringing phone or were refused there /"
                " (attempts - failed without any cause)",
                sql="ner",
                of=EXTERNAL,
                known=f"-outcome:unknown -({_NO_CAUSE})",
                left_out={**NO_OUTCOME, "failed, cause not known": _NO_CAUSE},
            ),
        },
        variant="A",
        notes=(
            "After ITU-T E.425. A failed call counts as effective by Q.850 cause 17, 18, 19, 21 or SIP 486, 600, 603;"
            " one without such a number counts as ineffective.",
        ),
    ),
    Figure(
        name="pdd",
        title="Post-dial delay (PDD)",
        group=Group.LINES,
        better="down",
        columns=(CALLS, *counted("measured"), *MEANS, Column("longest_s", Kind.SECONDS)),
        headline="mean_s",
        variants={
            "": Variant(
                formula="time from dialling to the first ringing or answer, where it was measured: mean, median,"
                " 90th percentile, longest",
                sql="pdd",
                of=EXTERNAL,
                known="has:quality",
                left_out={"nothing measured": "-has:quality"},
            )
        },
        notes=("Rests on those calls with measurements whose delay was measured.",),
    ),
    Figure(
        name="lines",
        title="Lines needed (Erlang B)",
        group=Group.LINES,
        columns=(
            CALLS,
            Column("busiest_erlang", Kind.NUMBER),
            Column("busiest_hour", Kind.INSTANT),
            *counted("lines"),
        ),
        headline="lines",
        variants={
            "": Variant(
                formula="fewest lines on which at most 1 % of calls are blocked (Erlang B) at the load of the busiest hour:"
                " time that calls took within it / 3600 s",
                sql="lines",
                of=EXTERNAL,
                known="has:duration",
                left_out={"duration not known": "-has:duration"},
            )
        },
        by=("trunk", "queue", "agent", "direction", "outcome", "source", "account", "dialled", "country"),
        notes=(
            "Hours are full hours of UTC. Calls that found no free line are not in the records, so the true load may be higher.",
        ),
    ),
    Figure(
        name="concurrency-levels",
        title="Share of time with so many calls at once",
        group=Group.LINES,
        columns=(
            CALLS,
            Column("time_s", Kind.SECONDS),
            Column("share", Kind.SHARE),
            Column("share_or_more", Kind.SHARE),
        ),
        headline="share",
        variants={
            "": Variant(
                formula="time during which exactly so many calls lasted / time from the beginning of the period (or of the first"
                " call) to its end (or that of the last call)",
                sql="concurrency_levels",
                of="",
                known="has:duration",
                left_out={"duration not known": "-has:duration"},
            )
        },
        by=(),
        notes=(
            "Calls of a row: those whose beginning brought it to so many.",
            "Calls that began before the period do not count.",
        ),
    ),
)
