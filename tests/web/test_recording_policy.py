"""What is recorded, what never, who refused: the pages, and what they do to recordings in the vault.

All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.desk.recording_policy import consent, marks, rules, states
from ringbook.desk.recording_policy.countries import check, country_of, prefill, rule_for
from ringbook.desk.recording_policy.models import (
    ConsentEvidence,
    CountryRule,
    DoNotRecord,
    MaskMark,
    PolicyVersion,
    RecordingRule,
    Standard,
)
from ringbook.desk.retention.models import WarrantIssued
from ringbook.desk.tokens import keys
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, Direction, Outcome, Step, StepKind
from ringbook.model.instant import DAY, SECOND, iso, to_datetime
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Scope
from ringbook.recordings.vault import ORIGINAL
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings import policy
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.policing import Policing
from ringbook.runtime.recordings.taking import Taker
from ringbook.runtime.service import Service
from ringbook.search.pages import iterate

from ..house import People, write_calls
from ..search.calls import identity, inside, outside
from .browser.furnish_recordings import keep, tones

pytestmark = pytest.mark.django_db

PITCHES = itertools.count(300, 3)
"""A recording is known by its audio: each of these tests has others."""

NUMBERS = (f"+15125550{last}" for last in range(160, 200))
QUEUE = "Policy desk"
ACTOR = Actor("person:test", "Ada")
LENGTH_S = 6.0
As = Callable[[Person], Client]


@pytest.fixture
def began() -> int:
    """Two hours ago: the pages ask about the last days."""
    return now() - 7_200 * SECOND


@pytest.fixture
def call(house: Home, began: int) -> Iterator[Call]:
    """A call of this minute in a queue of its own, with Bo; an announcement was played first."""
    made = talked(began, 1, next(NUMBERS))
    write_calls(house, [made])
    yield made
    # It is no longer one of the queue that other tests of this file look at.
    write_calls(house, [msgspec.structs.replace(made, queue="", revision=2)])


def talked(began: int, number: int, caller: str) -> Call:
    return Call(
        id=identity(began, number),
        tenant="main",
        started_at=began,
        answered_at=began + 2 * SECOND,
        ended_at=began + 9 * SECOND,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside(caller),
        called=inside("101", "Bo Dahl"),
        agents=(AgentTalk("101", "Bo Dahl", LENGTH_S),),
        queue=QUEUE,
        talk_s=LENGTH_S,
        duration_s=9.0,
        steps=(Step(StepKind.ANNOUNCEMENT, began + SECOND, detail="Playback custom/this-call-is-recorded"),),
        sources=("office",),
    )


def recorded(house: Home, call: Call, folder: Path, **facts: Any) -> KeptRecording:
    """A recording of the call that began when it was answered."""
    pitch = next(PITCHES)
    file = tones(folder / f"{pitch}.wav", LENGTH_S, 1, pitch)
    kept = keep(house, file, call.id)
    placed = msgspec.structs.replace(
        kept, **{"started_at": call.answered_at, "version": kept.version + 1, **facts}
    )
    Catalogue(house.ledger).keep("main", [placed])
    return placed


def state(house: Home, recording: KeptRecording) -> KeptRecording:
    [found] = Catalogue(house.ledger).get(Scope(), [recording.id])
    return found


def listed(call: Call, **facts: Any) -> DoNotRecord:
    entry = DoNotRecord(
        **{
            "kind": "number",
            "value": call.caller.number,
            "reason": "asked for it",
            "made_at": to_datetime(now()),
            **facts,
        }
    )
    return rules.add(entry, ACTOR)


def rule(name: str = "Desk", **facts: Any) -> RecordingRule:
    return rules.add(RecordingRule(**{"name": name, "query": f'queue:"{QUEUE}"', **facts}), ACTOR)


# -- completeness --


def test_the_page_says_what_is_missing_and_leads_to_the_calls(
    house: Home, people: People, as_: As, call: Call, began: int, tmp_path: Path
) -> None:
    whole, without = talked(began + SECOND, 2, call.caller.number), talked(began + 2 * SECOND, 3, "")
    write_calls(house, [whole, without])
    recorded(house, whole, tmp_path)
    rule()
    Standard.objects.create(alert_below=90)
    page = as_(people.supervisor).get("/completeness/", {"days": "7"}).content.decode()
    assert "33.3 %" in page
    assert "1 of 3 calls" in page
    assert "Too many recordings are missing" in page
    assert "Bo Dahl (101)" in page
    behind = as_(people.owner).get("/completeness/calls/", {"days": "7", "queue": QUEUE}).content.decode()
    assert f"/calls/{call.id}/" in behind
    assert f"/calls/{without.id}/" in behind
    assert f"/calls/{whole.id}/" not in behind
    assert "No file" in behind
    one = as_(people.owner).get("/completeness/calls/", {"reason": "recorded"}).content.decode()
    assert f"/calls/{whole.id}/" in one
    assert f"/calls/{call.id}/" not in one
    told = Policing(house)
    told.look()
    assert told.told() is not None
    health = told.told() or {}
    assert (health["expected"], health["recorded"], health["alarming"]) == (3, 1, True)
    assert health["missing"] == {"no_file": 2}
    figures = {
        sample.name: sample.value
        for family in told.metrics()
        for sample in family.samples
        if sample.labels.get("reason", "no_file") == "no_file"
    }
    assert figures["ringbook_recordings_missing"] == 2
    assert figures["ringbook_recordings_completeness_alarm"] == 1
    assert figures["ringbook_recordings_completeness_ratio"] == pytest.approx(1 / 3)
    write_calls(house, [msgspec.structs.replace(one, queue="", revision=2) for one in (whole, without)])


def test_without_a_rule_the_page_teaches(house: Home, people: People, as_: As) -> None:
    page = as_(people.owner).get("/completeness/").content.decode()
    assert "Nothing says yet which calls are to be recorded" in page
    assert "/settings/recording/" in page
    assert "/settings/recording/" not in as_(people.auditor).get("/completeness/").content.decode()


@pytest.mark.parametrize("asked", [{"reason": "x"}, {"day": "x"}, {"after": "x"}, {"day": "2026-13-01"}])
def test_what_cannot_be_asked_is_not_found(
    house: Home, people: People, as_: As, asked: dict[str, str]
) -> None:
    rule()
    assert as_(people.owner).get("/completeness/calls/", asked).status_code in (200, 404)


def test_the_operation_lists_what_is_missing(house: Home, people: People, call: Call) -> None:
    rule()
    asked = {"since": now() - DAY, "until": now(), "reasons": [], "zone": "UTC", "limit": 10, "cursor": ""}
    first, *calls, last = Service(house).run("recordings.missing", asked)
    assert first["completeness"]["expected"] == 1
    assert [(one["call"]["id"], one["call"]["reason"]) for one in calls] == [(call.id, "no_file")]
    assert last == {"next_cursor": None}


# -- rules --


def test_rules_are_made_changed_ordered_and_removed_and_each_step_is_kept(
    house: Home, people: People, as_: As
) -> None:
    owner = as_(people.owner)
    wrong = owner.post("/settings/recording-rule/new/", {"name": "X", "query": "nosuch:1", "percent": "100"})
    assert wrong.status_code == 422
    assert "no field" in wrong.content.decode()
    told = {"query": "queue:Sales", "percent": "50", "since": "2026-11-01", "until": "2026-11-30"}
    for name in ("First", "Second"):
        made = owner.post("/settings/recording-rule/new/", {"name": name, **told})
        assert made.status_code == 302, made.content.decode()
    first, second = RecordingRule.objects.all()
    assert (first.name, first.percent) == ("First", 50.0)
    assert first.since is not None and first.since.isoformat() == "2026-11-01T04:00:00+00:00"
    assert first.until is not None and first.until.isoformat() == "2026-12-01T05:00:00+00:00"
    shown = owner.get(f"/settings/recording-rule/{first.pk}/").content.decode()
    assert 'value="2026-11-30"' in shown
    assert owner.post("/settings/recording/order/", {"rule": str(second.pk), "to": "up"}).status_code == 302
    assert [one.name for one in RecordingRule.objects.all()] == ["Second", "First"]
    assert owner.post("/settings/recording/order/", {"rule": "x"}).status_code == 404
    first.refresh_from_db()
    stale = owner.post(f"/settings/recording-rule/{first.pk}/", {"name": "Other", **told, "version": "1"})
    assert stale.status_code == 409
    changed = owner.post(
        f"/settings/recording-rule/{first.pk}/", {"name": "Other", **told, "version": str(first.version)}
    )
    assert changed.status_code == 302
    assert owner.post(f"/settings/recording-rule/{first.pk}/remove/").status_code == 302
    assert not RecordingRule.objects.filter(pk=first.pk).exists()
    kept = PolicyVersion.objects.filter(object_id=first.pk)
    assert [one.values.get("name") for one in kept] == ["Other", "Other", "First", "First"]
    assert kept[0].values["removed"] is True
    page = owner.get("/settings/recording/changes/").content.decode()
    assert "Olga Orr" in page
    assert as_(people.supervisor).get("/settings/recording/").status_code == 403


def test_what_holds_for_all_is_changed_on_the_page(house: Home, people: People, as_: As) -> None:
    owner = as_(people.owner)
    assert owner.get("/settings/recording/standard/").status_code == 200
    sent = {
        "least_percent": "90",
        "grace_minutes": "5",
        "alert_below": "95",
        "prompts": "this-call-is-recorded\n\n",
        "mask_begins": "pay",
        "version": "1",
    }
    assert owner.post("/settings/recording/standard/", sent).status_code == 302
    held = rules.standard("main")
    assert (held.least_percent, held.alert_below, held.prompts) == (90, 95.0, ["this-call-is-recorded"])
    assert "this-call-is-recorded" in owner.get("/settings/recording/").content.decode()
    assert (held.mask_begins, held.mask_ends) == (["pay"], [])
    assert rules.policy_of("main").least_share == 0.9


# -- do not record --


def test_what_arrives_for_the_list_is_destroyed_and_what_was_there_stays(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    before = recorded(house, call, tmp_path)
    entry = listed(call)
    assert policy.enforce(house).destroyed == 0
    assert not state(house, before).gone
    after = recorded(house, call, tmp_path)
    settled = policy.settle(house, state(house, after))
    assert settled.gone
    assert (settled.name, settled.numbers) == ("", ())
    assert not open_vault(house).has("main", after.id, ORIGINAL)
    assert open_vault(house).has("main", before.id, ORIGINAL)
    [warrant] = WarrantIssued.objects.all()
    assert (warrant.ground, warrant.by, warrant.reason) == ("do_not_record", "rule", "asked for it")
    assert str(entry.pk) in warrant.reference
    [audited] = AuditEntry.objects.filter(action="recording:destroyed")
    assert audited.subject == f"recording:{after.id}"


def test_a_file_of_a_listed_call_does_not_come_back(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    listed(call)
    kept = recorded(house, call, tmp_path)
    assert policy.enforce(house).destroyed == 1
    again = Taker(house, open_vault(house)).take(next(tmp_path.glob("*.wav")), "office")
    assert (again.new, again.recording.gone, again.recording.id) == (False, True, kept.id)
    assert not open_vault(house).has("main", kept.id, ORIGINAL)


def test_what_was_there_before_goes_after_a_look_at_it(
    house: Home, people: People, as_: As, call: Call, tmp_path: Path
) -> None:
    before = recorded(house, call, tmp_path)
    owner = as_(people.owner)
    wrong = owner.post("/settings/do-not-record/new/", {"kind": "number", "value": "me", "reason": "x"})
    assert wrong.status_code == 422
    made = owner.post(
        "/settings/do-not-record/new/",
        {"kind": "number", "value": f"(512) 555-{call.caller.number[-4:]}", "reason": "asked"},
    )
    assert made.status_code == 302, made.content.decode()
    entry = DoNotRecord.objects.get()
    assert entry.value == call.caller.number
    place = f"/settings/recording/never/{entry.pk}/earlier/"
    assert place in owner.get("/settings/recording/never/").content.decode()
    shown = owner.get(place).content.decode()
    assert "1 recording of such calls is in the vault" in shown
    assert f"/calls/{call.id}/" in shown
    assert not state(house, before).gone, "looking destroys nothing"
    assert owner.post(place).status_code == 302
    assert state(house, before).gone
    assert "No recording of such calls" in owner.get(place).content.decode()


@pytest.mark.parametrize(
    ("kind", "value"), [("extension", "101"), ("queue", QUEUE), ("number", "+151255501*")]
)
def test_extensions_queues_and_beginnings_are_listed_too(
    house: Home, people: People, call: Call, tmp_path: Path, kind: str, value: str
) -> None:
    listed(call, kind=kind, value=value)
    settled = policy.settle(house, recorded(house, call, tmp_path))
    assert settled.gone


# -- consent --


def test_a_refusal_closes_the_recordings_until_somebody_decides(
    house: Home, people: People, as_: As, call: Call, tmp_path: Path
) -> None:
    kept = recorded(house, call, tmp_path)
    agent, owner = as_(people.agent), as_(people.owner)
    assert agent.get(f"/recordings/{kept.id}/peaks").status_code == 200
    said = {"party": "caller", "state": "refused", "detail": "said so on the phone"}
    assert agent.post(f"/calls/{call.id}/consent", said).status_code == 302
    shown = agent.get(f"/calls/{call.id}/consent").content.decode()
    assert "Refused" in shown
    assert "said so on the phone" in shown
    for person in (people.agent, people.owner, people.auditor):
        for path in ("peaks", "audio", "download/stored"):
            assert as_(person).get(f"/recordings/{kept.id}/{path}").status_code in (403, 404), (person, path)
    assert "data-address" not in owner.get(f"/calls/{call.id}/").content.decode()
    found = iterate(house.ledger, Scope(), "consent:refused", zone="UTC", now=now())
    assert call.id in {one.id for one in found}
    rule()
    assert states.refused(Scope()) == {call.id}
    listing = owner.get("/completeness/calls/", {"reason": "refused"}).content.decode()
    assert f"/calls/{call.id}/" in listing
    assert policy.enforce(house).destroyed == 0, "nobody decided yet"
    assert kept.id in owner.get("/settings/recording/refused/").content.decode()
    other = str(RecordingId("00000000-0000-8000-8000-000000000001"))
    owner.post("/settings/recording/refused/destroy/", {"recording": [kept.id, other]})
    assert state(house, kept).gone
    [warrant] = WarrantIssued.objects.all()
    assert warrant.by == str(people.owner.pk)


def test_a_word_can_be_taken_back_and_the_first_one_stays_on_record(
    house: Home, people: People, as_: As, call: Call, tmp_path: Path
) -> None:
    kept = recorded(house, call, tmp_path)
    agent = as_(people.agent)
    for said in ("refused", "opted_in"):
        agent.post(f"/calls/{call.id}/consent", {"party": "caller", "state": said})
    assert agent.get(f"/recordings/{kept.id}/peaks").status_code == 200
    assert [row.state for row in states.history(Scope(), call.id)] == ["opted_in", "refused"]
    wrong = agent.post(f"/calls/{call.id}/consent", {"party": "caller", "state": "maybe"})
    assert wrong.status_code == 422
    assert as_(people.other).get(f"/calls/{call.id}/consent").status_code == 404
    assert (
        as_(people.auditor).post(f"/calls/{call.id}/consent", {"party": "x", "state": "refused"}).status_code
        == 403
    )


def test_with_the_standard_a_refusal_destroys_at_once(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    Standard.objects.create(destroy_refused=True)
    kept = recorded(house, call, tmp_path)
    consent.say(ACTOR, call.id, "called", "refused", ConsentEvidence.API)
    assert policy.enforce(house).destroyed == 1
    assert state(house, kept).gone


def test_an_announcement_that_was_played_is_a_word_to_the_caller(
    house: Home, people: People, call: Call
) -> None:
    assert consent.words(Scope(), call) == []
    Standard.objects.create(prompts=["This-Call-Is-Recorded"])
    [word] = consent.words(Scope(), call)
    assert (word.party, word.state, word.evidence) == ("caller", "announced", "prompt")
    assert word.at == call.started_at + SECOND
    consent.say(ACTOR, call.id, "caller", "opted_in", ConsentEvidence.MENU, "pressed 1")
    [said] = consent.words(Scope(), call)
    assert (said.state, said.detail) == ("opted_in", "pressed 1")


# -- countries --


def test_recorded_calls_are_held_against_the_table_of_countries(
    house: Home, people: People, as_: As, call: Call, tmp_path: Path
) -> None:
    recorded(house, call, tmp_path)
    owner = as_(people.owner)
    owner.post("/settings/recording/countries/usual/")
    assert CountryRule.objects.get(country="US").needs == "all_parties"
    assert CountryRule.objects.get(country="DE").needs == "announcement"
    assert prefill("main", ACTOR) == 0, "what is there stays as it is"
    period = (call.started_at, call.started_at + 1)
    [told] = check(Scope(), *period)
    assert (told.code, told.recorded, told.lacking) == ("US", 1, 1)
    Standard.objects.create(prompts=["this-call-is-recorded"])
    [told] = check(Scope(), *period)
    assert (told.announced, told.lacking) == (1, 1), "to be told is not to agree"
    consent.say(ACTOR, call.id, "caller", "opted_in", ConsentEvidence.HAND)
    [told] = check(Scope(), *period)
    assert (told.opted_in, told.lacking) == (1, 0)
    row = CountryRule(country="US", area="Texas", prefixes=["+1512"], needs="one_party")
    rules.add(row, ACTOR)
    [told] = check(Scope(), *period)
    assert told.rule is not None and told.rule.area == "Texas"
    page = owner.get("/settings/recording/countries/").content.decode()
    assert "not legal advice" in page
    assert "Texas" in page


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+4930555", "DE"),
        ("+4420794", "GB"),
        ("+1512555", "US"),
        ("+1416555", "CA"),
        ("5125550", ""),
        ("+0", ""),
    ],
)
def test_the_beginning_of_a_number_tells_its_country(number: str, country: str) -> None:
    assert country_of(number) == country


def test_the_longest_beginning_decides() -> None:
    rows = [
        CountryRule(country="US", needs="all_parties"),
        CountryRule(country="US", area="a", prefixes=["+1"], needs="one_party"),
        CountryRule(country="US", area="b", prefixes=["+15", "+1512"], needs="forbidden"),
    ]
    assert [rule_for(rows, one) for one in ("+15125550100", "+12125550100")] == [rows[2], rows[1]]
    assert rule_for(rows[:1], "+12125550100") is rows[0]
    assert rule_for(rows, "+493055501") is None


# -- marks --


def test_marked_spans_are_silenced_in_what_is_there_and_in_what_comes(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    first = recorded(house, call, tmp_path)
    answered = call.answered_at or 0
    mark = marks.add(ACTOR, call.id, answered + 3 * SECOND, answered + 4 * SECOND, "card", "api")
    assert (
        marks.add(ACTOR, call.id, answered + 3 * SECOND, answered + 4 * SECOND, "card", "api").pk == mark.pk
    )
    assert policy.enforce(house).silenced >= 1, "other tests may have left recordings that are marked"
    assert state(house, first).silenced == ((2.0, 5.0),)
    assert policy.enforce(house).silenced == 0, "once is enough"
    later = policy.settle(house, recorded(house, call, tmp_path))
    assert later.silenced == ((2.0, 5.0),)
    assert {one.origin for one in later.silences} == {"mark"}
    assert sorted(MaskMark.objects.get(pk=mark.pk).done) == sorted([first.id, later.id])
    with pytest.raises(marks.MarkError):
        marks.add(ACTOR, call.id, answered, answered, "card", "api")


def test_a_recording_that_nobody_knows_the_beginning_of_is_silenced_whole(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    marks.add(ACTOR, call.id, (call.answered_at or 0) + SECOND, None, "card", "api")
    kept = policy.settle(house, recorded(house, call, tmp_path, started_at=None))
    assert kept.silenced == ((0.0, LENGTH_S),)


def cel(began: float, name: str, ident: str, **row: str) -> str:
    """A line of the channel event log, as the manual's cel_custom writes it."""
    told = {"channel": f"PJSIP/trunk-{ident}", "app": "", "unique": f"{ident}.1", "user": "", **row}
    cells = [
        *(name, f"{began:.6f}", "", "5125550158", "5125550158", "", "101", "101", "inbound", told["channel"]),
        *(told["app"], "", "3", "", told["unique"], f"{ident}.1", "", "", told["user"], ""),
    ]
    return ",".join(f'"{cell}"' for cell in cells)


