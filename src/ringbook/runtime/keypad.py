"""Keypad answers to surveys, read off the records of calls: of new calls as they arrive, and of all when somebody asks.

Which field holds them, and what its values mean, are the rules of the organisation (``desk.insight.digits``).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import structlog
from django.db import DatabaseError

from ringbook.capture.wire import paused
from ringbook.ledger.changes import Mark, changes_after
from ringbook.model.call import Call, CallId
from ringbook.model.errors import RingbookError
from ringbook.model.frame import FrameRow
from ringbook.model.instant import DAY, to_datetime
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.runtime.connections import let_go
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.search import pages

log = structlog.get_logger()

LOOK_S = 10.0
STEP = 100
"""Calls whose records are read together: some carry sound."""

Fields = dict[str, list[str]]


class Keypad:
    """Reads new calls while the process runs. Those of the last day are read again after a start: nothing is counted twice."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._mark: Mark | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look until ``stop`` is set."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.look)
            except (RingbookError, DatabaseError, OSError) as error:
                log.warning("surveys.keypad_waits", reason=type(error).__name__)
            await paused(stop, LOOK_S)

    def look(self) -> int:
        """How many answers the calls written since the last look gave."""
        from ringbook.desk.insight import digits  # only once Django is set up

        ledger, scope = self._home.ledger, Scope()
        until = ledger.horizon()
        let_go()
        try:
            rules = digits.rules_of(MAIN_TENANT)
            mark = self._mark or Mark(until - DAY)
            taken = 0
            while rules and (found := changes_after(ledger, scope, mark, until, STEP)):
                ids = list(dict.fromkeys(CallId(change.id) for change in found))
                taken += _take(self._home, scope, rules, ledger.those(scope, ids))
                self._mark = mark = found[-1].mark
            self._mark = Mark(until)
        finally:
            let_go()
        return taken


def read_all(home: Home, scope: Scope) -> Iterator[dict[str, int]]:
    """How far it is, again and again: calls read (``done`` of ``total``) and ``answers`` that are new."""
    from ringbook.desk.insight import digits

    rules = digits.rules_of(scope.tenant)
    at = now()
    total = pages.count_calls(home.ledger, scope, now=at) if rules else 0
    done = answers = 0
    yield {"done": done, "total": total, "answers": answers}
    some: list[Call] = []
    for call in pages.iterate(home.ledger, scope, now=at) if rules else ():
        some.append(call)
        if len(some) == STEP:
            answers += _take(home, scope, rules, some)
            done += len(some)
            some = []
            yield {"done": done, "total": total, "answers": answers}
    answers += _take(home, scope, rules, some)
    yield {"done": done + len(some), "total": total, "answers": answers}


def _take(home: Home, scope: Scope, rules: Sequence[Any], calls: Iterable[Call]) -> int:
    """How many answers of calls were new."""
    from ringbook.desk.insight import digits

    calls = list(calls)
    rows = {row.id: row for row in home.ledger.frames(scope, [one for call in calls for one in call.frames])}
    taken = 0
    for call in calls:
        records = sorted((rows[one] for one in call.frames if one in rows), key=lambda row: row.stated_at)
        found = digits.scores(rules, fields_of(home, records))
        if found:
            at = to_datetime(call.ended_at or call.started_at)
            taken += digits.take(scope.tenant, str(call.id), found, at)
    return taken


def fields_of(home: Home, records: Iterable[FrameRow]) -> Fields:
    """What the records say by name, names in lower case: fields of the statements, and whatever the bytes name themselves."""
    found: Fields = {}
    for row in records:
        for statement in home.readers.again([row]):
            for name in ("userfield", "account"):
                _add(found, name, str(getattr(statement, name, "") or ""))
        for name, value in named(row.data.decode("utf-8", errors="replace")):
            _add(found, name, value)
    return found


def named(text: str) -> Iterator[tuple[str, str]]:
    """The names and values in a record: JSON and XML at any depth, lines ``Name: value``; variables ``name=value`` in these."""
    text = text.strip()
    if text.startswith(("{", "[")):
        try:
            yield from _of_json(json.loads(text))
        except (ValueError, RecursionError):
            return
    elif text.startswith("<"):
        for match in _ELEMENT.finditer(text):
            yield match[1], unquote(match[2])
    else:
        for line in text.splitlines():
            name, colon, value = line.partition(":")
            if not colon:
                continue
            yield name.strip(), value.strip()
            variable, equals, of_it = value.partition("=")
            if equals and name.strip().lower() in _VARIABLES:
                yield variable.strip(), of_it.strip()


_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]{0,119})>([^<]{1,2000})</")
_VARIABLES = ("variable", "chanvariable", "appdata", "extra")


def _of_json(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str | int | float) and not isinstance(one, bool):
                yield name, unquote(str(one))
            else:
                yield from _of_json(one)
    elif isinstance(value, list):
        for one in value:
            yield from _of_json(one)


def _add(found: Fields, name: str, value: str) -> None:
    if value:
        found.setdefault(name.lower(), []).append(value)
