"""Adding a source by a guided form: which phone system, how its records arrive, then its lines and the first record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.config.settings import Kind
from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError
from ringbook.web.guard import needs
from ringbook.web.pages.settings.house import countries, zones
from ringbook.web.pages.sources.forms import InputForm, as_it_is, tell
from ringbook.web.pages.sources.systems import SYSTEMS, System, Way, way_of
from ringbook.web.pages.sources.told import asked
from ringbook.web.pages.sources.wording import KINDS, WAYS
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

RESERVED = ("add", "upload")
"""Names that would stand in the way of pages."""


class SourceForm(InputForm):
    """A source; which fields it has depends on how its records arrive. Without a kind: what all its inputs share."""

    name = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What you call this phone system: letters, digits, dots, dashes"),
        error_messages={
            "invalid": gettext_lazy("Use letters, digits, dots and dashes, such as berlin-office.")
        },
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of its clock"),
        help_text=gettext_lazy("Its records do not say it. A wrong one can be mended later for all calls."),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("In which numbers without a country code are read"),
    )
    extensions = forms.CharField(
        label=gettext_lazy("Your extensions"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "mono"}),
        help_text=gettext_lazy("A regular expression. Empty: numbers of two to six digits are yours"),
    )
    field_order = (
        "name",
        *(f for f in InputForm.base_fields if f != "mapping"),
        "zone",
        "region",
        "extensions",
    )

    def __init__(self, kind: Kind | None, *args: Any, zoned: bool = True, **kwargs: Any) -> None:
        super().__init__(kind, *args, **kwargs)
        self.fields["region"].choices = countries()  # type: ignore[attr-defined]
        if zoned:
            self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones()]  # type: ignore[attr-defined]
        else:
            del self.fields["zone"]

    def clean_name(self) -> str:
        """A name that no page has."""
        if self.cleaned_data["name"] in RESERVED:
            raise forms.ValidationError(_("Choose another name."))
        return str(self.cleaned_data["name"])

    def shared(self) -> dict[str, Any]:
        """The settings that all inputs of the source share, as they are kept."""
        values = self.cleaned_data
        told = {"timezone": values.get("zone", ""), "region": values["region"]}
        return told | ({"extensions": values["extensions"]} if values["extensions"] else {})


@needs(Right.MANAGE_SOURCES)
def choose(request: Asking) -> HttpResponse:
    """The phone systems, and the ways of each."""
    systems = [
        {
            "system": system,
            "ways": [
                {
                    "way": way,
                    "told": WAYS[(system.key, way.key)],
                    "url": reverse("source-add-way", args=[system.key, way.key])
                    if way.kind
                    else f"{reverse('source-upload')}?system={system.key}",
                }
                for way in system.ways
            ],
        }
        for system in SYSTEMS
    ]
    return render(request, "sources/choose.html", {"systems": systems})


@needs(Right.MANAGE_SOURCES)
def add(request: Asking, system: str, way: str) -> HttpResponseBase:
    """The form of a source; or the source, added and waiting for its first record."""
    found = way_of(system, way)
    if found is None or found[1].kind is None:
        raise Http404
    kind, zoned = found[1].kind, found[1].asks_zone
    form = SourceForm(kind, request.POST or None, zoned=zoned, initial=_initial(request, *found))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            entry = form.entry({"format": found[1].format})
            asked("sources.add", name=name, settings={**form.shared(), "inputs": [entry]})
        except RingbookError as error:
            tell(form, str(error))
        else:
            audit.record(request.viewer.actor, "source:added", f"source:{name}")
            answer = HttpResponseRedirect(reverse("source", args=[name]) + "?new=1")
            return toast(request, answer, _("The source is added. Now the phone system."))
    told = {
        "system": found[0],
        "way": found[1],
        "way_told": WAYS[(found[0].key, found[1].key)],
        "kind_told": KINDS[found[1].kind.value],
        "form": form,
    }
    return render(request, "sources/add.html", told, status=422 if form.errors else 200)


@needs(Right.MANAGE_SOURCES)
def change(request: Asking, name: str) -> HttpResponseBase:
    """The form of a source that was added here; or the source, changed while it runs."""
    try:
        seen = asked("sources.settings", name=name)[0]
    except RingbookError:
        raise Http404 from None
    if not seen["added"]:
        raise Http404
    settings = seen["settings"]
    entry = seen["inputs"][0] if len(seen["inputs"]) == 1 else None
    kind = Kind(entry["kind"]) if entry else None
    zoned = bool(settings.get("timezone")) or kind in (None, Kind.FILE)
    form = SourceForm(
        kind,
        request.POST or None,
        zoned=zoned,
        has=bool(entry and entry["password"]),
        initial=_as_it_is(name, settings, entry),
    )
    form.fields["name"].disabled = True
    stale = False
    if request.method == "POST" and form.is_valid():
        told = form.shared()
        if entry:
            told["inputs"] = [{**form.entry(settings["inputs"][0]), "name": entry["name"]}]
        kept = {key: value for key, value in settings.items() if key not in ("extensions", *told)}
        try:
            version = request.POST.get("version", "")
            asked("sources.change", name=name, settings={**kept, **told}, version=version)
        except RingbookError as error:
            stale = "somebody changed" in str(error)
            tell(form, str(error))
        else:
            audit.record(request.viewer.actor, "source:changed", f"source:{name}"[:120])
            return toast(request, HttpResponseRedirect(reverse("source", args=[name])), _("Source saved."))
    shown = {"name": name, "form": form, "version": seen["version"], "stale": stale, "now": settings}
    status = 409 if stale else 422 if form.errors else 200
    return render(request, "sources/change.html", shown, status=status)


def _as_it_is(name: str, settings: dict[str, Any], entry: dict[str, Any] | None) -> dict[str, Any]:
    shared = {
        "name": name,
        "zone": settings.get("timezone", ""),
        "region": settings.get("region", ""),
        "extensions": settings.get("extensions", ""),
    }
    return shared | (as_it_is(entry) if entry else {})


def _initial(request: Asking, system: System, way: Way) -> dict[str, Any]:
    house = organisation(request.viewer.scope.tenant)
    taken = {row["source"] for row in asked("sources.status")}
    name, number = system.key, 1
    while name in taken:
        number += 1
        name = f"{system.key}-{number}"
    return {
        "name": name,
        "zone": house.zone,
        "region": house.country,
        "port": way.port or None,
        "paths": "\n".join(way.paths),
    }
