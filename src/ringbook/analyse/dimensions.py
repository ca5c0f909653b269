"""What a figure can be counted by: for each dimension its SQL, and the question that finds one part's calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec

from ringbook.model.instant import SECOND, Instant, to_datetime
from ringbook.search import countries
from ringbook.search.countries import COUNTRY
from ringbook.search.kinds import AGENTS
from ringbook.search.plan import viewer_zone
from ringbook.search.values import TAIL, WEEKDAYS, is_number

Key = str | int

HOUR_S = 3600
GRAINS_S = {"quarter-hour": 900, "half-hour": 1800, "hour": HOUR_S}
"""Grains of time by the clock, in seconds; all others go by the calendar."""

WAITS_S = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
"""Where the spans of waiting end, each included."""

LONGER = 1_000_000_000
NOT_WAITED = -1


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """One way to part calls. ``several``: a call may be in more than one part, so that parts add up to more."""

    name: str
    help: str
    sql: str
    question: Callable[[Key], str]
    several: bool = False
    chronological: bool = False
    ordered: bool = False
    """Parts are shown in their own order; otherwise the largest first."""
    parts: tuple[Key, ...] = ()
    """All the parts there are, where those without calls are to be shown too."""
    collides: Callable[[Key], str] | None = None
    """Keys that give the same text here are found by the same question, which is then nobody's."""
    field: str = ""
    """What asks for a key exactly as it stands in the records, where the question would find others too."""

    def exactly(self, key: Key) -> str | None:
        """The question for what stands so in the records; None where it cannot be asked for."""
        if not self.field:
            return None
        return f"{self.field}:={_quoted(key)}"

    def label(self, key: Key) -> str:
        """The key as it is shown to people."""
        if self.name == "weekday":
            return WEEKDAYS[int(key) - 1]
        if self.name == "clock":
            return f"{int(key):02}:00"
        if self.name in GRAINS_S:
            return datetime.fromtimestamp(int(key), UTC).strftime("%Y-%m-%dT%H:%MZ")
        if self.name == "waited":
            return _span(int(key))
        if self.name == "cause":
            return str(key) if key else ""
        if self.name == "quarter":
            return f"{str(key)[:4]}-Q{(int(str(key)[5:7]) + 2) // 3}"
        if self.name == "country":
            return countries.label(str(key))
        return str(key)[: _SHOWN.get(self.name)]


_SHOWN = {"month": 7, "year": 4}
"""How much of a date is shown."""


def questions(dimension: Dimension, keys: Iterable[Key], *, cut: bool) -> dict[Key, str | None]:
    """The question that finds exactly the calls of each part; None where the language cannot tell it from another part.

    ``cut`` says that there are more parts than these, which may be found by the same question.
    """
    known = list(keys)
    collides = dimension.collides
    if collides is None:
        return {key: dimension.question(key) or None for key in known}
    shared = Counter(map(collides, known))

    def alone(key: Key) -> bool:
        return key == "" or (shared[collides(key)] == 1 and not cut)

    return {key: (alone(key) and dimension.question(key)) or dimension.exactly(key) for key in known}


def columns_of(sql: str) -> list[str]:
    """The columns of calls that the SQL of a dimension names."""
    return [column for column in _COLUMNS if column in sql]


def between(first: Key, last: Key, dimension: Dimension) -> list[Key]:
    """All buckets of time from the first to the last one; empty if they are not evenly spaced."""
    step = GRAINS_S.get(dimension.name)
    if step:
        start, stop = int(first), int(last)
        return list(range(start, stop + 1, step)) if (stop - start) % step == 0 else []
    day, end = date.fromisoformat(str(first)), date.fromisoformat(str(last))
    found: list[Key] = []
    while day <= end:
        found.append(day.isoformat())
        day = _following(day, dimension.name)
    return found


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _following(day: date, grain: str) -> date:
    for _ in range(_MONTHS.get(grain, 0)):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if grain in _MONTHS:
        return day
    return day + timedelta(days=7 if grain == "week" else 1)


