"""Addresses of call stores."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from ringbook.ledger.errors import LedgerAddressError

DATABASE = "ringbook"
_ALLOWED = "chdb:///absolute/path, or http(s)://user:password@host:port/database[?cluster=name]"


class EmbeddedAddress(msgspec.Struct, frozen=True):
    """A folder of this machine, opened by the engine inside this process."""

    path: Path


class ServerAddress(msgspec.Struct, frozen=True):
    """One or more ClickHouse servers. With a ``cluster``, rows are spread over its shards."""

    hosts: tuple[tuple[str, int], ...]
    database: str
    user: str = ""
    password: str = ""
    secure: bool = False
    cluster: str = ""


def parse_address(address: str) -> EmbeddedAddress | ServerAddress:
    """What an address means. Several hosts are given with commas, ``http://one:8123,two:8123/ringbook?cluster=calls``.

    Raises LedgerAddressError, which never shows the password.
    """
    scheme, found, rest = address.partition("://")
    if scheme == "chdb" and found:
        if not rest.startswith("/"):
            raise LedgerAddressError(
                f"the call store {address!r} needs an absolute path; allowed: {_ALLOWED}"
            )
        return EmbeddedAddress(Path(rest))
    if scheme in ("http", "https") and found:
        return _server(rest, secure=scheme == "https")
    raise LedgerAddressError(f"the call store's address begins with {scheme!r}; allowed: {_ALLOWED}")


def _server(rest: str, *, secure: bool) -> ServerAddress:
    parts = urlsplit("//" + rest)
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    hosts = []
    for place in places.split(","):
        host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", "")
        if not host:
            raise LedgerAddressError(f"the call store's address names no host; allowed: {_ALLOWED}")
        hosts.append((host, int(port) if port else (8443 if secure else 8123)))
    database = parts.path.strip("/") or DATABASE
    options = parse_qs(parts.query)
    unknown = sorted(set(options) - {"cluster"})
    if unknown:
        raise LedgerAddressError(
            f"the call store's address has the unknown option {unknown[0]!r}; allowed: cluster"
        )
    cluster = options.get("cluster", [""])[0]
    for name in filter(None, (database, cluster)):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise LedgerAddressError(
                f"{name!r} is not a name for a database or cluster; allowed: letters, digits and _"
            )
    return ServerAddress(tuple(hosts), database, unquote(user), unquote(password), secure, cluster)
