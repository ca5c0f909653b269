"""The pages of the sources: how they stand, adding and removing them, rejects and their bytes, uploads."""

from __future__ import annotations

import gzip
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ringbook.config.settings import Kind
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation, SilenceAlarm, Upload
from ringbook.desk.people.models import Person
from ringbook.desk.retention import holds
from ringbook.desk.retention.models import WarrantIssued
from ringbook.desk.workspace.models import Job
from ringbook.desk.workspace.runner import run_waiting
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.service import Service
from ringbook.web.pages.sources import uploading
from ringbook.web.pages.sources.systems import SYSTEMS
from ringbook.web.pages.sources.wording import WAYS

from ..house import People

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
JUNK = b'"","5551","101",not a cdr\n'
MASTER = Path(__file__).parents[1] / "scenarios/asterisk"


@pytest.fixture
def home(house: Home) -> Home:
    """The home of the package: a process opens one. What is added to it here has names of its own."""
    return house


@pytest.fixture
def ada(home: Home, people: People, as_: As) -> Client:
    """The administrator at the sources."""
    Organisation.objects.update(zone="America/New_York", country="US")
    return as_(people.administrator)


def scenario() -> Path:
    return next(
        path for path in sorted(MASTER.rglob("*")) if path.name.startswith("Master") and path.is_file()
    )


def imported(home: Home, source: str, content: bytes, tmp_path: Path, **more: Any) -> None:
    file = tmp_path / f"{source}.csv"
    file.write_bytes(content)
    list(Service(home).run("import", {"paths": [str(file)], "source": source, "timezone": "UTC", **more}))


def rejecting(home: Home, tmp_path: Path, source: str) -> None:
    imported(home, source, b"\x01\x02<b>junk</b>\xff\r\n" * 3, tmp_path, format="avaya_ipoffice_smdr")


@pytest.mark.parametrize("path", ["", "add/", "upload/", "add/freeswitch/json/"])
def test_who_may_not_see_sources_is_refused(home: Home, people: People, as_: As, path: str) -> None:
    assert as_(people.agent).get(f"/sources/{path}").status_code == 403
    assert as_(people.supervisor).get(f"/sources/{path}").status_code == 403
    assert as_(people.auditor).get(f"/sources/{path}").status_code == (403 if path else 200)


def test_an_auditor_sees_how_a_source_stands_and_nothing_else(
    ada: Client, home: Home, people: People, as_: As, tmp_path: Path
) -> None:
    rejecting(home, tmp_path, "seen-by-audrey")
    audrey = as_(people.auditor)
    page = audrey.get("/sources/seen-by-audrey/").content.decode()
    assert "seen-by-audrey" in page
    assert "junk" not in page
    for what in ("rejects", "waiting"):
        assert audrey.get(f"/sources/seen-by-audrey/{what}/").status_code == 403
    for what in ("replay", "alarm", "pause", "remove", "restore", "reread"):
        assert audrey.post(f"/sources/seen-by-audrey/{what}/").status_code == 403


def test_every_way_has_words_and_a_page(ada: Client) -> None:
    assert {(s.key, w.key) for s in SYSTEMS for w in s.ways} == WAYS.keys()
    page = ada.get("/sources/add/").content.decode()
    for system in SYSTEMS:
        for way in system.ways:
            address = f"/sources/add/{system.key}/{way.key}/"
            if way.kind is None:
                assert f"/sources/upload/?system={system.key}" in page
                assert ada.get(f"/sources/upload/?system={system.key}").status_code == 200
                assert ada.get(address).status_code == 404
            else:
                assert address in page
                assert ada.get(address).status_code == 200
    assert ada.get("/sources/add/nothing/here/").status_code == 404


