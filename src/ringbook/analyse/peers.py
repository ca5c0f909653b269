"""What each agent did in a period, beside the spread of all of them: quartiles rather than a ranking."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import quantiles
from typing import Any

import msgspec

from ringbook.analyse.answer import SMALL, rows_of
from ringbook.analyse.asking import Prepared, side_by_side
from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.dimensions import DIMENSIONS
from ringbook.analyse.periods import Period
from ringbook.analyse.presence import Presence, presence
from ringbook.analyse.question import Asker, Conditions, checked, together
from ringbook.analyse.statements import statement
from ringbook.ledger.ledger import Ledger
from ringbook.search.kinds import AGENT

LEAST_PEERS = 5
"""Of fewer people, a spread would tell what one of them did."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One agent. What is not known is None.

    Occupancy is talk and wrap-up / time logged in and not paused for anything but wrap-up; ``paused_s`` holds the wrap-up.
    ``not_again_share`` is the figure ``fcr`` of the agent's calls, ``resolved_share`` the figure ``resolved`` and
    ``satisfied_share`` the figure ``csat``, each with the calls that it rests on.
    """

    agent: str
    name: str
    handled: int
    small_sample: bool
    talk_s: float | None
    talk_not_known: int
    mean_talk_s: float | None
    hold_s: float | None
    mean_hold_s: float | None
    transfers: int
    transfer_share: float | None
    rings: int
    not_taken: int
    not_taken_share: float | None
    logged_in_s: float | None
    paused_s: float | None
    wrap_up_s: float | None
    occupancy: float | None
    not_again_share: float | None
    not_again_calls: int
    resolved_share: float | None
    resolved_calls: int
    satisfied_share: float | None
    satisfied_calls: int
    calls_query: str | None


class Spread(msgspec.Struct, frozen=True):
    """The quartiles of what people have: a quarter of them has less than ``lowest_quarter``, half less than ``median``."""

    people: int
    lowest_quarter: float
    median: float
    highest_quarter: float


MEASURES = (
    "handled",
    "mean_talk_s",
    "mean_hold_s",
    "transfer_share",
    "not_taken_share",
    "paused_s",
    "wrap_up_s",
    "occupancy",
    "not_again_share",
    "resolved_share",
    "satisfied_share",
)
"""What there is a spread of."""


class People(msgspec.Struct, frozen=True, kw_only=True):
    """The agents that the reader may see, and the spread of all agents; None where there are too few to hide one of them.

    ``own``: the reader sees nobody but themselves.
    """

    zone: str
    query: str
    period: str
    rows: list[Person]
    spread: dict[str, Spread | None]
    own: bool
    notes: list[str]


def people(
    ledger: Ledger, asker: Asker, query: str, period: Period, choices: Choices = NOTHING_CHOSEN
) -> People:
    """What agents did in a period on calls that answer a question. Raises QuestionError."""
    asked = checked(query, asker)
    since, until = period.span
    until = min(until, asker.now)
    there = presence(ledger, asker.scope, since, until)

    def counted(of: Asker, question: str) -> list[Person]:
        return _Counted(ledger, of, question, there, (since, until), choices).people()

    rows = counted(asker, together(asked, period.question))
    phones = {phone for reach in asker.scope.reaches or () for phone in reach.extensions}
    restricted = asker.scope.restricted
    own = restricted and not any(reach.queues for reach in asker.scope.reaches or ())
    if restricted:
        # Who is not restricted is compared within the question, others with everybody: no question leads to one person.
        rows = [row for row in rows if row.agent in phones]
        whole = Asker(asker.scope.whole(), asker.zone, asker.now)
        peers = counted(whole, period.question)
        rows = [_as_among_all(row, peers) for row in rows]
    else:
        peers = rows
    return People(
        zone=asker.zone,
        query=asked,
        period=period.question,
        rows=rows,
        spread={measure: _spread(getattr(peer, measure) for peer in peers) for measure in MEASURES},
        own=own,
        notes=_notes(there, restricted=restricted),
    )


def _as_among_all(row: Person, peers: Iterable[Person]) -> Person:
    """The row with what became of the calls as it is counted for all, so that both can be set beside each other.

    Whether a caller rang again shows in calls that only others may see; whatever else was asked must not lead to one of these.
    """
    found = next((peer for peer in peers if peer.agent == row.agent), None)
    if found is None:
        return row
    return msgspec.structs.replace(row, **{name: getattr(found, name) for name in _AMONG_ALL})


def _notes(there: Presence | None, *, restricted: bool) -> list[str]:
    notes = [_WHOLE, _NOT_TAKEN, _NOT_LOGGED if there is None else _LOGGED, _ENDED]
    if there is not None:
        notes.append(_WRAPPED)
    if restricted:
        notes.append(_OF_ALL)
    return notes


_WHOLE = "A call counts for each agent who talked on it; hold and transfers are those of the whole call."
_NOT_TAKEN = "Not taken: calls in that the agent's phone was part of and nobody talked on it, also if somebody else did."
_NOT_LOGGED = (
    "No queue log tells when agents were logged in or paused, so that and the occupancy are not known."
)
_LOGGED = "Logged in and paused as the queue log tells; who never logged out counts as logged in."
_WRAPPED = "Wrap-up: paused with a reason that says so, not known where no reason does. A part of the pauses that counts as busy."
_ENDED = "Did not ring again, resolved and satisfied: the figures fcr, resolved and csat of the calls that the agent talked on."
_OF_ALL = (
    "The spread, and what became of the calls, is that of all agents in the period, whatever else was asked."
)
TEXTS = (_WHOLE, _NOT_TAKEN, _NOT_LOGGED, _LOGGED, _WRAPPED, _ENDED, _OF_ALL)
"""What it tells in words."""


class _Counted:
    """Counts what the agents within a scope did."""

    def __init__(
        self,
        ledger: Ledger,
        asker: Asker,
        question: str,
        there: Presence | None,
        span: tuple[int, int],
        choices: Choices,
    ) -> None:
        self._ledger = ledger
        self._asker = asker
        self._question = question
        self._there = there
        self._span = span
        self._choices = choices

    def people(self) -> list[Person]:
        """Everybody who talked or whose phone rang, who handled most first."""
        rings = {phone: (rang, missed) for phone, rang, missed in self._run("rings", "phone")}
        handled = {row[0]: row[1:] for row in self._run("handled", AGENT.format("extension", "name"))}
        became = self._became()
        found = [
            self._person(agent, handled.get(agent, _NOTHING), rings.get(agent, (0, 0)), became.get(agent, {}))
            for agent in {**handled, **dict.fromkeys(self._phones(rings))}
            if agent not in ("", "?")
        ]
        return sorted(found, key=lambda person: (-person.handled, person.agent))

    def _phones(self, rings: Iterable[str]) -> list[str]:
        """Phones that rang and of whose agents a queue log tells: a phone may also be a door's or a fax."""
        stays = {} if self._there is None else self._there.stays
        return [phone for phone in rings if phone in stays]

    def _run(self, name: str, key: str) -> list[tuple[Any, ...]]:
        build = Conditions(self._asker, self._question)
        sql = statement(name, "people").replace("{condition}", build.of(self._question)).replace("{key}", key)
        return self._ledger.query_rows(self._asker.scope, sql, build.params)

    def _became(self) -> dict[str, dict[str, Any]]:
        """What became of the calls of each agent: shares, and the calls that each rests on."""
        asked = [name for name in _BECAME if name != "resolved" or self._choices.resolved]
        found: dict[str, dict[str, Any]] = {}
        for name, rows in zip(asked, side_by_side(self._ledger, map(self._rows, asked)), strict=True):
            own, column, _ = _BECAME[name]
            for row in rows:
                told = {f"{own}_share": row[column], f"{own}_calls": row["calls"]}
                found.setdefault(row["agent"], {}).update(told)
        return found

    def _rows(self, name: str) -> Prepared[list[dict[str, Any]]]:
        question = together(self._question, _BECAME[name][2])
        return lambda ledger: rows_of(
            ledger, self._asker, name, question, by="agent", choices=self._choices, span=self._span
        )

    def _person(
        self, agent: str, counted: tuple[Any, ...], rings: tuple[int, int], became: dict[str, Any]
    ) -> Person:
        name, calls, talk_s, talks, hold_s, holds, transfers = counted
        rang, not_taken = rings
        logged_in, paused = (self._stayed(agent, paused=paused) for paused in (None, True))
        wrap_up = None if self._there is None else self._there.wrap_up_s(agent, *self._span)
        ready = None if logged_in is None or paused is None else logged_in - paused + (wrap_up or 0)
        busy = None if talk_s is None or calls != talks else talk_s + (wrap_up or 0)
        own = DIMENSIONS["agent"].question(agent) or DIMENSIONS["agent"].exactly(agent)
        return Person(
            agent=agent,
            name=name,
            handled=calls,
            small_sample=calls < SMALL,
            talk_s=talk_s,
            talk_not_known=calls - talks,
            mean_talk_s=talk_s / talks if talks else None,
            hold_s=hold_s,
            mean_hold_s=hold_s / holds if holds else None,
            transfers=transfers,
            transfer_share=transfers / calls if calls else None,
            rings=rang,
            not_taken=not_taken,
            not_taken_share=not_taken / rang if rang else None,
            logged_in_s=logged_in,
            paused_s=paused,
            wrap_up_s=wrap_up,
            occupancy=min(busy / ready, 1.0) if ready and busy is not None else None,
            calls_query=together(self._question, own) if own else None,
            **{**_UNKNOWN, **became},
        )

    def _stayed(self, agent: str, *, paused: bool | None) -> float | None:
        return None if self._there is None else self._there.logged_in_s(agent, *self._span, paused=paused)


_NOTHING = ("", 0, None, 0, None, 0, 0)

_BECAME = {
    "fcr": ("not_again", "rate", "has:agent"),
    "resolved": ("resolved", "rate", "has:agent"),
    "csat": ("satisfied", "satisfaction", "has:agent field:survey.csat"),
}
"""Figures of what became of calls: what a person has of it, the column that is taken, and the calls that can matter."""

_UNKNOWN = {
    f"{own}_{what}": value
    for own, _, _ in _BECAME.values()
    for what, value in (("share", None), ("calls", 0))
}
_AMONG_ALL = tuple(_UNKNOWN)


def _spread(values: Iterable[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if len(known) < LEAST_PEERS:
        return None
    return Spread(len(known), *quantiles(known, n=4, method="inclusive"))
