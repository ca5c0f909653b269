"""The inputs that the configuration describes, made ready to run."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ringbook.capture.ami import Ami
from ringbook.capture.dialogue import Dialogue, Speech
from ringbook.capture.esl import Esl
from ringbook.capture.http import Endpoint, HttpIntake, endpoints_of
from ringbook.capture.spool import MIB, Limits, Spool
from ringbook.capture.tail import Tail
from ringbook.capture.tcp import Dialler, Listener
from ringbook.capture.wire import Place
from ringbook.config.settings import DIALOGUES, Input, Kind, Settings
from ringbook.config.settings import Spool as SpoolSettings
from ringbook.ledger.ledger import Ledger
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.runtime.files import UnrecognisedFileError, format_of

Runs: TypeAlias = Listener | Dialler | Dialogue | Tail
"""An input that runs as a task."""


def limits(settings: SpoolSettings) -> Limits:
    """The spool's limits as configured."""
    return Limits(
        batch_rows=settings.batch_rows,
        batch_bytes=settings.batch_mb * MIB,
        queue_bytes=settings.queue_mb * MIB,
        keep_free_bytes=settings.keep_free_mb * MIB,
        warn_bytes=settings.warn_mb * MIB,
    )


def runs(settings: Settings, ledger: Ledger, spool: Spool, source: str, entry: Input) -> Runs:
    """An input that reads files or speaks TCP, ready to run. What is posted has :func:`endpoints` instead."""
    place = Place(source, entry.name, entry.format)
    if entry.kind is Kind.FILE:
        return _tail(settings, ledger, place, entry)
    if entry.kind in DIALOGUES:
        return _dialogue(spool, place, entry)
    return _wire(spool, place, entry)


def endpoints(settings: Settings) -> list[Endpoint]:
    """Where records can be posted."""
    found: list[Endpoint] = []
    for name, source in settings.sources.items():
        posts = [(Place(name, i.name, i.format), i.token) for i in source.inputs if i.kind is Kind.HTTP_POST]
        found += endpoints_of(posts, paused=source.paused)
    return found


def intake(settings: Settings, spool: Spool) -> HttpIntake:
    """The intake of what is posted."""
    return HttpIntake(spool, endpoints(settings), max_body_bytes=settings.server.max_body_mb * MIB)


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


def _dialogue(spool: Spool, place: Place, entry: Input) -> Dialogue:
    speech: Callable[[], Speech] = (
        partial(Ami, entry.login, entry.password) if entry.kind is Kind.AMI else partial(Esl, entry.password)
    )
    tls = partial(ssl.create_default_context, cafile=entry.ca_file or None) if entry.tls else None
    return Dialogue(place, spool, speech, kind=entry.kind.value, host=entry.host, port=entry.port, tls=tls)
