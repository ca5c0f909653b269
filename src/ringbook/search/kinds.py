"""Kinds of fields: how the values of each kind are read, and the condition on a call's row that they become.

Every condition is true or false for every row, never NULL, so that ``-x`` is exactly what ``x`` is not: a call of unknown
duration is found by ``-duration:>60``. Values travel as bound parameters only.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from ringbook.model.instant import Instant
from ringbook.search import values
from ringbook.search.errors import BadValueError, nearest
from ringbook.search.tree import Value
from ringbook.search.values import TAIL, Digits, Span


class Build:
    """Collects the parameters of one statement while its conditions are made; knows the viewer's zone and the time.

    ``me`` is the viewer's handle; a ``masked`` viewer may not find numbers by their parts.
    """

    def __init__(self, zone: ZoneInfo, now: Instant, me: str = "", *, masked: bool = False) -> None:
        self.zone = zone
        self.now = now
        self.me = me
        self.masked = masked
        self.params: dict[str, object] = {}

    def bind(self, value: object, kind: str = "String") -> str:
        """The placeholder of a new parameter."""
        name = f"p{len(self.params) + 1}"
        self.params[name] = value
        return f"{{{name}:{kind}}}"

    def instant(self, at: Instant) -> str:
        """A parameter that holds an instant, as an expression to compare with times."""
        return f"fromUnixTimestamp64Micro({self.bind(at, 'Int64')}, 'UTC')"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One word before a colon. ``values`` says what may follow; ``examples`` are whole questions."""

    name: str
    help: str
    values: str
    examples: tuple[str, ...]
    comparable = False
    facet: str = ""  # what calls are counted by, as an expression; empty: they are not
    mark: str = ""  # or by a list of what people added to them
    owners: str = ""  # or by these rows of (number, value): whose numbers are on the call
    choices: tuple[str, ...] = ()

    def condition(self, value: Value, build: Build) -> str:
        """The condition that this value of the field means."""
        if value.op and not self.comparable:
            raise BadValueError(
                f"{self.name}: cannot be compared with {value.op}", f"Write {self.name}: and {self.values}."
            )
        if not value.text.strip():
            raise BadValueError(f"{self.name}: has an empty value.", f"Write {self.name}: and {self.values}.")
        return self.meaning(value, build)

    @abstractmethod
    def meaning(self, value: Value, build: Build) -> str:
        """The condition that a value means which has been found fit for the field."""


class ChoiceField(Field, frozen=True, kw_only=True):
    """One of a few words, stored as they are in a column."""

    column: str

    def meaning(self, value: Value, build: Build) -> str:
        return f"{self.column} = {build.bind(choice(value.text, self.choices, self.name))}"


class HasField(Field, frozen=True, kw_only=True):
    """Whether a call has something: one condition for each word."""

    conditions: dict[str, str]

    def meaning(self, value: Value, build: Build) -> str:  # noqa: ARG002 - as all fields
        return self.conditions[choice(value.text, tuple(self.conditions), self.name)]


Matcher: TypeAlias = Callable[[Value, Build], str]


class MatchField(Field, frozen=True, kw_only=True):
    """Text or numbers, compared by a function made below (``label``, ``numbers``…).

    ``exactly`` is the condition that it is as written after ``=``, which stands at ``{0}``; empty: that cannot be asked.
    """

    match: Matcher
    exactly: str = ""

    def condition(self, value: Value, build: Build) -> str:
        if value.op != "=" or not self.exactly:
            return super().condition(value, build)
        if build.masked and isinstance(self, NumberField) and values.is_number(value.text):
            number(value, build)  # refuses what could be guessed piece by piece
        return self.exactly.format(build.bind(value.text))

    def meaning(self, value: Value, build: Build) -> str:
        return self.match(value, build)


class NumberField(MatchField, frozen=True, kw_only=True):
    """A telephone number: written with spaces and brackets, it is still one value."""


