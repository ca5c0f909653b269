"""Business hours: the week, and the days that are not as others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import holidays as calendars
from django import forms
from django.db import transaction
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ringbook.desk.organisation.changes import StaleError, add, change
from ringbook.desk.organisation.hours import USUAL_WEEK, Hours, Spans, hours_of, problem_of, spans_of
from ringbook.desk.organisation.models import BusinessHours, Holiday, Organisation, organisation
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.pages.settings.house import WEEKDAYS
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

SPANS_A_DAY = 3


class HolidayForm(forms.Form):
    """A day that is not as others."""

    date = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    opens = forms.TimeField(
        label=gettext_lazy("Opens"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Both empty: closed all day"),
    )
    closes = forms.TimeField(
        label=gettext_lazy("Closes"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        """Hours that make sense, or none."""
        values = super().clean() or self.cleaned_data
        opens, closes = values.get("opens"), values.get("closes")
        if bool(opens) != bool(closes) or (opens and closes and closes <= opens):
            self.add_error("closes", _("Give a time of opening and a later one of closing, or neither."))
        return values


class HolidayKind(Kind[Holiday]):
    """Days that are not as others."""

    slug, page, model, form = "holiday", "settings-hours", Holiday, HolidayForm
    title_new, title_change = gettext_lazy("Add a day"), gettext_lazy("Change a day")
    told_saved, told_removed = gettext_lazy("Day saved."), gettext_lazy("Day removed.")

    def initial(self, record: Holiday) -> dict[str, Any]:
        """What the form of a day shows."""
        opens, closes = record.spans[0] if record.spans else (None, None)
        return {
            "date": record.date,
            "name": record.name,
            "opens": clock(opens) if opens is not None else "",
            "closes": clock(closes) if closes is not None else "",
        }

    def add(self, viewer: Any, values: dict[str, Any]) -> None:
        """Keep a new day."""
        super().add(viewer, _stored(values))

    def change(self, viewer: Any, record: Holiday, version: int, values: dict[str, Any]) -> None:
        """Keep a changed day."""
        super().change(viewer, record, version, _stored(values))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    opens, closes = values["opens"], values["closes"]
    spans = [[opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute]] if opens else []
    return {"date": values["date"], "name": values["name"], "spans": spans}


@needs(Right.MANAGE_SETTINGS)
def hours(request: Asking) -> HttpResponseBase:
    """The week and the holidays; or the week kept."""
    tenant = request.viewer.scope.tenant
    kept = BusinessHours.objects.filter(tenant=tenant).first()
    week = tuple(spans_of(day) for day in kept.week) if kept else USUAL_WEEK
    problems: dict[int, str] = {}
    theirs: list[str] = []
    if request.method == "POST":
        week, problems = _week(request.POST)
        if not problems:
            try:
                _keep(request, kept, week)
            except StaleError as stale:
                kept = stale.current if isinstance(stale.current, BusinessHours) else None
                theirs = [_written(spans_of(day)) for day in kept.week] if kept else []
            else:
                told = _("Business hours saved.")
                return toast(request, HttpResponseRedirect(reverse("settings-hours")), told)
    return render(
        request,
        "settings/hours.html",
        _told(request, kept, week, problems, theirs),
        status=_status(request, problems, theirs),
    )


def _status(request: Asking, problems: Mapping[int, str], theirs: list[str]) -> int:
    if request.method != "POST":
        return 200
    return 409 if theirs and not problems else 422


def _told(
    request: Asking,
    kept: BusinessHours | None,
    week: tuple[Spans, ...],
    problems: Mapping[int, str],
    theirs: list[str],
) -> dict[str, Any]:
    tenant = request.viewer.scope.tenant
    house = organisation(tenant)
    now = hours_of(tenant)
    today = _today(now)
    first = house.week_starts_on
    days = []
    for number in [(first + n) % 7 for n in range(7)]:
        spans = [*((clock(a), clock(b)) for a, b in week[number])]
        spans += [("", "")] * (SPANS_A_DAY - len(spans))
        days.append(
            {
                "number": number,
                "name": WEEKDAYS[number][1],
                "spans": spans,
                "bars": [(a, b - a) for a, b in week[number]],
                "problem": problems.get(number, ""),
                "theirs": theirs[number] if theirs else "",
            }
        )
    days_off = [
        {"day": h, "closed": not h.spans, "hours": _written(spans_of(h.spans)), "past": h.date < today}
        for h in Holiday.objects.filter(tenant=tenant)
    ]
    return {
        "kept": kept,
        "days": days,
        "stale": bool(theirs),
        "problems": problems,
        "house": house,
        "open_now": now.open_at(request.viewer.now),
        "ahead": [h for h in days_off if not h["past"]],
        "behind": [h for h in days_off if h["past"]],
        "next_closed": next_closed(now, today),
        "offered": offered(house, today),
        "year": today.year,
    }


def next_closed(now: Hours, today: date, count: int = 5) -> list[tuple[date, str]]:
    """The next whole days on which nobody is there, with why."""
    return [
        (day, _("holiday") if day in now.holidays else _("closed every week"))
        for day in now.closed_days(today, count)
    ]


def offered(house: Organisation, today: date) -> list[tuple[date, str]]:
    """The public holidays of the organisation's country, this year and the next, that are not in the list yet."""
    if house.country not in calendars.list_supported_countries(include_aliases=True):
        return []
    there = {*Holiday.objects.filter(tenant=house.tenant).values_list("date", flat=True)}
    found = calendars.country_holidays(house.country, years=[today.year, today.year + 1])
    return sorted((day, name) for day, name in found.items() if day >= today and day not in there)


