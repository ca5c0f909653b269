"""The things that the recording policy is made of, each with its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django import forms
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ringbook.desk.directory.names import normalised
from ringbook.desk.organisation.models import organisation
from ringbook.desk.recording_policy import rules
from ringbook.desk.recording_policy.models import (
    CountryRule,
    DoNotRecord,
    ListedKind,
    Needs,
    RecordingRule,
    Standard,
)
from ringbook.model.errors import AskError
from ringbook.search.plan import check
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.viewer import Viewer

KIND_NAMES = {
    ListedKind.NUMBER.value: gettext_lazy("Number"),
    ListedKind.EXTENSION.value: gettext_lazy("Extension"),
    ListedKind.QUEUE.value: gettext_lazy("Queue"),
}
NEED_NAMES = {
    Needs.ONE_PARTY.value: gettext_lazy("Leave of one party"),
    Needs.ALL_PARTIES.value: gettext_lazy("Leave of all parties"),
    Needs.ANNOUNCEMENT.value: gettext_lazy("All have to be told"),
    Needs.FORBIDDEN.value: gettext_lazy("No recording"),
}
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """From when until when something holds."""

    since = forms.DateField(label=pgettext_lazy("day", "From"), required=False, widget=_DATE)
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=_DATE,
        help_text=gettext_lazy("The last day. Empty: from now on, without end."),
    )

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("since") and told.get("until") and told["until"] < told["since"]:
            self.add_error("until", _("This is before the first day."))
        return told


class RuleForm(PeriodForm):
    """A rule for recording."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    query = forms.CharField(
        label=gettext_lazy("Calls"),
        max_length=2_000,
        required=False,
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "data-complete-url": reverse_lazy("calls-complete"),
                "placeholder": "queue:Sales",
            }
        ),
        help_text=gettext_lazy(
            "As in the list of calls: queue:Sales, extension:101, direction:inbound. Empty: all."
        ),
    )
    percent = forms.FloatField(
        label=gettext_lazy("Percent of them to be recorded"),
        min_value=0,
        max_value=100,
        initial=100,
        help_text=gettext_lazy("0: such calls need not be recorded. A share is always of the same calls."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)
    field_order = ("name", "query", "percent", "since", "until", "reason")

    def clean_query(self) -> str:
        """A question that can be asked."""
        text = self.cleaned_data["query"].strip()
        try:
            check(text, now=int(timezone.now().timestamp() * 1_000_000))
        except AskError as error:
            raise forms.ValidationError(str(error)) from None
        return str(text)


class ListedForm(PeriodForm):
    """An entry of the do-not-record list."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=list(KIND_NAMES.items()))
    value = forms.CharField(
        label=gettext_lazy("Number, extension or queue"),
        max_length=120,
        help_text=gettext_lazy("A number may end in * for all that begin so: +44 20 7946*"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)
    field_order = ("kind", "value", "since", "until", "reason")

    country = ""

    def clean(self) -> dict[str, Any]:
        """The number as calls have it."""
        told = super().clean()
        value = str(told.get("value", "")).strip()
        if told.get("kind") == ListedKind.NUMBER and value:
            stem = value.removesuffix("*")
            found = normalised(self.country, stem)
            if value.endswith("*"):
                found = "".join(letter for letter in stem if letter.isdigit() or letter == "+")
                found = f"{found}*" if len(found) >= 4 else ""
            if not found:
                self.add_error("value", _("This is not a telephone number."))
            value = found
        told["value"] = value
        return told


class StandardForm(forms.Form):
    """What holds for all recording."""

    least_percent = forms.IntegerField(
        label=gettext_lazy("A recording has to last this share of the talk (percent)"),
        min_value=1,
        max_value=100,
    )
    grace_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes after a call before its recording is missed"),
        min_value=0,
        max_value=10_080,
    )
    alert_below = forms.FloatField(
        label=gettext_lazy("Alert when fewer than this percentage of a week was recorded"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("0: no alert"),
    )
    prompts = forms.CharField(
        label=gettext_lazy("Announcements that say that a call is recorded"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text=gettext_lazy(
            "One a line, as the phone system calls them. A caller who heard one was told."
        ),
    )
    destroy_refused = forms.BooleanField(
        label=gettext_lazy("Destroy recordings at once when somebody refuses"),
        required=False,
        help_text=gettext_lazy("Otherwise they are closed, and wait here for a decision."),
    )

    mask_begins = forms.CharField(
        label=gettext_lazy("Events with which a card begins to be read out"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono"}),
        help_text=gettext_lazy(
            "One a line, as the dialplan names them. From there on nobody hears the recording."
        ),
    )
    mask_ends = forms.CharField(
        label=gettext_lazy("Events with which that ends"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono"}),
    )

    def clean(self) -> dict[str, Any]:
        """The names, one of each line."""
        told: dict[str, Any] = super().clean() or {}
        for name in ("prompts", "mask_begins", "mask_ends"):
            lines = [line.strip()[:120] for line in str(told.get(name, "")).splitlines()]
            told[name] = [line for line in lines if line][:100]
        return told


class CountryForm(forms.Form):
    """What recording takes somewhere."""

    country = forms.ChoiceField(label=gettext_lazy("Country"))
    area = forms.CharField(
        label=gettext_lazy("Area"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("A part of the country, told by how its numbers begin"),
    )
    prefixes = forms.CharField(
        label=gettext_lazy("Numbers begin with"),
        required=False,
        help_text=gettext_lazy("Empty: all of the country. Several apart by commas: +1415, +1510"),
    )
    needs = forms.ChoiceField(label=gettext_lazy("Recording takes"), choices=list(NEED_NAMES.items()))
    basis = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.CharField(label=gettext_lazy("Where that is written"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = sorted(phonenumbers.SUPPORTED_REGIONS)
        self.fields["country"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]

    def clean_prefixes(self) -> list[str]:
        """The beginnings, each with its plus."""
        parts = ["".join(part.split()) for part in self.cleaned_data["prefixes"].split(",")]
        wrong = [
            part for part in parts if part and not (part[0] == "+" and part[1:].isdigit() and len(part) < 12)
        ]
        if wrong:
            raise forms.ValidationError(_("Write each with its plus and country code: +1415"))
        return [part for part in parts if part]


class _Dated(Kind[Any]):
    """Things that hold from one day to another, on the organisation's clock; every change is kept."""

    def initial(self, record: Any) -> dict[str, Any]:
        """Days instead of instants; the last one is the day before the end."""
        zone = _zone(record.tenant)
        told = super().initial(record)
        for name in ("since", "until"):
            at: datetime | None = told.get(name)
            if at is not None:
                told[name] = (
                    at.astimezone(zone) - (timedelta(microseconds=1) if name == "until" else timedelta())
                ).date()
        return told

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new one."""
        rules.add(
            self.model(tenant=viewer.scope.tenant, **_timed(viewer, values), **self.more()), viewer.actor
        )

    def change(self, viewer: Viewer, record: Any, version: int, values: dict[str, Any]) -> None:
        """Keep other values of one."""
        rules.change(record, version, viewer.actor, **_timed(viewer, values))

    def remove(self, viewer: Viewer, record: Any) -> str:
        """Take one away; the address that takes that back."""
        return reverse("settings-undo", args=[rules.remove(record, viewer.actor)])

    def more(self) -> dict[str, Any]:
        """What a new one has besides."""
        return {}


class RuleKind(_Dated):
    """Rules for recording."""

    slug, page, model, form = "recording-rule", "settings-recording", RecordingRule, RuleForm
    title_new, title_change = gettext_lazy("New rule"), gettext_lazy("Change the rule")
    told_saved, told_removed = gettext_lazy("Rule saved."), gettext_lazy("Rule removed.")


class ListedKindOf(_Dated):
    """Entries of the do-not-record list."""

    slug, page, model, form = "do-not-record", "settings-recording-never", DoNotRecord, ListedForm
    title_new, title_change = gettext_lazy("Never record"), gettext_lazy("Change the entry")
    told_saved = gettext_lazy("Saved. Recordings that arrive for it are destroyed from now on.")
    told_removed = gettext_lazy("Removed from the list.")

    def make_form(
        self, viewer: Viewer, data: Any = None, initial: Mapping[str, Any] | None = None
    ) -> forms.Form:
        """The form, which reads numbers as people of the organisation write them."""
        form = ListedForm(data, initial=dict(initial or {}))
        form.country = organisation(viewer.scope.tenant).country
        return form

    def more(self) -> dict[str, Any]:
        """When it was put there: what arrived before stays unless somebody says otherwise."""
        return {"made_at": timezone.now()}


class CountryKind(_Dated):
    """Countries."""

    slug, page, model, form = "recording-country", "settings-recording-countries", CountryRule, CountryForm
    title_new, title_change = gettext_lazy("Add a country"), gettext_lazy("Change the country")
    told_saved, told_removed = gettext_lazy("Country saved."), gettext_lazy("Country removed.")

    def initial(self, record: CountryRule) -> dict[str, Any]:
        """The beginnings of numbers as one line."""
        return {**super().initial(record), "prefixes": ", ".join(record.prefixes)}


class StandardKind(_Dated):
    """What holds for all recording of the tenant: there is one."""

    slug, page, model, form = "recording-standard", "settings-recording", Standard, StandardForm
    title_new = title_change = gettext_lazy("What holds for all recording")
    told_saved = told_removed = gettext_lazy("Saved.")

    def initial(self, record: Standard) -> dict[str, Any]:
        """The names one a line."""
        lines = {name: "\n".join(getattr(record, name)) for name in ("prompts", "mask_begins", "mask_ends")}
        return {**super().initial(record), **lines}


def _zone(tenant: str) -> ZoneInfo:
    return ZoneInfo(organisation(tenant).zone or "UTC")


def _timed(viewer: Viewer, values: dict[str, Any]) -> dict[str, Any]:
    """Days as instants on the organisation's clock; the end is the midnight after the last day."""
    zone = _zone(viewer.scope.tenant)
    told = dict(values)
    for name, days in (("since", 0), ("until", 1)):
        day: date | None = told.get(name)
        if day is not None:
            told[name] = datetime.combine(day + timedelta(days=days), time(), zone)
    return told
