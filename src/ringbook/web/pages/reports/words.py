"""Reports in words: when they go out, what they are about, and where what was sent stands."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.delivery import wording
from ringbook.desk.delivery.models import Compare, Every, Hours, Occasion, Period, Report, RunState, Sent

PERIODS = {
    Period.TODAY: gettext_lazy("The day so far"),
    Period.YESTERDAY: gettext_lazy("The day before"),
    Period.LAST_7_DAYS: gettext_lazy("The 7 days before"),
    Period.LAST_WEEK: gettext_lazy("The week before"),
    Period.LAST_28_DAYS: gettext_lazy("The 28 days before"),
    Period.LAST_MONTH: gettext_lazy("The month before"),
    Period.LAST_QUARTER: gettext_lazy("The quarter before"),
}
COMPARES = {
    Compare.BEFORE: gettext_lazy("The time just before (one day: a week earlier)"),
    Compare.YEAR: gettext_lazy("The same time a year earlier"),
    Compare.NOTHING: gettext_lazy("Nothing"),
}
HOURS = {
    Hours.ALL: gettext_lazy("All calls"),
    Hours.OPEN: gettext_lazy("Calls in business hours"),
    Hours.CLOSED: gettext_lazy("Calls outside business hours"),
}
EVERY = {
    Every.DAY: gettext_lazy("Every day"),
    Every.WEEK: gettext_lazy("Every week"),
    Every.MONTH: gettext_lazy("Every month"),
    Every.NEVER: gettext_lazy("Only when somebody sends it"),
}
RUNS = {
    RunState.WAITING: (gettext_lazy("Waiting"), "quiet"),
    RunState.RUNNING: (gettext_lazy("Being made"), "accent"),
    RunState.DONE: (gettext_lazy("Made"), "good"),
    RunState.FAILED: (gettext_lazy("Failed"), "bad"),
}
SENT = {
    Sent.WAITING: (gettext_lazy("Waiting"), "quiet"),
    Sent.SENT: (gettext_lazy("Sent"), "good"),
    Sent.FAILED: (gettext_lazy("Failed"), "bad"),
    Sent.SKIPPED: (gettext_lazy("Left out"), "warn"),
}
OCCASIONS = {
    Occasion.REPORT: gettext_lazy("Report"),
    Occasion.OPENED: gettext_lazy("Alert"),
    Occasion.REMINDER: gettext_lazy("Reminder"),
    Occasion.CLOSED: gettext_lazy("Over"),
    Occasion.TEST: gettext_lazy("Test"),
}
GROUPS = {
    "traffic": gettext_lazy("Traffic"),
    "queues": gettext_lazy("Queues"),
    "lines": gettext_lazy("Lines"),
    "people": gettext_lazy("People"),
    "resolution": gettext_lazy("Resolution"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "missed": gettext_lazy("Missed business"),
}


def clock(minute: int) -> str:
    """A time of day: 07:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def schedule(report: Report) -> str:
    """When a report goes out."""
    at = clock(report.at_minute)
    match report.every:
        case Every.DAY:
            return _("Every day at %(at)s") % {"at": at}
        case Every.WEEK:
            return _("Every %(weekday)s at %(at)s") % {"weekday": wording.weekday(report.weekday), "at": at}
        case Every.MONTH if report.monthday >= 31:
            return _("On the last day of every month at %(at)s") % {"at": at}
        case Every.MONTH:
            return _("On day %(day)d of every month at %(at)s") % {"day": report.monthday, "at": at}
    return str(EVERY[Every.NEVER])
