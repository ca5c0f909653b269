"""Avaya IP Office SMDR: one unquoted CSV line per segment of a call, no header, 15 to 35 columns by release and options.

Columns by position (manual 15-601011, appendix SMDR): 0 call start, 1 connected, 2 ring, 3 caller, 4 direction, 5 called,
6 dialled, 7 account, 8 is internal, 9 call id, 10 continuation, 11–14 parties' devices and names, 15 hold, 16 park,
17–26 authorisation and charge, 27–29 external targeting, 30–34 (release 11) server addresses, unique call ids, record time.
All segments of a call name the same call start; call ids restart at 1,000,000 when the system restarts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringbook.model.call import Direction
from ringbook.model.instant import SECOND
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
from ringbook.parse.formats._fields import FieldError, cells, count, span_s, stamp, text
from ringbook.parse.framing import LineFramer

ABOUT = About(
    slug="avaya_ipoffice_smdr",
    vendor="Avaya",
    product="IP Office",
    versions="8.0 to 11.1 (17, 30 or 35 columns)",
    reference="IP Office Manager 10.0 (15-601011), appendix SMDR",
    transports=(Transport.TCP_LISTEN, Transport.TCP_CONNECT, Transport.FILE),
    clock=Clock.LOCAL,
    facts=frozenset(
        {
            "started_at",
            "answered_at",
            "ended_at",
            "direction",
            "outcome",
            "from",
            "to",
            "dialled",
            "agents",
            "duration_s",
            "ring_s",
            "talk_s",
            "hold_s",
            "transfers",
            "trunks",
            "legs",
            "steps",
            "cost",
            "account",
        }
    ),
    keys="Call ID with Call Start; in release 11 also both unique call ids",
    connect=(
        "Manager > System > SMDR: Output = SMDR Only\n"
        "IP Address = the machine Ringbook runs on, TCP Port = the port of this source\n"
        "Records to Buffer = 3000"
    ),
)

_FEWEST = 14  # up to the second party's device: anything shorter was cut off
_MOST = 60
_LINE = re.compile(
    rb"^\x00*\d{4}/\d\d/\d\d \d\d:\d\d(:\d\d)?,-?\d+:\d\d:\d\d,-?\d+,[^,\r\n]{0,60},[IO],", re.MULTILINE
)
_DEVICE = re.compile(r"([ETV])(\d{2,})")
_CONFERENCE_FROM = 9550
_TONES = range(8000, 9000)  # "V8000 U1 0.0": nobody, a tone or an unknown device
_WAYS = {"I": Direction.INBOUND, "O": Direction.OUTBOUND}


class AvayaIpOfficeSmdr:
    """Reads IP Office's SMDR lines."""

    about = ABOUT

    def configure(self, settings: Mapping[str, str]) -> AvayaIpOfficeSmdr:
        """Itself: the format has no settings."""
        without_settings(ABOUT.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """Sure when most lines begin as SMDR lines do."""
        lines = max(1, head.count(b"\n") + (not head.endswith(b"\n")))
        share = len(_LINE.findall(head)) / lines
        return round(0.6 + 0.38 * min(1.0, share), 3) if share > _SOME else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece a line."""
        return LineFramer(context)

    def parse(self, piece: Piece) -> Parsed:
        """The segment of one line."""
        if piece.flaw:
            return Rejected(piece.flaw, f"{len(piece.data)} bytes")
        try:
            line = text(piece.data)
            if not line.strip():
                return Noise("blank")
            if line.lower().startswith(("call start,", '"call start"')):
                return Noise("header")
            return Stated((_segment(_columns(line)),))
        except FieldError as error:
            return error.rejected


_SOME = 0.3


def _columns(line: str) -> list[str]:
    fields = cells(line) if line.startswith('"') else line.split(",")
    if len(fields) < _FEWEST:
        reason = Reasons.TRUNCATED if _LINE.match(line.encode()) else Reasons.COLUMNS
        raise FieldError(reason, f"{len(fields)} columns; a segment has at least {_FEWEST}")
    if len(fields) > _MOST:
        raise FieldError(Reasons.COLUMNS, f"{len(fields)} columns; a segment has at most 35")
    return _with_whole_names([field.strip() for field in fields])


def _with_whole_names(fields: list[str]) -> list[str]:
    """The columns with names that hold commas put together again: names stand between devices, and before two numbers."""
    second = next((i for i in range(13, len(fields)) if _DEVICE.fullmatch(fields[i])), 13)
    if second > 13 and not fields[13]:
        second = 13  # no second party: what looks like a device further on is something else
    fields = [*fields[:12], ", ".join(fields[12:second]), *fields[second:]]
    hold = next(
        (i for i in range(15, len(fields) - 1) if fields[i].isdecimal() and fields[i + 1].isdecimal()), 15
    )
    if hold > 15 and all(fields[15:hold]):
        fields = [*fields[:14], ", ".join(fields[14:hold]), *fields[hold:]]
    return fields


class _Row:
    """The columns by name; those a short line does not have are empty."""

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields

    def __getitem__(self, index: int) -> str:
        return self._fields[index] if index < len(self._fields) else ""

    def seconds(self, index: int, what: str) -> int | None:
        """A count of seconds; None where the column is missing, or holds what another release has there."""
        words = self[index]
        return count(words, what) if words.removeprefix("-").isdecimal() else None


def _segment(fields: list[str]) -> Segment:
    row = _Row(fields)
    start = stamp(row[0], "call start")
    connected_s = span_s(row[1], "connected time")
    ring_s = float(count(row[2], "ring time"))
    way = _WAYS.get(row[4].upper())
    if way is None:
        raise FieldError(Reasons.UNKNOWN, f"direction {row[4]!r} is neither I nor O")
    call_id = count(row[9], "call id")
    if row[10] not in ("0", "1"):
        raise FieldError(Reasons.NUMBER, f"continuation {row[10]!r} is neither 0 nor 1")
    hold_s, park_s = row.seconds(15, "hold time"), row.seconds(16, "park time")
    kept_s = None if hold_s is None and park_s is None else float((hold_s or 0) + (park_s or 0))
    caller, reached = _ends(row, way)
    result = _result(connected_s + (kept_s or 0), ring_s, way, caller, reached)
    connected = result in (PathResult.ANSWERED, PathResult.VOICEMAIL)
    by, kind = _targeting(row)
    return Segment(
        keys=_keys(row, call_id),
        at=start,
        order=_order(row, start),
        caller=caller,
        reached=reached,
        dialled=row[6],
        direction=_direction(row, way, caller, reached),
        result=result,
        ring_s=ring_s,
        talk_s=connected_s + (kept_s or 0) if connected else 0.0,
        hold_s=kept_s,
        transferred_by=by,
        transfer_kind=kind,
        continues=row[10] == "1",
        cost=_cost(row),
        account=row[7],
        extra={"park_s": str(park_s)} if park_s else {},
    )


def _keys(row: _Row, call_id: int) -> tuple[str, ...]:
    own = f"ipo:{call_id}@{row[0]}"
    unique = [f"ucid:{row[index]}" for index in (31, 33) if row[index].strip("0")]
    return (own, *dict.fromkeys(unique))


def _order(row: _Row, start: int) -> int:
    """Seconds from call start to the writing of the record (release 11), which orders the segments of a call."""
    if not row[34]:
        return 0
    return max(0, (stamp(row[34], "record time") - start) // SECOND)


def _ends(row: _Row, way: Direction) -> tuple[Endpoint, Endpoint]:
    """Who placed this segment and what it reached, from the two parties, of which either may be the trunk."""
    one, two = _party(row[11], row[12]), _party(row[13], row[14])
    outside = EndpointKind.OUTSIDE
    if one.kind is not outside and two.kind is not outside:
        if row[3] and two.extension == row[3] != one.extension:
            one, two = two, one
        return (one, two)
    ours, trunk = (two, one) if one.kind is outside else (one, two)
    if way is Direction.INBOUND:
        caller = Endpoint(outside, Number(row[3]), device=trunk.device)
        if ours.kind is outside:
            ours = Endpoint(outside, Number(row[29] or row[5]), device=ours.device)
        return (caller, ours)
    called = Endpoint(outside, Number(row[29] or row[5]), device=trunk.device)
    if ours.kind is outside:  # trunk to trunk: the caller is outside too
        ours = Endpoint(outside, Number(row[3]), device=ours.device)
    return (ours, called)


def _party(device: str, name: str) -> Endpoint:
    found = _DEVICE.fullmatch(device)
    if not found:
        return Endpoint(name=name, device=device)
    letter, digits = found[1], found[2]
    if letter == "E":
        return Endpoint(EndpointKind.PERSON, Number(digits), name, digits, device=device)
    if letter == "T":
        return Endpoint(EndpointKind.OUTSIDE, device=device)
    return Endpoint(_virtual(int(digits[:6]), name.upper()), name=name, device=device)


def _virtual(number: int, name: str) -> EndpointKind:
    """What a V device is: by its name where it has one, else by the range that the manual gives its number."""
    if name.startswith("CO "):
        return EndpointKind.CONFERENCE
    if name.startswith("VM"):
        return EndpointKind.VOICEMAIL
    if number in _TONES:
        return EndpointKind.PLUMBING
    return EndpointKind.CONFERENCE if number >= _CONFERENCE_FROM else EndpointKind.VOICEMAIL


def _result(
    connected_s: float, ring_s: float, way: Direction, caller: Endpoint, reached: Endpoint
) -> PathResult:
    """Answered when connected at all; an outgoing call that neither rang nor connected failed for a reason not told."""
    if connected_s > 0:
        voicemail = EndpointKind.VOICEMAIL in (caller.kind, reached.kind)
        return PathResult.VOICEMAIL if voicemail else PathResult.ANSWERED
    if ring_s == 0 and way is Direction.OUTBOUND:
        return PathResult.UNKNOWN
    return PathResult.NO_ANSWER


def _direction(row: _Row, way: Direction, caller: Endpoint, reached: Endpoint) -> Direction:
    if row[8] == "1":
        return Direction.INTERNAL
    if row[8] == "0" or EndpointKind.OUTSIDE in (caller.kind, reached.kind):
        return way
    both_ours = EndpointKind.PERSON in (caller.kind, reached.kind)
    return Direction.INTERNAL if both_ours else Direction.UNKNOWN


_FORWARDS = {"fb", "fu", "fnr", "fdnd", "mt"}
_SOURCES = {"HG": EndpointKind.GROUP, "U": EndpointKind.PERSON, "AA": EndpointKind.IVR}


def _targeting(row: _Row) -> tuple[Endpoint, str]:
    """Who sent the call outside and how, from ``source reason`` (``U Xfd``, ``HG:fb``); proposals are not hand-overs yet."""
    source, _, reason = row[27].replace(":", " ").partition(" ")
    reason = reason.strip().lower()
    if reason not in _FORWARDS and reason != "xfd":
        return Endpoint(), ""
    kind = _SOURCES.get(source.upper(), EndpointKind.PLUMBING)
    return Endpoint(kind, name=row[28]), "forward" if reason in _FORWARDS else "attended"


def _cost(row: _Row) -> str:
    charge = row[20].strip()
    if not charge.strip("0."):
        return ""  # the system writes 0.00 also where no charge was advised
    return f"{charge} {row[21]}".strip()


FORMAT = AvayaIpOfficeSmdr()
