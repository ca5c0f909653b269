"""Several inputs of one source: added to it, changed and taken away, while it runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ringbook.config.settings import DIALOGUES, Kind
from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError
from ringbook.parse.format import Transport
from ringbook.parse.registry import formats
from ringbook.web.guard import needs
from ringbook.web.pages.sources.forms import InputForm, as_it_is, tell
from ringbook.web.pages.sources.told import asked
from ringbook.web.pages.sources.wording import INPUTS, KINDS
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

MAPPED = "mapped"


class NewInputForm(InputForm):
    """An input that is added: its format is asked for too."""

    format = forms.ChoiceField(label=gettext_lazy("Format"))
    field_order = ("format",)

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(kind, *args, **kwargs)
        if kind in DIALOGUES:
            del self.fields["format"]
            return
        told = [(slug, f"{form.about.vendor} {form.about.product}") for slug, form in _fitting(kind)]
        if kind is Kind.FILE:
            told.insert(0, ("auto", _("Told from each file")))
        self.fields["format"].choices = told  # type: ignore[attr-defined]


def _fitting(kind: Kind) -> list[tuple[str, Any]]:
    """The formats whose records arrive so; one that needs a mapping has a page of its own."""
    way = Transport(kind.value)
    return [(s, f) for s, f in formats().items() if way in f.about.transports and s != MAPPED]


@needs(Right.MANAGE_SOURCES)
def add_input(request: Asking, name: str) -> HttpResponseBase:
    """The kinds of inputs there are; the form of the one that was chosen; or the input, added."""
    seen = _own(name)
    kind = _kind(request.GET.get("kind", ""))
    if kind is None:
        ways = [(one.value, KINDS[one.value], INPUTS[one.value]) for one in Kind]
        return render(request, "sources/input_choose.html", {"name": name, "ways": ways})
    form = NewInputForm(kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        entry = form.entry({"name": _free(seen, kind)})
        if kind not in DIALOGUES:
            entry["format"] = form.cleaned_data["format"]
        if _saved(request, form, seen, [*seen["settings"]["inputs"], entry], "source:input-added"):
            return _back(request, name, _("The input is added."))
    told = {"name": name, "form": form, "kind_told": KINDS[kind.value], "version": seen["version"]}
    return render(request, "sources/input.html", told, status=422 if form.errors else 200)


@needs(Right.MANAGE_SOURCES)
def change_input(request: Asking, name: str, entry: str) -> HttpResponseBase:
    """The form of one input; or the input, changed."""
    seen = _own(name)
    place = _place(seen, entry)
    shown = seen["inputs"][place]
    form = InputForm(
        Kind(shown["kind"]), request.POST or None, has=shown["password"], initial=as_it_is(shown)
    )
    if request.method == "POST" and form.is_valid():
        inputs = [dict(one) for one in seen["settings"]["inputs"]]
        inputs[place] = {**form.entry(inputs[place]), "name": entry}  # its place in the file goes by its name
        if _saved(request, form, seen, inputs, "source:input-changed"):
            return _back(request, name, _("The input is changed."))
    told = {
        "name": name,
        "entry": shown,
        "form": form,
        "kind_told": KINDS[shown["kind"]],
        "version": seen["version"],
        "only": len(seen["inputs"]) == 1,
    }
    return render(request, "sources/input.html", told, status=422 if form.errors else 200)


@needs(Right.MANAGE_SOURCES)
@require_POST
def remove_input(request: Asking, name: str, entry: str) -> HttpResponseBase:
    """One input taken away, once its name was typed; what it brought stays."""
    seen = _own(name)
    place = _place(seen, entry)
    form = forms.Form(request.POST)
    inputs = [one for at, one in enumerate(seen["settings"]["inputs"]) if at != place]
    if request.POST.get("typed") != entry:
        text = _("Nothing was removed: type %(name)s to remove it.") % {"name": entry}
        return toast(request, _to(name), text, tone="warn")
    if not _saved(request, form, seen, inputs, "source:input-removed"):
        return toast(request, _to(name), " ".join(map(str, form.non_field_errors())), tone="bad")
    return _back(request, name, _("The input is removed; its calls stay."))


def _saved(
    request: Asking, form: forms.Form, seen: dict[str, Any], inputs: list[dict[str, Any]], action: str
) -> bool:
    """Whether the source has these inputs now; if not, the form says why."""
    version = request.POST.get("version", "")
    try:
        asked(
            "sources.change",
            name=seen["name"],
            settings={**seen["settings"], "inputs": inputs},
            version=version,
        )
    except RingbookError as error:
        form.is_valid()
        tell(form, str(error))
        return False
    audit.record(request.viewer.actor, action, f"source:{seen['name']}"[:120])
    return True


def _own(name: str) -> dict[str, Any]:
    """A source that was added here; one of ringbook.toml is changed there."""
    try:
        seen = asked("sources.settings", name=name)[0]
    except RingbookError:
        raise Http404 from None
    if not seen["added"]:
        raise Http404
    return seen


def _place(seen: dict[str, Any], name: str) -> int:
    for place, one in enumerate(seen["inputs"]):
        if one["name"] == name:
            return place
    raise Http404


def _kind(text: str) -> Kind | None:
    try:
        return Kind(text)
    except ValueError:
        return None


def _free(seen: dict[str, Any], kind: Kind) -> str:
    """A name for another input of a source."""
    taken = {one["name"] for one in seen["inputs"]}
    name, number = kind.value, 1
    while name in taken:
        number += 1
        name = f"{kind.value}-{number}"
    return name


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("source", args=[name]))


def _back(request: Asking, name: str, text: str) -> HttpResponseBase:
    return toast(request, _to(name), text)
