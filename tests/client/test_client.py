"""The client against a running ``serve``: every page, every problem, and nothing done twice."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ringbook.client import NotThereError, NumberSent, ProblemError, Ringbook

from ..house import made_up_calls
from ..runtime.conftest import ringbook as command
from ..search.calls import HAND_MADE
from .conftest import Served

SALES = str(HAND_MADE["sales"].id)


def test_calls_come_from_all_pages(program: Ringbook) -> None:
    calls = list(program.calls())
    assert {call.id for call in calls} >= {call.id for call in made_up_calls()}
    assert program.count() == len(calls)
    assert [call.started_at for call in calls] == sorted((call.started_at for call in calls), reverse=True)


def test_pages_of_one_call_each_miss_none(program: Ringbook) -> None:
    first = program.search_calls(query="outcome:answered direction:inbound", limit=200)
    assert first.total == len(first.items)
    seen, cursor = [], ""
    while True:
        page = program.search_calls(query="outcome:answered direction:inbound", limit=7, cursor=cursor)
        seen += [call.id for call in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [call.id for call in first.items]


def test_a_call_is_typed(program: Ringbook) -> None:
    call = program.get_call(SALES)
    assert (call.from_.number, call.from_.name) == ("+15125550101", "Anna Berg")
    assert call.agents[0].extension == "101"
    assert call.outcome == "answered"


def test_changes_bring_every_call_and_then_nothing(program: Ringbook) -> None:
    followed = list(program.changes())
    seen, cursor = {change.id for change, _ in followed}, followed[-1][1]
    assert seen >= {call.id for call in made_up_calls()}
    after = program.list_changes(since=cursor)
    assert not after.more
    assert {change.id for change in after.items} <= seen


def test_what_is_added_is_found_at_once(program: Ringbook) -> None:
    note = program.add_note(SALES, text="A refund of the blue kettle")
    assert note.version == 1
    changed = program.change_note(SALES, note.id, text="A refund of the red kettle", version=1)
    assert (changed.text, changed.version) == ("A refund of the red kettle", 2)
    program.add_tag(SALES, "kettles & pans/1", create=True)
    assert "kettles & pans/1" in program.get_annotations(SALES).tags
    assert [call.id for call in program.calls('note:"red kettle"')] == [SALES]
    assert [call.id for call in program.calls('tag:"kettles & pans/1"')] == [SALES]
    program.remove_tag(SALES, "kettles & pans/1")
    assert list(program.calls('tag:"kettles & pans/1"')) == []
    program.remove_note(SALES, note.id, version=2)
    assert list(program.calls('note:"red kettle"')) == []


def test_two_who_change_the_same_note_both_keep_their_words(program: Ringbook) -> None:
    note = program.add_note(SALES, text="one")
    program.change_note(SALES, note.id, text="two", version=1)
    with pytest.raises(ProblemError) as told:
        program.change_note(SALES, note.id, text="three", version=1)
    assert (told.value.status, told.value.kind) == (412, "changed")
    assert (told.value.more["current"], told.value.more["yours"]) == ("two", "three")


def test_a_task_is_kept_until_it_is_done(program: Ringbook) -> None:
    task = program.add_task(SALES, text="Call back", owner="bo", due_at="2026-12-01T09:00:00+01:00")
    assert (task.owner, task.due_at) == ("bo", "2026-12-01T08:00:00.000Z")
    assert SALES in {call.id for call in program.calls("assigned:bo")}
    done = program.change_task(SALES, task.id, version=task.version, done=True)
    assert done.done_at is not None
    assert done.text == "Call back"
    with pytest.raises(ProblemError) as told:
        program.add_task(SALES, text="x", owner="nobody")
    assert told.value.status == 422


def test_naming_a_number_names_its_calls(program: Ringbook) -> None:
    contact = program.add_contact(
        name="Anna Berg-Lind",
        company="Berg & Co",
        numbers=[NumberSent(number="+1 512 555 0101", label="work")],
    )
    assert [one.number for one in contact.numbers] == ["+15125550101"]
    named = program.get_call(SALES).from_.contact
    assert named is not None
    assert (named.id, named.name) == (contact.id, "Anna Berg-Lind")
    assert SALES in {call.id for call in program.calls(f"contact:{contact.id}")}
    renamed = program.change_contact(contact.id, version=contact.version, name="Anna Lind")
    assert (renamed.name, len(renamed.numbers)) == ("Anna Lind", 1)
    with pytest.raises(ProblemError) as told:
        program.change_contact(contact.id, version=contact.version, name="X")
    assert told.value.status == 412
    with pytest.raises(ProblemError) as taken:
        program.add_contact(name="Other", numbers=[NumberSent(number="+15125550101")])
    assert taken.value.status == 409
    assert [one.name for one in program.contacts("lind")] == ["Anna Lind"]
    assert [one.name for one in program.companies()] == ["Berg & Co"]
    program.remove_contact(contact.id, version=renamed.version)
    with pytest.raises(NotThereError):
        program.get_contact(contact.id)


def test_a_call_is_logged_by_hand(program: Ringbook, program_as: Callable[..., Ringbook]) -> None:
    call = program.log_call(
        direction="outbound",
        number="+1 512 555 0177",
        started_at="2026-11-20T15:00:00Z",
        talk_s=95,
        agent="101",
        medium="mobile",
        note="met at the fair",
        idempotency_key="hand-1",
    )
    assert (call.to.number, call.talk_s, call.annotations.notes) == ("+15125550177", 95, 1)
    again = program.log_call(
        direction="outbound",
        number="+1 512 555 0177",
        started_at="2026-11-20T15:00:00Z",
        talk_s=95,
        agent="101",
        medium="mobile",
        note="met at the fair",
        idempotency_key="hand-1",
    )
    assert again.id == call.id
    assert [one.id for one in program.calls("note:fair")] == [call.id]
    bos = program_as("integration", "--person", "bo@example.com")
    mine = bos.log_call(direction="inbound", name="Dana Field", outcome="missed")
    assert bos.get_call(mine.id).outcome == "missed"
    with pytest.raises(ProblemError) as told:
        bos.log_call(direction="inbound", name="Dana Field", agent="102")
    assert told.value.status == 422


def test_an_export_holds_the_calls_of_the_query(program: Ringbook, tmp_path: Path) -> None:
    place = tmp_path / "calls.csv"
    export = program.export("outcome:answered", place)
    rows = list(csv.DictReader(io.StringIO(place.read_text())))
    assert len(rows) == export.done == program.count("outcome:answered")
    assert {row["outcome"] for row in rows} <= {"answered", "Answered"}


def test_figures_sources_and_evidence_answer(program: Ringbook) -> None:
    about = program.list_figures().items[0]
    assert program.get_figure(about.figure).formula
    assert isinstance(program.list_sources().items, list)
    assert list(program.rejects()) == []
    assert program.get_call_evidence(SALES).records == []
    [outcomes] = program.count_calls_by(field="outcome").items
    assert sum(one.calls for one in outcomes.values) == program.count()


def test_statements_and_figures_are_answered_by_tables(program: Ringbook) -> None:
    table = program.sql(
        "SELECT outcome, count() AS calls, max(started_at) AS last FROM calls GROUP BY outcome"
    )
    assert sum(table["calls"].to_pylist()) == program.count()
    frame = table.to_pandas()
    assert list(frame.columns) == ["outcome", "calls", "last"]
    assert str(frame["last"].dtype).startswith("datetime64")
    assert program.sql("SELECT id FROM calls", rows=1).schema.metadata == {b"cut": b"true"}
    name = program.list_figures().items[0].figure
    assert program.figure_table(name).num_rows == 1
    with pytest.raises(ProblemError, match="no view"):
        program.sql("SELECT * FROM frames")


def test_a_wrong_query_says_where(program: Ringbook) -> None:
    with pytest.raises(ProblemError) as told:
        list(program.calls("outcom:missed"))
    assert told.value.kind == "query"
    assert told.value.more["position"] == 0
    with pytest.raises(NotThereError):
        program.get_call("00000000-0000-8000-8000-000000000000")


def test_a_post_that_is_repeated_is_done_once(program: Ringbook) -> None:
    first = program.add_note(SALES, text="only once", idempotency_key="note-1")
    again = program.add_note(SALES, text="only once", idempotency_key="note-1")
    assert first == again
    assert [note.text for note in program.list_notes(SALES).items].count("only once") == 1
    with pytest.raises(ProblemError) as told:
        program.add_note(SALES, text="something else", idempotency_key="note-1")
    assert told.value.kind == "key-reused"


def test_a_broken_connection_does_nothing_twice(served: Served) -> None:
    class Cut(httpx.HTTPTransport):
        cuts = 1

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.method == "POST" and self.cuts:
                self.cuts -= 1
                response.close()
                raise httpx.ReadError("cut")
            return response

    with Ringbook(served.address, served.token(), transport=Cut()) as client:
        client.add_note(SALES, text="over a bad line")
        texts = [note.text for note in client.list_notes(SALES).items]
    assert texts.count("over a bad line") == 1


def test_patience_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("ringbook.client.client.time.sleep", slept.append)
    answers = [
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "2"}),
    ]
    answers.append(httpx.Response(404, json={"type": "/x#problem-not-found", "title": "No", "status": 404}))
    transport = httpx.MockTransport(lambda request: answers.pop(0))
    with Ringbook("http://127.0.0.1", "rb_x", transport=transport) as client, pytest.raises(NotThereError):
        client.get_me()
    assert slept == [7.0, 2.0]


def test_tokens_are_made_listed_and_revoked_while_serve_runs(served: Served) -> None:
    token = served.token("auditor", "--right", "see_calls", "--expires", "never")
    with Ringbook(served.address, token) as client:
        me = client.get_me()
        assert (me.role, me.rights) == ("auditor", ["see_calls"])
        assert me.token is not None
        listed = [
            json.loads(line) for line in command(served.home, "tokens", "list", "--json").stdout.splitlines()
        ]
        mine = next(one for one in listed if one["id"] == me.token.id)
        assert (mine["state"], mine["expires_at"], mine["rights"]) == ("active", None, ["see_calls"])
        assert not any(token.rpartition("_")[2] in json.dumps(one) for one in listed)
        assert command(served.home, "tokens", "revoke", me.token.id).returncode == 0
        with pytest.raises(ProblemError) as told:
            client.get_me()
    assert told.value.status == 401
    assert "revoked" in told.value.detail


def test_an_agents_program_sees_what_the_agent_sees(
    program: Ringbook, program_as: Callable[..., Ringbook]
) -> None:
    bos = program_as("integration", "--person", "bo@example.com")
    mine = {call.id for call in bos.calls()}
    foreign = next(call.id for call in program.calls() if call.id not in mine)
    assert 0 < len(mine) < program.count()
    assert {change.id for change, _ in bos.changes()} <= mine
    for ask in (bos.get_call, bos.get_annotations, bos.list_notes, lambda one: bos.add_note(one, text="x")):
        with pytest.raises(NotThereError) as known:
            ask(foreign)
        with pytest.raises(NotThereError) as unknown:
            ask("00000000-0000-8000-8000-000000000000")
        assert str(known.value) == str(unknown.value)


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["create", "--role", "king", "--name", "x"], 2, "no role"),
        (["create", "--role", "auditor", "--name", " "], 2, "needs a name"),
        (["create", "--role", "auditor", "--name", "x", "--right", "annotate"], 2, "does not have annotate"),
        (["create", "--role", "auditor", "--name", "x", "--expires", "0"], 2, "number of days"),
        (["create", "--role", "auditor", "--name", "x", "--person", "no@example.com"], 2, "nobody signs in"),
        (["revoke", "x"], 2, "no token"),
    ],
)
def test_what_cannot_be_made_is_told(served: Served, arguments: list[str], status: int, text: str) -> None:
    told = command(served.home, "tokens", *arguments)
    assert (told.returncode, told.stdout) == (status, "")
    assert text in told.stderr


def test_the_client_needs_no_django() -> None:
    code = "import sys, ringbook.client; print([m for m in ('django', 'ninja', 'chdb') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_body_that_is_no_problem_is_told_as_one() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(502, text="<html>Bad gateway"))
    with (
        Ringbook("http://127.0.0.1", "rb_x", transport=transport) as client,
        pytest.raises(ProblemError) as told,
    ):
        client.get_me()
    assert (told.value.status, told.value.title) == (502, "HTTP 502")