def test_a_posted_source_shows_its_lines_with_its_token(ada: Client, home: Home) -> None:
    asked = {"name": "fs-lines", "region": "US", "extensions": ""}
    answer = ada.post("/sources/add/freeswitch/json/", asked)
    assert answer.headers["Location"] == "/sources/fs-lines/?new=1"
    token = home.settings.sources["fs-lines"].inputs[0].token.reveal()
    page = ada.get("/sources/fs-lines/").content.decode()
    assert f"ringbook:{token}" in page
    assert "http://testserver/intake/fs-lines" in page
    assert "Waiting for the first record" in page
    assert AuditEntry.objects.filter(action="source:added", subject="source:fs-lines").exists()
    assert token not in "".join(AuditEntry.objects.values_list("detail", flat=True))


@pytest.mark.parametrize(
    ("address", "values", "said"),
    [
        ("freeswitch/json", {"name": "fs-taken"}, "a source is called"),
        ("freeswitch/json", {"name": "../x"}, "Use letters"),
        ("freeswitch/json", {"name": "upload"}, "Choose another name"),
        ("asterisk/files", {"name": "x1", "paths": "/etc/passwd", "zone": "UTC"}, "source_folders"),
        (
            "asterisk/files",
            {"name": "x2", "paths": "/var/log/../../etc/passwd", "zone": "UTC"},
            "source_folders",
        ),
        (
            "ipoffice/listen",
            {"name": "x3", "allow": "everybody", "port": "5000", "zone": "UTC"},
            "Write an address",
        ),
        (
            "ipoffice/listen",
            {"name": "x4", "allow": "192.0.2.1", "port": "0", "zone": "UTC"},
            "greater than or equal",
        ),
        ("freeswitch/json", {"name": "x5", "extensions": "("}, "regular expression"),
    ],
)
def test_what_cannot_be_is_told_in_the_form(
    ada: Client, address: str, values: dict[str, str], said: str
) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": "fs-taken"})
    answer = ada.post(f"/sources/add/{address}/", {"region": "", "extensions": "", **values})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_source_rests_goes_on_is_removed_and_comes_back(ada: Client, home: Home) -> None:
    ada.post("/sources/add/freeswitch/xml/", {"name": "fs-managed"})
    ada.post("/sources/fs-managed/pause/", {"paused": "1"})
    assert "Paused" in ada.get("/sources/fs-managed/").content.decode()
    ada.post("/sources/fs-managed/pause/", {"paused": "0"})
    assert not home.settings.sources["fs-managed"].paused
    ada.post("/sources/fs-managed/remove/")
    assert "fs-managed" not in home.settings.sources
    assert ada.get("/sources/fs-managed/").status_code == 404
    ada.post("/sources/fs-managed/restore/")
    assert ada.get("/sources/fs-managed/").status_code == 200


def test_a_source_is_changed_and_keeps_its_token(ada: Client, home: Home) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": "fs-change", "region": "US"})
    token = home.settings.sources["fs-change"].inputs[0].token.reveal()
    page = ada.get("/sources/fs-change/change/").content.decode()
    version = re.search(r'name="version" value="([0-9a-f]+)"', page)
    assert version
    asked = {"region": "GB", "extensions": r"1\d\d", "version": version[1]}
    assert ada.post("/sources/fs-change/change/", asked).status_code == 302
    source = home.settings.sources["fs-change"]
    assert (source.region, source.extensions, source.inputs[0].token.reveal()) == ("GB", r"1\d\d", token)
    stale = ada.post("/sources/fs-change/change/", {**asked, "extensions": r"2\d\d"})
    assert stale.status_code == 409
    assert r"2\d\d" in stale.content.decode()
    assert r"1\d\d" in stale.content.decode()
    assert ada.get("/sources/nothing/change/").status_code == 404


