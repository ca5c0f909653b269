"""Fetching a recording from an address on the net: once, whole, checked, and never from a machine of the own network.

The name in an address is resolved once, and the connection goes to the very address that was looked at; so it is for every
redirect. What somebody sends us as an address may otherwise lead to what only this machine can reach.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import msgspec

from ringbook.model.errors import AskError, WaitError
from ringbook.recordings.names import harmless

REDIRECTS = 5
CONNECT_S = 10.0
SILENCE_S = 30.0
WHOLE_S = 1_800.0
PIECE = 256 << 10

_LEADS_ELSEWHERE = [
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
"""IPv6 networks whose addresses stand for IPv4 ones."""


class AddressError(AskError):
    """Nothing is fetched from that address."""


class FetchedOtherError(AskError):
    """What was fetched is not what was announced."""


class FetchFailedError(WaitError):
    """It could not be fetched now."""


class Fetched(msgspec.Struct, frozen=True):
    """What was fetched: its size and hash, and the name of the file."""

    size: int
    sha256: str
    name: str


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """What to fetch. ``length`` and ``sha256`` are what it has to be, if they are known."""

    url: str
    most: int
    length: int | None = None
    sha256: str = ""
    allowed: Collection[str] = ()  # hosts that may be in the own network, and without TLS: name or name:port


def check(url: str, allowed: Collection[str] = ()) -> httpx.URL:
    """The address, if something may be fetched from it as far as it can be told without asking for its name.

    :raises AddressError: it is none, or of another kind.
    """
    if re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise AddressError("an address has no spaces in it")
    try:
        told = httpx.URL(url)
        port = told.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise AddressError("this is no address of a file") from None
    if told.scheme not in ("https", "http") or not told.host or not (port is None or 0 < port < 65_536):
        raise AddressError("an address begins with https:// and names a host")
    if told.scheme == "http" and not _is_allowed(told, allowed):
        raise AddressError("recordings are fetched by https only; recordings.fetch_hosts names exceptions")
    if told.userinfo:
        raise AddressError("an address carries no password: it would be kept with the job")
    return told


def fetch(what: Fetch, to: Path, told: Callable[[int], None] = lambda _: None) -> Fetched:
    """Fetch a file; ``told`` is called with how many bytes have arrived.

    :raises AddressError: nothing is fetched from there.
    :raises FetchedOtherError: it is not as long as it should be, or another file.
    :raises FetchFailedError: the other side does not answer, or not with a file.
    """
    ends = time.monotonic() + WHOLE_S
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    try:
        with httpx.Client(trust_env=False, timeout=timeout, verify=ssl.create_default_context()) as client:
            url = check(what.url, what.allowed)
            for _ in range(REDIRECTS + 1):
                with client.stream(**_request(url, what.allowed)) as response:
                    if not response.has_redirect_location:
                        return _received(response, url, what, to, told, ends)
                    url = check(str(url.join(response.headers["Location"])), what.allowed)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise FetchFailedError(f"the file could not be fetched: {_reason(error)}") from error
    raise AddressError(f"the address leads on more than {REDIRECTS} times")


def _request(url: httpx.URL, allowed: Collection[str]) -> dict[str, Any]:
    """The request, to the address that the host's name stands for now; TLS still proves the name."""
    address = _address(url, allowed)
    literal = f"[{address}]" if ":" in address else address
    return {
        "method": "GET",
        "url": url.copy_with(host=literal),
        "headers": {
            "Host": url.netloc.decode(),
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "User-Agent": "Ringbook",
        },
        "extensions": {"sni_hostname": url.host},
        "follow_redirects": False,
    }


def _address(url: httpx.URL, allowed: Collection[str]) -> str:
    """An address of the host.

    :raises AddressError: one of its addresses is not of the public net.
    """
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailedError(f"there is no host {url.host}") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not _is_allowed(url, allowed) and not all(is_public(one) for one in addresses):
        raise AddressError("this host is not on the public net; recordings.fetch_hosts names exceptions")
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address is one of the public net: not of this machine, a private network, or one that stands for another."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in _LEADS_ELSEWHERE):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(url: httpx.URL, allowed: Collection[str]) -> bool:
    port = url.port or (443 if url.scheme == "https" else 80)
    return url.host in allowed or f"{url.host}:{port}" in allowed


def _received(
    response: httpx.Response,
    url: httpx.URL,
    what: Fetch,
    to: Path,
    told: Callable[[int], None],
    ends: float,
) -> Fetched:
    if response.status_code != 200:
        raise FetchFailedError(f"the other side answers with {response.status_code}")
    stated = response.headers.get("Content-Length", "")
    if stated.isascii() and stated.isdecimal():
        _fits(int(stated), what)
    digest, size = hashlib.sha256(), 0
    with to.open("wb") as sink:
        for piece in _pieces(response, ends):
            size += len(piece)
            if size > what.most or (what.length is not None and size > what.length):
                _fits(size, what)
            digest.update(piece)
            sink.write(piece)
            told(size)
    if what.length is not None and size != what.length:
        raise FetchedOtherError(f"the file has {size:,} bytes and not {what.length:,}")
    if what.sha256 and digest.hexdigest() != what.sha256.lower():
        raise FetchedOtherError("the file has another SHA-256 than it should have")
    return Fetched(size, digest.hexdigest(), _name(response, url))


def _pieces(response: httpx.Response, ends: float) -> Iterator[bytes]:
    for piece in response.iter_raw(PIECE):
        if time.monotonic() > ends:
            raise FetchFailedError(f"it took longer than {WHOLE_S / 60:.0f} minutes")
        yield piece


def _fits(size: int, what: Fetch) -> None:
    if what.length is not None and size != what.length:
        raise FetchedOtherError(f"the file has {size:,} bytes or more, and not {what.length:,}")
    if size > what.most:
        raise FetchedOtherError(f"the file is larger than the {what.most:,} bytes that are taken")


def _name(response: httpx.Response, url: httpx.URL) -> str:
    """The file's name: as the other side calls it, or the last part of the address."""
    called = re.search(r'filename="?([^";]+)', response.headers.get("Content-Disposition", ""))
    name = called[1] if called else unquote(url.path.rpartition("/")[2])
    return harmless(name)


def _reason(error: Exception) -> str:
    told = str(error).strip()
    return told[:200] or type(error).__name__
