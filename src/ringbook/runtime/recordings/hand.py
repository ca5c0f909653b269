"""What people ask of the recordings: add files, list, join one to a call by hand, verify, wrap the keys anew."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import structlog

from ringbook.analyse import completeness
from ringbook.analyse.completeness import Verdict
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.errors import AskError, RingbookError
from ringbook.model.instant import Instant, iso
from ringbook.model.recording import Joined, KeptRecording, RecordingId
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.recordings.errors import UndecodableError, UnknownRecordingError
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.recordings.found import Item, items, named
from ringbook.runtime.recordings.joining import BY_HAND, Joiner
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.policy import ready, settle
from ringbook.runtime.recordings.taking import Taken, Taker
from ringbook.runtime.sources import check_name
from ringbook.search import pages

log = structlog.get_logger()

Answer = dict[str, Any]
PAGE = 500
AFTER_IMPORT = 2_000
"""Waiting recordings that are weighed when an import has ended; a running ``serve`` weighs all from time to time."""


def shape(recording: KeptRecording) -> Answer:
    """A recording as it is told: the same names and types in the terminal and in the API."""
    return {
        "id": recording.id,
        "source": recording.source,
        "name": recording.name,
        "origin": recording.origin or None,
        "received_at": iso(recording.received_at),
        "started_at": iso(recording.started_at),
        "duration_s": recording.duration_s,
        "channels": recording.channels,
        "codec": recording.codec or None,
        "size": recording.size,
        "sha256": recording.sha256,
        "parts": [msgspec.to_builtins(part) for part in recording.parts],
        "stored": [msgspec.to_builtins(form) for form in recording.stored],
        "call": recording.call,
        "evidence": recording.joined.value or None,
        "confidence": recording.confidence,
        "why": recording.why or None,
        "problem": recording.problem or None,
        "silenced": [list(span) for span in recording.silenced],
        "silencing": recording.silencing,
        "lost": [msgspec.to_builtins(form) for form in recording.lost],
    }


def add(home: Home, paths: list[str], source: str) -> Iterator[Answer]:
    """Take files into the vault, one after the other; what cannot be read is told and does not stop the others.

    :raises VaultFullError: there is no room for the next one; those told so far are kept.
    """
    check_name(source)
    taker = Taker(home, open_vault(home))
    for item in items(named(paths)):
        try:
            for taken in take(taker, item, source):
                yield {"recording": shape(taken.recording), "new": taken.new}
        except OSError as error:
            yield {"path": str(item.files[0]), "problem": error.strerror or str(error)}


def take(taker: Taker, item: Item, source: str, **how: Any) -> list[Taken]:
    """Take what becomes one recording; two sides that cannot be put together become one each."""
    if len(item.files) == 2:
        try:
            return [taker.take_pair(item.files, source, origin=str(item.files[0]), **how)]
        except UndecodableError:
            log.warning("recording.unpaired", name=item.files[0].name)
    return [taker.take(file, source, origin=str(file), **how) for file in item.files]


def listed(
    home: Home, unmatched: bool, problems: bool, source: str, limit: int, cursor: str
) -> Iterator[Answer]:
    """Recordings, the last received first, and the cursor to go on with."""
    catalogue = Catalogue(home.ledger)
    while limit > 0:
        page = catalogue.page(
            Scope(),
            unmatched=unmatched,
            problems=problems,
            source=source,
            limit=min(limit, PAGE),
            cursor=cursor,
        )
        yield from ({"recording": shape(one)} for one in page.items)
        limit, cursor = limit - len(page.items), page.cursor
        if not cursor:
            break
    yield {"next_cursor": cursor or None}


def join(home: Home, recording: str, call: str) -> Answer:
    """The recording, joined to a call because somebody said so; no other evidence joins it elsewhere any more."""
    to = pages.show_call(home.ledger, Scope(), call)

    def joined_to(row: KeptRecording) -> KeptRecording | None:
        if row.gone:
            return None
        return msgspec.structs.replace(
            row, call=to.id, joined=Joined.HAND, confidence=1.0, why=BY_HAND, awaits=None
        )

    found = Catalogue(home.ledger).change(Scope(), _id(recording), joined_to)
    if found is None or found.gone:
        raise UnknownRecordingError(
            f"there is no recording {recording}; 'ringbook recordings list' shows those there are"
        )
    return {"recording": shape(settle(home, found))}


def verify(home: Home) -> Iterator[Answer]:
    """Every form of every recording read and its hash compared: what is wrong as it is found, then how much was read."""
    catalogue, vault = Catalogue(home.ledger), open_vault(home)
    recordings = size = damaged = 0
    cursor = ""
    while True:
        page = catalogue.page(Scope(), limit=PAGE, cursor=cursor)
        for one in page.items:
            recordings += 1
            for form in one.stored:
                size += form.size
                found = vault.damage(one.tenant, one.id, form)
                if found is not None:
                    damaged += 1
                    yield {"damage": {**msgspec.to_builtins(found), "name": one.name, "call": one.call}}
        yield {"recordings": recordings, "bytes": size, "damaged": damaged}
        cursor = page.cursor
        if not cursor:
            return


def rewrap(home: Home) -> Iterator[Answer]:
    """Wrap the key of every recording by the newest master key; the audio stays as it is."""
    done = 0
    for step in open_vault(home).rewrap():
        done += step
        yield {"rewrapped": done}
    yield {"rewrapped": done}


def joined(home: Home, source: str) -> None:
    """Weigh the recordings that wait for their call, now that calls of their source have come."""
    try:
        for recording in Joiner(home).again(MAIN_TENANT, source, AFTER_IMPORT):
            settle(home, recording)
    except RingbookError as error:
        log.warning("recordings.not_joined", reason=type(error).__name__)


def missing(
    home: Home, *, since: Instant, until: Instant, reasons: list[str], zone: str, limit: int, cursor: str
) -> Iterator[Answer]:
    """How complete the recordings of a period are, then the calls that came out some ways, then where to go on."""
    if not ready(home):
        from ringbook.runtime import desk  # which imports the operations, and these

        desk.start(home)
    from ringbook.desk.recording_policy.rules import policy_of  # only once Django is set up

    policy = policy_of(MAIN_TENANT)
    period: dict[str, Any] = {"since": since, "until": until, "zone": zone, "now": now()}
    told = completeness.completeness(home.ledger, Scope(), policy, **period, agents=False)
    yield {
        "completeness": {
            "rules": len(policy.rules),
            "expected": told.total.expected,
            "recorded": told.total.recorded,
            "missing": told.total.missing,
            "rate": told.total.rate,
            "verdicts": {one.value: n for one, n in sorted(told.total.verdicts.items())},
        }
    }
    verdicts = [Verdict(one) for one in reasons] or list(completeness.MISSING)
    while limit > 0:
        found, cursor = completeness.missing(
            home.ledger,
            Scope(),
            policy,
            **period,
            verdicts=verdicts,
            limit=min(limit, PAGE),
            cursor=cursor,
        )
        calls = {call.id: call for call in home.ledger.calls(Scope(), [CallId(one.call) for one in found])}
        for one in found:
            call = calls.get(CallId(one.call))
            yield {
                "call": {
                    "id": one.call,
                    "started_at": iso(one.started_at),
                    "from": call and call.caller.number,
                    "to": call and call.called.number,
                    "queue": (call and call.queue) or None,
                    "talk_s": call and call.talk_s,
                    "reason": one.verdict.value,
                    "kept_s": one.kept_s,
                    "named": one.named,
                }
            }
        limit -= len(found)
        if not cursor:
            break
    yield {"next_cursor": cursor or None}


def _id(text: str) -> RecordingId:
    try:
        return RecordingId(str(uuid.UUID(text)))
    except ValueError:
        raise AskError(
            f"{text!r} is not the id of a recording; 'ringbook recordings list --json' shows them whole"
        ) from None
