"""Rows of Asterisk's CDR tables, whatever their columns: one row → one :class:`Path`.

A :data:`Layout` says which column stands where; ``path`` reads a row by it. What a row lacks is ``""`` or None, never made up.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

import msgspec

from ringbook.model.dialplan import targets
from ringbook.model.instant import EARLIEST, LATEST, SECOND, Instant, from_datetime, plausible
from ringbook.model.members import APP_CONFERENCE, APP_DIAL, END_OUTSIDE, END_PERSON, END_UNKNOWN
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Path, PathResult
from ringbook.parse.format import Framer, Noise, Parsed, Piece, Reasons, Rejected, Stated
from ringbook.parse.formats._asterisk import (
    app_end,
    app_kind,
    caller_id,
    endpoint,
    epoch_of,
    made_key,
)


def words(text: str) -> list[str]:
    """The words of a text: column names, readable in a row."""
    return text.split()


COLUMNS = words(
    "accountcode clid src dst dcontext channel dstchannel lastapp lastdata start answer end duration billsec disposition "
    "uniqueid userfield linkedid sequence recordingfile did cnum cnam"
)
"""Columns that say something about a call; others (amaflags, peeraccount…) are kept in the frame only."""


Layout: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]
"""Takes the values of ``COLUMNS`` from a row with one empty field added; that one stands for those that the row does not have."""


def layout(names: Iterable[str]) -> Layout:
    """The layout of columns named in order; names that say nothing about a call are passed over."""
    places = {name: at for at, name in enumerate(names)}
    return itemgetter(*[places.get(name, -1) for name in COLUMNS])


class BadFieldError(ValueError):
    """A field that cannot be read: ``reason`` is a reject reason, the message says what to look at."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def text_of(piece: Piece) -> str:
    """The text of a piece without its line end. UTF-8, else Latin-1. Raises :class:`BadFieldError`."""
    if piece.flaw:
        raise BadFieldError(piece.flaw, f"{len(piece.data)} bytes")
    data = piece.data
    if b"\0" in data:
        raise BadFieldError(Reasons.ENCODING, f"NUL byte at position {data.index(0)}")
    try:
        return data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return data.decode("latin-1").rstrip("\r\n")


def fields_of(text: str, delimiter: str = ",") -> list[str]:
    """The fields of one CSV record. Raises :class:`BadFieldError` for quotes that do not match."""
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        reason = Reasons.TRUNCATED if "unexpected end" in str(error) else Reasons.SYNTAX
        raise BadFieldError(reason, str(error)) from None


def starts_quoted(line: bytes) -> bool:
    """Whether a line begins with three quoted fields, as every cdr_csv record does."""
    return _QUOTED_START(line) is not None


def starts_bare(line: bytes) -> bool:
    """Whether a line begins with three quoted fields, or with a bare one and five more, quoted or not."""
    return starts_quoted(line) or _BARE_START(line) is not None


def parsed(read: Callable[[Piece], Path], piece: Piece) -> Parsed:
    """What a piece says by a reader that raises :class:`BadFieldError` for what it cannot read."""
    try:
        return Stated((read(piece),))
    except BadFieldError as error:
        if not piece.data.strip():
            return Noise("blank")
        return Rejected(error.reason, str(error)[:200])


def bid(framer: Framer, parse: Callable[[Piece], Parsed], head: bytes) -> float:
    """The share of a file's first pieces that are understood, as a bid: noise counts for nothing, doubt for little."""
    pieces = list(framer.feed(head))[:_LOOKED_AT]
    if not pieces:
        pieces = list(framer.finish())[:1]
    told = [parse(piece) for piece in pieces]
    good = sum(isinstance(one, Stated) for one in told)
    bad = sum(isinstance(one, Rejected) for one in told)
    return 0.0 if good <= bad else 0.95 * good / (good + bad)


