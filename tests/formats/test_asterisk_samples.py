"""Other people's Asterisk records, read where they lie: nothing of them is rejected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringbook.model.source import Source
from ringbook.parse.registry import named
from tests.fold import fold, statements

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
SOURCE = Source("sample", timezone="UTC")
CEL = sorted((SAMPLES / "asterisk_cel").glob("*.csv"))
DUMPS = sorted((SAMPLES / "asterisk_sql").glob("*.sql"))


@pytest.mark.skipif(not CEL, reason="the samples are not here")
@pytest.mark.parametrize("path", CEL, ids=lambda path: path.stem)
def test_channel_events_before_asterisk_12(path: Path) -> None:
    said, rejects = statements(named("asterisk_cel"), path.read_bytes(), SOURCE)
    assert not rejects
    assert len(said) == len(path.read_text().splitlines())
    [call] = fold([("asterisk_cel", path)], SOURCE)
    assert call.ended_at is not None
    assert call.ended_at > call.started_at


@pytest.mark.skipif(not DUMPS, reason="the samples are not here")
@pytest.mark.parametrize("path", DUMPS, ids=lambda path: path.stem)
def test_rows_of_the_cel_table(path: Path) -> None:
    rows = cel_rows(path.read_text(encoding="utf-8", errors="replace"))
    if not rows:
        pytest.skip("no rows of the cel table in this dump")
    said, rejects = statements(named("asterisk_cel"), "\n".join(rows).encode(), SOURCE)
    assert not [(piece.data[:200], reject) for piece, reject in rejects]
    assert len(said) == len(rows) - 1
    calls = fold([("asterisk_cel", "\n".join(rows).encode())], SOURCE)
    assert all(call.talk_s is None or call.talk_s >= 0 for call in calls)


def cel_rows(dump: str) -> list[str]:
    """A dump's rows of the ``cel`` table as CSV with a header; empty if it has none."""
    table = re.search(r"CREATE TABLE `cel` \((.*?)\n\)", dump, re.DOTALL)
    columns = re.findall(r"^\s*`(\w+)`", table[1], re.MULTILINE) if table else []
    found: list[str] = []
    for insert in re.finditer(
        r"INSERT INTO `cel`\s*(?:\(([^)]*)\))?\s*VALUES\s*(.*?);\s*\n", dump, re.DOTALL
    ):
        named_columns = re.findall(r"`(\w+)`", insert[1] or "") or columns
        found = found or [",".join(named_columns)]
        for row in re.finditer(r"\(((?:'(?:[^'\\]|\\.|'')*'|[^()'])*)\)", insert[2]):
            values = re.findall(r"'((?:[^'\\]|\\.|'')*)'|(NULL|-?[\d.]+)", row[1])
            texts = [
                plain.replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\") or bare
                for plain, bare in values
            ]
            found.append(",".join('"' + text.replace('"', '""') + '"' for text in texts))
    return found
