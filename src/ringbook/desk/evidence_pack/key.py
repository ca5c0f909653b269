"""The key that evidence packs are signed with: Ed25519, made at first use, in a file of the home for its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ringbook.desk.evidence_pack.errors import SigningKeyError

FILE = "evidence.key"


class SigningKey:
    """The signing key of a home. Whoever has its file can sign packs in the organisation's name."""

    def __init__(self, folder: Path) -> None:
        self._key = _read(folder / FILE) if (folder / FILE).exists() else _made(folder / FILE)

    @property
    def public(self) -> str:
        """The public key: 32 bytes in hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def signature(self, message: bytes) -> str:
        """The signature of a message: 64 bytes in hexadecimal."""
        return self._key.sign(message).hex()


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    except (OSError, ValueError) as error:
        raise SigningKeyError(
            f"{file} is not the key that evidence is signed with ({type(error).__name__}); put back the file as it was"
        ) from error


def _made(file: Path) -> Ed25519PrivateKey:
    """A new key. Of two that are made at the same moment, the one that got its name first is the key."""
    key = Ed25519PrivateKey.generate()
    draft = file.with_name(f"{file.name}.{os.getpid()}-{id(key):x}.draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as sink:
            sink.write(key.private_bytes_raw().hex() + "\n")
            sink.flush()
            os.fsync(sink.fileno())
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            return _read(file)
        return key
    except OSError as error:
        raise SigningKeyError(
            f"the key that evidence is signed with cannot be written: {error.strerror}"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
