"""What the browser tests of retention need: a rule that is on, a run that is over, a hold to be looked at again."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from ringbook.desk.annotations.acting import By
from ringbook.desk.retention import changing, holds, runs
from ringbook.desk.retention.changing import Draft
from ringbook.desk.retention.plan import preview
from ringbook.desk.retention.policy import Limit, alone
from ringbook.desk.retention.records import RetentionRule
from ringbook.model.call import Call, Direction, Outcome
from ringbook.model.instant import from_datetime
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.retention.running import Runner

from ...house import People, write_calls
from ...search.calls import at, identity, inside, outside

CASE = "Case 2026-114"
RULE = "Missed calls of the old queue"


def furnish(home: Home, people: People) -> None:
    """A hold that should have been looked at again, a rule for calls that no other test has, and its run."""
    by = By.of(people.owner)
    day = date(2026, 10, 1)
    holds.place(
        by.actor, Scope(), name=CASE, reason="Order of the district court", review_on=day, query="queue:sales"
    )
    changing.set_limits(by.actor, {"calls": Limit(30, None), "recordings": Limit(14, None)})
    old = [_call(place) for place in range(12)]
    write_calls(home, old)
    draft = Draft(RULE, "calls", "queue:nowhere outcome:missed", 400)
    plan = preview("main", alone("main", draft.rule()), from_datetime(datetime.now(UTC)))
    rule = changing.save(by.actor, None, 1, draft, reason="As the works council agreed", plan=plan)
    rule = changing.switch(by.actor, rule, 1, on=True, plan=plan)
    with patch("ringbook.runtime.retention.running.purge_home", return_value=SimpleNamespace(state="gone")):
        Runner(home, threading.Event()).carry_out(runs.begin(by.actor))  # a real purge takes half a minute
    assert not home.ledger.calls(Scope(), [call.id for call in old])
    since = datetime.now(UTC) - timedelta(days=1)
    RetentionRule.objects.filter(pk=rule.pk).update(on_since=since)


def _call(place: int) -> Call:
    """A call to a queue that is no more, long ago."""
    began = at(f"2024-02-{place + 1:02d}T10:00")
    return Call(
        id=identity(began, 0x5100 + place),
        tenant="main",
        started_at=began,
        ended_at=began + 20_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.MISSED,
        caller=outside(f"+15125550{150 + place}"),
        called=inside("102"),
        queue="nowhere",
        sources=("office",),
    )