class LengthField(Field, frozen=True, kw_only=True):
    """How long something took, in a nullable column of milliseconds."""

    column: str
    comparable = True

    def meaning(self, value: Value, build: Build) -> str:
        between = values.lengths(value.text, value.op)
        parts = []
        if between.low is not None:
            sign = ">" if between.open_low else ">="
            parts.append(f"{self.column} {sign} {build.bind(between.low, 'Int64')}")
        if between.high is not None:
            sign = "<" if between.open_high else "<="
            parts.append(f"{self.column} {sign} {build.bind(between.high, 'Int64')}")
        return f"ifNull({' AND '.join(parts)}, 0)"


class TimeField(Field, frozen=True, kw_only=True):
    """When a call started, as the instants that a value spans; None at an end is no limit."""

    read: Callable[[str, ZoneInfo, Instant], tuple[Instant | None, Instant | None]]

    def bounds(self, value: Value, build: Build) -> tuple[Instant | None, Instant | None]:
        """The instants meant: from the first on, before the second."""
        return self.read(value.text, build.zone, build.now)

    def meaning(self, value: Value, build: Build) -> str:
        since, until = self.bounds(value, build)
        parts = [] if since is None else [f"started_at >= {build.instant(since)}"]
        parts += [] if until is None else [f"started_at < {build.instant(until)}"]
        return all_of(parts)


class WallField(Field, frozen=True, kw_only=True):
    """What a clock or calendar in the viewer's zone shows when the call starts."""

    condition_of: Callable[[str, Build], str]

    def meaning(self, value: Value, build: Build) -> str:
        return self.condition_of(value.text, build)


def all_of(parts: list[str]) -> str:
    """A condition that holds if all parts do; without parts, always."""
    return f"({' AND '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "1"


def any_of(parts: list[str]) -> str:
    """A condition that holds if one part does; without parts, never."""
    return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0] if parts else "0"


def choice(word: str, known: tuple[str, ...], name: str) -> str:
    """The known word that is meant, or an error that suggests the nearest."""
    lowered = word.lower()
    if lowered not in known:
        raise BadValueError(f'{name}: knows no "{word}".', nearest(word, known))
    return lowered


# --- text ---------------------------------------------------------------------------------------------------------------


_HAS_WILDCARD = re.compile(r"[*?]")


def literal(words: str) -> str:
    """Text for LIKE that stands for itself."""
    return re.sub(r"([\\%_])", r"\\\1", words)


def wildcards(value: Value) -> str:
    """A value for LIKE, in lower case: ``*`` is any text and ``?`` one character, unless quoted."""
    pattern = literal(value.text.lower())
    return pattern if value.quoted else pattern.replace("*", "%").replace("?", "_")


def part_of(value: Value, build: Build) -> str:
    """A value that is looked for anywhere in a text, for LIKE."""
    if build.masked and _DIGIT.search(value.text):
        raise BadValueError(_HIDDEN, _HIDDEN_HINT)
    return f"%{wildcards(value)}%"


def whole_of(value: Value, build: Build) -> str:
    """A value that is the whole of a text, for LIKE."""
    if build.masked and not value.quoted and _DIGIT.search(value.text) and _HAS_WILDCARD.search(value.text):
        raise BadValueError(_HIDDEN, _HIDDEN_HINT)
    return wildcards(value)


_DIGIT = re.compile(r"\d")
_HIDDEN = "Telephone numbers are hidden from you, so digits cannot be looked for in parts."
_HIDDEN_HINT = "Write a whole number (ten digits or more), an extension, or a name: +15125550101, 101, anna."


def label(column: str) -> Matcher:
    """Matches a column's whole value, whatever its case; ``*`` and ``?`` are wildcards."""
    return lambda value, build: f"lowerUTF8({column}) LIKE {build.bind(whole_of(value, build))}"


def labels(column: str) -> Matcher:
    """Matches one whole value of a column of lists."""
    return lambda value, build: (
        f"arrayExists(x -> lowerUTF8(x) LIKE {build.bind(whole_of(value, build))}, {column})"
    )


