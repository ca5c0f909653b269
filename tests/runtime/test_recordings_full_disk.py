"""A disk that becomes full while a recording is written: it is taken whole later, and nothing is left of the first try."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ringbook.ledger.recordings import Catalogue
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.recordings.errors import VaultFullError
from ringbook.recordings.places import Place
from ringbook.recordings.vault import ORIGINAL, PEAKS, PLAY
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.hand import verify
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.sweeping import Swept, sweep
from ringbook.runtime.recordings.taking import Taker


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def home(tmp_path: Path, disk: Path) -> Iterator[Home]:
    """A home whose recordings lie on that disk."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "ringbook.toml").write_text("[recordings]\nkeep_free_mb = 0\n")
    (folder / "recordings").symlink_to(disk)
    with Home.open(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: Any) -> Path:
    """A recording that browsers cannot play as it is: 48 kB, and a copy that they can."""
    file: Path = tmp_path_factory.mktemp("recorded") / "in.wav"
    noise = np.random.default_rng(5).normal(0, 0.1, 30 * 8_000)
    soundfile.write(file, noise, 8_000, "GSM610", format="WAV")
    return file


def filled(disk: Path, but: int) -> Path:
    """A file that takes all of the disk but so many bytes."""
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as sink:
        while True:
            sink.write(b"\0" * 4096)
    os.truncate(filler, filler.stat().st_size - but)
    return filler


@pytest.mark.parametrize("room", [32_768, 65_536], ids=["original", "copy to play"])
def test_nothing_is_left_and_it_is_taken_when_there_is_room(
    home: Home, disk: Path, file: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = open_vault(home)
    taker, filler = Taker(home, vault), filled(disk, room)
    with monkeypatch.context() as patched, pytest.raises(VaultFullError, match="full"):
        patched.setattr(Place, "room", lambda _: None)  # another program took it in the same moment
        taker.take(file, "pbx")
    assert Catalogue(home.ledger).page(Scope(), limit=10).items == []
    filler.unlink()
    begun = room > file.stat().st_size
    assert sweep(home, vault) == Swept(removed=int(begun))
    assert [path for path in disk.rglob("*") if path.is_file()] == []

    taken = taker.take(file, "pbx").recording
    assert {form.form for form in taken.stored} == {ORIGINAL, PLAY, PEAKS}
    assert list(vault.recordings(MAIN_TENANT)) == [taken.id]
    *damage, told = verify(home)
    assert (damage, told["recordings"]) == ([], 1)
