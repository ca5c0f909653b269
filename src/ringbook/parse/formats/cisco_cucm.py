"""Cisco Unified CM call detail (CDR) and call management (CMR) files: a header line, a line of types, one CSV row per record.

Columns are found by the header's names, whatever their case, number (123 in release 10.5, 133 in 2025) and order. Times are
UTC epoch seconds, 0 is never. Rows of one call share cluster, manager and call id, which repeat after some days; a consultation
call has an id of its own and shares the leg that the transfer or conference takes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ringbook.model.call import Cause, Direction, HangupBy
from ringbook.model.instant import SECOND, Instant, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import AnyStatement, PathResult, Quality, Segment
from ringbook.parse.format import (
    About,
    Clock,
    FormatSettingError,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Setting,
    Stated,
    Transport,
)
from ringbook.parse.formats._fields import FieldError, cells, count, days, text
from ringbook.parse.framing import LineFramer

VOICEMAIL = r"(?i)CiscoUM.*|.*unity.*|.*voice ?mail.*|UCXN.*"
"""Devices that are mailboxes unless the setting says otherwise: the ports that Unity Connection registers."""

ABOUT = About(
    slug="cisco_cucm",
    vendor="Cisco",
    product="Unified Communications Manager",
    versions="8 to 15 (CDR and CMR files)",
    reference="Call Detail Records Administration Guide",
    transports=(Transport.FILE,),
    clock=Clock.UTC,
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
            "quality",
            "account",
        }
    ),
    keys="cluster, manager and globalCallID_callId within a day; legs taken over by transfers and conferences",
    connect=(
        "Cisco Unified Serviceability > Tools > CDR Management: add a billing application server (SFTP)\n"
        "System > Service Parameters > Cisco CallManager: CDR Enabled Flag = True, Call Diagnostics Enabled = True"
    ),
    settings=(
        Setting("voicemail", "regular expression of devices and numbers that are mailboxes", VOICEMAIL),
        Setting("ivr", "regular expression of devices and numbers that are menus (CTI route points)", ""),
    ),
)

_FULL_NUMBER = 7  # digits
_HEADER = b"cdrrecordtype"
_TYPES = re.compile(r'"?(INTEGER|VARCHAR|UNIQUEIDENTIFIER)\b', re.IGNORECASE)
_PHONE = re.compile(r"(SEP|CSF|TCT|BOT|TAB|ATA|VGC|CIPC|CTS|RDP|UPC|AN[0-9A-F]{10})[\w.-]*", re.IGNORECASE)
_TRUNK = re.compile(
    r".*(DS1-|@|trunk|gateway|pstn|cube|sbc|expressway|sip[_-]?tr).*|\d{1,3}(\.\d{1,3}){3}", re.IGNORECASE
)
_BRIDGE = re.compile(r"b00\d+|CFB.*", re.IGNORECASE)
_ANNOUNCER = re.compile(r"(ANN|MOH|IVR)_.*", re.IGNORECASE)


class CiscoCucm:
    """Reads CDR and CMR rows under their own header."""

    about = ABOUT

    def __init__(self, voicemail: str = VOICEMAIL, ivr: str = "") -> None:
        self._voicemail = re.compile(voicemail)
        self._ivr = re.compile(ivr)

    def configure(self, settings: Mapping[str, str]) -> CiscoCucm:
        """The same with its patterns for mailboxes and menus."""
        for name, value in settings.items():
            if name not in ("voicemail", "ivr"):
                raise FormatSettingError(
                    f"format {ABOUT.slug} has no setting {name!r}; it has voicemail and ivr"
                )
            try:
                re.compile(value)
            except re.error as error:
                raise FormatSettingError(f"{name} = {value!r} is no regular expression: {error}") from None
        return CiscoCucm(settings.get("voicemail", VOICEMAIL), settings.get("ivr", ""))

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """Certain when the header names the record type and the global call id."""
        start = head[:16_384].lower()
        first = next((line for line in start.split(b"\n") if line.strip()), b"")
        return 0.99 if _HEADER in first[:40] and b"globalcallid_callid" in first else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece a line; the header is the context of the rows after it."""
        return LineFramer(context, header=_is_header)

    def parse(self, piece: Piece) -> Parsed:
        """The segment of a CDR row or the quality of a CMR row."""
        if piece.flaw:
            return Rejected(piece.flaw, f"{len(piece.data)} bytes")
        try:
            line = text(piece.data)
            if not line.strip():
                return Noise("blank")
            if _is_header(piece.data):
                return Noise("header")
            if _TYPES.match(line):
                return Noise("types")
            return Stated((self._statement(_Row(_columns(piece.context), cells(line))),))
        except FieldError as error:
            return error.rejected

    def _statement(self, row: _Row) -> AnyStatement:
        kind = row["cdrrecordtype"]
        if row.has("varvqmetrics") and row.has("directorynum"):
            if kind != "2":
                raise FieldError(Reasons.UNKNOWN, f"record type {kind!r} under the header of a CMR")
            return _quality(row)
        if kind not in ("0", "1"):
            raise FieldError(Reasons.UNKNOWN, f"record type {kind!r} under the header of a CDR")
        return self._segment(row)

    def _segment(self, row: _Row) -> Segment:
        began, connected, ended = _times(row)
        talk_s = float(count(row["duration"] or "0", "duration"))
        caller = self._end(row, "orig", row["callingpartynumber"], row["callingpartyunicodeloginuserid"])
        reached = self._reached(row)
        orig, dest = row.number("origcause_value"), row.number("destcause_value")
        by, kind = _moved(row)
        ends = (row["origcallterminationonbehalfof"], row["destcallterminationonbehalfof"])
        carries_on = bool({orig, dest} & _SPLIT or {*ends} & {_TRANSFER, _CONFERENCE, _PARK})
        queued = row["wascallqueued"] == "1"
        return Segment(
            keys=tuple(_keys(row, began, ended, carries_on)),
            identity=row["pkid"],
            at=began,
            caller=caller,
            reached=reached,
            dialled=row["originalcalledpartynumber"],
            direction=Direction.UNKNOWN,
            result=_result(connected, orig, dest, reached, carries_on),
            answered_at=connected,
            ended_at=ended,
            talk_s=talk_s if connected else None,
            wait_s=float(row.number("totalwaittimeinqueue")) if queued else None,
            queue=row["huntpilotdn"] if queued else "",
            transferred_by=by,
            transfer_kind=kind,
            continues=True if carries_on else None,
            hangup_by=_hangup(orig, dest, connected is not None, carries_on),
            cause=_cause(orig, dest),
            account=row["clientmattercode"] or row["authcodedescription"],
            extra={"off_hook": "yes"} if caller.kind is EndpointKind.PERSON else {},
        )

    def _reached(self, row: _Row) -> Endpoint:
        number, pilot = row["finalcalledpartynumber"], row["huntpilotdn"]
        device = row["destdevicename"]
        name = row["finalcalledpartyunicodeloginuserid"]
        if pilot and number in ("", pilot):
            if not device:
                return Endpoint(EndpointKind.GROUP, Number(pilot))
            if _PHONE.fullmatch(device):  # which member answered is told by the phone alone
                return Endpoint(EndpointKind.PERSON, name=name or device, device=device)
        end = self._end(row, "dest", number, name)
        sent = row["outpulsedcalledpartynumber"]
        outside = end.kind is EndpointKind.OUTSIDE or (
            end.kind is EndpointKind.UNKNOWN and len(number) >= _FULL_NUMBER
        )
        if sent and outside:  # the digits that went to the trunk, without the access code
            return Endpoint(EndpointKind.OUTSIDE, Number(sent), name, device=device)
        return end

    def _end(self, row: _Row, side: str, number: str, name: str) -> Endpoint:
        device = row[f"{side}devicename"]
        names = (device, number)
        if any(word and self._voicemail.fullmatch(word) for word in names):
            kind = EndpointKind.VOICEMAIL
        elif any(word and self._ivr.fullmatch(word) for word in names):
            kind = EndpointKind.IVR
        elif any(_BRIDGE.fullmatch(word) for word in names):
            kind = EndpointKind.CONFERENCE
        elif _ANNOUNCER.fullmatch(device):
            kind = EndpointKind.ANNOUNCEMENT
        elif _PHONE.fullmatch(device):
            kind = EndpointKind.PERSON
        elif _TRUNK.fullmatch(device):
            kind = EndpointKind.OUTSIDE
        else:
            kind = EndpointKind.UNKNOWN
        extension = number if kind is EndpointKind.PERSON else ""
        return Endpoint(kind, Number(number), name, extension, device=device)


