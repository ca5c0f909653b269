"""When agents were logged in and paused, what they did beside others, and how many a week to come takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.peers import LEAST_PEERS, People, people
from ringbook.analyse.periods import period
from ringbook.analyse.presence import presence
from ringbook.analyse.question import Asker
from ringbook.analyse.roster import Wanted, staffing_table
from ringbook.ledger.batch import Batch
from ringbook.ledger.ledger import Ledger
from ringbook.model.annotation import CallNotes
from ringbook.model.call import AgentTalk, Call, Direction, Outcome
from ringbook.model.errors import AskError
from ringbook.model.frame import FrameKind, FrameRow, frame_id
from ringbook.model.instant import SECOND, Instant
from ringbook.model.scope import Reach, Scope

from .calls import MINUTE, at, call, outside

NOW = at("2026-11-21T17:00")
DAY = at("2026-11-19T00:00")
HOUR = 60 * MINUTE

LOG = """\
{0}|NONE|support|PJSIP/101|ADDMEMBER|
{0}|NONE|support|Bea|ADDMEMBER|
{10800}|NONE|support|PJSIP/101|PAUSE|lunch
{12600}|NONE|support|PJSIP/101|UNPAUSE|
{14400}|NONE|sales|PJSIP/101|ADDMEMBER|
{14400}|NONE|NONE|PJSIP/101|PAUSEALL|
{18000}|NONE|NONE|PJSIP/101|UNPAUSEALL|
{21600}|NONE|support|PJSIP/101|REMOVEMEMBER|
{28800}|NONE|sales|PJSIP/101|REMOVEMEMBER|
{28800}|NONE|support|Bea|REMOVEMEMBER|
{30000}|NONE|support|Bea|REMOVEMEMBER|
"""
"""A day from 8:00 on, in seconds after it; Bea is in one queue until 16:00."""


def _frames(log: str = LOG, tenant: str = "floor") -> list[FrameRow]:
    found = []
    for place, line in enumerate(log.splitlines()):
        offset, rest = line[1:].split("}", 1)
        stated = DAY + 8 * HOUR + int(offset) * SECOND
        data = f"{stated // SECOND}{rest}".encode()
        found.append(
            FrameRow(
                id=frame_id("pbx", data, stated),
                tenant=tenant,
                source="pbx",
                format="asterisk_queue_log",
                kind=FrameKind.STATED,
                stated_at=stated,
                data=data,
                offset=place * 100,
                received_at=stated,
            )
        )
    return found


def _taken(number: int, started: Instant, extension: str, talk_s: float | None, **facts: object) -> Call:
    given: dict[str, object] = {
        "direction": Direction.INBOUND,
        "outcome": Outcome.ANSWERED,
        "caller": outside("+15125550101"),
        "agents": (AgentTalk(extension, "", talk_s),),
        "talk_s": talk_s,
    }
    return call(number, started, "floor", **(given | facts))


def _floor() -> list[Call]:
    start = DAY + 8 * HOUR
    calls = [_taken(n, start + n * 10 * MINUTE, "101", 300.0, hold_s=30.0) for n in range(6)]
    calls.append(_taken(6, start + HOUR, "101", 600.0, hold_s=None))
    # Six more agents with 1 to 6 calls of a minute each.
    number = 7
    for agent in range(1, 7):
        for _ in range(agent):
            calls.append(_taken(number, start + number * MINUTE, f"20{agent}", 60.0))
            number += 1
    return calls


@pytest.fixture(scope="module")
def floor(ledger: Ledger) -> Ledger:
    """A day of a call centre, with its queue log; and ten weeks of calls that are alike, of another tenant."""
    ledger.write(Batch(tenant="floor", calls=_floor(), frames=_frames()))
    ledger.write(Batch(tenant="rota", calls=_steady()))
    return ledger


def _steady() -> list[Call]:
    """On each weekday for ten weeks, in UTC: three calls in the half hour from 9:00, one in the next, of 3 minutes each."""
    made = []
    for day in range(1, 71):
        midnight = at("2026-11-21T00:00") - day * 24 * HOUR
        weekday = (5 - day) % 7  # Monday is 0; the 21st is a Saturday
        for n, minute in enumerate((0, 10, 20, 40) if weekday < 5 else ()):
            started = midnight + 9 * HOUR + minute * MINUTE
            facts = {"direction": Direction.INBOUND, "outcome": Outcome.ANSWERED, "talk_s": 180.0}
            made.append(call(day * 10 + n, started, "rota", **facts))
    return made


def _asker(tenant: str = "floor", **scope: Any) -> Asker:
    return Asker(Scope(tenant, **scope), "UTC", NOW)


def _people(ledger: Ledger, query: str = "", **scope: Any) -> People:
    return people(ledger, _asker(**scope), query, period("2026-11-19", zone="UTC", now=NOW))


def test_stays_are_those_of_the_log(floor: Ledger) -> None:
    found = presence(floor, Scope("floor"), DAY, DAY + 24 * HOUR)
    assert found is not None
    day = (DAY, DAY + 24 * HOUR)
    # 8:00 to 16:00; paused 11:00 to 11:30 for the only queue, and 12:00 to 13:00 for all.
    assert found.logged_in_s("101", *day) == 8 * 3600
    assert found.logged_in_s("101", *day, paused=True) == 1.5 * 3600
    assert found.logged_in_s("Bea", *day) == 8 * 3600
    assert found.logged_in_s("101", DAY + 11 * HOUR, DAY + 12 * HOUR, paused=False) == 1800
    assert found.logged_in_s("205", *day) is None


def test_without_a_queue_log_presence_is_not_known(floor: Ledger) -> None:
    assert presence(floor, Scope("rota"), DAY, NOW) is None
    assert presence(floor, Scope("floor"), at("2026-01-01T00:00"), at("2026-01-02T00:00")) is None


def test_people_are_counted_as_on_paper(floor: Ledger) -> None:
    found = _people(floor)
    bo = next(row for row in found.rows if row.agent == "101")
    assert (bo.handled, bo.talk_s, bo.mean_talk_s) == (7, 2400.0, pytest.approx(2400 / 7))
    assert (bo.hold_s, bo.mean_hold_s) == (180.0, 30.0)  # of the six whose hold is known
    assert (bo.logged_in_s, bo.paused_s) == (28_800.0, 5_400.0)
    assert bo.occupancy == pytest.approx(2400 / 23_400)
    assert bo.wrap_up_s is None  # nobody's pauses say so
    other = next(row for row in found.rows if row.agent == "206")
    assert (other.handled, other.occupancy, other.logged_in_s) == (6, None, None)
    handled = found.spread["handled"]
    assert handled is not None  # of 1, 2, 3, 4, 5, 6, 7
    assert (handled.people, handled.lowest_quarter, handled.median, handled.highest_quarter) == (
        7,
        2.5,
        4,
        5.5,
    )
    assert found.spread["occupancy"] is None  # one person's


WRAPPING = """\
{0}|NONE|support|PJSIP/101|ADDMEMBER|
{0}|NONE|support|PJSIP/102|ADDMEMBER|
{3600}|NONE|NONE|PJSIP/101|PAUSEALL|Wrap-up
{3600}|NONE|support|PJSIP/101|PAUSE|Wrap-up
{3720}|NONE|NONE|PJSIP/101|UNPAUSEALL|
{3720}|NONE|support|PJSIP/101|UNPAUSE|
{7200}|NONE|support|PJSIP/101|PAUSE|ACW
{7260}|NONE|support|PJSIP/101|PAUSE|lunch
{9060}|NONE|support|PJSIP/101|UNPAUSE|
{10800}|NONE|support|PJSIP/101|PAUSE|Nachbearbeitung
{10800}|NONE|NONE|PJSIP/101|PAUSEALL|meeting
{11400}|NONE|support|PJSIP/101|REMOVEMEMBER|
{11400}|NONE|support|PJSIP/102|REMOVEMEMBER|
"""
"""Two minutes of wrap-up and one more that went over into lunch; then a meeting, whatever else was said of the queue."""


def test_wrap_up_is_what_pauses_are_named(floor: Ledger) -> None:
    calls = [_taken(n, DAY + 8 * HOUR + n * MINUTE, f"10{n}", 600.0) for n in (1, 2, 3)]
    renamed = [msgspec.structs.replace(each, tenant="wrapping") for each in calls]
    floor.write(Batch(tenant="wrapping", calls=renamed, frames=_frames(WRAPPING, "wrapping")))
    found = people(floor, _asker("wrapping"), "", period("2026-11-19", zone="UTC", now=NOW))
    bo, cy, di = sorted(found.rows, key=lambda row: row.agent)
    # Logged in 11,400 s, of which paused 120 + 60 + 1,800 + 600.
    assert (bo.logged_in_s, bo.paused_s, bo.wrap_up_s) == (11_400.0, 2_580.0, 180.0)
    assert bo.occupancy == pytest.approx((600 + 180) / (11_400 - 2_580 + 180))
    assert (cy.paused_s, cy.wrap_up_s) == (0.0, 0.0)  # the log names wrap-up, and this one had none
    assert (di.paused_s, di.wrap_up_s) == (None, None)  # not in the log


def test_an_agent_sees_the_own_row_and_the_spread(floor: Ledger) -> None:
    own = {"reaches": (Reach(extensions=("203",)),)}
    found = _people(floor, **own)
    assert found.own
    assert [(row.agent, row.handled) for row in found.rows] == [("203", 3)]
    assert found.spread["handled"] == _people(floor).spread["handled"]
    # No question leads to what somebody else did.
    assert _people(floor, "agent:101", **own).spread == found.spread


def test_what_became_of_the_calls_of_each(floor: Ledger) -> None:
    """One of the two callers of 101 rang again, and then 102 talked to them; three calls have codes and answers."""
    calls = [
        _taken(n, DAY + n * HOUR, agent, 60.0, caller=outside(caller))
        for n, (agent, caller) in enumerate(
            [
                ("101", "+15125550101"),
                ("102", "+15125550101"),
                ("101", "+15125550102"),
                ("103", "+15125550103"),
                ("104", "+15125550104"),
                ("105", "+15125550105"),
                ("106", "+15125550106"),
            ],
            start=1,
        )
    ]
    renamed = [msgspec.structs.replace(each, tenant="became") for each in calls]
    floor.write(Batch(tenant="became", calls=renamed))
    codes = ("resolved", "resolved", "wrong", "", "", "", "")
    said = [
        CallNotes(call=each.id, outcome_code=code, fields={"survey.csat": score} if score else {})
        for each, code, score in zip(renamed, codes, ("5", "2", "3", "", "", "", ""), strict=True)
    ]
    floor.annotate("became", said)
    later = DAY + 30 * 24 * HOUR
    during = period("2026-11-19", zone="UTC", now=later)

    def told(choices: Choices = NOTHING_CHOSEN, **scope: Any) -> People:
        return people(floor, Asker(Scope("became", **scope), "UTC", later), "", during, choices)

    found = told()
    rows = {row.agent: row for row in found.rows}
    bo, cy = rows["101"], rows["102"]
    assert (bo.not_again_share, bo.not_again_calls) == (0.5, 2)  # of two callers, one rang again
    assert (cy.not_again_share, cy.not_again_calls) == (1.0, 1)
    assert (bo.resolved_share, bo.resolved_calls) == (0.5, 2)
    assert (bo.satisfied_share, bo.satisfied_calls) == (0.5, 2)
    assert (cy.resolved_share, cy.satisfied_share, cy.satisfied_calls) == (1.0, 0.0, 1)
    assert (rows["103"].resolved_share, rows["103"].satisfied_share) == (None, None)  # nobody said
    again = found.spread["not_again_share"]
    assert again is not None and (again.people, again.median) == (6, 1.0)
    assert found.spread["satisfied_share"] is None  # known of two people only
    # Who sees the own calls only does not see the second call of the caller, and is told the same share.
    [own] = told(reaches=(Reach(extensions=("101",)),)).rows
    assert (own.not_again_share, own.resolved_share, own.satisfied_share) == (0.5, 0.5, 0.5)
    none = told(msgspec.structs.replace(NOTHING_CHOSEN, resolved=()))
    assert {row.resolved_share for row in none.rows} == {None}


def test_few_peers_have_no_spread(floor: Ledger) -> None:
    found = _people(floor, "agent:201,202,203")
    assert len(found.rows) < LEAST_PEERS
    assert set(found.spread.values()) == {None}


def test_a_steady_week_is_staffed_half_hour_by_half_hour(floor: Ledger) -> None:
    table = staffing_table(floor, _asker("rota"), "", Wanted(shrinkage_share=0.3, patience_s=60.0))
    assert (table.aht_s, table.model) == (180.0, "erlang_a")
    assert len(table.rows) == 7 * 48
    rows = {row.at: row for row in table.rows}
    first, second = rows["2026-11-23T09:00:00Z"], rows["2026-11-23T09:30:00Z"]
    assert first.calls + second.calls == pytest.approx(4, abs=0.2)
    assert first.calls > 2 * second.calls  # three to one, with some doubt
    assert first.agents is not None
    assert first.agents >= 1
    assert first.scheduled == pytest.approx(-(-first.agents // 0.7))
    assert first.agents_c is not None
    assert first.agents_a is not None
    assert first.agents_c >= first.agents_a
    night = rows["2026-11-23T03:00:00Z"]
    assert (night.calls, night.agents, night.scheduled) == (0, 0, 0)
    assert {row.logged_in for row in table.rows} == {None}


def test_what_was_there_lately_is_beside_the_need(floor: Ledger) -> None:
    """On the only Thursday that is known, two agents were there from 8:00 to 16:00."""
    from ringbook.analyse.roster import _lately

    found = _lately(presence(floor, Scope("floor"), DAY, NOW), _asker())
    thursday = 2 * 24 * 3
    assert [found[thursday + slot] for slot in (16, 31, 32)] == [2.0, 2.0, 0.0]
    assert thursday + 15 not in found  # before the log begins nothing is known


def test_staffing_without_history_or_with_an_impossible_target(floor: Ledger) -> None:
    table = staffing_table(floor, _asker(), "", Wanted(aht_s=180.0))
    assert not table.rows
    assert "needs 4 whole weeks" in table.forecast.needed
    assert any("of whatever queue" in note for note in table.notes)
    with pytest.raises(AskError, match="cannot be reached"):
        staffing_table(floor, _asker("rota"), "", Wanted(target_share=1.0, within_s=0.0))
