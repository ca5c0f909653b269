"""The form in which a call is entered by hand."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.annotations.entry import Entry
from ringbook.desk.directory.models import Contact
from ringbook.desk.directory.names import normalised, numbers_of
from ringbook.desk.organisation.models import organisation
from ringbook.model.call import Direction
from ringbook.model.instant import from_datetime
from ringbook.model.scope import Scope

DIRECTIONS = [
    ("inbound", gettext_lazy("They called")),
    ("outbound", gettext_lazy("I called")),
]
MEDIA = [
    ("mobile", gettext_lazy("Mobile")),
    ("in-person", gettext_lazy("Face to face")),
    ("phone", gettext_lazy("Telephone")),
    ("video", gettext_lazy("Video")),
    ("other", gettext_lazy("Other")),
]
OUTCOMES = [
    ("answered", gettext_lazy("We talked")),
    ("missed", gettext_lazy("Nobody answered")),
    ("voicemail", gettext_lazy("Voicemail")),
    ("busy", gettext_lazy("Busy")),
    ("rejected", gettext_lazy("Declined")),
]
_NUMBER = re.compile(r"[\d\s()+./-]{3,40}")
_PARTS = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")
_UNITS = re.compile(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?\.?)?\s*(?:(\d{1,5})\s*s)?", re.IGNORECASE)


class LogForm(forms.Form):
    """What somebody remembers of a call."""

    party = forms.CharField(label=gettext_lazy("With whom"), max_length=200)
    contact_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        label=gettext_lazy("Who called"), choices=DIRECTIONS, widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=OUTCOMES)
    medium = forms.ChoiceField(label=gettext_lazy("How"), choices=MEDIA)
    at = forms.DateTimeField(
        label=gettext_lazy("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    talk = forms.CharField(
        label=gettext_lazy("How long"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Minutes, or as 1:30. Empty if you do not know."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}), strip=False
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Separated by commas."),
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, scope: Scope, **more: Any) -> None:
        super().__init__(*given, **more)
        self._scope = scope

    def clean_talk(self) -> float | None:
        """Seconds."""
        return seconds(self.cleaned_data["talk"])

    def entry(self, zone: str) -> Entry:
        """What was entered."""
        told = self.cleaned_data
        number, name = self._who(told["party"].strip(), told["contact_id"])
        at: datetime | None = told["at"]
        return Entry(
            direction=Direction(told["direction"]),
            outcome=told["outcome"],
            agent="",
            at=from_datetime(at) if at else None,
            number=number,
            name=name,
            talk_s=told["talk"] if told["outcome"] == "answered" else None,
            medium=told["medium"],
            zone=zone,
        )

    def tags_told(self) -> list[str]:
        """The names of the tags."""
        names = (one.strip() for one in self.cleaned_data["tags"].split(","))
        return list(dict.fromkeys(name for name in names if name))

    def _who(self, party: str, contact_id: uuid.UUID | None) -> tuple[str, str]:
        """Number and name of the other side: a contact's, a number as it was typed, or a name alone."""
        contact = Contact.objects.within(self._scope).filter(pk=contact_id).first() if contact_id else None
        if contact is not None and contact.name == party:
            return next(iter(numbers_of(contact)), ""), contact.name
        if _NUMBER.fullmatch(party):
            country = organisation(self._scope.tenant).country
            return normalised(country, party) or re.sub(r"[^\d+]", "", party), ""
        return "", party


def seconds(text: str) -> float | None:
    """How long in seconds; None for nothing.

    ``5`` and ``5 min`` are minutes, ``1:30`` minutes and seconds, ``1:02:03`` with hours.
    """
    plain = text.strip()
    if not plain:
        return None
    if re.fullmatch(r"\d{1,4}(?:[.,]\d)?", plain):
        return float(plain.replace(",", ".")) * 60
    if found := _PARTS.fullmatch(plain):
        return float(int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]))
    if (found := _UNITS.fullmatch(plain)) and any(found.groups()):
        return float(int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(found[3] or 0))
    raise forms.ValidationError(_("Write minutes, such as 5, or minutes and seconds, such as 1:30."))
