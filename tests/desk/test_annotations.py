"""What people add to calls: nothing overwrites, everything is told who and when, and is searchable at once."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ringbook.desk import wiring
from ringbook.desk.annotations import edit, reading, sync, vocabulary
from ringbook.desk.annotations.edit import By
from ringbook.desk.annotations.models import CallTag, Change, Joined, Note, NoteVersion, Unsynced
from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.errors import LedgerUnavailableError
from ringbook.model.call import Call
from ringbook.model.scope import Scope
from ringbook.runtime import copies
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People, write_calls
from ..search.calls import random_calls

pytestmark = pytest.mark.django_db
EVERYTHING = Scope("main")


@pytest.fixture
def calls(house: Home) -> list[Call]:
    """Some calls of Bo's and of others."""
    return pages.list_calls(house.ledger, EVERYTHING, "", limit=40, now=time.time_ns() // 1000).items


@pytest.fixture
def own(house: Home, people: People) -> str:
    """A call of Bo's that Cy may not see."""
    for call in pages.iterate(house.ledger, By.of(people.agent).scope, "", now=time.time_ns() // 1000):
        if not house.ledger.calls(By.of(people.other).scope, [call.id]):
            return call.id
    raise AssertionError("Bo has no call of their own")


def found(house: Home, query: str, me: str = "") -> list[str]:
    """The ids of the calls that answer a query."""
    page = pages.list_calls(house.ledger, EVERYTHING, query, limit=100, now=time.time_ns() // 1000, me=me)
    return [call.id for call in page.items]


def test_a_note_is_kept_with_every_text_it_had(people: People, own: str) -> None:
    bo = By.of(people.agent)
    note = edit.add_note(bo, own, "Wants a refund\r\nsoon").note
    edit.edit_note(bo, note.pk, "Wants a refund of 20 €", 1)
    shown = reading.of_calls(bo.scope, [own])[own].notes[-1]
    assert (shown.text, shown.author, shown.version) == ("Wants a refund of 20 €", "Bo Dahl", 2)
    texts = [(one.version, one.text, one.by_name) for one in reading.versions(bo.scope, shown.id)]
    assert texts == [(2, "Wants a refund of 20 €", "Bo Dahl"), (1, "Wants a refund\nsoon", "Bo Dahl")]
    edit.remove_note(bo, note.pk, 2)
    assert reading.of_calls(bo.scope, [own])[own].notes == ()
    assert Note.objects.get(pk=note.pk).text == "Wants a refund of 20 €"
    story = [(one.verb, one.before, one.after) for one in reading.history(bo.scope, own)][:3]
    assert story == [
        ("removed", "Wants a refund of 20 €", ""),
        ("edited", "Wants a refund\nsoon", "Wants a refund of 20 €"),
        ("added", "", "Wants a refund\nsoon"),
    ]
    actions = list(AuditEntry.objects.filter(subject=f"call:{own}").values_list("action", flat=True))
    assert actions == ["note:added", "note:edited", "note:removed"]
    assert "refund" not in "".join(AuditEntry.objects.values_list("detail", flat=True))
    assert list(audit.verify()) == []


def test_two_who_edit_one_note_both_keep_their_text(people: People, own: str) -> None:
    owner, bo = By.of(people.owner), By.of(people.agent)
    note = edit.add_note(bo, own, "first").note
    edit.edit_note(owner, note.pk, "theirs", 1)
    with pytest.raises(edit.ConflictError) as stale:
        edit.edit_note(bo, note.pk, "mine", 1)
    told = stale.value
    assert (told.mine, told.theirs, told.theirs_by, told.version) == ("mine", "theirs", "Olga Orr", 2)
    assert edit.edit_note(bo, note.pk, "mine and theirs", told.version).note.version == 3
    assert NoteVersion.objects.filter(note=note).count() == 3


def test_nobody_rewrites_what_somebody_else_wrote(people: People, own: str) -> None:
    note = edit.add_note(By.of(people.supervisor), own, "by Sam").note
    for verb in (
        lambda by: edit.edit_note(by, note.pk, "by Bo", 1),
        lambda by: edit.remove_note(by, note.pk, 1),
    ):
        with pytest.raises(edit.RefusedError):
            verb(By.of(people.agent))
    assert Note.objects.get(pk=note.pk).text == "by Sam"


def test_a_note_has_a_size(people: People, own: str) -> None:
    bo = By.of(people.agent)
    with pytest.raises(edit.TooLongError, match="100,000"):
        edit.add_note(bo, own, "x" * 10_000_000)
    with pytest.raises(edit.EmptyError):
        edit.add_note(bo, own, " \r\n ")
    assert edit.add_note(bo, own, "é" * 50_000).note.version == 1
    assert Note.objects.count() == 1


def test_what_is_wrong_is_said_in_the_readers_language(people: People, own: str) -> None:
    bo = By.of(people.agent)
    with translation.override("de"):
        with pytest.raises(edit.EmptyError, match="Die Notiz ist leer"):
            edit.add_note(bo, own, " ")
        with pytest.raises(edit.TooLongError, match=r"höchstens 100\.000"):
            edit.add_note(bo, own, "x" * 100_001)


def test_who_may_not_see_the_call_is_not_told_of_it(people: People, own: str) -> None:
    bo = By.of(people.agent)
    told = edit.add_note(bo, own, "@sam and @Cy, please; not me@bo.example or @nobody").unheard
    assert told == ("cy",)
    assert [one.note.text[:4] for one in reading.unread_mentions(people.supervisor)] == ["@sam"]
    assert reading.unread_mentions(people.other) == []
    assert reading.unread_mentions(people.agent) == []


def test_tags_of_many_calls_in_one_go_and_back(people: People, calls: list[Call]) -> None:
    owner, ids = By.of(people.owner), [call.id for call in calls]
    vip = vocabulary.new_tag(owner, "VIP")
    edit.tag(owner, ids[:2], ["vip"])
    seen: list[int] = []
    done = edit.tag(owner, iter(ids), [str(vip.pk)], progress=seen.append)
    assert (done.changed, seen) == (38, [40])
    read = reading.of_calls(owner.scope, ids)
    assert {tuple(tag.name for tag in one.tags) for one in read.values()} == {("VIP",)}
    back = edit.undo(owner, done.batch)
    assert back.changed == 38
    assert CallTag.objects.filter(removed_at=None).count() == 2
    assert edit.undo(owner, back.batch).changed == 38
    assert edit.undo(owner, done.batch).changed == 0
    with pytest.raises(edit.UnknownError):
        edit.tag(owner, ids, ["no such"])
    assert edit.tag(owner, ids[:1], ["urgent"], create=True).changed == 1
    with pytest.raises(edit.TakenError):
        vocabulary.save_tag(owner, None, "Vip", 2)


def test_undo_leaves_what_somebody_changed_since(people: People, own: str) -> None:
    owner, bo = By.of(people.owner), By.of(people.agent)
    for key in ("sale", "lost"):
        vocabulary.save_outcome(owner, None, key, key.title())
    first = edit.set_outcome_code(bo, [own], "sale", version=0)
    edit.set_outcome_code(owner, [own], "lost", version=1)
    assert edit.undo(bo, first.batch).changed == 0
    outcome = reading.of_calls(bo.scope, [own])[own].outcome
    assert outcome is not None
    assert (outcome.key, outcome.by) == ("lost", "Olga Orr")
    with pytest.raises(edit.RefusedError):
        edit.undo(bo, Change.objects.filter(by_name="Olga Orr", kind="outcome").get().batch)
    with pytest.raises(edit.ConflictError):
        edit.set_outcome_code(bo, [own], "sale", version=1)


def test_a_task_changes_hands_and_is_done(people: People, own: str) -> None:
    bo, due = By.of(people.agent), datetime.now(UTC) + timedelta(days=1)
    task = edit.add_task(bo, own, "Send the offer", None, due).task
    assert task.owner == people.agent
    edit.change_task(bo, task.pk, 1, text="Send the offer", owner=people.supervisor, due_at=due)
    assert [one.text for one in reading.tasks_of(bo.scope, people.supervisor)] == ["Send the offer"]
    with pytest.raises(edit.ConflictError):
        edit.complete(bo, task.pk, 1)
    done = edit.complete(By.of(people.supervisor), task.pk, 2)
    assert (done.task.done_by_name, reading.tasks_of(bo.scope, people.supervisor)) == ("Sam Stone", [])
    edit.undo(By.of(people.supervisor), done.batch)
    assert len(reading.tasks_of(bo.scope, people.supervisor)) == 1
    assert edit.assign(bo, [own], people.agent, "Call back").changed == 1


@pytest.mark.parametrize(
    ("kind", "good", "kept", "bad"),
    [
        ("text", " <b>x</b> ", "<b>x</b>", None),
        ("number", "12,5", "12.5", "twelve"),
        ("choice", "red", "red", "green"),
        ("date", "2026-11-21", "2026-11-21", "21.11.2026"),
        ("yes-no", "TRUE", "yes", "perhaps"),
        ("url", "https://example.com/a?b=c", "https://example.com/a?b=c", "javascript:alert(1)"),
    ],
)
def test_a_field_holds_what_fits_it(
    people: People, own: str, kind: str, good: str, kept: str, bad: str | None
) -> None:
    by = By.of(people.owner)
    vocabulary.save_field(by, None, "f", "F", kind, choices=["red"] if kind == "choice" else ())
    edit.set_field(by, [own], "f", good, version=0)
    assert [one.value for one in reading.of_calls(by.scope, [own])[own].fields] == [kept]
    if bad:
        with pytest.raises(edit.FieldValueError):
            edit.set_field(by, [own], "f", bad)
    with pytest.raises(edit.ConflictError):
        edit.set_field(by, [own], "f", good, version=0)
    edit.set_field(by, [own], "f", "")
    assert reading.of_calls(by.scope, [own])[own].fields == ()


def test_all_of_it_is_found_at_once(house: Home, people: People, own: str) -> None:
    owner, bo = By.of(people.owner), By.of(people.agent)
    vocabulary.save_outcome(owner, None, "resold", "Sold again")
    vocabulary.save_field(owner, None, "budget", "Budget", "number")
    edit.add_note(bo, own, "zanzibar refund")
    edit.tag(bo, [own], ["platinum"], create=True)
    edit.set_outcome_code(bo, [own], "resold")
    edit.add_task(bo, own, "", people.supervisor, None)
    edit.set_field(bo, [own], "budget", "77")
    for query in ("note:zanzibar", "tag:platinum", "outcome-code:resold", 'field:"budget=77"'):
        assert found(house, query) == [own], query
    assert own in found(house, "assigned:me", me="sam")
    assert own in found(house, "has:note has:tag has:task")
    edit.untag(bo, [own], ["platinum"])
    assert found(house, "tag:platinum") == []
    vocabulary.save_outcome(owner, reading.outcomes(owner.scope)[-1].pk, "resold-2", "Sold again")
    assert found(house, "outcome-code:resold-2") == [own]


def test_a_ledger_that_is_down_loses_nothing(
    house: Home, people: People, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise LedgerUnavailableError("the ledger is down")

    bo = By.of(people.agent)
    with monkeypatch.context() as broken:
        broken.setattr(type(wiring.ledger()), "annotate", down)
        edit.add_note(bo, own, "quokka")
        assert sync.sync_pending() == 0
    assert Unsynced.objects.get().call_id == own
    assert found(house, "note:quokka") == []
    assert [note.text for note in reading.of_calls(bo.scope, [own])[own].notes] == ["quokka"]
    assert sync.sync_pending() == 1
    assert found(house, "note:quokka") == [own]
    assert not Unsynced.objects.exists()


def test_what_was_added_goes_with_a_call_that_was_joined_into_another(house: Home, people: People) -> None:
    owner = By.of(people.owner)
    first, second = random_calls(2, 4711, "main")
    write_calls(house, [first, second])
    edit.add_note(owner, second.id, "wombat on the second")
    edit.tag(owner, [second.id], ["marsupial"], create=True)
    vocabulary.save_outcome(owner, None, "won", "Won")
    edit.set_outcome_code(owner, [second.id], "won")
    house.ledger.write(
        Batch(tenant="main", gone=[Gone(second.id, second.started_at, second.revision, first.id)])
    )
    shown = reading.of_calls(owner.scope, [first.id])[first.id]
    assert ([n.text for n in shown.notes], [t.name for t in shown.tags]) == (
        ["wombat on the second"],
        ["marsupial"],
    )
    assert sync.sync_pending() > 0
    assert Joined.objects.get().leads_to == first.id
    assert found(house, "note:wombat") == [first.id]
    edit.untag(owner, [first.id], ["marsupial"])
    edit.set_outcome_code(owner, [first.id], None)
    assert found(house, "tag:marsupial") == []
    assert found(house, "outcome-code:won") == []
    shown = reading.of_calls(owner.scope, [first.id])[first.id]
    assert (shown.tags, shown.outcome) == ((), None)


def test_a_page_of_calls_is_read_in_few_questions(people: People, calls: list[Call]) -> None:
    owner, ids = By.of(people.owner), [call.id for call in calls]
    edit.tag(owner, ids, ["a", "b"], create=True)
    edit.assign(owner, ids, people.agent)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        reading.of_calls(owner.scope, ids)
    assert len(asked) <= 8


def test_what_waits_is_brought_to_the_ledger_while_it_serves(
    house: Home, people: People, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = edit.add_note(By.of(people.agent), own, "echidna").note
    Note.objects.filter(pk=note.pk).update(text="echidna platypus")
    sync.mark("main", [own])
    assert copies.bring_up_to_date() == 1
    assert found(house, "note:platypus") == [own]
    assert copies.bring_up_to_date() == 0


def test_a_required_field_is_not_emptied(people: People, own: str) -> None:
    owner = By.of(people.owner)
    vocabulary.save_field(owner, None, key="order-number", label="Order number", kind="text", required=True)
    edit.set_field(owner, [own], "order-number", "NW-1")
    with pytest.raises(edit.FieldValueError, match="Order number is required"):
        edit.set_field(owner, [own], "order-number", " ")
    assert [field.value for field in reading.of_calls(owner.scope, [own])[own].fields] == ["NW-1"]


def test_a_ledger_that_was_made_anew_is_given_all_copies_again(house: Home) -> None:
    elsewhere = str(uuid.uuid4())
    at = datetime(2026, 11, 18, tzinfo=UTC)
    made: dict[str, Any] = {
        "author_actor": "token:1",
        "author_name": "Import",
        "made_at": at,
        "changed_at": at,
    }
    Note.objects.create(tenant=elsewhere, call_id=str(uuid.uuid4()), text="numbat", **made)
    assert sync.mark_lost(elsewhere) == 1
    assert sync.sync_pending(tenant=elsewhere) == 1
    sql = "SELECT notes FROM annotations WHERE tenant = {tenant:String}"
    assert house.ledger.query_rows(Scope(elsewhere), sql) == [("numbat",)]
    assert sync.mark_lost(elsewhere) == 0
