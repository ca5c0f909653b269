"""What could not be understood: listed, shown, and parsed again after a fix."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ringbook.model.errors import AskError
from ringbook.model.frame import FrameKind, FrameRow
from ringbook.model.instant import iso
from ringbook.model.scope import Scope
from ringbook.parse.format import Piece
from ringbook.runtime.home import Home
from ringbook.runtime.intake import Portion
from ringbook.runtime.result import Result
from ringbook.runtime.understand import Block, Understood

_CURSOR = re.compile(r"\d{1,18}\.[0-9a-f]{32}")

PAGE = 1_000
"""Rejects parsed again and committed together."""


class UnknownRejectError(AskError):
    """No reject has that id."""


class RejectCursorError(AskError):
    """Not a cursor that a list of rejects ended with."""


class Replayed(msgspec.Struct):
    """What parsing rejects again came to."""

    tried: int = 0
    understood: int = 0
    still_rejected: int = 0
    calls_new: int = 0
    calls_updated: int = 0


def listed(
    home: Home, scope: Scope, source: str | None, reason: str | None, limit: int, cursor: str | None
) -> Iterator[dict[str, Any]]:
    """Rejects, the last received first, then the cursor to go on with."""
    if cursor and not _CURSOR.fullmatch(cursor):
        raise RejectCursorError("the cursor is damaged; ask for the first page again, without a cursor")
    page = home.ledger.rejects(scope, source, reason, limit, cursor or "")
    for row in page.rows:
        yield {"reject": _public(row)}
    yield {"next_cursor": page.cursor or None}


def shown(home: Home, scope: Scope, id_text: str) -> dict[str, Any]:
    """One reject with all its bytes. Raises :class:`UnknownRejectError`."""
    return _public(_one(home, scope, id_text))


def replayed(
    home: Home, scope: Scope, source: str | None, reason: str | None, id_text: str | None
) -> Iterator[dict[str, Any]]:
    """What parsing rejects again comes to, counted as it goes; the last value is the whole."""
    total = Replayed()
    if id_text is not None:
        _again(home, [_one(home, scope, id_text)], total)
        yield msgspec.to_builtins(total)
        return
    cursor = ""
    while True:
        page = home.ledger.rejects(scope, source, reason, PAGE, cursor)
        by_source: dict[tuple[str, str], list[FrameRow]] = {}
        for row in page.rows:
            by_source.setdefault((row.source, row.format), []).append(row)
        for rows in by_source.values():
            _again(home, rows, total)
        yield msgspec.to_builtins(total)
        if not page.cursor:
            return
        cursor = page.cursor


def _again(home: Home, rows: list[FrameRow], total: Replayed) -> None:
    """Parse rejects of one source and format again; those understood now replace their old frames."""
    reader = home.readers.reader(rows[0].source, rows[0].format)
    total.tried += len(rows)
    fresh: list[FrameRow] = []
    statements = []
    replaced = []
    for row in rows:
        block = Block(
            source=reader.source,
            format=row.format,
            origin=row.origin,
            start=row.offset,
            pieces=[Piece(row.data, row.context)],
            received_at=row.received_at,
        )
        understood = reader.block(block)
        new = understood.rows[0]
        if new.kind is FrameKind.REJECTED:
            total.still_rejected += 1
            continue
        total.understood += 1
        statements += [(len(fresh), statement) for _, statement in understood.statements]
        fresh.append(new)
        if new.id != row.id:
            replaced.append(row)
    if fresh:
        portion = Portion(Understood(rows=fresh, statements=statements))
        result: Result = home.intake.replace(rows[0].tenant, rows[0].source, portion, replaced)
        total.calls_new += result.calls_new
        total.calls_updated += result.calls_updated


def _one(home: Home, scope: Scope, id_text: str) -> FrameRow:
    try:
        frame = bytes.fromhex(id_text)
    except ValueError:
        frame = b""
    row = home.ledger.reject(scope, frame) if len(frame) == _ID_BYTES else None
    if row is None:
        raise UnknownRejectError(
            f"there is no reject {id_text!r}; 'ringbook rejects list' shows them with their ids"
        )
    return row


def _public(row: FrameRow) -> dict[str, Any]:
    return {
        "id": row.id.hex(),
        "source": row.source,
        "format": row.format,
        "origin": row.origin,
        "offset": row.offset,
        "received_at": iso(row.received_at),
        "reason": row.reason,
        "detail": row.detail,
        "data": base64.b64encode(row.data).decode(),
    }


_ID_BYTES = 16
