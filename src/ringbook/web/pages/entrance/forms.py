"""Forms of coming in."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

ZONES = [
    (zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"
]
_RULES = lazystr(password_validators_help_text_html())


class NewPasswordField(forms.CharField):
    """A password to be chosen."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(label=_("Password"), widget=widget, strip=False, max_length=1_000, **options)


class SetUpForm(forms.Form):
    """What a new home has to know first."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=ZONES,
        initial="UTC",
        help_text=_("In which people read times. Everybody can choose another for themselves."),
        widget=forms.Select(attrs={"data-zone-here": ""}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("You sign in with it. Nothing is sent to it unless mail is set up."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = NewPasswordField(help_text=_RULES)


class JoinForm(forms.Form):
    """What somebody invited tells of themselves."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = NewPasswordField(help_text=_RULES)


class ForgottenForm(forms.Form):
    """Who forgot their password."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
