"""The words that calls are annotated with: outcomes, tags, custom fields."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ringbook.desk.annotations import edit, vocabulary
from ringbook.desk.annotations.acting import By
from ringbook.desk.annotations.models import (
    COLOURS,
    CallOutcome,
    CallTag,
    CustomField,
    FieldKind,
    FieldValue,
    OutcomeCode,
    Tag,
)
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

COLOUR_NAMES = (
    gettext_lazy("Blue"),
    gettext_lazy("Green"),
    gettext_lazy("Amber"),
    gettext_lazy("Red"),
    gettext_lazy("Violet"),
    gettext_lazy("Teal"),
    gettext_lazy("Pink"),
    gettext_lazy("Grey"),
)
KIND_NAMES = {
    FieldKind.TEXT: gettext_lazy("Text"),
    FieldKind.NUMBER: gettext_lazy("Number"),
    FieldKind.CHOICE: gettext_lazy("One of some choices"),
    FieldKind.DATE: gettext_lazy("Day"),
    FieldKind.YES_NO: gettext_lazy("Yes or no"),
    FieldKind.URL: gettext_lazy("Web address"),
}


class TagForm(forms.Form):
    """A tag."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    colour = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        choices=[(n + 1, COLOUR_NAMES[n]) for n in range(COLOURS)],
        coerce=int,
        initial=1,
    )


class OutcomeForm(forms.Form):
    """An outcome code. Its key is made of its label unless given."""

    label = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    group = forms.CharField(
        label=gettext_lazy("Group"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Outcomes of one group stand together: Sales, Service…"),
    )
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("What a search finds it by, outcome-code:call-back. Empty: made of the name"),
    )

    def clean(self) -> dict[str, Any]:
        """A key, made of the label where none was given."""
        values = super().clean() or self.cleaned_data
        values["key"] = values.get("key") or slugify(values.get("label", ""))[:60].strip("-_")
        if not values["key"] and "label" in values:
            self.add_error("key", _("Write a key in small letters, such as call-back."))
        return values


class FieldForm(OutcomeForm):
    """A custom field."""

    group = None  # type: ignore[assignment]  # fields stand in no groups
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, KIND_NAMES[kind]) for kind in FieldKind]
    )
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line, for a field that is one of some choices"),
    )
    required = forms.BooleanField(label=gettext_lazy("Ask for it on every call"), required=False)
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("What a search finds it by, field:order=4711. Empty: made of the name"),
    )
    field_order = ("label", "kind", "choices", "required", "key")

    def clean_choices(self) -> list[str]:
        """The choices, one for each line."""
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]


def by(viewer: Viewer) -> By:
    """Who acts."""
    return By(viewer.actor, viewer.scope, viewer.person)


class TagKind(Kind[Tag]):
    """Tags. They are archived, never removed: calls keep them."""

    slug, page, model, form = "tag", "settings-tags", Tag, TagForm
    title_new, title_change = gettext_lazy("Add a tag"), gettext_lazy("Change a tag")
    told_saved, told_removed = gettext_lazy("Tag saved."), gettext_lazy("Tag archived.")

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new tag."""
        vocabulary.save_tag(by(viewer), None, values["name"], values["colour"])

    def change(self, viewer: Viewer, record: Tag, version: int, values: dict[str, Any]) -> None:
        """Keep a changed tag; calls are found by its new name at once."""
        vocabulary.save_tag(by(viewer), record.pk, values["name"], values["colour"], version)

    def remove(self, viewer: Viewer, record: Tag) -> str:
        """Archive a tag."""
        vocabulary.archive_tag(by(viewer), record.pk, True)
        return reverse(f"settings-{self.slug}-back", args=[record.pk])

    def back(self, viewer: Viewer, pk: object) -> None:
        """Offer a tag again."""
        vocabulary.archive_tag(by(viewer), self.find(viewer, pk).pk, False)


class OutcomeKind(Kind[OutcomeCode]):
    """Outcome codes."""

    slug, page, model, form = "outcome", "settings-outcomes", OutcomeCode, OutcomeForm
    title_new, title_change = gettext_lazy("Add an outcome"), gettext_lazy("Change an outcome")
    told_saved, told_removed = gettext_lazy("Outcome saved."), gettext_lazy("Outcome archived.")

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new outcome, as the last."""
        vocabulary.save_outcome(by(viewer), None, values["key"], values["label"], values["group"])

    def change(self, viewer: Viewer, record: OutcomeCode, version: int, values: dict[str, Any]) -> None:
        """Keep a changed outcome."""
        vocabulary.save_outcome(
            by(viewer), record.pk, values["key"], values["label"], values["group"], version=version
        )

    def remove(self, viewer: Viewer, record: OutcomeCode) -> str:
        """Archive an outcome."""
        vocabulary.archive_outcome(by(viewer), record.pk, True)
        return reverse(f"settings-{self.slug}-back", args=[record.pk])

    def back(self, viewer: Viewer, pk: object) -> None:
        """Offer an outcome again."""
        vocabulary.archive_outcome(by(viewer), self.find(viewer, pk).pk, False)


