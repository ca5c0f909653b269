"""What holds for any calls: parts add up to the whole, a part's question finds it, plain Python gives the same values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from ringbook.analyse import answer as answer_module
from ringbook.analyse.answer import Row
from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.figures import FIGURES
from ringbook.analyse.question import Asker, Conditions
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.instant import SECOND, to_datetime
from ringbook.model.scope import Scope
from ringbook.search.pages import count_calls, iterate

from .calls import NOW
from .conftest import Ask

RANDOM = Scope("random")
ZONE = "America/New_York"
ONCE = [name for name, dimension in DIMENSIONS.items() if not dimension.several]


@pytest.mark.parametrize("by", ONCE)
@pytest.mark.parametrize("name", ["calls", "outcomes", "service-level", "ner", "callbacks", "hold"])
def test_parts_add_up_to_the_whole(ask: Ask, name: str, by: str) -> None:
    answer = ask("random", name, by=by, zone=ZONE)
    assert not answer.more
    for column in FIGURES[name].columns:
        if column.kind == "count" and column.name != "callers":
            assert sum(row[column.name] for row in answer.rows) == answer.total[column.name], column.name
    assert answer.total == {**ask("random", name, zone=ZONE).total, "small_sample": answer.small_sample}


@pytest.mark.parametrize("by", ["agent", "source"])
def test_a_call_in_several_parts_is_once_in_the_whole(ask: Ask, by: str) -> None:
    answer = ask("random", "calls", by=by)
    assert answer.total == ask("random", "calls").total
    assert sum(row["calls"] for row in answer.rows) > answer.total["calls"]
    assert any("more than the whole" in note for note in answer.notes)


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("query", ["", "outcome:answered or talk:>10"])
def test_question_of_a_part_finds_its_calls(ask: Ask, ledger: Ledger, by: str, query: str) -> None:
    answer = ask("random", "calls", query, by=by, zone=ZONE)
    rows = [row for row in answer.rows if row["calls"]]
    for row in rows[:: max(1, len(rows) // 20)]:
        assert count_calls(ledger, RANDOM, row["calls_query"], zone=ZONE, now=NOW) == row["calls"], row


@pytest.mark.parametrize("by", ["number", "dialled", "agent", "trunk", "account"])
def test_parts_open_their_calls_where_there_are_more_than_are_shown(
    ask: Ask, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """A number in another spelling, or an account in other letters, may be among those that are not shown."""
    monkeypatch.setattr(answer_module, "MOST_PARTS", 2)
    answer = ask("random", "calls", by=by)
    assert (len(answer.rows), answer.more) == (2, True)
    for row in answer.rows:
        assert count_calls(ledger, RANDOM, row["calls_query"], now=NOW) == row["calls"], row


def test_heat_map_is_complete(ask: Ask, ledger: Ledger) -> None:
    answer = ask("random", "heat-map", zone=ZONE)
    assert [(row["weekday"], row["hour"]) for row in answer.rows[:25]][-1] == ("tue", 0)
    assert len(answer.rows) == 7 * 24
    assert sum(row["calls"] for row in answer.rows) == 600
    busy = max(answer.rows, key=lambda row: row["calls"])
    assert count_calls(ledger, RANDOM, busy["calls_query"], zone=ZONE, now=NOW) == busy["calls"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_a_day_has_as_many_hours_as_its_clocks_show(ask: Ask, day: str, hours: int) -> None:
    """One call begins in every hour, so an hour skipped or counted twice would show."""
    made = ask("clocks", "calls", f"on:{day}", by="hour", zone=ZONE)
    by_day = ask("clocks", "calls", f"on:{day}", by="day", zone=ZONE)
    assert len(made.rows) == hours
    assert [row["calls"] for row in made.rows] == [1] * hours
    assert [(row["day"], row["calls"]) for row in by_day.rows] == [(day, hours)]


def test_the_hour_that_comes_twice_is_two_hours(ask: Ask, ledger: Ledger) -> None:
    made = ask("clocks", "calls", "on:2026-11-01 hour:1", by="hour", zone=ZONE)
    assert [row["hour"] for row in made.rows] == ["2026-11-01T05:00Z", "2026-11-01T06:00Z"]
    for row in made.rows:
        assert count_calls(ledger, Scope("clocks"), row["calls_query"], zone=ZONE, now=NOW) == 1
    clock = ask("clocks", "calls", "on:2026-11-01", by="clock", zone=ZONE)
    assert [row["calls"] for row in clock.rows if row["clock"] == "01:00"] == [2]


def test_stretches_without_calls_are_zero(ask: Ask) -> None:
    days = ask("lost", "answered-rate", "on:2026-11-05..2026-11-09", by="day")
    told = [(row["day"][-2:], row["calls"], row["rate"]) for row in days.rows]
    assert told == [("05", 4, 0.25), ("06", 0, None), ("07", 1, 1), ("08", 2, 0), ("09", 1, 0)]


# --- the same in plain Python ---------------------------------------------------------------------------------------------


def percentile(values: list[float], level: float) -> float | None:
    """The interpolated percentile (R-7)."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * level
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spans(values: list[float]) -> Row:
    return {
        "calls": len(values),
        "mean_s": fmean(values) if values else None,
        "median_s": percentile(values, 0.5),
        "p90_s": percentile(values, 0.9),
    }


