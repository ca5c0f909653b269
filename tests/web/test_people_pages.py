"""Settings, people: what the pages do, and what they let nobody do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person, Team

from ..house import PASSWORD, People

As = Callable[[Person], Client]


def _page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def test_everybody_is_listed_with_role_seat_and_team(people: People, as_: As) -> None:
    page = _page(as_(people.owner).get("/settings/people/"))
    row = page[page.index("Bo Dahl") : page.index("Cy Falk")]
    for word in ("bo@example.com", "Agent", "101", "Sales", "never"):
        assert word in row
    found = _page(as_(people.owner).get("/settings/people/?role=supervisor&q=SAM"))
    assert "Sam Stone" in found
    assert "Bo Dahl" not in found
    assert "Nobody is like that" in _page(
        as_(people.owner).get("/settings/people/?q=zz<script>%00&role=x%00")
    )


def test_somebody_is_added_and_comes_in_by_the_link_that_is_shown(people: People, as_: As) -> None:
    asked = {"email": "nia@example.com", "name": "Nia", "role": "supervisor", "extension": "107"}
    page = _page(as_(people.administrator).post("/settings/people/add/", asked))
    [path] = set(re.findall(r"http://testserver(/enter/[\w-]+)", page))
    fresh = Client()
    assert fresh.post(path, {"name": "Nia", "password": "a long enough one"}).status_code == 302
    assert "Nia" in _page(fresh.get("/profile/"))
    person = Person.objects.get(email="nia@example.com")
    assert (person.role, person.seats.get().extension) == ("supervisor", "107")
    again = _page(as_(people.owner).post("/settings/people/add/", asked), 422)
    assert "already" in again
    assert 'value="107"' in again


@pytest.mark.parametrize("who", ["supervisor", "agent", "auditor"])
def test_no_other_role_reaches_these_pages(people: People, as_: As, who: str) -> None:
    client = as_(getattr(people, who))
    me = getattr(people, who).pk
    for path in ("", "add/", "teams/", "teams/add/", f"{me}/"):
        assert client.get(f"/settings/people/{path}").status_code == 403
    for path, told in (
        ("add/", {"email": "eve@example.com", "role": "owner"}),
        (f"{me}/", {"version": 1, "name": "x", "role": "owner"}),
        (f"{me}/link/", {}),
        (f"{people.owner.pk}/switch/off/", {}),
        ("teams/add/", {"name": "mine", "version": 0, "leads": [str(me)]}),
    ):
        assert client.post(f"/settings/people/{path}", told).status_code == 403
    assert Person.objects.get(pk=me).role == who
    assert Person.objects.count() == 6


def test_an_administrator_cannot_make_themselves_owner_or_touch_one(people: People, as_: As) -> None:
    client = as_(people.administrator)
    mine = f"/settings/people/{people.administrator.pk}/"
    assert _page(client.post(mine, {"version": 1, "name": "Ada", "role": "owner"}), 422)
    assert "Only an owner" in _page(client.get(f"/settings/people/{people.owner.pk}/"))
    owners = f"/settings/people/{people.owner.pk}/"
    client.post(owners, {"version": 1, "name": "x", "role": "agent"})
    for path in ("link/", "switch/off/", "sign-out/", "second-factor/remove/"):
        assert "/enter/" not in client.post(owners + path).content.decode()
    assert (
        client.post("/settings/people/add/", {"email": "eve@example.com", "role": "owner"}).status_code == 422
    )
    owner = Person.objects.get(pk=people.owner.pk)
    assert (owner.role, owner.is_active, owner.name) == ("owner", True, "Olga Orr")
    assert Person.objects.get(pk=people.administrator.pk).role == "administrator"


def test_two_administrators_lose_nothing(people: People, as_: As) -> None:
    path = f"/settings/people/{people.agent.pk}/"
    as_(people.owner).post(path, {"version": 1, "name": "Bo D.", "role": "agent", "email": "bo@example.com"})
    told = {"version": 1, "name": "Bo the Second", "role": "supervisor", "email": "bo@example.com"}
    page = _page(as_(people.administrator).post(path, told), 422)
    assert "now “Bo D.”, Agent" in page
    assert 'value="Bo the Second"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    assert as_(people.administrator).post(path, told | {"version": version[1]}).status_code == 302
    assert Person.objects.get(pk=people.agent.pk).name == "Bo the Second"


def test_somebody_is_switched_off_and_back_on_by_undo(people: People, as_: As) -> None:
    client = as_(people.owner)
    theirs = Client()
    theirs.post("/sign-in/", {"login": "bo@example.com", "password": PASSWORD})
    off = client.post(f"/settings/people/{people.agent.pk}/switch/off/", follow=True)
    assert "is switched off" in _page(off)
    assert theirs.get("/profile/").status_code == 302
    undo = f"/settings/people/{people.agent.pk}/switch/on/"
    assert undo in off.content.decode()
    client.post(undo)
    assert Person.objects.get(pk=people.agent.pk).is_active
    assert theirs.get("/profile/").status_code == 302, "the old session does not come back"


def test_the_last_owner_is_told_why_they_stay(people: People, as_: As) -> None:
    client = as_(people.owner)
    page = client.post(f"/settings/people/{people.owner.pk}/switch/off/", follow=True)
    assert "This is the last owner" in _page(page)
    assert client.get("/profile/").status_code == 200


def test_what_does_not_exist_is_not_found(people: People, as_: As) -> None:
    client = as_(people.owner)
    other = Person.objects.create_user("far@example.com", tenant="elsewhere")
    team = Team.objects.create(name="Far", tenant="elsewhere")
    for path in (f"{other.pk}/", f"teams/{team.pk}/", "00000000-0000-0000-0000-000000000000/"):
        assert client.get(f"/settings/people/{path}").status_code == 404
    assert client.post(f"/settings/people/{people.agent.pk}/switch/sideways/").status_code == 404
    assert "far@example.com" not in _page(client.get("/settings/people/"))


def test_a_team_is_made_changed_and_kept_from_being_overwritten(people: People, as_: As) -> None:
    client = as_(people.owner)
    told = {"version": 0, "name": "Night", "leads": [str(people.supervisor.pk)], "queues": "a, b ,a"}
    assert client.post("/settings/people/teams/add/", told).status_code == 302
    team = Team.objects.get(name="Night")
    assert (team.queues, list(team.leads.all())) == (["a", "b"], [people.supervisor])
    path = f"/settings/people/teams/{team.pk}/"
    assert client.post(path, told | {"version": 1, "name": "Late"}).status_code == 302
    assert "now “Late”" in _page(client.post(path, told | {"version": 1, "name": "Early"}), 422)
    lead = client.post(path, told | {"version": 2, "leads": [str(people.agent.pk)]})
    assert lead.status_code == 422, "only a supervisor leads"
    client.post(f"{path}remove/")
    assert not Team.objects.filter(pk=team.pk).exists()


def test_who_manages_people_changes_an_address_but_not_the_own_one_here(people: People, as_: As) -> None:
    client = as_(people.administrator)
    asked = {"version": 1, "name": "Bo Dahl", "role": "agent", "email": "bo@new.example"}
    assert client.post(f"/settings/people/{people.agent.pk}/", asked).status_code == 302
    assert Person.objects.get(pk=people.agent.pk).email == "bo@new.example"
    entry = AuditEntry.objects.get(action="person:email-changed")
    assert (entry.actor, entry.subject) == (f"person:{people.administrator.pk}", f"person:{people.agent.pk}")
    taken = asked | {"version": 3, "name": "Another", "email": "cy@example.com"}
    page = _page(client.post(f"/settings/people/{people.agent.pk}/", taken), 422)
    assert "There is somebody with the address cy@example.com already." in page
    bo = Person.objects.get(pk=people.agent.pk)
    assert (bo.name, bo.email) == ("Bo Dahl", "bo@new.example"), "all or nothing"
    own = {"version": 1, "name": "Ada Alm", "role": "administrator", "email": "ada@new.example"}
    client.post(f"/settings/people/{people.administrator.pk}/", own)
    assert Person.objects.get(pk=people.administrator.pk).email == "ada@example.com"
