"""Figures of whether callers got what they rang for."""

from __future__ import annotations

from ringbook.analyse.definition import CALLS, Column, Figure, Group, Kind, Variant, counted

_OF = "direction:inbound outcome:answered"
_NO_NUMBER = {"number not known": "-from:*"}
_NO_CODE = {"no outcome code": "-has:outcome-code"}
_WEEK_S = 7 * 86_400.0

FIGURES = (
    Figure(
        name="fcr",
        title="First-contact resolution (FCR), by repeated calls",
        group=Group.RESOLUTION,
        better="up",
        columns=(CALLS, *counted("contacts", "resolved", "repeated", "open"), Column("rate", Kind.SHARE)),
        headline="rate",
        variants={
            "A": Variant(
                formula="1 - callers who rang again within {T} s of an answered call / callers; calls whose time is not over"
                " are left out of both",
                sql="fcr_contacts",
                of=_OF,
                known="from:*",
                left_out=_NO_NUMBER,
            ),
            "B": Variant(
                formula="answered calls in without another call in from the same contact within {T} s after / those calls;"
                " calls whose time is not over are left out of both",
                sql="fcr_calls",
                of=_OF,
                known="from:*",
                left_out=_NO_NUMBER,
            ),
        },
        variant="A",
        threshold_s=_WEEK_S,
        threshold_means="the time within which another call counts as a repeat (commonly 1 to 30 days)",
        notes=(
            "Open: the time is not over, so that nothing can be said yet.",
            "A caller is a contact with all their numbers, or else a number. A repeat counts whatever else was asked for and"
            " whatever became of it.",
            "Only an estimate: callers ring again for other reasons, and some who were not helped never do.",
        ),
    ),
    Figure(
        name="resolved",
        title="Resolved, by outcome codes",
        group=Group.RESOLUTION,
        better="up",
        columns=(CALLS, *counted("resolved"), Column("rate", Kind.SHARE)),
        headline="rate",
        variants={
            "A": Variant(
                formula="gross: answered calls in with an outcome code of {resolved} / those with an outcome code",
                sql="resolved",
                of=_OF,
                known="has:outcome-code",
                left_out=_NO_CODE,
                counted={"good": "outcome-code:{resolved}"},
            ),
            "B": Variant(
                formula="net: answered calls in with an outcome code of {resolved} / those with an outcome code other than"
                " {not_resolvable}",
                sql="resolved",
                of=_OF,
                known="has:outcome-code -outcome-code:{not_resolvable}",
                left_out={**_NO_CODE, "not resolvable": "outcome-code:{not_resolvable}"},
                counted={"good": "outcome-code:{resolved}"},
            ),
        },
        variant="A",
        notes=("What people said of the call when it was over.",),
    ),
)
