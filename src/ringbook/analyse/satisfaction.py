"""Figures of what customers answered when they were asked."""

from __future__ import annotations

from ringbook.analyse.definition import CALLS, Column, Figure, Group, Kind, Variant, counted

_OF = "outcome:answered"
_ASKED_NOTE = "Asked: in A all answered calls, though not everybody may have been asked; in B those with a link or an answer."


def _asked(survey: str) -> str:
    """Calls whose customer was asked for sure: by a link that was made for it, or because there is an answer."""
    return f"field:survey.asked.{survey},survey.{survey}"


_RESPONSE_RATE = Column("response_rate", Kind.SHARE)


def _scored(survey: str, *scores: int) -> str:
    """Calls with one of some scores."""
    return f"field:{','.join(f'survey.{survey}={score}' for score in scores)}"


def _effort(of: str, asked: str) -> Variant:
    """How easy it was, of some calls."""
    return Variant(
        formula=f"mean of the answers from 1 (not easy) to 7 (easy); response rate: answers / {asked}",
        sql="ces",
        of=of,
        known="field:survey.ces",
        left_out={"no answer to the survey": "-field:survey.ces"},
        counted={f"score_{score}": _scored("ces", score) for score in range(1, 8)},
    )


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
        variants={
            "A": Variant(
                formula="answers of 4 or 5 / answers from 1 to 5; response rate: answers / answered calls",
                sql="csat",
                of=_OF,
                known="field:survey.csat",
                left_out={"no answer to the survey": "-field:survey.csat"},
                counted={f"score_{score}": _scored("csat", score) for score in range(1, 6)},
            ),
            "B": Variant(
                formula="answers of 4 or 5 / answers from 1 to 5; response rate: answers / calls whose customer was asked",
                sql="csat",
                of=_asked("csat"),
                known="field:survey.csat",
                left_out={"no answer to the survey": "-field:survey.csat"},
                counted={f"score_{score}": _scored("csat", score) for score in range(1, 6)},
            ),
        },
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
        variants={
            "A": Variant(
                formula="100 · (answers of 9 or 10 - answers of 0 to 6) / answers from 0 to 10;"
                " response rate: answers / answered calls",
                sql="nps",
                of=_OF,
                known="field:survey.nps",
                left_out={"no answer to the survey": "-field:survey.nps"},
                counted={
                    "promoter": _scored("nps", 9, 10),
                    "detractor": _scored("nps", 0, 1, 2, 3, 4, 5, 6),
                },
            ),
            "B": Variant(
                formula="100 · (answers of 9 or 10 - answers of 0 to 6) / answers from 0 to 10;"
                " response rate: answers / calls whose customer was asked",
                sql="nps",
                of=_asked("nps"),
                known="field:survey.nps",
                left_out={"no answer to the survey": "-field:survey.nps"},
                counted={
                    "promoter": _scored("nps", 9, 10),
                    "detractor": _scored("nps", 0, 1, 2, 3, 4, 5, 6),
                },
            ),
        },
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
        variants={
            "A": _effort(_OF, "answered calls"),
            "B": _effort(_asked("ces"), "calls whose customer was asked"),
        },
        variant="A",
        notes=("Calls: those with an answer. Easy: answers from 5 to 7.", _ASKED_NOTE),
    ),
)