def test_the_dialplan_tells_when_a_card_is_read_out(house: Home, people: People, tmp_path: Path) -> None:
    at = (now() - 9_000 * SECOND) / SECOND
    ident = f"{at:.0f}"
    ours = {"channel": "PJSIP/101-0001", "unique": f"{ident}.2"}
    lines = [
        cel(at, "CHAN_START", ident),
        cel(at + 1, "CHAN_START", ident, **ours),
        cel(at + 2, "ANSWER", ident, **ours),
        cel(at + 2, "ANSWER", ident, app="Dial"),
        cel(at + 12, "card-begins", ident, app="CELGenUserEvent", user="card-begins"),
        cel(at + 20, "card-ends", ident, app="CELGenUserEvent", user="card-ends"),
        cel(at + 40, "HANGUP", ident),
        cel(at + 40, "CHAN_END", ident),
        cel(at + 40, "HANGUP", ident, **ours),
        cel(at + 40, "CHAN_END", ident, **ours),
        cel(at + 40, "LINKEDID_END", ident),
    ]
    file = tmp_path / "cel.csv"
    file.write_text("\n".join(lines) + "\n")
    asked = {"paths": [str(file)], "source": "cel-desk", "format": "asterisk_cel", "timezone": "UTC"}
    told = list(Service(house).run("import", asked))
    [call] = iterate(house.ledger, Scope(), "source:cel-desk", zone="UTC", now=now())
    policy.enforce(house)
    [mark] = marks.of_call(Scope(), call.id)
    assert (mark.begins_at - call.started_at, (mark.ends_at or 0) - mark.begins_at) == (
        12 * SECOND,
        8 * SECOND,
    )
    assert mark.evidence == "asterisk_cel of cel-desk", told
    assert policy.read_marks(house, [call.id]) == 0, "once is enough"


