"""Whether everything in the ledger adds up: ``ringbook verify``.

Each check gives a finding that says what was checked, or one finding for each difference (the first few of a kind, and how to
go on). Nothing here raises because of what the ledger holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from ringbook.ledger.batch import Tally
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.statements import statement
from ringbook.model.scope import Scope

SHOWN = 20
"""Differences named for each check."""
ROWS_AT_ONCE = 4_000_000


class Finding(msgspec.Struct, frozen=True):
    """One thing that was checked, or one difference that was found."""

    text: str
    differs: bool = False


def verify(ledger: Ledger, scope: Scope) -> Iterator[Finding]:
    """All findings about what the ledger holds in a scope."""
    tallies = ledger.tallies(scope)
    yield from _report("every byte of every origin is in a frame", _bytes(tallies))
    yield from _report("frames = stated + rejected + noise in every batch", _sums(tallies))
    yield from _report("every origin goes on where its last batch ended", _positions(ledger, scope, tallies))
    yield from _report("every frame that came in is there", _frames(ledger, scope, tallies))
    yield from _report(
        "every frame about a call is in exactly one call, and every call's frames are there",
        _in_calls(ledger, scope),
    )
    yield from _report("every key and every joined call leads to a call", _references(ledger, scope))
    yield from _report("every call rests on frames", _founded(ledger, scope))


def _report(checked: str, differences: Iterable[str]) -> Iterator[Finding]:
    found = list(differences)
    if not found:
        yield Finding(checked)
    for text in found[:SHOWN]:
        yield Finding(text, differs=True)
    if len(found) > SHOWN:
        yield Finding(f"… and at least {len(found) - SHOWN} more differences like the last", differs=True)


def _origin(tally: Tally) -> tuple[str, str, str]:
    return tally.source, tally.origin, tally.mark


def _bytes(tallies: list[Tally]) -> Iterator[str]:
    for (source, origin, _), group in groupby(tallies, key=_origin):
        end = 0
        for tally in group:
            where = f"{source}: {origin}"
            if tally.start > end:
                yield f"{where}: bytes {end} to {tally.start} are in no frame; import it again from the start"
            elif tally.start < end:
                yield f"{where}: bytes {tally.start} to {end} were counted twice"
            if tally.size != tally.stop - tally.start:
                yield (
                    f"{where}: bytes {tally.start} to {tally.stop} gave frames of {tally.size} bytes together"
                )
            end = max(end, tally.stop)


def _sums(tallies: list[Tally]) -> Iterator[str]:
    for t in tallies:
        if t.frames != t.stated + t.rejected + t.noise or t.repeated > t.frames:
            yield (
                f"{t.source}: {t.origin}: bytes {t.start} to {t.stop} gave {t.frames} frames, but {t.stated} stated"
                f" + {t.rejected} rejected + {t.noise} noise ({t.repeated} of them repeated)"
            )


def _positions(ledger: Ledger, scope: Scope, tallies: list[Tally]) -> Iterator[str]:
    ends: dict[tuple[str, str, str], int] = defaultdict(int)
    for tally in tallies:
        ends[_origin(tally)] = max(ends[_origin(tally)], tally.stop)
    seen = set()
    for position in ledger.positions(scope):
        place = (position.source, position.origin, position.mark)
        seen.add(place)
        if position.offset != ends[place]:
            yield (
                f"{position.source}: {position.origin}: reading goes on at byte {position.offset},"
                f" but the accounts end at byte {ends[place]}"
            )
    for place in ends.keys() - seen:
        yield f"{place[0]}: {place[1]}: has accounts up to byte {ends[place]} but no position"


def _frames(ledger: Ledger, scope: Scope, tallies: list[Tally]) -> Iterator[str]:
    came: dict[str, int] = defaultdict(int)
    for tally in tallies:
        came[tally.source] += tally.frames - tally.repeated
    removed: dict[str, int] = defaultdict(int)
    for source, count, there_all_the_same, lost in ledger.query_rows(scope, statement("verify", "removed")):
        removed[source] = count - lost
        if there_all_the_same:
            yield f"{source}: {there_all_the_same} frames that were removed under a warrant are still there"
    there: dict[str, int] = {}
    for source, frames, stated, rejected, noise in ledger.query_rows(
        scope, statement("verify", "frames_total")
    ):
        there[source] = frames
        if frames != stated + rejected + noise:
            yield f"{source}: {frames} frames, but {stated} stated + {rejected} rejected + {noise} noise"
    for source in sorted(came.keys() | there.keys() | removed.keys()):
        if came[source] != there.get(source, 0) + removed[source]:
            gone = f" ({removed[source]} were removed under warrants)" if removed[source] else ""
            yield (
                f"{source}: the accounts say that {came[source]} different frames came in,"
                f" and {there.get(source, 0)} are there{gone}"
            )


def _in_calls(ledger: Ledger, scope: Scope) -> Iterator[str]:
    for frame, calls, told, other in _shared(ledger, scope, "frames_in_calls"):
        if told + other == 0:
            yield f"frame {frame} is in {_calls(calls)} but not in the ledger"
        elif told > 1 or (told and other):
            yield f"frame {frame} stands {told + other} times"
        elif told:
            yield f"frame {frame} tells about a call and is in {_calls(calls)}; `ringbook rederive` folds it again"
        else:
            yield f"frame {frame} tells about no call and is in {_calls(calls)}"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count or 'no'} calls" if count else "no call"


def _references(ledger: Ledger, scope: Scope) -> Iterator[str]:
    for call, keys, ends, live, joined in _shared(ledger, scope, "call_references"):
        if live > 1:
            yield f"call {call} stands {live} times"
        elif live and joined:
            yield f"call {call} was joined into another and is still there"
        elif keys:
            yield f"keys belong to call {call}, which is not there"
        elif ends:
            yield f"a joined call leads to call {call}, which is not there"


def _founded(ledger: Ledger, scope: Scope) -> Iterator[str]:
    for (call,) in ledger.query_rows(
        scope, statement("verify", "calls_without_frames"), {"limit": SHOWN + 1}
    ):
        yield f"call {call} rests on no frames"


def _shared(ledger: Ledger, scope: Scope, name: str) -> Iterator[tuple[int, ...]]:
    """The rows of a statement over all its shares, as far as they are shown."""
    ((frames, calls),) = ledger.query_rows(scope, statement("verify", "rows_total"))
    shares = 1 + max(frames, calls) // ROWS_AT_ONCE
    found = 0
    for share in range(shares):
        params = {"share": share, "shares": shares, "limit": SHOWN + 1}
        rows = ledger.query_rows(scope, statement("verify", name), params)
        yield from rows
        found += len(rows)
        if found > SHOWN:
            return
