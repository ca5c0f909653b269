"""Reports, alerts and surveys through the API: what the pages do, under the same names and with the same checks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.delivery.models import Alert, AlertEpisode, AlertState, Report, ReportRun
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight.models import Survey
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.desk.tokens import keys
from ringbook.runtime.home import Home

from ..house import People, write_calls
from ..search.calls import HAND_MADE

pytestmark = pytest.mark.django_db

CALL = str(HAND_MADE["sales"].id)
REPORT = {"name": "Monday", "figures": [{"figure": "calls", "by": "day"}], "addresses": ["boss@example.com"]}
ALERT = {
    "name": "Too slow",
    "kind": "threshold",
    "figure": "service-level",
    "side": "below",
    "limit": 0.8,
    "addresses": ["boss@example.com"],
}


def api(role: Role, person: Person | None = None) -> Client:
    """A program with a token."""
    made = keys.make(Actor("person:1", "Olga"), name="test", role=role, person=person)
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def ask(client: Client, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
    more = (
        {"data": body if body is not None else "", "content_type": "application/json"}
        if method != "get"
        else {}
    )
    answer = getattr(client, method)(f"/api/v1{path}", **more, headers=headers)
    assert answer.status_code == status, answer.content
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json() if answer.content else None


def test_a_report_is_made_changed_sent_paused_and_removed(house: Home, people: People) -> None:
    client = api(Role.OWNER, people.owner)
    made = ask(client, "post", "/reports", REPORT, 201, **{"Idempotency-Key": "one"})
    again = ask(client, "post", "/reports", REPORT, 201, **{"Idempotency-Key": "one"})
    assert again["id"] == made["id"]
    assert Report.objects.count() == 1
    assert (made["every"], made["at"], made["sender"], made["version"]) == ("week", "07:00", "Olga Orr", 1)
    assert made["figures"] == [{"figure": "calls", "by": "day", "variant": "", "threshold_s": None}]
    path = f"/reports/{made['id']}"
    ask(client, "patch", path, {"name": "Tuesday"}, 428)
    changed = ask(
        client, "patch", path, {"name": "Tuesday", "weekday": 1, "at": "06:30"}, **{"If-Match": '"1"'}
    )
    assert (changed["name"], changed["weekday"], changed["at"], changed["version"]) == (
        "Tuesday",
        1,
        "06:30",
        2,
    )
    assert changed["addresses"] == ["boss@example.com"]  # what was left out stays
    stale = ask(client, "patch", path, {"name": "Friday"}, 412, **{"If-Match": '"1"'})
    assert (stale["current"]["name"], stale["yours"]) == ("Tuesday", {"name": "Friday"})
    assert ask(client, "get", path)["name"] == "Tuesday"

    run = ask(client, "post", f"{path}/send", status=202)
    assert (run["state"], run["by_hand"]) == ("waiting", True)
    assert [one["id"] for one in ask(client, "get", f"{path}/runs")["items"]] == [run["id"]]
    assert ReportRun.objects.count() == 1
    assert ask(client, "get", f"/deliveries?report={made['id']}") == {"items": []}
    assert ask(client, "post", f"{path}/pause")["paused"] is True
    assert ask(client, "post", f"{path}/resume")["next_at"] is not None
    ask(client, "delete", path, status=204)
    ask(client, "get", path, status=404)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"report:made", "report:changed", "report:asked", "report:paused", "report:removed"} <= actions


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"figures": [{"figure": "moon"}]}, "figures.0"),
        ({"query": "outcome:nonsense"}, "query"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"addresses": ["no address"]}, "addresses"),
        ({"people": ["00000000-0000-0000-0000-000000000000"]}, "people"),
        ({"name": " "}, "name"),
    ],
)
def test_a_report_that_will_not_do_is_refused(
    house: Home, people: People, wrong: dict[str, Any], name: str
) -> None:
    answer = ask(api(Role.OWNER, people.owner), "post", "/reports", {**REPORT, **wrong}, 422)
    assert [one["name"] for one in answer["errors"]] == [name]
    assert not Report.objects.exists()


def test_an_alert_is_made_changed_and_acknowledged(house: Home, people: People) -> None:
    client = api(Role.OWNER, people.owner)
    made = ask(client, "post", "/alerts", ALERT, 201)
    assert (made["limit"], made["side"], made["figure"], made["column"]) == (
        0.8,
        "below",
        "service-level",
        None,
    )
    assert Alert.objects.get().limit == 0.8
    path = f"/alerts/{made['id']}"
    ask(client, "patch", path, {"limit": 1.5}, 422, **{"If-Match": '"1"'})
    told = {"limit": 0.9, "quiet_from": "22:00", "quiet_until": "06:00", "remind_hours": 2}
    changed = ask(client, "patch", path, told, **{"If-Match": '"1"'})
    assert {name: changed[name] for name in told} == told
    assert ask(client, "get", "/alerts")["items"] == [changed]

    alert = Alert.objects.get()
    episode = AlertEpisode.objects.create(alert=alert, opened_at=datetime.now(UTC), told="It was slow.")
    [shown] = ask(client, "get", f"{path}/episodes")["items"]
    assert (shown["told"], shown["acknowledged_at"]) == ("It was slow.", None)
    done = ask(client, "post", f"{path}/episodes/{episode.pk}/acknowledge")
    assert done["acknowledged_by"] == "test"
    assert ask(client, "post", f"{path}/episodes/{episode.pk}/acknowledge") == done
    ask(client, "post", f"{path}/episodes/{CALL}/acknowledge", status=404)
    assert AuditEntry.objects.filter(action="alert:acknowledged").count() == 1
    assert ask(client, "post", f"{path}/pause")["paused"] is True
    episode.refresh_from_db()
    assert episode.closed_at is not None

    silence = {"name": "Quiet", "kind": "silence", "within_minutes": 30, "people": [str(people.owner.pk)]}
    silent = ask(client, "post", "/alerts", silence, 201)
    assert (silent["source"], silent["within_minutes"], silent["limit"], silent["state"]) == (
        "",
        30,
        None,
        AlertState.UNSEEN,
    )
    odd = {"name": "Odd", "kind": "anomaly", "figure": "calls", "people": [str(people.owner.pk)]}
    assert ask(client, "post", "/alerts", odd, 201)["side"] == "either"


def test_what_is_somebody_elses_is_not_there(house: Home, people: People) -> None:
    mine = ask(api(Role.OWNER, people.owner), "post", "/reports", REPORT, 201)
    path = f"/reports/{mine['id']}"
    other = api(Role.SUPERVISOR, people.supervisor)
    assert ask(other, "get", "/reports") == {"items": []}
    ask(other, "get", path, status=404)
    ask(other, "patch", path, {"name": "x"}, 404, **{"If-Match": '"1"'})
    ask(other, "get", f"/deliveries?report={mine['id']}", status=404)
    reader = api(Role.AUDITOR, people.auditor)
    assert ask(reader, "get", path)["name"] == "Monday"
    ask(reader, "post", f"{path}/send", status=403)
    ask(api(Role.OWNER), "get", "/reports", status=400)  # a token of nobody's


def test_surveys_through_the_api(house: Home, people: People) -> None:
    write_calls(house, [HAND_MADE["sales"]])
    client = api(Role.INTEGRATION)
    path = f"/calls/{CALL}/survey"
    ask(client, "post", f"{path}-link", status=409)
    Survey.objects.create(on=True, kind="nps")
    link = ask(client, "post", f"{path}-link", status=201)
    assert link["kind"] == "nps"
    assert Client().get(link["url"].removeprefix("http://testserver")).status_code == 200
    told = ask(client, "post", path, {"kind": "nps", "score": 9, "answered_at": "2026-11-21T10:00:00Z"}, 201)
    [item] = told["items"]
    assert (item["score"], item["via"], item["answered_at"]) == (9, "api", "2026-11-21T10:00:00Z")
    assert told["asked"] == ["nps"]
    assert ask(client, "get", path) == told
    ask(client, "post", path, {"kind": "csat", "score": 9}, 422)
    ask(client, "post", path, {"kind": "stars", "score": 1}, 422)
    ask(client, "post", path, {"kind": "csat", "score": 3, "answered_at": "2026-11-21T10:00:00"}, 422)
    ask(client, "get", "/calls/00000000-0000-0000-0000-000000000000/survey", status=404)
