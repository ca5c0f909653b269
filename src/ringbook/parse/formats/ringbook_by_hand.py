"""Calls that people of ours entered by hand: one JSON object a line, written by Ringbook itself.

A mobile or face-to-face talk that no phone system knows of. ``ringbook_by_hand`` is the version of the layout, 1. A record with
an id that came before corrects it: of one id the highest ``version`` stands. Times are UTC; ``zone`` is the one in which the time
was entered and says nothing about the call. ``agent`` is the extension of whoever talked, or ``@handle`` of somebody without.

What a person enters is what they remember: the call begins where they say the talk began, and how long it rang is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from ringbook.model.call import Direction
from ringbook.model.instant import SECOND, Instant, from_datetime, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import PathResult, Segment
from ringbook.parse.format import (
    About,
    Clock,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Stated,
    Transport,
    without_settings,
)
from ringbook.parse.framing import LineFramer

LAYOUT = 1
LONGEST_TALK_S = 7 * 86_400
_MOST_VERSION = 1_000_000
_LONGEST_TEXT = 300
_FACTS = (
    "started_at answered_at ended_at duration_s direction outcome from to dialled agents talk_s legs steps"
)


class _Record(msgspec.Struct):
    ringbook_by_hand: int
    id: str
    at: str
    direction: str
    outcome: str
    agent: str
    version: int = 1
    agent_name: str = ""
    number: str = ""
    name: str = ""
    talk_s: float | None = None
    medium: str = ""
    entered_by: str = ""
    entered_at: str = ""
    zone: str = ""


class RingbookByHand:
    """Calls entered by hand."""

    about = About(
        slug="ringbook_by_hand",
        vendor="Ringbook",
        product="Calls entered by hand",
        versions="layout 1",
        reference="this file",
        transports=(Transport.FILE, Transport.HTTP_POST),
        clock=Clock.UTC,
        facts=frozenset(_FACTS.split()),
        keys="The record's id; a later version of the record corrects the same call",
        connect="Choose Log a call on any page, or: ringbook import by-hand.jsonl --source by-hand",
    )

    def configure(self, settings: Mapping[str, str]) -> RingbookByHand:
        """The same: it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """Certain where the first object says what it is."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        found = re.match(rb'\{[^{}\r\n]{0,2000}"ringbook_by_hand"\s*:\s*\d', text)
        return 0.98 if found else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece a line."""
        return LineFramer(context)

    def parse(self, piece: Piece) -> Parsed:
        """The call on the line."""
        if piece.flaw:
            return Rejected(piece.flaw)
        line = piece.data.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            return Noise("blank")
        try:
            record = _DECODER.decode(line)
        except (msgspec.ValidationError, RecursionError) as error:
            return Rejected(Reasons.MISSING, str(error)[:200])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            ended = line.endswith(b"}")
            return Rejected(Reasons.SYNTAX if ended else Reasons.TRUNCATED, str(error)[:200])
        return _call(record)


FORMAT = RingbookByHand()

_DECODER = msgspec.json.Decoder(_Record)


def _call(record: _Record) -> Parsed:
    if record.ringbook_by_hand != LAYOUT:
        return Rejected(Reasons.UNKNOWN, f"layout {record.ringbook_by_hand}, not {LAYOUT}")
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{8,80}", record.id):
        return Rejected(Reasons.MISSING, "an id of 8 to 80 letters, digits and hyphens")
    if not 1 <= record.version <= _MOST_VERSION:
        return Rejected(Reasons.NUMBER, f"version {record.version}")
    at = _instant(record.at)
    if at is None:
        return Rejected(Reasons.TIME, f"at is {record.at[:40]!r}, not a time in UTC")
    if not plausible(at):
        return Rejected(Reasons.IMPLAUSIBLE, f"at is {record.at[:40]}")
    talk_s = record.talk_s
    if talk_s is not None and talk_s < 0:
        return Rejected(Reasons.NEGATIVE, f"talk_s is {talk_s}")
    if talk_s is not None and not talk_s <= LONGEST_TALK_S:
        return Rejected(Reasons.NUMBER, f"talk_s is {talk_s}")
    direction = _DIRECTIONS.get(record.direction)
    if direction is None:
        return Rejected(Reasons.UNKNOWN, f"direction {record.direction[:40]!r}")
    result = _RESULTS.get(record.outcome)
    if result is None:
        return Rejected(Reasons.UNKNOWN, f"outcome {record.outcome[:40]!r}")
    return Stated((_segment(record, at, direction, result),))


def _segment(record: _Record, at: Instant, direction: Direction, result: PathResult) -> Segment:
    ours = Endpoint(
        EndpointKind.PERSON,
        name=record.agent_name[:_LONGEST_TEXT],
        extension=record.agent[:80],
        channel=record.medium[:40],
    )
    inside = direction is Direction.INTERNAL
    other = Endpoint(
        EndpointKind.PERSON if inside else EndpointKind.OUTSIDE,
        Number(record.number[:80]),
        record.name[:_LONGEST_TEXT],
        extension=record.number[:80] if inside else "",
    )
    incoming = direction is Direction.INBOUND
    answered = result is PathResult.ANSWERED
    talk_s = record.talk_s if answered else None
    key = f"by-hand:{record.id}"
    return Segment(
        keys=(key,),
        identity=key,
        version=record.version,
        at=at,
        caller=other if incoming else ours,
        reached=ours if incoming else other,
        dialled="" if incoming else record.number[:80],
        direction=direction,
        result=result,
        answered_at=at if answered else None,
        ended_at=None if talk_s is None else at + round(talk_s * SECOND),
        talk_s=talk_s,
        from_talk=answered,
        extra={name: value for name, value in _said(record) if value},
    )


def _said(record: _Record) -> tuple[tuple[str, str], ...]:
    return (
        ("medium", record.medium[:40]),
        ("entered_by", record.entered_by[:80]),
        ("entered_at", record.entered_at[:40]),
    )


_DIRECTIONS = {
    one.value: one for one in (Direction.INBOUND, Direction.OUTBOUND, Direction.INTERNAL, Direction.UNKNOWN)
}

_RESULTS = {
    "answered": PathResult.ANSWERED,
    "missed": PathResult.NO_ANSWER,
    "voicemail": PathResult.VOICEMAIL,
    "busy": PathResult.BUSY,
    "rejected": PathResult.REJECTED,
    "cancelled": PathResult.CANCELLED,
    "failed": PathResult.FAILED,
    "unknown": PathResult.UNKNOWN,
}
"""Outcomes that a person can enter. Inbound, nobody cancels but the caller: it is kept as missed."""

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")


def _instant(text: str) -> Instant | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        return from_datetime(datetime.fromisoformat(text))
    except ValueError:
        return None