class _Row:
    """One row by the lower-case names of its header."""

    def __init__(self, columns: dict[str, int], fields: list[str]) -> None:
        if len(fields) < len(columns):
            raise FieldError(Reasons.TRUNCATED, f"{len(fields)} fields under {len(columns)} columns")
        if len(fields) > len(columns):
            raise FieldError(Reasons.COLUMNS, f"{len(fields)} fields under {len(columns)} columns")
        self._columns = columns
        self._fields = fields

    def has(self, name: str) -> bool:
        """Whether the header names that column."""
        return name in self._columns

    def __getitem__(self, name: str) -> str:
        index = self._columns.get(name)
        return "" if index is None else self._fields[index].replace("\\ ", " ").strip()

    def number(self, name: str) -> int:
        """A whole number; 0 where the column is missing or empty, as the system itself writes it."""
        return count(self[name] or "0", name)

    def time(self, name: str) -> Instant | None:
        """An epoch time; None for 0, which is never."""
        value = self.number(name) * SECOND
        if not value:
            return None
        if not plausible(value):
            raise FieldError(Reasons.IMPLAUSIBLE, f"{name}: {self[name]}")
        return value


def _is_header(line: bytes) -> bool:
    return _HEADER in line[:40].lower() and b"globalcallid_callid" in line.lower()


