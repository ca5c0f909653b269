"""Every address with an id in it, asked with that of another tenant's thing, or of one that was taken away: there is none.

The owner asks, who may do everything: what keeps them out is whose the thing is, and nothing else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.desk.tokens import keys
from ringbook.runtime.home import Home
from ringbook.web.api.description import described

from ..house import PASSWORD, People
from .test_routes import PUBLIC, Route, pages
from .things import IN_PLACE, as_it_is, ids, kind_of, made

pytestmark = pytest.mark.django_db

WORDS = {
    "form": "wav",
    "verb": "done",
    "key": "mine",
    "name": "notes",
    "to": "off",
    "place": 0,
    "token": "x",
    "secret": "x",
}
"""What stands in the parts of an address that are no ids."""

SAME = {
    "call-untag": "a tag that the call has not is off it",
    "call-undo": "says that it cannot be taken back",
    "calls-undo": "says that it cannot be taken back",
    "contact-undo": "says that it cannot be taken back",
    "session-end": "leads to the sessions that there are",
    "mfa_edit_webauthn": "asks for the password first",
    "mfa_remove_webauthn": "asks for the password first",
    "mention-read": "leads to what is left to read",
}
"""Pages that answer an unknown id with something else than that there is no such thing: the same to every such id."""

IN_API = {
    "calls": "call",
    "recordings": "recording",
    "contacts": "contact",
    "companies": "company",
    "exports": "job",
    "reports": "report",
    "alerts": "alert",
}
"""What ``id`` stands for, by the collection."""

BODIES = {
    "text": "x",
    "key": None,
    "value": None,
    "query": "",
    "number": "1",
    "kind": "csat",
    "score": 4,
    "party": "caller",
    "state": "refused",
    "begins_at": "2026-11-19T15:00:10Z",
}
"""What may stand in the body of a request, by name."""

QUERY = {"field": "queue", "calls": "7", "aht_s": "180"}
"""What has to be in some queries, by name."""

REMOVED = {
    "note": "removed_at",
    "task": "removed_at",
    "clip": "removed_at",
    "report": "removed_at",
    "alert": "removed_at",
    "webhook": "removed_at",
    "rule": "removed_at",
    "dashboard": "deleted_at",
    "view": "deleted_at",
    "wallboard-link": "withdrawn_at",
    "api-token": "revoked_at",
}
"""What is marked as taken away, by kind."""

LATE = {
    "note-edit": "says that it was changed, and keeps what was typed",
    "note-remove": "it is removed",
    "note-versions": "the history of the call keeps them",
    "task-edit": "says that it was removed, and keeps what was typed",
    "task-act": "says that it was removed",
    "token-revoke": "it is revoked",
}
"""Pages on which somebody may act on what somebody else has just taken away."""

BACK = {"clip-restore", "report-restore", "alert-restore", "dashboard-restore", "calls-view-restore"}
"""Pages that bring something back."""

ELSEWHERE = "elsewhere"
MARK = "Zugzwang"
"""What is written in everything of the other tenant, and nowhere else."""


class Two(NamedTuple):
    """One of everything, twice: the asker's own, and another tenant's."""

    own: dict[str, Any]
    foreign: dict[str, Any]


@pytest.fixture
def two(house: Home, people: People) -> Two:
    stranger = Person.objects.create_user(
        "zoe@example.org", PASSWORD, name=MARK, role=Role.OWNER, tenant=ELSEWHERE
    )
    return Two(made(house, "main", people.owner, "mine"), made(house, ELSEWHERE, stranger, MARK))


def with_ids() -> list[Route]:
    """The pages with an id in their address."""
    found = [
        route
        for route in pages()
        if route.name not in PUBLIC and any(kind_of(one, route.name) for one in route.parameters)
    ]
    assert len(found) > 120
    return found


def places(route: Route, two: Two) -> Iterator[tuple[str, str]]:
    """The address with another tenant's id in each of its places in turn, and one's own in the others; and with an unknown id."""
    own, foreign = ids(two.own), ids(two.foreign)
    kinds = {one: kind_of(one, route.name) for one in route.parameters}
    words = {one: WORDS[one] for one, kind in kinds.items() if not kind}
    for changed in [one for one, kind in kinds.items() if kind]:
        mine = {one: own[kind] for one, kind in kinds.items() if kind}
        unknown = "987654" if changed in route.numbers else str(uuid.UUID(int=9))
        there, nowhere = (
            reverse(route.name, kwargs={**words, **mine, changed: one})
            for one in (foreign[kinds[changed]], unknown)
        )
        yield there, nowhere


def test_pages_answer_the_ids_of_another_tenant_as_unknown_ones(
    house: Home, people: People, two: Two, as_: Callable[[Person], Client]
) -> None:
    client, before = as_(people.owner), as_it_is(two.foreign)
    wrong: list[tuple[object, ...]] = []
    for route in with_ids():
        for place, nowhere in places(route, two):
            answers = [getattr(client, method)(place) for method in ("get", "post")]
            if any(MARK.encode() in body(answer) for answer in answers):
                wrong.append((route.name, "tells what is written there"))
            statuses = [answer.status_code for answer in answers]
            if route.name in SAME:
                if statuses != [getattr(client, method)(nowhere).status_code for method in ("get", "post")]:
                    wrong.append((route.name, place, statuses))
            elif not {404} <= set(statuses) <= {404, 405}:
                wrong.append((route.name, place, statuses))
    assert not wrong, "\n".join(str(one) for one in wrong)
    assert as_it_is(two.foreign) == before, "nothing of theirs was changed"


def test_lists_have_nothing_of_another_tenant(
    house: Home, people: People, two: Two, as_: Callable[[Person], Client]
) -> None:
    two.own["passkey"].delete()  # no real one: the list of one's own takes none that does not parse
    client = as_(people.owner)
    asked = 0
    for route in pages():
        if route.name in PUBLIC or route.parameters:
            continue
        answer = client.get(reverse(route.name))
        assert answer.status_code < 500, route.name
        assert MARK not in body(answer).decode("utf-8", "replace"), route.name
        asked += 1
    program = program_of(people.owner)
    for path, about in read_without_id().items():
        answer = program.get(path, about["asked"])
        assert answer.status_code == 200, path
        assert MARK not in body(answer).decode(), path
        asked += 1
    assert asked > 100


def test_the_api_answers_the_ids_of_another_tenant_as_unknown_ones(
    house: Home, people: People, two: Two
) -> None:
    client, before = program_of(people.owner), as_it_is(two.foreign)
    own, foreign = ids(two.own), ids(two.foreign)
    wrong: list[tuple[object, ...]] = []
    asked = 0
    for path, method, sent in operations():
        names = re.findall(r"{(\w+)}", path)
        kinds = {name: _of_api(path, name) for name in names}
        for changed in [name for name, kind in kinds.items() if kind]:
            place = path
            for name, kind in kinds.items():
                ids_ = foreign if name == changed else own
                place = place.replace(f"{{{name}}}", ids_[kind] if kind else "mine")
            answer = getattr(client, method)(place, headers={"If-Match": '"1"'}, **sent)
            asked += 1
            if answer.status_code != 404 or MARK.encode() in body(answer):
                wrong.append((method, place, answer.status_code, body(answer)[:300]))
    assert not wrong, "\n".join(str(one) for one in wrong)
    assert asked > 40
    assert as_it_is(two.foreign) == before, "nothing of theirs was changed"


def test_what_was_taken_away_is_not_there(
    house: Home, people: People, two: Two, as_: Callable[[Person], Client]
) -> None:
    client, program, own = as_(people.owner), program_of(people.owner), ids(two.own)
    for kind, field in REMOVED.items():
        one = two.own[kind]
        type(one).objects.filter(pk=one.pk).update(**{field: datetime.now(UTC)})
    before = as_it_is({kind: two.own[kind] for kind in REMOVED})
    wrong: list[tuple[object, ...]] = []
    for route in with_ids():
        kinds = {one: kind_of(one, route.name) for one in route.parameters}
        if not set(kinds.values()) & set(REMOVED) or route.name in {*BACK, *LATE}:
            continue
        words = {name: own[kind] if kind else WORDS[name] for name, kind in kinds.items()}
        place = reverse(route.name, kwargs=words)
        statuses = [getattr(client, method)(place).status_code for method in ("get", "post")]
        if not {404} <= set(statuses) <= {404, 405}:
            wrong.append((route.name, place, statuses))
    for path, method, sent in operations():
        kinds = {name: _of_api(path, name) for name in re.findall(r"{(\w+)}", path)}
        if set(kinds.values()) & set(REMOVED):
            place = path
            for name, kind in kinds.items():
                place = place.replace(f"{{{name}}}", own[kind])
            status = getattr(program, method)(place, headers={"If-Match": '"1"'}, **sent).status_code
            if status != 404:
                wrong.append((method, place, status))
    assert not wrong, "\n".join(str(one) for one in wrong)
    assert as_it_is({kind: two.own[kind] for kind in REMOVED}) == before


def test_a_page_of_another_site_changes_nothing(house: Home, people: People, two: Two) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    before, own = as_it_is(two.own), ids(two.own)
    taken = set()
    for route in pages():
        values = {one: own.get(kind_of(one, route.name)) or WORDS.get(one, "x") for one in route.parameters}
        status = client.post(reverse(route.name, kwargs=values)).status_code
        if status not in (403, 405):
            taken.add((route.name, status))
    assert {name for name, _status in taken} == {"survey"}, taken  # what the address holds is its whole proof
    refused = [
        (method, path)
        for path, method, sent in operations()
        if method != "get"
        and getattr(client, method)(re.sub(r"{\w+}", "x", path), **sent).status_code not in (401, 403)
    ]
    assert refused == []
    assert as_it_is(two.own) == before


def test_a_task_that_was_removed_is_not_done(
    house: Home, people: People, two: Two, as_: Callable[[Person], Client]
) -> None:
    client, own = as_(people.owner), ids(two.own)
    task = two.own["task"]
    type(task).objects.filter(pk=task.pk).update(removed_at=datetime.now(UTC))
    place = f"/calls/{own['call']}/tasks/{task.pk}"
    done = client.post(f"{place}/done", {"version": 1}, headers={"HX-Request": "true"})
    assert "somebody removed it" in done.headers["HX-Trigger"]
    assert client.get(f"{place}/edit").status_code == 404
    changed = client.post(f"{place}/edit", {"version": 1, "text": "something else"})
    assert "somebody removed it" in changed.content.decode()
    task.refresh_from_db()
    assert (task.version, task.done_at, task.text) == (1, None, "mine")


def program_of(person: Person) -> Client:
    """A program with a token that may do all that its person may."""
    made_token = keys.make(Actor("x"), name="x", role=Role(person.role), person=person)
    return Client(headers={"Authorization": f"Bearer {made_token.text}"})


def read_without_id() -> dict[str, dict[str, Any]]:
    """What the API is asked without an id, by path: its tags, and a query with all that has to be in one."""
    found = {}
    for path, methods in described()["paths"].items():
        if "get" in methods and "{" not in path:
            about = methods["get"]
            needed = [one["name"] for one in about.get("parameters", []) if one.get("required")]
            found[path] = {"tags": about["tags"], "asked": {name: QUERY[name] for name in needed}}
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The operations of the API about one thing: path, method, and a body that it takes, if it takes one."""
    schemas = described()["components"]["schemas"]
    for path, methods in described()["paths"].items():
        for method, about in methods.items():
            if "{" not in path:
                continue
            schema = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            sent: dict[str, Any] = {}
            if schema:
                known = schemas[schema["$ref"].rpartition("/")[2]]["properties"]
                told = {name: value for name, value in BODIES.items() if name in known}
                sent = {"data": told, "content_type": "application/json"}
            elif method == "post":  # Django's client would send an empty form
                sent = {"data": "", "content_type": "application/json"}
            yield path, method, sent


def body(response: Any) -> bytes:
    """All that was answered."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def _of_api(path: str, name: str) -> str:
    """What stands in a part of a path of the API; empty for what is no id."""
    return IN_API.get(path.split("/")[3], "") if name == "id" else IN_PLACE.get(name, "")
