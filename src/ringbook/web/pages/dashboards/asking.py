"""What a dashboard is asked: a question, a period, and what it is compared with. All of it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from ringbook.analyse.asking import Prepared, side_by_side
from ringbook.analyse.compare import Comparison
from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.periods import Period
from ringbook.analyse.periods import period as period_of
from ringbook.analyse.question import together
from ringbook.desk.dashboards.models import Dashboard
from ringbook.desk.dashboards.service import LONGEST_QUERY, Panel
from ringbook.desk.insight import figures
from ringbook.desk.insight.words import said
from ringbook.desk.wiring import ledger
from ringbook.ledger.ledger import Ledger
from ringbook.search.errors import QuestionError
from ringbook.web.pages.dashboards.boards import TIME
from ringbook.web.pages.dashboards.texts import AGAINST, HOURS, PERIODS
from ringbook.web.viewer import Viewer

USUAL_PERIOD = "last-28-days"
USUAL_AGAINST = "before"

_LONGEST_OF_HOURS, _LONGEST_OF_DAYS, _LONGEST_OF_WEEKS = 3, 92, 400


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked a dashboard; names are those of the address."""

    q: str = ""
    period: str = USUAL_PERIOD
    first: str = ""
    last: str = ""
    against: str = USUAL_AGAINST
    other_first: str = ""
    other_last: str = ""
    other_q: str = ""
    hours: str = ""
    who: str = ""
    stated: bool = False
    """Whether the address says what is empty too: on a kept dashboard, something else is usual."""

    @property
    def days(self) -> str:
        """The period as figures are asked for it."""
        if self.period != "dates":
            return self.period
        return f"{self.first or self.last}..{self.last or self.first}"

    @property
    def other_days(self) -> str | None:
        """The period that is compared with; None: the same."""
        if self.against == "dates":
            return f"{self.other_first or self.other_last}..{self.other_last or self.other_first}"
        return self.against if self.against in ("before", "year-before") else None

    @property
    def other_question(self) -> str | None:
        """The question that is compared with; None: the same."""
        return self.other_q if self.against == "question" else None

    def about(self, question: str, more: str) -> str:
        """A question with what a panel asks beside it, of the one person only if one was chosen.

        What stands alone stays as it was written, so that mistakes are pointed at in it.
        """
        person = DIMENSIONS["agent"].question(self.who) if self.who else ""
        return together(question, more, person) if more or person else question

    @property
    def compares(self) -> bool:
        """Whether anything is compared."""
        return self.against != "none"

    def address(self, **changes: str) -> str:
        """What stands after the ``?``: what is not as usual, and what each dashboard has its own usual of."""
        told = {name: getattr(self, name) for name in _USUAL} | changes
        said = (*_OWN, *(_KEPT if self.stated else ()))
        return urlencode(
            {name: value for name, value in told.items() if name in said or value != _USUAL.get(name, "")}
        )

    @property
    def kept(self) -> dict[str, str]:
        """What a dashboard keeps of it; :func:`usual_of` reads that again."""
        return {
            "query": self.q,
            "period": self.days,
            "against": self.other_days or self.against,
            "other_query": self.other_question or "",
            "hours": self.hours,
        }


_OWN = ("period", "against")
_KEPT = ("q", "other_q", "hours")
_USUAL = {name: value for name, value in msgspec.structs.asdict(Asked()).items() if name != "stated"}


def asked_of(get: Mapping[str, str], usual: Mapping[str, str] | None = None) -> Asked:
    """What an address asks; what it does not say is as ``usual`` has it. What makes no sense is as if it was not said."""
    known = {name: get[name].strip()[:LONGEST_QUERY] for name in _USUAL if name in get}
    for name, allowed in (("period", PERIODS), ("against", AGAINST), ("hours", HOURS)):
        if name in known and known[name] not in allowed:
            del known[name]
    told = {**{name: value for name, value in (usual or {}).items() if value}, **known}
    if told.get("period") == "dates" and not (told.get("first") or told.get("last")):
        told["period"] = USUAL_PERIOD
    if told.get("against") == "dates" and not (told.get("other_first") or told.get("other_last")):
        told["against"] = USUAL_AGAINST
    return Asked(**told, stated=any((usual or {}).get(name) for name in _KEPT))


