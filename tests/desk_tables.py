"""The empty tables of a desk, made once for a whole run of tests: making them takes longer than what most tests ask of a desk.

That a new home gets its tables is seen by the tests that start on nothing: of commands, and of what the documents say.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

TABLES = "desk.sqlite"
FOLDER = "RINGBOOK_TEST_TABLES"
"""Where they are kept, as an environment variable: a folder that all processes of a run know."""


def bring(home: Path) -> None:
    """Have the tables in a home that has none, unless its settings may name another database."""
    settings = home / "ringbook.toml"
    if FOLDER not in os.environ or (home / TABLES).exists():
        return
    if not (settings.exists() and "[desk]" in settings.read_text()):
        shutil.copyfile(_made(Path(os.environ[FOLDER])), home / TABLES)


def _made(folder: Path) -> Path:
    """The tables, made by the process that asks first."""
    home, draft = folder / "tables", folder / "tables-draft"
    with (folder / "tables-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            command = [sys.executable, "-m", "ringbook", "--home", str(draft), "people", "list"]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
            assert [file.name for file in draft.glob(f"{TABLES}*")] == [TABLES], "all of it is in one file"
            draft.rename(home)
    return home / TABLES
