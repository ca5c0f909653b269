"""Segments in the order in which they happened, each with its instants as far as the source lets them be known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ringbook.model.instant import SECOND, Instant, seconds
from ringbook.model.party import Endpoint, EndpointKind
from ringbook.model.statement import PathResult, Segment

PEOPLE = frozenset({EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.UNKNOWN})
"""Kinds of ends that answer as people do: an end of unknown kind is taken at its source's word."""

_NOT_ANSWERED = frozenset(
    {
        PathResult.NO_ANSWER,
        PathResult.BUSY,
        PathResult.REJECTED,
        PathResult.CANCELLED,
        PathResult.CONGESTION,
        PathResult.FAILED,
        PathResult.ELSEWHERE,
    }
)


class Stretch(msgspec.Struct, frozen=True):
    """One segment with its place in time. ``answered`` says that something picked up; ``person`` that somebody did."""

    said: Segment
    started_at: Instant | None
    answered_at: Instant | None
    ended_at: Instant | None
    talk_s: float | None
    answered: bool
    person: bool

    @property
    def kind(self) -> EndpointKind:
        """What it reached."""
        return self.said.reached.kind


def label(end: Endpoint) -> str:
    """How an end is called in a story: its extension, else its number, else its name."""
    return end.extension or end.number.best or end.name


def stretches(segments: Sequence[Segment]) -> list[Stretch]:
    """The segments of a call in order, placed in time."""
    placed: list[Stretch] = []
    for said in chained(segments):
        before = placed[-1] if placed else None
        placed.append(_placed(said, before))
    return placed


def chained(segments: Sequence[Segment]) -> list[Segment]:
    """The segments in order of time; those that claim one instant in the order in which they hand the call on.

    Systems that give every segment the start of the call (SMDR) say which one is the last; whoever sent the call on to a
    segment had it in the segment before.
    """
    ordered = sorted(segments, key=lambda s: (s.at or 0, s.order, s.continues is False, bool(_sender(s))))
    for index in range(1, len(ordered)):
        sender = _sender(ordered[index])
        before = ordered[index - 1]
        if not sender or _has(before, sender) or before.at != ordered[index].at:
            continue
        for later in range(index + 1, len(ordered)):
            if ordered[later].at != before.at or ordered[later].continues is False:
                break
            if _has(ordered[later], sender):
                ordered.insert(index, ordered.pop(later))
                break
    return ordered


def _sender(said: Segment) -> str:
    return label(said.transferred_by)


def _has(said: Segment, who: str) -> bool:
    return who in (said.reached.extension, said.reached.number.raw, said.reached.name)


def _placed(said: Segment, before: Stretch | None) -> Stretch:
    start = said.at
    if (
        before is not None
        and before.said.continues
        and before.said.at == said.at
        and said.answered_at is None
    ):
        start = (
            before.ended_at
        )  # every segment names the start of the call: this one began where the last one ended
    answered = _was_answered(said)
    answered_at = _answered_at(said, start) if answered else None
    ended_at = said.ended_at
    talk_s = said.talk_s if answered else None
    if ended_at is None:
        ended_at = _ended_at(said, start, answered_at, answered)
    if talk_s is None and answered_at is not None and ended_at is not None:
        talk_s = seconds(max(0, ended_at - answered_at))
    person = answered and said.reached.kind in PEOPLE and said.result is not PathResult.VOICEMAIL
    return Stretch(said, start, answered_at, ended_at, talk_s, answered, person)


def _was_answered(said: Segment) -> bool:
    if said.result in (PathResult.ANSWERED, PathResult.VOICEMAIL):
        return True
    if said.result in _NOT_ANSWERED:
        return False
    return said.answered_at is not None or bool(said.talk_s)


def _answered_at(said: Segment, start: Instant | None) -> Instant | None:
    if said.answered_at is not None:
        return said.answered_at
    if said.ended_at is not None and said.talk_s is not None:
        return said.ended_at - _micros(said.talk_s)
    if start is not None and said.ring_s is not None and said.wait_s is None:
        return start + _micros(said.ring_s)
    return None


def _ended_at(
    said: Segment, start: Instant | None, answered_at: Instant | None, answered: bool
) -> Instant | None:
    if answered_at is not None and said.talk_s is not None:
        return answered_at + _micros(said.talk_s)
    if not answered and start is not None and said.ring_s is not None:
        return start + _micros(said.ring_s) + _micros(said.hold_s or 0)
    return None


def rang_s(part: Stretch) -> float | None:
    """How long a stretch rang: as stated, else from its start to its answer or end where it did nothing but ring."""
    if part.said.ring_s is not None:
        return part.said.ring_s
    if part.kind is EndpointKind.QUEUE or part.said.queue or part.said.wait_s or part.said.from_talk:
        return None
    if not part.answered and part.said.result is PathResult.UNKNOWN:
        return None
    if part.answered and part.answered_at == part.started_at:
        return None  # a segment that begins with the answer does not tell how long it had rung
    if part.said.extra.get("off_hook"):
        return None  # it begins when the caller lifted the handset, and dialling took a while
    return span_s(part.started_at, part.answered_at if part.answered else part.ended_at)


def union_s(parts: Iterable[Stretch]) -> float | None:
    """How long the stretches were connected together: overlaps once; None if one of them cannot tell."""
    spans: list[tuple[Instant, Instant]] = []
    loose = 0.0
    for part in parts:
        if part.talk_s is None:
            return None
        if part.answered_at is None:
            loose += part.talk_s
        else:
            spans.append((part.answered_at, part.answered_at + _micros(part.talk_s)))
    total = 0
    reach: Instant | None = None
    for start, end in sorted(spans):
        fresh = start if reach is None else max(start, reach)
        total += max(0, end - fresh)
        reach = end if reach is None else max(reach, end)
    return round(total / SECOND + loose, 3)


def span_s(start: Instant | None, end: Instant | None) -> float | None:
    """Seconds between two instants; None if either is unknown or they stand the wrong way round."""
    return None if start is None or end is None or end < start else seconds(end - start)


def _micros(span_in_s: float) -> int:
    return round(span_in_s * SECOND)