def contains(column: str) -> Matcher:
    """Matches a column that has the text somewhere in it."""
    return lambda value, build: f"lowerUTF8({column}) LIKE {build.bind(part_of(value, build))}"


def name(value: Value, build: Build) -> str:
    """Matches the names of everybody on the call, kept in lower case, one a line."""
    part = build.bind(part_of(value, build))
    found = f"names LIKE {part}"
    if value.quoted or not _HAS_WILDCARD.search(value.text):
        return found
    # A wildcard must not reach from one person's name into the next one's.
    return f"({found} AND arrayExists(x -> x LIKE {part}, splitByChar('\\n', names)))"


def agent(value: Value, build: Build) -> str:
    """Matches who really talked: an extension exactly, or a part of a name."""
    if value.text.isdigit():
        return f"has(agent_extensions, {build.bind(value.text)})"
    part = build.bind(part_of(value, build))
    whole = build.bind(wildcards(value))
    return (
        f"((names LIKE {part} AND arrayExists(x -> lowerUTF8(x) LIKE {part}, agent_names))"
        f" OR arrayExists(x -> lowerUTF8(x) LIKE {whole}, agent_extensions))"
    )


def extension(value: Value, build: Build) -> str:
    """Matches the phones of ours that rang or talked."""
    if value.quoted or not _HAS_WILDCARD.search(value.text):
        return f"has(extensions, {build.bind(value.text)})"
    return labels("extensions")(value, build)


_Q850 = range(1, 128)
_SIP = range(100, 700)


def cause(value: Value, build: Build) -> str:
    """Matches the Q.850 cause or SIP status of that number, or a part of the source's own words."""
    if value.quoted or not value.text.isdigit():
        return contains("cause_text")(value, build)
    code = int(value.text) if len(value.text) <= 4 else 0
    if code not in _Q850 and code not in _SIP:
        raise BadValueError(
            f"cause: knows no code {value.text}",
            "Q.850 causes are 1 to 127, SIP statuses 100 to 699; other text is looked for in the source's words.",
        )
    bound = build.bind(code, "UInt16")
    parts = [f"ifNull(cause_q850 = {bound}, 0)"] if code in _Q850 else []
    parts += [f"ifNull(cause_sip = {bound}, 0)"] if code in _SIP else []
    return any_of(parts)


AGENT = "multiIf(notEmpty({0}), {0}, notEmpty({1}), {1}, '?')"
"""Who an agent is: by extension {0}, or else by name {1}; somebody of ours, where neither is known."""

AGENTS = f"arrayDistinct(arrayMap((x, y) -> {AGENT.format('x', 'y')}, agent_extensions, agent_names))"
"""Who talked on a call, each once."""

# --- numbers ------------------------------------------------------------------------------------------------------------


def exact_number(column: str, tail: str) -> str:
    """The condition that a number stands so in the record; its last characters have an index."""
    return f"({tail} = right(trimLeft({{0}}, '+'), {TAIL}) AND {column} = {{0}})"


def party(side: str) -> Matcher:
    """Matches one party's number, or its name if the value is no number."""

    def match(value: Value, build: Build) -> str:
        if values.is_number(value.text):
            return number_in(f"{side}_number", f"{side}_tail", number(value, build), build)
        part = build.bind(part_of(value, build))
        # `names` has an index and holds every party's name, so it is asked first.
        by_name = f"(names LIKE {part} AND lowerUTF8({side}_name) LIKE {part})"
        return by_name if build.masked else f"({by_name} OR lowerUTF8({side}_number) LIKE {part})"

    return match


def called(value: Value, build: Build) -> str:
    """Matches the party called, or the number that was dialled to reach it."""
    parts = [party("to")(value, build)]
    if values.is_number(value.text):
        parts.append(number_in("dialled", "dialled_tail", number(value, build), build))
    return any_of(parts)


def dialled(value: Value, build: Build) -> str:
    """Matches the number dialled."""
    if values.is_number(value.text):
        return number_in("dialled", "dialled_tail", number(value, build), build)
    return label("dialled")(value, build)