@pytest.mark.parametrize(
    ("events", "spans"),
    [
        ([(1, "b"), (5, "E")], [(1, 5)]),
        ([(5, "e"), (1, "B")], [(1, 5)]),
        ([(1, "b"), (2, "b"), (5, "e"), (6, "e")], [(1, 5)]),
        ([(1, "b"), (5, "e"), (7, "b")], [(1, 5), (7, None)]),
        ([(5, "e"), (6, "x")], []),
        ([], []),
    ],
)
def test_events_become_spans(events: list[tuple[int, str]], spans: list[tuple[int, int | None]]) -> None:
    assert marks.between(events, ["b"], ["e"]) == spans


# -- the API --


def program(role: Role, **more: Any) -> Client:
    text = keys.make(Actor("x"), name="x", role=role, **more).text
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_a_program_marks_a_span_and_it_is_not_heard_from_then_on(
    house: Home, people: People, call: Call, tmp_path: Path
) -> None:
    kept = recorded(house, call, tmp_path)
    place, answered = f"/api/v1/calls/{call.id}/mask-marks", call.answered_at or 0
    client = program(Role.INTEGRATION)
    body = {"begins_at": iso(answered + 3 * SECOND), "ends_at": iso(answered + 4 * SECOND)}
    response = client.post(place, body, content_type="application/json")
    assert response.status_code == 201, response.content
    assert response.json()["reason"] == "card data"
    begun = state(house, kept)
    assert begun.silencing, "nothing of it is heard before the copy is made"
    assert begun.silenced == ((2.0, 5.0),)
    policy.enforce(house)
    assert not state(house, kept).silencing
    assert client.get(place).json()["items"][0]["silenced"] == [kept.id]
    for wrong in ({"begins_at": "yesterday"}, {"begins_at": body["ends_at"], "ends_at": body["begins_at"]}):
        assert client.post(place, wrong, content_type="application/json").status_code == 422, wrong
    auditor = program(Role.AUDITOR)
    assert auditor.post(place, body, content_type="application/json").status_code == 403
    assert auditor.get(place).status_code == 200


def test_a_program_tells_what_somebody_said(house: Home, people: People, call: Call) -> None:
    place, client = f"/api/v1/calls/{call.id}/consent", program(Role.INTEGRATION)
    assert client.get(place).json() == {"state": "unknown", "parties": [], "history": []}
    said = {"party": "caller", "state": "refused", "evidence": "menu", "detail": "pressed 2"}
    told = client.post(place, said, content_type="application/json").json()
    assert told["state"] == "refused"
    assert [(one["party"], one["evidence"], one["detail"]) for one in told["parties"]] == [
        ("caller", "menu", "pressed 2")
    ]
    empty = client.post(place, {**said, "party": " "}, content_type="application/json")
    assert empty.status_code == 422
    assert len(client.get(place).json()["history"]) == 1
