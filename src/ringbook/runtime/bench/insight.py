"""Figures: how long each takes of the last four weeks and of all calls, what a dashboard takes, and a forecast.

Of the answered calls, one in ten has an outcome code and one in twenty a customer's answers, as busy desks have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringbook.analyse.asking import Ask, Customs, Other, comparing, side_by_side, told
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.forecast import forecast
from ringbook.analyse.periods import period
from ringbook.analyse.question import Asker
from ringbook.model.annotation import CallNotes
from ringbook.model.call import CallId
from ringbook.model.instant import Instant
from ringbook.model.scope import Scope
from ringbook.runtime import desk
from ringbook.runtime.bench.figures import Figure, median, p95, timed
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.search import pages

if TYPE_CHECKING:
    from ringbook.desk.dashboards.service import Panel
    from ringbook.web.pages.dashboards.boards import Board

ROUNDS = 10
WHOLE_ROUNDS = 4
TARGET_MS = 300
BOARD_MS = 500
_LATELY = "last-28-days"
_ZONE = "Europe/Berlin"
_CUSTOMS = Customs()


def measure(home: Home) -> Iterator[Figure]:
    """Times as of the last call there is, so that the last weeks are full ones."""
    desk.prepare(home.folder, home.settings)
    from ringbook.web.pages.dashboards.boards import BOARDS  # only once Django is set up

    yield _annotated(home)
    asker = Asker(Scope(), _ZONE, _last(home))
    calls = pages.count_calls(home.ledger, asker.scope, "", now=asker.now)
    lately = pages.count_calls(
        home.ledger,
        asker.scope,
        period(_LATELY, zone=_ZONE, now=asker.now).question,
        zone=_ZONE,
        now=asker.now,
    )
    for name in FIGURES:
        yield _figure(home, asker, name, _LATELY, ROUNDS, f"of {lately:,} calls in 28 days")
    for name in FIGURES:
        yield _figure(home, asker, name, "", WHOLE_ROUNDS, f"of all {calls:,} calls")
    for board in BOARDS.values():
        yield _board(home, asker, board)
    # The first time; later the same past is not gone through again.
    spent = timed(lambda: forecast(home.ledger, asker.scope, weeks=4, zone=_ZONE, now=asker.now)) * 1000
    yield Figure(name="forecast of 4 weeks, the first time", value=spent, unit="ms")


def _annotated(home: Home) -> Figure:
    """Outcome codes and answers are put in, always the same ones."""
    sql = (
        "SELECT toString(id), cityHash64(id) FROM calls"
        " WHERE {scope} AND outcome = 'answered' AND cityHash64(id) % 20 IN (0, 1, 10)"
    )
    found = home.ledger.query_rows(Scope(), sql)
    spent = timed(lambda: home.ledger.annotate(Scope().tenant, (_notes(*row) for row in found)))
    return Figure(name="outcome codes and answers of customers", value=len(found) / spent, unit="calls/s")


def _notes(call: str, chance: int) -> CallNotes:
    drawn = chance // 20
    if chance % 20 == 1:
        return CallNotes(
            call=CallId(call), fields={"survey.csat": str(1 + drawn % 5), "survey.nps": str(drawn % 11)}
        )
    return CallNotes(call=CallId(call), outcome_code=("resolved", "callback", "complaint")[drawn % 3])


def _last(home: Home) -> Instant:
    [newest] = pages.list_calls(home.ledger, Scope(), "", limit=1, now=now()).items
    return newest.started_at


def _figure(home: Home, asker: Asker, name: str, during: str, rounds: int, note: str) -> Figure:
    ask = Ask(name=name, period=during)
    spent = [timed(lambda: told(home.ledger, asker, ask, _CUSTOMS)) * 1000 for _ in range(rounds)]
    slow = p95(spent)
    return Figure(
        name=f"figure {name}, {'28 days' if during else 'all calls'}",
        value=slow,
        unit="ms p95",
        target=f"< {TARGET_MS}",
        met=slow < TARGET_MS,
        note=f"median {median(spent):.0f} ms {note}",
    )


def _board(home: Home, asker: Asker, board: Board) -> Figure:
    """The numbers at the top of a dashboard, each against the period before: what stands when it opens."""

    questions = dict.fromkeys(panel.question for panel in board.numbers)

    def opened() -> None:
        side_by_side(
            home.ledger,
            [comparing(asker, _ask(panel, board), Other(), _CUSTOMS) for panel in questions],
        )

    spent = [timed(opened) * 1000 for _ in range(ROUNDS)]
    slow = p95(spent)
    panels = timed(lambda: [told(home.ledger, asker, _ask(panel, board), _CUSTOMS) for panel in board.panels])
    return Figure(
        name=f"dashboard {board.slug}, its numbers",
        value=slow,
        unit="ms p95",
        target=f"< {BOARD_MS}",
        met=slow < BOARD_MS,
        note=f"median {median(spent):.0f} ms; its {len(board.panels)} panels one after the other {panels * 1000:.0f} ms",
    )


def _ask(panel: Panel, board: Board) -> Ask:
    by = "day" if panel.by == "time" else panel.by or None
    return Ask(name=panel.figure, query=panel.ask, by=by, variant=panel.variant or None, period=board.period)
