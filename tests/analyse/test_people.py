"""Calls that phones did not take: by plain Python over random calls."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from ringbook.analyse.peers import people
from ringbook.analyse.periods import period
from ringbook.analyse.question import Asker
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.instant import iso
from ringbook.model.party import EndpointKind
from ringbook.model.scope import Scope
from ringbook.search.pages import count_calls, iterate

from .calls import NOW
from .conftest import Ask

RANDOM = Scope("random")


def phones(call: Call) -> set[str]:
    """Phones of ours on a call, as the ledger has them."""
    parties = [side.number for side in (call.caller, call.called) if side.kind is EndpointKind.PERSON]
    legs = [leg.number for leg in call.legs if leg.kind is EndpointKind.PERSON]
    agents = [agent.extension for agent in call.agents]
    return {phone for phone in (*parties, *legs, *agents) if phone}


def test_calls_not_taken_are_those_of_plain_python(ask: Ask, ledger: Ledger) -> None:
    rings, taken, elsewhere = Counter[str](), Counter[str](), Counter[str]()
    calls = 0
    for call in iterate(ledger, RANDOM, now=NOW):
        found, talked = phones(call), {agent.extension for agent in call.agents}
        answered = call.outcome == Outcome.ANSWERED
        if call.direction != Direction.INBOUND or not found or (answered and not call.agents):
            continue
        calls += 1
        rings.update(found)
        taken.update(found & talked)
        elsewhere.update(found - talked if answered else ())
    answer = ask("random", "rings")
    told = {row["extension"]: row for row in answer.rows}
    assert {phone: row["rings"] for phone, row in told.items()} == dict(rings)
    for phone, row in told.items():
        assert (row["answered"], row["elsewhere"]) == (taken[phone], elsewhere[phone])
        assert row["not_taken"] == (rings[phone] - taken[phone]) / rings[phone]
        assert row["nobody"] == rings[phone] - taken[phone] - elsewhere[phone]
        assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"] == rings[phone]
    assert (answer.total["calls"], answer.total["rings"]) == (calls, rings.total())
    assert elsewhere.total() > 0


def test_what_people_handled_is_that_of_plain_python(ledger: Ledger) -> None:
    handled, talks, held, moved = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    talk_s, hold_s = defaultdict[str, float](float), defaultdict[str, float](float)
    first, twice = NOW, 0
    for call in iterate(ledger, RANDOM, f"before:{iso(NOW)}", now=NOW):
        first = min(first, call.started_at)
        spoken: dict[str, list[float | None]] = {}
        for agent in call.agents:
            spoken.setdefault(agent.extension or agent.name or "?", []).append(agent.talk_s)
        twice += any(len(times) > 1 for times in spoken.values())
        for who, times in spoken.items():
            known = [took for took in times if took is not None]
            handled[who] += 1
            if len(known) == len(times):
                talks[who] += 1
                talk_s[who] += sum(known)
            held[who] += call.hold_s is not None
            hold_s[who] += call.hold_s or 0
            moved[who] += bool(call.transfers)
    day, end = (str(iso(at))[:10] for at in (first, NOW))
    found = people(ledger, Asker(RANDOM, "UTC", NOW), "", period(f"{day}..{end}", zone="UTC", now=NOW))
    assert {row.agent: row.handled for row in found.rows} == {
        who: n for who, n in handled.items() if who != "?"
    }
    assert twice > 0
    for row in found.rows:
        who = row.agent
        assert row.talk_not_known == handled[who] - talks[who]
        assert row.talk_s == (pytest.approx(talk_s[who]) if talks[who] else None)
        assert row.hold_s == (pytest.approx(hold_s[who]) if held[who] else None)
        assert row.transfers == moved[who]


def test_a_missed_call_is_nobodys(ask: Ask) -> None:
    """Ben's call was missed at 101; the eight other calls have no agent that the records name."""
    answer = ask("again", "rings")
    assert answer.excluded == {"no phone known": 0, "answered, by whom not known": 8}
    [row] = answer.rows
    assert (row["extension"], row["rings"], row["nobody"], row["not_taken"]) == ("101", 1, 1, 1)
