"""The stand-alone verifier: its signatures agree with a library's, and whatever is done to a pack is found and named."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.desk.evidence_pack import verify
from ringbook.desk.evidence_pack.archive import Writing
from ringbook.desk.evidence_pack.errors import SigningKeyError
from ringbook.desk.evidence_pack.key import FILE, SigningKey
from ringbook.desk.evidence_pack.verify import Archive, Fault, Folder, Unreadable, signed, verified

pytestmark = pytest.mark.skipif("RINGBOOK_TEST_DATABASE" in os.environ, reason="no database has a part in it")
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CONTENTS = {
    "README.txt": b"read me\n" * 20,
    "calls/a/call.json": b'{"id": "a"}\n',
    "calls/a/frames/0001.bin": bytes(range(256)),
    "calls/a/audio/b.wav": b"RIFF" + bytes(3_000),
    "calls/a/empty.bin": b"",
}
VECTORS = (  # RFC 8032, section 7.1
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small pack."""
    folder = tmp_path_factory.mktemp("pack")
    with Writing(folder / "pack.zip", AT) as sink:
        for name, data in CONTENTS.items():
            sink.put(name, [data], packed=not name.endswith(".wav"))
        sink.sign(SigningKey(folder), {"made_by": "Olga Orr", "made_at": "2026-11-20T09:30:00Z"})
    return (folder / "pack.zip").read_bytes()


def faults(data: bytes) -> list[Fault]:
    try:
        return verified(Archive(io.BytesIO(data))).faults
    except Unreadable as error:
        return [Fault("", str(error))]


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(key: str, message: str, signature: str) -> None:
    assert signed(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), place=st.integers(0, 511))
