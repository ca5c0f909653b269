#!/usr/bin/env python3
"""Verifies an evidence pack made by Ringbook. Needs Python 3.9 or later and nothing else: no network, no Ringbook.

    python3 verify.py PACK.zip              an archive
    python3 verify.py FOLDER                an archive that was unpacked
    python3 verify.py PACK.zip --key HEX    and that it was signed with this key

It reads every file, compares its size and SHA-256 with those of the manifest, finds files that are missing or were added, checks
the manifest's Ed25519 signature (RFC 8032), and the hash of each entry of the access logs. It changes nothing. It ends with
status 0 if all is as it was made, with 1 if it is not, with 2 if there is no pack to verify.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
UNLISTED = (MANIFEST, SIGNATURE)
LARGEST_MANIFEST = 256 << 20
BLOCK = 1 << 20


class Fault(NamedTuple):
    """One thing that is not as it was made: the file that it is about, and what is wrong."""

    file: str
    problem: str


class Verdict(NamedTuple):
    """What was found: the faults, the key that the manifest names, and the manifest (empty if it cannot be read)."""

    faults: list[Fault]
    key: str
    manifest: dict[str, Any]
    files: int


# --- the signature: Ed25519 as in RFC 8032, section 5.1 ---------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]


def _added(a: Point, b: Point) -> Point:
    one, two = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    three, four = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(factor: int, point: Point) -> Point:
    product: Point = (0, 1, 1, 0)
    while factor > 0:
        if factor & 1:
            product = _added(product, point)
        point = _added(point, point)
        factor >>= 1
    return product


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _x(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _x(_BASE_Y, 0) or 0
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of 64 bytes is that of a message under a public key of 32 bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public), _point(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or answer >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return _same(_times(answer, BASE), _added(commitment, _times(challenge, key)))


# --- where the files are ----------------------------------------------------------------------------------------------


class Unreadable(Exception):  # noqa: N818 - a file that cannot be read
    """A file that cannot be read, and why."""


class Archive:
    """A pack as it was made: one ZIP file."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError) as error:
            raise Unreadable(f"not a ZIP archive, or cut off: {error}") from error
        self._file = file
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._twice: list[str] = []
        for one in self._zip.infolist():
            if one.filename in self._parts:
                self._twice.append(one.filename)
            self._parts[one.filename] = one

    def names(self) -> list[str]:
        """The files in it."""
        return list(self._parts)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the archive itself: a name twice, or bytes that are of no file and could hide something."""
        for name in self._twice:
            yield Fault(name, "is in the archive more than once")
        position = 0
        for one in sorted(self._parts.values(), key=lambda one: one.header_offset):
            self._file.seek(one.header_offset)
            head = self._file.read(30)
            if one.header_offset != position or len(head) < 30 or head[:4] != b"PK\x03\x04":
                yield Fault(
                    one.filename,
                    "does not lie in the archive where it was put: bytes were added or taken out",
                )
                return
            flags, name, extra = struct.unpack("<H18x2H", head[6:30])
            if flags & ~0x800:
                yield Fault(one.filename, "is packed in another way than it was")
            position += 30 + name + extra + one.compress_size
        if self._zip.start_dir != position or not self._ends():
            yield Fault("", "the archive holds bytes that belong to none of its files")

    def _ends(self) -> bool:
        """Whether the list of files is followed by the end of the archive and by nothing else."""
        end = self._file.seek(0, 2)
        tail = self._tail(end, 22)
        listed, comment = struct.unpack("<12xI4xH", tail)
        if tail[:4] != b"PK\x05\x06" or comment:
            return False
        after = 22
        if end >= 98 and self._tail(end, 42)[:4] == b"PK\x06\x07":  # more than 4 GiB, or than 65,535 files
            after = 98
            listed = struct.unpack("<40xQ8x", self._tail(end, 98)[:56])[0]
        return bool(self._zip.start_dir + listed + after == end)

    def _tail(self, end: int, size: int) -> bytes:
        self._file.seek(end - size)
        return self._file.read(size)

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file.

        :raises Unreadable: it is damaged.
        """
        try:
            with self._zip.open(self._parts[name]) as source:
                while block := source.read(BLOCK):
                    yield block
        except Exception as error:
            raise Unreadable(f"cannot be read: {error}") from error


class Folder:
    """A pack that was unpacked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """The files in it; links are among them, whatever they lead to."""
        found = [one for one in self._folder.rglob("*") if one.is_symlink() or not one.is_dir()]
        return [one.relative_to(self._folder).as_posix() for one in found]

    def faults(self) -> Iterator[Fault]:
        """None of the folder itself."""
        return iter(())

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file.

        :raises Unreadable: it is a link, or cannot be read.
        """
        place = self._folder / name
        if place.is_symlink():
            raise Unreadable("is a link, no file")
        try:
            with place.open("rb") as source:
                while block := source.read(BLOCK):
                    yield block
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from error


# --- what is verified -------------------------------------------------------------------------------------------------


