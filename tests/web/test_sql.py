"""The SQL door over HTTP: for people on its page, for programs through the API; each within their scope, all on record."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right, Role
from ringbook.runtime.home import Home

from ..house import People
from .test_api import api, get

pytestmark = pytest.mark.django_db
COUNT = "SELECT count() AS n FROM calls"
As = Callable[[Person], Client]


def ask(client: Client, statement: str, accept: str = "application/json", **more: object) -> Any:
    return client.post(
        "/api/v1/sql",
        {"statement": statement, **more},
        content_type="application/json",
        headers={"Accept": accept},
    )


def test_everybody_counts_the_calls_that_they_see(house: Home, people: People, as_: As) -> None:
    for person in (people.owner, people.supervisor, people.auditor):
        client = as_(person)
        page = client.post("/sql/answer", {"statement": COUNT})
        assert page.status_code == 200, page.content[:500]
    total = get(api(), "/calls", limit=1)["total"]
    found = ask(api(), COUNT).json()
    assert found == {"columns": [{"name": "n", "type": "uint64"}], "rows": [[total]], "cut": False}
    led = api(Role.SUPERVISOR, people.supervisor)
    theirs = get(led, "/calls", limit=1)["total"]
    assert 0 < theirs < total
    assert ask(led, COUNT).json()["rows"] == [[theirs]]


def test_an_answer_comes_as_arrow_and_csv(house: Home) -> None:
    statement = "SELECT id, started_at, talk_s, agents FROM calls ORDER BY id"
    response = ask(api(), statement, "application/vnd.apache.arrow.stream", rows=7)
    table = pa.ipc.open_stream(response.content).read_all()
    assert table.num_rows == 7
    assert response.headers["X-Cut"] == "true"
    assert pa.types.is_timestamp(table.schema.field("started_at").type)
    lines = ask(api(), statement, "text/csv", rows=7).content.decode().splitlines()
    assert lines[0] == "id,started_at,talk_s,agents"
    assert [line.partition(",")[0] for line in lines[1:]] == table["id"].to_pylist()


def test_formulas_in_names_are_text_in_csv(house: Home) -> None:
    found = ask(api(), "SELECT '=HYPERLINK(1)' AS a", "text/csv").content.decode()
    assert found.splitlines()[1] == "'=HYPERLINK(1)"


def test_what_is_wrong_is_said_and_nothing_is_done(house: Home, people: People, as_: As) -> None:
    for statement in (
        "DROP TABLE calls",
        "SELECT * FROM frames",
        "SELECT nothing FROM calls",
        "",
        "SELECT '",
    ):
        response = ask(api(), statement)
        assert response.status_code in (400, 422), statement
        assert response.headers["Content-Type"] == "application/problem+json"
        page = as_(people.owner).post("/sql/answer", {"statement": statement})
        assert page.status_code == 422
        assert "not computed" in page.content.decode()
    assert ask(api(), COUNT).json()["rows"][0][0] > 100


def test_agents_and_masked_viewers_have_no_such_door(house: Home, people: People, as_: As) -> None:
    assert as_(people.agent).get("/sql/").status_code == 403
    assert ask(api(Role.AGENT, people.agent), COUNT).status_code == 403
    Organisation.objects.update(masked_roles=["auditor"])
    assert b"see masked" in as_(people.auditor).get("/sql/").content
    assert as_(people.auditor).post("/sql/answer", {"statement": COUNT}).status_code == 422


def test_a_token_without_the_right_is_told_which(house: Home) -> None:
    response = ask(api(rights=[Right.SEE_CALLS]), COUNT)
    assert response.json()["right"] == "query_sql"


def test_each_statement_is_on_record(house: Home, people: People, as_: As) -> None:
    as_(people.owner).post("/sql/answer", {"statement": COUNT})
    as_(people.owner).post("/sql/answer", {"statement": "DROP TABLE calls"})
    asked, refused = AuditEntry.objects.order_by("seq").filter(action__startswith="sql:")
    assert (asked.action, refused.action) == ("sql:asked", "sql:refused")
    assert COUNT in asked.detail
    assert "DROP" in refused.detail


def test_files_have_all_rows(house: Home, people: People, as_: As) -> None:
    total = get(api(), "/calls", limit=1)["total"]
    asked = {"statement": "SELECT id, from_name FROM calls", "format": "parquet"}
    response = as_(people.owner).post("/sql/file", asked)
    assert pq.read_table(io.BytesIO(response.content)).num_rows == total
    lines = as_(people.owner).post("/sql/file", {**asked, "format": "csv"})
    assert len(b"".join(lines).splitlines()) == total + 1  # type: ignore[arg-type]


def test_the_page_shows_rows_columns_and_what_there_is(house: Home, people: People, as_: As) -> None:
    page = as_(people.owner).get("/sql/").content.decode()
    for told in ("annotations", "recordings", "agent_talk_s", "Examples"):
        assert told in page
    answer = as_(people.owner).post(
        "/sql/answer", {"statement": "SELECT id, NULL AS none FROM calls LIMIT 2"}
    )
    text = answer.content.decode()
    assert text.count("<tr>") == 3
    assert "NULL" in text
