"""Alerts: one episode however long it lasts, quiet at night, told by mail and by signed webhook, never sent into the house."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringbook.desk.delivery import edit, looking, posting, running, watching
from ringbook.desk.delivery.addresses import checked_url, mail_addresses, place_of
from ringbook.desk.delivery.asking import listed
from ringbook.desk.delivery.errors import DeliveryError, PostError
from ringbook.desk.delivery.models import (
    Alert,
    AlertEpisode,
    AlertKind,
    AlertState,
    Delivery,
    Occasion,
    Sent,
    Webhook,
)
from ringbook.desk.delivery.signing import headers, secret_of
from ringbook.desk.governance.audit import Actor
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.ledger.ledger import Ledger
from ringbook.runtime import connecting
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People
from ..post_office import PostOffice, Receiver, post_office, receiver

pytestmark = pytest.mark.django_db

ACTOR = Actor("person:1", "Olga Orr")
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
"""Noon in New York, on the day on which the calls of the house end."""


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as opened:
        yield opened


def an_alert(staff: People, /, webhooks: list[Webhook] | None = None, **fields: Any) -> Alert:
    """An alert of Olga's: more than 10 calls today."""
    given = {
        "name": "Many calls",
        "kind": AlertKind.THRESHOLD,
        "figure": "calls",
        "limit": 10.0,
        "above": True,
        "window_minutes": 0,
        "zone": "America/New_York",
        **fields,
    }
    recipients = given.pop("people", [staff.owner])
    return edit.save_alert(ACTOR, staff.owner, given, recipients, webhooks or [], None)


def calls_of_the_day(home: Home, person: Person) -> int:
    return pages.count_calls(
        home.ledger,
        scope_of(person),
        "on:2026-11-21 before:2026-11-21T12:00",
        zone="America/New_York",
        now=int(NOON.timestamp() * 1e6),
    )


def set_limit(alert: Alert, limit: float) -> Alert:
    """The alert, for which the same calls are now off or fine."""
    Alert.objects.filter(pk=alert.pk).update(limit=limit)
    return Alert.objects.get(pk=alert.pk)


def test_nobody_is_reminded_of_what_somebody_looks_after(house: Home, people: People) -> None:
    alert = an_alert(people, remind_hours=2)
    watching.look_at(alert, NOON)
    episode = AlertEpisode.objects.get()
    edit.acknowledge(ACTOR, episode)
    first = episode.acknowledged_at
    assert (edit.acknowledge(ACTOR, episode).acknowledged_at, episode.acknowledged_by) == (first, "Olga Orr")
    watching.look_at(alert, NOON + timedelta(hours=3))
    assert [one.occasion for one in Delivery.objects.filter(alert=alert)] == [Occasion.OPENED]


def test_an_episode_is_told_once_reminded_of_and_told_to_be_over(
    house: Home, people: People, office: PostOffice
) -> None:
    alert = an_alert(people, remind_hours=2, every_minutes=10)
    calls = calls_of_the_day(house, people.owner)
    assert calls > 10
    at = NOON
    for _ in range(3):
        seen = watching.look_at(alert, at)
        assert (seen.state, seen.value) == (AlertState.OFF, calls)
    assert AlertEpisode.objects.count() == 1
    watching.look_at(alert, at + timedelta(minutes=119))
    watching.look_at(alert, at + timedelta(minutes=121))
    fine = set_limit(alert, 1_000)
    watching.look_at(fine, at + timedelta(minutes=130))
    assert AlertEpisode.objects.get().closed_at is None, "one look that found it fine is not enough"
    watching.look_at(set_limit(alert, 10), at + timedelta(minutes=140))
    watching.look_at(fine, at + timedelta(minutes=150))
    watching.look_at(fine, at + timedelta(minutes=160))
    watching.look_at(fine, at + timedelta(minutes=170))
    posting.send_waiting()
    subjects = [letter["Subject"] for letter in office.to(people.owner.email)]
    assert sorted(subjects) == ["Alert: Many calls", "Over: Many calls", "Still: Many calls"]
    episode = AlertEpisode.objects.get()
    assert (episode.opened_at, episode.closed_at) == (NOON, NOON + timedelta(minutes=160))
    assert (episode.value, episode.worst) == (calls, calls)
    assert "on 21 Nov 2026 12:00 and lasted 2 h 40 min" in _text(office, people, "Over: Many calls")
    assert f"Calls is {calls} ({calls} calls, today so far); it should be at most 10." in _text(
        office, people, "Alert: Many calls"
    )
    watching.look_at(set_limit(alert, 10), NOON + timedelta(hours=4))
    assert AlertEpisode.objects.count() == 2, "off again: another episode"


