"""Every address for every role: guarded or public by name, and nothing outside a viewer's scope is told by any of them.

A new address with ids in it fails here until ``PLACES`` says what stands for them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from ringbook.desk.annotations import edit
from ringbook.desk.annotations.models import CallTag, Mention, Note, Task
from ringbook.desk.dashboards import links
from ringbook.desk.dashboards import service as dashboards
from ringbook.desk.delivery.models import Alert, Delivery, Report
from ringbook.desk.directory import edit as directory
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.governance.audit import Actor
from ringbook.desk.listening.models import Clip
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right, Role
from ringbook.desk.tokens import keys
from ringbook.desk.workspace.models import Job, JobState, SavedView
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, Direction, Leg, Outcome, Recording, Step, StepKind
from ringbook.model.party import EndpointKind, Party
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.runtime.home import Home
from ringbook.web.api.api import api
from ringbook.web.api.description import described

from ..house import People, write_calls
from ..search.calls import at, identity, inside, outside

pytestmark = pytest.mark.django_db

PUBLIC = {
    *(
        "set-up",
        "entry-link",
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reset_password",
    ),
    *("account_signup", "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled"),
    *("socialaccount_login_error", "socialaccount_signup", "openid_connect_login", "openid_connect_callback"),
    *("api-openapi", "api-docs", "api-unknown"),
    *("wallboard-screen", "wallboard-screen-now", "profile-email-confirm", "survey"),
}
"""What everybody may ask for: signing in and out, the description of the API, and what a link with a secret leads to."""

TUS = {"api-uploads", "api-upload"}
"""Resumable uploads, which have a protocol of their own: see test_api_uploads."""

PLACES = {
    "dashboard_id": "dashboard",
    "link_id": "wallboard-link",
    "place": "word",
    "call_id": "call",
    "recording_id": "recording",
    "clip_id": "clip",
    "form": "word",
    "note_id": "note",
    "task_id": "task",
    "tag_id": "tag",
    "batch": "batch",
    "job_id": "job",
    "view_id": "view",
    "mention_id": "mention",
    "session_id": "number",
    "name": "word",
    "entry": "word",
    "key": "word",
    "verb": "word",
    "action": "word",
    "part": "word",
    "slug": "word",
    "token": "word",
    "provider_id": "word",
    "secret": "word",
    "to": "word",
    "system": "word",
    "way": "word",
    "version": "word",
    "pk": "contact",
    "team_id": "team",
    "person_id": "person",
    "token_id": "api-token",
    "report_id": "report",
    "alert_id": "alert",
    "delivery_id": "delivery",
    "webhook_id": "webhook",
    "request_id": "person-request",
    "hold_id": "hold",
    "run_id": "run",
    "rule_id": "rule",
}
"""What is put for each part of an address; ``pk`` in the pages of contacts."""

EXAMPLES = {"calls-help", "style", "style-part"}
"""Pages with made-up numbers in their examples."""

HIDDEN = {
    "call",
    "note",
    "task",
    "batch",
    "job",
    "view",
    "mention",
    "recording",
    "clip",
    "dashboard",
    "wallboard-link",
    "report",
    "alert",
    "delivery",
}
"""What somebody else's is answered exactly like what does not exist."""

NUMBER = "+441632960777"
SECRETS = (
    "1632960777",
    "01632 960777",
    "Zzyzx Quillfeather",
    "murmuration-4711",
    "Quagmire desk",
    "lagoon.wav",
)
"""What stands in the foreign call and nowhere else: number, name, note, queue, recording."""

QUESTIONS = (
    "number:*960777",
    "Zzyzx",
    "note:murmur*",
    "queue:Quagm*",
    "has:note",
    "direction:inbound outcome:answered",
)
"""Questions that only have the foreign call for an answer, or have it among others; none has a secret in it."""


class Foreign(NamedTuple):
    """A call outside the scope, and what was added to it, by its owner."""

    call: Call
    ids: dict[str, str]


def foreign_call() -> Call:
    """A call between Cy's colleague and somebody outside; Bo and the queue of his team have no part in it."""
    began = at("2026-11-19T15:00")
    return Call(
        id=identity(began, 0x4711),
        tenant="main",
        started_at=began,
        answered_at=began + 5_000_000,
        ended_at=began + 65_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside(NUMBER, "Zzyzx Quillfeather"),
        called=inside("177", "Ida Holm"),
        dialled="+15125550199",
        agents=(AgentTalk("177", "Ida Holm", 60.0),),
        queue="Quagmire desk",
        talk_s=60.0,
        duration_s=65.0,
        legs=(Leg(kind=EndpointKind.OUTSIDE, number=NUMBER, name="Zzyzx Quillfeather", role="caller"),),
        steps=(Step(StepKind.STARTED, began, NUMBER, "Zzyzx Quillfeather"),),
        recordings=(Recording("lagoon.wav"),),
        sources=("office",),
    )


