"""Importing files through a running serve: once, twice, late, in pieces, damaged."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard

from ringbook.model.errors import AskError

from .conftest import Served

NEW_YORK = {"timezone": "America/New_York", "region": "US"}


def test_the_same_file_again_changes_nothing(served: Served, scenario: Any) -> None:
    file = scenario("queue_rna_then_second_agent") / "Master.csv"
    first = served.take(file, source="twice", **NEW_YORK)
    before = served.calls("source:twice")
    second = served.take(file, source="twice", **NEW_YORK)
    assert (first["result"]["frames"], first["result"]["calls_new"]) == (2, 1)
    assert second["result"]["frames"] == 0
    assert second["files_unchanged"] == 1
    assert served.calls("source:twice") == before


def test_the_same_records_in_another_file_are_known_already(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    data = (scenario("queue_rna_then_second_agent") / "Master.csv").read_bytes()
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_bytes(data)
    two.write_bytes(data)
    served.take(one, source="copied", **NEW_YORK)
    again = served.take(two, source="copied", **NEW_YORK)["result"]
    assert (again["frames"], again["repeated"], again["calls_new"], again["calls_updated"]) == (2, 2, 0, 0)
    assert [call["revision"] for call in served.calls("source:copied")] == [1]


def test_late_evidence_makes_the_call_more_precise_under_the_same_id(served: Served, scenario: Any) -> None:
    folder = scenario("queue_rna_then_second_agent")
    served.take(folder / "Master.csv", source="late", **NEW_YORK)
    [rough] = served.calls("source:late")
    result = served.take(folder / "cel.csv", folder / "queue_log", source="late", **NEW_YORK)["result"]
    [fine] = served.calls("source:late")
    assert result["calls_new"] == 0
    assert fine["id"] == rough["id"]
    assert fine["revision"] > rough["revision"]
    assert fine["answered_at"].startswith("2026-11-21T18:12:03.41")
    assert (fine["talk_s"], fine["queue"]) == (pytest.approx(6.0, abs=0.1), "sales")


def test_the_order_of_the_files_does_not_matter(served: Served, scenario: Any) -> None:
    folder = scenario("queue_rna_then_second_agent")
    files = [folder / name for name in ("Master.csv", "cel.csv", "queue_log")]
    for name, order in {"abc": (0, 1, 2), "cba": (2, 1, 0), "bca": (1, 2, 0)}.items():
        for index in order:
            served.take(files[index], source=f"order-{name}", **NEW_YORK)
    told = [served.calls(f"source:order-{name}") for name in ("abc", "cba", "bca")]
    differing = ("id", "sources", "frames", "revision", "steps")
    facts = [[{k: v for k, v in call.items() if k not in differing} for call in calls] for calls in told]
    assert len(facts[0]) == 1
    assert facts[0] == facts[1] == facts[2]


def test_records_that_join_two_calls_lead_the_younger_to_the_older(served: Served, tmp_path: Path) -> None:
    row = '"","{src}","102","from-internal","","{a}","{b}","Dial","x","{at}","{at}","{end}",5,5,"ANSWERED","DOCUMENTATION",'
    row += '"{uid}","","","{linked}",{n}\n'
    one = {
        "src": "101",
        "a": "PJSIP/101-1",
        "b": "PJSIP/102-2",
        "at": "2026-03-01 10:00:00",
        "end": "2026-03-01 10:00:05",
    }
    two = {
        "src": "101",
        "a": "PJSIP/101-3",
        "b": "PJSIP/103-4",
        "at": "2026-03-01 10:00:06",
        "end": "2026-03-01 10:00:11",
    }
    file = tmp_path / "Master.csv"
    file.write_text(row.format(uid="1772359200.1", linked="1772359200.1", n=1, **one))
    served.take(file, source="joined", timezone="UTC")
    with file.open("a") as more:
        more.write(row.format(uid="1772359206.3", linked="1772359206.3", n=2, **two))
    served.take(file, source="joined", timezone="UTC")
    younger, older = served.calls("source:joined")
    with file.open("a") as more:
        more.write(row.format(uid="1772359206.3", linked="1772359200.1", n=3, **two))
    result = served.take(file, source="joined", timezone="UTC")["result"]
    assert (result["frames"], result["calls_new"]) == (1, 0)
    [call] = served.calls("source:joined")
    assert call["id"] == older["id"]
    assert len(call["frames"]) == 3
    assert served.run("calls.show", id=younger["id"])[0]["call"]["id"] == older["id"]


def test_compressed_files_are_read_as_they_are(served: Served, scenario: Any, tmp_path: Path) -> None:
    data = (scenario("inbound_answered") / "Master.csv").read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(data))
    (tmp_path / "b.csv.zst").write_bytes(zstandard.compress(data))
    one = served.take(tmp_path / "a.csv.gz", source="packed", **NEW_YORK)["result"]
    two = served.take(tmp_path / "b.csv.zst", source="packed", **NEW_YORK)["result"]
    assert one["frames"] == two["repeated"] > 0
    assert two["calls_new"] == 0


def test_a_damaged_compressed_file_is_read_up_to_the_damage(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    data = (scenario("inbound_answered") / "Master.csv").read_bytes() * 200
    file = tmp_path / "cut.csv.gz"
    file.write_bytes(gzip.compress(data, mtime=0)[:-30])
    told = served.run("import", paths=[str(file)], source="cut", **NEW_YORK)
    assert any("damaged" in answer.get("text", "") for answer in told)
    assert told[-1]["result"]["stated"] > 0


def test_a_folder_is_read_and_what_no_format_knows_is_named(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    for name in ("Master.csv", "cel.csv", "queue_log"):
        (tmp_path / name).write_bytes((scenario("queue_abandoned") / name).read_bytes())
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    told = served.run("import", paths=[str(tmp_path)], source="folder", **NEW_YORK)
    assert [Path(path).name for path in told[-1]["skipped"]] == ["holiday.jpg"]
    [call] = served.calls("source:folder")
    assert call["outcome"] == "abandoned"


def test_a_path_that_leads_nowhere_says_so(served: Served, tmp_path: Path) -> None:
    with pytest.raises(AskError, match="there is no such file"):
        served.take(tmp_path / "nothing.csv", source="nowhere")


def test_another_time_zone_for_a_known_source_is_refused_with_the_way_out(
    served: Served, scenario: Any
) -> None:
    file = scenario("inbound_answered") / "Master.csv"
    served.take(file, source="zoned", **NEW_YORK)
    with pytest.raises(AskError, match="ringbook rederive --source zoned --timezone Europe/Berlin"):
        served.take(file, source="zoned", timezone="Europe/Berlin")


def test_rederiving_in_another_time_zone_moves_the_calls_and_keeps_their_ids(
    served: Served, scenario: Any
) -> None:
    file = scenario("inbound_answered") / "Master.csv"
    served.take(file, source="moved", timezone="UTC", region="US")
    [before] = served.calls("source:moved")
    ask = {"since": None, "until": None, "source": "moved", "region": None, "zone_shown": "UTC"}
    told = served.run("rederive", timezone="America/New_York", **ask)
    [after] = served.calls("source:moved")
    assert told[-1]["updated"] == 1
    assert after["id"] == before["id"]
    assert before["started_at"] < after["started_at"]
    assert served.run("rederive", timezone=None, **ask)[-1]["unchanged"] == 1


def test_the_time_zone_is_inferred_from_the_ids_where_nobody_names_it(served: Served, scenario: Any) -> None:
    told = served.run("import", paths=[str(scenario("inbound_answered") / "Master.csv")], source="unzoned")
    assert any("UTC-05:00" in answer.get("text", "") for answer in told)
    [call] = served.calls("source:unzoned")
    assert call["started_at"].startswith("2026-11-21T1")
    named = served.calls("source:moved") or served.calls("source:zoned")
    assert call["started_at"] == named[0]["started_at"]


def test_rejects_are_kept_shown_and_understood_after_a_fix(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(
        "when,who,whom,secs\n21.11.2026 10:00,101,+442079460101,30\n22.11.2026 11:00,102,+442079460102,40\n"
    )
    mapping = 'delimiter = ","\nheader = true\n[fields]\nstart = "when"\nfrom = "who"\nto = "whom"\nduration = "secs"\n'
    proposal = served_proposal(file)
    wrong = proposal.replace("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M")
    assert wrong != proposal, mapping
    result = served.take(file, source="odd", format="mapped", settings={"mapping": wrong}, timezone="UTC")[
        "result"
    ]
    assert sum(result["rejected"].values()) == 2
    listed = served.run("rejects.list", source="odd", reason=None, limit=10, cursor=None)
    assert len(listed) == 3
    again = {"settings": {"mapping": proposal}, "format": "mapped", "timezone": "UTC"}
    served.take(file, source="odd", **again)
    outcome = served.run("rejects.replay", source="odd", reason=None, id=None)[-1]
    assert (outcome["understood"], outcome["still_rejected"], outcome["calls_new"]) == (2, 0, 2)
    assert len(served.calls("source:odd")) == 2
    assert served.run("rejects.list", source="odd", reason=None, limit=10, cursor=None) == [
        {"next_cursor": None}
    ]


def served_proposal(file: Path) -> str:
    """The mapping that is proposed for a file."""
    from ringbook.parse.mapping import propose

    return propose(file.read_bytes(), file.name)


def test_the_accounts_add_up_after_all_this(served: Served) -> None:
    assert served.differences() == []


def test_a_file_name_that_is_no_text_is_written_down_readably(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.csv")
    file.write_bytes((scenario("inbound_answered") / "Master.csv").read_bytes())
    assert served.take(file, source="odd-name", **NEW_YORK)["result"]["calls_new"] == 1
    assert served.take(file, source="odd-name", **NEW_YORK)["files_unchanged"] == 1
    [call] = served.calls("source:odd-name")
    [answer] = served.run("calls.show", id=call["id"])
    assert "caf\\xe9.csv at byte 0" in answer["evidence"]["records"][0]["where"]
    assert served.differences() == []


@pytest.mark.parametrize("damage", [b"\x1f\x8b", b"\x1f\x8b\x08junk", b"\x28\xb5\x2f\xfdjunk junk"])
def test_a_file_that_cannot_be_unpacked_is_named_and_the_others_are_read(
    served: Served, scenario: Any, tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / "a.csv.gz").write_bytes(damage)
    with pytest.raises(AskError, match=r"a\.csv\.gz cannot be read"):
        served.take(tmp_path / "a.csv.gz", source="packed-junk")
    (tmp_path / "b.csv").write_bytes((scenario("inbound_answered") / "Master.csv").read_bytes())
    told = served.take(tmp_path, source=f"beside-{damage.hex()}", **NEW_YORK)
    assert ([Path(path).name for path in told["skipped"]], told["result"]["calls_new"]) == (["a.csv.gz"], 1)


def test_a_file_that_cannot_be_read_is_named(served: Served) -> None:
    with pytest.raises(AskError, match=r"/mem cannot be read: .*Input/output error"):
        served.take("/proc/self/mem", source="unreadable")
