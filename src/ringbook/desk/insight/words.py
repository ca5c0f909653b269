"""What figures tell of themselves, and what their columns and parts are called, in the language that is active."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from ringbook.analyse import texts


def said(told: str) -> str:
    """A formula, a reason or a note of a figure as people read it."""
    return texts.said(told, gettext) if told else ""


COLUMNS = {
    "calls": gettext_lazy("Calls"),
    "answered": gettext_lazy("Answered"),
    "rate": gettext_lazy("Share"),
    "share": gettext_lazy("Share"),
    "ratio": gettext_lazy("Share"),
    "voicemail": gettext_lazy("Voicemail"),
    "machine": gettext_lazy("Machine"),
    "abandoned": gettext_lazy("Abandoned"),
    "missed": gettext_lazy("Missed"),
    "busy": gettext_lazy("Busy"),
    "rejected": gettext_lazy("Rejected"),
    "cancelled": gettext_lazy("Cancelled"),
    "failed": gettext_lazy("Failed"),
    "unknown": gettext_lazy("Not known"),
    "missed_share": gettext_lazy("Missed, share"),
    "abandoned_share": gettext_lazy("Abandoned, share"),
    "voicemail_share": gettext_lazy("Voicemail, share"),
    "mean_s": gettext_lazy("Mean"),
    "median_s": gettext_lazy("Median"),
    "p90_s": gettext_lazy("9 of 10 at most"),
    "longest_s": gettext_lazy("Longest"),
    "longest_answered_s": gettext_lazy("Longest, answered"),
    "longest_abandoned_s": gettext_lazy("Longest, abandoned"),
    "longest_at": gettext_lazy("When"),
    "total_s": gettext_lazy("Altogether"),
    "within": gettext_lazy("In time"),
    "service_level": gettext_lazy("Service level"),
    "wait_not_known": gettext_lazy("Wait not known"),
    "talk_not_known": gettext_lazy("Talk not known"),
    "held": gettext_lazy("On hold"),
    "transferred": gettext_lazy("Transferred"),
    "peak": gettext_lazy("Peak"),
    "peak_at": gettext_lazy("When"),
    "callers": gettext_lazy("Callers"),
    "returned": gettext_lazy("Returned"),
    "not_returned": gettext_lazy("Not returned"),
    "open": gettext_lazy("Still open"),
    "returned_share": gettext_lazy("Returned, share"),
    "name": gettext_lazy("Name"),
    "effective": gettext_lazy("Got through"),
    "failed_without_cause": gettext_lazy("Failed without cause"),
    "measured": gettext_lazy("Measured"),
    "busiest_erlang": gettext_lazy("Busiest hour, erlang"),
    "busiest_hour": gettext_lazy("Busiest hour"),
    "lines": gettext_lazy("Lines"),
    "otherwise": gettext_lazy("Otherwise"),
    "served": gettext_lazy("Served"),
    "given_up": gettext_lazy("Given up"),
    "rings": gettext_lazy("Rang"),
    "elsewhere": gettext_lazy("Answered elsewhere"),
    "nobody": gettext_lazy("Nobody answered"),
    "not_taken": gettext_lazy("Not taken"),
    "contacts": gettext_lazy("Callers"),
    "resolved": gettext_lazy("Resolved"),
    "repeated": gettext_lazy("Rang again"),
    "abandoned_at_once": gettext_lazy("Gave up at once"),
    "answered_share": gettext_lazy("Answered, share"),
    "time_s": gettext_lazy("Time"),
    "share_or_more": gettext_lazy("So many or more"),
    "asked": gettext_lazy("Asked"),
    "satisfaction": gettext_lazy("Satisfied, share"),
    "mean_score": gettext_lazy("Mean score"),
    "nps": gettext_lazy("Net promoter score"),
    "response_rate": gettext_lazy("Response rate"),
    "satisfied": gettext_lazy("Satisfied"),
    "easy": gettext_lazy("Easy"),
    "ease": gettext_lazy("Easy, share"),
    "promoters": gettext_lazy("Promoters"),
    "detractors": gettext_lazy("Detractors"),
}

DIMENSIONS = {
    "quarter-hour": gettext_lazy("Quarter of an hour"),
    "half-hour": gettext_lazy("Half-hour"),
    "hour": gettext_lazy("Hour"),
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
    "weekday": gettext_lazy("Weekday"),
    "clock": gettext_lazy("Hour of the day"),
    "waited": gettext_lazy("Waited"),
    "queue": gettext_lazy("Queue"),
    "trunk": gettext_lazy("Trunk"),
    "agent": gettext_lazy("Agent"),
    "extension": gettext_lazy("Extension"),
    "direction": gettext_lazy("Direction"),
    "outcome": gettext_lazy("Outcome"),
    "cause": gettext_lazy("Cause"),
    "hangup": gettext_lazy("Ended by"),
    "account": gettext_lazy("Account"),
    "source": gettext_lazy("Source"),
    "number": gettext_lazy("Number"),
    "dialled": gettext_lazy("Number dialled"),
    "country": gettext_lazy("Country"),
    "level": gettext_lazy("Calls at once"),
}


def column_word(name: str) -> str:
    """What a column is called."""
    return str(COLUMNS.get(name) or name.removesuffix("_s").replace("_", " ").capitalize())


def dimension_word(name: str) -> str:
    """What the parts of a figure are parts by."""
    return str(DIMENSIONS.get(name) or name.capitalize())
