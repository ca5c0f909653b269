"""Our numbers, the extensions and who sits at them from when."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ringbook.desk.organisation.changes import add
from ringbook.desk.organisation.models import ExtensionName, OurNumber, organisation
from ringbook.desk.organisation.seats import change_seat, seat_person
from ringbook.desk.people.models import Person, Seat
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.pages.settings.seen import counts, unnamed_extensions
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

MOST_LINES = 2_000


class NumberForm(forms.Form):
    """A number of ours."""

    number = forms.RegexField(
        r"^\+?[0-9 ()./-]{2,39}$",
        label=gettext_lazy("Number"),
        max_length=40,
        help_text=gettext_lazy("As the calls show it, best with the country code: +1 212 555 0100"),
    )
    label = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    purpose = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("Where people find it: on letters, on the website, in an advertisement"),
    )

    def clean_number(self) -> str:
        """The number without what is only there for the eye."""
        return "".join(letter for letter in self.cleaned_data["number"] if letter.isdigit() or letter == "+")


class ExtensionForm(forms.Form):
    """An extension that is no person's: a room, a door, a fax."""

    extension = forms.CharField(label=gettext_lazy("Extension"), max_length=40)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("A room, a door phone, a fax. People are named by their seats."),
    )


class SeatForm(forms.Form):
    """Who sits at an extension, from which day until which."""

    extension = forms.CharField(label=gettext_lazy("Extension"), max_length=40)
    person = forms.ModelChoiceField(Person.objects.none(), label=gettext_lazy("Person"))
    since = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: calls of any time before count as theirs"),
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: they still sit there"),
    )


class BulkForm(forms.Form):
    """Many extensions at once: one a line."""

    lines = forms.CharField(
        label=gettext_lazy("Extensions"),
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
        max_length=200_000,
        help_text=gettext_lazy(
            "One a line: extension, name or e-mail address of a person, first day if you know it. From a spreadsheet, just paste."
        ),
    )


class NumberKind(Kind[OurNumber]):
    """Numbers of ours."""

    slug, page, model, form = "number", "settings-numbers", OurNumber, NumberForm
    title_new, title_change = gettext_lazy("Add a number"), gettext_lazy("Change a number")
    told_saved, told_removed = gettext_lazy("Number saved."), gettext_lazy("Number removed.")


class ExtensionKind(Kind[ExtensionName]):
    """Extensions that are no person's."""

    slug, page, model, form = "extension", "settings-numbers", ExtensionName, ExtensionForm
    title_new, title_change = gettext_lazy("Name an extension"), gettext_lazy("Change an extension")
    told_saved, told_removed = gettext_lazy("Extension saved."), gettext_lazy("Name removed.")


