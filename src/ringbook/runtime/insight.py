"""Reports as commands ask for them, counted as the desk of the home says; a home whose desk was never used counts as usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from django.conf import settings as django_conf

from ringbook.analyse import catalogue
from ringbook.analyse.asking import Ask, Customs, Other, against_other, told
from ringbook.analyse.forecast import forecast
from ringbook.analyse.peers import people
from ringbook.analyse.periods import period
from ringbook.analyse.question import Asker
from ringbook.analyse.roster import Wanted, staffing_table
from ringbook.desk import wiring
from ringbook.desk.settings import DATABASE_FILE
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now

Answer = dict[str, Any]
Operation = Callable[..., Iterator[Answer]]


def operations(home: Home, scope: Scope) -> dict[str, Operation]:
    """The operations by name."""
    reports = _Reports(home, scope)
    return {
        "report.list": reports.list,
        "report.figure": reports.figure,
        "report.compare": reports.compare,
        "report.forecast": reports.forecast,
        "report.roster": reports.roster,
        "report.people": reports.people,
    }


class _Reports:
    """Reports of one opened home."""

    def __init__(self, home: Home, scope: Scope) -> None:
        self._home = home
        self._scope = scope

    def list(self) -> Iterator[Answer]:
        """The figures there are."""
        for each in catalogue.catalogue(self._customs().choices):
            yield msgspec.to_builtins(each)

    def figure(self, *, timezone: str, **asked: Any) -> Iterator[Answer]:
        """One figure."""
        ask = Ask(**asked)
        found = told(self._home.ledger, self._asker(timezone, ask.hours), ask, self._customs())
        yield msgspec.to_builtins(found)

    def compare(self, *, timezone: str, other: str, **asked: Any) -> Iterator[Answer]:
        """One figure beside that of another period."""
        ask = Ask(**asked)
        asker = self._asker(timezone, ask.hours)
        found = against_other(self._home.ledger, asker, ask, Other(period=other), self._customs())
        yield msgspec.to_builtins(found)

    def forecast(self, *, query: str, weeks: int, timezone: str) -> Iterator[Answer]:
        """The calls to come."""
        found = forecast(self._home.ledger, self._scope, query, weeks=weeks, zone=timezone, now=now())
        yield msgspec.to_builtins(found)

    def roster(self, *, query: str, weeks: int, timezone: str, **wanted: Any) -> Iterator[Answer]:
        """The agents that they take."""
        found = staffing_table(self._home.ledger, self._asker(timezone), query, Wanted(**wanted), weeks)
        yield msgspec.to_builtins(found)

    def people(self, *, query: str, during: str, timezone: str) -> Iterator[Answer]:
        """What agents did."""
        asker = self._asker(timezone)
        days = period(during, zone=timezone, now=asker.now)
        found = people(self._home.ledger, asker, query, days, self._customs().choices)
        yield msgspec.to_builtins(found)

    def _asker(self, timezone: str, hours: str = "") -> Asker:
        if hours and self._desk():
            from ringbook.desk.insight.opening import zone_of  # only once Django is set up

            timezone = zone_of(self._scope.tenant, hours, timezone)
        return Asker(self._scope, timezone, now())

    def _customs(self) -> Customs:
        if not self._desk():
            return Customs()
        from ringbook.desk.insight.figures import customs_of  # only once Django is set up

        return customs_of(self._scope.tenant)

    def _desk(self) -> bool:
        """Whether the home has a desk; it is made ready if this process has none yet."""
        if django_conf.configured:
            return wiring.wired() and wiring.ledger() is self._home.ledger
        if not self._home.settings.desk.database and not (self._home.folder / DATABASE_FILE).exists():
            return False
        from ringbook.runtime import desk  # it imports what imports this

        desk.start(self._home)
        return True
