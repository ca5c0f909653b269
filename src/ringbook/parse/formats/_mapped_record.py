"""Makes a segment out of the values of one record of a mapped file."""

from __future__ import annotations

import hashlib

from ringbook.model.call import Cause, Direction, HangupBy
from ringbook.model.instant import DAY, SECOND, Instant, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import PathResult, Segment
from ringbook.parse import mapped_values as values
from ringbook.parse.format import Reasons
from ringbook.parse.formats._mapped_rows import RecordError, Row
from ringbook.parse.mapping_model import SPANS, WRITTEN, FileMapping

_LONGEST_TEXT = 300
_LATE_END_S = 3700
"""Seconds that a wall clock's end may lie before its start: the hour that comes twice in autumn, and a little."""


class Records:
    """Segments of one mapping's records. ``local``: their times are wall clocks that the source's zone will place."""

    def __init__(self, mapping: FileMapping, *, local: bool) -> None:
        self._mapping = mapping
        self._local = local
        zone = mapping.zone
        self._zone = None if local or zone in ("", WRITTEN) else values.zone(zone)

    def segment(self, row: Row, index: int, data: bytes) -> Segment:
        """The record as a segment. Raises :class:`RecordError`."""
        start = self._time(row, "start", None)
        if start is None:
            raise RecordError(Reasons.TIME, "it does not say when the call began")
        at = self._at(start)
        spans = {name: self._span(row, name) for name in SPANS}
        answered_at, ended_at = self._later(row, start, spans)
        talk_s = spans["talk"]
        if talk_s is None and answered_at is not None and ended_at is not None:
            talk_s = max(0.0, (ended_at - answered_at) / SECOND)
        result, words = self._result(row, talk_s, answered_at)
        direction = self._direction(row)
        caller, reached, dialled = self._ends(row, direction)
        extra = self._unknown_words(row, direction)
        return Segment(
            keys=(self._key(row, index, data),),
            order=index,
            at=at,
            caller=caller,
            reached=reached,
            dialled=dialled,
            direction=direction,
            result=result,
            answered_at=answered_at if result is PathResult.ANSWERED else None,
            ended_at=ended_at,
            ring_s=spans["ring"],
            talk_s=talk_s if result is PathResult.ANSWERED else None,
            hold_s=spans["hold"],
            wait_s=spans["wait"],
            queue=self._text(row, "queue"),
            trunk=self._text(row, "trunk"),
            hangup_by=_HANGUPS.get(self._text(row, "hangup_by").casefold(), HangupBy.UNKNOWN),
            cause=Cause(q850=self._cause(row), text=words),
            cost=self._text(row, "cost"),
            account=self._text(row, "account"),
            recording=self._text(row, "recording"),
            extra=extra,
        )

    def _text(self, row: Row, name: str) -> str:
        field = self._mapping.fields.get(name)
        if field is None:
            return ""
        if field.value:
            return field.value
        parts = [text for text in (row(column) for column in field.columns) if text]
        text = " ".join(parts)[:_LONGEST_TEXT]
        return "" if text.casefold() in self._mapping.empty else text

    def _time(self, row: Row, name: str, start: values.Read | None) -> values.Read | None:
        """The time in a field, its ``instant`` filled where the mapping, not the source, says the zone."""
        text = self._text(row, name)
        if not text or values.is_nothing(text):
            return None
        read = values.time(text, self._mapping.formats_of(name))
        if read is None:
            raise RecordError(Reasons.TIME, f"{name} is {text[:60]!r}, in none of the mapping's time formats")
        if read.clock_only and start is None:
            raise RecordError(Reasons.TIME, f"{name} is {text[:60]!r}, a time without a day")
        if self._local and read.instant is not None:
            raise RecordError(
                Reasons.TIME, f'{name} is {text[:60]!r}, which says its zone; write zone = "written"'
            )
        if not self._local and read.instant is None:
            read = self._placed(read, name, text, start)
        elif read.clock_only and start is not None:
            read = values.Read(values.on_the_day_of(start.wall, read.wall), None)
        if not plausible(self._at(read)):
            raise RecordError(Reasons.IMPLAUSIBLE, f"{name} is {text[:60]!r}")
        return read

    def _at(self, read: values.Read) -> Instant:
        """A wall clock as if in UTC where the source's zone is to place it, else the instant."""
        return read.wall if self._local or read.instant is None else read.instant

    def _placed(self, read: values.Read, name: str, text: str, start: values.Read | None) -> values.Read:
        """The time with its instant, by the mapping's zone or, for a time of day, by the start's own offset."""
        if self._zone is None and (start is None or not read.clock_only):
            raise RecordError(Reasons.TIME, f"{name} is {text[:60]!r}, which does not say its zone")
        after = None if start is None else start.instant
        if start is None or after is None or not read.clock_only:
            return values.Read(read.wall, values.placed(read.wall, self._zone or values.UTC, after))
        today = start.wall - start.wall % DAY + read.wall % DAY
        for wall in (today, today + DAY):
            at = wall - (start.wall - after)
            if self._zone is not None:
                at = values.placed(wall, self._zone, after)
            if at >= after:
                break
        return values.Read(wall, at)

    def _later(
        self, row: Row, start: values.Read, spans: dict[str, float | None]
    ) -> tuple[Instant | None, Instant | None]:
        """When it was answered and when it ended, as far as times and spans say."""
        at = self._at(start)
        answered, ended = (self._time(row, name, start) for name in ("answer", "end"))
        answered_at = None if answered is None else self._at(answered)
        ended_at = None if ended is None else self._at(ended)
        slack = _LATE_END_S * SECOND if self._local else 0
        for name, moment in (("answer", answered_at), ("end", ended_at)):
            if moment is not None and moment < at - slack:
                raise RecordError(Reasons.NEGATIVE, f"{name} lies before the start")
        duration, ring = spans["duration"], spans["ring"]
        if ended_at is None and duration is not None:
            ended_at = at + round(duration * SECOND)
        if answered_at is None and ring is not None and spans["talk"]:
            answered_at = at + round(((spans["wait"] or 0) + ring) * SECOND)
        return answered_at, ended_at

    def _span(self, row: Row, name: str) -> float | None:
        text = self._text(row, name)
        if not text:
            return None
        found = values.span(text, self._mapping.fields[name].unit)
        if found is None:
            raise RecordError(Reasons.NUMBER, f"{name} is {text[:60]!r}, no duration")
        if found < 0:
            raise RecordError(Reasons.NEGATIVE, f"{name} is {text[:60]!r}")
        return found

    def _result(self, row: Row, talk_s: float | None, answered_at: Instant | None) -> tuple[PathResult, str]:
        words = self._text(row, "result")
        known = self._mapping.results.get(words.casefold()) if words else None
        if known is not None:
            return known, words
        if talk_s or (answered_at is not None and talk_s is None):
            return PathResult.ANSWERED, words
        if words and self._mapping.results:
            return PathResult.UNKNOWN, words  # it says something that the mapping does not know
        return (self._mapping.without_talk if talk_s is not None else PathResult.UNKNOWN), words

    def _direction(self, row: Row) -> Direction:
        word = self._text(row, "direction").casefold()
        found = self._mapping.directions.get(word)
        if found is None and word in _DIRECTIONS:
            found = Direction(word)
        return found or Direction.UNKNOWN

    def _ends(self, row: Row, direction: Direction) -> tuple[Endpoint, Endpoint, str]:
        """Caller, reached and the digits dialled, with the sides that the direction gives away."""
        number, own = self._text(row, "number"), self._text(row, "own")
        inbound, outbound = direction is Direction.INBOUND, direction is Direction.OUTBOUND
        caller = self._end(row, "from", number if inbound else own, inbound)
        reached = self._end(row, "to", own if inbound else number, not inbound)
        ours, agent = self._text(row, "extension"), self._text(row, "agent")
        person = Endpoint(EndpointKind.PERSON, Number(ours), agent, ours)
        dialled = self._text(row, "dialled")
        if inbound:
            dialled = dialled or reached.number.raw
            caller = Endpoint(EndpointKind.OUTSIDE, caller.number, caller.name)
            reached = person if ours or agent else reached
        elif outbound:
            dialled = dialled or reached.number.raw
            reached = Endpoint(EndpointKind.OUTSIDE, reached.number, reached.name)
            caller = person if ours or agent else caller
        elif ours and ours == reached.number.raw:
            reached = Endpoint(EndpointKind.PERSON, reached.number, reached.name or agent, ours)
        elif ours and ours == caller.number.raw:
            caller = Endpoint(EndpointKind.PERSON, caller.number, caller.name or agent, ours)
        return caller, reached, dialled

    def _end(self, row: Row, side: str, otherwise: str, other_side: bool) -> Endpoint:
        """One side as its own columns name it, else as those for "the other side" do."""
        name = self._text(row, f"{side}_name") or (self._text(row, "name") if other_side else "")
        return Endpoint(number=Number(self._text(row, side) or otherwise), name=name)

    def _cause(self, row: Row) -> int | None:
        text = self._text(row, "cause")
        return int(text) if text.isdecimal() and 0 < len(text) <= _CAUSE_DIGITS else None

    def _unknown_words(self, row: Row, direction: Direction) -> dict[str, str]:
        """What the record says in words that the mapping does not know, or that no side of the call could take."""
        extra: dict[str, str] = {}
        if direction is Direction.UNKNOWN:
            for name in ("direction", "extension", "agent"):
                text = self._text(row, name)
                if text:
                    extra[name] = text
        return extra

    def _key(self, row: Row, index: int, data: bytes) -> str:
        name = self._text(row, "id")
        if name:
            return f"id:{name}"
        digest = hashlib.blake2b(data, digest_size=12).hexdigest()
        return f"row:{digest}/{index}" if index else f"row:{digest}"


_CAUSE_DIGITS = 3
_DIRECTIONS = frozenset(direction.value for direction in Direction)
_HANGUPS = {who.value: who for who in HangupBy}

__all__ = ["RecordError", "Records"]
