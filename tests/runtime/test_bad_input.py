"""Bad input through the whole path: every byte kept, every reject with its reason, the records around it untouched."""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ringbook.model.errors import AskError

from .conftest import Served
from .crash import SMDR, cdr

CDR = {"format": "asterisk_cdr_csv", "timezone": "UTC"}
LONG = 5_000_000


def good(number: int) -> bytes:
    """A good CDR line, a call of its own."""
    return cdr(number).encode()


def at(number: int, clock: str, spans: str = "5,5") -> bytes:
    """A CDR line with a start time and spans of one's own."""
    line = cdr(number)
    begun = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_772_359_200 + number))
    return (
        line.replace(f'"{begun}","{begun}"', f'"{clock}","{clock}"').replace(",5,5,", f",{spans},").encode()
    )


def rejects(served: Served, source: str) -> list[dict[str, Any]]:
    """All rejects of a source, in order of where they stood."""
    asked = {"source": source, "reason": None, "limit": 10_000, "cursor": None}
    found = [answer["reject"] for answer in served.run("rejects.list", **asked) if "reject" in answer]
    return sorted(found, key=lambda reject: (reject["origin"], reject["offset"]))


def rejected_bytes(served: Served, source: str) -> list[bytes]:
    """The bytes of each reject, as ``rejects show --raw`` writes them."""
    ids = [reject["id"] for reject in rejects(served, source)]
    return [base64.b64decode(served.run("rejects.show", id=id_)[0]["data"]) for id_ in ids]


def take(served: Served, folder: Path, source: str, parts: Sequence[bytes], **asked: Any) -> dict[str, Any]:
    """Import bytes as one file of a source of its own."""
    file = folder / f"{source}.csv"
    file.write_bytes(b"".join(parts))
    result: dict[str, Any] = served.take(file, source=source, **(asked or CDR))["result"]
    assert result["frames"] == result["stated"] + result["noise"] + sum(result["rejected"].values())
    assert result["size"] == file.stat().st_size
    return result


DAMAGE = {
    "truncated": good(50)[:60] + b"\n",
    "utf16": "a,b,c\n".encode("utf-16-be"),
    "words": b"Segmentation fault (core dumped)\n",
    "binary": bytes(b for b in range(256) if b not in b'\r\n"') + b"\n",
    "columns": good(51).rstrip(b"\n") + b',"one","two","three","four","five","six"\n',
    "smdr": SMDR.format(day=1, minute=1, second=1, caller="5125550101", call=1).encode(),
    "json": b'{"variables": {"uuid": "1"}}\n',
    "year-1970": at(52, "1970-01-01 00:00:00"),
    "year-2099": at(53, "2099-12-31 23:59:59"),
    "month-13": at(54, "2026-13-41 10:00:00"),
    "text-span": at(55, "2026-03-01 10:00:55", "five,5"),
    "negative": at(56, "2026-03-01 10:00:56", "-5,-5"),
}
"""Lines that are no record, by what is wrong with them."""


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_costs_its_own_record_only(served: Served, tmp_path: Path, name: str) -> None:
    source = f"damage-{name}"
    around = [good(number) for number in range(6)]
    result = take(served, tmp_path, source, [*around[:3], DAMAGE[name], *around[3:]])
    assert (result["stated"], result["calls_new"]) == (6, 6), result
    calls = served.calls(f"source:{source}")
    assert [call["talk_s"] for call in calls] == [5.0] * 6
    assert b"".join(rejected_bytes(served, source)) == DAMAGE[name]
    assert all(reject["reason"] and reject["detail"] for reject in rejects(served, source))


def test_an_open_quote_costs_no_record_behind_it(served: Served, tmp_path: Path) -> None:
    lines = [good(number) for number in range(100)]
    damaged = lines[40].replace(b'"DOCUMENTATION"', b'"DOCUMENTATION', 1)
    result = take(served, tmp_path, "open-quote", [*lines[:40], damaged, *lines[41:]])
    assert (result["stated"], sum(result["rejected"].values())) == (99, 1)
    assert rejected_bytes(served, "open-quote") == [damaged]


