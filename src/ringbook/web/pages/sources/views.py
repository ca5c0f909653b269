"""The list of sources, one source, its rejects, and what is done with it."""

from __future__ import annotations

import base64
import re
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ringbook.config.settings import DIALOGUES, Kind
from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import SilenceAlarm
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError
from ringbook.parse.registry import formats
from ringbook.web.guard import needs
from ringbook.web.pages.settings.house import countries, zones
from ringbook.web.pages.sources.systems import CURL, Lines, filled, way_for
from ringbook.web.pages.sources.told import all_sources, asked, one_source
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

REJECTS = 20
SHOWN_BYTES = 2_048


@needs(Right.SEE_SOURCES)
def sources(request: Asking) -> HttpResponse:
    """Every source and how it stands; the table alone when the page asks again."""
    told = all_sources(request.viewer)
    part = request.headers.get("HX-Request") == "true"
    return render(request, "sources/_table.html" if part else "sources/list.html", told)


@needs(Right.SEE_SOURCES)
def source(request: Asking, name: str) -> HttpResponse:
    """One source: its inputs, files, throughput and rejects."""
    told = _told(request, name)
    settings = _settings(name) if request.viewer.may(Right.MANAGE_SOURCES) else None
    told |= {
        "settings": settings,
        "lines": _lines(request, settings) if settings and settings["added"] else [],
        "local_only": _host(request) in ("127.0.0.1", "localhost", "[::1]"),
        "alarm_form": AlarmForm(initial=_alarm(told["row"]["alarm"])),
        "reread_form": RereadForm(initial={"zone": told["row"]["timezone"], "region": told["row"]["region"]}),
    }
    return render(request, "sources/source.html", told)


@needs(Right.SEE_SOURCES)
def live(request: Asking, name: str) -> HttpResponse:
    """What changes of a source, for its page to ask again and again."""
    return render(request, "sources/_live.html", _told(request, name))


@needs(Right.MANAGE_SOURCES)
def waiting(request: Asking, name: str) -> HttpResponse:
    """What has arrived of a source that was just added: nothing, bytes that cannot be read, or calls."""
    told = _told(request, name)
    row = told["row"]
    newest = _rejects(name, "", 1)[0] if row["rejected"] else []
    told |= {"rejects": newest, "bytes": sum(entry["bytes"] for entry in row["inputs"])}
    if row["calls"]:
        told["query"] = f'source:"{name}"'
    return render(request, "sources/_waiting.html", told)


@needs(Right.MANAGE_SOURCES)
def rejects(request: Asking, name: str) -> HttpResponse:
    """The rejects of a source with their bytes, the last received first."""
    reason, cursor = request.GET.get("reason", ""), request.GET.get("cursor", "")
    told = _told(request, name)
    try:
        found, further = _rejects(name, reason, REJECTS, cursor)
    except RingbookError as error:
        raise Http404(str(error)) from None
    audit.record(request.viewer.actor, "rejects:seen", f"source:{name}"[:120], shown=len(found))
    more = request.GET.copy()
    more["cursor"] = further or ""
    told |= {
        "rejects": found if not request.viewer.scope.masked else [],
        "reason": reason,
        "next_url": f"{request.path}?{more.urlencode()}" if further else "",
    }
    part = request.headers.get("HX-Request") == "true" and cursor
    return render(request, "sources/_rejects.html" if part else "sources/rejects.html", told)


@needs(Right.MANAGE_SOURCES)
@require_POST
def replay(request: Asking, name: str) -> HttpResponseBase:
    """One reject, those of a reason, or all of a source, parsed again: what that came to."""
    reason, one = request.POST.get("reason") or None, request.POST.get("id") or None
    try:
        answers = asked("rejects.replay", source=None if one else name, reason=reason, id=one)
    except RingbookError as error:
        return toast(request, _back(request, name), str(error), tone="bad")
    total = answers[-1]
    audit.record(request.viewer.actor, "rejects:replayed", f"source:{name}"[:120], tried=total["tried"])
    if not total["understood"]:
        text = ngettext(
            "%d record was read again and is still not understood.",
            "%d records were read again and are still not understood.",
            total["tried"],
        )
        return toast(request, _back(request, name), text % total["tried"], tone="warn")
    text = ngettext(
        "%(understood)d record is understood now: %(new)d new calls, %(updated)d updated; %(still)d still rejected.",
        "%(understood)d records are understood now: %(new)d new calls, %(updated)d updated; %(still)d still rejected.",
        total["understood"],
    ) % {
        "understood": total["understood"],
        "new": total["calls_new"],
        "updated": total["calls_updated"],
        "still": total["still_rejected"],
    }
    return toast(request, _back(request, name), text)


def _back(request: Asking, name: str) -> HttpResponse:
    there = reverse("source-rejects", args=[name])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": there})
    return HttpResponseRedirect(there)