def anybody(value: Value, build: Build) -> str:
    """Matches any number on the call."""
    asked = number(value, build)
    if asked.exactly:
        return f"has(numbers, {build.bind(asked.exactly)})"
    if asked.whole:
        whole = build.bind(f"\n{asked.whole}\n"), build.bind(f"\n+{asked.whole}\n")
        return f"multiSearchAny(digits, [{', '.join(whole)}])"
    if asked.pattern:
        ways = [f"[+]?{_regex(asked.pattern)}"]
        if asked.home_pattern:
            ways.append(f"[+]{COUNTRY_CODE}{_regex(asked.home_pattern)}")
        return any_of([f"match(digits, {build.bind(f'{_LINE}{way}{_LINE}')})" for way in ways])
    found = f"digits LIKE {build.bind(f'%{asked.end}{_LINE}%')}"
    if asked.home:
        homes = ", ".join(build.bind(f"{_LINE}{way}{_LINE}") for way in asked.home)
        found = f"({found} OR multiSearchAny(digits, [{homes}]))"
    if len(asked.end) < TAIL:
        return found
    # The hint is looked up in the index of `tails` and costs no row anything.
    return f"(indexHint(hasAny(tails, [{', '.join(_tails(asked, build))}])) AND {found})"


_LINE = "\n"
"""What stands before, between and behind the numbers of a call in `digits`."""


def _regex(pattern: str) -> str:
    """A pattern of digits, ``*`` and ``?`` as a regular expression; it never matches what has no digit."""
    if not pattern.strip("*"):
        return "[0-9]+"
    return pattern.replace("*", "[0-9]*").replace("?", "[0-9]")


def number(value: Value, build: Build) -> Digits:
    """The number that a value means; for a masked viewer a whole one, an extension exactly, or ``*``: whether there is any."""
    asked = values.digits(value.text, literal=value.quoted)
    if not build.masked or asked.exactly or (value.text == "*" and not value.quoted):
        return asked
    plain = re.sub(r"\D", "", value.text)
    if asked.pattern or _LONGEST_EXTENSION < len(plain) < _SHORTEST_WHOLE:
        raise BadValueError(_HIDDEN, _HIDDEN_HINT)
    return asked if len(plain) >= _SHORTEST_WHOLE else Digits(whole=plain)


_LONGEST_EXTENSION = 6
_SHORTEST_WHOLE = 10


def number_in(column: str, tail: str, asked: Digits, build: Build) -> str:
    """Matches one column that holds a number, by its indexed last digits first."""
    if asked.exactly:
        return f"{column} = {build.bind(asked.exactly)}"
    if asked.whole:
        return f"{tail} = {build.bind(asked.whole)}"
    if asked.pattern:
        return _fits(column, asked, build)
    if len(asked.end) < TAIL:
        return any_of([f"endsWith({tail}, {end})" for end in _tails(asked, build)])
    return f"({tail} IN ({', '.join(_tails(asked, build))}) AND {_fits(column, asked, build)})"


def _tails(asked: Digits, build: Build) -> list[str]:
    """How the last characters of the number may stand in a record that nobody could put into E.164: 555-0101, 55 01 01."""
    end = asked.end[-TAIL:]
    ways = [end]
    for separator in "- .":
        ways += [f"{end[:-4]}{separator}{end[-4:]}"] if len(end) > len("0101") else []
        ways.append(f"{end[:-4]}{separator}{end[-4:-2]}{separator}{end[-2:]}")
    return [build.bind(way) for way in dict.fromkeys(way[-TAIL:] for way in ways)]


COUNTRY_CODE = (
    "(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    "|(?:0[0-9]|2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])[0-9])"
)
"""The country codes of ITU-T E.164: those of one and two digits; all others have three."""


def _spelled(pattern: str) -> str:
    """A pattern as a regular expression for a number that may be written with separators."""
    if not pattern.strip("*"):
        return "[0-9].*"
    each = {"*": ".*", "?": "[0-9][^0-9]*"}
    return "".join(each.get(char, f"{char}[^0-9]*") for char in pattern)


