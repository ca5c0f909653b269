"""The forms of contacts and companies."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ringbook.desk.directory.drafts import ContactDraft, Line, NumberDraft, State
from ringbook.desk.directory.models import Company, NumberLabel
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.web.pages.contacts.numbers import text_shown
from ringbook.web.viewer import Viewer


class ContactForm(forms.Form):
    """What is told of a contact; its numbers are rows of their own."""

    use_required_attribute = False  # the name is not needed for a number that is given to somebody known

    name = forms.CharField(label=_("Name"), max_length=200)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    title = forms.CharField(label=_("Role or title"), max_length=120, required=False)
    emails = forms.CharField(
        label=_("E-mail"), required=False, max_length=2_000, help_text=_("Several with a comma between.")
    )
    labels = forms.CharField(
        label=_("Labels"), required=False, max_length=500, help_text=_("Words with a comma between.")
    )
    owner = forms.ChoiceField(label=_("Looked after by"), required=False)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3, "data-expand": ""})
    )

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, now: State | None = None, **more: Any
    ) -> None:
        shown = more.pop("initial", None) or (initial(now) if now else None)
        super().__init__(data, initial=shown, **more)
        people = Person.objects.filter(tenant=viewer.scope.tenant, is_active=True).exclude(
            role=Role.INTEGRATION
        )
        choices = [
            ("", _("Nobody")),
            *((str(one.pk), one.name or one.email) for one in people.order_by("name")),
        ]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]
        self._kept = {}
        for name, value in initial(now).items() if now else ():
            if name != "owner" and text_shown(viewer, value) != value:
                # Whoever may not read a number in it cannot send it back either: it stays as it is.
                self._kept[name] = value
                del self.fields[name]

    def draft(self, numbers: tuple[NumberDraft, ...] | None) -> ContactDraft:
        """What was typed."""
        told = {**self.cleaned_data, **self._kept}
        return ContactDraft(
            name=told["name"],
            company=told["company"],
            title=told["title"],
            emails=_parts(told["emails"], r"[,;\s]+"),
            labels=_parts(told["labels"], r"[,;]+"),
            owner=told["owner"],
            note=told["note"],
            numbers=numbers,
        )


def initial(state: State) -> dict[str, str]:
    """What the form shows of a contact."""
    return {
        "name": state.name,
        "company": state.company,
        "title": state.title,
        "emails": ", ".join(state.emails),
        "labels": ", ".join(state.labels),
        "owner": state.owner,
        "note": state.note,
    }


def typed_numbers(request: HttpRequest) -> tuple[NumberDraft, ...]:
    """The rows of numbers as they were sent."""
    raws, labels = request.POST.getlist("number"), request.POST.getlist("number_label")
    labels += [NumberLabel.OTHER.value] * (len(raws) - len(labels))
    return tuple(NumberDraft(raw, label) for raw, label in zip(raws, labels, strict=False))


def number_rows(lines: tuple[Line, ...] | tuple[NumberDraft, ...]) -> list[dict[str, str]]:
    """The rows of numbers to show, with one empty one at the end."""
    rows = [{"raw": line.raw, "label": str(line.label)} for line in lines if line.raw.strip()]
    return [*rows, {"raw": "", "label": NumberLabel.MOBILE.value if not rows else NumberLabel.WORK.value}]


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is told of a company."""

    class Meta:
        model = Company
        fields = ("name", "website", "note")
        labels = {"name": _("Name"), "website": _("Website"), "note": _("Note")}
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "data-expand": ""})}

    def clean_website(self) -> str:
        """The address with a scheme that a browser may follow."""
        address = str(self.cleaned_data["website"]).strip()
        if not address:
            return ""
        if "://" not in address:
            address = f"https://{address}"
        if not re.fullmatch(r"https?://[^\s<>\"']+", address):
            raise forms.ValidationError(_("Write an address such as https://example.com."))
        return address


def _parts(text: str, between: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(between, text) if part.strip())
