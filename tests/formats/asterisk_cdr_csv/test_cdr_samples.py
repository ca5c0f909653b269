"""Genuine rows of others, read where they are kept beside the project; skipped where they are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.fold import fold, statements

from ringbook.model.call import Outcome
from ringbook.model.source import Source
from ringbook.parse.registry import named, sniff

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
FILES = sorted((SAMPLES / "asterisk_cdr_csv").glob("*.csv"))
EXPECTED = sorted((SAMPLES / "asterisk_testsuite_expected_cdr").glob("*.yaml"))
HERE = Source("pbx", timezone="UTC", region="US")


@pytest.mark.skipif(not FILES, reason="the samples are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_genuine_rows_are_recognised_and_none_is_rejected(path: Path) -> None:
    data = path.read_bytes()
    assert sniff(data, path.name)[0][1].about.slug == "asterisk_cdr_csv"
    said, rejects = statements(named("asterisk_cdr_csv"), data, HERE)
    assert not rejects
    assert len(said) == len(data.splitlines())
    told = fold([("asterisk_cdr_csv", data)], HERE)
    assert {call.outcome for call in told} == {Outcome.MACHINE}, (
        "a console extension that answers and hangs up"
    )


@pytest.mark.skipif(not EXPECTED, reason="the samples are not here")
@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_rows_that_asterisks_own_tests_expect_tell_sensible_calls(path: Path) -> None:
    for line in _expected_lines(path.read_text()):
        data = _record(line).encode()
        said, rejects = statements(named("asterisk_cdr_csv"), data, HERE)
        assert not rejects, (line, rejects)
        assert len(said) == 1
        [call] = fold([("asterisk_cdr_csv", data)], HERE)
        disposition, dialled = line.get("disposition", ""), line.get("dchannel", "")
        if disposition == "ANSWERED" and not dialled:
            assert call.outcome is not Outcome.ANSWERED, line
        if disposition in ("NO ANSWER", "BUSY", "FAILED", "CONGESTION"):
            assert call.outcome not in (Outcome.ANSWERED, Outcome.MACHINE, Outcome.VOICEMAIL), line
        if disposition == "BUSY" and dialled:
            assert call.outcome is Outcome.BUSY, line


def _expected_lines(text: str) -> list[dict[str, str]]:
    """The rows under ``lines:``, each field a pattern; a full YAML reader is not needed for these."""
    found: list[dict[str, str]] = []
    for line in text.splitlines():
        if re.fullmatch(r"\s*-\s*", line):
            found.append({})
        elif found and (field := re.fullmatch(r"\s*-?\s*([a-z]+): *['\"](.*)['\"]\s*", line)):
            if line.strip().startswith("-"):
                found.append({})
            found[-1][field[1]] = field[2]
    return [one for one in found if "disposition" in one]


def _record(line: dict[str, str]) -> str:
    """The row as cdr_csv would have written it, the patterns filled in."""

    def plain(name: str) -> str:
        text = line.get(name, "").replace("-.*", "-00000001").replace(".*/", "PJSIP/").replace(".*", "")
        return text.replace("\\", "").replace("(", "").replace(")", "").replace('"', '""')

    names = (
        "accountcode",
        "source",
        "destination",
        "dcontext",
        "callerid",
        "channel",
        "dchannel",
        "lastapp",
        "lastarg",
    )
    fields = ",".join(f'"{plain(name)}"' for name in names)
    answered = '"2026-11-21 12:00:03"' if line["disposition"] == "ANSWERED" else ""
    times = f'"2026-11-21 12:00:00",{answered},"2026-11-21 12:00:09",9,{6 if answered else 0}'
    disposition = line["disposition"].partition("|")[0].strip("()")
    return f'{fields},{times},"{disposition}","DOCUMENTATION"\n'
