"""What a phone system in dialogue tells may not be heard: it becomes marks, is silent, and is listed where it cannot be.

All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from django.test import Client

from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.recording_policy import marks
from ringbook.desk.recording_policy.marks import Change
from ringbook.desk.recording_policy.unsilenced import Why, unsilenced
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call
from ringbook.model.instant import SECOND
from ringbook.model.recording import KeptRecording
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings import policy
from ringbook.runtime.recordings.policing import Policing
from ringbook.runtime.service import Service
from ringbook.search.pages import iterate

from ..house import People
from .browser.furnish_recordings import keep, tones
from .test_recording_policy import cel

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
PITCHES = itertools.count(1300, 3)
SOURCES = itertools.count(1)
LENGTH_S = 40.0


class Office:
    """One phone system: what its event log and its manager interface told of one call that was answered after two seconds."""

    def __init__(self, house: Home, folder: Path) -> None:
        self._house, self._folder = house, folder
        number = next(SOURCES)
        self.name = f"dialogue-{number}"
        self.began = (now() - (9_000 + 100 * number) * SECOND) // SECOND
        self.ident = str(self.began)
        self.since = now()

    def log(self) -> Call:
        """Import the event log of the call."""
        ours = {"channel": "PJSIP/101-0001", "unique": f"{self.ident}.2"}
        lines = [
            cel(self.began, "CHAN_START", self.ident),
            cel(self.began + 1, "CHAN_START", self.ident, **ours),
            cel(self.began + 2, "ANSWER", self.ident, **ours),
            cel(self.began + 2, "ANSWER", self.ident, app="Dial"),
            cel(self.began + 42, "HANGUP", self.ident),
            cel(self.began + 42, "CHAN_END", self.ident),
            cel(self.began + 42, "HANGUP", self.ident, **ours),
            cel(self.began + 42, "CHAN_END", self.ident, **ours),
            cel(self.began + 42, "LINKEDID_END", self.ident),
        ]
        self._take("asterisk_cel", "\n".join(lines) + "\n")
        return self.call()

    def mute(
        self, at_s: float, on: bool, channel: str = "2", direction: str = "both", *, timed: bool = True
    ) -> None:
        """Import what the manager interface told of a recording."""
        self._take(
            "asterisk_ami",
            "Event: MixMonitorMute\r\nPrivilege: call,all\r\n"
            + (f"Timestamp: {self.began + at_s:.6f}\r\n" if timed else "")
            + f"Channel: PJSIP/101-0001\r\nUniqueid: {self.ident}.{channel}\r\nLinkedid: {self.ident}.1\r\n"
            f"Direction: {direction}\r\nState: {on:d}\r\n\r\n",
        )

    def call(self) -> Call:
        [call] = iterate(self._house.ledger, Scope(), f"source:{self.name}", zone="UTC", now=now())
        return call

    def spans(self) -> list[tuple[float, float | None]]:
        """The marks on the call, in seconds after it began."""
        return [
            (self._after(mark.begins_at), None if mark.ends_at is None else self._after(mark.ends_at))
            for mark in marks.of_call(Scope(), self.call().id)
        ]

    def recording(self, call: Call, **facts: object) -> KeptRecording:
        """A recording of the call that began with the answer."""
        pitch = next(PITCHES)
        file = tones(self._folder / f"{pitch}.wav", LENGTH_S, 1, pitch)
        kept = keep(self._house, file, call.id)
        told = {"started_at": (self.began + 2) * SECOND, "version": kept.version + 1, **facts}
        placed = msgspec.structs.replace(kept, **told)
        Catalogue(self._house.ledger).keep("main", [placed])
        return placed

    def _after(self, at: int) -> float:
        return at / SECOND - self.began

    def _take(self, slug: str, text: str) -> None:
        file = self._folder / f"{self.name}-{next(PITCHES)}"
        file.write_bytes(text.encode())
        asked = {"paths": [str(file)], "source": self.name, "format": slug, "timezone": "UTC"}
        list(Service(self._house).run("import", asked))


@pytest.fixture
def office(house: Home, people: People, tmp_path: Path) -> Office:
    return Office(house, tmp_path)


def silenced(house: Home, recording: KeptRecording) -> tuple[tuple[float, float], ...]:
    [found] = Catalogue(house.ledger).get(Scope(), [recording.id])
    return found.silenced


def test_a_mute_that_came_during_the_call_waits_for_its_recording(house: Home, office: Office) -> None:
    office.mute(12, on=True)
    office.mute(20, on=False)
    assert policy.take_marks(house, office.since) == 0, "there is nothing to silence yet"
    assert office.spans() == [(12, 20)]
    call = office.log()
    assert (call.started_at, call.outcome.value, call.talk_s) == (office.began * SECOND, "answered", 40)
    assert office.spans() == [(12, 20)]
    kept = policy.settle(house, office.recording(call))
    assert kept.silenced == ((9.0, 19.0),)


def test_a_mute_that_comes_late_is_silent_in_the_recording_that_is_there(house: Home, office: Office) -> None:
    recording = office.recording(office.log())
    office.mute(12, on=True)
    office.mute(20, on=False)
    assert policy.take_marks(house, office.since) == 1
    assert silenced(house, recording) == ((9.0, 19.0),)
    assert policy.take_marks(house, office.since) == 0, "once is enough"


def test_marks_of_many_calls_are_taken_few_at_a_time(
    house: Home, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "FRAMES_AT_ONCE", 2)
    monkeypatch.setattr(policy, "STEP", 1)
    offices = [Office(house, tmp_path) for _ in range(3)]
    for office in offices:
        office.log()
        office.mute(12, on=True)
        office.mute(20, on=False)
    policy.take_marks(house, offices[0].since)
    assert [office.spans() for office in offices] == [[(12, 20)]] * 3


def test_a_mute_that_ends_days_later_lasts_as_long_as_the_call(house: Home, office: Office) -> None:
    office.log()
    office.mute(12, on=True)
    office.mute(12 + 90_000, on=False)
    policy.take_marks(house, office.since)
    assert office.spans() == [(12, None)]


def test_a_mute_is_over_when_every_part_of_it_is(house: Home, office: Office) -> None:
    call = office.log()
    office.mute(10, on=True, direction="read")
    office.mute(12, on=True, channel="1")
    office.mute(14, on=False, direction="read")
    office.mute(18, on=False, channel="1")
    policy.read_marks(house, [call.id])
    assert office.spans() == [(10, 18)]


def test_a_mute_that_nothing_ended_yet_gets_its_end_when_it_comes(house: Home, office: Office) -> None:
    office.mute(12, on=True)
    policy.read_marks(house, [office.call().id])
    assert office.spans() == [(12, None)]
    office.mute(20, on=False)
    policy.read_marks(house, [office.call().id])
    assert office.spans() == [(12, 20)]


def test_without_times_nothing_is_heard_from_the_first_mute_on(house: Home, office: Office) -> None:
    call = office.log()
    office.mute(0, on=True, timed=False)
    office.mute(0, on=False, timed=False)
    policy.read_marks(house, [call.id])
    assert office.spans() == [(0, None)], "it came hours after the call: nobody knows when in it"


@pytest.mark.parametrize(
    ("changes", "spans"),
    [
        ([(1, True, "a"), (5, False, "a")], [(1, 5)]),
        ([(5, False, "a"), (1, True, "a")], [(1, 5)]),
        ([(1, True, "a b"), (3, False, "a"), (5, False, "b")], [(1, 5)]),
        ([(1, True, "a"), (3, False, "b")], [(1, None)]),
        ([(1, True, "a"), (2, False, "a"), (4, True, "b"), (6, False, "b")], [(1, 2), (4, 6)]),
        ([(2, False, "a")], []),
        ([], []),
    ],
)
def test_changes_become_spans(
    changes: list[tuple[int, bool, str]], spans: list[tuple[int, int | None]]
) -> None:
    assert marks.masked(Change(at, on, frozenset(parts.split())) for at, on, parts in changes) == spans


# -- what could not be made silent --


def listed(page: Client) -> list[tuple[str, str]]:
    """What the page on completeness lists: which call, and why."""
    rows = page.get("/completeness/?days=7").context["unsilenced"]
    return [(row["call"]["id"], row["why"]) for row in rows]


def test_marks_that_could_not_be_made_silent_are_listed_with_what_to_do(
    house: Home, people: People, as_: As, tmp_path: Path
) -> None:
    offices = {name: Office(house, tmp_path) for name in ("none", "outside", "bad", "gone", "silent")}
    calls = {name: one.log() for name, one in offices.items()}
    for one in offices.values():
        one.mute(12, on=True)
        one.mute(20, on=False)
    kept = {name: offices[name].recording(calls[name]) for name in ("gone", "silent")}
    early = (offices["outside"].began - 300) * SECOND
    kept["outside"] = offices["outside"].recording(calls["outside"], started_at=early)
    kept["bad"] = offices["bad"].recording(calls["bad"], problem="not audio", duration_s=None)
    policy.destroy(house, [policy.Doomed(kept["gone"].id, calls["gone"].id, "test", "test")])
    policing = Policing(house)
    policing.look()

    assert silenced(house, kept["silent"]) == ((9.0, 19.0),)
    ours = {call.id: name for name, call in calls.items()}
    owner = as_(people.owner)
    assert {(ours[call], why) for call, why in listed(owner) if call in ours} == {
        ("none", "no_recording"),
        ("outside", "outside"),
        ("bad", "failed"),
        ("gone", "destroyed"),
    }
    text = owner.get("/completeness/?days=7").content.decode()
    assert "Compare the clocks of the phone system" in text
    assert "this recording cannot be read as audio" in text
    [family] = [one for one in policing.metrics() if one.name == "ringbook_recordings_marks_unsilenced"]
    assert {one.labels["reason"]: one.value for one in family.samples} == policing.watched.unsilenced
    assert all(
        policing.watched.unsilenced[why] >= 1 for why in ("no_recording", "outside", "failed", "destroyed")
    )

    late = policy.settle(house, offices["none"].recording(calls["none"]))
    assert late.silenced == ((9.0, 19.0),)
    assert (calls["none"].id, "no_recording") not in listed(owner)


def test_who_sees_some_calls_is_listed_the_marks_of_these(
    house: Home, office: Office, people: People
) -> None:
    call = office.log()
    office.mute(12, on=True)
    policy.read_marks(house, [call.id])

    def told(person: Person) -> list[str]:
        found = unsilenced(house.ledger, scope_of(person), call.started_at, now(), 900)
        return [one.call.id for one in found]

    assert call.id in told(people.agent), "who talked on it, at 101"
    assert call.id not in told(people.other)


def test_a_call_that_has_just_ended_may_still_get_its_recording(house: Home, office: Office) -> None:
    call = office.log()
    office.mute(12, on=True)
    policy.read_marks(house, [call.id])
    ended = call.ended_at or 0
    early, late = (
        [
            one.why
            for one in unsilenced(house.ledger, Scope(), call.started_at, at, 900)
            if one.call.id == call.id
        ]
        for at in (ended + 899 * SECOND, ended + 900 * SECOND)
    )
    assert (early, late) == ([], [Why.NO_RECORDING])