@pytest.fixture
def foreign(house: Home, people: People) -> Foreign:
    """The foreign call with a note, a task and a tag, and an export and a view of its owner."""
    call = foreign_call()
    write_calls(house, [call])
    by = edit.By.of(people.owner)
    noted = edit.add_note(by, call.id, "murmuration-4711 @bo")
    task = edit.add_task(by, call.id, "murmuration-4711", people.owner, None)
    tagged = edit.tag(by, [call.id], ["vip"], create=True)
    view = SavedView.objects.create(name="murmuration-4711", query="x", owner=people.owner)
    dashboard = dashboards.make(people.owner, "murmuration-4711", [dashboards.Panel(figure="calls")])
    link, _secret = links.make(people.owner, "murmuration-4711", "")
    job = Job.objects.create(
        kind="export-calls",
        title="murmuration-4711",
        owner=people.owner,
        state=JobState.DONE,
        result_file="x",
    )
    mention = Mention.objects.filter(note=noted.note).first() or Mention.objects.create(
        note=noted.note, person=people.owner, at=datetime.now(UTC), told=False
    )
    contact = directory.add_contact(
        Actor(f"person:{people.owner.pk}"),
        ContactDraft(name="Anna Berg", company="Berg & Co", numbers=(NumberDraft("+15125550101"),)),
    )
    note = Note.objects.get(pk=noted.note.pk)
    recording = KeptRecording(
        id=RecordingId(str(uuid.UUID(int=0x4711))),
        tenant="main",
        source="office",
        name="lagoon.wav",
        received_at=call.ended_at or 0,
        call=call.id,
    )
    Catalogue(house.ledger).keep("main", [recording])
    clip = Clip.objects.create(
        recording=recording.id,
        start_s=1.0,
        stop_s=2.0,
        title="murmuration-4711",
        shared=True,
        maker_actor="x",
        maker_name="x",
        made_at=datetime.now(UTC),
    )
    sender = {"made_by": people.owner, "sender": people.owner, "name": "murmuration-4711"}
    report = Report.objects.create(figures=[{"figure": "calls"}], **sender)
    alert = Alert.objects.create(figure="calls", limit=1, **sender)
    delivery = Delivery.objects.create(alert=alert, address="murmuration-4711@example.com", occasion="test")
    ids = {
        "report": str(report.pk),
        "alert": str(alert.pk),
        "delivery": str(delivery.pk),
        "clip": str(clip.pk),
        "call": call.id,
        "recording": recording.id,
        "note": str(note.pk),
        "task": str(task.task.pk),
        "batch": str(tagged.batch),
        "view": str(view.pk),
        "job": str(job.pk),
        "mention": str(mention.pk),
        "contact": str(contact.pk),
        "dashboard": str(dashboard.pk),
        "wallboard-link": str(link.pk),
    }
    return Foreign(call, ids)


class Route(NamedTuple):
    """An address of a page."""

    name: str
    text: str
    view: Any
    parameters: tuple[str, ...]
    numbers: frozenset[str]


def routes() -> list[Route]:
    """Every address there is."""

    def walk(patterns: list[Any], before: str) -> Iterator[Route]:
        for pattern in patterns:
            text = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, text)
            else:
                assert isinstance(pattern, URLPattern)
                known = pattern.pattern.converters
                numbers = frozenset(name for name, one in known.items() if isinstance(one, IntConverter))
                yield Route(str(pattern.name), text, pattern.callback, tuple(known), numbers)

    return list(walk(get_resolver().url_patterns, ""))


def pages() -> list[Route]:
    """Every address of a page."""
    return [route for route in routes() if not route.text.startswith("api/v1/")]


def open_to(route: Route, rights: frozenset[Right]) -> bool:
    """Whether somebody with these rights may ask for it."""
    return all(right in rights for right in route.view.needs or ())


