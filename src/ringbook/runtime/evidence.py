"""Where each value of a call came from, down to the raw records: the call folded again from its frames, with reasons."""

from __future__ import annotations

from typing import Any

from ringbook.correlate.assemble import tell
from ringbook.model.call import Call
from ringbook.model.frame import FrameRow
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home


def of(home: Home, scope: Scope, call: Call) -> dict[str, Any]:
    """For each decided field of a call the view and the record that decided it, and all its records in order of time.

    Records are numbered from 1; ``why`` names them by number.
    """
    rows = sorted(
        home.ledger.frames(scope, list(call.frames)), key=lambda row: (row.stated_at, row.origin, row.offset)
    )
    numbers = {row.id: index for index, row in enumerate(rows, 1)}
    told = tell(scope.tenant, call.sources[0], call.id, home.readers.again(rows))
    why = {
        field: {"view": view, "record": numbers.get(frame), "frame": frame.hex() if frame else None}
        for field, (view, frame) in told.why.items()
    }
    return {"why": why, "records": [_record(number, row) for number, row in enumerate(rows, 1)]}


def _record(number: int, row: FrameRow) -> dict[str, Any]:
    return {
        "number": number,
        "frame": row.id.hex(),
        "source": row.source,
        "format": row.format,
        "where": f"{row.origin} at byte {row.offset}",
        "text": row.data.decode("utf-8", errors="backslashreplace").rstrip("\r\n"),
    }