def path(row: list[str], at: Layout) -> Path:
    """The path that a row tells. Times are as written (see ``Statement``). Raises :class:`BadFieldError`."""
    row.append("")  # what the layout lacks, at -1, reads as empty
    (
        account, clid, src, dst, context, channel, other, app, data, start_text, answer_text, end_text, duration_text,
        billed_text, disposition, uniqueid, userfield, linkedid, sequence, recording, did, cnum, cnam,
    ) = at(row)  # fmt: skip
    result = _RESULTS.get(disposition)
    if result is None:
        result = _result(disposition)
    start, utc = moment(start_text)
    answered = ended = None
    if answer_text:
        answered = start if answer_text == start_text else _optional(answer_text)
    if end_text:
        ended = start if end_text == start_text else _optional(end_text)
    if len(clid) + len(data) + len(channel) + len(other) + len(app) > _LONGEST_TEXT:
        raise BadFieldError(Reasons.OVERSIZE, "a field is longer than Asterisk writes")
    number = int(sequence) if sequence.isdecimal() and len(sequence) < _LONGEST_FIGURE else None
    duration, billed = seconds(duration_text), seconds(billed_text)
    until = ended if ended is not None else start + int((duration or 0) * SECOND)
    meeting = app_kind(app) is APP_CONFERENCE
    joined = keys(
        uniqueid, linkedid, channel, other, start, until, up=answered if billed else None, meeting=meeting
    )
    return Path(
        keys=joined or (f"r:{start}:{src}:{dst}",),  # a row without ids and channels is a call by itself
        identity=f"{uniqueid}/{number}" if uniqueid and number is not None else "",
        at=start,
        hint_at=_hint(uniqueid) if uniqueid else None,
        utc=utc,
        order=number or 0,
        a=caller_end(channel, cnum or src, clid, cnam, dst, app, data),
        b=called_end(other, dst, app, data),
        src=src,
        dst=dst,
        context=context,
        app=app,
        app_data=data,
        did=did,
        answered_at=answered,
        ended_at=ended,
        duration_s=duration,
        billed_s=billed,
        result=result,
        uniqueid=uniqueid,
        linkedid=linkedid,
        sequence=number,
        account=account,
        userfield=userfield,
        recording=recording,
    )


def keys(
    uniqueid: str,
    linkedid: str,
    channel: str,
    other: str,
    start: Instant,
    end: Instant | None,
    *,
    up: Instant | None = None,
    meeting: bool = False,
) -> tuple[str, ...]:
    """What joins the row to others of its call.

    Its linked and unique ids. And the channels it names, for a consultation keeps its own linked id: whoever was consulted goes
    on, on another row, in the second in which the consultation ended. Everybody in a conference keeps an own linked id too, and
    old files have no ids: there a name stands for one channel within the quarter hours it was seen in, for after a restart
    the same names stand for other channels.
    """
    ids: tuple[str, ...]
    if linkedid:
        alone = linkedid == uniqueid or not uniqueid
        ids = (f"u:{linkedid}",) if alone else (f"u:{linkedid}", f"u:{uniqueid}")
        if meeting:
            return ids + _seen(channel, start, end) + (_seen(other, start, end) if other else ())
        if up is None or not other or other.startswith("Local/"):
            return ids  # nobody can have been handed over on it, or its own linked id already says where it belongs
        ended = f"c:{other}@{(start if end is None else end) // SECOND}"
        return (*ids, ended) if up > start else (*ids, f"c:{other}@{start // SECOND}", ended)
    ids = (f"u:{uniqueid}",) if uniqueid else ()
    if channel:
        ids += _seen(channel, start, end)
    if other:
        ids += _seen(other, start, end)
    # CEL says when each channel was made; the row begins then, or milliseconds later.
    if channel and not uniqueid:
        ids += (made_key(channel, start), made_key(channel, start - SECOND))
    return ids


def _seen(channel: str, start: Instant, end: Instant | None) -> tuple[str, ...]:
    device = channel
    if channel[-2:-1] in (";", ","):
        device = channel[:-2]
    first, last = start // _BUCKET, ((start if end is None else end) + SECOND) // _BUCKET
    if first == last:
        return (f"c:{device}@{first}",)
    if last < first or last - first > _MANY_BUCKETS:
        return (f"c:{device}@{first}", f"c:{device}@{last}")
    return tuple([f"c:{device}@{bucket}" for bucket in range(first, last + 1)])


