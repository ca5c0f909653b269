"""Writing a pack: files into one ZIP, each hashed as it goes by, and at the end the manifest of all of them, signed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from ringbook.desk.evidence_pack.key import SigningKey
from ringbook.desk.evidence_pack.verify import MANIFEST, SIGNATURE


class File(msgspec.Struct, frozen=True):
    """A file of a pack."""

    name: str
    size: int
    sha256: str


class Writing:
    """A pack that is being written. Memory does not grow with it: whatever is large comes and goes in parts."""

    def __init__(self, place: Path, at: datetime) -> None:
        self._zip = zipfile.ZipFile(place, "w", allowZip64=True)
        self._at = at.timetuple()[:6]
        self.files: list[File] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def put(self, name: str, parts: Iterable[bytes], *, packed: bool = True) -> File:
        """Add a file; ``packed`` makes it smaller, which audio seldom gets."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._info(name, packed=packed), "w", force_zip64=True) as sink:
            for part in parts:
                digest.update(part)
                size += len(part)
                sink.write(part)
        file = File(name, size, digest.hexdigest())
        self.files.append(file)
        return file

    def text(self, name: str, text: str) -> File:
        """Add a text."""
        return self.put(name, [text.encode()])

    def json(self, name: str, value: Any) -> File:
        """Add a value as JSON that people can read, too."""
        return self.text(name, _json(value))

    def sign(self, key: SigningKey, about: Mapping[str, Any]) -> str:
        """Add the manifest of all files and its signature; gives the manifest's SHA-256."""
        signed_by = {"algorithm": "Ed25519", "public_key": key.public}
        told = {**about, "signed_by": signed_by, "files": [msgspec.to_builtins(file) for file in self.files]}
        text = _json(told).encode()
        self.put(MANIFEST, [text])
        self.put(SIGNATURE, [f"{key.signature(text)}\n".encode()])
        return hashlib.sha256(text).hexdigest()

    def _info(self, name: str, *, packed: bool) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return info


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
