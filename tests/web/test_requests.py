"""Requests of people on the pages: who may prepare, who may decide, and what an access request hands over."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from ringbook.desk.annotations import edit
from ringbook.desk.directory import edit as directory
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.evidence_pack.verify import Archive, verified
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight import surveys
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person
from ringbook.desk.requests import tending
from ringbook.desk.requests.models import PersonRequest, RequestState
from ringbook.desk.retention import holds
from ringbook.desk.workspace import runner
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.call import Call
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home

from ..house import People, write_calls
from ..search.calls import at, identity, inside, outside

As = Callable[[Person], Client]
NUMBER, OTHER = "+442079460813", "+442079460814"
pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(house: Home) -> list[Call]:
    """Three calls of Nell Trask's, one of them from her other number, and one of a namesake's."""
    from ..search.calls import HAND_MADE

    some = []
    for place, (number, name) in enumerate(
        ((NUMBER, "Nell Trask"), (NUMBER, "N TRASK"), (OTHER, "Nell Trask"), ("+442079460899", "Nell Trask"))
    ):
        began = at(f"2026-11-0{place + 1}T10:00")
        some.append(
            msgspec.structs.replace(
                HAND_MADE["late"],
                id=identity(began, 0x7700 + place),
                started_at=began,
                answered_at=None,
                ended_at=began + 9_000_000,
                caller=outside(number, name),
                called=inside("101", "Bo Dahl"),
                legs=(),
                steps=(),
                queue="",
            )
        )
    write_calls(house, some)
    return some


def begun(client: Client, kind: str = "access", who: str = "Nell Trask") -> PersonRequest:
    today = timezone.localdate() - timedelta(days=1)
    told = {"kind": kind, "subject": who, "received_on": today, "due_on": today + timedelta(days=30)}
    response = client.post("/privacy/requests/new", told)
    assert response.status_code == 302, response.content[-3000:]
    return PersonRequest.objects.get(pk=response.headers["Location"].split("/")[-2])


def place(row: PersonRequest, step: str = "") -> str:
    return f"/privacy/requests/{row.pk}/{step}"


def submitted(client: Client, row: PersonRequest, *candidates: str, basis: str = "access") -> PersonRequest:
    assert client.post(place(row, "add"), {"candidate": candidates}).status_code == 302
    response = client.post(place(row, "submit"), {"basis": basis, "reason": "wrote from a known address"})
    assert response.status_code == 302, response.content[-3000:]
    row.refresh_from_db()
    return row


def test_who_somebody_is_is_found_from_a_number_and_from_a_name(
    house: Home, people: People, as_: As, calls: list[Call]
) -> None:
    contact = directory.add_contact(
        Actor(f"person:{people.owner.pk}"),
        ContactDraft(
            name="Nell Trask", numbers=(NumberDraft(NUMBER), NumberDraft(OTHER)), emails=("nell@example.org",)
        ),
    )
    client = as_(people.owner)
    row = begun(client)
    for asked in (NUMBER, "020 7946 0813", "nell@example.org", "nell trask"):
        Organisation.objects.update(country="GB")
        found = client.get(place(row, "find"), {"q": asked}).content.decode()
        offered = set(re.findall(r'name="candidate" value="([^"]+)"', found))
        assert {
            f"numbers:{NUMBER}",
            f"numbers:{OTHER}",
            f"contacts:{contact.pk}",
            "emails:nell@example.org",
        } <= offered, asked
    assert 'value="names:N TRASK"' in found
    assert "numbers:+442079460899" in offered, "the namesake's number is offered"


def test_a_request_is_decided_by_another_person_than_the_one_who_asked(
    house: Home, people: People, as_: As, calls: list[Call]
) -> None:
    owner, administrator = as_(people.owner), as_(people.administrator)
    row = submitted(owner, begun(owner, "erasure"), f"numbers:{NUMBER}", basis="consent")
    assert row.state == RequestState.WAITING
    assert row.preview["calls"] == 2
    assert "somebody else has to decide" in owner.get(place(row)).content.decode()
    refused = owner.post(place(row, "confirm"), {"typed": row.reference})
    assert refused.status_code == 422
    wrong = administrator.post(place(row, "confirm"), {"typed": "yes"})
    assert wrong.status_code == 422
    assert row.reference in wrong.content.decode()
    assert administrator.post(place(row, "decline"), {"reason": ""}).status_code == 422
    row.refresh_from_db()
    assert row.state == RequestState.WAITING
    assert administrator.post(place(row, "decline"), {"reason": "A contract is running."}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by_name) == (RequestState.DECLINED, "Ada Alm")
    assert "A contract is running." in owner.get(place(row)).content.decode()
    assert administrator.post(place(row, "confirm"), {"typed": row.reference}).status_code == 422
    actions = AuditEntry.objects.filter(subject=f"request:{row.pk}").values_list("action", "actor_name")
    assert ("request:submitted", "Olga Orr") in actions
    assert ("request:declined", "Ada Alm") in actions


@pytest.mark.parametrize("role", ["supervisor", "auditor", "agent"])
def test_others_see_no_requests(house: Home, people: People, as_: As, role: str) -> None:
    client = as_(getattr(people, role))
    row = begun(as_(people.owner))
    for where in ("/privacy/requests/", place(row), "/privacy/requests/new"):
        assert client.get(where).status_code == 403


def test_who_does_not_see_whole_numbers_handles_no_request(house: Home, people: People, as_: As) -> None:
    row = begun(as_(people.owner))
    Organisation.objects.update(masked_roles=["administrator"])
    assert as_(people.administrator).get(place(row)).status_code == 403
    assert "Nell Trask" not in as_(people.administrator).get("/privacy/requests/").content.decode()


def test_what_was_submitted_cannot_be_changed(
    house: Home, people: People, as_: As, calls: list[Call]
) -> None:
    client = as_(people.owner)
    row = submitted(client, begun(client), f"numbers:{NUMBER}")
    for step, told in (
        ("add", {"candidate": f"numbers:{OTHER}"}),
        ("take-off", {"kind": "numbers", "text": NUMBER}),
    ):
        assert client.post(place(row, step), told).status_code == 409
    assert client.post(place(row, "submit"), {"basis": "access"}).status_code == 422
    row.refresh_from_db()
    assert row.identifiers["numbers"] == [NUMBER]
    assert client.post(place(row, "withdraw")).status_code == 302
    row.refresh_from_db()
    assert row.state == RequestState.WITHDRAWN


def test_nothing_is_submitted_without_knowing_who_and_why(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    row = begun(client)
    assert client.post(place(row, "submit"), {"basis": "access"}).status_code == 422
    client.post(place(row, "add"), {"candidate": [f"numbers:{NUMBER}", "contacts:none", "evil:x"]})
    assert client.post(place(row, "submit"), {"basis": ""}).status_code == 422
    row.refresh_from_db()
    assert row.state == RequestState.DRAFT
    assert (row.identifiers["numbers"], row.identifiers["contacts"]) == ([NUMBER], [])


def test_overdue_requests_are_marked(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    Organisation.objects.update(zone="UTC")
    row = begun(client)
    PersonRequest.objects.filter(pk=row.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    assert "3 days overdue" in client.get("/privacy/requests/").content.decode()


def test_an_access_request_hands_over_one_archive(
    house: Home, people: People, as_: As, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    by = edit.By.of(people.owner)
    edit.add_note(by, calls[0].id, "Wants a <b>refund</b>.")
    edit.add_note(by, calls[3].id, "Not the Nell of 020 7946 0813.")
    surveys.record(
        Actor(f"person:{people.owner.pk}"), calls[0].id, "csat", 2, via="hand", comment="Too <i>slow</i>."
    )
    owner, administrator = as_(people.owner), as_(people.administrator)
    owner.get(f"/calls/{calls[0].id}/")
    row = submitted(owner, begun(owner), f"numbers:{NUMBER}", "names:Nell Trask")
    assert administrator.post(place(row, "confirm"), {"typed": row.reference.lower()}).status_code == 302
    monkeypatch.setattr(  # the calls of the house were made up without records
        "ringbook.desk.evidence_pack.contents.Contents._frames", lambda *_: None
    )
    runner.run_waiting()
    row.refresh_from_db()
    assert row.state == RequestState.DONE, row.report
    response = owner.get(place(row, "archive"))
    assert response.status_code == 200
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert verified(Archive(BytesIO(data))).faults == []
    files: dict[str, Any] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(files["calls.json"])
    assert {one["id"] for one in told} == {calls[0].id, calls[1].id}
    assert [note["text"] for note in told[0]["notes"]["notes"]] == ["Wants a <b>refund</b>."]
    assert [(one["kind"], one["score"]) for one in told[0]["notes"]["answers"]] == [("csat", 2)]
    page = files["index.html"].decode()
    assert "Too &lt;i&gt;slow&lt;/i&gt;." in page
    assert "Wants a &lt;b&gt;refund&lt;/b&gt;." in page
    assert "call:seen" in page
    assert NUMBER in files["calls.csv"].decode()
    [elsewhere] = json.loads(files["about-you.json"])["notes_elsewhere"]
    assert elsewhere["call"] == calls[3].id
    looked = json.loads(files["who-looked.json"])
    assert ("Olga Orr", "call:seen") in [(one["who"], one["what"]) for one in looked]
    fetched = AuditEntry.objects.filter(action="request:archive-fetched", subject=f"request:{row.pk}")
    assert [one.actor_name for one in fetched] == ["Olga Orr"]
    assert as_(people.supervisor).get(place(row, "archive")).status_code == 403


def test_a_pack_of_evidence_is_asked_for_on_the_pages(
    house: Home, people: People, as_: As, calls: list[Call]
) -> None:
    client = as_(people.owner)
    assert 'hx-get="/privacy/evidence/new?call=' in client.get(f"/calls/{calls[0].id}/").content.decode()
    asked = client.get("/privacy/evidence/new", {"call": calls[0].id})
    assert b"1 call" in asked.content
    told = {"apply": "1", "call": [calls[0].id, calls[1].id], "audio": "on"}
    assert client.post("/privacy/evidence/new", told).status_code == 422, "it lacks a reason"
    assert client.post("/privacy/evidence/new", {**told, "reason": "dispute"}).status_code == 302
    page = client.get("/privacy/evidence/").content.decode()
    assert "Evidence of 2 calls" in page
    assert (
        client.post("/privacy/evidence/new", {"apply": "1", "q": "nosuch:1", "reason": "x"}).status_code
        == 422
    )
    assert as_(people.agent).get("/privacy/evidence/").status_code == 403
    auditor = as_(people.auditor).get("/privacy/evidence/").content.decode()
    assert "your role may not download recordings" in auditor


def test_a_request_goes_on_by_itself_when_its_hold_is_released(
    house: Home, people: People, calls: list[Call]
) -> None:
    ada = Actor(f"person:{people.administrator.pk}", "Ada Alm")
    on = timezone.localdate()
    hold = holds.place(ada, Scope(), name="Case 7", reason="A suit", review_on=on, ids=[calls[0].id])
    job = Job.objects.create(
        kind="person-erasure", title="x", owner=people.administrator, state=JobState.DONE, scope={}, params={}
    )
    row = PersonRequest.objects.create(
        kind="erasure",
        state=RequestState.HELD,
        received_on=on,
        due_on=on,
        job=job.pk,
        report={"held_ids": [calls[0].id]},
    )
    assert tending.tend() == 0
    holds.release(ada, hold, "The suit is over")
    assert tending.tend() == 1
    row.refresh_from_db()
    job.refresh_from_db()
    assert (row.state, job.state) == (RequestState.RUNNING, JobState.QUEUED)
    assert tending.tend() == 0, "it is on its way"
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, interrupted=True)
    assert tending.tend() == 1, "a run that an end of the process interrupted begins again"