class FieldKindKind(Kind[CustomField]):
    """Custom fields. The kind of one stays as it is."""

    slug, page, model, form = "field", "settings-fields", CustomField, FieldForm
    title_new, title_change = gettext_lazy("Add a field"), gettext_lazy("Change a field")
    told_saved, told_removed = gettext_lazy("Field saved."), gettext_lazy("Field archived.")

    def make_form(self, viewer: Viewer, data: Any = None, initial: Any = None) -> forms.Form:
        """The form of a field, its kind fixed once it exists."""
        form = super().make_form(viewer, data, initial)
        if initial and "changing" in initial:
            form.fields["kind"].disabled = True
        return form

    def initial(self, record: CustomField) -> dict[str, Any]:
        """What its form shows."""
        return {
            **super().initial(record),
            "choices": "\n".join(record.choices),
            "required": record.required,
            "changing": True,
        }

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new field, as the last."""
        vocabulary.save_field(by(viewer), None, **_of_field(values))

    def change(self, viewer: Viewer, record: CustomField, version: int, values: dict[str, Any]) -> None:
        """Keep a changed field."""
        vocabulary.save_field(by(viewer), record.pk, **_of_field(values), version=version)

    def remove(self, viewer: Viewer, record: CustomField) -> str:
        """Archive a field."""
        vocabulary.archive_field(by(viewer), record.pk, True)
        return reverse(f"settings-{self.slug}-back", args=[record.pk])

    def back(self, viewer: Viewer, pk: object) -> None:
        """Offer a field again."""
        vocabulary.archive_field(by(viewer), self.find(viewer, pk).pk, False)


def _of_field(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("key", "label", "kind", "choices", "required")}


WORDS: dict[str, TagKind | OutcomeKind | FieldKindKind] = {
    "tag": TagKind(),
    "outcome": OutcomeKind(),
    "field": FieldKindKind(),
}


@needs(Right.MANAGE_SETTINGS)
def tags(request: Asking) -> HttpResponse:
    """The tags, with how many calls have each."""
    used = _used(CallTag.objects.within(request.viewer.scope).filter(removed_at=None), "tag")
    return _listed(request, Tag, used, "settings/tags.html")


@needs(Right.MANAGE_SETTINGS)
def outcomes(request: Asking) -> HttpResponse:
    """The outcome codes, in their order."""
    used = _used(CallOutcome.objects.within(request.viewer.scope), "code")
    return _listed(request, OutcomeCode, used, "settings/outcomes.html")


@needs(Right.MANAGE_SETTINGS)
def fields(request: Asking) -> HttpResponse:
    """The custom fields, in their order."""
    used = _used(FieldValue.objects.within(request.viewer.scope).filter(~Q(value="")), "field")
    return _listed(request, CustomField, used, "settings/fields.html")


def _used(rows: Any, of: str) -> dict[Any, int]:
    return {row[of]: row["n"] for row in rows.values(of).annotate(n=Count("id")).order_by()}


def _listed(request: Asking, model: Any, used: dict[Any, int], template: str) -> HttpResponse:
    words = [
        {"word": word, "calls": used.get(word.pk, 0)} for word in model.objects.within(request.viewer.scope)
    ]
    for one in words:
        if model is CustomField:
            one["kind"] = KIND_NAMES[FieldKind(one["word"].kind)]
    told = {
        "words": [one for one in words if not one["word"].archived],
        "archived": [one for one in words if one["word"].archived],
    }
    return render(request, template, told)


@needs(Right.MANAGE_SETTINGS)
@require_POST
def back(request: Asking, slug: str, pk: Any) -> HttpResponseBase:
    """A word that was archived, offered again."""
    WORDS[slug].back(request.viewer, pk)
    if request.headers.get("HX-Request") == "true" or "fetch" in request.headers.get("Sec-Fetch-Mode", ""):
        return toast(request, HttpResponse(status=204), _("It is offered again."))
    return toast(request, HttpResponseRedirect(reverse(WORDS[slug].page)), _("It is offered again."))


@needs(Right.MANAGE_SETTINGS)
@require_POST
def order(request: Asking, slug: str) -> HttpResponseBase:
    """Outcomes or fields in another order: one moved up or down, or all of them."""
    model: Any = {"outcome": OutcomeCode, "field": CustomField}[slug]
    ids = [str(pk) for pk in model.objects.within(request.viewer.scope).values_list("pk", flat=True)]
    moved, there = request.POST.get("id", ""), request.POST.get("to", "")
    if moved in ids and there in ("up", "down"):
        at = ids.index(moved)
        ids.insert(max(0, at + (-1 if there == "up" else 1)), ids.pop(at))
    put = vocabulary.order_outcomes if slug == "outcome" else vocabulary.order_fields
    put(by(request.viewer), ids)
    page = HttpResponseRedirect(reverse(WORDS[slug].page))
    return (
        page
        if request.headers.get("HX-Request") != "true"
        else HttpResponse(status=204, headers={"HX-Redirect": page.url})
    )


@needs(Right.MANAGE_SETTINGS)
def merge(request: Asking, pk: Any) -> HttpResponseBase:
    """One tag into another: all its calls get the other, and it is archived."""
    tag = TagKind().find(request.viewer, pk)
    others = Tag.objects.within(request.viewer.scope).filter(archived=False).exclude(pk=tag.pk)
    if request.method == "POST":
        into = others.filter(pk=_uuid(request.POST.get("into", ""))).first()
        if into is not None:
            count = _merge(by(request.viewer), tag, into)
            text = ngettext("%d call is tagged anew.", "%d calls are tagged anew.", count) % count
            page = reverse("settings-tags")
            answer = HttpResponse(status=204, headers={"HX-Redirect": page})
            return toast(
                request,
                answer if request.headers.get("HX-Request") == "true" else HttpResponseRedirect(page),
                text,
            )
    calls = CallTag.objects.within(request.viewer.scope).filter(tag=tag, removed_at=None).count()
    told = {"tag": tag, "others": others, "calls": calls}
    template = (
        "settings/_merge.html" if request.headers.get("HX-Request") == "true" else "settings/merge.html"
    )
    return render(request, template, told)


def _merge(who: By, tag: Tag, into: Tag) -> int:
    rows = CallTag.objects.within(who.scope).filter(tag=tag, removed_at=None)
    calls = list(dict.fromkeys(rows.values_list("call_id", flat=True)))
    if calls:
        edit.tag(who, calls, [str(into.pk)])
        edit.untag(who, calls, [str(tag.pk)])
    vocabulary.archive_tag(who, tag.pk, True)
    return len(calls)


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
