"""Adding a source by a guided form: which phone system, how its records arrive, then its lines and the first record."""

from __future__ import annotations

import ipaddress
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
from ringbook.web.pages.sources.systems import SYSTEMS, System, Way, way_of
from ringbook.web.pages.sources.told import asked
from ringbook.web.pages.sources.wording import KINDS, WAYS
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

RESERVED = ("add", "upload")
"""Names that would stand in the way of pages."""


class SourceForm(forms.Form):
    """A source; which fields it has depends on how its records arrive."""

    name = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What you call this phone system: letters, digits, dots, dashes"),
        error_messages={
            "invalid": gettext_lazy("Use letters, digits, dots and dashes, such as berlin-office.")
        },
    )
    paths = forms.CharField(
        label=gettext_lazy("Files"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: a file, a folder, or a pattern with *. Rotated files are followed; missing ones are waited for."
        ),
    )
    host = forms.CharField(label=gettext_lazy("Address of the phone system"), max_length=255)
    allow = forms.CharField(
        label=gettext_lazy("Address of the phone system"),
        max_length=255,
        help_text=gettext_lazy(
            "Only it may connect: an address such as 192.0.2.10, or a network such as 192.0.2.0/24"
        ),
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65_535)
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

    def __init__(self, way: Way, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way
        wanted = {
            Kind.FILE: {"paths"},
            Kind.TCP_LISTEN: {"allow", "port"},
            Kind.TCP_CONNECT: {"host", "port"},
            Kind.HTTP_POST: set(),
        }[way.kind or Kind.FILE]
        for name in {"paths", "allow", "port", "host"} - wanted:
            del self.fields[name]
        self.fields["region"].choices = countries()  # type: ignore[attr-defined]
        if way.asks_zone:
            self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones()]  # type: ignore[attr-defined]
        else:
            del self.fields["zone"]

    def clean_name(self) -> str:
        """A name that no page has."""
        if self.cleaned_data["name"] in RESERVED:
            raise forms.ValidationError(_("Choose another name."))
        return str(self.cleaned_data["name"])

    def clean_allow(self) -> str:
        """An address or network."""
        try:
            return str(ipaddress.ip_network(self.cleaned_data["allow"].strip(), strict=False))
        except ValueError:
            raise forms.ValidationError(_("Write an address such as 192.0.2.10.")) from None

    def settings(self) -> dict[str, Any]:
        """The settings of the source, as they are kept."""
        values, way = self.cleaned_data, self.way
        assert way.kind is not None
        entry: dict[str, Any] = {"kind": way.kind.value, "format": way.format}
        if "paths" in values:
            entry["path"] = [line.strip() for line in values["paths"].splitlines() if line.strip()]
        if "allow" in values:
            entry |= {"host": "0.0.0.0", "allow": [values["allow"]]}  # only that address may connect
        if "host" in values:
            entry["host"] = values["host"].strip()
        if "port" in values:
            entry["port"] = values["port"]
        told = {"timezone": values.get("zone", ""), "region": values["region"], "inputs": [entry]}
        if values["extensions"]:
            told["extensions"] = values["extensions"]
        return told


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
    form = SourceForm(found[1], request.POST or None, initial=_initial(request, *found))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            asked("sources.add", name=name, settings=form.settings())
        except RingbookError as error:
            _tell(form, str(error))
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
    if not seen["added"] or len(seen["inputs"]) != 1:
        raise Http404
    settings, entry = seen["settings"], seen["inputs"][0]
    zoned = bool(settings.get("timezone")) or entry["kind"] == Kind.FILE
    way = Way(key="", kind=Kind(entry["kind"]), format=entry["format"], asks_zone=zoned)
    form = SourceForm(way, request.POST or None, initial=_as_it_is(name, settings, entry))
    form.fields["name"].disabled = True
    stale = False
    if request.method == "POST" and form.is_valid():
        told = form.settings()
        told["inputs"] = [{**settings["inputs"][0], **told["inputs"][0]}]
        kept = {key: value for key, value in settings.items() if key not in ("extensions", *told)}
        try:
            version = request.POST.get("version", "")
            asked("sources.change", name=name, settings={**kept, **told}, version=version)
        except RingbookError as error:
            stale = "somebody changed" in str(error)
            _tell(form, str(error))
        else:
            audit.record(request.viewer.actor, "source:changed", f"source:{name}"[:120])
            return toast(request, HttpResponseRedirect(reverse("source", args=[name])), _("Source saved."))
    shown = {"name": name, "form": form, "version": seen["version"], "stale": stale, "now": settings}
    status = 409 if stale else 422 if form.errors else 200
    return render(request, "sources/change.html", shown, status=status)


def _as_it_is(name: str, settings: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "zone": settings.get("timezone", ""),
        "region": settings.get("region", ""),
        "extensions": settings.get("extensions", ""),
        "paths": "\n".join(settings["inputs"][0].get("path", [])),
        "host": entry["host"],
        "allow": ", ".join(entry["allow"]),
        "port": entry["port"] or None,
    }


def _tell(form: forms.Form, text: str) -> None:
    """Say what is wrong at the field that it is about."""
    for name, words in (
        ("name", ("name",)),
        ("paths", ("[desk] source_folders",)),
        ("port", ("listens on port",)),
    ):
        if name in form.fields and any(word in text for word in words):
            form.add_error(name, text)
            return
    for line in text.splitlines():
        form.add_error(None, line.partition(": ")[2] or line)


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