class SeatKind(Kind[Seat]):
    """Who sits where."""

    slug, page, model, form = "seat", "settings-numbers", Seat, SeatForm
    title_new, title_change = gettext_lazy("Seat somebody"), gettext_lazy("Change a seat")
    told_saved, told_removed = gettext_lazy("Seat saved."), gettext_lazy("Seat removed.")

    def make_form(
        self, viewer: Viewer, data: Any = None, initial: Mapping[str, Any] | None = None
    ) -> forms.Form:
        """The form, with the people of the organisation; the extension of a seat stays."""
        form = super().make_form(viewer, data, initial)
        people = Person.objects.filter(tenant=viewer.scope.tenant, is_active=True).order_by("name")
        form.fields["person"].queryset = people  # type: ignore[attr-defined]
        if initial and "changing" in initial:
            form.fields["extension"].disabled = form.fields["person"].disabled = True
        return form

    def initial(self, record: Seat) -> dict[str, Any]:
        """What the form of a seat shows: days on the organisation's clock."""
        return {
            "changing": True,
            "extension": record.extension,
            "person": record.person_id,
            "since": first_day(record),
            "until": last_day(record),
        }

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Seat somebody."""
        since, until = _span(viewer.scope.tenant, values)
        seat_person(viewer.actor, values["extension"].strip(), values["person"], since, until)

    def change(self, viewer: Viewer, record: Seat, version: int, values: dict[str, Any]) -> None:  # noqa: ARG002
        """Have a seat begin or end on other days."""
        since, until = _span(viewer.scope.tenant, values)
        change_seat(viewer.actor, record, since, until)


@needs(Right.MANAGE_SETTINGS)
def numbers(request: Asking) -> HttpResponse:
    """Numbers, extensions and seats, and the extensions in calls that nobody has named yet."""
    scope = request.viewer.scope
    calls = counts(request.viewer, "extension")
    seats = [
        {
            "seat": seat,
            "first": first_day(seat),
            "last": last_day(seat),
            "calls": calls.get(seat.extension, 0),
            "state": _state(seat),
        }
        for seat in Seat.objects.within(scope).select_related("person")
    ]
    names = [
        {"name": name, "calls": calls.get(name.extension, 0)} for name in ExtensionName.objects.within(scope)
    ]
    told = {
        "numbers": OurNumber.objects.within(scope),
        "seats": seats,
        "names": names,
        "unnamed": unnamed_extensions(request.viewer),
    }
    return render(request, "settings/numbers.html", told)


@needs(Right.MANAGE_SETTINGS)
def bulk(request: Asking) -> HttpResponseBase:
    """Many extensions at once: what each line would do first, then done."""
    form = BulkForm(request.POST or None)
    rows: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        rows = _rows(request.viewer, form.cleaned_data["lines"])
        wrong = sum(1 for row in rows if row["problem"])
        if request.POST.get("do") == "save" and rows and not wrong:
            done = _save(request.viewer, rows)
            text = ngettext("%d extension taken in.", "%d extensions taken in.", done) % done
            return toast(request, HttpResponseRedirect(reverse("settings-numbers")), text)
        status = 422 if wrong else 200
        return render(
            request, "settings/bulk.html", {"form": form, "rows": rows, "wrong": wrong}, status=status
        )
    return render(request, "settings/bulk.html", {"form": form, "rows": rows, "wrong": 0})


def _rows(viewer: Viewer, text: str) -> list[dict[str, Any]]:
    """What each line says, and what is wrong with it."""
    people = {p.email: p for p in Person.objects.filter(tenant=viewer.scope.tenant, is_active=True)}
    people |= {p.name.lower(): p for p in people.values()}
    named = {*ExtensionName.objects.within(viewer.scope).values_list("extension", flat=True)}
    seated = {*Seat.objects.within(viewer.scope).filter(until=None).values_list("extension", flat=True)}
    rows: list[dict[str, Any]] = []
    for line in [line for line in text.splitlines() if line.strip()][:MOST_LINES]:
        separator = next((mark for mark in "\t;," if mark in line), ",")
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        extension, name, since = (*cells, "", "", "")[:3]
        person = people.get(name.lower())
        day, problem = _day(since)
        if not extension or not name or len(extension) > 40 or len(name) > 120:
            problem = _("Write an extension and a name.")
        elif extension in (seated if person else named):
            problem = _("It is in the list already; change it there.")
        (seated if person else named).add(extension)
        rows.append(
            {"extension": extension, "name": name, "person": person, "since": day, "problem": problem}
        )
    return rows


def _save(viewer: Viewer, rows: list[dict[str, Any]]) -> int:
    with transaction.atomic():
        for row in rows:
            if row["person"]:
                since = _midnight(viewer.scope.tenant, row["since"])
                seat_person(viewer.actor, row["extension"], row["person"], since, None)
            else:
                name = ExtensionName(tenant=viewer.scope.tenant, extension=row["extension"], name=row["name"])
                add(name, viewer.actor, "extension:added")
    return len(rows)


def _day(text: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date(), ""  # noqa: DTZ007  # a day, on no clock
        except ValueError:
            continue
    return None, _("The day is not one; write it as 2026-03-31.")


def _span(tenant: str, values: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    last = values.get("until")
    return (
        _midnight(tenant, values.get("since")),
        _midnight(tenant, last + timedelta(days=1) if last else None),
    )


def _midnight(tenant: str, day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day, time(), ZoneInfo(organisation(tenant).zone))


def first_day(seat: Seat) -> date | None:
    """The first day of a seat, on the organisation's clock."""
    return seat.since.astimezone(ZoneInfo(organisation(seat.tenant).zone)).date() if seat.since else None


def last_day(seat: Seat) -> date | None:
    """The last whole day of a seat, on the organisation's clock."""
    if seat.until is None:
        return None
    end = seat.until.astimezone(ZoneInfo(organisation(seat.tenant).zone))
    return (end - timedelta(microseconds=1)).date()


def _state(seat: Seat) -> str:
    now = timezone.now()
    if seat.until and seat.until <= now:
        return "ended"
    return "coming" if seat.since and seat.since > now else "now"
