"""The vault keeps audio bit for bit, reads any part, proves it unchanged, and forgets it for good."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.recordings.errors import (
    DamagedRecordingError,
    UnknownRecordingError,
    VaultFullError,
    VaultKeyError,
)
from ringbook.recordings.keys import Keys
from ringbook.recordings.master import MasterKeys, fresh, from_command, from_file
from ringbook.recordings.places import Place
from ringbook.recordings.seal import CHUNK, MAGIC, Sealed, object_key, sealed
from ringbook.recordings.vault import ABOUT, ORIGINAL, PLAY, Vault

from ..warrants import a_warrant

ID = "3f2b8c1e-5d1a-4c33-9a55-0b7c2f6d1e90"
AUDIO = random.Random(5).randbytes(3 * CHUNK + 777)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    keys = Keys(tmp_path / "keys.sqlite", from_file(tmp_path / "vault.key"))
    yield Vault(Place("", tmp_path / "audio", 0), keys)
    keys.close()


def object_of(tmp_path: Path, form: str = ORIGINAL) -> Path:
    return next((tmp_path / "audio").rglob(f"{ID}/{form}"))


def whole(opened: Sealed) -> bytes:
    return b"".join(opened.read(0, opened.size))


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), chunk=st.integers(1, 64), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_what_was_sealed_is_read_again_wherever_it_was_cut(data: bytes, chunk: int, cuts: list[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    parts = [data[a:b] for a, b in itertools.pairwise(places)]
    key = object_key(b"k" * 32, ORIGINAL)
    stored = b"".join(sealed(parts, key, chunk))
    opened = Sealed(lambda start, stop: stored[start:stop], len(stored), key)
    assert opened.size == len(data)
    assert whole(opened) == data
    for start in places:
        assert b"".join(opened.read(start, start + 7)) == data[start : start + 7]


@settings(max_examples=60, deadline=None)
@given(where=st.integers(0, 10_000), change=st.integers(1, 255))
def test_no_changed_byte_goes_unseen(where: int, change: int) -> None:
    key = object_key(b"k" * 32, ORIGINAL)
    stored = bytearray(b"".join(sealed([AUDIO[:300]], key, 64)))
    stored[where % len(stored)] ^= change
    with pytest.raises(DamagedRecordingError):
        whole(Sealed(lambda start, stop: bytes(stored[start:stop]), len(stored), key))


def test_chunks_cannot_be_left_off_or_exchanged() -> None:
    key = object_key(b"k" * 32, ORIGINAL)
    stored = b"".join(sealed([AUDIO[:256]], key, 64))
    shorter = stored[: -(64 + 16)]
    with pytest.raises(DamagedRecordingError):
        whole(Sealed(lambda start, stop: shorter[start:stop], len(shorter), key))
    exchanged = stored[:8] + stored[88:168] + stored[8:88] + stored[168:]
    with pytest.raises(DamagedRecordingError):
        whole(Sealed(lambda start, stop: exchanged[start:stop], len(exchanged), key))


def test_a_recording_is_kept_bit_for_bit_and_not_readable_where_it_lies(vault: Vault, tmp_path: Path) -> None:
    stored = vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    assert whole(vault.open("main", ID)) == AUDIO
    assert vault.damage("main", ID, stored) is None
    lying = object_of(tmp_path).read_bytes()
    assert lying.startswith(MAGIC)
    assert AUDIO[1000:1100] not in lying
    assert list(vault.recordings("main")) == [ID]


def test_forms_of_a_recording_have_keys_of_their_own(vault: Vault, tmp_path: Path) -> None:
    vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    vault.keep("main", ID, PLAY, [AUDIO], len(AUDIO))
    assert object_of(tmp_path).read_bytes() != object_of(tmp_path, PLAY).read_bytes()
    object_of(tmp_path, PLAY).write_bytes(object_of(tmp_path).read_bytes())
    with pytest.raises(DamagedRecordingError):
        whole(vault.open("main", ID, PLAY))


def test_a_damaged_chunk_is_named_and_the_rest_still_plays(vault: Vault, tmp_path: Path) -> None:
    stored = vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    file = object_of(tmp_path)
    lying = bytearray(file.read_bytes())
    lying[8 + (CHUNK + 16) + 5] ^= 1
    file.write_bytes(lying)
    found = vault.damage("main", ID, stored)
    assert found is not None
    assert found.chunks == [1]
    opened = vault.open("main", ID)
    assert b"".join(opened.read(2 * CHUNK, 3 * CHUNK)) == AUDIO[2 * CHUNK : 3 * CHUNK]


def test_what_was_destroyed_cannot_be_read_even_from_a_copy_of_the_audio(
    vault: Vault, tmp_path: Path
) -> None:
    vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    key = vault._keys.key(ID)
    file = object_of(tmp_path)
    backup = file.read_bytes()
    assert vault.destroy(a_warrant(), "main", ID)
    assert not vault.destroy(a_warrant(), "main", ID)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(backup)
    with pytest.raises(UnknownRecordingError):
        vault.open("main", ID)
    assert key not in (tmp_path / "keys.sqlite").read_bytes()


def test_a_new_master_key_rewraps_the_keys_and_leaves_the_audio(tmp_path: Path) -> None:
    old = fresh()
    keys = Keys(tmp_path / "keys.sqlite", MasterKeys(old, "old"))
    vault = Vault(Place("", tmp_path / "audio", 0), keys)
    vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    before = object_of(tmp_path).read_bytes()
    keys.close()
    new = fresh()
    both = Keys(tmp_path / "keys.sqlite", MasterKeys(old + new, "both"))
    assert sum(both.rewrap()) == 1
    assert both.counts() == {new.partition(":")[0]: 1}
    both.close()
    only = Keys(tmp_path / "keys.sqlite", MasterKeys(new, "new"))
    assert whole(Vault(Place("", tmp_path / "audio", 0), only).open("main", ID)) == AUDIO
    assert object_of(tmp_path).read_bytes() == before
    only.close()


def test_another_master_key_of_the_same_name_is_recognised(tmp_path: Path) -> None:
    line = fresh()
    Keys(tmp_path / "keys.sqlite", MasterKeys(line, "one")).make(ID)
    other = f"{line.partition(':')[0]}:{fresh().partition(':')[2]}"
    with pytest.raises(VaultKeyError, match="not the one"):
        Keys(tmp_path / "keys.sqlite", MasterKeys(other, "other")).key(ID)
    with pytest.raises(VaultKeyError, match="does not have"):
        Keys(tmp_path / "keys.sqlite", MasterKeys(fresh(), "other")).key(ID)


def test_a_vault_without_room_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.sqlite", from_file(tmp_path / "vault.key"))
    full = Vault(Place("", tmp_path / "audio", 1 << 60), keys)
    with pytest.raises(VaultFullError, match="make room"):
        full.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    assert not full.has("main", ID)


def test_a_source_that_fails_in_the_middle_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield AUDIO[:CHUNK]
        raise LookupError

    with pytest.raises(LookupError):
        vault.keep("main", ID, ORIGINAL, failing(), len(AUDIO))
    assert not vault.has("main", ID)
    assert list(vault.recordings("main")) == []
    assert not [file for file in (tmp_path / "audio").rglob("*") if file.is_file()]


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    from_file(tmp_path / "vault.key")
    assert (tmp_path / "vault.key").stat().st_mode & 0o077 == 0
    assert from_file(tmp_path / "vault.key").newest == from_file(tmp_path / "vault.key").newest


def test_master_keys_come_from_a_command(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(fresh())
    assert from_command(f"cat {tmp_path / 'key'}").newest == from_file(tmp_path / "key").newest
    with pytest.raises(VaultKeyError, match="failed"):
        from_command("false")
    with pytest.raises(VaultKeyError, match="there is no key"):
        from_command("true")


@pytest.mark.parametrize("text", ["nonsense", "name:AAAA", "name:!!!!", "a b:" + "A" * 44])
def test_what_is_not_a_key_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(VaultKeyError, match=r"new-key|there is no key"):
        MasterKeys(text, "here")


def test_only_a_warrant_of_the_same_tenant_destroys_what_is_whole(vault: Vault) -> None:
    vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    vault.keep("main", ID, ABOUT, [b"{}"], 2)
    with pytest.raises(ValueError, match="only a warrant"):
        vault.abandon("main", ID)
    with pytest.raises(ValueError, match="of tenant 'other'"):
        vault.destroy(a_warrant(tenant="other"), "main", ID)
    assert vault.has("main", ID)
    assert vault.destroy(a_warrant(), "main", ID)


def test_what_was_never_whole_can_be_abandoned(vault: Vault) -> None:
    vault.keep("main", ID, ORIGINAL, [AUDIO], len(AUDIO))
    assert vault.abandon("main", ID)
    assert not vault.has("main", ID)
