"""Forms of the profile."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ringbook.desk.people.models import Person
from ringbook.web.pages.entrance.forms import ZONES

THEMES = [("", _("As this machine")), ("light", _("Light")), ("dark", _("Dark"))]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people decide for themselves. ``version`` tells whether somebody else changed it meanwhile."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Person
        fields = ("name", "zone", "language", "theme")
        labels = {"name": _("Name"), "zone": _("Time zone"), "language": _("Language"), "theme": _("Theme")}

    def __init__(self, *args: object, house_zone: str, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        zones = [("", _("The organisation's (%(zone)s)") % {"zone": house_zone}), *ZONES]
        languages = [("", _("The organisation's, else the browser's")), *settings.LANGUAGES]
        for name, choices in (("zone", zones), ("language", languages), ("theme", THEMES)):
            self.fields[name] = forms.ChoiceField(
                choices=choices, required=False, label=self.Meta.labels[name]
            )
        self.fields["zone"].help_text = _("In which you read and write times.")