def address(route: Route, ids: dict[str, str]) -> str:
    """The address with something in each place."""
    values: dict[str, Any] = {}
    for parameter in route.parameters:
        assert parameter in PLACES, (
            f"say in PLACES what {parameter!r} of {route.name} ({route.text}) stands for"
        )
        kind = "number" if parameter in route.numbers else PLACES[parameter]
        values[parameter] = (
            {"word": "murmur", "number": 987_654}.get(kind) or ids.get(kind) or str(uuid.UUID(int=7))
        )
    return reverse(route.name, kwargs=values)


def test_every_address_is_guarded_or_public_by_name() -> None:
    unguarded = [route.name for route in pages() if not hasattr(route.view, "needs")]
    assert unguarded == []
    public = {route.name for route in pages() if route.view.needs is None}
    assert public <= PUBLIC, "these are open to everybody"


def test_every_operation_of_the_api_is_guarded() -> None:
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                needs = getattr(operation.view_func, "needs", None)
                assert needs is not None, path
                assert needs or path == "/me", path
    names = {route.name for route in routes() if route.text.startswith("api/v1/")}
    known = {
        f"api-{about['operationId'].replace('_', '-')}"
        for methods in described()["paths"].values()
        for about in methods.values()
    }
    assert names - known <= PUBLIC | TUS


def test_a_stranger_is_sent_to_sign_in(house: Home) -> None:
    client = Client()
    for route in pages():
        if route.name in PUBLIC:
            continue
        response = client.get(address(route, {}))
        assert response.status_code in (302, 405), route
        if response.status_code == 302:
            assert response.headers["Location"].startswith(("/sign-in/", "/set-up", "/welcome")), route


@pytest.mark.parametrize("role", ["supervisor", "agent", "auditor"])
def test_without_the_right_nothing_is_told(
    house: Home, people: People, as_: Callable[[Person], Client], role: str
) -> None:
    person = getattr(people, role)
    client, rights = as_(person), rights_of(person)
    closed = [route for route in pages() if not open_to(route, rights)]
    assert {"settings-people", "settings-tokens"} <= {route.name for route in closed}
    for route in closed:
        place = address(route, {})
        statuses = {client.get(place).status_code, client.post(place).status_code}
        assert statuses <= {403, 405}, (route, statuses)
        assert 403 in statuses, route


@pytest.mark.parametrize("role", list(Role))
def test_a_token_of_a_role_does_what_its_role_may(house: Home, people: People, role: Role) -> None:
    client = Client(headers={"Authorization": f"Bearer {keys.make(Actor('x'), name='x', role=role).text}"})
    allowed = keys.usable(role)
    for path, methods in described()["paths"].items():
        for method, about in methods.items():
            place = re.sub(r"\{\w+\}", str(uuid.UUID(int=7)), path)
            needed = {Right(right) for right in about["x-rights"]}
            body = {} if method == "get" else {"data": b"x", "content_type": "application/octet-stream"}
            status = getattr(client, method)(place, **body).status_code
            assert (status == 403) is not (needed <= allowed), (role, method, path, status)


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_pages_tell_nothing_of_calls_outside_the_scope(
    house: Home, people: People, foreign: Foreign, as_: Callable[[Person], Client], role: str
) -> None:
    person = getattr(people, role)
    client, rights = as_(person), rights_of(person)
    for route in pages():
        if route.name in PUBLIC or not open_to(route, rights):
            continue
        place = address(route, foreign.ids)
        for asked in _asked(route, foreign):
            response = client.get(place, asked)
            _tells_nothing(response, foreign, route.name)
            if response.status_code in (405, 404):
                break
        if {PLACES.get(one) for one in route.parameters} & HIDDEN:
            _same_as_unknown(client, route, foreign)
    _untouched(foreign)


