"""Making a pack: which calls, within what the asker may see, and what is said about the making."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ringbook import __version__
from ringbook.desk.evidence_pack.archive import Writing
from ringbook.desk.evidence_pack.contents import Contents
from ringbook.desk.evidence_pack.errors import PackError
from ringbook.desk.evidence_pack.key import SigningKey
from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import organisation
from ringbook.desk.wiring import home_folder, ledger
from ringbook.model.call import Call, CallId
from ringbook.model.instant import iso
from ringbook.model.scope import Scope
from ringbook.search import pages

MOST = 500
"""Calls of one pack. More are made as several: a pack is for a case, not for a copy of everything."""

FORMAT = "Ringbook evidence pack"
VERSION = 1


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What to put into a pack: the calls that answer a question, or those of some ids."""

    query: str = ""
    ids: tuple[str, ...] = ()
    audio: bool = True
    reason: str = ""
    zone: str = "UTC"
    now: int = 0
    me: str = ""


class Made(msgspec.Struct, frozen=True):
    """What was made; ``manifest_sha256`` names exactly this pack."""

    id: str
    calls: int
    recordings: int
    files: int
    manifest_sha256: str
    public_key: str


def how_many(scope: Scope, ask: Ask) -> int:
    """How many calls that is.

    :raises PackError: none, more than a pack can hold, or the asker sees no whole numbers.
    :raises SearchError: the question cannot be understood.
    """
    if scope.masked:
        raise PackError(_("Evidence shows whole telephone numbers, which your role does not see."))
    if ask.ids:
        count = len(ledger().calls(scope, [CallId(one) for one in ask.ids]))
    else:
        count = pages.count_calls(ledger(), scope, ask.query, zone=ask.zone, now=ask.now, me=ask.me)
    if not count:
        raise PackError(_("There are no such calls."))
    if count > MOST:
        told = {"count": number_format(count, use_l10n=True, force_grouping=True), "most": MOST}
        raise PackError(
            _(
                "That is %(count)s calls; a pack holds at most %(most)d. Narrow the question, or make several packs."
            )
            % told
        )
    return count


def make(
    place: Path, scope: Scope, actor: audit.Actor, ask: Ask, progress: Callable[[int, int], None]
) -> Made:
    """Write a pack to a file, and have in the audit log what is in it.

    :raises PackError: none or too many calls; ``place`` holds no pack then.
    """
    total = how_many(scope, ask)
    key, at, number = SigningKey(home_folder()), datetime.now(UTC), uuid.uuid4()
    calls: list[Call] = []
    with Writing(place, at) as sink:
        sink.put("README.txt", [_own("README.txt")])
        sink.put("verify.py", [_own("verify.py")])
        contents = Contents(sink, scope, audio=ask.audio)
        for call in _calls(scope, ask):
            progress(len(calls), total)
            # What is made is on record before it is read: the pack itself holds that entry.
            audit.record(actor, "call:evidence-packed", f"call:{call.id}", pack=str(number), audio=ask.audio)
            contents.add(call)
            calls.append(call)
        about = _about(str(number), at, actor, ask, scope, calls)
        digest = sink.sign(key, about)
    audit.record(
        actor,
        "evidence:made",
        f"evidence:{number}",
        calls=len(calls),
        recordings=contents.recordings,
        manifest_sha256=digest,
        query=ask.query,
    )
    progress(len(calls), total)
    return Made(str(number), len(calls), contents.recordings, len(sink.files), digest, key.public)


def file_name(at: datetime) -> str:
    """What a pack is called when it is fetched."""
    return f"evidence-{at:%Y-%m-%d-%H%M}.zip"


def _calls(scope: Scope, ask: Ask) -> list[Call]:
    if ask.ids:
        found = [pages.show_call(ledger(), scope, call.id) for call in ledger().calls(scope, _ids(ask))]
    else:
        found = list(pages.iterate(ledger(), scope, ask.query, zone=ask.zone, now=ask.now, me=ask.me))[:MOST]
    return sorted(found, key=lambda call: (call.started_at, call.id))


def _ids(ask: Ask) -> list[CallId]:
    return [CallId(one) for one in ask.ids]


def _about(
    number: str, at: datetime, actor: audit.Actor, ask: Ask, scope: Scope, calls: list[Call]
) -> dict[str, Any]:
    house, last = organisation(scope.tenant), AuditEntry.objects.order_by("-seq").first()
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": number,
        "made_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "made_by": actor.name or actor.id,
        "made_by_id": actor.id,
        "organisation": house.name,
        "time_zone": ask.zone,
        "made_with": f"Ringbook {__version__}",
        "reason": ask.reason,
        "query": None if ask.ids else ask.query,
        "with_audio": ask.audio,
        "calls": [{"id": call.id, "started_at": iso(call.started_at)} for call in calls],
        "audit_log_stood_at": {"seq": last.seq, "hash": last.hash} if last else None,
    }


def _own(name: str) -> bytes:
    return (files(__package__) / name).read_bytes()
