"""The master key of the vault: where it comes from, and what it looks like.

A text of one or more lines, each a key's name, a colon, and 32 bytes in base64. The last line is the newest: new recordings'
keys are wrapped by it. Older ones stay as long as keys are wrapped by them. Made by :func:`fresh`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ringbook.recordings.errors import VaultKeyError

_LINE = re.compile(r"([A-Za-z0-9._-]{1,40}):([A-Za-z0-9+/=]+)")
COMMAND_S = 30


class MasterKeys:
    """The master keys by name; ``newest`` is the name of the one in use."""

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        self._keys: dict[str, bytes] = {}
        for number, line in enumerate(text.split(), 1):
            found = _LINE.fullmatch(line)
            key = _decoded(found[2]) if found else b""
            if not found or len(key) != 32:
                raise VaultKeyError(
                    f"line {number} of {where} is not a key: write a name, a colon and 32 bytes in base64, "
                    "as 'ringbook recordings new-key' prints them"
                )
            self._keys[found[1]] = key
        if not self._keys:
            raise VaultKeyError(f"there is no key in {where}; 'ringbook recordings new-key' prints one")
        self.newest = list(self._keys)[-1]

    def key(self, name: str) -> bytes:
        """The key of that name."""
        if name not in self._keys:
            raise VaultKeyError(
                f"recordings are sealed under the master key {name!r}, which {self._where} does not have; add its line again"
            )
        return self._keys[name]


def fresh() -> str:
    """A line with a new key, named by the present day and something of its own."""
    name = f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(2)}"
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}\n"


def from_file(file: Path) -> MasterKeys:
    """The master keys of a file, which is made with a new one, for its owner alone, if it does not exist."""
    if not file.exists():
        draft = file.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as sink:
            sink.write(fresh())
            sink.flush()
            os.fsync(sink.fileno())
        draft.replace(file)
    return MasterKeys(file.read_text(), str(file))


def from_command(command: str) -> MasterKeys:
    """The master keys that a command prints: one that asks a key server or a hardware module."""
    try:
        told = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=COMMAND_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise VaultKeyError(
            f"the command for the vault's master key failed ({type(error).__name__}): {command}"
        ) from error
    return MasterKeys(told.stdout, f"what {command!r} prints")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
