"""Settings, audit log: reading, filtering, exporting, verifying."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.annotations.models import Tag
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person, Team

from ..house import People, made_up_calls
from ..search.calls import HAND_MADE

pytestmark = pytest.mark.usefixtures("house")

As = Callable[[Person], Client]


def _page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def _some(people: People, count: int) -> None:
    bo = Actor(f"person:{people.agent.pk}", "Bo Dahl", address="192.0.2.7")
    for number in range(count):
        audit.record(bo, "call:seen", f"call:c{number}")


def test_entries_are_shown_newest_first_a_page_at_a_time(people: People, as_: As) -> None:
    _some(people, 120)
    client = as_(people.auditor)
    page = _page(client.get("/settings/audit/?action=call:"))
    assert page.index("call:c119") < page.index("call:c118")
    assert "call:c69" not in page
    last = AuditEntry.objects.get(subject="call:c70").seq
    more = _page(client.get(f"/settings/audit/?action=call:&before={last}", headers={"HX-Request": "true"}))
    assert "<html" not in more
    assert "call:c69" in more
    assert "call:c70" not in more


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=nobody", []),
        ("subject=call:c1", ["call:c1"]),
        ("action=call:seen&since=2001-01-01&until=2001-01-02", []),
        ("action=note:", []),
        ("action=call:&since=not-a-day", ["call:c2", "call:c1", "call:c0"]),
        ("action=call:&before=' OR 1=1", ["call:c2", "call:c1", "call:c0"]),
        ("action=call:&before=99999999999999999999999", ["call:c2", "call:c1", "call:c0"]),
        ("action=ca%00ll:", ["call:c2", "call:c1", "call:c0"]),
        ("since=9999-12-31&until=9999-12-31&action=call:", ["call:c2", "call:c1", "call:c0"]),
    ],
)
def test_filters_and_nonsense(people: People, as_: As, query: str, found: list[str]) -> None:
    _some(people, 3)
    page = _page(as_(people.owner).get(f"/settings/audit/?{query}"))
    body = page[page.find("<tbody") : page.find("</tbody>")]
    assert [f"call:c{n}" for n in (2, 1, 0) if f"call:c{n}" in body] == found


def test_the_export_is_what_was_asked_for_and_no_formula(people: People, as_: As) -> None:
    audit.record(Actor("person:1", "=HYPERLINK(1)"), "call:seen", "@SUM(A1)", query="-1+1")
    answer = as_(people.auditor).get("/settings/audit/export/?action=call:")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    [row] = rows
    assert (row["actor_name"], row["subject"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")
    assert AuditEntry.objects.latest("seq").action == "audit:exported"


def test_verifying_says_what_is_wrong(people: People, as_: As, settings: Any, tmp_path: Any) -> None:
    settings.RINGBOOK_HOME = str(tmp_path)
    _some(people, 1)
    page = _page(as_(people.auditor).post("/settings/audit/verify/"))
    assert "The log is not as it was written" in page, "its end was never written down: nothing was committed"
    assert "audit.head" in page


def test_verifying_a_whole_log_says_so(
    people: People, as_: As, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.RINGBOOK_HOME = str(tmp_path)
    with django_capture_on_commit_callbacks(execute=True):
        _some(people, 3)
        client = as_(people.auditor)
    assert "The log is whole" in _page(client.post("/settings/audit/verify/"))


def test_markup_in_entries_is_text(people: People, as_: As) -> None:
    audit.record(Actor("person:1", "<img src=x>"), "<b>", "<i>", query="<script>alert(1)</script>")
    page = _page(as_(people.owner).get("/settings/audit/"))
    for text in ("<img src=x", "<script>alert", "<i>"):
        assert text not in page


@pytest.mark.parametrize("who", ["supervisor", "agent"])
def test_who_may_not_read_it_does_not(people: People, as_: As, who: str) -> None:
    client = as_(getattr(people, who))
    assert client.get("/settings/audit/").status_code == 403
    assert client.get("/settings/audit/export/").status_code == 403
    assert client.post("/settings/audit/verify/").status_code == 403


def test_what_entries_are_about_is_named(people: People, as_: As, django_assert_max_num_queries: Any) -> None:
    bo = Actor(f"person:{people.agent.pk}", "Bo Dahl")
    gone = Team.objects.create(name="Nights")
    tag = Tag.objects.create(name="urgent", colour=1)
    call = next(iter(HAND_MADE.values()))
    for subject in (f"call:{call.id}", f"person:{people.agent.pk}", f"team:{gone.pk}", f"tag:{tag.pk}"):
        for _again in range(5):
            audit.record(bo, "thing:changed", subject, batch=str(gone.pk), reason="asked for")
    key = gone.pk
    gone.delete()
    client = as_(people.auditor)
    with django_assert_max_num_queries(40):
        page = _page(client.get("/settings/audit/?action=thing:"))
    assert f'<a href="/calls/{call.id}/">' in page
    assert "urgent" in page
    assert "Bo Dahl" in page
    assert "Team, removed" in page
    assert "asked for" in page
    assert f">{key}" not in page


def test_who_may_not_see_numbers_sees_none_in_the_names(people: People, as_: As) -> None:
    call = next(one for one in made_up_calls() if one.caller.number.startswith("+") and not one.caller.name)
    number = call.caller.number
    audit.record(Actor("system"), "thing:changed", f"call:{call.id}")
    client = as_(people.auditor)
    assert number[-4:] in re.sub(r"[ ()-]", "", _page(client.get("/settings/audit/?action=thing:")))
    Organisation.objects.update(masked_roles=["auditor"])
    page = re.sub(r"[ ()-]", "", _page(client.get("/settings/audit/?action=thing:")))
    assert number[-6:] not in page
    assert "••" in page


def test_names_from_other_tenants_are_not_told(people: People, as_: As) -> None:
    other = Team.objects.create(name="Elsewhere", tenant="other")
    audit.record(Actor("system"), "thing:changed", f"team:{other.pk}")
    assert "Elsewhere" not in _page(as_(people.auditor).get("/settings/audit/?action=thing:"))