@needs(Right.MANAGE_SETTINGS)
@require_POST
def prefill(request: Asking) -> HttpResponseBase:
    """Add the public holidays that were chosen."""
    tenant = request.viewer.scope.tenant
    chosen = set(request.POST.getlist("day"))
    there = offered(organisation(tenant), _today(hours_of(tenant)))
    with transaction.atomic():
        wanted = [(day, name) for day, name in there if day.isoformat() in chosen]
        for day, name in wanted:
            add(Holiday(tenant=tenant, date=day, name=name[:120]), request.viewer.actor, "holiday:added")
    text = ngettext("%d holiday added.", "%d holidays added.", len(wanted)) % len(wanted)
    return toast(request, HttpResponseRedirect(reverse("settings-hours")), text)


def _keep(request: Asking, kept: BusinessHours | None, week: tuple[Spans, ...]) -> None:
    text = request.POST.get("version", "")
    stored = [[list(span) for span in day] for day in week]
    if kept is None:
        add(BusinessHours(tenant=request.viewer.scope.tenant, week=stored), request.viewer.actor, "hours:set")
        return
    version = int(text) if text.isdecimal() and len(text) < 9 else -1
    change(kept, version, request.viewer.actor, "hours:changed", week=stored)


def _week(posted: Any) -> tuple[tuple[Spans, ...], dict[int, str]]:
    """The week that was filled in, and what is wrong with which day."""
    week: list[Spans] = []
    problems: dict[int, str] = {}
    for number in range(7):
        spans: list[tuple[int, int]] = []
        for n in range(SPANS_A_DAY):
            opens, closes = posted.get(f"opens-{number}-{n}", ""), posted.get(f"closes-{number}-{n}", "")
            if not opens and not closes:
                continue
            begin, end = _minute(opens), _minute(closes)
            if begin is None or end is None:
                problems[number] = _("Give both times, such as 09:00 and 17:00.")
                continue
            spans.append((begin, end or 1_440))
        week.append(tuple(sorted(spans)))
        match problem_of(week[-1]):
            case "closes before it opens":
                problems[number] = _("It closes before it opens.")
            case "overlaps":
                problems[number] = _("Two spans overlap.")
    return tuple(week), problems


def _minute(text: str) -> int | None:
    hour, _colon, minute = text.partition(":")
    if not (hour.isdecimal() and minute[:2].isdecimal() and len(hour) <= 2):
        return None
    found = int(hour) * 60 + int(minute[:2])
    return found if found < 1_440 and int(minute[:2]) < 60 else None


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it; midnight at the end of the day is 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _written(spans: Spans) -> str:
    return ", ".join(f"{clock(a)}–{clock(b)}" for a, b in spans) or _("closed")


def _today(now: Any) -> date:
    return datetime.now(now.zone).date()