class AlarmForm(forms.Form):
    """How long a source may be silent."""

    within_minutes = forms.IntegerField(
        label=gettext_lazy("Alarm after so many silent minutes"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=gettext_lazy("Empty: no alarm"),
    )
    in_hours = forms.BooleanField(
        label=gettext_lazy("Count business hours only"), required=False, initial=True
    )


class RereadForm(forms.Form):
    """Another zone or country for all records of a source."""

    zone = forms.ChoiceField(label=gettext_lazy("Time zone of its clock"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = (self.initial or {}).get("zone") or ""
        names = [said, *zones()] if said not in zones() else zones()
        self.fields["zone"].choices = [("", _("As it is")), *((z, z.replace("_", " ")) for z in names if z)]  # type: ignore[attr-defined]
        self.fields["region"].choices = countries()  # type: ignore[attr-defined]


@needs(Right.MANAGE_SOURCES)
@require_POST
def alarm(request: Asking, name: str) -> HttpResponseBase:
    """The silence alarm of a source, set or taken away."""
    _told(request, name)
    form = AlarmForm(request.POST)
    answer = HttpResponseRedirect(reverse("source", args=[name]))
    if not form.is_valid():
        return toast(request, answer, _("The alarm needs a number of minutes, at least one."), tone="bad")
    tenant, minutes = request.viewer.scope.tenant, form.cleaned_data["within_minutes"]
    with transaction.atomic():
        if minutes is None:
            SilenceAlarm.objects.filter(tenant=tenant, source=name).delete()
        else:
            values = {"within_minutes": minutes, "in_hours": form.cleaned_data["in_hours"]}
            SilenceAlarm.objects.update_or_create(tenant=tenant, source=name[:120], defaults=values)
        audit.record(request.viewer.actor, "source:alarm-set", f"source:{name}"[:120], minutes=minutes)
    text = _("No alarm is set.") if minutes is None else _("Alarm set.")
    return toast(request, answer, text)


@needs(Right.MANAGE_SOURCES)
@require_POST
def pause(request: Asking, name: str) -> HttpResponseBase:
    """Have a source rest, or work again."""
    rests = request.POST.get("paused") == "1"
    text = _("Paused. Nothing is taken in until you go on.") if rests else _("It takes records again.")
    return _managed(request, name, "sources.pause", "paused" if rests else "resumed", text, paused=rests)


@needs(Right.MANAGE_SOURCES)
@require_POST
def remove(request: Asking, name: str) -> HttpResponseBase:
    """Take a source away; its calls stay."""
    undo = reverse("source-restore", args=[name])
    text = _("The source is removed; its calls stay.")
    return _managed(request, name, "sources.remove", "removed", text, undo=undo)


@needs(Right.MANAGE_SOURCES)
@require_POST
def restore(request: Asking, name: str) -> HttpResponseBase:
    """Put a removed source back."""
    return _managed(request, name, "sources.restore", "put-back", _("It is back."))


def _managed(
    request: Asking, name: str, operation: str, verb: str, text: str, *, undo: str = "", **more: Any
) -> HttpResponseBase:
    there = reverse("sources") if verb == "removed" else reverse("source", args=[name])
    htmx = request.headers.get("Sec-Fetch-Mode", "") == "cors"
    answer: HttpResponse = HttpResponse(status=204) if htmx else HttpResponseRedirect(there)
    try:
        asked(operation, name=name, **more)
    except RingbookError as error:
        return toast(request, answer, str(error), tone="bad")
    audit.record(request.viewer.actor, f"source:{verb}", f"source:{name}"[:120])
    return toast(request, answer, text, undo=undo)


def _told(request: Asking, name: str) -> dict[str, Any]:
    told = one_source(request.viewer, name)
    if told is None:
        raise Http404
    return {**told, "name": name}


def _settings(name: str) -> dict[str, Any] | None:
    try:
        return asked("sources.settings", name=name)[0]
    except RingbookError:
        return None  # of a source that is not connected


def _alarm(alarm: SilenceAlarm | None) -> dict[str, Any]:
    if alarm is None:
        return {"in_hours": True}
    return {"within_minutes": alarm.within_minutes, "in_hours": alarm.in_hours}


def _lines(request: Asking, settings: dict[str, Any]) -> list[Lines]:
    """The lines to put into the phone system, with the values of this installation."""
    found: list[Lines] = []
    for entry in settings["inputs"]:
        values = {
            "url": request.build_absolute_uri(f"/intake/{settings['name']}"),
            "token": entry["token"],
            "name": settings["name"],
            "host": _host(request),
            "port": str(entry["port"]),
        }
        known = way_for(entry["kind"], entry["format"], entry["path"])
        found += (
            [filled(lines, **values) for lines in known[1].lines]
            if known
            else [filled(lines, **values) for lines in _own_lines(entry)]
        )
    return found


def _own_lines(entry: dict[str, Any]) -> list[Lines]:
    """What the format itself says about connecting, and for a phone system that posts, where to."""
    told = [CURL] if entry["kind"] == Kind.HTTP_POST else []
    form = formats().get(entry["format"])
    if entry["kind"] in DIALOGUES and form:
        told.append(Lines(f"{form.about.vendor} {form.about.product}", form.about.connect))
    return told


def _host(request: Asking) -> str:
    """The address under which the viewer reaches this installation, without its port."""
    return re.sub(r":\d+$", "", request.get_host())


def _rejects(name: str, reason: str, limit: int, cursor: str = "") -> tuple[list[dict[str, Any]], str | None]:
    *rows, last = asked(
        "rejects.list", source=name, reason=reason or None, limit=limit, cursor=cursor or None
    )
    return [shown(row["reject"]) for row in rows], last["next_cursor"]


def shown(reject: dict[str, Any]) -> dict[str, Any]:
    """A reject with its bytes as text and in hexadecimal, as far as they are shown."""
    data = base64.b64decode(reject["data"])
    part = data[:SHOWN_BYTES]
    return {
        **reject,
        "size": len(data),
        "cut": len(data) > len(part),
        "text": _text(part),
        "hex": _hex(part),
    }


def _text(data: bytes) -> str:
    """Bytes as text: what cannot be shown stands as an escape."""
    text = data.decode("utf-8", errors="backslashreplace")
    return "".join(one if one.isprintable() or one in "\n\t" else ascii(one)[1:-1] for one in text)


def _hex(data: bytes) -> str:
    rows = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        plain = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{at:06x}  {row.hex(' '):<47}  {plain}")
    return "\n".join(rows)
