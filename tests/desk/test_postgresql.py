"""The desk on PostgreSQL: the same tests, and a person who signs in to a ``serve`` that keeps its people there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ..runtime.conftest import ringbook, start, stop
from .postgres import create, running

ROOT = Path(__file__).parents[2]
NESTED = "RINGBOOK_TEST_DATABASE" in os.environ

ELSEWHERE = (
    *("browser", "test_api_schema.py", "test_routes.py", "test_messages.py", "test_style.py"),
    *(
        "test_style_contrast.py",
        "test_overview.py",
        "test_calls_questions.py",
        "test_calls_tags.py",
        "test_sources.py",
    ),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NESTED, reason="these tests are running on PostgreSQL already"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A real server of our own."""
    with running() as address:
        yield address


def test_the_same_tests_pass_on_postgresql(server: str) -> None:
    """Those of the desk and the pages, in a process whose database is on the server.

    Left out are those for which the database makes no difference: they look at files, at calls, or at a ``serve`` of their own;
    the ``conftest`` of all tests leaves out those that ask no database.
    """
    told = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/desk", "tests/web"),
            *(f"--ignore=tests/web/{name}" for name in ELSEWHERE),
            *("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-rf"),
        ],
        cwd=ROOT,
        env={**os.environ, "RINGBOOK_TEST_DATABASE": f"{server}/ringbook"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1_800,
    )
    assert told.returncode == 0, told.stdout[-6_000:]
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed is None or int(passed[1]) > 100
    assert told.stdout.count(".") > 100, "the tests ran"


def test_a_person_signs_in_to_a_desk_on_postgresql(server: str, tmp_path: Path) -> None:
    address = create(server, "journey")
    (tmp_path / "ringbook.toml").write_text(f'[desk]\ndatabase = "{address}"\n')
    process, here = start(tmp_path)
    try:
        added = ringbook(
            tmp_path,
            *(
                "people",
                "add",
                "olga@example.com",
                "--role",
                "owner",
                "--name",
                "Olga Orr",
                "--password-stdin",
            ),
            input="a long enough phrase\n",
        )
        assert added.returncode == 0, added.stderr
        with httpx.Client(base_url=here, headers={"Referer": here}) as browser:
            browser.get("/sign-in/")
            form = {"login": "olga@example.com", "password": "a long enough phrase"}
            token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            answer = browser.post("/sign-in/", data=form | token)
            assert answer.status_code == 302, answer.text[:2_000]
            assert "Olga Orr" in browser.get("/profile/").text
        verified = ringbook(tmp_path, "audit", "verify")
        assert verified.returncode == 0, verified.stdout
        assert verified.stdout.startswith("The audit log is whole: 3 entries")  # set-up link, person, session
        assert not (tmp_path / "desk.sqlite").exists()
    finally:
        stop(process)