def _text(office: PostOffice, people: People, subject: str) -> str:
    [letter] = [one for one in office.to(people.owner.email) if one["Subject"] == subject]
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_quiet_hours_hold_messages_back_until_they_end(house: Home, people: People) -> None:
    alert = an_alert(people, quiet_from=11 * 60, quiet_until=13 * 60)
    watching.look_at(alert, NOON)
    assert AlertEpisode.objects.get().told_at is None
    assert not Delivery.objects.exists()
    watching.look_at(alert, NOON + timedelta(hours=1))
    episode = AlertEpisode.objects.get()
    assert episode.told_at == NOON + timedelta(hours=1)
    assert [one.occasion for one in Delivery.objects.all()] == [Occasion.OPENED]


def test_what_opens_and_ends_in_quiet_hours_is_history_and_no_message(house: Home, people: People) -> None:
    alert = an_alert(people, quiet_from=0, quiet_until=1439)
    watching.look_at(alert, NOON)
    for minutes in (5, 10):
        watching.look_at(set_limit(alert, 1_000), NOON + timedelta(minutes=minutes))
    assert AlertEpisode.objects.get().closed_at is not None
    assert not Delivery.objects.exists()


def test_too_few_calls_say_nothing_and_an_unknown_figure_is_told(house: Home, people: People) -> None:
    few = watching.look_at(an_alert(people, at_least=100_000), NOON)
    assert few.state == AlertState.UNKNOWN
    assert "too few calls to say" in few.told
    gone = watching.look_at(an_alert(people, figure="moon"), NOON)
    assert gone.state == AlertState.BROKEN
    wrong = watching.look_at(an_alert(people, query="nonsense:("), NOON)
    assert wrong.state == AlertState.BROKEN
    assert not AlertEpisode.objects.exists()


def test_an_alert_sees_only_the_calls_of_its_sender(house: Home, people: People) -> None:
    fields = {"name": "Team", "figure": "calls", "limit": 0, "window_minutes": 0, "zone": "America/New_York"}
    alert = edit.save_alert(ACTOR, people.supervisor, fields, [], [], None)
    assert watching.look_at(alert, NOON).value == calls_of_the_day(house, people.supervisor)
    Person.objects.filter(pk=people.supervisor.pk).update(role="agent")
    alert = Alert.objects.select_related("sender").get(pk=alert.pk)
    assert watching.look_at(alert, NOON).state == AlertState.BROKEN


def test_the_window_is_that_of_the_clock(people: People) -> None:
    alert = Alert(window_minutes=90, zone="Europe/Berlin")
    assert looking.window(alert, NOON) == "after:2026-11-21T15:30:00Z before:2026-11-21T17:00:00Z"
    alert.window_minutes = 0
    assert looking.window(alert, NOON) == "after:2026-11-20T23:00:00Z before:2026-11-21T17:00:00Z"


def test_the_same_time_of_past_weeks_is_that_of_the_wall(people: People) -> None:
    """On 1 November 2026 the clocks of New York went back: noon is 17:00 UTC after it, and 16:00 UTC before."""
    past = looking.weeks_before(Alert(weeks=4, zone="America/New_York"), NOON)
    assert [one.isoformat() for one in past] == [
        "2026-11-14T17:00:00+00:00",
        "2026-11-07T17:00:00+00:00",
        "2026-10-31T16:00:00+00:00",
        "2026-10-24T16:00:00+00:00",
    ]