def test_the_api_tells_nothing_of_calls_outside_the_scope(
    house: Home, people: People, foreign: Foreign
) -> None:
    made = keys.make(Actor("x"), name="x", role=Role.INTEGRATION, person=people.agent)
    client = Client(headers={"Authorization": f"Bearer {made.text}"})
    allowed = keys.granted(made.token)
    owners = Client(
        headers={"Authorization": f"Bearer {keys.make(Actor('x'), name='x', role=Role.OWNER).text}"}
    )
    cursor = owners.get("/api/v1/calls", {"limit": 1}).json()["next_cursor"]
    followed = owners.get("/api/v1/calls/changes", {"limit": 1}).json()["next_cursor"]
    fields = "outcome,direction,queue,from,to,agent,source,dialled,extension"
    for path, methods in described()["paths"].items():
        known = {one["name"] for one in methods.get("get", {}).get("parameters", []) if one["in"] == "query"}
        if "get" not in methods or not {Right(right) for right in methods["get"]["x-rights"]} <= allowed:
            continue
        for field in fields.split(",") if "field" in known else [""]:
            for question in QUESTIONS:
                asked = {"query": question, "limit": "1000", "field": field}
                response = client.get(
                    path.replace("{id}", foreign.call.id).replace("{name}", "calls"),
                    {name: value for name, value in asked.items() if name in known},
                )
                _tells_nothing(response, foreign, path)
                if not known:
                    break
    for path, name, value in (("/calls", "cursor", cursor), ("/calls/changes", "since", followed)):
        response = client.get(f"/api/v1{path}", {name: value})
        assert response.status_code == 400, path
        assert response.json()["type"].endswith("#problem-cursor")


def test_the_api_answers_foreign_ids_as_unknown_ones(house: Home, people: People, foreign: Foreign) -> None:
    made = keys.make(Actor("x"), name="x", role=Role.INTEGRATION, person=people.agent)
    client = Client(headers={"Authorization": f"Bearer {made.text}"})
    allowed = keys.granted(made.token)
    bodies = {"text": "x", "key": None, "value": None, "query": "", "number": "1"}
    bodies |= {
        "kind": "csat",
        "score": 4,
        "party": "caller",
        "state": "refused",
        "begins_at": "2026-11-19T15:00:10Z",
    }
    schemas = described()["components"]["schemas"]
    kinds = {"/calls/": "call", "/exports/": "job"}
    asked = 0
    for path, methods in described()["paths"].items():
        kind = next((one for start, one in kinds.items() if path.startswith(f"/api/v1{start}{{")), None)
        if kind is None:
            continue
        for method, about in methods.items():
            if not {Right(right) for right in about["x-rights"]} <= allowed:
                continue
            schema = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            body = None
            if schema:
                known = schemas[schema["$ref"].rpartition("/")[2]]["properties"]
                body = {name: value for name, value in bodies.items() if name in known}
            answers = []
            for one in (foreign.ids[kind], _unknown(kind)):
                place = path.replace("{id}", one).replace("{note_id}", foreign.ids["note"])
                place = (
                    place.replace("{task_id}", foreign.ids["task"])
                    .replace("{tag}", "vip")
                    .replace("{key}", "x")
                )
                sent = {"data": body, "content_type": "application/json"} if body is not None else {}
                if body is None and method == "post":  # Django's client would send an empty form
                    sent = {"data": "", "content_type": "application/json"}
                response = getattr(client, method)(place, headers={"If-Match": '"1"'}, **sent)
                answers.append((response.status_code, _plain(response, one)))
            assert answers[0] == answers[1], (method, path)
            assert answers[0][0] == 404, (method, path, answers[0])
            asked += 1
    assert asked >= 12
    assert client.get("/api/v1/calls", {"query": f"id:{foreign.call.id[:13]}"}).json()["items"] == []
    mine = client.get("/api/v1/calls", {"limit": 1000}).json()["items"]
    note = f"/api/v1/calls/{mine[0]['id']}/notes/{foreign.ids['note']}"
    changed = client.patch(note, {"text": "x"}, content_type="application/json", headers={"If-Match": '"1"'})
    assert changed.status_code == 404, "a note of a foreign call is not reached through a call of one's own"


def test_counts_are_those_of_the_scope(house: Home, people: People, foreign: Foreign) -> None:
    made = keys.make(Actor("x"), name="x", role=Role.INTEGRATION, person=people.agent)
    client = Client(headers={"Authorization": f"Bearer {made.text}"})
    for question in QUESTIONS[:4]:
        found = client.get("/api/v1/calls", {"query": question}).json()
        assert (found["items"], found["total"]) == ([], 0), question


