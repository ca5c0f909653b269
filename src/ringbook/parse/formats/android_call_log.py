"""Android call logs: the XML files of SMS Backup & Restore (SyncTech) and of Super Backup.

What a phone's own log can say: when, with whom, which way, and for how long it talked. Times are epoch milliseconds; Super
Backup's local text beside them is not read. One element is one record, so that a damaged one costs only itself; the rest of the
file around them is noise.

Types are those of ``android.provider.CallLog.Calls``: 1 incoming, 2 outgoing, 3 missed, 4 voicemail, 5 rejected, 6 blocked,
7 answered on another device. Makers add their own (LG, Samsung: 10 and above), whose direction nobody documents.

An outgoing call of no duration was most likely not answered, but the log writes the same for busy, for no answer, for a call that
we gave up and for one that was answered for less than a second, so the outcome is unknown. Before Android 7 a rejected call
was logged as incoming with no duration, so that is unknown too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from ringbook.model.call import Cause, Direction
from ringbook.model.instant import plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import PathResult, Segment
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
from ringbook.parse.framing import MarkFramer

_RECORDS = (b"<call", b"<log")
_WITHHELD = frozenset({"", "-1", "-2", "-3", "-4", "null"})
"""What stands for a number when there is none: unknown, private, payphone, unavailable."""

_NAMELESS = frozenset({"", "null", "(Unknown)"})
_PRESENTATION = {"2": "restricted", "3": "unknown", "4": "payphone", "5": "unavailable"}
_MAX_DURATION_S = 366 * 86_400

_TAG = re.compile(rb"<[^\s\"'<>/=]++(?:\s++[^\s\"'<>/=]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*\s*+/?>")
_ATTRIBUTE = re.compile(r"\s([^\s\"'<>/=]+)\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
_SURROGATES = re.compile(r"&#(5[5-7]\d{3});&#(5[5-7]\d{3});")


class AndroidCallLog:
    """Phone logs exported by either app."""

    about = About(
        slug="android_call_log",
        vendor="Google",
        product="Android call log (SMS Backup & Restore, Super Backup)",
        versions="SMS Backup & Restore 5 to 10, Super Backup 2",
        reference="android.provider.CallLog.Calls; synctech.com.au, fields in XML backup files",
        transports=(Transport.FILE, Transport.HTTP_POST),
        clock=Clock.UTC,
        facts=frozenset(
            {
                "started_at",
                "direction",
                "outcome",
                "from",
                "to",
                "dialled",
                "talk_s",
                "cause",
                "agents",
                "legs",
                "steps",
            }
        ),
        keys="Each record is a call of its own: its time in milliseconds and its number",
        connect=(
            "In SMS Backup & Restore: Back up now → Phone calls → Local backup. Then:\n"
            "ringbook import calls-*.xml --source my-phone"
        ),
        settings=(Setting("owner", "name of whoever the phone belongs to; the log itself does not say"),),
    )

    def __init__(self, owner: str = "") -> None:
        self._owner = Endpoint(EndpointKind.PERSON, name=owner)

    def configure(self, settings: Mapping[str, str]) -> AndroidCallLog:
        """The same for the phone of an ``owner``."""
        for name in settings:
            if name != "owner":
                raise FormatSettingError(
                    f"format {self.about.slug} has no setting {name!r}; it has one: 'owner'"
                )
        return AndroidCallLog(settings.get("owner", ""))

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002
        """How surely these are call logs: by the names of the outer element and its records."""
        if b"<calls" not in head and b"<alllogs" not in head:
            return 0.0
        found = re.search(rb"<(?:calls|alllogs)(?:\s[^<>]*)?>\s*(?:<(call|log)\s[^<>]*|</|$)", head)
        if found is None:
            return 0.0
        return 0.95 if found[1] and b" date=" in found[0] else 0.5

    def framer(self, context: bytes = b"") -> Framer:
        """One piece for each element."""
        return MarkFramer(context, mark=b"<", splits=_record_length)

    def parse(self, piece: Piece) -> Parsed:
        """One call of the log."""
        if piece.flaw:
            return Rejected(piece.flaw)
        data = piece.data
        if data.startswith(_RECORDS):
            name = re.match(rb"<(\w*)", data)
            if name and name[1] in (b"call", b"log"):
                return _record(data, self._owner)
        return _around(data)


FORMAT = AndroidCallLog()


def _record_length(piece: bytes) -> int:
    """How much of a piece is one element with the white space after it; all of it where no whole element stands."""
    tag = _TAG.match(piece)
    if tag is None:
        return len(piece)
    rest = piece[tag.end() :]
    return len(piece) if not rest.strip() else tag.end()


def _around(data: bytes) -> Parsed:
    text = data.strip()
    if text in (b"", b"\xef\xbb\xbf"):
        return Noise("blank")
    if re.fullmatch(rb"<(?:\?xml|!--|/?(?:calls|alllogs|call|log)\b)[^<]*>", text):
        return Noise("envelope")
    if b"\0" in text:
        return Rejected(Reasons.ENCODING, "NUL bytes")
    if not text.startswith(b"<") or not text.endswith(b">"):
        return Rejected(Reasons.SYNTAX, "text that is no element")
    return Rejected(Reasons.UNKNOWN, "an element that is no call")


def _record(data: bytes, owner: Endpoint) -> Parsed:
    tag = _TAG.fullmatch(data.rstrip())
    if tag is None:
        ended = b">" in data
        return Rejected(
            Reasons.SYNTAX if ended else Reasons.TRUNCATED, "the element's attributes cannot be read"
        )
    if b"\0" in data:
        return Rejected(Reasons.ENCODING, "NUL bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    given = {found[1]: _plain(found[2] or found[3] or "") for found in _ATTRIBUTE.finditer(text)}
    at = _whole(given.get("date", ""))
    if at is None:
        return Rejected(Reasons.TIME, f"date is {given.get('date', '')[:40]!r}, not milliseconds since 1970")
    if not plausible(at * 1000):
        return Rejected(Reasons.IMPLAUSIBLE, f"date is {given['date'][:40]}")
    written = given.get("dur", given.get("duration", ""))
    duration = _whole(written) if written else None
    if written and duration is None:
        return Rejected(Reasons.NUMBER, f"duration is {written[:40]!r}")
    if duration is not None and duration < 0:
        return Rejected(Reasons.NEGATIVE, f"duration is {written[:40]}")
    if duration is not None and duration > _MAX_DURATION_S:
        return Rejected(Reasons.NUMBER, f"a duration of {written[:40]} seconds")
    if "type" not in given:
        return Rejected(Reasons.MISSING, "type")
    return Stated((_segment(given, at, duration, owner),))


def _segment(given: dict[str, str], at: int, duration: int | None, owner: Endpoint) -> Segment:
    number = given.get("number", "").strip()
    withheld = number in _WITHHELD
    name = given.get("contact_name", given.get("name", "")).strip()
    other = Endpoint(
        EndpointKind.OUTSIDE,
        Number("" if withheld else number),
        "" if name in _NAMELESS else name,
    )
    kind = given["type"].strip()
    direction = _DIRECTIONS.get(kind, Direction.UNKNOWN)
    caller, reached = _sides(direction, other, owner)
    result, cause = _result(kind, duration)
    key = f"android:{at}/{number}"
    return Segment(
        keys=(key,),
        identity=key,
        at=at * 1000,
        caller=caller,
        reached=reached,
        dialled=other.number.raw if direction is Direction.OUTBOUND else "",
        direction=direction,
        result=result,
        talk_s=float(duration) if duration and result is PathResult.ANSWERED else None,
        cause=Cause(text=cause),
        extra=_extra(given, kind, withheld),
    )


def _sides(direction: Direction, other: Endpoint, owner: Endpoint) -> tuple[Endpoint, Endpoint]:
    """Who called and who was reached; a call of unknown direction names the other side only, as nobody's caller."""
    match direction:
        case Direction.INBOUND:
            return other, owner
        case Direction.OUTBOUND:
            return owner, other
        case _:
            return Endpoint(), other


