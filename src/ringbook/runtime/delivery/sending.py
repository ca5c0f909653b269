"""Sending a report from the terminal: made now, sent now, with what became of each message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ringbook.desk import wiring
from ringbook.model.errors import AskError
from ringbook.runtime import desk
from ringbook.runtime.home import Home


class UnknownReportError(AskError):
    """There is no such report."""


def send(home: Home, operations: wiring.Operations, name: str) -> Iterator[dict[str, Any]]:
    """What became of each message of a report, which is found by its name or its id.

    :raises UnknownReportError: no report has that name, or several have it.
    """
    if not wiring.wired():  # no serve runs: this process opens the desk itself
        desk.prepare(home.folder, home.settings)
        wiring.wire(home.ledger, operations, home.folder)
    from ringbook.desk.delivery import posting, running
    from ringbook.desk.delivery.models import ReportRun, RunState, Sent
    from ringbook.desk.people.staff import COMMAND_LINE
    from ringbook.runtime.connections import let_go

    let_go()
    try:
        now = datetime.now(UTC)
        run = running.ask_for(_report(name), COMMAND_LINE.actor, now)
        running.make_now(run)
        run = ReportRun.objects.get(pk=run.pk)
        if run.state == RunState.FAILED or not run.deliveries.exists():
            raise AskError(
                f"{run.report.name}: {run.problem or 'it is being made; the page of the report tells more'}"
            )
        for delivery in run.deliveries.order_by("address"):
            if delivery.state == Sent.WAITING and posting.claim(delivery, now):
                posting.attempt(delivery, now)
            delivery.refresh_from_db()
            yield {
                "report": run.report.name,
                "to": delivery.address,
                "state": delivery.state,
                "problem": delivery.problem,
                "seen_as": delivery.seen_as,
                "delivery": str(delivery.pk),
            }
    finally:
        let_go()


def _report(name: str) -> Any:
    from ringbook.desk.delivery.models import Report

    reports = list(Report.objects.filter(removed_at=None).order_by("name"))
    found = [one for one in reports if name.casefold() in (one.name.casefold(), str(one.pk))]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(one.pk) for one in found)
        raise UnknownReportError(f"{len(found)} reports are called {name!r}; name one by its id: {ids}")
    names = (
        ", ".join(repr(one.name) for one in reports[:20]) or "there is none yet; make one on the page Reports"
    )
    raise UnknownReportError(f"no report is called {name!r}; there are: {names}")