def caller_end(
    channel: str, number: str, clid: str, cnam: str, dst: str = "", app: str = "", data: str = ""
) -> Endpoint:
    """Channel A's end. A named device that itself dials an outside number is a phone, though it shows the company's number."""
    name, shown = caller_id(clid) if clid else ("", "")
    end = endpoint(channel, number or shown, cnam or name if clid[-1:] != ">" else name)
    if end.kind is END_OUTSIDE and ("@" in data or data.count("/") > 1) and app_kind(app) is APP_DIAL:
        for device, dialled in targets(data).items():
            if dialled and device != end.device and _same_digits(dst, dialled):
                return msgspec.structs.replace(end, kind=END_PERSON)
    if end.name and end.extension and end.number.raw not in ("", end.extension):
        return msgspec.structs.replace(end, name="")  # whose number is shown, his is the name: the company's
    return end


def called_end(channel: str, dst: str, app: str, data: str) -> Endpoint:
    """Channel B's end, or what the application is where there is no channel B."""
    if not channel:
        kind = app_end(app)
        return _NOBODY if kind is END_UNKNOWN else _application(kind, app, data)
    end = endpoint(channel)
    if end.kind is END_OUTSIDE and app_kind(app) is APP_DIAL:
        return _dialled_end(end, dst, data)
    return end


def _dialled_end(end: Endpoint, dst: str, data: str) -> Endpoint:
    """A named device: with a number in the dial string it is a trunk, dialled by its bare name it is a phone."""
    dialled = targets(data)
    number = dialled.get(end.device)
    if number is None:
        technology = end.device.partition("/")[0] + "/"
        numbers = [value for device, value in dialled.items() if device.startswith(technology)]
        number = numbers[0] if len(numbers) == 1 and numbers[0] else None
    if number is None:
        return end
    if number:
        return msgspec.structs.replace(end, number=Number(number))
    extension = dst if len(dialled) == 1 and _SHORT(dst) else ""
    return msgspec.structs.replace(end, kind=END_PERSON, extension=extension, number=Number(extension))


@lru_cache(maxsize=4096)
def _application(kind: EndpointKind, app: str, data: str) -> Endpoint:
    """A queue, mailbox, conference by its name: the first word of the application's data."""
    return Endpoint(kind=kind, name=re.split(r"[,|@]", data, maxsplit=1)[0] if data else app)


def moment(text: str) -> tuple[Instant, bool]:
    """The instant of a time as written, and whether it is UTC (an epoch). Raises :class:`BadFieldError`."""
    clock, second_ = _MINUTES.get(text[10:16]), _SECONDS.get(text[16:])
    if clock is not None and second_ is not None:
        midnight = _midnight(text[:10])
        if midnight is not None:
            return midnight + clock + second_, False
    minute = _minute(text[:16])
    if minute is not None and len(text) == _TEXT_TIME and text[16] == ":":
        second = text[17:]
        if second.isdecimal():
            return minute + int(second) * SECOND, False
    return _odd_moment(text)


@lru_cache(maxsize=4096)
def _midnight(text: str) -> Instant | None:
    """The instant at which the day ``2026-11-21`` begins; None if it is none, or none of our time."""
    try:
        return _minute(f"{text} 00:00")
    except BadFieldError:
        return None


@lru_cache(maxsize=4096)
def _minute(text: str) -> Instant | None:
    """The instant of ``2026-11-21 12:28``; None if it is none."""
    match = _MINUTE(text)
    if match is None:
        return None
    year, month, day, hour, minute = map(int, match.groups())
    return _instant(year, month, day, hour, minute)


