"""What figures, their columns, parts and periods are called on pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

from ringbook.desk.insight.words import said

FIGURE_TITLES = {
    "calls": gettext_lazy("Calls"),
    "answered-rate": gettext_lazy("Answered rate"),
    "outcomes": gettext_lazy("Outcomes"),
    "wait": gettext_lazy("Wait until answered"),
    "asa": gettext_lazy("Average speed of answer"),
    "service-level": gettext_lazy("Service level"),
    "abandonment": gettext_lazy("Abandonment"),
    "talk": gettext_lazy("Talk"),
    "ring": gettext_lazy("Ringing until answered"),
    "hold": gettext_lazy("Hold"),
    "aht": gettext_lazy("Average handling time"),
    "transfers": gettext_lazy("Transferred calls"),
    "heat-map": gettext_lazy("Calls by weekday and hour"),
    "busiest-hours": gettext_lazy("Busiest hours"),
    "concurrency": gettext_lazy("Calls at the same time"),
    "concurrency-levels": gettext_lazy("Share of the time with so many calls at once"),
    "callbacks": gettext_lazy("Missed and not returned"),
    "agents": gettext_lazy("Agents"),
    "asr": gettext_lazy("Answer-seizure ratio (ASR)"),
    "ner": gettext_lazy("Network effectiveness ratio (NER)"),
    "pdd": gettext_lazy("Post-dial delay (PDD)"),
    "lines": gettext_lazy("Lines needed"),
    "queue-calls": gettext_lazy("Calls offered to queues"),
    "wait-distribution": gettext_lazy("Waits in queues, spread"),
    "longest-wait": gettext_lazy("Longest wait in a queue"),
    "patience": gettext_lazy("Patience of callers"),
    "abandonment-curve": gettext_lazy("Abandonment over waiting time"),
    "rings": gettext_lazy("Calls that phones did not take"),
    "fcr": gettext_lazy("First-contact resolution, by repeated calls"),
    "resolved": gettext_lazy("Resolution, by outcome codes"),
    "csat": gettext_lazy("Customer satisfaction (CSAT)"),
    "nps": gettext_lazy("Net promoter score (NPS)"),
    "ces": gettext_lazy("Customer effort (CES)"),
}

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

DRAWINGS = {
    "line": gettext_lazy("Lines"),
    "bars": gettext_lazy("Bars"),
    "columns": gettext_lazy("Columns"),
    "table": gettext_lazy("Table"),
    "number": gettext_lazy("Number"),
}

PERIODS = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "this-week": gettext_lazy("This week"),
    "last-week": gettext_lazy("Last week"),
    "last-7-days": gettext_lazy("Last 7 days"),
    "last-28-days": gettext_lazy("Last 28 days"),
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "last-90-days": gettext_lazy("Last 90 days"),
    "this-year": gettext_lazy("This year"),
    "last-365-days": gettext_lazy("Last 365 days"),
    "dates": gettext_lazy("From … to …"),
}

AGAINST = {
    "before": gettext_lazy("the time before"),
    "year-before": gettext_lazy("a year before"),
    "dates": gettext_lazy("other days"),
    "question": gettext_lazy("other calls"),
    "none": pgettext_lazy("compared with", "nothing"),
}

HOURS = {
    "": gettext_lazy("At all hours"),
    "open": gettext_lazy("In business hours"),
    "closed": gettext_lazy("Outside business hours"),
}

REASONS = {
    # why a figure leaves calls out, as the figures say it
    "outcome not known": gettext_lazy("outcome not known"),
    "wait not known": gettext_lazy("wait not known"),
    "talk not known": gettext_lazy("talk not known"),
    "ring not known": gettext_lazy("ringing not known"),
    "hold not known": gettext_lazy("hold not known"),
    "duration not known": gettext_lazy("duration not known"),
    "number not known": gettext_lazy("number not known"),
    "answered, wait not known": gettext_lazy("answered, wait not known"),
    "no phone known": gettext_lazy("no phone known"),
    "answered, by whom not known": gettext_lazy("answered, by whom not known"),
}


def figure_title(name: str, otherwise: str = "") -> str:
    """What a figure is called; as it calls itself where there is no word of ours."""
    return str(FIGURE_TITLES.get(name) or otherwise or name)


def column_word(name: str) -> str:
    """What a column is called."""
    return str(COLUMNS.get(name) or name.removesuffix("_s").replace("_", " ").capitalize())


def dimension_word(name: str) -> str:
    """What the parts of a figure are parts by."""
    return str(DIMENSIONS.get(name) or name.capitalize())


def reason_word(reason: str) -> str:
    """Why calls are left out."""
    return str(REASONS.get(reason) or said(reason))
