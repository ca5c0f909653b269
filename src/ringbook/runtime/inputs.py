"""The inputs that the configuration describes, made ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ringbook.capture.health import InputStatus
from ringbook.capture.http import HttpIntake, endpoints_of
from ringbook.capture.spool import MIB, Limits, Spool
from ringbook.capture.tail import Tail
from ringbook.capture.tcp import Dialler, Listener
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret
from ringbook.config.settings import Input, Kind, Settings
from ringbook.config.settings import Spool as SpoolSettings
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.runtime.files import UnrecognisedFileError, format_of


class Reports(Protocol):
    """Something whose state can be asked for."""

    @property
    def status(self) -> InputStatus:
        """How it is doing."""
        ...


class Inputs(msgspec.Struct, frozen=True):
    """All inputs of a home."""

    wires: list[Listener | Dialler]
    tails: list[Tail]
    http: HttpIntake

    def statuses(self) -> list[InputStatus]:
        """How each is doing."""
        reports: Sequence[Reports] = [*self.wires, *self.tails]
        return [report.status for report in reports] + self.http.statuses


def limits(settings: SpoolSettings) -> Limits:
    """The spool's limits as configured."""
    return Limits(
        batch_rows=settings.batch_rows,
        batch_bytes=settings.batch_mb * MIB,
        queue_bytes=settings.queue_mb * MIB,
        keep_free_bytes=settings.keep_free_mb * MIB,
        warn_bytes=settings.warn_mb * MIB,
    )


def inputs(settings: Settings, ledger: Ledger, spool: Spool) -> Inputs:
    """The inputs that are configured; none of them runs yet."""
    wires: list[Listener | Dialler] = []
    tails: list[Tail] = []
    posts: list[tuple[Place, Secret]] = []
    for name, source in settings.sources.items():
        for entry in source.inputs:
            place = Place(name, entry.name, entry.format)
            match entry.kind:
                case Kind.FILE:
                    tails.append(_tail(settings, ledger, place, entry))
                case Kind.TCP_LISTEN | Kind.TCP_CONNECT:
                    wires.append(_wire(spool, place, entry))
                case Kind.HTTP_POST:
                    posts.append((place, entry.token))
    http = HttpIntake(spool, endpoints_of(posts), max_body_bytes=settings.server.max_body_mb * MIB)
    return Inputs(wires, tails, http)


def _tail(settings: Settings, ledger: Ledger, place: Place, entry: Input) -> Tail:
    files = settings.files
    return Tail(
        place,
        entry.path,
        positions=ledger.positions(Scope(MAIN_TENANT), place.source, "/"),
        settle_s=files.settle_s,
        linger_s=files.linger_s,
        recognise=recognise,
        notes=settings.home / "notes" / f"{place.source}.{place.input}.json",
    )


def recognise(head: bytes, name: str) -> str:
    """The slug of the format that a file's beginning shows; empty while there is no telling."""
    try:
        return format_of(head, name)
    except UnrecognisedFileError:
        return ""


def _wire(spool: Spool, place: Place, entry: Input) -> Listener | Dialler:
    if entry.kind is Kind.TCP_LISTEN:
        return Listener(
            place,
            spool,
            host=entry.host or "127.0.0.1",
            port=entry.port,
            allow=entry.allow,
            max_connections=entry.max_connections,
            idle_s=entry.idle_s,
        )
    return Dialler(
        place,
        spool,
        host=entry.host,
        port=entry.port,
        login=entry.login,
        password=entry.password,
        idle_s=entry.idle_s,
    )
