"""What is generated is what the description says, and what users of it type-check against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ringbook.client
from ringbook.web.api.generate_client import PLACE, module

USE = """
from ringbook.client import Call, Ringbook


def first(client: Ringbook) -> Call | None:
    for call in client.calls("outcome:missed"):
        name: str | None = call.from_.name
        return call if name else None
    note = client.add_note("x", text="y")
    client.change_note("x", note.id, text="z", version=note.version)
    return None
"""


def test_the_generated_client_is_up_to_date() -> None:
    assert PLACE.read_text() == module(), "run: python -m ringbook.web.api.generate_client"


def test_users_of_the_client_type_check_strictly(tmp_path: Path) -> None:
    use = tmp_path / "use.py"
    use.write_text(USE)
    source = Path(ringbook.client.__file__).parents[2]
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file",
            "/dev/null",
            "--cache-dir",
            str(tmp_path),
            str(use),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(source), "PATH": ""},
    )
    assert told.returncode == 0, told.stdout