def told(calls: list[Call], fact: str) -> list[float]:
    """A span of the answered calls, where it is known."""
    known = [getattr(call, fact) for call in calls if call.outcome == Outcome.ANSWERED]
    return [value for value in known if value is not None]


def queued(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.queue and call.outcome != Outcome.UNKNOWN]


def service_level_d(calls: list[Call]) -> Row:
    offered = [
        call
        for call in queued(calls)
        if not (call.outcome == Outcome.ANSWERED and call.wait_s is None)
        and not (call.outcome == Outcome.ABANDONED and call.wait_s is not None and call.wait_s <= 6)
    ]
    within = [c for c in offered if c.outcome == Outcome.ANSWERED and c.wait_s is not None and c.wait_s <= 20]
    return {"calls": len(offered), "within": len(within), "service_level": len(within) / len(offered)}


def abandonment_c(calls: list[Call]) -> Row:
    left = [call for call in queued(calls) if call.outcome == Outcome.ABANDONED]
    short = [call for call in left if call.wait_s is not None and call.wait_s <= 6]
    offered = len(queued(calls)) - len(short)
    return {"calls": offered, "abandoned": len(left) - len(short), "rate": (len(left) - len(short)) / offered}


def abandonment_d(calls: list[Call]) -> Row:
    inbound = [
        call for call in calls if call.direction == Direction.INBOUND and call.outcome != Outcome.UNKNOWN
    ]
    known = [(call.outcome, call.duration_s) for call in inbound if call.duration_s is not None]
    gone = [made for made in known if made[0] in (Outcome.ABANDONED, Outcome.MISSED) and made[1] <= 15]
    return {"calls": len(known), "abandoned": len(gone), "rate": len(gone) / len(known)}


def peak(calls: list[Call]) -> Row:
    """Step through all beginnings, counting who is on a call then."""
    lasting = [
        (c.started_at, c.started_at + round(c.duration_s * SECOND)) for c in calls if c.duration_s is not None
    ]
    most = max(sum(start <= at < end for start, end in lasting) for at, _ in lasting)
    return {"calls": len(lasting), "peak": most}


def callbacks(calls: list[Call]) -> Row:
    lost_ones = [
        call
        for call in calls
        if call.direction == Direction.INBOUND
        and call.outcome in (Outcome.MISSED, Outcome.ABANDONED, Outcome.VOICEMAIL)
        and any(char.isdigit() for char in call.caller.number)
    ]
    returned = lost = 0
    for call in lost_ones:
        later = [
            other.started_at - call.started_at
            for other in calls
            if other.outcome == Outcome.ANSWERED
            and other.started_at > call.started_at
            and (
                (other.direction == Direction.INBOUND and other.caller.number == call.caller.number)
                or (other.direction == Direction.OUTBOUND and other.called.number == call.caller.number)
            )
        ]
        if later and min(later) <= 86_400 * SECOND:
            returned += 1
        elif NOW - call.started_at > 86_400 * SECOND:
            lost += 1
    over = sum(NOW - call.started_at > 86_400 * SECOND for call in lost_ones)
    return {
        "calls": len(lost_ones),
        "returned": returned,
        "not_returned": lost,
        "returned_share": 1 - lost / over,
    }


