"""Figures of phones and the people at them."""

from __future__ import annotations

from ringbook.analyse.definition import CALLS, Column, Figure, Group, Kind, Variant, counted

_BY_WHOM = "extension:* outcome:answered -has:agent"

FIGURES = (
    Figure(
        name="rings",
        title="Calls that phones did not take",
        group=Group.PEOPLE,
        better="down",
        columns=(
            CALLS,
            *counted("rings", "answered", "elsewhere", "nobody"),
            Column("not_taken", Kind.SHARE),
        ),
        headline="not_taken",
        variants={
            "": Variant(
                formula="calls in that a phone was part of and nobody talked on it / calls in that it was part of",
                sql="rings",
                of="direction:inbound",
                known=f"extension:* -({_BY_WHOM})",
                left_out={"no phone known": "-extension:*", "answered, by whom not known": _BY_WHOM},
            )
        },
        by=("extension",),
        usual_by="extension",
        key="phone",
        notes=(
            "Elsewhere: somebody at another phone answered, as in a group that rings together. Nobody: no person did.",
            "A call counts for each phone that was part of it, so the parts may add up to more than the whole.",
        ),
    ),
)
