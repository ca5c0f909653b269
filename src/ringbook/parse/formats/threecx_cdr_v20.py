"""3CX version 20 ``cdroutput``: one row per segment of a call, as CSV with a header or as a table printed by psql.

Columns are found by the header's names; a subset in any order will do. Segments of a call share ``call_history_id`` and
``main_call_history_id`` and name one another in ``originating_cdr_id``, ``continued_in_cdr_id`` and ``base_cdr_id``.
Only extensions and outside lines are people: queues, ring groups, scripts and mailboxes answer too, but nobody is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ringbook.model.call import Cause, Direction, HangupBy
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
from ringbook.parse.formats._fields import FieldError, cells, stamp, text
from ringbook.parse.framing import LineFramer

ABOUT = About(
    slug="threecx_cdr_v20",
    vendor="3CX",
    product="Phone System",
    versions="20 (table cdroutput)",
    reference="columns of the PostgreSQL table cdroutput",
    transports=(Transport.FILE, Transport.HTTP_POST),
    clock=Clock.ZONED,
    facts=frozenset(
        {
            "started_at",
            "answered_at",
            "ended_at",
            "direction",
            "outcome",
            "hangup_by",
            "cause",
            "from",
            "to",
            "dialled",
            "agents",
            "queue",
            "duration_s",
            "wait_s",
            "ring_s",
            "talk_s",
            "transfers",
            "trunks",
            "legs",
            "steps",
        }
    ),
    keys="call_history_id, main_call_history_id and the ids by which segments name one another",
    connect='psql -d database_single -c "copy (select * from cdroutput) to stdout csv header" > cdroutput.csv',
)

_MARKS = (b"cdr_started_at", b"call_history_id")
_RULE = frozenset(" |+:-\t─│┼")
_ROWS = re.compile(r"\(\d+ (rows?|Zeilen?|lignes?|filas?|righe)\)")
_EMPTY = frozenset(
    {"", "none", "[NULL]", "\\N", "NULL", "null", "<null>", "00000000-0000-0000-0000-000000000000"}
)
_SEPARATORS = ("│", "|", "\t", ";", ",")


class ThreeCxCdrV20:
    """Reads rows of cdroutput under their own header."""

    about = ABOUT

    def configure(self, settings: Mapping[str, str]) -> ThreeCxCdrV20:
        """Itself: the format has no settings."""
        without_settings(ABOUT.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """Certain when one of the first lines names the table's columns."""
        return 0.98 if any(_is_header(line) for line in head[:32_768].split(b"\n", 40)[:40]) else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece a line; the header is the context of the rows after it."""
        return LineFramer(context, header=_is_header)

    def parse(self, piece: Piece) -> Parsed:
        """The segment of one row."""
        if piece.flaw:
            return Rejected(piece.flaw, f"{len(piece.data)} bytes")
        try:
            line = text(piece.data)
            if not line.strip():
                return Noise("blank")
            if _is_header(piece.data):
                return Noise("header")
            if _RULE.issuperset(line) or _ROWS.fullmatch(line.strip()):
                return Noise("table")
            return Stated((_segment(_row(piece.context, line)),))
        except FieldError as error:
            return error.rejected


class _Row:
    """One row by the names of its header; what the database calls null is empty."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        value = self._fields.get(name, "").strip()
        return "" if value in _EMPTY else value

    def time(self, name: str) -> int | None:
        """An instant; None where there is none."""
        return stamp(self[name], name) if self[name] else None


def _is_header(line: bytes) -> bool:
    return all(mark in line.lower() for mark in _MARKS)


@lru_cache(maxsize=64)
def _columns(header: bytes) -> tuple[str, tuple[str, ...]]:
    """The separator and the names of a header line."""
    if not header:
        raise FieldError(Reasons.MISSING, "no header line before the row, so its columns have no names")
    line = text(header)
    separator = next(mark for mark in _SEPARATORS if mark in line or mark == ",")
    names = tuple(name.strip().lower() for name in _split(line, separator))
    if len(set(names)) != len(names):
        raise FieldError(Reasons.COLUMNS, "the header names a column twice")
    return separator, names


