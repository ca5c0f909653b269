"""Who was connected with the party served, from when to when, and by whom they were handed on, as CDR rows tell it.

A row's answer time is when channel A was up. Where a phone rang on the row that is when it was answered; where A was up already
(queues, menus, the legs after a transfer) the row cannot tell, and the connection's start is not ``known``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from ringbook.correlate.paths_rows import (
    Cast,
    Row,
    asks_for,
    ends_behind,
    extension_of,
    is_number,
    partner,
)
from ringbook.model.call import Transfer
from ringbook.model.dialplan import AppKind, targets
from ringbook.model.instant import SECOND, Instant, seconds
from ringbook.model.members import (
    APP_CALLED,
    APP_CONFERENCE,
    APP_DIAL,
    APP_PARK,
    APP_QUEUE,
    DIRECTION_OUTBOUND,
    END_OUTSIDE,
    END_PERSON,
    END_PLUMBING,
    RESULT_ANSWERED,
)
from ringbook.model.party import Endpoint


class Link(msgspec.Struct, frozen=True):
    """The party served on ``channel`` was connected with ``other``; ``row`` is that party's own row of it."""

    channel: str
    other: Endpoint
    start: Instant
    end: Instant
    known: bool
    row: Row
    inner: Row  # the row that decided the start


class Talk(msgspec.Struct, frozen=True):
    """All connections of the party served, in order, and the hand-overs between them."""

    links: tuple[Link, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    rewritten: tuple[Row, ...] = ()  # rows whose dst a blind transfer has overwritten


def talk_of(rows: Sequence[Row], cast: Cast) -> Talk:
    """Who was connected with the party served, and how the call was handed on."""
    links = _connections(rows, cast) or list(_own_rows(rows, cast))
    if not links:
        return _SILENT
    if len(rows) == 1:
        return Talk(tuple(links))
    transfers: list[Transfer] = []
    if len(links) > 1:  # between two connections only
        links.sort(key=lambda link: (link.start, link.row.path.order))
        links = _consulted(rows, links, transfers)
        links = _picked_up(links, transfers)
    _retrieved(rows, links, transfers)
    rewritten = _blind(rows, links, transfers)
    _forwarded(rows, cast, links, transfers)
    transfers.sort(key=lambda transfer: transfer.at or 0)
    return Talk(tuple(links), tuple(transfers), tuple(rewritten))


def _connections(rows: Sequence[Row], cast: Cast) -> list[Link]:
    """With whom the party served was connected, by each of its rows on which both ends were."""
    customers = cast.customers
    own: dict[str, Instant] | None = None
    found: list[Link] = []
    for channel in customers:
        for row in rows:
            if row.up and (row.a.channel == channel or row.b.channel == channel):
                if own is None:
                    own = _own_starts(rows)
                links = _links(rows, own, row, channel)
                found += [link for link in links if link.other.channel not in customers]
    return found


def _own_rows(rows: Sequence[Row], cast: Cast) -> Iterator[Link]:
    """Connections of a switch that ignores dialling: no row has a channel B, but each called phone has a row of its own."""
    outbound = cast.direction is DIRECTION_OUTBOUND
    wanted = END_OUTSIDE if outbound else END_PERSON
    for row in rows:
        if row.app is not APP_CALLED or row.b.channel or row.a.kind is not wanted or row is cast.entry:
            continue
        if row.path.result is RESULT_ANSWERED and row.answered is not None and row.path.billed_s:
            known = _rang(row, row.answered)
            other = cast.caller if outbound else row.a
            yield Link(cast.entry.a.channel, other, row.answered, row.end, known, row, row)


def union_s(links: Sequence[Link]) -> float | None:
    """Seconds in which at least one of the links stood; None if one's start is not known."""
    if len(links) == 1:
        [only] = links
        return seconds(only.end - only.start) if only.known else None
    total, until = 0, 0
    for link in sorted(links, key=lambda link: link.start):
        if not link.known:
            return None
        start = max(link.start, until)
        if link.end > start:
            total += link.end - start
        until = max(until, link.end)
    return seconds(total)


def _own_starts(rows: Sequence[Row]) -> dict[str, Instant]:
    """When channels came up that were not rung but called in themselves (to a conference, for a parked call)."""
    own: dict[str, Instant] = {}
    for row in rows:
        channel = row.a.channel
        if channel and row.app is not APP_CALLED and row.a.kind is not END_PLUMBING:
            up = row.answered if row.answered is not None else row.end
            before = own.get(channel)
            if before is None or up < before:
                own[channel] = up
    return own


def _links(
    rows: Sequence[Row], own: dict[str, Instant], row: Row, channel: str, depth: int = 4
) -> list[Link]:
    """The connections that one row of a channel stands for: one, or those behind a Local channel."""
    other = row.b if row.a.channel == channel else row.a
    if other.kind is not END_PLUMBING:
        start, known = _start(rows, own, row)
        return [Link(channel, other, start, row.end, known, row, row)]
    if depth == 0:
        return []
    found: list[Link] = []
    for inner, far in partner(rows, other):
        if not inner.up or inner is row or inner.start > row.end or inner.end < row.start:
            continue
        half = inner.a.channel if far is inner.b else inner.b.channel
        for link in _links(rows, own, inner, half, depth - 1):
            start, end = max(row.start, link.start), min(row.end, link.end)
            if start <= end:
                found.append(Link(channel, link.other, start, end, link.known, row, link.inner))
    return found


def start_of(row: Row) -> tuple[Instant, bool]:
    """The same as for a row that has no others beside it."""
    return _start((row,), {}, row)


def _start(rows: Sequence[Row], own: dict[str, Instant], row: Row) -> tuple[Instant, bool]:
    """When both ends of a row were connected, and whether that is known rather than the earliest possible."""
    answered = row.answered if row.answered is not None else row.start
    called = own.get(row.b.channel)
    if row.app is APP_CONFERENCE:
        came = [row.start, own.get(row.a.channel, row.start), called or row.start]
        return max(came), called is not None
    if row.app is APP_QUEUE:
        return (max(row.start, called), True) if called else (row.start, _joined_before(rows, row))
    if _rang(row, answered):
        return answered, True
    if called is not None:
        return max(row.start, called), True
    return answered, _joined_before(rows, row) or _uninvited(row) or row.a.kind is END_PERSON


def _rang(row: Row, answered: Instant) -> bool:
    """Whether a phone rang between start and answer, rather than that A was up at once.

    Whole seconds hide less than one, and show one where two moments only lie on either side of it; the durations, cut off on
    their own, must then agree.
    """
    gap, path = answered - row.start, row.path
    if row.start % SECOND or answered % SECOND:
        return gap >= SECOND // 5
    if path.duration_s is None or path.billed_s is None:
        return gap >= SECOND
    return gap >= SECOND and path.duration_s - path.billed_s >= 1


def _joined_before(rows: Sequence[Row], row: Row) -> bool:
    """Whether channel B already talked on another row before: somebody consulted it, or a Local channel led to it."""
    first, second = row.a.channel, row.b.channel
    for other in rows:
        if not other.up or other.b.channel != second or other.start > row.start:
            continue
        if other.a.channel != first and other.app is not APP_CONFERENCE:
            return True
    return False


def _uninvited(row: Row) -> bool:
    """Whether B is none of those whom the row's Dial asked for: it came by a pickup or a hand-over, so it was up."""
    data = row.path.app_data
    if row.app is not APP_DIAL or "Local/" in data or len(data) >= _CUT:
        return False
    asked = targets(data)
    technology = row.b.device.partition("/")[0]
    return bool(asked) and technology in ("SIP", "PJSIP") and row.b.device not in asked


def _consulted(rows: Sequence[Row], links: list[Link], transfers: list[Transfer]) -> list[Link]:
    """Attended transfers: who served the party asked another first, and the other has it from then on."""
    for at in range(1, len(links)):
        for before in range(at):
            first, second = links[before], links[at]
            if first.other.device == second.other.device and first.other.device:
                continue
            consult = _consult(rows, first, second)
            if consult is None:
                continue
            over = consult.end
            links[before] = msgspec.structs.replace(first, end=max(first.end, over))
            if second.start < over:
                links[at] = msgspec.structs.replace(second, start=min(over, second.end), known=True)
            by, to = extension_of(first.other), _called(rows, second)
            transfers.append(Transfer("attended", by, to, over))
            break
    return links


def _consult(rows: Sequence[Row], first: Link, second: Link) -> Row | None:
    """The row on which the first party's phone spoke with, or rang, the second."""
    through = _base(second.row.b.channel if second.row.a.channel == second.channel else second.row.a.channel)
    for row in rows:
        if (
            row.has(first.channel)
            or not row.b.channel
            or row.start < first.start
            or row.app is APP_CONFERENCE
        ):
            continue
        for mine, theirs in ((row.a, row.b), (row.b, row.a)):
            if mine.device != first.other.device or mine.kind is END_PLUMBING:
                continue
            if theirs.kind is END_PLUMBING:
                same = _base(theirs.channel) == through or any(
                    end.channel == second.other.channel for end in ends_behind(rows, theirs)
                )
            else:
                same = theirs.channel == second.other.channel
            if same and row.start <= second.end:
                return row
    return None


def _picked_up(links: list[Link], transfers: list[Transfer]) -> list[Link]:
    """Pickups: the row of the phone that rang ends as answered in the instant in which the other phone's begins."""
    kept: list[Link] = []
    taken: set[int] = set()
    for at, link in enumerate(links):
        follower = _taker(links, at)
        if follower is None:
            kept.append(msgspec.structs.replace(link, known=True) if at in taken else link)
            continue
        taken.add(follower)
        other = links[follower]
        transfers.append(Transfer("pickup", extension_of(link.other), extension_of(other.other), other.start))
    return kept


def _taker(links: Sequence[Link], at: int) -> int | None:
    """Which later connection began, on another phone and within the same Dial, in the instant in which this one was over."""
    link, billed = links[at], links[at].row.path.billed_s
    if billed is None or billed >= 1 or link.row is not link.inner or _uninvited(link.row):
        return None
    for later in range(at + 1, len(links)):
        other = links[later]
        same = other.row.path.app_data == link.row.path.app_data and other.channel == link.channel
        moved = other.row is other.inner and other.other.channel != link.other.channel
        begins = other.row.answered == other.row.start and abs(other.row.start - link.row.end) <= ADJACENT
        if same and moved and begins:
            return later
    return None


def _retrieved(rows: Sequence[Row], links: list[Link], transfers: list[Transfer]) -> None:
    """Parked calls that another phone took back."""
    for row in rows:
        if row.app is not APP_PARK:
            continue
        before = [link for link in links if link.channel == row.a.channel and link.start <= row.start]
        after = [link for link in links if link.channel == row.a.channel and link.start >= row.end - ADJACENT]
        if before and after and after[0] not in before:
            by, to = extension_of(before[-1].other), extension_of(after[0].other)
            if by != to:
                transfers.append(Transfer("park", by, to, after[0].start))


def _blind(rows: Sequence[Row], links: list[Link], transfers: list[Transfer]) -> list[Row]:
    """Blind transfers: a channel that somebody served goes on in the dialplan, though its Dial was not to go on.

    The transfer has then overwritten the ``dst`` of the row before it.
    """
    rewritten: list[Row] = []
    handed = {transfer.at for transfer in transfers}
    for link in links:
        if link.other.kind is not END_PERSON:
            continue
        following = [
            row
            for row in rows
            if row.a.channel == link.channel
            and abs(row.start - link.row.end) <= ADJACENT
            and row is not link.row
            and row.app in GOES_ON
            and (row.path.app_data, row.app) != (link.row.path.app_data, link.row.app)
        ]
        if not following or any(at is not None and abs(at - link.end) <= ADJACENT for at in handed):
            continue
        row = following[0]
        as_a = link.row.a.channel == link.channel
        if (
            as_a
            and _continues(link.row)
            and not (link.row.path.dst == row.path.dst and asks_for(row, row.path.dst))
        ):
            continue
        if as_a and not asks_for(link.row, link.row.path.dst):
            rewritten.append(link.row)
        target = _target(link.row if as_a else row, row, [one.b for one in following])
        transfers.append(Transfer("blind", extension_of(link.other), target, row.start))
    return rewritten


def _target(before: Row, row: Row, ends: Sequence[Endpoint]) -> str:
    """The digits that the blind transfer was sent to."""
    for dst in (row.path.dst, before.path.dst):
        if is_number(dst) and (dst == row.path.dst or not asks_for(before, dst)):
            return dst
    called = [end for end in ends if end.channel]
    return extension_of(called[0]) if len(called) == 1 else row.path.dst


def _continues(row: Row) -> bool:
    """Whether the row's application was told to go on in the dialplan when the called party hangs up."""
    arguments = re.split(r"[,|]", row.path.app_data, maxsplit=2)
    if row.app is APP_QUEUE:
        return len(arguments) > 1 and "c" in arguments[1]
    return len(arguments) > 2 and any(letter in _letters(arguments[2]) for letter in "gG")


def _letters(options: str) -> str:
    """The letters of a Dial's options without what stands in brackets behind them: ``TtgM(auto^1)U(x)`` → ``TtgMU``."""
    letters, depth = "", 0
    for char in options:
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif depth == 0 and char in ",|":
            break
        elif depth == 0:
            letters += char
    return letters


def _forwarded(rows: Sequence[Row], cast: Cast, links: list[Link], transfers: list[Transfer]) -> None:
    """Forwards: the phone's own (it sends the call to a Local channel that nobody dialled), or the dialplan's to outside."""
    for link in links:
        row = link.row
        end = row.b if row.a.channel == link.channel else row.a
        if end.kind is END_PLUMBING and row.app is APP_DIAL and "Local/" not in row.path.app_data:
            by = _moved_by(rows, row)
            to = _called(rows, link)
            if by and by != to and not any(transfer.to == to for transfer in transfers):
                transfers.append(Transfer("forward", by, to, row.start))
        elif _caller_outside(cast, link) and row.app is APP_DIAL and "Local/" in row.path.app_data:
            by = row.path.app_data.partition("Local/")[2].partition("@")[0]
            to = _number_behind(rows, link)
            if is_number(by) and to and not any(transfer.to == to for transfer in transfers):
                transfers.append(Transfer("forward", by, to, row.start))


def _caller_outside(cast: Cast, link: Link) -> bool:
    return cast.caller.kind is END_OUTSIDE and link.other.kind is END_OUTSIDE


def _number_behind(rows: Sequence[Row], link: Link) -> str:
    """The outside number of a connection: said by whichever row dialled the channel."""
    numbers = [row.b.number.best for row in rows if row.b.channel == link.other.channel]
    return next((number for number in numbers if number), "")


def _moved_by(rows: Sequence[Row], row: Row) -> str:
    """Whose phone sent the call elsewhere: the one that the same Dial rang and that did not answer."""
    for other in rows:
        same = other.a.channel == row.a.channel and other.path.app_data == row.path.app_data
        if same and not other.up and other.b.kind is END_PERSON:
            return extension_of(other.b)
    names = [device.rpartition("/")[2] for device in targets(row.path.app_data)]
    return names[0] if len(names) == 1 else ""


def _called(rows: Sequence[Row], link: Link) -> str:
    if link.other.kind is END_PERSON:
        return extension_of(link.other)
    return link.other.number.best or _number_behind(rows, link) or extension_of(link.other)


def _base(channel: str) -> str:
    return channel[:-2] if channel[-2:-1] in (";", ",") else channel


_SILENT = Talk()

ADJACENT = 3 * SECOND // 2
"""How far apart the end of one row and the start of the next may be printed and still be the same moment."""

_CUT = 79
"""Length from which application data may have been cut off by the table's column."""

GOES_ON = (
    AppKind.DIAL,
    AppKind.QUEUE,
    AppKind.VOICEMAIL,
    AppKind.CONFERENCE,
    AppKind.IVR,
    AppKind.ANNOUNCEMENT,
)