def test_quotes_commas_and_line_ends_inside_a_field_are_part_of_it(served: Served, tmp_path: Path) -> None:
    inner = good(7).replace(b'"""A"" <101>"', b'"""A, ""B""\nC"" <101>"')
    result = take(served, tmp_path, "inside", [good(6), inner, good(8)])
    assert (result["stated"], result["rejected"], result["calls_new"]) == (3, {}, 3)
    [call] = [call for call in served.calls("source:inside") if "C" in (call["from"]["name"] or "")]
    assert call["from"]["name"].startswith("A")


def test_latin_1_nul_and_cr_in_a_record_lose_nothing(served: Served, tmp_path: Path) -> None:
    latin = good(1).replace(b'"""A"" <101>"', '"""Jürgen"" <101>"'.encode("latin-1"))
    nul = good(2).replace(b"DOCUMENTATION", b"DOCUMENTA\0TION")
    old_mac, dos = good(3).replace(b"\n", b"\r"), good(4).replace(b"\n", b"\r\n")
    result = take(served, tmp_path, "odd-bytes", [latin, nul, old_mac, dos, good(5)])
    assert result["frames"] == 5
    assert result["stated"] >= 4
    names = {call["from"]["name"] for call in served.calls("source:odd-bytes")}
    assert "Jürgen" in names


@pytest.mark.parametrize(
    ("name", "before"), [("bom", b"\xef\xbb\xbf"), ("blank", b"\n\n\r\n\n"), ("nothing", b"")]
)
def test_what_stands_before_the_first_record_is_no_reject(
    served: Served, tmp_path: Path, name: str, before: bytes
) -> None:
    result = take(served, tmp_path, f"before-{name}", [before, good(1), good(2)])
    assert (result["stated"], result["rejected"], result["calls_new"]) == (2, {}, 2)