def bucket(day: date, grain: str) -> date:
    """The first day of the stretch that a day lies in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS.get(grain)
    if months:
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return day


def key_of(at: Instant, grain: str, zone: str) -> Key:
    """The stretch of time that an instant lies in."""
    wall = to_datetime(at).astimezone(viewer_zone(zone))
    step = GRAINS_S.get(grain)
    if step:
        return at // SECOND - (wall.minute * 60 + wall.second) % step
    return bucket(wall.date(), grain).isoformat()


def _clock(step: int) -> Callable[[Key], str]:
    def question(key: Key) -> str:
        start, stop = (
            datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ") for at in (int(key), int(key) + step)
        )
        return f"after:{start} before:{stop}"

    return question


def _quarter(key: Key) -> str:
    first = date.fromisoformat(str(key))
    return f"on:{first}..{_following(first, 'quarter') - timedelta(days=1)}"


def _week(key: Key) -> str:
    return f"on:{key}..{date.fromisoformat(str(key)) + timedelta(days=6)}"


def _quoted(key: Key) -> str:
    return '"' + str(key).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(field: str) -> Callable[[Key], str]:
    return lambda key: f"{field}:{_quoted(key)}" if str(key).strip() else f"-has:{field}"


def _source(key: Key) -> str:
    return f"source:{_quoted(key)}" if str(key).strip() else "-source:*"


def _waited(key: Key) -> str:
    end = int(key)
    if end == NOT_WAITED:
        return "-has:wait"
    if end == LONGER:
        return f"wait:>{WAITS_S[-1]}"
    place = WAITS_S.index(end)
    return f"wait:>{WAITS_S[place - 1]} wait:<={end}" if place else f"wait:<={end}"


def _span(end: int) -> str:
    """A span of waiting as it is shown; its beginning is not part of it, its end is."""
    if end == NOT_WAITED:
        return ""
    if end == LONGER:
        return f"over {WAITS_S[-1]} s"
    place = WAITS_S.index(end)
    return f"{WAITS_S[place - 1]}-{end} s" if place else f"0-{end} s"


def _cause(key: Key) -> str:
    """Calls without a number of a cause may still have the source's words for it."""
    if key == 0:
        return "-has:cause-number"
    return f"cause:{key}" if 1 <= int(key) < _CODES_END else ""


_CODES_END = 700


def _agent(key: Key) -> str:
    if key == "":
        return "-has:agent"
    return f"agent:{key}" if str(key).isascii() and str(key).isdigit() else ""


def _number(field: str) -> Callable[[Key], str]:
    def question(key: Key) -> str:
        digits = _digits(key)
        # Four to six digits would also find every longer number that ends in them.
        if not is_number(str(key)) or _SHORTEST_END <= len(digits) < TAIL:
            return ""
        return f"{field}:{_quoted(key)}"

    return question


_SHORTEST_END = 4


def _tail(key: Key) -> str:
    """What numbers that one question finds have in common: the last digits."""
    return _digits(key)[-TAIL:] or str(key)


def _digits(key: Key) -> str:
    return "".join(char for char in str(key) if char.isdigit())


def _case(key: Key) -> str:
    return str(key).casefold()


_CAUSES = "arrayDistinct(arrayMap(x -> toInt64(assumeNotNull(x)), arrayFilter(x -> isNotNull(x), [cause_q850, cause_sip])))"

_HOUR = "toUnixTimestamp(toStartOfHour(started_at, {zone:String}))"


def _minutes(minutes: int) -> str:
    """The SQL of a part of an hour; hours are those of the zone, some of which are off by half or a quarter of one."""
    return f"{_HOUR} + intDiv(toMinute(started_at, {{zone:String}}), {minutes}) * {minutes * 60}"


