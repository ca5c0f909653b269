"""The published scenarios through import, store and query: what comes back is what the records' fold told, field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ringbook.model.call import Call
from ringbook.model.public import public
from ringbook.model.source import Source
from tests.fold import fold

from .conftest import SCENARIOS, Served

ASTERISK = {
    "Master.csv": "asterisk_cdr_csv",
    "cdr-custom-Master.csv": "asterisk_cdr_custom",
    "cel.csv": "asterisk_cel",
    "queue_log": "asterisk_queue_log",
}
FREESWITCH = {
    "json_cdr": "freeswitch_json_cdr",
    "xml_cdr": "freeswitch_xml_cdr",
    "cdr-csv": "freeswitch_cdr_csv",
}
FOLDERS = sorted(path.parent for path in SCENARIOS.rglob("truth.jsonl"))


def name(folder: Path) -> str:
    """The scenario's name."""
    return "-".join(folder.relative_to(SCENARIOS).parts)


def kinds(folder: Path) -> list[list[tuple[str, Path]]]:
    """The sets of files that tell the folder's calls, each to be imported as a phone system of its own."""
    if "freeswitch" in folder.relative_to(SCENARIOS).parts:
        forms = [(slug, sorted((folder / part).glob("*"))) for part, slug in FREESWITCH.items()]
        return [[(slug, path) for path in paths] for slug, paths in forms if paths]
    there = [(slug, folder / part) for part, slug in ASTERISK.items() if (folder / part).exists()]
    detailed = [pair for pair in there if pair[0] != "asterisk_cdr_custom"]
    custom = [pair for pair in there if pair[0] != "asterisk_cdr_csv"]
    return [detailed] if custom == detailed else [detailed, custom]


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_the_store_gives_back_what_the_records_told(served: Served, folder: Path) -> None:
    for number, files in enumerate(kinds(folder)):
        source = Source(f"{name(folder)}-{number}", timezone="America/New_York", region="US")
        told = served.take(
            *(path for _, path in files), source=source.name, timezone=source.timezone, region=source.region
        )
        assert (told["skipped"], told["result"]["rejected"]) == ([], {})
        stored = served.calls(f"source:{source.name}")
        expected = [shape(call) for call in fold(files, source)]
        assert {call["revision"] for call in stored} <= {1}
        assert sorted(stored, key=identity) == sorted(expected, key=identity)


def shape(call: Call) -> dict[str, Any]:
    """The call as JSON gives it back."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(public(call)))
    return decoded


def identity(call: dict[str, Any]) -> str:
    """What tells calls apart."""
    return str(call["id"])


def test_the_accounts_add_up_after_all_this(served: Served) -> None:
    assert served.differences() == []
