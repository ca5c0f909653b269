"""Folders somewhere else, in an object store or on a machine that speaks SFTP: their files are listed, copied here, deleted."""

from __future__ import annotations

import asyncio
import contextlib
import re
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from ringbook.model.errors import SettingsError, WaitError

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")

MOST = 200_000
"""Files of a folder that are looked at."""

DEEPEST = 12
"""Folders within folders."""

TIMEOUT_S = 60.0
WHOLE_S = 3_600.0
REMOTE = ("s3://", "gs://", "az://", "sftp://")


class RemoteFolderError(WaitError):
    """The folder cannot be reached, or a file in it not be read."""


class RemoteAddressError(SettingsError):
    """The address of a folder is not one, or what it takes to reach it is not there."""


class Distant(msgspec.Struct, frozen=True):
    """A file: its path within the folder, its size, and when it was changed, in nanoseconds since 1970."""

    path: PurePosixPath
    size: int
    changed: int


class Remote(Protocol):
    """A folder somewhere else."""

    def files(self) -> Iterator[Distant]:
        """Its files, those in the folders within it too."""

    def copy(self, path: PurePosixPath, to: Path) -> None:
        """Have a file here."""

    def delete(self, path: PurePosixPath) -> None:
        """Have it there no more."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to reach a folder: the address of an object store that is not a cloud's own, a key or a password for SFTP."""

    endpoint: str = ""
    identity_file: str = ""
    password_file: str = ""
    host_keys: str = ""


def is_remote(path: str) -> bool:
    """Whether a folder is somewhere else."""
    return path.startswith(REMOTE)


def remote(address: str, access: Access) -> Remote:
    """The folder at an address."""
    return SftpFolder(address, access) if address.startswith("sftp://") else StoreFolder(address, access)


class StoreFolder:
    """A folder in an object store."""

    def __init__(self, address: str, access: Access) -> None:
        options: dict[str, Any] = {}
        if access.endpoint:
            options = {"endpoint": access.endpoint, "client_options": {"allow_http": True}}
        try:
            self._store: Any = from_url(address, **options)
        except (BaseError, ValueError) as error:
            raise RemoteAddressError(f"recordings cannot be read from {address}: {error}") from error

    def files(self) -> Iterator[Distant]:
        """Its objects."""
        count = 0
        try:
            for page in obstore.list(self._store):
                for found in page:
                    path = _within(str(found["path"]))
                    count += 1
                    if path is not None and count <= MOST:
                        changed = int(found["last_modified"].timestamp() * 1e9)
                        yield Distant(path, int(found["size"]), changed)
        except (BaseError, OSError) as error:
            raise RemoteFolderError(f"the folder cannot be listed: {_reason(error)}") from error

    def copy(self, path: PurePosixPath, to: Path) -> None:
        """Have an object here."""
        try:
            with to.open("wb") as sink:
                for part in obstore.get(self._store, str(path)).stream(min_chunk_size=1 << 20):
                    sink.write(part)
        except BaseError as error:
            raise RemoteFolderError(f"a file cannot be read: {_reason(error)}") from error

    def delete(self, path: PurePosixPath) -> None:
        """Have it there no more."""
        try:
            obstore.delete(self._store, str(path))
        except BaseError as error:
            raise RemoteFolderError(f"a file cannot be deleted: {_reason(error)}") from error


class SftpFolder:
    """A folder on a machine that speaks SFTP. The machine has to prove the key that is known of it."""

    def __init__(self, address: str, access: Access) -> None:
        told = urlsplit(address)
        try:
            port = told.port or 22
        except ValueError:
            port = 0
        if not told.hostname or not port or told.password or not told.path.strip("/"):
            raise RemoteAddressError(
                "an SFTP folder is sftp://user@host/folder; its password stands in a file"
            )
        self._host, self._port, self._user = told.hostname, port, unquote(told.username or "")
        self._root = PurePosixPath(unquote(told.path))
        self._access = access

    def files(self) -> Iterator[Distant]:
        """Its files; links are not followed."""
        yield from self._run(self._files)

    def copy(self, path: PurePosixPath, to: Path) -> None:
        """Have a file here."""

        async def copied(client: asyncssh.SFTPClient) -> None:
            await client.get(str(self._root / path), str(to), follow_symlinks=False)

        self._run(copied)

    def delete(self, path: PurePosixPath) -> None:
        """Have it there no more."""

        async def deleted(client: asyncssh.SFTPClient) -> None:
            await client.remove(str(self._root / path))

        self._run(deleted)

    async def _files(self, client: asyncssh.SFTPClient) -> list[Distant]:
        found: list[Distant] = []
        ahead, looked = [PurePosixPath()], 0
        while ahead and len(found) < MOST and looked < MOST:
            looked += 1
            folder = ahead.pop()
            for one in await client.readdir(str(self._root / folder)):
                name = (
                    one.filename if isinstance(one.filename, str) else one.filename.decode(errors="replace")
                )
                path = None if "/" in name or name.startswith(".") else _within(str(folder / name))
                mode = one.attrs.permissions or 0
                if path is None:
                    continue
                if stat.S_ISDIR(mode) and len(path.parts) < DEEPEST:
                    ahead.append(path)
                elif stat.S_ISREG(mode):
                    changed = (one.attrs.mtime or 0) * 1_000_000_000 + (one.attrs.mtime_ns or 0)
                    found.append(Distant(path, one.attrs.size or 0, changed))
        return found

    def _run(self, do: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        import asyncssh  # only here: it takes long to load, and few homes have such folders

        async def connected() -> T:
            async with asyncio.timeout(WHOLE_S):
                async with (
                    asyncssh.connect(self._host, self._port, **self._options()) as line,
                    line.start_sftp_client() as client,
                ):
                    return await do(client)

        try:
            return asyncio.run(connected())
        except asyncssh.HostKeyNotVerifiable as error:
            text = "the machine does not prove the key that is known of it: see host_keys"
            raise RemoteFolderError(text) from error
        except (asyncssh.Error, OSError, TimeoutError, ValueError) as error:
            raise RemoteFolderError(f"the folder cannot be reached: {_reason(error)}") from error

    def _options(self) -> dict[str, Any]:
        access = self._access
        options: dict[str, Any] = {
            "config": None,
            "agent_path": None,
            "connect_timeout": TIMEOUT_S,
            "client_keys": [access.identity_file] if access.identity_file else None,
        }
        if self._user:
            options["username"] = self._user
        if access.host_keys:
            options["known_hosts"] = access.host_keys
        if access.password_file:
            options["password"] = Path(access.password_file).read_text(encoding="utf-8").strip()
        return options


def _within(text: str) -> PurePosixPath | None:
    """The path of a file within its folder; None for hidden ones, and for names that lead elsewhere."""
    if re.search(r"[\x00-\x1f\x7f\\]", text) or len(text) > 1_000:
        return None
    path = PurePosixPath(text)
    hidden = any(part.startswith(".") for part in path.parts)
    return None if path.is_absolute() or hidden or not path.parts else path


def _reason(error: BaseException) -> str:
    with contextlib.suppress(IndexError):
        return str(error).strip().splitlines()[0][:200] or type(error).__name__
    return type(error).__name__