@pytest.mark.parametrize("role", ["auditor", "agent"])
def test_masked_viewers_are_never_sent_an_outside_number(
    house: Home, people: People, foreign: Foreign, as_: Callable[[Person], Client], role: str
) -> None:
    Organisation.objects.update(masked_roles=[role])
    person = getattr(people, role)
    client, rights = as_(person), rights_of(person)
    made = keys.make(Actor("x"), name="x", role=Role(role), person=person)
    program = Client(headers={"Authorization": f"Bearer {made.text}"})
    numbers = re.compile(r"(?<![\w-])\+?1?5125550\d{3}(?![\w-])|1632960777|7946 ?0\d{3}")
    seen = program.get("/api/v1/calls", {"limit": 1}).json()["items"][0]["id"]
    ids = {**foreign.ids, "call": seen}
    for route in pages():
        if route.name in PUBLIC or not open_to(route, rights) or route.name in EXAMPLES:
            continue
        response = client.get(address(route, ids))
        found = numbers.search(_text(response))
        assert found is None, (
            route.name,
            found and _text(response)[max(0, found.start() - 200) : found.end() + 50],
        )
    for path, methods in described()["paths"].items():
        if "get" not in methods:
            continue
        known = {one["name"] for one in methods["get"].get("parameters", [])}
        for field in ("from", "to", "dialled", "agent") if "field" in known else ("",):
            query = {"field": field} if field else {}
            place = path.replace("{id}", ids["contact"] if "contacts" in path else seen).replace(
                "{name}", "calls"
            )
            found = numbers.search(_text(program.get(place, query)))
            assert found is None, (path, field, found and found[0])


def _asked(route: Route, foreign: Foreign) -> list[dict[str, str]]:
    """What is asked for: nothing in particular, and where there is no id in the address, all that only they have."""
    if route.parameters:
        return [{}]
    begins = foreign.call.id[:13]
    words = {"query": "Zzyzx", "call": begins, "field": "queue", "number": "960777", "since": "0"}
    return [
        {},
        *(
            {"q": question, "caret": str(len(question)), **words}
            for question in (*QUESTIONS[:2], f"id:{begins}")
        ),
    ]


def _tells_nothing(response: Any, foreign: Foreign, name: str) -> None:
    assert response.status_code < 500, name
    text = _text(response)
    for secret in SECRETS:
        assert secret not in text, (name, secret)
    if foreign.call.id not in response.request["PATH_INFO"]:
        assert foreign.call.id not in text, name


def _same_as_unknown(client: Client, route: Route, foreign: Foreign) -> None:
    for method in ("get", "post"):
        answers = []
        unknown = {kind: _unknown(kind) for kind in HIDDEN}
        for changed in (foreign.ids, {**foreign.ids, **unknown}):
            place = address(route, changed)
            response = getattr(client, method)(place, {"text": "x"} if method == "post" else {})
            answers.append((response.status_code, _plain(response, *changed.values())))
        assert answers[0][0] == answers[1][0], (method, route.name, answers[0][0], answers[1][0])
        assert answers[0][1] == answers[1][1], (method, route.name)


def _untouched(foreign: Foreign) -> None:
    """Nothing of it was changed by anything that was sent."""
    ids = foreign.ids
    assert Note.objects.filter(pk=ids["note"], version=1, removed_at=None).exists()
    assert Task.objects.filter(pk=ids["task"], version=1, removed_at=None, done_at=None).exists()
    assert CallTag.objects.filter(call_id=foreign.call.id, removed_at=None).count() == 1
    assert Job.objects.filter(pk=ids["job"], cancel_wanted=False, state=JobState.DONE).exists()
    assert SavedView.objects.filter(pk=ids["view"], version=1, deleted_at=None).exists()
    assert Note.objects.filter(call_id=foreign.call.id).count() == 1


def _unknown(kind: str) -> str:
    return "01a1f0aa-0000-8000-8000-0000000000ff" if kind == "call" else str(uuid.UUID(int=9))


def _plain(response: Any, *ids: str) -> str:
    """What was answered without what differs from one asking to the next."""
    text = _text(response)
    for one in ids:
        text = text.replace(one, "ID")
    return re.sub(r"[A-Za-z0-9]{32,64}", "TOKEN", text)


def _text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode("utf-8", "replace"))


def test_the_foreign_call_is_there_for_who_may_see_it(house: Home, people: People, foreign: Foreign) -> None:
    made = keys.make(Actor("x"), name="x", role=Role.OWNER)
    client = Client(headers={"Authorization": f"Bearer {made.text}"})
    for question in QUESTIONS:
        items = client.get("/api/v1/calls", {"query": question, "limit": 1000}).json()["items"]
        assert foreign.call.id in {one["id"] for one in items}, question
    told = client.get(f"/api/v1/calls/{foreign.call.id}").content.decode()
    assert "1632960777" in told
    assert msgspec.json.decode(told)["annotations"]["notes"] >= 1
    assert isinstance(foreign.call.caller, Party)
