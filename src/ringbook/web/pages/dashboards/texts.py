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


def reason_word(reason: str) -> str:
    """Why calls are left out."""
    return str(REASONS.get(reason) or said(reason))
