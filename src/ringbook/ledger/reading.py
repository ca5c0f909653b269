"""Calls and frames from the engine's answers: what a reader selects, and what it makes of it."""

from __future__ import annotations

import msgspec

from ringbook.ledger.detail import Columns, unpacked
from ringbook.model.call import Call, CallId
from ringbook.model.frame import FrameKind, FrameRow

#: What a reader selects to make a call of, in the order of _CallRecord. Each column costs a page of scattered calls a
#: decompression a call: what is not needed to find the newest revision comes from ``detail``.
CALL_FIELDS = (
    "id, tenant, toUnixTimestamp64Micro(started_at), sources, keys, arrayMap(x -> base64Encode(x), frames),"
    " revision, rules, gone, detail"
)


class _CallRecord(msgspec.Struct, array_like=True):
    """A call's row as the engine gives it back; ``fits`` is whether it satisfies a condition that was asked about."""

    id: CallId
    tenant: str
    started_at: int
    sources: tuple[str, ...]
    keys: tuple[str, ...]
    frames: tuple[bytes, ...]
    revision: int
    rules: int
    gone: int
    detail: str
    fits: int = 1


def decode_calls(lines: bytes) -> list[Call]:
    """Calls from the engine's answer to CALL_FIELDS in ``JSONCompactEachRow``, all of them newest revisions."""
    return [_call(row) for row in _CALL_DECODER.decode_lines(lines)]


def decode_newest(lines: bytes) -> list[Call]:
    """Calls from such an answer that may hold several revisions of each: the newest ones, unless they are gone or do not fit."""
    newest: dict[CallId, _CallRecord] = {}
    for row in _CALL_DECODER.decode_lines(lines):
        known = newest.get(row.id)
        if known is None or row.revision >= known.revision:
            newest[row.id] = row
    return [_call(row) for row in newest.values() if row.fits and not row.gone]


def _call(row: _CallRecord) -> Call:
    columns = Columns(
        id=row.id,
        tenant=row.tenant,
        started_at=row.started_at,
        sources=row.sources,
        keys=row.keys,
        frames=row.frames,
        revision=row.revision,
        rules=row.rules,
    )
    return unpacked(row.detail, columns)


FRAME_FIELDS = (
    "base64Encode(id), tenant, source, format, kind, toUnixTimestamp64Micro(stated_at), about_call = 1, reason, detail,"
    " base64Encode(data), base64Encode(context), origin, offset, toUnixTimestamp64Micro(received_at)"
)


class _FrameRecord(msgspec.Struct, array_like=True):
    """A frame's row as the engine gives it back."""

    id: bytes
    tenant: str
    source: str
    format: str
    kind: FrameKind
    stated_at: int
    about_call: int
    reason: str
    detail: str
    data: bytes
    context: bytes
    origin: str
    offset: int
    received_at: int


def decode_frames(lines: bytes) -> list[FrameRow]:
    """Frames from the engine's answer to FRAME_FIELDS in ``JSONCompactEachRow``."""
    return [
        FrameRow(
            id=row.id,
            tenant=row.tenant,
            source=row.source,
            format=row.format,
            kind=row.kind,
            stated_at=row.stated_at,
            about_call=bool(row.about_call),
            reason=row.reason,
            detail=row.detail,
            data=row.data,
            context=row.context,
            origin=row.origin,
            offset=row.offset,
            received_at=row.received_at,
        )
        for row in _FRAME_DECODER.decode_lines(lines)
    ]


_CALL_DECODER = msgspec.json.Decoder(_CallRecord)
_FRAME_DECODER = msgspec.json.Decoder(_FrameRecord)