def test_an_anomaly_is_judged_by_past_weeks(house: Home, people: People) -> None:
    alert = an_alert(people, kind=AlertKind.ANOMALY, weeks=8, sensitivity=4.0, above=True, limit=None)
    seen = watching.look_at(alert, NOON)
    past = []
    for then in looking.weeks_before(alert, NOON):
        question = looking.window(alert, then)
        past.append(
            pages.count_calls(
                house.ledger,
                scope_of(people.owner),
                question,
                zone="America/New_York",
                now=int(NOON.timestamp() * 1e6),
            )
        )
    middle = sorted(past)[3] / 2 + sorted(past)[4] / 2
    assert seen.judged["usual"] == middle
    spread = max(
        1.4826 * sorted(abs(one - middle) for one in past)[3] / 2
        + 1.4826 * sorted(abs(one - middle) for one in past)[4] / 2,
        max(middle, 1) ** 0.5,
    )
    assert seen.judged["spread"] == pytest.approx(spread)
    assert seen.value is not None
    assert seen.judged["z"] == pytest.approx((seen.value - middle) / spread, abs=0.01)
    assert seen.state == (AlertState.OFF if (seen.value - middle) / spread > 4 else AlertState.FINE)
    asa = an_alert(people, kind=AlertKind.ANOMALY, figure="hold", query="queue:support", weeks=4, at_least=1)
    assert watching.look_at(asa, NOON).state == AlertState.UNKNOWN, "too little history is no anomaly"