def usual_of(kept: Dashboard) -> dict[str, str]:
    """What a dashboard asks if nobody says otherwise."""
    period, against = kept.period, kept.against
    told = {"q": kept.query, "period": period, "against": against}
    told |= {"other_q": kept.other_query, "hours": kept.hours}
    if ".." in period:
        told["first"], _dots, told["last"] = period.partition("..")
        told["period"] = "dates"
    if ".." in against:
        told["other_first"], _dots, told["other_last"] = against.partition("..")
        told["against"] = "dates"
    return told


def span_of(viewer: Viewer, asked: Asked) -> Period:
    """The days that are asked about. Raises FigureError for days that there are not."""
    return period_of(asked.days, zone=viewer.zone_name, now=viewer.now)


class Told(msgspec.Struct, frozen=True):
    """The answer to one panel: compared, or with ``comparison.other`` not to be shown."""

    panel: Panel
    comparison: Comparison | None = None
    alone: Any = None  # the Answer, where nothing is compared
    problem: str = ""

    @property
    def answer(self) -> Any:
        """The figure of this period."""
        return self.comparison.this if self.comparison is not None else self.alone


def grain(period: Period) -> str:
    """The stretches of time that a period is drawn in."""
    days = (period.last - period.first).days + 1
    if days <= _LONGEST_OF_HOURS:
        return "hour"
    if days <= _LONGEST_OF_DAYS:
        return "day"
    return "week" if days <= _LONGEST_OF_WEEKS else "month"


def told(viewer: Viewer, asked: Asked, panel: Panel) -> Told:
    """The answer to a panel. One that cannot be given is told as its problem."""
    return _asking(viewer, asked, panel)(ledger())


def told_all(viewer: Viewer, asked: Asked, panels: Sequence[Panel]) -> list[Told]:
    """The answers to panels, asked for side by side; those that differ only in which value is shown are asked once."""
    questions = {panel.question: panel for panel in panels}
    answers = side_by_side(ledger(), [_asking(viewer, asked, question) for question in questions])
    known = dict(zip(questions, answers, strict=True))
    return [msgspec.structs.replace(known[panel.question], panel=panel) for panel in panels]


def _asking(viewer: Viewer, asked: Asked, panel: Panel) -> Prepared[Told]:
    """What is still to be asked of the ledger for a panel: all that the desk knows is looked up."""
    try:
        prepared = _prepared(viewer, asked, panel, _parts(viewer, asked, panel))
    except (FigureError, QuestionError) as error:
        problem = said(str(error))
        return lambda _ledger: Told(panel, problem=problem)

    def tell(ledger: Ledger) -> Told:
        try:
            return prepared(ledger)
        except (FigureError, QuestionError) as error:
            return Told(panel, problem=said(str(error)))

    return tell


def _parts(viewer: Viewer, asked: Asked, panel: Panel) -> str | None:
    """What a panel's figure is told by; None if it has no such parts."""
    by = grain(span_of(viewer, asked)) if panel.by == TIME else panel.by or None
    allowed = FIGURES[panel.figure].by
    return by if allowed is None or by in allowed else None


def _prepared(viewer: Viewer, asked: Asked, panel: Panel, by: str | None) -> Prepared[Told]:
    how: dict[str, Any] = {
        "period": asked.days,
        "by": by,
        "variant": panel.variant or None,
        "hours": asked.hours,
        "zone": viewer.zone_name,
        "now": viewer.now,
        "me": viewer.handle,
    }
    question = asked.about(asked.q, panel.ask)
    if not asked.compares:
        alone = figures.telling(viewer.scope, panel.figure, question, **how)
        return lambda ledger: Told(panel, alone=alone(ledger))
    other = asked.other_question
    compared = figures.comparing(
        viewer.scope,
        panel.figure,
        question,
        other_query=None if other is None else asked.about(other, panel.ask),
        other_period=asked.other_days,
        **how,
    )
    return lambda ledger: Told(panel, comparison=compared(ledger))