def verified(pack: Any) -> Verdict:
    """What is not as it was made in an Archive or a Folder."""
    faults: list[Fault] = []
    names = pack.names()
    try:
        text, signature = _whole(pack, names, MANIFEST, LARGEST_MANIFEST), _whole(pack, names, SIGNATURE, 200)
        manifest = json.loads(text.decode("utf-8"))
        key = str(manifest["signed_by"]["public_key"])
        listed = {str(one["name"]): (int(one["size"]), str(one["sha256"])) for one in manifest["files"]}
    except Unreadable as error:
        return Verdict([Fault(MANIFEST, str(error))], "", {}, 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Verdict([Fault(MANIFEST, "is no manifest of an evidence pack")], "", {}, 0)
    if not _signs(key, text, signature):
        faults.append(
            Fault(MANIFEST, "was changed after it was signed: its signature is not that of its key")
        )
    faults += pack.faults()
    for name in sorted(set(names) - set(listed) - set(UNLISTED)):
        faults.append(Fault(name, "was added: the manifest does not know it"))
    for name, (size, digest) in sorted(listed.items()):
        problem = _problem(pack, name, size, digest) if name in names else "is missing"
        if problem:
            faults.append(Fault(name, problem))
        elif name.endswith("/access.json"):
            faults += [Fault(name, one) for one in _entries(pack, name)]
    return Verdict(faults, key, manifest, len(listed))


def _whole(pack: Any, names: list[str], name: str, most: int) -> bytes:
    if name not in names:
        raise Unreadable(f"{name} is missing")
    found = io.BytesIO()
    for block in pack.read(name):
        found.write(block)
        if found.tell() > most:
            raise Unreadable(f"{name} is too large")
    return found.getvalue()


def _signs(key: str, text: bytes, signature: bytes) -> bool:
    try:
        return signed(bytes.fromhex(key), text, bytes.fromhex(signature.decode("ascii").strip()))
    except ValueError:
        return False


def _problem(pack: Any, name: str, size: int, digest: str) -> str:
    hasher, found = hashlib.sha256(), 0
    try:
        for block in pack.read(name):
            hasher.update(block)
            found += len(block)
            if found > size:
                return "was changed: it is longer than it was"
    except Unreadable as error:
        return str(error)
    if found != size:
        return "was changed: it is shorter than it was"
    return "" if hasher.hexdigest() == digest else "was changed: its SHA-256 is another"


def _entries(pack: Any, name: str) -> Iterator[str]:
    """What is wrong with the entries of an access log: each carries a hash over what it says and over the entry before."""
    try:
        for one in json.loads(_whole(pack, [name], name, LARGEST_MANIFEST).decode("utf-8"))["entries"]:
            told = [one["previous"], one["tenant"], one["at"], one["actor"], one["actor_name"], one["action"]]
            told += [one["subject"], one["address"], one["detail_hash"]]
            digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
            sealed = hashlib.sha256((one["salt"] + "\n" + one["detail_text"]).encode()).hexdigest()
            forgotten = not one["salt"] and not one["detail_text"]
            if digest != one["hash"] or not (forgotten or sealed == one["detail_hash"]):
                yield f"entry {one['seq']} of the audit log is not as it was written"
    except (Unreadable, ValueError, KeyError, TypeError):
        yield "is no access log"


def fingerprint(key: str) -> str:
    """A key's public part in groups of four, to be read aloud."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def opened(place: str) -> Any:
    """The pack at a place.

    :raises Unreadable: there is none.
    """
    there = Path(place)
    if there.is_dir():
        return Folder(there)
    try:
        return Archive(there.open("rb"))
    except OSError as error:
        raise Unreadable(f"{place}: {error.strerror}") from error


def main(arguments: list[str]) -> int:
    """Verify what the command line names, and say what was found."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack made by Ringbook.")
    here = str(Path(__file__).resolve().parent)
    parser.add_argument("pack", nargs="?", default=here, help="the archive, or the folder it was unpacked to")
    parser.add_argument(
        "--key", default="", help="the public key that it must be signed with, in hexadecimal"
    )
    asked = parser.parse_args(arguments)
    try:
        verdict = verified(opened(asked.pack))
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    faults = list(verdict.faults)
    wanted = "".join(asked.key.lower().split())
    if wanted and wanted != verdict.key:
        faults.append(Fault(MANIFEST, "is signed with another key than the one that you gave"))
    for fault in faults:
        sys.stdout.write(f"{fault.file or 'archive'}: {fault.problem}\n")
    if faults:
        sys.stdout.write(f"NOT as it was made: {len(faults)} fault(s).\n")
        return 1
    made = verdict.manifest
    sys.stdout.write(
        f"{verdict.files} files, all as they were made by {made.get('made_by')} on {made.get('made_at')}.\n"
        f"Signed with the key {fingerprint(verdict.key)}\n"
    )
    if not wanted:
        sys.stdout.write(
            "Whether that key is the one of the organisation, only the organisation can tell you: ask for it on another\n"
            "way than the one on which you got the pack, and give it with --key.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
