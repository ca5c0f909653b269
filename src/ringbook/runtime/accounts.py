"""The accounts: what each source has brought, and whether all of it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ringbook.ledger.verify import verify
from ringbook.model.instant import DAY, Instant, iso
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now

SILENT_AFTER = DAY
"""A connected source that has brought nothing for this long is called silent."""


def sources(home: Home, scope: Scope) -> Iterator[dict[str, Any]]:
    """Each source that is configured or has brought anything, with what came lately and what was rejected."""
    at = now()
    told = {status.source: status for status in home.ledger.source_status(scope, at)}
    reasons: dict[str, dict[str, int]] = {}
    for counted in home.ledger.reasons(scope):
        if counted.kind == "rejected":
            reasons.setdefault(counted.source, {})[counted.reason] = counted.count
    for name in sorted({*home.sources.names(), *told}):
        status, known = told.get(name), home.sources.get(name)
        yield {
            "source": name,
            "state": _state(home.sources.configured(name), status.last_received_at if status else None, at),
            "formats": list(status.formats) if status else [],
            "last_record_at": iso(status.last_received_at) if status else None,
            "last_stated_at": iso(status.last_stated_at) if status else None,
            "last_call_at": iso(status.last_call_at) if status else None,
            "frames": status.frames if status else 0,
            "frames_last_hour": status.frames_last_hour if status else 0,
            "frames_last_day": status.frames_last_day if status else 0,
            "rejected": status.rejected if status else 0,
            "rejected_by_reason": reasons.get(name, {}),
            "noise": status.noise if status else 0,
            "calls": status.calls if status else 0,
            "timezone": known.timezone,
            "timezone_inferred": known.inferred,
            "region": known.region or None,
        }


def throughput(home: Home, scope: Scope, since: Instant, step_s: int) -> Iterator[dict[str, Any]]:
    """How many records each source brought, step by step since an instant; steps with none are left out."""
    for source, step, frames, rejected in home.ledger.throughput(scope, since, step_s):
        yield {"source": source, "at": iso(step), "frames": frames, "rejected": rejected}


def files(home: Home, scope: Scope, source: str) -> Iterator[dict[str, Any]]:
    """How far each file of a source has been read."""
    for position in home.ledger.positions(scope, source, "/"):
        yield {"file": position.origin, "format": position.format, "bytes": position.offset}


def verified(home: Home, scope: Scope) -> Iterator[dict[str, Any]]:
    """Each check that was made and each difference that it found."""
    for finding in verify(home.ledger, scope):
        yield {"difference": finding.text} if finding.differs else {"checked": finding.text}


def _state(configured: bool, last: Instant | None, at: Instant) -> str:
    if not configured:
        return "imported"
    if last is None:
        return "waiting"
    return "silent" if at - last > SILENT_AFTER else "connected"