@lru_cache(maxsize=64)
def _columns(header: bytes) -> dict[str, int]:
    if not header:
        raise FieldError(Reasons.MISSING, "no header line before the row, so its columns have no names")
    names = [name.strip().lower() for name in cells(text(header))]
    found = {name: index for index, name in enumerate(names)}
    if len(found) != len(names):
        raise FieldError(Reasons.COLUMNS, "the header names a column twice")
    return found


def _times(row: _Row) -> tuple[Instant, Instant | None, Instant | None]:
    began = row.time("datetimeorigination")
    connected, ended = row.time("datetimeconnect"), row.time("datetimedisconnect")
    if began is None:
        began = connected or ended
    if began is None:
        raise FieldError(Reasons.MISSING, "neither origination nor disconnect has a time")
    if ended is not None and ended < (connected or began):
        raise FieldError(Reasons.NEGATIVE, "the call ends before it begins")
    return began, connected, ended


_TRANSFER, _CONFERENCE, _FORWARD, _PARK, _PICKUP = "10", "4", "5", "3", "16"
_KINDS = {
    _FORWARD: "forward",
    _PARK: "park",
    _PICKUP: "pickup",
    "14": "forward",
    "26": "park",
    "24": "forward",
}
_FORWARD_REASONS = frozenset({"1", "2", "3", "15"})
_SPLIT = frozenset({126, 393_216})


def _moved(row: _Row) -> tuple[Endpoint, str]:
    """Who sent the call on to this row's called party and on behalf of which feature."""
    last, behalf = row["lastredirectdn"], row["lastredirectredirectonbehalfof"]
    by = Endpoint(number=Number(last)) if last else Endpoint()
    if row["joinonbehalfof"] == _TRANSFER:
        return (by if behalf == _TRANSFER else Endpoint()), "transfer"
    if row["joinonbehalfof"] in (_PARK, _PICKUP):
        return by, _KINDS[row["joinonbehalfof"]]
    if not last or last in (row["finalcalledpartynumber"], row["huntpilotdn"]):
        return Endpoint(), ""
    if behalf == _TRANSFER:
        return by, "blind"
    if row["lastredirectredirectreason"] in _FORWARD_REASONS:
        return by, "forward"
    return (by, _KINDS[behalf]) if behalf in _KINDS else (Endpoint(), "")


_BUSY, _REFUSED = frozenset({17}), frozenset({21})
_RANG_OUT = frozenset({18, 19})
_FULL = frozenset({34, 42, 44, 47, 125, 129})
_CLEARED = 16


