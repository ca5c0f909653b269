"""The pages of alerts and webhooks: what is watched is asked for in the words of the figure, and whom it tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.delivery import posting
from ringbook.desk.delivery.models import Alert, AlertKind, Delivery, Webhook
from ringbook.desk.delivery.signing import secret_of
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home

from ..house import People
from ..post_office import Receiver, post_office, receiver

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
NEW = "/reports/alerts/new/?kind="


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiver() as opened:
        yield opened


def filled(staff: People, /, **changed: Any) -> dict[str, Any]:
    """What a browser sends when the form of a new alert is saved."""
    return {
        "name": "Service level",
        "watch": "service-level:service_level",
        "window_minutes": "60",
        "side": "below",
        "limit": "80",
        "at_least": "20",
        "every_minutes": "5",
        "remind_hours": "0",
        "quiet_from": "22:00",
        "quiet_until": "06:00",
        "zone": "America/New_York",
        "people": [str(staff.owner.pk)],
        **changed,
    }


def problem(client: Client, kind: str, **fields: Any) -> str:
    answer = client.post(NEW + kind, fields)
    assert answer.status_code == 422
    return " ".join(re.findall(r'class="error"[^>]*>\s*(.*?)\s*</p>', answer.content.decode(), re.DOTALL))


def test_a_limit_is_made_tested_rested_and_removed(
    house: Home, people: People, as_: As, settings: Any
) -> None:
    client = as_(people.owner)
    assert b"No alerts yet" in client.get("/reports/alerts/").content
    assert client.get("/reports/alerts/new/").content.decode().count("?kind=") == 3
    assert client.post(NEW + "threshold", filled(people)).status_code == 302
    alert = Alert.objects.get()
    assert (alert.figure, alert.column, alert.limit, alert.above) == ("service-level", "", 0.8, False)
    assert (alert.quiet_from, alert.quiet_until) == (22 * 60, 6 * 60)
    page = f"/reports/alerts/{alert.pk}/"
    told = client.get(page).content.decode()
    assert "Service level below 80.0 %, last hour" in told
    assert "22:00 – 06:00" in told
    assert 'value="80"' in client.get(f"{page}edit/").content.decode()
    seconds = filled(
        people, version="1", watch="wait:p90_s", side="above", limit="30", quiet_from="", quiet_until=""
    )
    assert client.post(f"{page}edit/", seconds).status_code == 302
    alert.refresh_from_db()
    assert (alert.figure, alert.column, alert.limit, alert.above) == ("wait", "p90_s", 30.0, True)
    assert client.post(f"{page}edit/", seconds).status_code == 409
    with post_office(settings) as office:
        client.post(f"{page}test/")
        posting.send_waiting()
        [letter] = office.to(people.owner.email)
    assert letter["Subject"] == "Test: Service level"
    assert "Test: Service level" in client.get(page).content.decode()
    client.post(f"{page}pause/")
    assert "Paused" in client.get("/reports/alerts/").content.decode()
    client.post(f"{page}remove/")
    assert client.get(page).status_code == 404
    client.post(f"{page}restore/")
    assert client.get(page).status_code == 200


def test_the_other_kinds(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    anomaly = filled(people, watch="calls:calls", side="either", sensitivity="4", weeks="8")
    assert client.post(NEW + "anomaly", anomaly).status_code == 302
    found = Alert.objects.get(kind=AlertKind.ANOMALY)
    assert (found.figure, found.either, found.sensitivity, found.weeks) == ("calls", True, 4.0, 8)
    silence = filled(people, source="", within_minutes="45", in_hours="on")
    assert client.post(NEW + "silence", silence).status_code == 302
    found = Alert.objects.get(kind=AlertKind.SILENCE)
    assert (found.source, found.within_minutes, found.in_hours) == ("", 45, True)
    listed = client.get("/reports/alerts/").content.decode()
    assert "Any phone system silent for more than 45:00" in listed
    assert "Calls far from what is usual, last hour" in listed


def test_what_cannot_be_is_told(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    assert "between 0 and 100 percent" in problem(client, "threshold", **filled(people, limit="120"))
    assert "Write a number" in problem(client, "threshold", **filled(people, limit="much"))
    assert "Write a number" in problem(client, "threshold", **filled(people, limit="nan"))
    assert "Give both times" in problem(client, "threshold", **filled(people, quiet_until=""))
    assert "somebody who is to be told" in problem(client, "threshold", **filled(people, people=[]))
    assert problem(client, "threshold", **filled(people, query="queue:("))
    assert problem(client, "threshold", **filled(people, watch="moon:calls"))
    assert problem(client, "silence", **filled(people, within_minutes="0"))
    assert not Alert.objects.exists()


def test_a_webhook_is_added_tested_and_given_a_new_secret(
    house: Home, people: People, as_: As, hook: Receiver
) -> None:
    client = as_(people.owner)
    assert client.post("/reports/webhooks/new/", {"name": "Pager", "url": "pager"}).status_code == 422
    client.post("/reports/webhooks/new/", {"name": "Pager", "url": f"http://127.0.0.1:{hook.port}/"})
    webhook = Webhook.objects.get()
    page = f"/reports/webhooks/{webhook.pk}/"
    shown = client.get(page)
    assert secret_of(webhook) in shown.content.decode().replace("&#x2B;", "+").replace("&#43;", "+")
    assert shown.headers["Cache-Control"] == "no-store"
    client.post(f"{page}test/")
    assert len(hook.posted) == 1
    assert client.get(f"/reports/deliveries/{Delivery.objects.get().pk}/").status_code == 200
    before = secret_of(webhook)
    client.post(f"{page}secret/")
    assert secret_of(Webhook.objects.get()) != before
    client.post(NEW + "threshold", filled(people, people=[], webhooks=[str(webhook.pk)]))
    assert list(Alert.objects.get().webhooks.all()) == [webhook]
    client.post(f"{page}remove/")
    assert client.get(page).status_code == 404
    assert "Pager was removed" in client.get("/reports/webhooks/").content.decode()
    assert "Pager" not in client.get(f"/reports/alerts/{Alert.objects.get().pk}/").content.decode()


def test_nobody_reaches_beyond_their_rights(house: Home, people: People, as_: As, hook: Receiver) -> None:
    owner, supervisor, auditor = as_(people.owner), as_(people.supervisor), as_(people.auditor)
    owner.post(NEW + "threshold", filled(people))
    owner.post("/reports/webhooks/new/", {"name": "Pager", "url": "https://example.com/token-4711"})
    alert, webhook = Alert.objects.get(), Webhook.objects.get()
    assert as_(people.agent).get("/reports/alerts/").status_code == 403
    assert supervisor.get(f"/reports/alerts/{alert.pk}/").status_code == 404
    assert auditor.get(f"/reports/alerts/{alert.pk}/").status_code == 200
    for verb in ("test", "pause", "remove", "edit"):
        assert supervisor.post(f"/reports/alerts/{alert.pk}/{verb}/").status_code == 404, verb
        assert auditor.post(f"/reports/alerts/{alert.pk}/{verb}/").status_code == 403, verb
    for client in (supervisor, auditor):
        assert "token-4711" not in client.get("/reports/webhooks/").content.decode(), (
            "an address may be a secret"
        )
        assert client.get(f"/reports/webhooks/{webhook.pk}/").status_code == 403
        assert client.post(f"/reports/webhooks/{webhook.pk}/test/").status_code == 403
    supervisor.post(NEW + "threshold", filled(people, name="Mine"))
    mine = Alert.objects.get(name="Mine")
    assert mine.sender == people.supervisor
    assert (
        "It looks in the name of Sam Stone" in owner.get(f"/reports/alerts/{mine.pk}/edit/").content.decode()
    )
