"""The organisation itself: name, clock, language, country, and which roles see no whole numbers."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django import forms
from django.conf import settings
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ringbook.desk.organisation.changes import StaleError, change
from ringbook.desk.organisation.models import Organisation, organisation
from ringbook.desk.people.roles import PERSONAL, Right, Role
from ringbook.web.guard import needs
from ringbook.web.pages.settings.editing import differences
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

WEEKDAYS = (
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
)
ROLE_NAMES = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.ADMINISTRATOR: gettext_lazy("Administrator"),
    Role.SUPERVISOR: gettext_lazy("Supervisor"),
    Role.AGENT: gettext_lazy("Agent"),
    Role.AUDITOR: gettext_lazy("Auditor"),
    Role.INTEGRATION: gettext_lazy("Integration"),
}


def zones() -> list[str]:
    """The time zones that people choose from: those of places, and UTC."""
    return [
        "UTC",
        *sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/"))),
    ]


def countries() -> list[tuple[str, str]]:
    """The countries whose numbers are understood."""
    return [
        ("", _("Not said")),
        *((code, f"{code} (+{_dial(code)})") for code in sorted(phonenumbers.SUPPORTED_REGIONS)),
    ]


def _dial(code: str) -> int:
    return int(phonenumbers.country_code_for_region(code))


class OrganisationForm(forms.Form):
    """The organisation."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Business hours, days and reports go by it. Everybody may read times in a zone of their own."
        ),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("How numbers are written, and which holidays are offered"),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    week_starts_on = forms.TypedChoiceField(
        label=pgettext_lazy("settings", "Week starts on"), choices=WEEKDAYS, coerce=int
    )
    service_level_s = forms.IntegerField(
        label=gettext_lazy("Calls should be answered within (seconds)"), min_value=1, max_value=3_600
    )
    masked_roles = forms.MultipleChoiceField(
        label=gettext_lazy("These see no whole outside numbers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, ROLE_NAMES[role]) for role in PERSONAL if role is not Role.OWNER],
        help_text=gettext_lazy(
            "They see the first digits only, and no raw records. It holds for pages, exports and the API, at once."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones()]  # type: ignore[attr-defined]
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]
        languages = [("", _("That of each person's browser")), *settings.LANGUAGES]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]


@needs(Right.MANAGE_SETTINGS)
def house(request: Asking) -> HttpResponseBase:
    """The form of the organisation."""
    tenant = request.viewer.scope.tenant
    found = organisation(tenant)
    initial = {name: getattr(found, name) for name in OrganisationForm.base_fields}
    form = OrganisationForm(request.POST or None, initial=initial)
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        if found._state.adding:
            found, _made = Organisation.objects.get_or_create(tenant=tenant)
        text = request.POST.get("version", "")
        try:
            version = int(text) if text.isdecimal() and len(text) < 9 else -1
            change(found, version, request.viewer.actor, "organisation:changed", **form.cleaned_data)
        except StaleError:
            found.refresh_from_db()
            present = {name: getattr(found, name) for name in OrganisationForm.base_fields}
            theirs = differences(form, present)
        else:
            return toast(
                request, HttpResponseRedirect(reverse("settings-organisation")), _("Organisation saved.")
            )
    told = {"form": form, "house": found, "theirs": theirs}
    status = 409 if theirs else 422 if form.errors else 200
    return render(request, "settings/organisation.html", told, status=status)
