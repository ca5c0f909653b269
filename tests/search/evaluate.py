"""What a question means, told a second time in plain Python, to hold the engine's answers against.

Written from the reference of the language and from nothing else: it shares no code with the plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

import phonenumbers

from ringbook.model.call import Call
from ringbook.model.party import EndpointKind
from ringbook.search.tree import And, Node, Not, Or, Term, Value, Word

_NATIONAL = {"15125550101": "5125550101", "15125550102": "5125550102", "442079460101": "2079460101"}
"""International spellings used in the tests' questions, and the number without its country code."""


def matches(node: Node, call: Call, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the call is among the answers."""
    match node:
        case And(parts):
            return all(matches(part, call, zone, now) for part in parts)
        case Or(parts):
            return any(matches(part, call, zone, now) for part in parts)
        case Not(part):
            return not matches(part, call, zone, now)
        case Word(text):
            return _mentioned(text, call)
        case Term(name, values):
            return any(_term(name, value, call, zone, now) for value in values)


def _term(name: str, value: Value, call: Call, zone: ZoneInfo, now: datetime) -> bool:
    text = value.text.lower()
    if value.op == "=" and name in _EXACT:
        return value.text in _EXACT[name](call)
    started = datetime.fromtimestamp(call.started_at / 1e6, UTC).astimezone(zone)
    match name:
        case "from":
            return _party(value, call.caller.number, call.caller.name)
        case "to":
            return _party(value, call.called.number, call.called.name) or (
                _numeric(text) and _is(value, call.dialled)
            )
        case "dialled":
            return _is(value, call.dialled)
        case "number":
            return any(_is(value, number) for number in _numbers(call))
        case "extension":
            return any(_like(value, phone) for phone in _extensions(call))
        case "name":
            return any(_within(value, one) for one in _names(call))
        case "agent":
            return any(
                agent.extension == text
                if text.isdigit()
                else _like(value, agent.extension) or _within(value, agent.name)
                for agent in call.agents
            )
        case "country":
            return _country(call) == str(
                phonenumbers.country_code_for_region(text.upper()) or text.lstrip("+")
            )
        case "queue":
            return _like(value, call.queue)
        case "trunk":
            return any(_like(value, trunk) for trunk in call.trunks)
        case "account":
            return _like(value, call.account)
        case "source":
            return any(_like(value, source) for source in call.sources)
        case "direction":
            return call.direction == text
        case "outcome":
            return call.outcome == text
        case "hangup":
            return call.hangup_by == text
        case "cause":
            if text.isdigit():
                return int(text) in (
                    call.cause.q850 if int(text) < 128 else None,
                    call.cause.sip if int(text) > 99 else None,
                )
            return text in call.cause.text.lower()
        case "duration" | "talk" | "wait" | "ring" | "hold":
            return _long(value, getattr(call, f"{name}_s"))
        case "hour":
            return _hour(text, started)
        case "weekday":
            return _weekday(text, started)
        case "has":
            return _has(text, call)
        case "after":
            return started >= _moment(text, zone, now)[0]
        case "before":
            return started < _moment(text, zone, now)[0]
        case "on":
            first, _, last = text.partition("..")
            return _moment(first, zone, now)[0] <= started < _moment(last or first, zone, now)[1]
        case "last":
            return started >= _back(text, zone, now)
    raise AssertionError(name)


_EXACT: dict[str, Callable[[Call], Sequence[str]]] = {
    "from": lambda call: [call.caller.number],
    "dialled": lambda call: [call.dialled],
    "agent": lambda call: [agent.extension or agent.name or "?" for agent in call.agents],
    "queue": lambda call: [call.queue],
    "trunk": lambda call: call.trunks,
    "account": lambda call: [call.account],
    "source": lambda call: call.sources,
}
"""What may be asked for exactly as it stands in the records."""


# --- numbers and names --------------------------------------------------------------------------------------------------


def _numbers(call: Call) -> list[str]:
    found = [call.caller.number, call.called.number, call.dialled]
    found += [leg.number for leg in call.legs] + [agent.extension for agent in call.agents]
    for transfer in call.transfers:
        found += [transfer.by, transfer.to]
    return [number for number in found if number]


def _extensions(call: Call) -> list[str]:
    found = [side.number for side in (call.caller, call.called) if side.kind is EndpointKind.PERSON]
    found += [leg.number for leg in call.legs if leg.kind is EndpointKind.PERSON]
    return [number for number in found + [agent.extension for agent in call.agents] if number]


def _names(call: Call) -> list[str]:
    found = [call.caller.name, call.called.name, *(leg.name for leg in call.legs)]
    return [name for name in found + [agent.name for agent in call.agents] if name]


def _numeric(text: str) -> bool:
    return bool(re.fullmatch(r"[+0-9*?() ./-]+", text))


def _is(value: Value, stored: str) -> bool:
    """Whether a stored number is the one asked for."""
    asked, held = value.text, re.sub(r"\D", "", stored)
    if not held:
        return False
    digits = re.sub(r"\D", "", asked)
    if not value.quoted and re.search(r"[*?]", asked):
        pattern = re.sub(r"[^\d*?]", "", asked)
        inside = pattern if "+" in asked or pattern.startswith("*") else pattern.removeprefix("0")
        return fnmatchcase(held, pattern) or (
            "+" not in asked and stored.startswith("+") and fnmatchcase(_inside(stored), inside)
        )
    if len(digits) < 4:
        return held == digits
    international = (
        digits if "+" in asked else digits[2:] if digits.startswith("00") and len(digits) > 7 else ""
    )
    national = _NATIONAL.get(international or digits, "") if international or digits.startswith("1") else ""
    if national and not stored.startswith("+") and held.lstrip("0") == national:
        return True
    if international:
        return held.endswith(international)
    return held.endswith(digits.lstrip("0") if len(digits) > 7 else digits)


def _inside(stored: str) -> str:
    """An international number as it is dialled inside its country."""
    return phonenumbers.national_significant_number(phonenumbers.parse(stored))


def _party(value: Value, number: str, name: str) -> bool:
    if _numeric(value.text):
        return _is(value, number)
    return _within(value, name) or _within(value, number)


def _pattern(value: Value) -> str:
    text = value.text.lower()
    return re.sub(r"([*?\[])", r"[\1]", text) if value.quoted else text.replace("[", "[[]")


def _like(value: Value, text: str) -> bool:
    return fnmatchcase(text.lower(), _pattern(value))


def _within(value: Value, text: str) -> bool:
    return fnmatchcase(text.lower(), f"*{_pattern(value)}*")


def _mentioned(text: str, call: Call) -> bool:
    literal = Value(text, quoted=True)
    places = [*_names(call), call.queue, call.account, call.cause.text]
    if any(_within(literal, place) for place in places if place):
        return True
    if _numeric(text):
        return any(_is(literal, number) for number in _numbers(call))
    return any(
        _within(literal, number)
        for number in (call.caller.number, call.called.number, call.dialled)
        if number
    )


# --- times --------------------------------------------------------------------------------------------------------------

_FACTORS = {"s": 1, "m": 60, "h": 3600, "": 1}


def _seconds(text: str) -> float:
    return sum(float(amount) * _FACTORS[unit] for amount, unit in re.findall(r"([\d.]+)([smh]?)", text))


def _long(value: Value, held: float | None) -> bool:
    if held is None:
        return False
    if ".." in value.text:
        low, _, high = value.text.partition("..")
        return (not low or held >= _seconds(low)) and (not high or held <= _seconds(high))
    asked = _seconds(value.text)
    return {
        ">": held > asked,
        ">=": held >= asked,
        "<": held < asked,
        "<=": held <= asked,
        "": asked <= held < asked + 1,
        "=": asked <= held < asked + 1,
    }[value.op]


def _moment(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if text in ("today", "yesterday"):
        first = midnight - timedelta(days=text == "yesterday")
        return _utc(first, zone), _utc(first + timedelta(days=1), zone)
    if text.endswith("z"):
        first = datetime.fromisoformat(text[:-1] + "+00:00")
        return first, first + timedelta(minutes=1)
    for form, step in (
        ("%Y-%m-%dT%H:%M", timedelta(minutes=1)),
        ("%Y-%m-%dT%H", timedelta(hours=1)),
        ("%Y-%m-%d", timedelta(days=1)),
    ):
        try:
            first = datetime.strptime(text.upper(), form)
        except ValueError:
            continue
        return _utc(first, zone), _utc(first + step, zone)
    year, _, month = text.partition("-")
    first = datetime(int(year), int(month or 1), 1)
    after = first.replace(year=first.year + 1) if not month else (first + timedelta(days=32)).replace(day=1)
    return _utc(first, zone), _utc(after, zone)


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _back(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    amount, unit = int(text[:-1]), text[-1]
    if unit in "mh":
        return now - timedelta(minutes=amount if unit == "m" else 60 * amount)
    wall = now.astimezone(zone).replace(tzinfo=None)
    if unit == "y":
        return _utc(wall.replace(year=wall.year - amount), zone)
    return _utc(wall - timedelta(days=amount * (7 if unit == "w" else 1)), zone)


def _hour(text: str, started: datetime) -> bool:
    first, _, last = text.partition("-")
    clock = started.hour * 60 + started.minute

    def minute(part: str) -> int:
        hours, _, minutes = part.partition(":")
        return int(hours) * 60 + int(minutes or 0)

    start = minute(first)
    stop = minute(last) if last else start + 60
    return start <= clock < stop if start < stop else clock >= start or clock < stop


def _weekday(text: str, started: datetime) -> bool:
    names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    first, _, last = text.partition("-")
    start, stop = names.index(first[:3]), names.index((last or first)[:3])
    day = started.weekday()
    return start <= day <= stop if start <= stop else day >= start or day <= stop


def _country(call: Call) -> str:
    """The calling code of who is outside."""
    number = {"outbound": call.called.number, "internal": ""}.get(call.direction, call.caller.number)
    if not number.startswith("+"):
        return ""
    # The longest code that the number begins with: no code begins another.
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((number[1:end] for end in (4, 3, 2) if number[1:end] and int(number[1:end]) in codes), "")


def _has(what: str, call: Call) -> bool:
    cause, quality = call.cause, call.quality
    return {
        "recording": bool(call.recordings),
        "transfer": bool(call.transfers),
        "voicemail": call.outcome == "voicemail",
        "agent": bool(call.agents),
        "answer": call.answered_at is not None,
        "queue": bool(call.queue),
        "trunk": bool(call.trunks),
        "name": bool(_names(call)),
        "account": bool(call.account),
        "cost": bool(call.cost),
        "country": bool(_country(call)),
        "cause": cause.q850 is not None or cause.sip is not None or bool(cause.text),
        "cause-number": cause.q850 is not None or cause.sip is not None,
        "quality": any(
            figure is not None for figure in (quality.mos, quality.pdd_s, quality.jitter_ms, quality.loss_pct)
        ),
        "duration": call.duration_s is not None,
        "talk": call.talk_s is not None,
        "wait": call.wait_s is not None,
        "ring": call.ring_s is not None,
        "hold": call.hold_s is not None,
    }[what]