def _instant(year: int, month: int, day: int, hour: int, minute: int) -> Instant | None:
    try:
        instant = from_datetime(datetime(year, month, day, hour, minute, tzinfo=UTC))
    except ValueError:
        return None
    if not plausible(instant):
        raise BadFieldError(Reasons.IMPLAUSIBLE, f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
    return instant


def _odd_moment(text: str) -> tuple[Instant, bool]:
    """Epochs, ISO texts with a T or decimals, and day/month/year as spreadsheets write it."""
    if match := _EPOCH(text):
        instant = int(match[1]) * SECOND + int((match[2] or "").ljust(6, "0")[:6] or 0)
        if not EARLIEST <= instant < LATEST:
            raise BadFieldError(Reasons.IMPLAUSIBLE, text)
        return instant, True
    if (match := _ISO(text)) and (minute := _minute(f"{match[1]} {match[2]}")) is not None:
        return minute + int(match[3]) * SECOND + int((match[4] or "").ljust(6, "0")[:6]), False
    if match := _DAY_FIRST(text):
        day, month, year, hour, minute_, second = (int(part or 0) for part in match.groups())
        instant_ = _instant(year, month, day, hour, minute_)
        if instant_ is not None:
            return instant_ + second * SECOND, False
    if not text:
        raise BadFieldError(Reasons.MISSING, "no start time")
    raise BadFieldError(Reasons.TIME, text[:60])


def _optional(text: str) -> Instant | None:
    """A time that may not have come: ``""``, zero and ``0000-00-00 00:00:00`` are None."""
    if text.startswith("0000-00-00") or text in ("0", "0.000000", "NULL", "\\N"):
        return None
    return moment(text)[0]


@lru_cache(maxsize=16384)
def seconds(text: str) -> float | None:
    """A span in seconds; None for none. Raises :class:`BadFieldError` for a negative one and for no figure."""
    if not text:
        return None
    if _FIGURE(text):
        return float(text)
    raise BadFieldError(Reasons.NEGATIVE if text.startswith("-") else Reasons.NUMBER, text[:40])


def _result(text: str) -> PathResult:
    result = _RESULTS.get(text.strip().upper().replace("_", " "))
    if result is None:
        raise BadFieldError(Reasons.UNKNOWN, f"disposition {text[:40]!r} is none of Asterisk's")
    return result


def _hint(uniqueid: str) -> Instant | None:
    """The epoch in the id of the row's own channel: the channel began then, and no row of it before."""
    epoch = epoch_of(uniqueid)
    return epoch if epoch is not None and EARLIEST <= epoch < LATEST else None


def _same_digits(dst: str, number: str) -> bool:
    one = "".join(char for char in dst if char.isdigit())
    two = "".join(char for char in number if char.isdigit())
    return min(len(one), len(two)) > 2 and (one.endswith(two) or two.endswith(one))


def need(row: Sequence[str], columns: str) -> BadFieldError:
    """The complaint about a row whose number of fields is none of the known ones."""
    return BadFieldError(Reasons.COLUMNS, f"{len(row)} fields; known layouts have {columns}")


_RESULTS = {
    "ANSWERED": PathResult.ANSWERED,
    "NO ANSWER": PathResult.NO_ANSWER,
    "BUSY": PathResult.BUSY,
    "FAILED": PathResult.FAILED,
    "CONGESTION": PathResult.CONGESTION,
    "CANCEL": PathResult.CANCELLED,
    "NOANSWER": PathResult.NO_ANSWER,
}
_NOBODY = Endpoint()
_BUCKET = 900 * SECOND
_MANY_BUCKETS = 16
_LOOKED_AT = 40
_LONGEST_FIGURE = 12
_LONGEST_TEXT = 8192
"""Characters that the names and data of one row may have together: Asterisk's fields hold 80 to 256 each."""
_TEXT_TIME = 19
_MINUTES = {f" {clock // 60:02}:{clock % 60:02}": clock * 60 * SECOND for clock in range(24 * 60)}
_SECONDS = {f":{second:02}": second * SECOND for second in range(60)}
"""The parts of ``2026-11-21 12:28:56`` behind the day: looking them up also says that they are well written."""

_SHORT = re.compile(r"\d{1,6}", re.ASCII).fullmatch
_MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)", re.ASCII).fullmatch
_EPOCH = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?", re.ASCII).fullmatch
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d):(\d\d)(?:[.,](\d{1,9}))?", re.ASCII).fullmatch
_DAY_FIRST = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}) +(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII
).fullmatch
_QUOTED = rb'"(?:[^"]|"")*+"'
_BARE = rb'(?:"(?:[^"]|"")*+"|[^",]*+)'
_QUOTED_START = re.compile(_QUOTED + rb"(?:," + _QUOTED + rb"){2},").match
_BARE_START = re.compile(rb"[^\",\s]++(?:," + _BARE + rb"){5}").match
_FIGURE = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII).fullmatch
