"""When agents were logged in and when they were paused, as far as queue logs tell.

Read from the raw records each time: they are few beside those of calls, and nothing else has to be kept true. Records whose times
are those of a wall clock are left out, as a record alone does not say which zone's.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from ringbook.analyse.statements import statement
from ringbook.correlate.queues import extension_of
from ringbook.ledger.ledger import Ledger
from ringbook.model.instant import DAY, SECOND, Instant
from ringbook.model.scope import Scope
from ringbook.model.statement import AgentState
from ringbook.parse.format import Piece, Stated
from ringbook.parse.formats.asterisk_queue_log import FORMAT

LOOKED_BACK = 31 * DAY
"""How long before a period it is looked for who was logged in when it began."""

_MOST = 500_000


class Stay(msgspec.Struct, frozen=True):
    """A stretch of time in which an agent was logged in, paused for all queues or not; ``wrapping``: paused for wrap-up."""

    since: Instant
    until: Instant
    paused: bool
    wrapping: bool = False


class Presence(msgspec.Struct, frozen=True):
    """The stays of each agent, by extension or else by name, from ``known_from`` on: before it nothing was recorded."""

    stays: dict[str, list[Stay]]
    known_from: Instant

    def logged_in_s(
        self, agent: str, since: Instant, until: Instant, *, paused: bool | None = None
    ) -> float | None:
        """How long an agent was logged in within a time, or paused in it, or not; None for one of whom nothing is known."""
        stays = self.stays.get(agent)
        if stays is None:
            return None
        return (
            sum(
                max(0, min(stay.until, until) - max(stay.since, since))
                for stay in stays
                if paused is None or stay.paused is paused
            )
            / SECOND
        )

    def wrap_up_s(self, agent: str, since: Instant, until: Instant) -> float | None:
        """How long an agent was paused for wrap-up within a time; None where no pause of anybody was ever named so."""
        stays = self.stays.get(agent)
        if stays is None or not any(stay.wrapping for each in self.stays.values() for stay in each):
            return None
        return (
            sum(max(0, min(stay.until, until) - max(stay.since, since)) for stay in stays if stay.wrapping)
            / SECOND
        )


def presence(ledger: Ledger, scope: Scope, since: Instant, until: Instant) -> Presence | None:
    """Who was logged in between two instants; None where no records tell, or too many to read.

    It is about all agents of the tenant: whom of them a reader may see is for the caller to know.
    """
    params = {"since": since - LOOKED_BACK, "until": until, "format": FORMAT.about.slug, "most": _MOST + 1}
    rows = ledger.query_rows(scope.whole(), statement("agent_states", "presence"), params)
    told = [] if len(rows) > _MOST else _told(rows)
    if not told:
        return None
    agents: dict[str, list[tuple[Instant, AgentState]]] = defaultdict(list)
    for at, state in told:
        agents[extension_of(state.agent) or state.agent].append((at, state))
    stays = {agent: _stays(states, until) for agent, states in agents.items()}
    return Presence(stays, min(at for at, _ in told))


def _told(rows: Iterable[tuple[str, str]]) -> list[tuple[Instant, AgentState]]:
    """The states whose instants are known, in order."""
    found = []
    for data, context in rows:
        parsed = FORMAT.parse(Piece(base64.b64decode(data), base64.b64decode(context)))
        if isinstance(parsed, Stated):
            states = (said for said in parsed.statements if isinstance(said, AgentState))
            found += [(said.at, said) for said in states if said.utc and said.at is not None]
    return found


class _Standing:
    """What is known of one agent at one time."""

    def __init__(self) -> None:
        self.logged_in = False
        self.queues: set[str] = set()
        self.paused: dict[str, bool] = {}  # by queue, and whether it is for wrap-up

    def follow(self, said: AgentState) -> None:
        """Take a state in. Some name a queue, others mean all of them."""
        match said.state:
            case "added":
                self.queues.add(said.queue)
            case "removed":
                self.queues.discard(said.queue)
                self.paused.pop(said.queue, None)
            case "login":
                self.logged_in = True
            case "logout":
                self.logged_in = False
                self.queues.clear()
                self.paused.clear()
            case "pause":
                self.paused[said.queue] = bool(_WRAP_UP(said.reason))
            case "resume" if said.queue:
                self.paused.pop(said.queue, None)
            case "resume":
                self.paused.clear()

    @property
    def state(self) -> tuple[bool, bool] | None:
        """Whether the agent is paused, and whether for wrap-up alone; None: not logged in."""
        if not self.logged_in and not self.queues:
            return None
        paused = "" in self.paused or (bool(self.queues) and self.queues <= self.paused.keys())
        return paused, paused and all(self.paused.values())


_WRAP_UP = re.compile(
    r".*(wrap|\bacw\b|(after|post).?call|nachbearbeit|nacharbeit|nachbereit|(apr[eè]s|post).?appel|(tras|post).?llamada).*",
    re.IGNORECASE,
).fullmatch
"""Reasons for a pause that mean wrap-up, as people name them."""


def _stays(states: list[tuple[Instant, AgentState]], until: Instant) -> list[Stay]:
    standing, found = _Standing(), []
    since, before = states[0][0], None
    for at, said in states:
        standing.follow(said)
        if standing.state == before:
            continue
        if before is not None and at > since:
            found.append(Stay(since, at, *before))
        since, before = at, standing.state
    if before is not None and until > since:
        found.append(Stay(since, until, *before))
    return found