def _split(line: str, separator: str) -> list[str]:
    fields = cells(line, separator)
    if separator == "|" and line.strip().startswith("|"):
        fields = line.strip().strip("|").split("|")
    return fields


def _row(header: bytes, line: str) -> _Row:
    separator, names = _columns(header)
    fields = _split(line, separator)
    if len(fields) < len(names):
        raise FieldError(Reasons.TRUNCATED, f"{len(fields)} fields under {len(names)} columns")
    if len(fields) > len(names):
        raise FieldError(Reasons.COLUMNS, f"{len(fields)} fields under {len(names)} columns")
    return _Row(dict(zip(names, fields, strict=True)))


_METHODS = {"call_init": 0, "divert": 1, "transfer": 2, "join": 2, "route_to": 3, "pickup": 3}
_LISTENING = "barge_in"


def _segment(row: _Row) -> Segment:
    began, ended, answered = (row.time(f"cdr_{what}_at") for what in ("started", "ended", "answered"))
    if began is None:
        raise FieldError(Reasons.MISSING, "cdr_started_at")
    if (ended is not None and ended < began) or (answered is not None and answered < began):
        raise FieldError(Reasons.NEGATIVE, "the segment ends or is answered before it begins")
    caller, reached = _end(row, "source"), _end(row, "destination")
    method = row["creation_method"]
    queue = reached.kind is EndpointKind.QUEUE
    if method.startswith(_LISTENING):  # a supervisor who listens in answers no call
        reached, answered = Endpoint(EndpointKind.PLUMBING, reached.number, reached.name), None
    return Segment(
        keys=_keys(row),
        identity=row["cdr_id"],
        at=began,
        order=_METHODS.get(method, 1),
        caller=caller,
        reached=reached,
        dialled=_dialled(row, caller, reached),
        direction=_direction(row, caller, reached),
        result=_result(row, reached, answered is not None),
        answered_at=answered,
        ended_at=ended,
        queue=(reached.name or reached.number.raw) if queue else "",
        transfer_kind=_moved(row, method),
        hangup_by=_HANGUPS.get(row["termination_reason"], HangupBy.UNKNOWN),
        cause=Cause(text=row["termination_reason_details"] or row["termination_reason"]),
        extra=_links(row),
    )


def _keys(row: _Row) -> tuple[str, ...]:
    calls = [f"3cx:{row[name]}" for name in ("main_call_history_id", "call_history_id") if row[name]]
    parts = [
        f"3cx-cdr:{row[name]}"
        for name in ("cdr_id", "base_cdr_id", "originating_cdr_id", "continued_in_cdr_id")
        if row[name]
    ]
    if not calls and not parts:
        raise FieldError(Reasons.MISSING, "neither call_history_id nor cdr_id")
    return tuple(dict.fromkeys(calls + parts))


def _links(row: _Row) -> dict[str, str]:
    """The ids of this segment, of the one it came from and of the one it went on in."""
    names = {
        "id": "cdr_id",
        "base": "base_cdr_id",
        "from": "originating_cdr_id",
        "next": "continued_in_cdr_id",
    }
    links = {short: row[name] for short, name in names.items()}
    return {name: value for name, value in links.items() if value}


_KINDS = {
    EndpointKind.PERSON: "extension",
    EndpointKind.OUTSIDE: "external_line provider outbound_rule bridge",
    EndpointKind.QUEUE: "queue",
    EndpointKind.GROUP: "ring_group ring_group_ring_all ring_group_hunt paging_group group",
    EndpointKind.IVR: "script ivr",
    EndpointKind.VOICEMAIL: "voicemail",
    EndpointKind.CONFERENCE: "conference",
    EndpointKind.PARK: "parking parking_orbit shared_parking",
    EndpointKind.ANNOUNCEMENT: "fax endcall echo_test callback_test service_call vmail_console specialmenu",
    EndpointKind.PLUMBING: "inbound_routing routepoint",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}