def test_signatures_agree_with_those_of_a_library(seed: bytes, message: bytes, place: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert signed(public, message, signature)
    assert not signed(public, message + b"x", signature)
    flipped = bytearray(signature)
    flipped[place // 8] ^= 1 << place % 8
    assert signed(public, message, bytes(flipped)) is _library_says(public, message, bytes(flipped)) is False


def _library_says(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_signature_that_is_as_good_but_not_the_one_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    other = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not signed(public, b"x", signature[:32] + other.to_bytes(32, "little"))
    assert not signed(public, b"x", b"")
    assert not signed(b"\xff" * 32, b"x", signature)


def test_a_pack_is_as_it_was_made_packed_and_unpacked(pack: bytes, tmp_path: Path) -> None:
    verdict = verified(Archive(io.BytesIO(pack)))
    assert verdict.faults == []
    assert verdict.files == len(CONTENTS)
    zipfile.ZipFile(io.BytesIO(pack)).extractall(tmp_path)
    assert verified(Folder(tmp_path)).faults == []


@settings(max_examples=120, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_of_a_pack_changes_unseen(pack: bytes, where: float, bit: int) -> None:
    """A flip is found; or it is in a byte of the archive that means nothing, and every file is still what it was."""
    changed = bytearray(pack)
    changed[int(where * len(pack))] ^= 1 << bit
    if not faults(bytes(changed)):
        assert contents(bytes(changed)) == contents(pack)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from([name for name, data in CONTENTS.items() if data] + [verify.MANIFEST]),
    where=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
)
def test_a_changed_file_is_named(pack: bytes, name: str, where: float, bit: int) -> None:
    files = contents(pack)
    changed = bytearray(files[name])
    changed[int(where * len(changed))] ^= 1 << bit
    found = faults(packed({**files, name: bytes(changed)}))
    assert name in {fault.file for fault in found}
    if name != verify.MANIFEST:
        assert found == [Fault(name, "was changed: its SHA-256 is another")]


def test_a_file_that_is_missing_or_was_added_is_named(pack: bytes, tmp_path: Path) -> None:
    files = contents(pack)
    lacking = {name: data for name, data in files.items() if name != "calls/a/audio/b.wav"}
    assert faults(packed(lacking)) == [Fault("calls/a/audio/b.wav", "is missing")]
    more = {**files, "calls/a/more.txt": b"x"}
    assert faults(packed(more)) == [Fault("calls/a/more.txt", "was added: the manifest does not know it")]
    for unlisted in (verify.MANIFEST, verify.SIGNATURE):
        found = faults(packed({name: data for name, data in files.items() if name != unlisted}))
        assert [fault.problem for fault in found] == [f"{unlisted} is missing"]
    zipfile.ZipFile(io.BytesIO(pack)).extractall(tmp_path)
    (tmp_path / "README.txt").unlink()
    (tmp_path / "README.txt").symlink_to("/etc/hostname")
    (tmp_path / "hidden").symlink_to(tmp_path / "calls", target_is_directory=True)
    assert {(fault.file, fault.problem) for fault in verified(Folder(tmp_path)).faults} == {
        ("README.txt", "is a link, no file"),
        ("hidden", "was added: the manifest does not know it"),
    }


def test_bytes_between_the_files_of_an_archive_are_found(pack: bytes) -> None:
    assert faults(pack + b"hidden") != []
    assert faults(b"hidden" + pack) != []
    twice = io.BytesIO(pack)
    with pytest.warns(UserWarning), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("README.txt", CONTENTS["README.txt"])
    assert Fault("README.txt", "is in the archive more than once") in faults(twice.getvalue())


def test_a_pack_of_very_many_files_is_verified_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)  # instead of 65,535
    with Writing(tmp_path / "pack.zip", AT) as sink:
        for number in range(5):
            sink.text(f"{number}.txt", "x")
        sink.sign(SigningKey(tmp_path), {})
    data = (tmp_path / "pack.zip").read_bytes()
    assert data[-42:-38] == b"PK\x06\x07"
    assert faults(data) == []
    assert faults(data[:-98] + b"hidden" + data[-98:]) != []


def test_a_pack_signed_by_somebody_else_is_as_it_was_made_by_them(pack: bytes, tmp_path: Path) -> None:
    files = contents(pack)
    forged = json.loads(files[verify.MANIFEST])
    forged["made_by"] = "Mallory"
    text = json.dumps(forged).encode()
    assert faults(packed({**files, verify.MANIFEST: text}))[0].file == verify.MANIFEST
    other = SigningKey(tmp_path)
    forged["signed_by"]["public_key"] = other.public
    text = json.dumps(forged).encode()
    resigned = {**files, verify.MANIFEST: text, verify.SIGNATURE: other.signature(text).encode()}
    assert faults(packed(resigned)) == []
    place = tmp_path / "forged.zip"
    place.write_bytes(packed(resigned))
    assert (
        verify.main([str(place), "--key", json.loads(files[verify.MANIFEST])["signed_by"]["public_key"]]) == 1
    )


@pytest.mark.parametrize(
    "text", [b"", b"x", b"[]", b'{"files": 1}', b'{"signed_by": {"public_key": 1}, "files": [{}]}']
)
def test_no_manifest_at_all_is_said(text: bytes) -> None:
    found = faults(packed({verify.MANIFEST: text, verify.SIGNATURE: b"00"}))
    assert [fault.file for fault in found] == [verify.MANIFEST]


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + bytes(40)])
def test_no_archive_at_all_is_said(data: bytes) -> None:
    assert faults(data) != []


def test_the_verifier_runs_alone(pack: bytes, tmp_path: Path) -> None:
    """Without any library but Python's own, out of the unpacked archive."""
    place = tmp_path / "pack.zip"
    place.write_bytes(pack)
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    told = subprocess.run(
        [sys.executable, "-I", "-S", alone, place], capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert "5 files, all as they were made by Olga Orr on 2026-11-20T09:30:00Z." in told.stdout
    place.write_bytes(pack.replace(b"RIFF", b"RIFX"))
    told = subprocess.run(
        [sys.executable, "-I", "-S", alone, place], capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 1
    assert told.stdout.startswith("calls/a/audio/b.wav: ")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = SigningKey(tmp_path)
    assert SigningKey(tmp_path).public == first.public
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [FILE]
    (tmp_path / FILE).write_text("not a key")
    with pytest.raises(SigningKeyError, match=FILE):
        SigningKey(tmp_path)
