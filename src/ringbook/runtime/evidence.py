"""Where each value of a call came from, down to the raw records: the call folded again from its frames, with reasons."""

from __future__ import annotations

from typing import Any

from ringbook.correlate.assemble import tell
from ringbook.ledger.erased import erased
from ringbook.model.call import Call
from ringbook.model.frame import FrameRow
from ringbook.model.instant import iso
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home


def of(home: Home, scope: Scope, call: Call) -> dict[str, Any]:
    """For each decided field of a call the view and the record that decided it, and all its records in order of time.

    Records are numbered from 1; ``why`` names them by number. Of a call that lost records under a warrant nobody can say any
    more what decided a value: ``removed`` says how many went, when and under what.
    """
    rows = sorted(
        home.ledger.frames(scope, list(call.frames)), key=lambda row: (row.stated_at, row.origin, row.offset)
    )
    records = [_record(number, row) for number, row in enumerate(rows, 1)]
    removed = _removed(home, scope, set(call.frames) - {row.id for row in rows})
    if removed:
        return {"why": {}, "records": records, "removed": removed}
    numbers = {row.id: index for index, row in enumerate(rows, 1)}
    told = tell(scope.tenant, call.sources[0], call.id, home.readers.again(rows))
    why = {
        field: {"view": view, "record": numbers.get(frame), "frame": frame.hex() if frame else None}
        for field, (view, frame) in told.why.items()
    }
    return {"why": why, "records": records, "removed": []}


def _removed(home: Home, scope: Scope, missing: set[bytes]) -> list[dict[str, Any]]:
    """What became of records that are not there: how many went under each warrant, and when."""
    found: dict[tuple[str, str, str | None], int] = {}
    for one in erased(home.ledger, scope, "frame", sorted(frame.hex() for frame in missing)).values():
        under = (one.ground.value, one.reference, iso(one.at))
        found[under] = found.get(under, 0) + 1
    return [
        {"count": count, "ground": ground, "reference": reference, "at": at}
        for (ground, reference, at), count in sorted(found.items(), key=str)
    ]


def _record(number: int, row: FrameRow) -> dict[str, Any]:
    return {
        "number": number,
        "frame": row.id.hex(),
        "source": row.source,
        "format": row.format,
        "where": f"{row.origin} at byte {row.offset}",
        "text": row.data.decode("utf-8", errors="backslashreplace").rstrip("\r\n"),
    }