def test_an_alarm_is_set_and_taken_away(ada: Client) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": "fs-alarm"})
    ada.post("/sources/fs-alarm/alarm/", {"within_minutes": "30", "in_hours": "on"})
    alarm = SilenceAlarm.objects.get()
    assert (alarm.source, alarm.within_minutes, alarm.in_hours) == ("fs-alarm", 30, True)
    ada.post("/sources/fs-alarm/alarm/", {"within_minutes": "0"})
    assert SilenceAlarm.objects.count() == 1
    ada.post("/sources/fs-alarm/alarm/", {"within_minutes": ""})
    assert not SilenceAlarm.objects.exists()
    assert ada.post("/sources/nobody/alarm/", {"within_minutes": "5"}).status_code == 404


def test_rejects_show_their_bytes_harmlessly(ada: Client, home: Home, tmp_path: Path) -> None:
    rejecting(home, tmp_path, "junk")
    page = ada.get("/sources/junk/rejects/").content.decode()
    assert "<b>junk</b>" not in page
    assert "&lt;b&gt;junk&lt;/b&gt;" in page
    assert r"\x01\x02" in page
    assert "01 02 3c 62 3e 6a 75 6e 6b" in page
    assert ada.get("/sources/junk/rejects/?cursor=nonsense").status_code == 404
    assert ada.get("/sources/junk/rejects/?reason=nothing").status_code == 200


def test_rejects_are_read_again_and_what_came_of_it_is_said(ada: Client, home: Home, tmp_path: Path) -> None:
    rejecting(home, tmp_path, "again")
    page = ada.get("/sources/again/rejects/").content.decode()
    one = re.search(r'name="id" value="([0-9a-f]{32})"', page)
    assert one
    ada.post("/sources/again/replay/", {"id": one[1]})
    assert (
        "1 record was read again and is still not understood"
        in ada.get("/sources/again/rejects/").content.decode()
    )
    ada.post("/sources/again/replay/", {"reason": ""})
    assert "still not understood" in ada.get("/sources/again/rejects/").content.decode()
    assert AuditEntry.objects.filter(action="rejects:replayed").count() == 2
    ada.post("/sources/again/replay/", {"id": "nonsense"})
    assert "there is no reject" in ada.get("/sources/again/rejects/").content.decode()


def test_a_masked_administrator_sees_no_bytes(ada: Client, home: Home, tmp_path: Path) -> None:
    rejecting(home, tmp_path, "hidden")
    Organisation.objects.update(masked_roles=["administrator"])
    assert "junk" not in ada.get("/sources/hidden/rejects/").content.decode()


def send(client: Client, *files: tuple[str, bytes]) -> Any:
    return client.post("/sources/upload/", {"file": [SimpleUploadedFile(name, data) for name, data in files]})