def _result(
    connected: Instant | None, orig: int, dest: int, reached: Endpoint, carries_on: bool
) -> PathResult:
    if connected:
        voicemail = reached.kind is EndpointKind.VOICEMAIL
        return PathResult.VOICEMAIL if voicemail else PathResult.ANSWERED
    causes = {orig, dest} - {0}
    for known, result in (
        (_BUSY, PathResult.BUSY),
        (_RANG_OUT, PathResult.NO_ANSWER),
        (_REFUSED, PathResult.REJECTED),
        (_FULL, PathResult.CONGESTION),
    ):
        if causes & known:
            return result
    if carries_on:
        return PathResult.TRANSFERRED
    if orig == _CLEARED and not dest:
        return PathResult.CANCELLED  # the calling side put down before an answer
    if causes - {_CLEARED, 31}:
        return PathResult.FAILED
    return PathResult.UNKNOWN


def _hangup(orig: int, dest: int, connected: bool, carries_on: bool) -> HangupBy:
    """The side that has the cause released; with causes on both sides, or one that no side gives, it cannot be told."""
    if carries_on or bool(orig) == bool(dest):
        return HangupBy.UNKNOWN
    if not connected and (orig or dest) not in (_CLEARED, *_BUSY, *_REFUSED):
        return HangupBy.UNKNOWN
    return HangupBy.CALLER if orig else HangupBy.CALLEE


_LAST_Q850 = 127


def _cause(orig: int, dest: int) -> Cause:
    value = dest if dest and (dest != _CLEARED or not orig) else orig
    if not value:
        return Cause()
    return Cause(q850=value) if value <= _LAST_Q850 else Cause(text=f"Cisco cause {value}")


def _keys(row: _Row, began: Instant, ended: Instant | None, carries_on: bool) -> Iterator[str]:
    """The call's key and, where the call was split or joined, those of its legs, each for two days around it.

    Two rows less than a day apart always share one, rows two days apart never: call ids and legs are used again.
    """
    cluster = row["globalcallid_clusterid"]
    spans = days(began, ended)
    call = f"{row['globalcallid_callmanagerid']}/{row['globalcallid_callid']}"
    if not row["globalcallid_callid"]:
        raise FieldError(Reasons.MISSING, "globalCallID_callId")
    for day in spans:
        yield f"cucm:{cluster}/{call}:{day}"
    joined = row["joinonbehalfof"]
    if carries_on or joined in (_TRANSFER, _CONFERENCE, _PARK, _PICKUP):
        for side, leg in (("orig", "origlegcallidentifier"), ("dest", _leg_column(row))):
            if row[leg].strip("0"):
                for day in spans:
                    yield f"cucm-leg:{cluster}/{row[leg]}/{row[f'{side}devicename']}:{day}"
    if joined == _CONFERENCE and row["destconversationid"].strip("0"):
        for day in spans:
            yield f"cucm-conf:{cluster}/{row['destconversationid']}:{day}"


def _leg_column(row: _Row) -> str:
    return "destlegidentifier" if row.has("destlegidentifier") else "destlegcallidentifier"


def _quality(row: _Row) -> Quality:
    at = row.time("datetimestamp")
    if at is None:
        raise FieldError(Reasons.MISSING, "dateTimeStamp")
    received, lost = row.number("numberpacketsreceived"), row.number("numberpacketslost")
    heard = received > 0
    number = row["directorynum"]
    return Quality(
        keys=tuple(_keys(row, at, None, False)),
        identity=row["pkid"],
        at=at,
        end=Endpoint(number=Number(number), device=row["devicename"]),
        mos=_mos(row["varvqmetrics"]),
        jitter_ms=float(row.number("jitter")) if heard else None,
        loss_pct=round(100 * lost / (received + lost), 3) if heard else None,
        latency_ms=float(row.number("latency")) or None,
    )


_MOS = re.compile(r"(?:^|;)\s*(?:MLQK|MLQKav)=(\d(?:\.\d{1,6})?)\s*(?:;|$)", re.ASCII)
_BEST_MOS = 5.0


def _mos(metrics: str) -> float | None:
    """The mean listening quality that the phone computed; None where it did not."""
    found = _MOS.search(metrics)
    value = float(found[1]) if found else 0.0
    return value if 1.0 <= value <= _BEST_MOS else None


FORMAT = CiscoCucm()