_DIMENSIONS = (
    Dimension(
        name="quarter-hour",
        help="each 15 minutes of the calendar",
        sql=_minutes(15),
        question=_clock(900),
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="half-hour",
        help="each 30 minutes of the calendar",
        sql=_minutes(30),
        question=_clock(1800),
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="hour",
        help="each hour of the calendar",
        sql=_HOUR,
        question=_clock(HOUR_S),
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="day",
        help="each day",
        sql="toDate(started_at, {zone:String})",
        question=lambda key: f"on:{key}",
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="week",
        help="each week, from Monday",
        sql="toMonday(started_at, {zone:String})",
        question=_week,
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="month",
        help="each month",
        sql="toStartOfMonth(started_at, {zone:String})",
        question=lambda key: f"on:{str(key)[:7]}",
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="quarter",
        help="each quarter of a year",
        sql="toStartOfQuarter(started_at, {zone:String})",
        question=_quarter,
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="year",
        help="each year",
        sql="toStartOfYear(started_at, {zone:String})",
        question=lambda key: f"on:{str(key)[:4]}",
        chronological=True,
        ordered=True,
    ),
    Dimension(
        name="weekday",
        help="Monday to Sunday",
        sql="toDayOfWeek(started_at, 0, {zone:String})",
        question=lambda key: f"weekday:{WEEKDAYS[int(key) - 1]}",
        ordered=True,
    ),
    Dimension(
        name="clock",
        help="the hour of the day, 0 to 23",
        sql="toHour(started_at, {zone:String})",
        question=lambda key: f"hour:{key}",
        ordered=True,
    ),
    Dimension(
        name="waited",
        help="how long the caller waited, in spans up to five minutes",
        sql=f"if(isNull(wait_ms), {NOT_WAITED}, arrayFirst(x -> assumeNotNull(wait_ms) <= x * 1000, {[*WAITS_S, LONGER]}))",
        question=_waited,
        ordered=True,
        parts=(*WAITS_S, LONGER),
    ),
    Dimension(
        name="queue",
        help="the queue",
        sql="toString(queue)",
        question=_named("queue"),
        collides=_case,
        field="queue",
    ),
    Dimension(
        name="agent",
        help="who talked; a call counts for each of them",
        sql=f"arrayJoin(if(empty({AGENTS}), [''], {AGENTS}))",
        question=_agent,
        several=True,
        collides=_case,
        field="agent",
    ),
    Dimension(
        name="extension",
        help="the phone of ours; a call counts for each that was part of it",
        sql="arrayJoin(if(empty(extensions), [''], extensions))",
        question=lambda key: f"extension:{_quoted(key)}" if key else "-extension:*",
        several=True,
    ),
    Dimension(
        name="trunk",
        help="the line to the outside; a call counts for each that it took, with all its time and its outcome",
        sql="toString(arrayJoin(if(empty(trunks), [''], trunks)))",
        question=_named("trunk"),
        several=True,
        collides=_case,
        field="trunk",
    ),
    Dimension(
        name="direction",
        help="inbound, outbound, internal",
        sql="toString(direction)",
        question=lambda key: f"direction:{key}",
    ),
    Dimension(
        name="outcome",
        help="what became of the call",
        sql="toString(outcome)",
        question=lambda key: f"outcome:{key}",
    ),
    Dimension(
        name="cause",
        help="the Q.850 cause and the SIP status; a call counts for both",
        sql=f"arrayJoin(if(empty({_CAUSES}), [0], {_CAUSES}))",
        question=_cause,
        several=True,
    ),
    Dimension(
        name="hangup",
        help="who ended the call",
        sql="toString(hangup_by)",
        question=lambda key: f"hangup:{key}",
    ),
    Dimension(
        name="account",
        help="the account code",
        sql="toString(account)",
        question=_named("account"),
        collides=_case,
        field="account",
    ),
    Dimension(
        name="source",
        help="the phone system; a call counts for each that tells of it",
        sql="toString(arrayJoin(if(empty(sources), [''], sources)))",
        question=_source,
        several=True,
        collides=_case,
        field="source",
    ),
    Dimension(
        name="number",
        help="the caller's number",
        sql="from_number",
        question=_number("from"),
        collides=_tail,
        field="from",
    ),
    Dimension(
        name="dialled",
        help="the number dialled, the destination",
        sql="dialled",
        question=_number("dialled"),
        collides=_tail,
        field="dialled",
    ),
    Dimension(
        name="country",
        help="the country calling code of who is outside, destination or origin: called by us, or calling",
        sql=COUNTRY,
        question=lambda key: f"country:+{key}" if key else "-has:country",
    ),
)

DIMENSIONS: dict[str, Dimension] = {dimension.name: dimension for dimension in _DIMENSIONS}
"""All dimensions by name, in the order in which they are listed."""

_COLUMNS = (
    "started_at",
    "to_number",
    "wait_ms",
    "queue",
    "trunks",
    "extensions",
    "agent_extensions",
    "agent_names",
    "direction",
    "outcome",
    "cause_q850",
    "cause_sip",
    "hangup_by",
    "account",
    "sources",
    "from_number",
    "dialled",
)
"""What the SQL of dimensions names."""

NUMBERS = ("number", "dialled")
"""Dimensions whose parts are telephone numbers."""
