"""Folders somewhere else: a real object store and a real SFTP server, from which files are taken once they are complete."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import obstore
import pytest
from obstore.store import from_url

from ringbook.config.settings import RecordingFolder
from ringbook.ledger.recordings import Catalogue
from ringbook.model.scope import Scope
from ringbook.recordings.remote import Access, RemoteAddressError, SftpFolder, _within
from ringbook.runtime.home import Home
from ringbook.runtime.recordings import pulling
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.pulling import PulledFolder
from ringbook.runtime.recordings.taking import Taker
from ringbook.runtime.recordings.watching import Positions

from ..recordings.test_places import s3
from ..web.browser.furnish_recordings import tones

__all__ = ["s3"]

GO_ON = threading.Event()


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any) -> Iterator[Home]:
    """A home of its own."""
    with Home.open(tmp_path_factory.mktemp("pulled")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once."""
    monkeypatch.setattr(pulling, "EVERY_S", 0.0)


def follow(home: Home, tmp_path: Path, **about: Any) -> PulledFolder:
    folder = RecordingFolder(source="office", **{"settle_s": 0.0, **about})
    positions = Positions(tmp_path / "positions.sqlite")
    return PulledFolder(folder, home.folder, positions, Taker(home, open_vault(home)))


def names(home: Home) -> list[str]:
    return sorted(one.name for one in Catalogue(home.ledger).page(Scope(), limit=500).items)


class Sftp:
    """An SFTP server in a thread: its port, the folder that it shows, and what proves it and its user."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root, self.keys = root, keys
        self._loop = asyncio.new_event_loop()
        host = asyncssh.generate_private_key("ssh-ed25519")
        user = asyncssh.generate_private_key("ssh-ed25519")
        user.write_private_key(str(keys / "id"))
        user.write_public_key(str(keys / "id.pub"))
        self._host = host
        self.port = self._loop.run_until_complete(self._begun(host))
        (keys / "known").write_bytes(f"[127.0.0.1]:{self.port} ".encode() + host.export_public_key())
        other = asyncssh.generate_private_key("ssh-ed25519")
        (keys / "wrong").write_bytes(f"[127.0.0.1]:{self.port} ".encode() + other.export_public_key())
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def _begun(self, host: asyncssh.SSHKey) -> int:
        self._server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host],
            authorized_client_keys=str(self.keys / "id.pub"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(self.root)),
        )
        return int(self._server.get_port())

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: Any) -> Iterator[Sftp]:
    """A running SFTP server."""
    (root := tmp_path_factory.mktemp("sftp") / "root").mkdir()
    (root / "monitor").mkdir()
    server = Sftp(root, tmp_path_factory.mktemp("keys"))
    yield server
    server.stop()


def old(file: Path, seconds: float = 3_600.0) -> Path:
    """The file, changed so many seconds ago."""
    os.utime(file, (time.time() - seconds, time.time() - seconds))
    return file


def test_an_sftp_folder_is_followed(home: Home, sftp: Sftp, tmp_path: Path) -> None:
    monitor = sftp.root / "monitor"
    (monitor / "2026").mkdir()
    old(tones(monitor / "2026" / "one.wav", 2.0, 1, 301.0))
    old(tones(monitor / "call-in.wav", 2.0, 1, 302.0))
    old(tones(monitor / "call-out.wav", 2.0, 1, 303.0))
    old(tones(monitor / ".hidden.wav", 2.0, 1, 304.0))
    (monitor / "link.wav").symlink_to("/etc/passwd")
    growing = tones(monitor / "growing.wav", 2.0, 1, 305.0)
    whole = growing.read_bytes()
    growing.write_bytes(whole[:9_000])
    old(growing, 60.0)
    (monitor / "notes.txt").write_text("no audio")
    about = {
        "path": f"sftp://someone@127.0.0.1:{sftp.port}/monitor",
        "identity_file": str(sftp.keys / "id"),
        "host_keys": str(sftp.keys / "known"),
        "delete_after": True,
    }
    folder = follow(home, tmp_path, **about)
    folder.look(GO_ON)
    assert folder.state.problem == ""
    assert names(home) == ["call.wav", "one.wav"]
    assert [one.channels for one in Catalogue(home.ledger).page(Scope(), limit=9).items if one.parts] == [2]
    left = sorted(path.name for path in monitor.rglob("*") if path.is_file())
    assert left == [".hidden.wav", "growing.wav", "link.wav", "notes.txt"]
    growing.write_bytes(whole)
    old(growing)
    folder.look(GO_ON)
    assert names(home) == ["call.wav", "growing.wav", "one.wav"]
    assert not growing.exists()
    assert folder.state.taken == 3
    folder.look(GO_ON)
    assert folder.state.taken == 3

    wrong = follow(home, tmp_path, **{**about, "host_keys": str(sftp.keys / "wrong")})
    wrong.look(GO_ON)
    assert "does not prove the key" in wrong.state.problem
    stranger = follow(home, tmp_path, **{**about, "identity_file": ""})
    stranger.look(GO_ON)
    assert "cannot be reached" in stranger.state.problem


def test_a_folder_in_an_object_store_is_followed(
    home: Home, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ACCESS_KEY_ID": "any", "SECRET_ACCESS_KEY": "any", "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    store: Any = from_url("s3://recordings/pbx", endpoint=s3, client_options={"allow_http": True})
    for name, pitch in (("day/two.wav", 311.0), ("three.wav", 312.0)):
        obstore.put(store, name, tones(tmp_path / "x.wav", 2.0, 1, pitch).read_bytes())
    obstore.put(store, "readme.txt", b"no audio")
    before = names(home)
    folder = follow(home, tmp_path, path="s3://recordings/pbx", endpoint=s3)
    folder.look(GO_ON)
    assert folder.state.problem == ""
    assert sorted({*names(home)} - {*before}) == ["three.wav", "two.wav"]
    again = follow(home, tmp_path, path="s3://recordings/pbx", endpoint=s3, delete_after=True)
    again.look(GO_ON)
    assert again.state.taken == 0, "what was taken is known after a restart"
    obstore.put(store, "four.wav", tones(tmp_path / "x.wav", 2.0, 1, 313.0).read_bytes())
    again.look(GO_ON)
    assert again.state.taken == 1
    there = [str(one["path"]) for page in obstore.list(store) for one in page]
    assert not [path for path in there if path.endswith("four.wav")]
    assert names(home) == sorted({*before, "two.wav", "three.wav", "four.wav"})


def test_a_file_that_changes_is_waited_for(home: Home, sftp: Sftp, tmp_path: Path) -> None:
    about = {
        "path": f"sftp://someone@127.0.0.1:{sftp.port}/monitor",
        "identity_file": str(sftp.keys / "id"),
        "host_keys": str(sftp.keys / "known"),
        "settle_s": 600.0,
    }
    fresh = tones(sftp.root / "monitor" / "fresh.wav", 2.0, 1, 306.0)
    folder = follow(home, tmp_path, **about)
    folder.look(GO_ON)
    assert (folder.state.taken, folder.state.waiting) == (0, 1)
    assert fresh.exists()


@pytest.mark.parametrize(
    "name", ["../up.wav", "/etc/a.wav", ".git/a.wav", "a\x00.wav", "a\\b.wav", "", "x/../../y.wav"]
)
def test_a_name_that_leads_elsewhere_is_passed_over(name: str) -> None:
    assert _within(name) is None


@pytest.mark.parametrize(
    "address", ["sftp:///x", "sftp://user:secret@host/x", "sftp://host", "sftp://host:x/y"]
)
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(RemoteAddressError):
        SftpFolder(address, Access())