def send_named(client: Client, name: str, data: bytes) -> Any:
    """An upload whose name stands in the request as it is given here."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    return client.post("/sources/upload/", body, content_type="multipart/form-data; boundary=b")


def test_a_file_is_looked_at_then_imported_with_its_result(ada: Client, home: Home) -> None:
    data = scenario().read_bytes()
    answer = send(ada, ("Master.csv", data))
    assert answer.status_code == 302
    address = answer.headers["Location"]
    page = ada.get(address).content.decode()
    assert "Asterisk" in page
    assert "In which time zone" in page
    asked = {"query": "source:uploaded-one", "timezone": "UTC"}
    assert next(Service(home).run("calls.count", asked)) == {"count": 0}
    ada.post(f"{address}import/", {"source": "uploaded-one", "zone": "America/New_York", "region": "US"})
    run_waiting()
    job = Job.objects.get()
    assert job.state == "done"
    count = next(Service(home).run("calls.count", asked))["count"]
    assert count == job.params["result"]["calls_new"] > 0
    result = ada.get(address).content.decode()
    assert "Imported" in result
    assert not (home.folder / "uploads" / str(Upload.objects.get().pk)).exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"files:uploaded", "files:imported"} <= actions


def test_an_import_is_undone_after_a_look_and_can_be_imported_again(ada: Client, home: Home) -> None:
    def count() -> int:
        asked = {"query": "source:undone-one", "timezone": "UTC"}
        return int(next(Service(home).run("calls.count", asked))["count"])

    described = {"source": "undone-one", "zone": "America/New_York", "region": "US"}
    address = send(ada, ("Undo me.csv", scenario().read_bytes())).headers["Location"]
    ada.post(f"{address}import/", described)
    run_waiting()
    calls = count()
    assert calls > 0
    result = ada.get(address).content.decode()
    [name] = re.findall(r"/sources/upload/imports/undo/\?id=([0-9a-f]+)", result)
    listed = ada.get("/sources/upload/imports/").content.decode()
    assert "Undo me.csv" in listed
    assert f"import-{name}" in listed
    there = f"/sources/upload/imports/undo/?id={name}"
    for headers in ({}, {"HX-Request": "true"}):
        page = ada.get(there, headers=headers).content.decode()
        assert f"Calls that vanish</dt><dd>{calls}<" in page
    # Without a reason nothing happens.
    assert ada.post("/sources/upload/imports/undo/", {"id": name}).status_code == 422
    assert not Job.objects.filter(kind="undo-imports").exists()
    assert (
        ada.post("/sources/upload/imports/undo/", {"id": name, "reason": "the wrong file"}).status_code == 302
    )
    run_waiting()
    job = Job.objects.get(kind="undo-imports")
    assert (job.state, job.params["effect"]["vanishing"]) == ("done", calls)
    assert count() == 0
    warrant = WarrantIssued.objects.get()
    assert (warrant.ground, warrant.reason, warrant.by) == ("undo", "the wrong file", str(job.owner_id))
    entry = AuditEntry.objects.get(action="import:undone")
    assert entry.subject == f"import:{name}"
    assert "vanished" in ada.get("/sources/upload/imports/").content.decode()
    assert ada.get(there).status_code == 404
    assert "imports/undo" not in ada.get(address).content.decode()
    again = send(ada, ("Again.csv", scenario().read_bytes())).headers["Location"]
    ada.post(f"{again}import/", described)
    run_waiting()
    assert count() == calls


def test_an_import_under_a_legal_hold_is_not_undone_and_the_page_says_why(
    ada: Client, home: Home, people: People, tmp_path: Path
) -> None:
    imported(home, "undone-held", scenario().read_bytes(), tmp_path)
    file = str(tmp_path / "undone-held.csv")
    listed = [told["import"] for told in Service(home).run("imports.list", {})]
    [name] = [one["id"] for one in listed if one["file"] == file]
    ask = {"query": "source:undone-held", "timezone": "UTC"}
    calls = int(next(Service(home).run("calls.count", ask))["count"])
    [held, *_] = [
        call.id for call in home.ledger.select(Scope(), limit=10_000) if "undone-held" in call.sources
    ]
    actor = Actor(f"person:{people.administrator.pk}", "Ada Alm")
    hold = holds.place(
        actor, Scope(), name="Case 9", reason="Court order", review_on=date(2099, 1, 1), ids=[held]
    )
    there = f"/sources/upload/imports/undo/?id={name}"
    page = ada.get(there).content.decode()
    assert "Case 9" in page
    assert "Court order" in page
    assert f"/calls/{held}/" in page
    assert "Undo the import" not in page
    [told] = Service(home).run("imports.preview", {"ids": [name]})
    assert [(one["held"], one["calls"]) for one in told["holds"]] == [(1, [held])]
    # Even if somebody asks past the page: whole, or not at all.
    ada.post("/sources/upload/imports/undo/", {"id": name, "reason": "the wrong file"})
    run_waiting()
    job = Job.objects.get(kind="undo-imports")
    assert job.state == "failed"
    assert "legal hold" in job.message
    assert not WarrantIssued.objects.exists()
    assert int(next(Service(home).run("calls.count", ask))["count"]) == calls
    holds.release(actor, hold, "The suit is over")
    list(Service(home).run("imports.undo", {"ids": [name], "reason": "the wrong file", "by": ""}))
    assert int(next(Service(home).run("calls.count", ask))["count"]) == 0


def test_only_who_manages_sources_undoes_imports(house: Home, people: People, as_: As) -> None:
    for who in (people.supervisor, people.agent, people.auditor):
        for path in ("imports/", "imports/undo/?id=x"):
            assert as_(who).get(f"/sources/upload/{path}").status_code == 403
    assert as_(people.owner).get("/sources/upload/imports/undo/?id=x").status_code == 404


def test_what_cannot_be_read_is_left_out_of_an_import(ada: Client, home: Home) -> None:
    files = (("photo.jpg", b"\xff\xd8" * 900), ("Master.csv", scenario().read_bytes()), ("none.csv", b""))
    address = send(ada, *files).headers["Location"]
    ada.post(f"{address}import/", {"source": "mixed", "zone": "UTC", "region": "US"})
    run_waiting()
    job = Job.objects.get()
    assert job.state == "done", job.message
    assert job.params["result"]["calls_new"] > 0
    result = ada.get(address).content.decode()
    assert "photo.jpg was left out" in result
    assert "Master.csv was left out" not in result


def test_nothing_is_begun_when_no_file_can_be_read(ada: Client) -> None:
    address = send(ada, ("photo.jpg", b"\xff\xd8" * 900)).headers["Location"]
    ada.post(f"{address}import/", {"source": "nothing", "zone": "UTC", "region": ""})
    assert not Job.objects.exists()


def test_the_zone_chosen_changes_what_is_shown_before_anything_is_imported(ada: Client) -> None:
    address = send(ada, ("Master.csv", scenario().read_bytes())).headers["Location"]
    shown = [ada.get(address, {"source": "z", "zone": zone}).content for zone in ("UTC", "Asia/Tokyo")]
    assert shown[0] != shown[1]
    assert b"In which time zone" not in shown[0]


def test_an_import_twice_changes_nothing(ada: Client, home: Home) -> None:
    for name in ("a.csv", "b.csv"):
        address = send(ada, (name, scenario().read_bytes())).headers["Location"]
        ada.post(f"{address}import/", {"source": "twice", "zone": "UTC", "region": "US"})
        run_waiting()
    last = Job.objects.order_by("-made_at")[0]
    assert last.params["result"]["calls_new"] == 0
    assert last.params["result"]["repeated"] == last.params["result"]["frames"] > 0


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.csv", b"", "The file is empty"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, "not recognised"),
        ("long.csv", b"x" * 3_000_000, "not recognised"),
        ("broken.gz", b"\x1f\x8b\x08\x00garbage", "damaged"),
        ("zip.zip", b"PK\x03\x04" + b"\0" * 200, "not recognised"),
        ("<img src=x onerror=alert(1)>.csv", b"a,b\n", "&lt;img src=x"),
    ],
)
def test_hostile_files_get_a_clear_answer(ada: Client, name: str, data: bytes, said: str) -> None:
    answer = send(ada, (name, data))
    assert answer.status_code == 302
    page = ada.get(answer.headers["Location"])
    assert page.status_code == 200
    assert said in page.content.decode()
    assert "<img src=x" not in page.content.decode()
    assert 'action="/sources/upload/' not in page.content.decode() or "/import/" not in page.content.decode()


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..", "a*b?[c].csv", "con\0trol.csv", "x" * 300 + ".csv"]
)
def test_names_lead_nowhere(ada: Client, home: Home, name: str) -> None:
    before = set(home.folder.rglob("*"))
    answer = send_named(ada, name, scenario().read_bytes())
    if answer.status_code == 302:
        row = Upload.objects.get()
        folder = home.folder / "uploads" / str(row.pk)
        new = set(home.folder.rglob("*")) - before - {folder.parent}
        assert new == {folder, folder / row.files[0]["stored"]}
        assert re.fullmatch(r"00-[A-Za-z0-9_.-]+", row.files[0]["stored"])


def test_a_small_file_that_unpacks_to_a_huge_one_is_not_imported(
    ada: Client, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_UNPACKED", 1 << 20)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as sink:
        sink.write(scenario().read_bytes())
        sink.write(b"\n" * (2 << 20))
    address = send(ada, ("Master.csv.gz", packed.getvalue())).headers["Location"]
    ada.post(f"{address}import/", {"source": "bomb", "zone": "UTC"})
    run_waiting()
    assert Job.objects.get().state == "failed"
    assert "nothing was imported" in ada.get(address).content.decode()
    assert list(Service(home).run("calls.count", {"query": "source:bomb", "timezone": "UTC"})) == [
        {"count": 0}
    ]


def test_too_much_at_once_is_refused(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 10)
    assert send(ada, ("a.csv", b"x" * 11)).status_code == 422
    assert ada.post("/sources/upload/", {}).status_code == 422
    assert not Upload.objects.exists()


def test_files_can_be_thrown_away(ada: Client, home: Home) -> None:
    address = send(ada, ("Master.csv", scenario().read_bytes())).headers["Location"]
    folder = home.folder / "uploads" / str(Upload.objects.get().pk)
    assert folder.exists()
    ada.post(f"{address}discard/")
    assert not folder.exists()
    assert ada.get(address).status_code == 404


def test_files_that_nobody_imports_are_taken_away_after_a_week(ada: Client, home: Home) -> None:
    send(ada, ("old.csv", b"a"))
    send(ada, ("new.csv", b"a"))
    old = Upload.objects.order_by("made_at")[0]
    Upload.objects.filter(pk=old.pk).update(made_at=datetime.now(UTC) - timedelta(days=8))
    ada.get("/sources/upload/")
    assert [row.files[0]["name"] for row in Upload.objects.all()] == ["new.csv"]
    assert not (home.folder / "uploads" / str(old.pk)).exists()


def test_a_source_is_read_again_in_another_zone(ada: Client, home: Home, tmp_path: Path) -> None:
    imported(home, "moved", scenario().read_bytes(), tmp_path, region="US")
    ask = {"query": "source:moved", "limit": 1, "cursor": None, "timezone": "UTC"}
    before = next(Service(home).run("calls.list", ask))["call"]["started_at"]
    ada.post("/sources/moved/reread/", {"zone": "Asia/Tokyo", "region": ""})
    run_waiting()
    assert Job.objects.get().state == "done"
    assert next(Service(home).run("calls.list", ask))["call"]["started_at"] != before
    assert ada.post("/sources/moved/reread/", {"zone": "Moon/Base", "region": ""}).status_code == 404


# -- several inputs ---------------------------------------------------------------------------------------------------


def version(client: Client, address: str) -> str:
    found = re.search(r'name="version" value="(\w+)"', client.get(address).content.decode())
    assert found
    return found[1]


def test_a_source_gets_more_inputs_and_loses_them_by_their_typed_name(ada: Client, home: Home) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": "two-ways", "region": "US", "extensions": ""})
    page = ada.get("/sources/two-ways/inputs/add/").content.decode()
    for kind in Kind:
        assert f"?kind={kind.value}" in page
    address = "/sources/two-ways/inputs/add/?kind=esl"
    asked = {"version": version(ada, address), "host": "192.0.2.9", "port": "", "password": "s3cr<et"}
    assert ada.post(address, asked).headers["Location"] == "/sources/two-ways/"
    first, second = home.settings.sources["two-ways"].inputs
    assert (second.kind, second.name, second.port) == (Kind.ESL, "esl", 8021)
    assert second.password.reveal() == "s3cr<et"
    assert AuditEntry.objects.filter(action="source:input-added", subject="source:two-ways").exists()

    there = "/sources/two-ways/inputs/esl/"
    page = ada.get(there).content.decode()
    assert "s3cr" not in page
    assert "One is kept" in page
    asked = {"version": version(ada, there), "host": "192.0.2.10", "port": "8022", "password": ""}
    assert ada.post(there, asked).status_code == 302
    changed = home.settings.sources["two-ways"].inputs[1]
    assert (changed.host, changed.port, changed.password.reveal()) == ("192.0.2.10", 8022, "s3cr<et")
    assert home.settings.sources["two-ways"].inputs[0].token == first.token

    asked = {"version": version(ada, there), "typed": "something"}
    ada.post(f"{there}remove/", asked)
    assert len(home.settings.sources["two-ways"].inputs) == 2
    ada.post(f"{there}remove/", asked | {"typed": "esl"})
    assert [one.name for one in home.settings.sources["two-ways"].inputs] == ["post"]


def test_a_log_in_is_kept_and_its_password_never_shown(ada: Client, home: Home) -> None:
    asked = {"name": "smdr-login", "host": "192.0.2.9", "port": "2300", "zone": "UTC", "region": ""}
    asked |= {"login": "SMDR", "password": "PCCSMDR", "extensions": ""}
    assert ada.post("/sources/add/ipoffice/connect/", asked).status_code == 302
    [entry] = home.settings.sources["smdr-login"].inputs
    assert (entry.login, entry.password.reveal()) == ("SMDR", "PCCSMDR")
    for page in ("", "change/", "inputs/192.0.2.9-2300/"):
        assert "PCCSMDR" not in ada.get(f"/sources/smdr-login/{page}").content.decode()
    wrong = ada.post("/sources/add/ipoffice/connect/", asked | {"port": "no"})
    assert wrong.status_code == 422
    assert "PCCSMDR" not in wrong.content.decode()


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("ami", {"host": "192.0.2.9"}, "This field is required"),
        ("file", {"format": "auto", "paths": "/etc/passwd"}, "source_folders"),
        ("file", {"format": "nonsense", "paths": "/var/log/asterisk/x"}, "valid choice"),
        ("tcp-listen", {"format": "avaya_ipoffice_smdr", "allow": "me", "port": "5000"}, "Write an address"),
        ("http-post", {"format": "mapped"}, "valid choice"),
    ],
)
def test_an_input_that_cannot_be_is_told_in_its_form(
    ada: Client, home: Home, kind: str, values: dict[str, str], said: str
) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": f"no-{kind}", "region": "", "extensions": ""})
    address = f"/sources/no-{kind}/inputs/add/?kind={kind}"
    answer = ada.post(address, {"version": version(ada, address), **values})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert len(home.settings.sources[f"no-{kind}"].inputs) == 1


def test_inputs_of_what_is_gone_or_was_changed_meanwhile_are_not_changed(ada: Client, home: Home) -> None:
    ada.post("/sources/add/freeswitch/json/", {"name": "raced", "region": "", "extensions": ""})
    address = "/sources/raced/inputs/add/?kind=http-post"
    answer = ada.post(address, {"version": "old", "format": "vcon"})
    assert answer.status_code == 422
    assert "somebody changed" in answer.content.decode()
    assert ada.get("/sources/raced/inputs/nothing/").status_code == 404
    assert ada.get("/sources/nothing/inputs/add/").status_code == 404


# -- files of one's own -----------------------------------------------------------------------------------------------

OWN = "/sources/add/own/"
SAMPLE = (
    "Datum;Uhrzeit;Von;Nach;Art;Dauer;Ende\n"
    "03.04.2026;09:15:00;+12125550101;101;rein;65;ok\n"
    "03.04.2026;09:20:30;101;+12125550102;raus;0;weg\n"
    "13.04.2026;10:00:00;+12125550103;102;rein;10;ok\n"
)


def fields(page: str) -> dict[str, str]:
    """What a form on a page would send as it stands."""
    form = page[page.index('<form class="form') :]
    form = form[: form.index("</form>")]
    sent = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))
    for name, body in re.findall(r'<select id="[\w-]+" name="([\w-]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', body)[0]
    sent.pop("csrfmiddlewaretoken", None)
    return {name: html.unescape(value) for name, value in sent.items()}


def test_a_sample_is_proposed_corrected_seen_and_added(ada: Client, home: Home, tmp_path: Path) -> None:
    page = ada.post(OWN, {"step": "sample", "text": SAMPLE}).content.decode()
    sent = fields(page)
    assert sent["column-0"] == sent["column-1"] == "start"
    assert (sent["column-2"], sent["column-3"]) == ("from", "to")
    sent |= {"column-4": "direction", "column-5": "talk", "column-6": "result", "step": "columns"}
    sent = fields(ada.post(OWN, sent).content.decode())
    assert sent["direction-text-0"] == "rein"
    sent |= {"direction-word-0": "inbound", "direction-word-1": "outbound"}
    sent |= {"result-word-0": "answered", "result-word-1": "no_answer", "step": "columns"}
    page = ada.post(OWN, sent).content.decode()
    assert "3 calls in the sample" in page
    assert page.count("Inbound") == 2
    assert page.count("Outbound") == 1
    sent = fields(page) | {"step": "source", "kind": "http-post"}
    page = ada.post(OWN, sent).content.decode()
    found = re.search(r'<textarea[^>]*name="mapping"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    mapping = html.unescape(found[1])
    asked = {"step": "add", "kind": "http-post", "name": "own-files", "zone": "UTC", "region": "US"}
    asked |= {"extensions": "", "mapping": mapping}
    assert ada.post(OWN, asked).headers["Location"] == "/sources/own-files/?new=1"
    [entry] = home.settings.sources["own-files"].inputs
    assert (entry.kind, entry.format) == (Kind.HTTP_POST, "mapped")

    imported_by_mapping(home, tmp_path)
    there = "/sources/own-files/inputs/post/"
    assert "Uhrzeit" in ada.get(there).content.decode()
    broken = ada.post(there, {"version": version(ada, there), "mapping": "layout = 7"})
    assert broken.status_code == 422
    assert "layout" in broken.content.decode()


def imported_by_mapping(home: Home, tmp_path: Path) -> None:
    """Files that are uploaded to the source by hand are read by its mapping."""
    file = tmp_path / "more.csv"
    file.write_text(SAMPLE)
    *_, last = Service(home).run("import", {"paths": [str(file)], "source": "own-files", "format": "mapped"})
    assert last["result"]["calls_new"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file"),
        ("one line of prose", "no columns"),
        ("a;b\n1;2\n3;4\n", "no column is the time"),
        ("\x00\x01;\x02", "NUL"),
    ],
)
def test_samples_that_give_no_calls_say_why(ada: Client, text: str, said: str) -> None:
    file = SimpleUploadedFile("x.csv", text.encode())
    answer = ada.post(OWN, {"step": "sample", "file": file} if text else {"step": "sample"})
    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.parametrize("column", ["from", "nonsense", "start"])
def test_any_choice_of_columns_is_answered(ada: Client, column: str) -> None:
    sent = fields(ada.post(OWN, {"step": "sample", "text": SAMPLE}).content.decode())
    sent |= {name: column for name in sent if name.startswith("column-")} | {"step": "source"}
    answer = ada.post(OWN, sent)
    assert answer.status_code == 422
    assert 'name="column-0"' in answer.content.decode()


def test_a_sample_that_was_tampered_with_begins_again(ada: Client) -> None:
    for sample in ("???", "", "AAAA"):
        answer = ada.post(OWN, {"step": "columns", "sample": sample, "column-0": "start"})
        assert answer.status_code == 422
