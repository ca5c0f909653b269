"""Calls as rows of a table file: its columns, their types, and text that no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ringbook.model.public import FLAT_COLUMNS
from ringbook.web.shapes import flat_shown

ADDED = (
    "from_contact",
    "from_company",
    "to_contact",
    "to_company",
    "tags",
    "outcome_code",
    "assigned",
    "notes",
)
"""What people added to a call, behind the columns of its public shape."""

COLUMNS = (*FLAT_COLUMNS, *ADDED)
"""The columns of CSV and XLSX, in order."""

TIMES = frozenset({"started_at", "answered_at", "ended_at"})
SPANS = ("duration_s", "wait_s", "ring_s", "talk_s", "hold_s")
NUMBERS = frozenset(
    {*SPANS, "mos", "pdd_s", "jitter_ms", "loss_pct", "cause_q850", "cause_sip", "revision", "notes"}
)

_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def harmless(text: str) -> str:
    """Text for a cell of a CSV file that no spreadsheet runs as a formula: it gets an apostrophe before it.

    Plain numbers stay as they are, telephone numbers in E.164 (``+15125550101``) among them: they compute nothing.
    """
    if _FORMULA.match(text) and not _PLAIN.fullmatch(text):
        return f"'{text}"
    return text


def row(shape: Mapping[str, Any]) -> dict[str, str]:
    """The call of a shape as text under ``COLUMNS``; what nobody knows is empty."""
    added = shape["annotations"]
    code = added["outcome_code"]
    told = flat_shown(shape)
    for side in ("from", "to"):
        contact = shape[side].get("contact") or {}
        told[f"{side}_contact"] = contact.get("name", "")
        told[f"{side}_company"] = contact.get("company", "")
    told["tags"] = ";".join(one["name"] for one in added["tags"])
    told["outcome_code"] = code["key"] if code else ""
    told["assigned"] = ";".join(added["assigned"])
    told["notes"] = str(added["notes"])
    return told


_TEXT = pa.string()
_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())

PARQUET = pa.schema(
    [
        *(pa.field(name, _TEXT) for name in ("id", "tenant")),
        *(pa.field(name, _TIME) for name in ("started_at", "answered_at", "ended_at")),
        *(pa.field(name, _TEXT) for name in ("direction", "outcome", "hangup_by")),
        pa.field("cause_q850", pa.int32()),
        pa.field("cause_sip", pa.int32()),
        *(pa.field(name, _TEXT) for name in ("cause_text", "from_number", "from_raw", "from_name")),
        *(pa.field(name, _TEXT) for name in ("to_number", "to_raw", "to_name", "dialled")),
        pa.field("agents", _TEXTS),
        pa.field("queue", _TEXT),
        pa.field("trunks", _TEXTS),
        *(pa.field(name, pa.float64()) for name in SPANS),
        pa.field("transfers", _TEXTS),
        pa.field("recordings", _TEXTS),
        *(pa.field(name, pa.float64()) for name in ("mos", "pdd_s", "jitter_ms", "loss_pct")),
        *(pa.field(name, _TEXT) for name in ("cost", "account")),
        pa.field("sources", _TEXTS),
        pa.field("revision", pa.int32()),
        *(pa.field(name, _TEXT) for name in ("from_contact", "from_company", "to_contact", "to_company")),
        pa.field("tags", _TEXTS),
        pa.field("outcome_code", _TEXT),
        pa.field("assigned", _TEXTS),
        pa.field("notes", pa.int32()),
    ]
)
"""The schema of Parquet files: the columns of the others, typed; what nobody knows is null."""

_LISTS = frozenset(field.name for field in PARQUET if field.type == _TEXTS)


def typed(told: Mapping[str, str]) -> dict[str, Any]:
    """A row of text as values of ``PARQUET``."""
    return {field.name: _value(field, told[field.name]) for field in PARQUET}


def _value(field: pa.Field, text: str) -> Any:
    if field.name in _LISTS:
        return text.split(";") if text else []
    if not text:
        return None
    if field.type == _TEXT:
        return text
    if field.type == _TIME:
        return _instant(text)
    return float(text) if field.type == pa.float64() else int(text)


def _instant(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)