def test_files_without_records_import_as_nothing(served: Served, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    told = served.take(empty, source="no-records")
    assert (told["files"], told["files_unchanged"], told["result"]["frames"]) == (1, 1, 0)
    newlines = take(served, tmp_path, "no-records", [b"\n" * 5_000])
    assert (newlines["frames"], newlines["noise"], newlines["rejected"]) == (5_000, 5_000, {})
    header = b"accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end\n"
    table = take(served, tmp_path, "header-only", [header])
    assert table["calls_new"] == 0
    assert sum(table["rejected"].values()) + table["noise"] == 1
    assert served.calls("source:no-records") == []


def test_another_formats_file_is_rejects_and_makes_no_call(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    events = (scenario("inbound_answered") / "cel.csv").read_bytes()
    result = take(served, tmp_path, "not-cdr", [events])
    assert (result["stated"], result["calls_new"]) == (0, 0)
    assert b"".join(rejected_bytes(served, "not-cdr")) == events
    log = (scenario("queue_abandoned") / "queue_log").read_bytes()
    result = take(served, tmp_path, "not-cel", [log], format="asterisk_cel", timezone="UTC")
    assert (result["stated"], b"".join(rejected_bytes(served, "not-cel"))) == (0, log)
    documents = take(served, tmp_path, "not-json", [good(1), good(2)], format="freeswitch_json_cdr")
    whole = (good(1) + good(2)).rstrip(b"\n")  # the last line end is noise
    assert (documents["stated"], b"".join(rejected_bytes(served, "not-json"))) == (0, whole)


def test_formats_mixed_in_one_file_keep_what_is_of_the_named_one(
    served: Served, scenario: Any, tmp_path: Path
) -> None:
    events = (scenario("inbound_answered") / "cel.csv").read_bytes().splitlines(keepends=True)
    mixed = [part for number, event in enumerate(events) for part in (good(number), event)]
    result = take(served, tmp_path, "mixed", mixed)
    assert (result["stated"], result["calls_new"]) == (len(events), len(events))
    assert rejected_bytes(served, "mixed") == events


def test_a_file_that_nobody_recognises_is_refused_and_nothing_kept(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "junk.bin"
    file.write_bytes(Random(1).randbytes(100_000))
    with pytest.raises(AskError, match=r"no format recognises this file.*--format"):
        served.take(file, source="unknown-junk")
    assert served.calls("source:unknown-junk") == []


def test_a_line_of_megabytes_is_kept_and_the_records_around_it_stand(served: Served, tmp_path: Path) -> None:
    long = b'"' + b"".join(b"%08d" % number for number in range(LONG // 8)) + b'"\n'
    result = take(served, tmp_path, "long-line", [good(1), long, good(2)])
    assert (result["stated"], result["calls_new"]) == (2, 2)
    assert b"".join(rejected_bytes(served, "long-line")) == long
    assert set(result["rejected"]) == {"oversize"}


def test_megabytes_of_junk_are_kept_byte_for_byte(served: Served, tmp_path: Path) -> None:
    junk = Random(2).randbytes(20_000_000)
    result = take(served, tmp_path, "junk", [good(1), junk, b"\n", good(2)])
    assert result["stated"] == 2
    assert result["calls_new"] == 2
    [status] = [row for row in served.run("sources.status") if row["source"] == "junk"]
    assert status["rejected_by_reason"].keys() == result["rejected"].keys()
    assert status["frames"] == result["frames"] - result["repeated"]


def test_clocks_that_jump_back_keep_each_call(served: Served, tmp_path: Path) -> None:
    clocks = [
        "2026-03-01 10:00:00",
        "2026-03-05 10:00:00",
        "2025-12-31 23:59:59",
        "2026-03-01 10:00:00",
        "2030-01-01 00:00:00",
    ]
    lines = [at(500 + number, clock) for number, clock in enumerate(clocks)]
    result = take(served, tmp_path, "jumping", lines)
    assert (result["stated"], result["calls_new"]) == (5, 5)
    calls = served.calls("source:jumping")
    assert calls[0]["started_at"].startswith("2030-01-01")
    assert all(call["duration_s"] is None or call["duration_s"] >= 0 for call in calls)
    assert all(call["talk_s"] is None or call["talk_s"] >= 0 for call in calls)


def test_random_damage_anywhere_loses_no_byte(served: Served, tmp_path: Path) -> None:
    chance = Random(3)
    data = bytearray(b"".join(good(number) for number in range(2_000)))
    for _ in range(300):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 80)]
            case 2:
                data[place:place] = chance.randbytes(chance.randrange(1, 200))
            case _:
                data[place:place] = chance.choice([b"\n", b"\r", b'"', b"\0", b",", b"\xff\xfe"])
    result = take(served, tmp_path, "fuzzed", [bytes(data)])
    assert result["stated"] > 1_400
    told = Counter(reject["reason"] for reject in rejects(served, "fuzzed"))
    assert sum(told.values()) <= sum(result["rejected"].values())
    assert set(told) == set(result["rejected"])


@pytest.mark.parametrize(
    "slug",
    [
        "android_call_log",
        "asterisk_cdr_custom",
        "asterisk_cel",
        "asterisk_queue_log",
        "avaya_ipoffice_smdr",
        "cisco_cucm",
        "freepbx_cdr",
        "freeswitch_cdr_csv",
        "freeswitch_json_cdr",
        "freeswitch_xml_cdr",
        "threecx_cdr",
        "threecx_cdr_v20",
        "vcon",
    ],
)
def test_hostile_bytes_in_any_format_are_kept_and_make_no_call(
    served: Served, tmp_path: Path, slug: str
) -> None:
    chance = Random(slug)
    junk = [
        chance.randbytes(500),
        b"\n",
        b"<a><b>\n",
        b'{"a": [[[[\n',
        b'"' * 333,
        b"\0\r\n\x1a\xff\xfe\n",
        "ü\n".encode("utf-16"),
    ]
    result = take(served, tmp_path, f"hostile-{slug}", junk, format=slug, timezone="UTC")
    assert (result["stated"], result["calls_new"]) == (0, 0)
    assert result["frames"] > 0
    assert sum(result["rejected"].values()) > 0


def test_the_accounts_add_up_after_all_this(served: Served) -> None:
    assert served.differences() == []
