"""What the calls show that the settings do not say yet: extensions without a name, queues without one."""

from __future__ import annotations

import time

from ringbook.desk.organisation.models import ExtensionName, QueueName
from ringbook.desk.people.models import Seat
from ringbook.desk.wiring import ledger
from ringbook.model.errors import RingbookError
from ringbook.search.pages import FacetCount, facet
from ringbook.web.viewer import Viewer

MOST = 200
SHOWN = 24
LONGEST = 8
"""Letters or digits of an extension; longer ones are numbers."""


def unnamed_extensions(viewer: Viewer) -> list[FacetCount]:
    """Extensions in calls that nobody sits at and that have no name, the busiest first."""
    known = {*ExtensionName.objects.within(viewer.scope).values_list("extension", flat=True)}
    known |= {*Seat.objects.within(viewer.scope).values_list("extension", flat=True)}
    return [one for one in _seen(viewer, "extension") if one.value not in known and _short(one.value)][:SHOWN]


def unnamed_queues(viewer: Viewer) -> list[FacetCount]:
    """Queues in calls that the settings do not name, the busiest first."""
    known = {*QueueName.objects.within(viewer.scope).values_list("queue", flat=True)}
    return [one for one in _seen(viewer, "queue") if one.value not in known][:SHOWN]


def _short(value: str) -> bool:
    """Whether it is what phones of ours are called, not a whole number nor a person who entered a call by hand."""
    return len(value) <= LONGEST and value.isalnum() and value != "anonymous"


def counts(viewer: Viewer, field: str) -> dict[str, int]:
    """How many calls each value of a field has."""
    return {one.value: one.calls for one in _seen(viewer, field)}


def _seen(viewer: Viewer, field: str) -> list[FacetCount]:
    try:
        now = time.time_ns() // 1000
        found = facet(ledger(), viewer.scope, "", field, limit=MOST, zone=viewer.zone_name, now=now)
    except RingbookError:
        return []  # the settings can be made while the ledger is away
    return [one for one in found if one.value]
