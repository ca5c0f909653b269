"""The pages of retention: rules with their preview, limits, holds, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person
from ringbook.desk.retention import holds
from ringbook.desk.retention.records import Hold, RetentionRule, RetentionRun
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People

pytestmark = pytest.mark.django_db

RULE = {"name": "Old inbound", "kind": "calls", "query": "direction:inbound", "days": "365"}


def _seen(response: Any) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', response.content.decode())
    assert found, response.content.decode()[:3000]
    return found[1]


def _calls(house: Home, query: str) -> list[str]:
    found = pages.iterate(house.ledger, Scope("main"), query, zone="UTC", now=2_000_000_000_000_000)
    return [call.id for call in found]


def test_a_rule_is_switched_on_only_after_its_preview_was_seen(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.administrator)
    new = reverse("retention-rule-new")
    unseen = client.post(new, {**RULE, "action": "save-on"})
    assert unseen.status_code == 422
    assert not RetentionRule.objects.exists()
    shown = client.post(new, {**RULE, "action": "preview"})
    assert "would remove now" in shown.content.decode()
    other = client.post(new, {**RULE, "days": "1", "action": "save-on", "seen": _seen(shown)})
    assert other.status_code == 422, "what was seen is another rule"
    kept = client.post(new, {**RULE, "action": "save-on", "seen": _seen(shown)})
    assert kept.status_code == 302
    rule = RetentionRule.objects.get()
    assert (rule.on, rule.days, rule.query) == (True, 365, "direction:inbound")
    entry = AuditEntry.objects.filter(action="retention-rule:switched-on").get()
    assert '"removed"' in entry.detail
    page = client.get(reverse("retention")).content.decode()
    assert "Old inbound" in page


def test_what_is_wrong_with_a_rule_stands_beside_its_field(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.administrator)
    client.post(reverse("retention-limits"), {"recordings_least": "90"})
    for change, words in (
        ({"days": ""}, "Say after how many days"),
        ({"query": "direction:sideways"}, "sideways"),
        ({"most_gb": "1"}, "Only recordings"),
        ({"days": "30"}, "at least 90 days"),
        ({"kind": "recordings", "days": "89"}, "at least 90 days"),
    ):
        answer = client.post(reverse("retention-rule-new"), {**RULE, **change, "action": "preview"})
        assert answer.status_code == 422, change
        assert words in answer.content.decode(), change
    assert not RetentionRule.objects.exists()


def test_limits_that_remove_something_are_shown_first_and_may_not_contradict_a_rule(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.owner)
    seen = client.post(reverse("retention-rule-new"), {**RULE, "action": "preview"})
    client.post(reverse("retention-rule-new"), {**RULE, "action": "save-on", "seen": _seen(seen)})
    wrong = client.post(reverse("retention-limits"), {"calls_least": "400"})
    assert wrong.status_code == 422
    assert "Old inbound" in wrong.content.decode()
    first = client.post(reverse("retention-limits"), {"calls_most": "800"})
    assert first.status_code == 200
    done = client.post(reverse("retention-limits"), {"calls_most": "800", "seen": _seen(first)})
    assert done.status_code == 302
    assert "at most 800 days" in client.get(reverse("retention")).content.decode()


def test_a_hold_on_chosen_calls_is_shown_on_the_call_and_released_with_a_reason(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.administrator)
    chosen = _calls(house, "direction:outbound")[:2]
    asked = client.post(reverse("retention-hold-new"), {"call": chosen}, headers={"HX-Request": "true"})
    assert "2 chosen calls" in asked.content.decode()
    words = {
        "name": "Case 12",
        "reason": "Court order",
        "review_on": "2020-01-01",
        "call": chosen,
        "apply": "1",
    }
    placed = client.post(reverse("retention-hold-new"), words)
    hold = Hold.objects.get()
    assert placed.status_code == 302
    assert set(holds.held(Scope("main"), chosen)) == set(chosen)
    assert "On hold: Case 12" in client.get(reverse("call", args=[chosen[0]])).content.decode()
    agent = as_(people.supervisor).get(reverse("call", args=[chosen[0]]))
    assert "Case 12" not in agent.content.decode()
    assert "should have been looked at again" in client.get(reverse("retention")).content.decode()
    change = reverse("retention-hold-change", args=[hold.pk])
    client.post(change, {"action": "release", "reason": ""})
    assert holds.held(Scope("main"), chosen)
    client.post(change, {"action": "review", "review_on": "2999-01-01", "reason": "Still in court"})
    client.post(change, {"action": "release", "reason": "Settled"})
    assert not holds.held(Scope("main"), chosen)
    actions = list(AuditEntry.objects.filter(subject=f"hold:{hold.pk}").values_list("action", flat=True))
    assert actions == ["hold:placed", "hold:reviewed", "hold:released"]
    assert "Settled" in client.get(reverse("retention-hold", args=[hold.pk])).content.decode()


def test_who_may_not_see_numbers_sees_none_that_somebody_wrote_into_holds_and_rules(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    number = "+1 212 555 0199"
    scope, actor = Scope("main"), Actor(f"person:{people.administrator.pk}", "Ada Alm")
    [call, *_] = _calls(house, "direction:outbound")
    hold = holds.place(
        actor,
        scope,
        name=f"Case {number}",
        reason=f"Asked by {number}",
        review_on=date(2020, 1, 1),
        ids=[call],
    )
    client = as_(people.administrator)
    draft = {**RULE, "name": f"Of {number}"}
    seen = _seen(client.post(reverse("retention-rule-new"), {**draft, "action": "preview"}))
    client.post(reverse("retention-rule-new"), {**draft, "action": "save-on", "seen": seen})
    client.post(reverse("retention-begin"))
    run = RetentionRun.objects.get()
    run.counts = {"calls": {run.policy["rules"][0]["key"]: {"things": 1}}}
    run.save()
    places = [
        reverse("call", args=[call]),
        reverse("retention"),
        reverse("retention-plan"),
        reverse("retention-holds"),
        reverse("retention-hold", args=[hold.pk]),
        reverse("retention-run", args=[run.pk]),
        reverse("retention-report", args=[run.pk]),
        f"{reverse('settings-audit')}?action=hold:",
        f"{reverse('settings-audit')}?action=retention-rule:",
        reverse("audit-export"),
    ]
    auditor = as_(people.auditor)
    assert {place: "555 0199" in _text(auditor.get(place)) for place in places} == dict.fromkeys(places, True)
    Organisation.objects.update(masked_roles=["auditor"])
    assert {place: "0199" in _text(auditor.get(place)) for place in places} == dict.fromkeys(places, False)


def _text(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response).decode()


def test_an_auditor_sees_and_changes_nothing_and_an_agent_does_not_see(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    owner = as_(people.owner)
    seen = owner.post(reverse("retention-rule-new"), {**RULE, "action": "preview"})
    owner.post(reverse("retention-rule-new"), {**RULE, "action": "save-on", "seen": _seen(seen)})
    rule = reverse("retention-rule", args=[RetentionRule.objects.get().pk])
    auditor = as_(people.auditor)
    for place in (reverse("retention"), rule, reverse("retention-holds"), reverse("retention-plan")):
        assert auditor.get(place).status_code == 200, place
        assert as_(people.agent).get(place).status_code == 403, place
    assert auditor.post(rule, {**RULE, "action": "preview"}).status_code == 404
    assert auditor.post(reverse("retention-begin")).status_code == 403
    assert auditor.post(reverse("retention-hold-new"), {}).status_code == 403


def test_a_run_is_begun_once_held_up_gone_on_with_and_called_off(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.owner)
    assert client.post(reverse("retention-begin")).url == reverse("retention")  # type: ignore[attr-defined]
    seen = client.post(reverse("retention-rule-new"), {**RULE, "action": "preview"})
    client.post(reverse("retention-rule-new"), {**RULE, "action": "save-on", "seen": _seen(seen)})
    client.post(reverse("retention-begin"))
    client.post(reverse("retention-begin"))
    run = RetentionRun.objects.get()
    for verb, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        client.post(reverse("retention-run-act", args=[run.pk, verb]))
        run.refresh_from_db()
        assert run.state == state
    assert client.post(reverse("retention-run-act", args=[run.pk, "resume"])).status_code == 302
    run.refresh_from_db()
    assert run.state == "cancelled"
    page = client.get(reverse("retention-run", args=[run.pk]))
    assert "Cancelled" in page.content.decode()
    report = client.get(reverse("retention-report", args=[run.pk])).json()
    assert (report["state"], report["removed"]) == ("cancelled", {})


def test_the_clock_is_set_and_stopped_with_a_reason(
    house: Home, people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.owner)
    client.post(reverse("retention-clock"), {"hour": "25"})
    client.post(reverse("retention-clock"), {"hour": "5"})
    client.post(reverse("retention-clock"), {"action": "pause", "reason": "Audit under way"})
    page = client.get(reverse("retention")).content.decode()
    assert "Audit under way" in page
    assert '<option value="5" selected>' in page
    client.post(reverse("retention-clock"), {"action": "resume"})
    assert "Audit under way" not in client.get(reverse("retention")).content.decode()