PLAIN: dict[tuple[str, str | None], Callable[[list[Call]], Row]] = {
    ("wait", None): lambda calls: spans(told(calls, "wait_s")),
    ("talk", None): lambda calls: spans(told(calls, "talk_s")),
    ("ring", None): lambda calls: spans(told(calls, "ring_s")),
    ("hold", None): lambda calls: spans(told(calls, "hold_s")),
    ("asa", None): lambda calls: spans(told([call for call in calls if call.queue], "wait_s")),
    ("service-level", "D"): service_level_d,
    ("abandonment", "C"): abandonment_c,
    ("abandonment", "D"): abandonment_d,
    ("concurrency", None): peak,
    ("callbacks", None): callbacks,
}


@pytest.mark.parametrize(("name", "variant"), PLAIN)
@pytest.mark.parametrize("query", ["", "source:office"])
def test_plain_python_gives_the_same(
    ask: Ask, ledger: Ledger, name: str, variant: str | None, query: str
) -> None:
    calls = list(iterate(ledger, RANDOM, query, now=NOW))
    if name == "callbacks":
        query = ""  # answered calls count whatever else was asked, so the plain reckoning needs all of them
        calls = list(iterate(ledger, RANDOM, now=NOW))
    total = ask("random", name, query, variant=variant).total
    expected = PLAIN[name, variant](calls)
    assert {key: total[key] for key in expected} == pytest.approx(expected)


@pytest.mark.parametrize("by", ["day", "week", "month", "clock", "hour"])
def test_buckets_are_those_of_the_viewers_calendar(ask: Ask, ledger: Ledger, by: str) -> None:
    def bucket(call: Call) -> str:
        local = to_datetime(call.started_at).astimezone(ZoneInfo(ZONE))
        match by:
            case "day":
                return local.strftime("%Y-%m-%d")
            case "week":
                return (local.date() - timedelta(days=local.weekday())).isoformat()
            case "month":
                return local.strftime("%Y-%m")
            case "clock":
                return local.strftime("%H:00")
            case _:
                return local.replace(minute=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")

    expected = Counter(map(bucket, iterate(ledger, RANDOM, "last:45d", zone=ZONE, now=NOW)))
    rows = ask("random", "calls", "last:45d", by=by, zone=ZONE).rows
    assert {row[by]: row["calls"] for row in rows if row["calls"]} == dict(expected)


def test_busiest_hours_are_the_ten_largest(ask: Ask, ledger: Ledger) -> None:
    rows = ask("random", "busiest-hours").rows
    counted = Counter(
        datetime.fromtimestamp(call.started_at // SECOND // 3600 * 3600, UTC).strftime("%Y-%m-%dT%H:%MZ")
        for call in iterate(ledger, RANDOM, now=NOW)
    )
    assert [row["calls"] for row in rows] == sorted(counted.values(), reverse=True)[:10]
    assert all(counted[row["hour"]] == row["calls"] for row in rows)


@pytest.mark.parametrize("name", FIGURES)
def test_in_whatever_parts_the_whole_is_the_same_and_rows_open_their_calls(
    ask: Ask, ledger: Ledger, name: str
) -> None:
    whole = ask("random", name).total
    about = FIGURES[name]
    opened: list[tuple[str, Row]] = []
    for by in DIMENSIONS if about.by is None else about.by or (None,):
        answer = ask("random", name, by=by, zone=ZONE)
        assert answer.total == pytest.approx(whole), by
        assert answer.rows, by
        assert name == "concurrency-levels" or all(
            row["calls_query"] for row in answer.rows if row["calls"]
        ), by
        opened += [(f"{by}: {row['calls_query']}", row) for row in _some(answer.rows)]
    found = _counted(ledger, [row["calls_query"] for _, row in opened])
    told = {about: row["calls"] for about, row in opened}
    assert dict(zip(told, found, strict=True)) == told


def _some(rows: list[Row]) -> list[Row]:
    """The first row, the last and the largest, of those that say which calls are theirs."""
    said = [row for row in rows if row["calls_query"] is not None]
    largest = max(said, key=lambda row: int(row["calls"] or 0), default=None)
    return [row for n, row in enumerate(said) if n in (0, len(said) - 1) or row is largest]


def _counted(ledger: Ledger, questions: list[str]) -> list[int]:
    """How many calls each question finds, in one go."""
    if not questions:
        return []
    build = Conditions(Asker(RANDOM, ZONE, NOW))
    counts = ", ".join(f"countIf({build.of(question)})" for question in questions)
    [found] = ledger.query_rows(RANDOM, f"SELECT [{counts}] FROM calls WHERE {{scope}}", build.params)
    return list(found[0])