def test_silence_of_a_source(house: Home, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        def __init__(self, source: str, minutes: int) -> None:
            self.source = source
            self.last_received_at = int((NOON - timedelta(minutes=minutes)).timestamp() * 1e6)

    told = [Status("office", 30), Status("branch", 300)]
    monkeypatch.setattr(Ledger, "source_status", lambda *_: told)
    office_only = an_alert(people, kind=AlertKind.SILENCE, source="office", within_minutes=60)
    assert watching.look_at(office_only, NOON).state == AlertState.FINE
    seen = watching.look_at(an_alert(people, kind=AlertKind.SILENCE, within_minutes=60), NOON)
    assert (seen.state, seen.value) == (AlertState.OFF, 300 * 60)
    assert seen.told == "branch brought nothing for 5 h 00 min; at most 1 h 00 min are allowed."
    never = watching.look_at(an_alert(people, kind=AlertKind.SILENCE, source="moon"), NOON)
    assert never.state == AlertState.UNKNOWN


def test_the_silence_of_a_paused_source_is_meant(
    house: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Status:
        source = "resting"
        last_received_at = int((NOON - timedelta(hours=3)).timestamp() * 1e6)

    post = {"inputs": [{"kind": "http-post", "format": "freeswitch_json_cdr"}], "region": "US"}
    connecting.add(house, "resting", post)
    try:
        monkeypatch.setattr(Ledger, "source_status", lambda *_: [Status()])
        of_one = an_alert(people, kind=AlertKind.SILENCE, source="resting", within_minutes=60)
        of_any = an_alert(people, kind=AlertKind.SILENCE, within_minutes=60)
        assert watching.look_at(of_one, NOON).state == AlertState.OFF
        connecting.pause(house, "resting", paused=True)
        for alert in (of_one, of_any):
            seen = watching.look_at(alert, NOON)
            assert (seen.state, seen.told) == (AlertState.FINE, "Not looked at: it is paused.")
        connecting.pause(house, "resting", paused=False)
        assert watching.look_at(of_any, NOON).state == AlertState.OFF
    finally:
        connecting.remove(house, "resting")


def test_due_alerts_are_looked_at_once_and_a_mistake_stops_none(house: Home, people: People) -> None:
    first, second = an_alert(people, figure="moon", every_minutes=5), an_alert(people, every_minutes=60)
    assert watching.look_at_due(datetime.now(UTC) + timedelta(seconds=1)) == 2
    assert watching.look_at_due(datetime.now(UTC) + timedelta(seconds=1)) == 0
    assert watching.look_at_due(datetime.now(UTC) + timedelta(minutes=6)) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.looked_at is not None) == (AlertState.BROKEN, True)
    edit.pause(ACTOR, second, paused=True)
    assert watching.look_at_due(datetime.now(UTC) + timedelta(hours=2)) == 1


def test_what_is_watched_can_be_chosen_from_every_number(house: Home) -> None:
    choices = {(about.figure, column) for about, column in edit.watchable(listed())}
    assert {("service-level", "service_level"), ("wait", "p90_s"), ("callbacks", "not_returned")} <= choices
    assert ("agents", "name") not in choices
    assert ("concurrency", "peak_at") not in choices


# --- webhooks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


def a_webhook(opened: Receiver) -> Webhook:
    return edit.add_webhook(ACTOR, "Pager", f"http://127.0.0.1:{opened.port}/hook?x=1")


def test_a_webhook_gets_a_signed_message(house: Home, people: People, hook: Receiver, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    webhook = a_webhook(hook)
    watching.look_at(an_alert(people, [webhook], people=[]), NOON)
    posting.send_waiting()
    [posted] = hook.posted
    assert posted.path == "/hook?x=1"
    assert posted.headers["host"] == f"127.0.0.1:{hook.port}"
    key = base64.b64decode(secret_of(webhook).removeprefix("whsec_"))
    signed = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    proof = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert posted.headers["webhook-signature"] == f"v1,{proof}"
    assert abs(int(posted.headers["webhook-timestamp"]) - time.time()) < 600
    told = json.loads(posted.body)
    assert (told["type"], told["data"]["name"], told["data"]["state"]) == (
        "alert.opened",
        "Many calls",
        "off",
    )
    assert told["data"]["value"] == calls_of_the_day(house, people.owner)
    old = secret_of(webhook)
    assert secret_of(edit.new_secret(ACTOR, webhook)) != old
    other = edit.add_webhook(ACTOR, "Other", "https://example.com/")
    assert secret_of(other) != secret_of(webhook)
    assert (
        headers(other, "x", 1, b"")["webhook-signature"] != headers(webhook, "x", 1, b"")["webhook-signature"]
    )


def test_a_webhook_that_fails_is_tried_again_and_redirects_lead_nowhere(
    house: Home, people: People, hook: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    webhook = a_webhook(hook)
    hook.status = 302
    delivery = watching.test_webhook(webhook, NOON)
    assert posting.send_waiting() == 0, "a test is tried by who asked for it, and by nobody else"
    assert not posting.attempt(delivery, NOON)
    assert "answered 302" in delivery.problem
    assert (delivery.state, len(hook.posted)) == (Sent.WAITING, 1)
    hook.status = 410
    assert not posting.attempt(delivery, NOON)
    assert delivery.state == Sent.FAILED, "gone is gone"
    hook.status = 204
    posting.retry(delivery, NOON)
    delivery.refresh_from_db()
    assert posting.attempt(delivery, NOON)
    edit.remove_webhook(ACTOR, webhook)
    late = watching.test_webhook(webhook, NOON)
    assert not posting.attempt(late, NOON)
    assert "removed" in late.problem


@pytest.mark.skipif("RINGBOOK_TEST_DATABASE" in os.environ, reason="no database has a part in it")
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8:8443/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:192.168.1.1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "http://93.184.215.14/",
    ],
)
def test_private_addresses_and_plain_http_are_refused(db: None, settings: Any, url: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(PostError, match="webhook_networks") as refused:
        place_of(url)
    assert refused.value.lasting


def test_a_name_is_looked_up_once_and_all_its_addresses_count(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_NETWORKS = []
    answers = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(PostError, match=r"10\.0\.0\.1"):
        place_of("https://example.com/")
    answers.pop()
    assert place_of("https://example.com/a?b=1").address == "93.184.215.14"
    assert place_of("https://example.com/a?b=1").path == "/a?b=1"
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    answers[:] = [(2, 1, 6, "", ("10.0.0.1", 80))]
    assert place_of("http://pager.internal/").port == 80


@pytest.mark.parametrize(
    "url", ["example.com", "ftp://example.com", "https://", "https://a:b@example.com/", "https://x:99999/"]
)
def test_what_is_no_address_of_a_webhook(url: str) -> None:
    with pytest.raises(DeliveryError):
        checked_url(url)


def test_addresses_of_mail() -> None:
    assert mail_addresses(" a@x.example;b@x.example,\nA@x.example ") == ["a@x.example", "b@x.example"]
    for wrong in ("a@x.example b@x.example", "nobody", "a@x.example\r\nBcc: c", "<a@x.example>"):
        with pytest.raises(DeliveryError):
            mail_addresses(wrong)


def test_a_crash_between_runs_loses_no_delivery(house: Home, people: People, office: PostOffice) -> None:
    """What somebody began to send and never finished is tried by the next who looks, once the time for it is over."""
    watching.look_at(an_alert(people), NOON)
    delivery = Delivery.objects.get()
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert posting.claim(delivery, at)
    assert not posting.claim(delivery, at), "nobody else tries it meanwhile"
    assert posting.send_waiting(at + timedelta(minutes=9)) == 0
    assert posting.send_waiting(at + timedelta(minutes=11)) == 1
    assert len(office.letters) == 1
    assert running.recover() == 0
