"""A home whose ledger is a ClickHouse cluster: by its address alone, every command gives the same answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.runtime.conftest import SCENARIOS, ringbook

FILES = [
    str(SCENARIOS / "asterisk" / "batch_120_calm" / name) for name in ("Master.csv", "cel.csv", "queue_log")
]
IMPORT = ["import", *FILES, "--timezone", "America/New_York", "--region", "US", "--json"]
DIFFERING = ("revision",)


def answers(home: Path) -> dict[str, Any]:
    """What a few commands say of a home into which the same files have been imported."""
    outcome = json.loads(_said(home, *IMPORT))
    listed = _said(home, "calls", "list", "--limit", "1000", "--json").splitlines()
    return {
        "imported": {name: outcome[name] for name in ("frames", "stated", "rejected", "noise", "calls_new")},
        "again": json.loads(_said(home, *IMPORT))["frames"],
        "calls": [{k: v for k, v in json.loads(line).items() if k not in DIFFERING} for line in listed],
        "missed": _said(home, "calls", "count", "outcome:missed,abandoned"),
        "verified": _said(home, "verify"),
    }


def _said(home: Path, *arguments: str) -> str:
    """What a command that went well printed; one that failed says why, and is not taken for one that found nothing."""
    done = ringbook(home, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_cluster_gives_the_same_answers_as_the_embedded_store(cluster_address: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    there.mkdir()
    address = cluster_address.replace("/ringbook?", "/elsewhere?")
    (there / "ringbook.toml").write_text(f'[ledger]\naddress = "{address}"\n')
    embedded, clustered = answers(here), answers(there)
    assert embedded == clustered
    assert (len(embedded["calls"]), embedded["again"]) == (120, 0)
    assert not (there / "ledger").exists()
