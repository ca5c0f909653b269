"""The vault of a home, opened as its settings say."""

from __future__ import annotations

from ringbook.recordings import master
from ringbook.recordings.keys import Keys
from ringbook.recordings.master import MasterKeys
from ringbook.recordings.places import MIB, Place
from ringbook.recordings.vault import Vault
from ringbook.runtime.home import Home

FOLDER = "recordings"
KEYS = "vault-keys.sqlite"
MASTER = "vault.key"


def open_vault(home: Home) -> Vault:
    """The vault of a home: one for all who ask, opened when it is first asked for, closed with the home."""
    with home.opening:
        if home.vault is None:
            home.vault = _opened(home)
        return home.vault


def _opened(home: Home) -> Vault:
    settings = home.settings.recordings
    options = (
        {"endpoint": settings.endpoint, "client_options": {"allow_http": True}} if settings.endpoint else {}
    )
    place = Place(settings.place, home.folder / FOLDER, settings.keep_free_mb * MIB, options)
    return Vault(place, Keys(home.folder / KEYS, _master(home)))


def _master(home: Home) -> MasterKeys:
    settings = home.settings.recordings
    if settings.key.reveal():
        return MasterKeys(settings.key.reveal(), "recordings.key")
    if settings.key_command:
        return master.from_command(settings.key_command)
    return master.from_file(home.folder / MASTER)
