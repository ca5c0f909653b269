"""Reports to begin with: figures that belong together, so that nobody starts from an empty page."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ringbook.desk.delivery.models import Every, Period


class Start(msgspec.Struct, frozen=True):
    """One of them."""

    key: str
    name: str | Promise
    about: str | Promise
    figures: list[dict[str, Any]]
    fields: dict[str, Any]


STARTS = (
    Start(
        "week",
        _("The week"),
        _("How many calls, how many of them answered, how long people waited, and when it was busy."),
        [
            {"figure": "calls", "by": "day"},
            {"figure": "answered-rate", "by": "day"},
            {"figure": "wait"},
            {"figure": "calls", "by": "outcome"},
            {"figure": "heat-map"},
        ],
        {"period": Period.LAST_WEEK, "every": Every.WEEK},
    ),
    Start(
        "queues",
        _("The queues, yesterday"),
        _("Service level, waits and abandonment of each queue, every morning."),
        [
            {"figure": "service-level", "by": "queue"},
            {"figure": "abandonment", "by": "queue"},
            {"figure": "wait-distribution"},
            {"figure": "longest-wait", "by": "queue"},
        ],
        {"period": Period.YESTERDAY, "every": Every.DAY, "query": "has:queue"},
    ),
    Start(
        "missed",
        _("Missed business"),
        _("Calls that nobody took, and whether somebody called back."),
        [
            {"figure": "callbacks"},
            {"figure": "outcomes", "by": "weekday"},
            {"figure": "abandonment", "by": "clock"},
            {"figure": "rings"},
        ],
        {"period": Period.LAST_WEEK, "every": Every.WEEK, "query": "direction:inbound"},
    ),
    Start(
        "month",
        _("The month"),
        _("Volume, handling and resolution beside the month before, for who decides."),
        [
            {"figure": "calls", "by": "week"},
            {"figure": "answered-rate", "by": "week"},
            {"figure": "aht", "by": "week"},
            {"figure": "fcr"},
            {"figure": "calls", "by": "direction"},
        ],
        {"period": Period.LAST_MONTH, "every": Every.MONTH, "monthday": 1},
    ),
)


def start_of(key: str) -> Start | None:
    """The one with this key."""
    return next((one for one in STARTS if one.key == key), None)
