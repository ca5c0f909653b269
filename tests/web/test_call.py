"""The page of a call: what it tells, who may see it, and what people add to it there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import Client
from django.urls import reverse

from ringbook.desk.annotations import edit, reading, vocabulary
from ringbook.desk.annotations.edit import By
from ringbook.desk.annotations.models import CallTag, Change, Note, Task
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.ledger.batch import Batch, Gone
from ringbook.model.call import Call
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People, write_calls
from ..search.calls import HAND_MADE, random_calls

pytestmark = pytest.mark.django_db
EVERYTHING = Scope("main")
HTMX: Any = {"HTTP_HX_REQUEST": "true"}
As = Callable[[Any], Client]


@pytest.fixture
def own(house: Home, people: People) -> Call:
    """A call of Bo's that Cy may not see."""
    for call in pages.iterate(house.ledger, By.of(people.agent).scope, "", now=time.time_ns() // 1000):
        if not house.ledger.calls(By.of(people.other).scope, [call.id]):
            return call
    raise AssertionError("Bo has no call of their own")


def page(call: Call, name: str = "call", *more: Any) -> str:
    return reverse(name, args=[call.id, *more])


def found(house: Home, query: str) -> list[str]:
    return [
        one.id for one in pages.list_calls(house.ledger, EVERYTHING, query, now=time.time_ns() // 1000).items
    ]


def test_the_story_comes_first_and_the_look_is_audited_once(house: Home, people: People, as_: As) -> None:
    call = next(iter(HAND_MADE.values()))
    browser = as_(people.owner)
    answer = browser.get(page(call))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Anna Berg called Sales on Thursday, 19 November, at 09:30." in text
    assert "they talked 5 minutes until Anna Berg hung up." in text
    assert 'class="tl-talk"' in text
    for name in ("call-around", "call-related", "call-parties", "call-evidence", "call-looks"):
        assert browser.get(page(call, name), **HTMX).status_code == 200, name
    for part in ("notes", "tags", "outcome", "tasks", "fields", "history"):
        assert browser.get(page(call, "call-part", part), **HTMX).status_code == 200, part
    seen = AuditEntry.objects.filter(subject=f"call:{call.id}")
    assert list(seen.values_list("action", flat=True)) == ["call:seen", "call:evidence-seen"]
    assert "Olga Orr" in browser.get(page(call, "call-looks"), **HTMX).content.decode()


def test_evidence_names_the_record_of_each_value(house: Home, people: People, as_: As) -> None:
    from ringbook.runtime.service import Service

    record = {"direction": "inbound", "outcome": "answered", "agent": "@bo", "number": "+15125550187"}
    made = next(Service(house).run("calls.log", {"record": record, "by": "bo"}))
    call = house.ledger.calls(EVERYTHING, [made["id"]])[0]
    text = as_(people.auditor).get(page(call, "call-evidence"), **HTMX).content.decode()
    assert "&quot;number&quot;:&quot;+15125550187&quot;" in text
    assert 'href="#record-1"' in text
    assert as_(people.agent).get(page(call)).status_code == 200
    assert as_(people.agent).get(page(call, "call-evidence"), **HTMX).status_code == 403


def test_a_call_of_somebody_else_does_not_exist(house: Home, people: People, as_: As, own: Call) -> None:
    cy = as_(people.other)
    note = edit.add_note(By.of(people.agent), own.id, "secret").note
    task = edit.add_task(By.of(people.agent), own.id, "secret", None, None).task
    tag = vocabulary.new_tag(By.of(people.owner), "secret")
    looks = [page(own), page(own, "call-around"), page(own, "call-related"), page(own, "call-parties")]
    looks += [
        page(own, "call-part", "notes"),
        page(own, "note-versions", note.pk),
        page(own, "task-edit", task.pk),
    ]
    for address in [*looks, reverse("call", args=[own.id[:8]]), reverse("call", args=["0" * 12])]:
        assert cy.get(address).status_code == 404, address
    posts = {
        page(own, "note-add"): {"text": "mine"},
        page(own, "note-edit", note.pk): {"text": "mine", "version": 1},
        page(own, "note-remove", note.pk): {"version": 1},
        page(own, "call-tag"): {"tag": "secret"},
        page(own, "call-untag", tag.pk): {},
        page(own, "call-outcome"): {"code": ""},
        page(own, "task-add"): {"text": "mine"},
        page(own, "task-act", task.pk, "done"): {"version": 1},
        page(own, "call-undo", tag.pk): {},
    }
    for address, fields in posts.items():
        assert cy.post(address, fields, **HTMX).status_code == 404, address
    assert [one.text for one in Note.objects.all()] == ["secret"]
    assert not CallTag.objects.exists()
    assert Task.objects.get().done_at is None


def test_a_note_is_reached_through_its_own_call_only(people: People, as_: As, house: Home, own: Call) -> None:
    note = edit.add_note(By.of(people.supervisor), own.id, "of Bo's call").note
    other = next(
        call
        for call in pages.iterate(house.ledger, By.of(people.other).scope, "", now=time.time_ns() // 1000)
        if not house.ledger.calls(By.of(people.agent).scope, [call.id])
    )
    cy = as_(people.other)
    assert cy.get(page(other)).status_code == 200
    assert cy.get(page(other, "note-versions", note.pk)).status_code == 404
    assert cy.post(page(other, "note-edit", note.pk), {"text": "x", "version": 1}).status_code == 404


def test_the_beginning_of_an_id_and_a_joined_id_lead_to_the_call(
    people: People, as_: As, house: Home
) -> None:
    first, second = random_calls(2, 815, "main")
    write_calls(house, [first, second])
    edit.add_note(By.of(people.owner), second.id, "written on the second")
    house.ledger.write(
        Batch(tenant="main", gone=[Gone(second.id, second.started_at, second.revision, first.id)])
    )
    browser = as_(people.owner)
    for given in (first.id[:23], second.id):
        answer = browser.get(reverse("call", args=[given]) + "?q=note:written")
        assert (answer.status_code, answer["Location"]) == (302, page(first) + "?q=note%3Awritten")
    assert "written on the second" in browser.get(page(first)).content.decode()


def test_an_agent_adds_everything_and_it_is_found(people: People, as_: As, house: Home, own: Call) -> None:
    owner = By.of(people.owner)
    vocabulary.new_tag(owner, "vip-page")
    vocabulary.save_outcome(owner, None, "page-sale", "Sale on the page")
    vocabulary.save_field(owner, None, "ticket", "Ticket", "text")
    bo = as_(people.agent)
    answer = bo.post(
        page(own, "note-add"), {"text": "axolotl <script>alert(1)</script> https://example.com/a."}, **HTMX
    )
    text = answer.content.decode()
    assert "axolotl &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert 'href="https://example.com/a"' in text
    assert "toast" in answer["HX-Trigger"]
    assert found(house, "note:axolotl") == [own.id]
    assert bo.post(page(own, "call-tag"), {"tag": "VIP-page"}, **HTMX).status_code == 200
    refused = bo.post(page(own, "call-tag"), {"tag": "brand new"}, **HTMX)
    assert refused.status_code == 422
    assert 'value="brand new"' in refused.content.decode()
    bo.post(page(own, "call-outcome"), {"code": "page-sale", "version": 0}, **HTMX)
    bo.post(page(own, "call-field", "ticket"), {"value": "T-1", "version": 0}, **HTMX)
    bo.post(page(own, "task-add"), {"text": "Call again", "owner": "sam", "due": "2026-11-30"}, **HTMX)
    added = reading.of_calls(EVERYTHING, [own.id])[own.id].plain()
    assert (added["tags"], added["outcome_code"], added["fields"]) == (
        ["vip-page"],
        "page-sale",
        {"ticket": "T-1"},
    )
    task = added["tasks"][0]
    assert (task["owner"], task["due_at"]) == ("sam", "2026-11-30T22:00:00.000Z")
    assert found(house, "tag:vip-page outcome-code:page-sale has:task") == [own.id]
    assert "Call again" in as_(people.supervisor).get(reverse("tasks")).content.decode()


def test_undo_takes_back_what_one_did_oneself(people: People, as_: As, own: Call) -> None:
    bo = as_(people.agent)
    bo.post(page(own, "note-add"), {"text": "oops"}, **HTMX)
    batch = Change.objects.get().batch
    assert as_(people.owner).post(page(own, "call-undo", batch)).status_code == 409
    assert bo.post(page(own, "call-undo", batch)).status_code == 204
    assert reading.of_calls(EVERYTHING, [own.id])[own.id].notes == ()


def test_two_who_edit_one_note_see_both_texts(people: People, as_: As, own: Call) -> None:
    bo, olga = as_(people.agent), as_(people.owner)
    bo.post(page(own, "note-add"), {"text": "first"}, **HTMX)
    note = Note.objects.get()
    form = bo.get(page(own, "note-edit", note.pk), **HTMX).content.decode()
    assert 'name="version" value="1"' in form
    olga.post(page(own, "note-edit", note.pk), {"text": "theirs", "version": 1}, **HTMX)
    without: Any = {}
    for htmx in (HTMX, without):
        answer = bo.post(page(own, "note-edit", note.pk), {"text": "mine", "version": 1}, **htmx)
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "Olga Orr changed this note while you wrote" in text
        assert ">theirs<" in text
        assert ">mine<" in text
        assert 'name="version" value="2"' in text
    bo.post(page(own, "note-edit", note.pk), {"text": "both", "version": 2}, **HTMX)
    note.refresh_from_db()
    assert (note.text, note.version) == ("both", 3)


def test_too_long_a_note_is_refused_and_stays_in_the_form(people: People, as_: As, own: Call) -> None:
    bo = as_(people.agent)
    answer = bo.post(page(own, "note-add"), {"text": "longnote " * 20_000}, **HTMX)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "at most 100,000" in text
    assert text.count("longnote ") > 19_990
    try:
        refused = bo.post(page(own, "note-add"), {"text": "x" * 10_000_000}, **HTMX).status_code
    except RequestDataTooBig:
        refused = 400
    assert refused in (400, 413)
    assert not Note.objects.exists()


def test_an_auditor_reads_and_changes_nothing(people: People, as_: As, own: Call) -> None:
    audrey = as_(people.auditor)
    text = audrey.get(page(own)).content.decode()
    assert "New note" not in text
    for address, fields in {
        page(own, "note-add"): {"text": "x"},
        page(own, "call-tag"): {"tag": "x"},
        page(own, "call-outcome"): {"code": ""},
        page(own, "task-add"): {"text": "x"},
    }.items():
        assert audrey.post(address, fields, **HTMX).status_code == 403, address
    assert not Note.objects.exists()


def test_names_and_notes_are_text(people: People, as_: As, house: Home) -> None:
    base = next(iter(HAND_MADE.values()))
    evil = "<img src=x onerror=alert(1)>"
    call = msgspec.structs.replace(
        random_calls(1, 99, "main")[0],
        caller=msgspec.structs.replace(base.caller, name=evil),
        legs=tuple(msgspec.structs.replace(leg, name=evil) for leg in base.legs),
        queue='"><script>alert(2)</script>',
    )
    write_calls(house, [call])
    browser = as_(people.owner)
    for name in ("call", "call-related", "call-parties"):
        text = browser.get(page(call, name)).content.decode()
        assert "<img src=x" not in text
        assert "<script>alert" not in text


def test_a_masked_reader_reads_no_number(people: People, as_: As, house: Home) -> None:
    Organisation.objects.update(masked_roles=["supervisor"])
    call = next(
        call
        for call in pages.iterate(
            house.ledger, By.of(people.supervisor).scope, "", now=time.time_ns() // 1000
        )
        if call.caller.number.startswith("+1512555")
    )
    note = edit.add_note(By.of(people.agent), call.id, f"Ring {call.caller.number}").note
    edit.edit_note(By.of(people.agent), note.pk, f"Ring {call.caller.number} soon", 1)
    sam = as_(people.supervisor)
    digits = call.caller.number[-7:]
    names = ("call", "call-related", "call-parties", "call-around")
    addresses = [*(page(call, name) for name in names), page(call, "note-versions", note.pk)]
    addresses += [page(call, "call-part", part) for part in ("notes", "history", "tasks", "fields")]
    for address in addresses:
        answer = sam.get(address, **HTMX)
        assert answer.status_code == 200
        assert digits not in answer.content.decode(), address
    assert sam.get(page(call, "call-evidence"), **HTMX).status_code == 403
    assert sam.get(page(call, "note-edit", note.pk), **HTMX).status_code == 403


def test_who_comes_from_a_list_goes_through_it(people: People, as_: As, house: Home) -> None:
    calls = pages.list_calls(
        house.ledger, EVERYTHING, "outcome:missed", limit=5, now=time.time_ns() // 1000
    ).items
    text = as_(people.owner).get(page(calls[2], "call-around") + "?q=outcome:missed", **HTMX).content.decode()
    assert f'href="{page(calls[1])}?q=outcome%3Amissed"' in text
    assert f'href="{page(calls[3])}?q=outcome%3Amissed"' in text
    assert as_(people.owner).get(page(calls[2]) + "?q=%22%22%22((").status_code == 200
    assert as_(people.owner).get(page(calls[2], "call-around") + "?q=((", **HTMX).status_code == 200


def test_people_are_offered_by_handle_and_name(people: People, as_: As) -> None:
    bo = as_(people.agent)
    told = bo.get(reverse("people-mentions"), {"q": "Ask @sa now", "caret": "7"}).json()
    assert (told["start"], told["end"]) == (4, 7)
    assert [one["value"] for one in told["options"]] == ["@sam "]
    assert bo.get(reverse("people-mentions"), {"q": "a@sa", "caret": "4"}).json()["options"] == []
    assert [one["id"] for one in bo.get(reverse("people-owners"), {"q": "stone"}).json()["options"]] == [
        "sam"
    ]


def test_a_mention_is_read_on_the_page_of_tasks(people: People, as_: As, own: Call) -> None:
    edit.add_note(By.of(people.agent), own.id, "@sam please look @cy")
    sam = as_(people.supervisor)
    assert "@sam" in sam.get(reverse("tasks")).content.decode()
    mention = reading.unread_mentions(people.supervisor)[0]
    assert "You were mentioned" not in as_(people.other).get(reverse("tasks")).content.decode()
    as_(people.other).post(reverse("mention-read", args=[mention.id]))
    assert len(reading.unread_mentions(people.supervisor)) == 1
    sam.post(reverse("mention-read", args=[mention.id]), **HTMX)
    assert reading.unread_mentions(people.supervisor) == []