def _fits(text: str, asked: Digits, build: Build) -> str:
    """Whether the digits of a column are the number asked for."""
    if asked.pattern:
        ways = [f"(?s)^[^0-9]*{_spelled(asked.pattern)}$"]
        if asked.home_pattern:
            ways.append(f"(?s)^[+]{COUNTRY_CODE}{_spelled(asked.home_pattern)}$")
        return any_of([f"match({text}, {build.bind(way)})" for way in ways])
    # Most numbers are digits already, and taking them apart is dear.
    bare = f"if(match({text}, '^[+]?[0-9]*$'), replaceOne({text}, '+', ''), replaceRegexpAll({text}, '[^0-9]', ''))"
    parts = [f"endsWith({bare}, {build.bind(asked.end)})"]
    if asked.home:
        homes = ", ".join(build.bind(way) for way in asked.home)
        parts.append(f"(NOT startsWith({text}, '+') AND {bare} IN ({homes}))")
    return any_of(parts)


# --- times --------------------------------------------------------------------------------------------------------------


def after(text: str, zone: ZoneInfo, now: Instant) -> tuple[Instant | None, Instant | None]:
    """From the beginning of the moment on."""
    return values.moment(text, zone, now).since, None


def before(text: str, zone: ZoneInfo, now: Instant) -> tuple[Instant | None, Instant | None]:
    """Before the beginning of the moment."""
    return None, values.moment(text, zone, now).since


def on(text: str, zone: ZoneInfo, now: Instant) -> tuple[Instant | None, Instant | None]:
    """Within the moment or the range."""
    span: Span = values.moments(text, zone, now)
    return span.since, span.until


def last(text: str, zone: ZoneInfo, now: Instant) -> tuple[Instant | None, Instant | None]:
    """From so long ago on."""
    return values.back(text, zone, now), None


def hour(text: str, build: Build) -> str:
    """The time of day at which the call started."""
    zone = build.bind(build.zone.key)
    local = f"(toHour(started_at, {zone}) * 60 + toMinute(started_at, {zone}))"
    return any_of(
        [
            f"({local} >= {build.bind(start, 'UInt16')} AND {local} < {build.bind(stop, 'UInt16')})"
            for start, stop in values.hours(text)
        ]
    )


def weekday(text: str, build: Build) -> str:
    """The day of the week on which the call started."""
    days = ", ".join(build.bind(day, "UInt8") for day in values.weekdays(text))
    return f"toDayOfWeek(started_at, 0, {build.bind(build.zone.key)}) IN ({days})"


def call_id(value: Value, build: Build) -> str:
    """Calls with this id, or whose id begins so; the milliseconds in the id lead to their place in the store."""
    plain = id_digits(value.text)
    first, last = (int(plain[:12].ljust(12, fill), 16) for fill in "0f")
    between = (
        f"opened_at >= fromUnixTimestamp64Milli({build.bind(first, 'Int64')}, 'UTC')"
        f" AND opened_at <= fromUnixTimestamp64Milli({build.bind(last, 'Int64')}, 'UTC')"
    )
    return f"({between} AND startsWith(toString(id), {build.bind(dashed(plain))}))"


SHORTEST_ID = 8
_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]*", re.IGNORECASE)
ID_DIGITS = 32


def id_digits(text: str) -> str:
    """The hexadecimal digits of an id or of its beginning, however its dashes stand."""
    plain = text.replace("-", "").lower()
    if not _ID.fullmatch(text) or len(plain) > ID_DIGITS:
        raise BadValueError(
            f'"{text}" is not the id of a call.',
            f"Write an id or its beginning, {SHORTEST_ID} hexadecimal digits at least.",
        )
    return plain


def dashed(plain: str) -> str:
    """The digits of an id, or of its beginning, with the dashes where they belong."""
    return "-".join(part for part in (plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]) if part)
