"""Packs of real calls: everything behind a call is in its pack, within what the asker may see, and on record."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringbook.desk import wiring
from ringbook.desk.annotations import edit, notes
from ringbook.desk.evidence_pack import making
from ringbook.desk.evidence_pack.errors import PackError
from ringbook.desk.evidence_pack.making import Ask, Made
from ringbook.desk.evidence_pack.verify import Archive, verified
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.recording_policy.consent import say
from ringbook.desk.recording_policy.models import ConsentEvidence
from ringbook.model.call import Call
from ringbook.model.instant import LATEST
from ringbook.model.scope import Reach, Scope
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.silencing import silence
from ringbook.runtime.service import Service
from ringbook.search import pages

from ..house import People

pytestmark = pytest.mark.django_db
SCENARIOS = Path(__file__).parent.parent / "scenarios"
ACTOR = Actor("person:olga", "Olga Orr")


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Home]:
    """A home with the calls and recordings of a scene, that the desk is wired to for these tests."""
    with django_db_blocker.unblock(), Home.open(tmp_path_factory.mktemp("evidence")) as opened:
        service, before = Service(opened), list(wiring._wired)
        wiring.wire(opened.ledger, service, opened.folder, lambda: open_vault(opened))
        scene = SCENARIOS / "asterisk/same_caller_five_calls"
        paths = [str(scene / name) for name in ("Master.csv", "cel.csv")]
        list(
            service.run(
                "import", {"paths": paths, "source": "pbx", "timezone": "America/New_York", "region": "US"}
            )
        )
        audio = SCENARIOS / "recordings/same_caller_five_calls"
        list(service.run("recordings.add", {"paths": [str(audio)], "source": "pbx"}))
        wiring._wired[:] = before
        yield opened


@pytest.fixture(autouse=True)
def wired(home: Home) -> Iterator[None]:
    before = list(wiring._wired)
    wiring.wire(home.ledger, Service(home), home.folder, lambda: open_vault(home))
    yield
    wiring._wired[:] = before


def recorded(home: Home) -> Call:
    """The newest call that was recorded."""
    return next(call for call in pages.iterate(home.ledger, Scope(), "has:recording", zone="UTC", now=LATEST))


def made(place: Path, ask: Ask, scope: Scope | None = None) -> tuple[Made, dict[str, bytes]]:
    done = making.make(place, scope or Scope(), ACTOR, ask, lambda _done, _total: None)
    with place.open("rb") as file:
        assert verified(Archive(file)).faults == []
    with zipfile.ZipFile(place) as archive:
        return done, {name: archive.read(name) for name in archive.namelist()}


def told(files: dict[str, bytes], call: Call, name: str) -> Any:
    return json.loads(files[f"calls/{call.id}/{name}.json"])


def test_everything_behind_a_call_is_in_its_pack(home: Home, people: People, tmp_path: Path) -> None:
    call = recorded(home)
    by = edit.By.of(people.owner)
    noted = notes.add_note(by, call.id, "Promised a refund.")
    notes.edit_note(by, noted.note.pk, "Promised half a refund.", 1)
    audit.record(Actor("person:bo", "Bo Dahl"), "call:seen", f"call:{call.id}")
    done, files = made(tmp_path / "pack.zip", Ask(ids=(call.id,), reason="a dispute"))
    assert (done.calls, done.recordings) == (1, 1)
    assert told(files, call, "call")["id"] == call.id
    frames = told(files, call, "frames")
    assert frames["no_longer_kept"] == []
    assert {one["id"] for one in frames["frames"]} == {frame.hex() for frame in call.frames}
    rows = {row.id.hex(): row for row in home.ledger.frames(Scope(), call.frames)}
    for one in frames["frames"]:
        assert files[one["file"]] == rows[one["id"]].data
        assert hashlib.sha256(files[one["file"]]).hexdigest() == one["sha256"]
    [note] = told(files, call, "notes")["notes"]
    assert [one["text"] for one in note["versions"]] == ["Promised a refund.", "Promised half a refund."]
    [recording] = told(files, call, "recordings")
    original = SCENARIOS / "recordings/same_caller_five_calls" / recording["name"]
    assert files[recording["file"]] == original.read_bytes()
    assert (
        recording["sha256"]
        == recording["original_sha256"]
        == hashlib.sha256(original.read_bytes()).hexdigest()
    )
    actions = [(one["action"], one["actor_name"]) for one in told(files, call, "access")["entries"]]
    assert ("call:seen", "Bo Dahl") in actions
    assert actions[-1] == ("call:evidence-packed", "Olga Orr")
    manifest = json.loads(files["manifest.json"])
    assert (manifest["made_by"], manifest["reason"]) == ("Olga Orr", "a dispute")
    assert {one["name"] for one in manifest["files"]} == files.keys() - {"manifest.json", "manifest.sig"}
    entry = AuditEntry.objects.get(action="evidence:made")
    assert json.loads(entry.detail)["manifest_sha256"] == hashlib.sha256(files["manifest.json"]).hexdigest()


def test_an_entry_of_the_access_log_that_was_changed_is_found_by_its_hash(
    home: Home, people: People, tmp_path: Path
) -> None:
    call = recorded(home)
    audit.record(ACTOR, "call:seen", f"call:{call.id}")
    entry = AuditEntry.objects.get(action="call:seen")
    _, files = made(tmp_path / "pack.zip", Ask(ids=(call.id,), audio=False))
    from ringbook.desk.evidence_pack import verify  # what it does to one file

    name = f"calls/{call.id}/access.json"
    good = json.loads(files[name])

    class One:
        def read(self, _name: str) -> Iterator[bytes]:
            yield json.dumps(good).encode()

    assert list(verify._entries(One(), name)) == []
    good["entries"][0]["actor_name"] = "Nobody"
    assert list(verify._entries(One(), name)) == [
        f"entry {entry.seq} of the audit log is not as it was written"
    ]


def test_without_audio_and_of_silenced_recordings_nothing_is_heard(
    home: Home, people: People, tmp_path: Path
) -> None:
    call = recorded(home)
    _, files = made(tmp_path / "silent.zip", Ask(ids=(call.id,), audio=False))
    [recording] = told(files, call, "recordings")
    assert recording["left_out"] == "the pack was made without audio"
    assert not [name for name in files if "/audio/" in name]
    silence(home, recording["id"], [(0.5, 1.0)], by="olga", reason="card number")
    _, files = made(tmp_path / "masked.zip", Ask(ids=(call.id,)))
    [masked] = told(files, call, "recordings")
    assert masked["is_original"] is False
    assert masked["sha256"] != masked["original_sha256"] == recording["original_sha256"]
    assert hashlib.sha256(files[masked["file"]]).hexdigest() == masked["sha256"]


def test_what_somebody_refused_to_have_recorded_stays_out(home: Home, people: People, tmp_path: Path) -> None:
    call = recorded(home)
    say(ACTOR, call.id, "caller", "refused", ConsentEvidence.HAND, "said so on the phone")
    _, files = made(tmp_path / "refused.zip", Ask(ids=(call.id,)))
    [recording] = told(files, call, "recordings")
    assert recording["left_out"] == "somebody on the call refused to be recorded"
    assert not [name for name in files if "/audio/" in name]


def test_a_pack_holds_only_what_its_asker_sees(home: Home, people: People, tmp_path: Path) -> None:
    call = recorded(home)
    nothing = Scope("main", (Reach(extensions=("nobody",)),))
    for ask in (Ask(ids=(call.id,)), Ask(query="")):
        with pytest.raises(PackError, match="no such calls"):
            making.make(tmp_path / "pack.zip", nothing, ACTOR, ask, lambda _done, _total: None)
    with pytest.raises(PackError, match="does not see"):
        making.how_many(Scope("main", None, True), Ask(ids=(call.id,)))
    assert not (tmp_path / "pack.zip").exists()


def test_too_many_calls_are_refused_and_said(
    home: Home, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST", 2)
    with pytest.raises(PackError, match="at most 2"):
        making.make(tmp_path / "pack.zip", Scope(), ACTOR, Ask(query=""), lambda _done, _total: None)
    assert AuditEntry.objects.filter(action__startswith="evidence:").count() == 0


def test_the_terminal_makes_packs_and_never_writes_over_a_file(
    home: Home, people: People, tmp_path: Path
) -> None:
    place = tmp_path / "pack.zip"
    asked = {"path": str(place), "audio": False, "reason": "", "by": "root", "timezone": "UTC"}
    [answer] = Service(home).run("evidence.make", {"query": "has:recording", **asked})
    assert answer["calls"] >= 1
    assert answer["bytes"] == place.stat().st_size
    assert verified(Archive(place.open("rb"))).faults == []
    with pytest.raises(Exception, match="is there already"):
        list(Service(home).run("evidence.make", {"query": "", **asked}))
    assert [one.name for one in tmp_path.iterdir()] == ["pack.zip"]
