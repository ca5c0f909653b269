"""Figures of what customers answered when they were asked."""

from __future__ import annotations

from ringbook.analyse.definition import CALLS, Column, Figure, Group, Kind, Variant, counted

_OF = "outcome:answered"
_ASKED_NOTE = "Asked: in A all answered calls, though not everybody may have been asked; in B those with a link or an answer."


def _variants(survey: str, formula: str) -> dict[str, Variant]:
    """The two ways to say who was asked: everybody who was answered, or who was asked for sure, by a link or by an answer."""
    asked = {"A": (_OF, "answered calls"), "B": (_sent(survey), "calls whose customer was asked")}
    return {
        name: Variant(
            formula=f"{formula}; response rate: answers / {whom}",
            sql=survey,
            of=of,
            known=f"field:survey.{survey}",
            left_out={"no answer to the survey": f"-field:survey.{survey}"},
            scores=f"survey.{survey}",
        )
        for name, (of, whom) in asked.items()
    }


def _sent(survey: str) -> str:
    """Calls for which a link was made, or to which there is an answer."""
    return f"field:survey.asked.{survey},survey.{survey}"


_RESPONSE_RATE = Column("response_rate", Kind.SHARE)

FIGURES = (
    Figure(
        name="csat",
        title="Satisfied customers (CSAT)",
        group=Group.SATISFACTION,
        better="up",
        columns=(
            CALLS,
            *counted("asked", "satisfied"),
            Column("satisfaction", Kind.SHARE),
            Column("mean_score", Kind.NUMBER),
            _RESPONSE_RATE,
        ),
        headline="satisfaction",
        variants=_variants("csat", "answers of 4 or 5 / answers from 1 to 5"),
        variant="A",
        notes=(
            "Calls: those with an answer.",
            _ASKED_NOTE,
            "Who answers is not everybody: few answers say little about those who did not.",
        ),
    ),
    Figure(
        name="nps",
        title="Net promoter score (NPS)",
        group=Group.SATISFACTION,
        better="up",
        columns=(
            CALLS,
            *counted("asked", "promoters", "detractors"),
            Column("nps", Kind.NUMBER),
            _RESPONSE_RATE,
        ),
        headline="nps",
        variants=_variants("nps", "100 · (answers of 9 or 10 - answers of 0 to 6) / answers from 0 to 10"),
        variant="A",
        notes=("Calls: those with an answer.", _ASKED_NOTE),
    ),
    Figure(
        name="ces",
        title="Customer effort (CES)",
        group=Group.SATISFACTION,
        better="up",
        columns=(
            CALLS,
            *counted("asked", "easy"),
            Column("ease", Kind.SHARE),
            Column("mean_score", Kind.NUMBER),
            _RESPONSE_RATE,
        ),
        headline="mean_score",
        variants=_variants("ces", "mean of the answers from 1 (not easy) to 7 (easy)"),
        variant="A",
        notes=("Calls: those with an answer. Easy: answers from 5 to 7.", _ASKED_NOTE),
    ),
)
