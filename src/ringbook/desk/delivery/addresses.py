"""Addresses of mail, and whether a webhook's address may be posted to."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from ringbook.desk.delivery.errors import DeliveryError, PostError


class Place(msgspec.Struct, frozen=True):
    """Where a webhook leads: its host and the address that this was found to be, which is the one connected to."""

    url: str
    host: str
    address: str
    port: int
    path: str
    secure: bool


def mail_addresses(text: str) -> list[str]:
    """The addresses in a text, apart by commas, semicolons or lines. Raises :class:`DeliveryError` for what is none."""
    found: list[str] = []
    for part in text.replace(";", ",").replace("\n", ",").split(","):
        address = part.strip()
        if not address:
            continue
        try:
            validate_email(address)
        except ValidationError:
            raise DeliveryError(_("%(text)s is no e-mail address.") % {"text": f"“{address}”"}) from None
        if address.lower() not in (known.lower() for known in found):
            found.append(address)
    return found


def checked_url(url: str) -> str:
    """The address of a webhook, if its form is right; where its host leads is looked at when something is sent."""
    parts = _parts(url)
    if parts.hostname is None or parts.scheme not in ("http", "https"):
        raise DeliveryError(_("Write the whole address: https://example.com/hook"))
    if parts.username or parts.password:
        raise DeliveryError(_("Leave name and password out of the address; messages are signed instead."))
    return url.strip()


def place_of(url: str) -> Place:
    """Where an address leads. Raises :class:`PostError` for one that may not be posted to.

    Who may add a webhook must not thereby reach what only this machine reaches: private addresses are refused unless
    ``desk.webhook_networks`` names them, and plain HTTP leads nowhere else.
    """
    parts = _parts(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise PostError(_("%(host)s was not found.") % {"host": host}) from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    refused = [address for address in addresses if not _allowed(address, secure=secure)]
    if refused or not addresses:
        text = _("%(host)s leads to %(address)s, which desk.webhook_networks does not allow.")
        raise PostError(text % {"host": host, "address": (refused or [""])[0]}, lasting=True)
    path = parts.path or "/"
    return Place(url, host, addresses[0], port, f"{path}?{parts.query}" if parts.query else path, secure)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        if parts.port == 0:
            raise ValueError
    except ValueError:
        raise DeliveryError(_("Write the whole address: https://example.com/hook")) from None
    return parts


def _allowed(address: str, *, secure: bool) -> bool:
    """Whether an address may be posted to: anywhere in the Internet over TLS, or in a network that the settings name."""
    known = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(known, "ipv4_mapped", None)
    known = mapped or known
    if any(known in ipaddress.ip_network(network, strict=False) for network in settings.WEBHOOK_NETWORKS):
        return True
    return secure and known.is_global and not known.is_multicast
