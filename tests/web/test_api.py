"""The API in process: who may ask, what is answered, and how a problem is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right, Role
from ringbook.desk.tokens import keys
from ringbook.model.public import public
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.web import pace
from ringbook.web.api import operation
from ringbook.web.api.description import described

from ..house import People, made_up_calls
from ..search.calls import HAND_MADE

pytestmark = pytest.mark.django_db

Asked = Callable[..., Any]


def api(role: Role = Role.INTEGRATION, person: Person | None = None, **fields: Any) -> Client:
    """A program with a token."""
    made = keys.make(Actor("person:1", "Olga"), name="crm", role=role, person=person, **fields)
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def get(client: Client, path: str, status: int = 200, **query: Any) -> Any:
    """What is answered to GET, which has to have this status."""
    response = client.get(f"/api/v1{path}", query)
    assert response.status_code == status, response.content[:2000]
    kind = "application/problem+json" if status >= 400 else "application/json"
    assert response.headers["Content-Type"] == kind
    body = response.json()
    if status >= 400:
        assert body["status"] == status
        assert {"type", "title", "detail"} <= set(body)
    return body


def test_calls_are_searched_page_by_page(house: Home) -> None:
    client = api()
    first = get(client, "/calls", limit=100)
    assert first["total"] == house.ledger.count(Scope("main")) >= len(made_up_calls())
    seen = [call["id"] for call in first["items"]]
    cursor = first["next_cursor"]
    while cursor:
        page = get(client, "/calls", limit=100, cursor=cursor, total="false")
        assert page["total"] is None
        seen += [call["id"] for call in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == first["total"]
    starts = [call["started_at"] for call in first["items"]]
    assert starts == sorted(starts, reverse=True)


def test_a_call_has_the_public_shape(house: Home) -> None:
    call = HAND_MADE["sales"]
    found = get(api(), f"/calls/{call.id}")
    assert found.pop("annotations") == {"tags": [], "notes": 0, "outcome_code": None, "assigned": []}
    for party in (found["from"], found["to"], *found["legs"]):
        assert party.pop("contact") is None
    assert found == {**public(call), "tenant": "main"}


def test_the_description_has_the_names_of_the_public_shape() -> None:
    names = set(described()["components"]["schemas"]["Call"]["properties"])
    assert names - {"contacts", "annotations"} == set(public(HAND_MADE["sales"]))


def test_an_etag_saves_sending_what_is_known(house: Home) -> None:
    client, path = api(), f"/api/v1/calls/{HAND_MADE['sales'].id}"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "shown", ["", "rb_x", "Bearer", "Bearer rb_x", "Basic eDp5", f"Bearer rb_{'0' * 32}_{'0' * 64}"]
)
def test_without_a_valid_token_nothing_is_told(house: Home, shown: str) -> None:
    client = Client(headers={"Authorization": shown} if shown else {})
    for path in ("/calls", "/me", f"/calls/{HAND_MADE['sales'].id}"):
        response = client.get(f"/api/v1{path}")
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["type"].endswith("#problem-token")


@pytest.mark.parametrize("query", [{"token": "x"}, {"access_token": "x"}, {"q": "rb_0_0"}])
def test_a_token_in_an_address_is_refused(house: Home, query: dict[str, str]) -> None:
    problem = get(api(), "/calls", 400, **query)
    assert problem["type"].endswith("#problem-token-in-address")


def test_a_missing_right_is_named(house: Home) -> None:
    client = api(rights=[Right.SEE_OVERVIEW])
    problem = get(client, "/calls", 403)
    assert problem["right"] == "see_calls"
    assert get(client, "/me")["rights"] == ["see_overview"]


def test_a_query_that_is_wrong_points_at_the_place(house: Home) -> None:
    problem = get(api(), "/calls", 400, query="last:7d outcom:missed")
    assert problem["type"].endswith("#problem-query")
    assert problem["position"] == 8
    assert problem["hint"].startswith("Did you mean outcome?")


@pytest.mark.parametrize(
    ("path", "query", "status", "kind"),
    [
        ("/calls", {"limit": "0"}, 422, "invalid"),
        ("/calls", {"limit": "1001"}, 422, "invalid"),
        ("/calls", {"zone": "Mars/Base"}, 422, "invalid"),
        ("/calls", {"querry": "x"}, 422, "invalid"),
        ("/calls", {"cursor": "x"}, 400, "cursor"),
        ("/calls/x", {}, 404, "not-found"),
        ("/calls/00000000-0000-8000-8000-000000000000", {}, 404, "not-found"),
        ("/calls/facets", {}, 422, "invalid"),
        ("/calls/facets", {"field": "note"}, 400, "request"),
        ("/figures/x", {}, 404, "not-found"),
        ("/rejects/x", {}, 404, "not-found"),
        ("/rejects", {"cursor": "x"}, 400, "cursor"),
        ("/nothing", {}, 404, "not-found"),
        ("/", {}, 404, "not-found"),
    ],
)
def test_what_is_wrong_is_a_problem_of_its_kind(
    house: Home, path: str, query: dict[str, str], status: int, kind: str
) -> None:
    assert get(api(), path, status, **query)["type"] == f"/api/v1/docs#problem-{kind}"


def test_a_wrong_method_names_the_right_ones(house: Home) -> None:
    response = api().delete("/api/v1/calls")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.json()["type"].endswith("#problem-method")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'{"sauce": "office"}', "application/json", 422),
        (b'{"source": 3}', "application/json", 422),
        (b" " * ((2 << 20) + 1), "application/json", 413),
    ],
)
def test_a_bad_body_is_refused(house: Home, body: bytes, kind: str, status: int) -> None:
    response = api(Role.ADMINISTRATOR).post("/api/v1/rejects/replay", body, content_type=kind)
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"


def test_an_agent_sees_only_what_was_theirs(house: Home, people: People) -> None:
    everything = get(api(), "/calls", limit=1)["total"]
    bo = api(Role.AGENT, people.agent)
    found = get(bo, "/calls", limit=1000)
    assert 0 < found["total"] < everything
    mine = {call["id"] for call in found["items"]}
    others = next(call["id"] for call in get(api(), "/calls", limit=1000)["items"] if call["id"] not in mine)
    unknown = get(bo, "/calls/00000000-0000-8000-8000-000000000000", 404)
    assert get(bo, f"/calls/{others}", 404) == unknown
    assert get(bo, "/me")["restricted"] is True


def test_facets_and_figures_count_within_the_scope(house: Home, people: People) -> None:
    bo = api(Role.AGENT, people.agent)
    total = get(bo, "/calls", limit=1)["total"]
    asked = get(bo, "/calls/facets", field="outcome")
    assert asked == get(bo, "/calls/facets", field="outcome", exact="true")
    assert asked["since"] is None, "few calls are all counted"
    [outcomes] = asked["items"]
    assert sum(one["calls"] for one in outcomes["values"]) == total
    name = get(bo, "/figures")["items"][0]["figure"]
    assert get(bo, f"/figures/{name}")["sample"] <= total


def test_too_many_requests_are_told_when_to_come_again(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "paces", pace.Pace(pace.Policy(2, 60), clock=lambda: 0.0))
    client, other = api(), api()
    assert client.get("/api/v1/me").headers["RateLimit"] == '"usual";r=1;t=30'
    client.get("/api/v1/me")
    refused = client.get("/api/v1/me")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    assert refused.headers["RateLimit-Policy"] == '"usual";q=2;w=60'
    assert other.get("/api/v1/me").status_code == 200


def test_a_request_that_is_sent_twice_is_carried_out_once(house: Home) -> None:
    client = api(Role.ADMINISTRATOR)
    post = {"path": "/api/v1/rejects/replay", "content_type": "application/json"}
    first = client.post(**post, data={}, headers={"Idempotency-Key": "k1"})
    again = client.post(**post, data={}, headers={"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.filter(action="rejects:replayed").count() == 1
    other = client.post(**post, data={"source": "x"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["type"]) == (422, "/api/v1/docs#problem-key-reused")
    bad = client.post(**post, data={}, headers={"Idempotency-Key": "a b"})
    assert bad.status_code == 422


def test_a_session_may_ask_and_needs_the_pages_proof_to_change(house: Home, people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert get(client, "/me")["token"] is None
    response = client.post("/api/v1/rejects/replay", {}, content_type="application/json")
    assert (response.status_code, response.json()["type"]) == (403, "/api/v1/docs#problem-csrf")


def test_looks_and_searches_are_on_record(house: Home) -> None:
    client, call = api(), HAND_MADE["sales"].id
    page = get(client, "/calls", query="outcome:missed", limit=1)
    get(client, "/calls", query="outcome:missed", limit=1, cursor=page["next_cursor"])
    get(client, f"/calls/{call}")
    entries = AuditEntry.objects.exclude(action="token:made").values_list("action", "subject", "actor_name")
    assert list(entries) == [("calls:searched", "", "crm"), ("call:seen", f"call:{call}", "crm")]


def test_the_page_of_the_api_runs_nothing_inline(house: Home) -> None:
    response = Client().get("/api/v1/docs")
    assert response.status_code == 200
    text = response.content.decode()
    for path in described()["paths"]:
        assert path in text
    assert " style=" not in text
    assert "<script>" not in text
