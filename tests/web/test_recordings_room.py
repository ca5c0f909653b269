"""Room for recordings, told early; and discarding one that is of no call, for good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.models import Person
from ringbook.ledger.recordings import Catalogue, DayOfRecordings
from ringbook.model.instant import DAY
from ringbook.model.scope import Scope
from ringbook.recordings.errors import VaultFullError
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.opening import FOLDER, open_vault
from ringbook.runtime.recordings.room import GIB, Room, _a_day, room
from ringbook.runtime.recordings.taking import Taker

from ..house import People
from .browser.furnish_recordings import keep, recorded_call, tones

pytestmark = pytest.mark.django_db

AsPerson = Callable[[Person], Client]


def quota(house: Home, monkeypatch: pytest.MonkeyPatch, size: float) -> None:
    recordings = msgspec.structs.replace(house.settings.recordings, quota_gb=size / GIB)
    monkeypatch.setattr(house, "settings", msgspec.structs.replace(house.settings, recordings=recordings))


def test_it_warns_before_the_quota_is_reached_and_takes_nothing_beyond(
    house: Home, people: People, as_: AsPerson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(house, tones(tmp_path / "one.wav", 3.0, 1, 411.0))
    taken = room(house)
    assert not taken.warns
    assert (taken.quota, taken.bound) == (None, "disk")
    client = as_(people.owner)
    assert "running out" not in client.get("/recordings/").content.decode()

    quota(house, monkeypatch, taken.bytes / 0.9)
    low = room(house)
    assert (low.warns, low.full, low.bound) == (True, False, "quota")
    assert low.share == pytest.approx(0.9, abs=0.001)
    page = client.get("/recordings/").content.decode()
    assert "Room for recordings is running out" in page
    assert "90 %" in client.get("/recordings/room").content.decode().replace("89 %", "90 %")

    quota(house, monkeypatch, taken.bytes)
    assert room(house).full
    assert "There is no room for recordings" in client.get("/recordings/").content.decode()
    more = tones(tmp_path / "two.wav", 3.0, 1, 412.0)
    with pytest.raises(VaultFullError, match="quota_gb"):
        Taker(house, open_vault(house)).take(more, "office")
    assert room(house).bytes == taken.bytes
    assert more.exists(), "it waits where it is"


def test_the_growth_of_a_day_is_that_of_the_last_whole_days() -> None:
    at = 1_000 * DAY + DAY // 2
    days = [DayOfRecordings(980, 9, 10**9), DayOfRecordings(996, 1, 400), DayOfRecordings(1_000, 5, 9_999)]
    assert _a_day(days, at) == 100, "four whole days since; today is not over, the rest is long ago"
    assert _a_day([DayOfRecordings(1_000, 5, 70)], at) == 70, "the first day"
    assert _a_day([], at) == 0


def test_days_are_counted_as_they_came(house: Home, tmp_path: Path) -> None:
    before = {one.day: one for one in Catalogue(house.ledger).growth(Scope(), now() - 2 * DAY)}
    recording = keep(house, tones(tmp_path / "day.wav", 3.0, 1, 413.0))
    today = recording.received_at // DAY
    after = {one.day: one for one in Catalogue(house.ledger).growth(Scope(), now() - 2 * DAY)}
    was = before.get(today, DayOfRecordings(today, 0, 0))
    assert after[today].recordings == was.recordings + 1
    assert after[today].bytes == was.bytes + sum(form.size for form in recording.stored)
    told: Room = room(house)
    assert told.days_left is not None
    assert told.limit is not None
    assert told.days_left == pytest.approx((told.limit - told.bytes) / told.a_day, rel=0.01)


def test_a_recording_without_a_call_is_discarded_for_good(
    house: Home, people: People, as_: AsPerson, tmp_path: Path
) -> None:
    waiting = keep(house, tones(tmp_path / "gone.wav", 3.0, 1, 414.0))
    client = as_(people.owner)
    place = f"/recordings/{waiting.id}/discard"
    for wrong in ({"word": "", "reason": "x"}, {"word": "yes", "reason": "x"}, {"word": "discard"}):
        client.post(place, wrong)
        assert open_vault(house).knows(waiting.id)
    client.post(place, {"word": "Discard", "reason": "A test call of ours"})
    assert not open_vault(house).knows(waiting.id)
    assert not list((house.folder / FOLDER).rglob(f"{waiting.id}/*"))
    [row] = Catalogue(house.ledger).get(Scope(), [waiting.id])
    assert (row.gone, row.name) == (True, "")
    assert client.get(f"/recordings/{waiting.id}/").status_code == 404
    issued = AuditEntry.objects.filter(action="warrant:issued").latest("seq")
    assert "by_hand" in issued.detail
    assert AuditEntry.objects.filter(action="recording:discarded").count() == 1


def test_one_of_a_call_is_not(house: Home, people: People, as_: AsPerson, tmp_path: Path) -> None:
    of_call = keep(house, tones(tmp_path / "kept.wav", 3.0, 1, 415.0), recorded_call(house))
    answer: Any = as_(people.owner).post(
        f"/recordings/{of_call.id}/discard", {"word": "discard", "reason": "x"}, follow=True
    )
    assert "of a call" in answer.content.decode()
    assert open_vault(house).knows(of_call.id)
    for role in ("supervisor", "agent", "auditor"):
        refused = as_(getattr(people, role)).post(f"/recordings/{of_call.id}/discard", {"word": "discard"})
        assert refused.status_code == 403
        assert as_(getattr(people, role)).get("/recordings/room").status_code == (
            200 if role == "auditor" else 403
        )
