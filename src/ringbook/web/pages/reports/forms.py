"""The form of a report, but for its figures; and what it shares with that of an alert."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ringbook.desk.delivery import wording
from ringbook.desk.delivery.addresses import mail_addresses
from ringbook.desk.delivery.edit import try_query
from ringbook.desk.delivery.models import Compare, Every, Hours, Outgoing, Period, Report
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.errors import AskError
from ringbook.web.pages.reports.words import COMPARES, EVERY, HOURS, PERIODS
from ringbook.web.viewer import Viewer


class OutgoingForm(forms.Form):
    """What reports and alerts have in common: a name, which calls, whose clock, and who gets it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    query = forms.CharField(
        label=_("Only calls that answer"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": "direction:inbound queue:support", "spellcheck": "false"}
        ),
        help_text=_("A question as in the search of calls. Empty: all calls."),
    )
    zone = forms.CharField(label=_("Time zone"), max_length=64)
    people = forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    addresses = forms.CharField(
        label=_("Other e-mail addresses"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "data-expand": ""}),
    )

    def __init__(self, viewer: Viewer, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        assert viewer.person is not None
        self.person: Person = viewer.person
        people = self.fields["people"]
        assert isinstance(people, forms.ModelMultipleChoiceField)
        able = [
            one.pk
            for one in Person.objects.filter(tenant=viewer.scope.tenant, is_active=True)
            if Right.SEE_OVERVIEW in rights_of(one)
        ]
        people.queryset = Person.objects.filter(pk__in=able).order_by("name")

    def clean_zone(self) -> str:
        """A zone that there is."""
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(gettext("There is no such zone. Write it like Europe/Berlin."))
        return ZoneInfo(zone).key

    def clean_addresses(self) -> list[str]:
        """The addresses, each once."""
        try:
            return mail_addresses(self.cleaned_data["addresses"])
        except AskError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_query(self) -> str:
        """A question that can be understood."""
        query = str(self.cleaned_data["query"]).strip()
        try:
            try_query(self.person, query, "UTC")
        except AskError as error:
            raise forms.ValidationError(str(error)) from None
        return query


class ReportForm(OutgoingForm):
    """A report without its figures."""

    intro = forms.CharField(
        label=_("Opening words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "data-expand": ""}),
    )
    period = forms.ChoiceField(label=_("About"), choices=list(PERIODS.items()))
    compare = forms.ChoiceField(label=_("Beside"), choices=list(COMPARES.items()))
    hours = forms.ChoiceField(label=_("Which hours"), choices=list(HOURS.items()))
    every = forms.ChoiceField(label=_("How often"), choices=list(EVERY.items()))
    weekday = forms.TypedChoiceField(label=_("On"), coerce=int, help_text=_("For every week"))
    monthday = forms.IntegerField(
        label=_("On day"),
        min_value=1,
        max_value=31,
        help_text=_("For every month. 31 is the last day of each."),
    )
    at = forms.TimeField(
        label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), input_formats=["%H:%M"]
    )
    with_pdf = forms.BooleanField(label=_("Attach it as PDF"), required=False)
    with_xlsx = forms.BooleanField(label=_("Attach it as XLSX"), required=False)

    def __init__(self, viewer: Viewer, *arguments: Any, **named: Any) -> None:
        super().__init__(viewer, *arguments, **named)
        weekday = self.fields["weekday"]
        assert isinstance(weekday, forms.TypedChoiceField)
        weekday.choices = [(number, wording.weekday(number).capitalize()) for number in range(7)]

    def told(self) -> dict[str, Any]:
        """The fields of the report."""
        given = dict(self.cleaned_data)
        at = given.pop("at")
        given.pop("people")
        return {**given, "at_minute": at.hour * 60 + at.minute}


def initial_of(report: Report) -> dict[str, Any]:
    """What the form of a report shows."""
    names = ("intro", "period", "compare", "hours", "every", "weekday", "monthday", "with_pdf", "with_xlsx")
    return {
        **outgoing_of(report),
        **{name: getattr(report, name) for name in names},
        "at": time(report.at_minute // 60, report.at_minute % 60),
    }


def outgoing_of(thing: Outgoing) -> dict[str, Any]:
    """What the form of a report or an alert shows of what they share."""
    return {
        "name": thing.name,
        "query": thing.query,
        "zone": thing.zone,
        "addresses": "\n".join(thing.addresses),
        "people": [person.pk for person in thing.people.all()],
    }


def fresh(viewer: Viewer) -> dict[str, Any]:
    """What the form of a new report shows."""
    return {
        "zone": viewer.zone_name,
        "period": Period.LAST_WEEK,
        "compare": Compare.BEFORE,
        "hours": Hours.ALL,
        "every": Every.WEEK,
        "weekday": 0,
        "monthday": 1,
        "at": time(7),
        "with_pdf": True,
        "people": [viewer.person.pk] if viewer.person else [],
    }
