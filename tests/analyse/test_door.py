"""The SQL door: analysts get their rows, and nobody gets through it to anything else."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.analyse.door.answer import answer
from ringbook.analyse.door.errors import SqlError
from ringbook.analyse.door.statement import prepared
from ringbook.analyse.door.views import VIEWS
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call
from ringbook.model.instant import to_datetime
from ringbook.model.scope import Reach, Scope
from tests.search.calls import random_calls

ALL = Scope("random")
CALLS = random_calls(600, 11, "random")
QUEUE, _ = Counter(call.queue for call in CALLS if call.queue).most_common(1)[0]
INSIDE = Scope("random", (Reach(queues=(QUEUE,)),))


def inside(call: Call) -> bool:
    return call.queue == QUEUE


def test_an_analyst_counts_what_plain_python_counts(ledger: Ledger) -> None:
    asked = """
        -- answered calls of each queue, the most first
        SELECT queue, count() AS calls, countIf(outcome = 'answered') AS answered, round(avg(talk_s), 3) AS talk
        FROM calls WHERE queue != '' GROUP BY queue ORDER BY calls DESC, queue
    """
    rows = answer(ledger, ALL, asked).rows()
    counted = Counter(call.queue for call in CALLS if call.queue)
    assert {row["queue"]: row["calls"] for row in rows} == counted
    assert [row["calls"] for row in rows] == sorted(counted.values(), reverse=True)
    answered = Counter(call.queue for call in CALLS if call.queue and call.outcome == "answered")
    assert {row["queue"]: row["answered"] for row in rows if row["answered"]} == answered


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_of_every_view_is_there_with_its_type(ledger: Ledger, view: str) -> None:
    columns = VIEWS[view].columns
    found = answer(ledger, ALL, f"SELECT * FROM {view} LIMIT 3").table
    assert found.column_names == [column.name for column in columns]
    types = ", ".join(f"toTypeName({column.name}) AS {column.name}" for column in columns)
    told = answer(ledger, Scope("main"), f"SELECT any(x) FROM (SELECT 1 AS x FROM {view})")
    assert told.table.num_rows == 1
    for row in answer(ledger, ALL, f"SELECT {types} FROM {view} LIMIT 1").rows():
        told = {name: re.sub(r"LowCardinality\((\w+)\)", r"\1", kind) for name, kind in row.items()}
        assert told == {column.name: column.type for column in columns}


@pytest.mark.parametrize(
    "asked",
    [
        "WITH busy AS (SELECT queue, count() AS n FROM calls GROUP BY queue) SELECT sum(n) AS n FROM busy",
        "SELECT count() AS n FROM (SELECT id FROM calls WHERE direction = 'inbound' UNION ALL SELECT id FROM calls"
        " WHERE direction != 'inbound')",
        "SELECT sum(one) AS n FROM (SELECT 1 AS one, row_number() OVER (PARTITION BY queue ORDER BY started_at) AS p"
        " FROM calls)",
        "SELECT countDistinct(c.id) AS n FROM calls AS c LEFT JOIN annotations AS a ON a.call = c.id",
        "SELECT count() AS n FROM calls WHERE toTimeZone(started_at, 'Europe/Berlin') >= '2000-01-01'"
        " AND id IN (SELECT id FROM calls)",
        "SELECT count() AS n FROM calls WHERE started_at > now() - INTERVAL 100 YEAR",
        "SELECT countIf(CAST(started_at AS DateTime64(3, 'UTC')) > toDateTime('2000-01-01 00:00:00')) AS n FROM calls",
        "SELECT sum(n) AS n FROM (SELECT toStartOfInterval(started_at, INTERVAL 1 HOUR) AS h, count() AS n"
        " FROM calls GROUP BY h)",
    ],
)
def test_ways_to_count_all_calls(ledger: Ledger, asked: str) -> None:
    assert answer(ledger, ALL, asked).rows() == [{"n": len(CALLS)}]
    assert answer(ledger, INSIDE, asked).rows() == [{"n": sum(map(inside, CALLS))}]


def test_texts_are_values_whatever_they_say(ledger: Ledger) -> None:
    for text in (
        "{scope}",
        "{tenant:String}",
        "x' OR 1=1 --",
        "\\' OR 1 --",
        "view_calls",
        "a\nb",
        "%s",
        "{v0:String}",
    ):
        quoted = text.replace("\\", "\\\\").replace("'", "\\'")
        assert answer(ledger, ALL, f"SELECT '{quoted}' AS said").rows() == [{"said": text}]
        assert answer(ledger, ALL, f"SELECT count() AS n FROM calls WHERE from_name = '{quoted}'").rows() == [
            {"n": 0}
        ]


def test_an_answer_says_that_it_is_cut(ledger: Ledger) -> None:
    found = answer(ledger, ALL, "SELECT id FROM calls ORDER BY id", rows=10)
    assert (found.table.num_rows, found.cut) == (10, True)
    assert not answer(ledger, ALL, "SELECT id FROM calls LIMIT 10", rows=10).cut
    assert [row["id"] for row in found.rows()] == sorted(call.id for call in CALLS)[:10]


def test_times_are_times(ledger: Ledger) -> None:
    first = min(CALLS, key=lambda call: call.started_at)
    (row,) = answer(ledger, ALL, "SELECT min(started_at) AS first FROM calls").rows()
    assert row["first"].astimezone(UTC) == datetime.fromtimestamp(first.started_at / 1e6, UTC)


def test_times_to_the_second_are_times_too(ledger: Ledger) -> None:
    """The engine hands them over as plain numbers of seconds."""
    asked = """
        SELECT toStartOfHour(started_at) AS hour, toStartOfInterval(toTimeZone(started_at, 'Asia/Kolkata'), INTERVAL 15 MINUTE),
            toDateTime(nullIf(dialled, dialled)) AS never, toUInt32(count()) AS calls
        FROM calls GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT 2000
    """
    table = answer(ledger, ALL, asked).table
    assert [str(field.type) for field in table.schema][::3] == ["timestamp[s, tz=UTC]", "uint32"]
    hours = Counter(to_datetime(call.started_at).replace(minute=0, second=0, microsecond=0) for call in CALLS)
    counted: Counter[datetime] = Counter()
    for hour, quarter, never, calls in zip(*(column.to_pylist() for column in table.columns), strict=True):
        counted[hour] += calls
        assert quarter.minute % 15 == 0
        assert never is None
    assert counted == hours
    assert answer(ledger, ALL, "SELECT toStartOfHour(started_at) FROM calls WHERE 0").table.num_rows == 0


HOSTILE = [
    "INSERT INTO calls SELECT * FROM calls",
    "DROP TABLE calls",
    "SELECT",
    "SELECT 1; DROP TABLE calls",
    "ALTER TABLE calls DELETE WHERE 1",
    "CREATE TABLE x (a Int8) ENGINE = Memory",
    "TRUNCATE TABLE frames",
    "SYSTEM SHUTDOWN",
    "SET readonly = 0",
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT 1 FORMAT CSV",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT * FROM frames",
    "SELECT * FROM main.calls",
    "SELECT * FROM default.calls",
    "SELECT * FROM system.tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM `system`.`one`",
    "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM numbers(10)",
    "SELECT * FROM merge('.*', 'calls')",
    "SELECT * FROM view(SELECT * FROM frames)",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM s3('http://x/y')",
    "SELECT file('/etc/passwd')",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT joinGet('calls', 'id', 1)",
    "SELECT `file`('/etc/passwd')",
    "SELECT \"file\"('/etc/passwd')",
    "SELECT sleep(3)",
    "SELECT hostName()",
    "SELECT getSetting('max_memory_usage')",
    "SELECT currentUser()",
    "SELECT x IN calls FROM (SELECT 1 AS x)",
    "SELECT x IN (calls) FROM (SELECT 1 AS x)",
    "SELECT x IN view_calls FROM (SELECT 1 AS x)",
    "SELECT `in`(x, calls) FROM (SELECT 1 AS x)",
    "SELECT globalIn(x, calls) FROM (SELECT 1 AS x)",
    "SELECT * FROM view_calls",
    "SELECT * FROM cte_calls",
    "SELECT * FROM (WITH calls AS (SELECT 1 AS x) SELECT x FROM calls) AS a, frames",
    "WITH frames AS (SELECT 1 AS x) SELECT * FROM (SELECT * FROM frames) AS a, (SELECT * FROM main.frames) AS b",
    "SELECT * FROM calls FINAL",
    "SELECT * FROM calls SAMPLE 0.1",
    "SELECT * FROM calls PREWHERE 1",
    "SELECT {tenant:String}",
    "SELECT {scope_queues_0:Array(String)}",
    "SELECT 1 AS `{scope}`",
    "SELECT 1 AS `x' OR 1`",
    "SELECT tenant FROM calls",
    "SELECT detail FROM calls",
    "SELECT _part FROM calls",
    "SELECT calls.tenant FROM calls",
    "EXPLAIN SELECT 1",
    "SHOW TABLES",
    "DESCRIBE calls",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT (SELECT tenant FROM calls LIMIT 1)",
    "SELECT * FROM calls WHERE id IN (SELECT id FROM frames)",
    "SELECT * FROM calls WHERE EXISTS (SELECT 1 FROM frames)",
    "SELECT COLUMNS('.*') FROM calls",
    "SELECT evalMLMethod(1)",
    "SELECT throwIf(1)",
    "SELECT repeat('x', 1000000000)",
    "SELECT",
    "SELECT 'a",
    "((((",
    "",
    " ",
    "\x00",
    "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "SELECT 1 " + "x" * 30_000,
]


@pytest.mark.parametrize("asked", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_not_for_analysts_is_refused_with_a_reason(ledger: Ledger, asked: str) -> None:
    with pytest.raises(SqlError) as refused:
        answer(ledger, ALL, asked)
    assert len(str(refused.value)) > 10
    assert "view_" in asked or "view_" not in str(refused.value)


def test_a_table_of_the_same_name_as_a_cte_is_never_read(ledger: Ledger) -> None:
    asked = "WITH calls AS (SELECT 7 AS id) SELECT id FROM calls"
    assert answer(ledger, ALL, asked).rows() == [{"id": 7}]
    with pytest.raises(SqlError):  # out of its place the name is nothing, not a table
        answer(
            ledger,
            ALL,
            "SELECT a.x, b.tenant FROM (WITH calls AS (SELECT 1 AS x) SELECT x FROM calls) AS a, calls AS b",
        )


def test_nobody_sees_beyond_their_scope(ledger: Ledger) -> None:
    ours = {call.id for call in CALLS if inside(call)}
    assert {row["id"] for row in answer(ledger, INSIDE, "SELECT id FROM calls").rows()} == ours
    for view in ("annotations", "recordings"):
        assert {row["call"] for row in answer(ledger, INSIDE, f"SELECT call FROM {view}").rows()} <= ours
    seen = answer(ledger, INSIDE, "SELECT call FROM annotations").rows()
    assert len(seen) == sum(inside(call) for call in CALLS[:300]) > 0
    assert answer(ledger, Scope("nobody"), "SELECT count() AS n FROM calls").rows() == [{"n": 0}]


@pytest.mark.parametrize(
    "where",
    [
        "intDiv(1, if(id = '{id}', 0, 1)) >= 0",
        "toInt32(if(id = '{id}', 'x', '1')) = 1",
        "NOT (intDiv(1, if(id = '{id}', 0, 1)) < 0) AND queue != 'nothing'",
    ],
)
def test_an_error_tells_nothing_of_calls_outside_the_scope(ledger: Ledger, where: str) -> None:
    outside = next(call.id for call in CALLS if not inside(call))
    within = next(call.id for call in CALLS if inside(call))
    asked = "SELECT count() AS n FROM calls WHERE " + where
    assert answer(ledger, INSIDE, asked.replace("{id}", outside)).rows()[0]["n"] == sum(map(inside, CALLS))
    with pytest.raises(SqlError, match="could not be computed") as told:
        answer(ledger, INSIDE, asked.replace("{id}", within))
    assert within not in str(told.value)


def test_who_sees_numbers_masked_is_refused(ledger: Ledger) -> None:
    with pytest.raises(SqlError, match="masked"):
        answer(ledger, Scope("random", masked=True), "SELECT 1")


def test_what_would_run_for_an_hour_is_stopped_and_says_so(ledger: Ledger) -> None:
    asked = "SELECT count() FROM calls AS a, calls AS b, calls AS c, calls AS d WHERE a.talk_s + b.talk_s + c.talk_s > d.talk_s"
    with pytest.raises(SqlError, match="longer than 1 s"):
        answer(ledger, ALL, asked, time_s=1.0)
    # Nor does it spoil the answer of whoever asks next.
    assert answer(ledger, ALL, "SELECT count() AS n FROM calls").rows() == [{"n": len(CALLS)}]
    assert ledger.count(ALL) == len(CALLS)


def test_what_needs_too_much_memory_is_stopped_and_says_so(ledger: Ledger) -> None:
    asked = "SELECT groupArray(concat(a.id, b.id, c.id)) FROM calls AS a, calls AS b, calls AS c"
    with pytest.raises(SqlError, match=r"memory|longer"):
        answer(ledger, ALL, asked)


@given(st.text(alphabet="SELECTFROMWHEREselectfromcalls(){}'\"`;,*=.-+ \\\n0x", max_size=60))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_or_harmless(text: str) -> None:
    try:
        found = prepared(f"SELECT {text}")
    except SqlError:
        return
    assert "{scope}" not in found.sql
    assert not {"INSERT", "DROP", "SETTINGS", "SYSTEM"} & set(found.sql.upper().split())