def _end(row: _Row, side: str) -> Endpoint:
    entity = (row[f"{side}_entity_type"] or row[f"{side}_dn_type"]).lower()
    kind = _KIND_OF.get(entity, EndpointKind.UNKNOWN)
    dn, phone = row[f"{side}_dn_number"], row[f"{side}_participant_phone_number"]
    channel = row[f"{side}_participant_id"]
    if kind is EndpointKind.OUTSIDE:
        name = row[f"{side}_participant_name"]
        if side == "source" and not name:
            name = row["source_presentation"]
        if name == row[f"{side}_dn_name"]:
            name = ""  # the trunk's own name is nobody's
        return Endpoint(kind, Number(phone.lstrip("#")), name, channel=channel, device=dn)
    name = row[f"{side}_dn_name"] or row[f"{side}_participant_name"]
    if kind is EndpointKind.PERSON:
        return Endpoint(kind, Number(dn or phone), name, dn or phone, channel)
    return Endpoint(kind, Number(dn or phone), name, channel=channel)


def _dialled(row: _Row, caller: Endpoint, reached: Endpoint) -> str:
    if caller.kind is EndpointKind.OUTSIDE:
        return row["source_participant_trunk_did"]
    if caller.kind is EndpointKind.PERSON and row["creation_method"] in ("", "call_init"):
        return row["destination_participant_phone_number"] or reached.number.raw
    return ""


def _direction(row: _Row, caller: Endpoint, reached: Endpoint) -> Direction:
    """Who rang whom, where the segment is one that began a call; those inside it say nothing of the call's direction."""
    if caller.kind is EndpointKind.OUTSIDE and row["source_participant_is_incoming"].lower() in _TRUE:
        return Direction.INBOUND
    if row["creation_method"] not in ("", "call_init") or caller.kind is not EndpointKind.PERSON:
        return Direction.UNKNOWN
    return Direction.OUTBOUND if reached.kind is EndpointKind.OUTSIDE else Direction.INTERNAL


_TRUE = frozenset({"t", "true", "1", "[v]", "yes"})


def _moved(row: _Row, method: str) -> str:
    """How the call was sent on; by whom is told by the segment that it came from, and nobody did if no person had it."""
    if method == "transfer":
        connected = row["destination_participant_is_already_connected"].lower() in _TRUE
        return "attended" if connected else "blind"
    return {"join": "attended", "divert": "forward", "pickup": "pickup"}.get(method, "")


_HANGUPS = {
    "src_participant_terminated": HangupBy.CALLER,
    "dst_participant_terminated": HangupBy.CALLEE,
}

_WHY = {
    PathResult.ELSEWHERE: "completed_elsewhere",
    PathResult.NO_ANSWER: "no_answer timeout",
    PathResult.BUSY: "busy",
    PathResult.CONGESTION: "line_busy source_line_busy license_limit_reached server_error",
    PathResult.REJECTED: "declined caller_blacklisted",
    PathResult.CANCELLED: "terminated_by_originator",
    PathResult.FAILED: (
        "not_found not_available not_registered unreachable target_disabled caller_disabled forwarding_loop no_route "
        "external_call_disabled destination_prohibited feature_disabled pin_is_required invalid_dialcode "
        "invalid_destination disabled no_access"
    ),
}
_DETAILS = {word: result for result, words in _WHY.items() for word in words.split()}

_ENDINGS = {
    "continued_in": PathResult.TRANSFERRED,
    "redirected": PathResult.TRANSFERRED,
    "cancelled": PathResult.CANCELLED,
    "src_participant_terminated": PathResult.CANCELLED,
    "dst_participant_terminated": PathResult.REJECTED,
    "rejected": PathResult.REJECTED,
    "no_answer": PathResult.NO_ANSWER,
    "timeout": PathResult.NO_ANSWER,
    "busy": PathResult.BUSY,
    "no_route": PathResult.FAILED,
    "failed": PathResult.FAILED,
}


def _result(row: _Row, reached: Endpoint, answered: bool) -> PathResult:
    """Answered if it was; else why not. A poll that ended because another member answered is nobody's missed call."""
    ending, detail = row["termination_reason"], row["termination_reason_details"]
    if answered:
        return PathResult.VOICEMAIL if reached.kind is EndpointKind.VOICEMAIL else PathResult.ANSWERED
    if detail in _DETAILS:
        return _DETAILS[detail]
    return _ENDINGS.get(ending, PathResult.UNKNOWN)


FORMAT = ThreeCxCdrV20()
