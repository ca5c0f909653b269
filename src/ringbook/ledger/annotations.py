"""Rows of the search copies: what people added to calls, and whose numbers are. All functions are pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pyarrow as pa

from ringbook.ledger.rows import encoded, opened_ms
from ringbook.model.annotation import CallNotes, NamedNumber
from ringbook.model.instant import Instant

_TEXT, _TEXTS = pa.string(), pa.list_(pa.string())

ANNOTATIONS = pa.schema(
    {
        "tenant": _TEXT,
        "call": _TEXT,
        "opened_at": pa.timestamp("ms"),
        "version": pa.uint64(),
        "notes": _TEXT,
        "tags": _TEXTS,
        "outcome_code": _TEXT,
        "assigned": _TEXTS,
        "due_at": pa.list_(pa.timestamp("us")),
        "open_tasks": pa.uint16(),
        "entered_by": _TEXT,
        "fields": pa.map_(_TEXT, _TEXT),
    }
)
NAMED_NUMBERS = pa.schema(
    {
        "tenant": _TEXT,
        "number": _TEXT,
        "contact": _TEXT,
        "name": _TEXT,
        "company": _TEXT,
        "version": pa.uint64(),
    }
)
_MOST_TASKS = 2**16 - 1


def encode_annotations(tenant: str, notes: Iterable[CallNotes], now: Instant) -> bytes:
    """Rows for the table ``annotations``."""
    rows = [
        (
            tenant,
            str(each.call),
            opened_ms(each.call),
            each.version or now,
            each.notes.lower(),
            each.tags,
            each.outcome_code,
            each.assigned,
            each.due_at,
            min(each.open_tasks, _MOST_TASKS),
            each.entered_by,
            tuple(each.fields.items()),
        )
        for each in notes
    ]
    return encoded(ANNOTATIONS, rows)


def encode_named(tenant: str, numbers: Iterable[NamedNumber], now: Instant) -> bytes:
    """Rows for the table ``named_numbers``; who has no contact has no name."""
    rows = []
    for each in numbers:
        kept = each if each.contact else NamedNumber(each.number, version=each.version)
        rows.append((tenant, *msgspec.structs.astuple(kept)[:-1], each.version or now))
    return encoded(NAMED_NUMBERS, rows)


__all__ = ["ANNOTATIONS", "NAMED_NUMBERS", "CallNotes", "NamedNumber", "encode_annotations", "encode_named"]
