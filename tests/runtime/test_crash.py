"""Kill -9 during import and during serve: a few rounds of what ``tests.runtime.crash`` does hundreds of times."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from .crash import kill_import, kill_serve, kill_undo

ROUNDS = int(os.environ.get("RINGBOOK_CRASH_ROUNDS", "3"))


@pytest.mark.slow
def test_an_import_killed_again_and_again_ends_with_every_call_once(tmp_path: Path) -> None:
    kill_import(tmp_path, ROUNDS, random.Random(1))


@pytest.mark.slow
def test_a_serve_killed_again_and_again_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    kill_serve(tmp_path, ROUNDS, random.Random(2))


@pytest.mark.slow
def test_an_undoing_killed_again_and_again_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    kill_undo(tmp_path, 1 if ROUNDS == 3 else ROUNDS, random.Random(3))
