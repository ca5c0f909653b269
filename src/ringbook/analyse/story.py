"""A call as somebody would tell it, in a few sentences: for the terminal and the pages, in any language.

The sentences are whole texts with places for names and times, so that each can be translated; ``say`` translates one. What the
sources cannot tell is left out of the story, or said to be unknown; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

Say = Callable[[str], str]
MOST_MOVES = 3
"""Transfers that a story tells one by one."""


def _(text: str) -> str:
    """The text, marked for translation."""
    return text


class Telling(msgspec.Struct, frozen=True):
    """How a story words what it is about: a text in the reader's language, a party, a moment, a span of seconds."""

    say: Say
    who: Callable[[Mapping[str, Any]], str]
    when: Callable[[str], str]
    span: Callable[[float], str]


def story(call: Mapping[str, Any], telling: Telling) -> list[str]:
    """The sentences of a call's story, from its public shape (with or without contacts)."""
    moves = _moves(call, telling)
    told = [_began(call, telling), _went_on(call, telling, whole=not moves), *moves]
    if moves and (who := _hung_up(call, telling, "")):
        told.append(telling.say(_("Then %(who)s hung up.")) % {"who": who})
    return told


def _began(call: Mapping[str, Any], telling: Telling) -> str:
    caller, called = telling.who(call["from"]), telling.who(call["to"])
    names = {
        "caller": caller or telling.say(_("Somebody unknown")),
        "called": called,
        "queue": call["queue"] or "",
        "when": telling.when(call["started_at"]),
    }
    if call["queue"] and call["direction"] == "inbound":
        return telling.say(_("%(caller)s called %(queue)s %(when)s.")) % names
    if called:
        return telling.say(_("%(caller)s called %(called)s %(when)s.")) % names
    return telling.say(_("%(caller)s called %(when)s.")) % names


def _went_on(call: Mapping[str, Any], telling: Telling, *, whole: bool) -> str:
    """What became of the call; ``whole`` with who ended it."""
    if call["outcome"] == "answered":
        return _talked(call, telling, whole=whole)
    waited = call["wait_s"] if call["wait_s"] is not None else call["ring_s"]
    if call["outcome"] == "cancelled" and waited is None:
        waited = call["duration_s"]
    text = _AFTER.get(call["outcome"]) if waited else None
    values = {"span": telling.span(waited or 0), "reason": call["cause"]["text"] or ""}
    if call["outcome"] == "failed" and values["reason"]:
        return telling.say(_("It could not be put through: %(reason)s.")) % values
    return telling.say(text or _WITHOUT[call["outcome"]]) % values


_AFTER = {
    "abandoned": _("The caller gave up after waiting %(span)s."),
    "missed": _("Nobody answered in %(span)s."),
    "cancelled": _("The caller hung up after %(span)s, before anybody answered."),
    "voicemail": _("Nobody answered in %(span)s, and voicemail took the call."),
}
_WITHOUT = {
    "abandoned": _("The caller gave up before anybody answered."),
    "missed": _("Nobody answered."),
    "cancelled": _("The caller hung up before anybody answered."),
    "voicemail": _("Voicemail took the call."),
    "machine": _("A machine answered; nobody talked."),
    "busy": _("The line was busy."),
    "rejected": _("The call was declined."),
    "failed": _("It could not be put through."),
    "unknown": _("What became of it is not known."),
}


def _talked(call: Mapping[str, Any], telling: Telling, *, whole: bool) -> str:
    answered_by = _answerer(call, telling)
    waited = call["wait_s"] if call["wait_s"] is not None else call["ring_s"]
    ended_by = _hung_up(call, telling, answered_by) if whole else ""
    values = {
        "agent": answered_by or telling.say(_("Somebody")),
        "wait": telling.span(waited or 0),
        "talk": telling.span(call["talk_s"] or 0),
        "who": ended_by,
    }
    text = _ANSWERS[bool(waited), call["talk_s"] is not None, bool(ended_by)]
    return telling.say(text) % values


_ANSWERS = {
    (True, True, True): _("After %(wait)s %(agent)s answered; they talked %(talk)s until %(who)s hung up."),
    (True, True, False): _("After %(wait)s %(agent)s answered; they talked %(talk)s."),
    (True, False, True): _("After %(wait)s %(agent)s answered; %(who)s hung up."),
    (True, False, False): _("After %(wait)s %(agent)s answered."),
    (False, True, True): _("%(agent)s answered; they talked %(talk)s until %(who)s hung up."),
    (False, True, False): _("%(agent)s answered; they talked %(talk)s."),
    (False, False, True): _("%(agent)s answered; %(who)s hung up."),
    (False, False, False): _("%(agent)s answered; how long they talked is not known."),
}


def _answerer(call: Mapping[str, Any], telling: Telling) -> str:
    """Who answered: on the way out the other side, else the first of ours to talk."""
    if call["direction"] == "outbound":
        return telling.who(call["to"])
    for agent in call["agents"]:
        return telling.who(
            {"number": agent["extension"], "name": agent["name"]} | _contact(call, agent["extension"])
        )
    return telling.who(call["to"])


def _contact(call: Mapping[str, Any], number: str | None) -> dict[str, Any]:
    """What the call's legs know of a number of ours."""
    for leg in call["legs"]:
        if number and leg["number"] == number and leg.get("contact"):
            return {"contact": leg["contact"]}
    return {}


def _hung_up(call: Mapping[str, Any], telling: Telling, answered_by: str) -> str:
    match call["hangup_by"]:
        case "caller":
            return telling.who(call["from"]) or telling.say(_("the caller"))
        case "callee" if not call["transfers"]:
            return answered_by or telling.who(call["to"])
        case "callee":
            return telling.say(_("the other side"))
        case "system":
            return telling.say(_("the telephone system"))
    return ""


def _moves(call: Mapping[str, Any], telling: Telling) -> Sequence[str]:
    told = []
    for move in call["transfers"][:MOST_MOVES]:
        values = {name: _number(call, telling, move[name]) for name in ("by", "to")}
        if values["by"] and values["to"]:
            told.append(telling.say(_MOVES.get(move["kind"] or "", _MOVES[""])) % values)
    left = len(call["transfers"]) - MOST_MOVES
    if left > 0:
        told.append(telling.say(_("It was passed on %(count)d more times.")) % {"count": left})
    return told


_MOVES = {
    "": _("%(by)s passed the call on to %(to)s."),
    "blind": _("%(by)s transferred the call to %(to)s."),
    "attended": _("%(by)s spoke with %(to)s first and handed the call over."),
    "forward": _("%(by)s forwards to %(to)s."),
    "pickup": _("%(to)s picked up the call that rang at %(by)s."),
}


def _number(call: Mapping[str, Any], telling: Telling, number: str | None) -> str:
    for leg in call["legs"]:
        if number and leg["number"] == number:
            return telling.who(leg)
    return telling.who({"number": number, "name": None}) if number else ""
