"""Looking up thousands of keys, frames and calls at a time, as the intake does for every batch.

Telling the engine 20,000 values costs it over 100 ms to read the statement alone. Most batches are new, and what the ledger
has in their time is little: so it is first counted, then fetched whole and compared here, unless it is too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec
import numpy as np

from ringbook.ledger.rows import opened_ms
from ringbook.ledger.statements import statement
from ringbook.model.call import CallId
from ringbook.model.instant import DAY, Instant

Ask: TypeAlias = Callable[[str, Mapping[str, object]], bytes]
"""Sends a statement with its parameters and gives the answer's rows in the engine's RowBinary format."""

FEW = 500
"""So many values are always named in the statement."""
MANY_ROWS = 1_000_000
"""More rows than these are not fetched to be compared here."""
AT_ONCE = 20_000
APART_MS = 7 * DAY // 1000
_OWNER = np.dtype([("key", "<u8"), ("high", "<u8"), ("low", "<u8")])


def owners(ask: Ask, keys: Iterable[int], since: Instant, until: Instant) -> list[tuple[int, CallId]]:
    """The calls that keys belong to, among keys of calls that started in that time."""
    wanted = np.unique(np.fromiter(keys, dtype=np.uint64))
    window = {"since": since // 1000, "until": until // 1000 + 1}
    if not len(wanted):
        return []
    if len(wanted) > FEW:
        there = _count(ask(statement("calls", "keys_within"), window))
        if not there:
            return []
        if there <= MANY_ROWS:
            rows = np.frombuffer(ask(statement("calls", "all_owners"), window), dtype=_OWNER)
            return _owned(rows[np.isin(rows["key"], wanted)])
    found: list[tuple[int, CallId]] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = ",".join(map(str, wanted[start : start + AT_ONCE].tolist()))
        answer = ask(statement("calls", "owners").replace("{keys}", some), window)
        found += _owned(np.frombuffer(answer, dtype=_OWNER))
    return found


def _owned(rows: np.ndarray) -> list[tuple[int, CallId]]:
    return [(key, _call_id(high, low)) for key, high, low in rows.tolist()]


def _call_id(high: int, low: int) -> CallId:
    text = f"{high:016x}{low:016x}"
    return CallId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def leads_to(ask: Ask, ids: Iterable[CallId]) -> dict[CallId, CallId]:
    """Where those of the ids that were joined into other calls lead, one step."""
    wanted = sorted(ids)
    if len(wanted) <= FEW:
        return dict(_alias(ask(statement("calls", "leads_to"), {"ids": wanted}))) if wanted else {}
    there = _count(ask(statement("calls", "aliases_count"), {}))
    if not there:
        return {}
    if there <= MANY_ROWS:
        known = set(wanted)
        return {
            start: end for start, end in _alias(ask(statement("calls", "all_aliases"), {})) if start in known
        }
    found: dict[CallId, CallId] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found.update(_alias(ask(statement("calls", "leads_to"), {"ids": wanted[start : start + AT_ONCE]})))
    return found


def _alias(answer: bytes) -> Iterator[tuple[CallId, CallId]]:
    for high, low, to_high, to_low in np.frombuffer(answer, dtype="<u8").reshape(-1, 4).tolist():
        yield _call_id(high, low), _call_id(to_high, to_low)


def last_revisions(ask: Ask, ids: Iterable[CallId]) -> dict[CallId, int]:
    """The highest revision that some calls ever had, tombstones included."""
    found: dict[CallId, int] = {}
    kind = np.dtype([("high", "<u8"), ("low", "<u8"), ("revision", "<u4")])
    for run in places(ids):
        text = statement("calls", "last_revisions").replace(
            "{ids}", ",".join(f"'{call}'" for call in run.ids)
        )
        for high, low, revision in np.frombuffer(ask(text, run.params()), dtype=kind).tolist():
            found[_call_id(high, low)] = revision
    return found


def known_frames(ask: Ask, source: str, ids: Iterable[bytes]) -> set[bytes]:
    """Which of these ids a source has frames of."""
    known: set[bytes] = set()
    for run in by_time(ids):
        window = {"source": source, **span(run)}
        there = 0
        if len(run) > FEW:
            there = _count(ask(statement("frames", "ids_within"), window))
            if not there:
                continue
        if 0 < there <= max(5 * len(run), 100_000):
            answer = ask(statement("frames", "all_ids"), window)
            known |= set(run).intersection(_sixteens(answer))
        else:
            known |= set(_sixteens(ask(statement("frames", "known").replace("{ids}", literals(run)), window)))
    return known


def removed_frames(ask: Ask, source: str, ids: Iterable[bytes]) -> set[bytes]:
    """Which of these ids a source had frames of that were removed for good and are not taken in again."""
    found: set[bytes] = set()
    for run in by_time(ids):
        window = {"source": source, "least": run[0].hex(), "most": run[-1].hex()}
        if not ask(statement("erasing", "any_removed"), window):
            continue
        names = ",".join(f"'{frame.hex()}'" for frame in run)
        answer = ask(statement("erasing", "not_again").replace("{ids}", names), window)
        found |= set(_sixteens(answer))
    return found


def frames_condition(ask: Ask, run: Sequence[bytes]) -> str:
    """The condition that finds a run of frames: their ids, unless they are most of what is there in their time."""
    if len(run) > FEW and _count(ask(statement("frames", "all_within"), span(run))) <= 3 * len(run):
        return "1"
    return f"id IN ({literals(run)})"


def _sixteens(answer: bytes) -> Iterator[bytes]:
    return (answer[place : place + 16] for place in range(0, len(answer), 16))


def _count(answer: bytes) -> int:
    return int.from_bytes(answer[:8], "little")


def literals(ids: Iterable[bytes]) -> str:
    """Frame ids as SQL texts."""
    return ",".join("'" + "".join(f"\\x{byte:02x}" for byte in frame) + "'" for frame in ids)


def by_time(ids: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Frame ids in runs that lie close in time, so that a run is looked up in few partitions."""
    run: list[bytes] = []
    for frame in sorted(set(ids)):
        if run and (len(run) >= AT_ONCE or _ms_of(frame) - _ms_of(run[-1]) > APART_MS):
            yield run
            run = []
        run.append(frame)
    if run:
        yield run


def span(run: Sequence[bytes]) -> dict[str, int]:
    """The milliseconds between which the frames of a sorted run state their time."""
    return {"since": _ms_of(run[0]), "until": _ms_of(run[-1]) + 1}


def _ms_of(frame: bytes) -> int:
    return int.from_bytes(frame[:6], "big")


class Places(msgspec.Struct, frozen=True):
    """Calls to be looked up together, by id."""

    ids: list[CallId]

    def params(self) -> dict[str, object]:
        """Where they are: few at their exact places, many between the first and the last."""
        opened = [_clock(opened_ms(call)) for call in self.ids]
        return {"since": opened[0], "until": opened[-1], "opened": opened if len(opened) <= FEW else []}


def places(ids: Iterable[CallId]) -> Iterator[Places]:
    """Calls in runs that lie close in time; few calls in one run wherever they lie."""
    wanted = sorted(set(ids))
    if len(wanted) <= FEW:
        if wanted:
            yield Places(wanted)
        return
    run: list[CallId] = []
    for call in wanted:
        if run and (len(run) >= AT_ONCE or opened_ms(call) - opened_ms(run[-1]) > APART_MS):
            yield Places(run)
            run = []
        run.append(call)
    yield Places(run)


def _clock(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{ms % 1000:03d}"