_DIRECTIONS = {
    "1": Direction.INBOUND,
    "2": Direction.OUTBOUND,
    "3": Direction.INBOUND,
    "4": Direction.INBOUND,
    "5": Direction.INBOUND,
    "6": Direction.INBOUND,
    "7": Direction.INBOUND,
}


def _result(kind: str, duration: int | None) -> tuple[PathResult, str]:
    """How it ended and, where the result has no word for it, why."""
    match kind:
        case "1" | "2":
            return (PathResult.ANSWERED if duration else PathResult.UNKNOWN), ""
        case "3":
            return PathResult.NO_ANSWER, ""
        case "4":
            return PathResult.VOICEMAIL, ""
        case "5":
            return PathResult.REJECTED, ""
        case "6":
            return PathResult.REJECTED, "blocked by the phone"
        case "7":
            return PathResult.ANSWERED, "answered on another device"
        case _:
            return PathResult.UNKNOWN, ""


def _extra(given: dict[str, str], kind: str, withheld: bool) -> dict[str, str]:
    extra: dict[str, str] = {}
    if withheld:
        extra["presentation"] = _PRESENTATION.get(given.get("presentation", ""), "withheld")
    if kind not in _DIRECTIONS:
        extra["type"] = kind[:40]
    subscription = given.get("subscription_id", "")
    if subscription not in ("", "null", "-1"):
        extra["subscription"] = subscription[:80]
    return extra


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _plain(value: str) -> str:
    """An attribute's text. SMS Backup & Restore writes emoji as two character references, which no XML reader accepts."""
    return html.unescape(_SURROGATES.sub(_joined, value)).replace("\n", " ")


def _joined(found: re.Match[str]) -> str:
    high, low = int(found[1]), int(found[2])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return "\N{REPLACEMENT CHARACTER}"
    return chr(0x10000 + (high - 0xD800 << 10) + (low - 0xDC00))
