"""The page of one call: its story, timeline and facts, and the parts in which people add to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET

from ringbook.analyse.story import Telling, story
from ringbook.desk.annotations import joined, reading
from ringbook.desk.annotations.models import LoggedCall
from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.retention.holds import held_by
from ringbook.model.call import Call
from ringbook.model.masking import masked_text
from ringbook.web.annotating import by
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.call import causes
from ringbook.web.pages.call.timeline import timeline
from ringbook.web.pages.retention.shown import hold_shown
from ringbook.web.shapes import shown
from ringbook.web.templatetags.calls import phone
from ringbook.web.viewer import Asking, Viewer

PARTS = ("notes", "tags", "outcome", "tasks", "fields", "history")
CHANGES: dict[tuple[str, str], Any] = {
    ("note", "added"): gettext_lazy("Note added"),
    ("note", "edited"): gettext_lazy("Note edited"),
    ("note", "removed"): gettext_lazy("Note removed"),
    ("note", "changed"): gettext_lazy("Note taken back"),
    ("tag", "added"): gettext_lazy("Tag added"),
    ("tag", "removed"): gettext_lazy("Tag removed"),
    ("tag", "changed"): gettext_lazy("Tag taken back"),
    ("outcome", "changed"): gettext_lazy("Outcome"),
    ("task", "added"): gettext_lazy("Task added"),
    ("task", "done"): gettext_lazy("Task done"),
    ("task", "reopened"): gettext_lazy("Task reopened"),
    ("task", "removed"): gettext_lazy("Task removed"),
    ("task", "changed"): gettext_lazy("Task changed"),
    ("field", "changed"): gettext_lazy("Field"),
}
MEDIA = {"phone", "mobile", "in-person", "video", "other"}


@needs(Right.SEE_CALLS)
@require_GET
def call(request: Asking, call_id: str) -> HttpResponse:
    """The page."""
    found = call_or_404(request, call_id)
    if found.id != call_id:
        more = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponseRedirect(reverse("call", args=[found.id]) + more)
    audit.record(request.viewer.actor, "call:seen", f"call:{found.id}")
    return render(request, "call/call.html", _page(request, found))


@needs(Right.SEE_CALLS)
@require_GET
def part(request: Asking, call_id: str, name: str) -> HttpResponse:
    """One of the parts in which people add to a call, as it is now."""
    if name not in PARTS:
        raise Http404
    return drawn(request, call_or_404(request, call_id), name)


def drawn(request: Asking, found: Call, name: str, status: int = 200, **more: Any) -> HttpResponse:
    """A part of the page; to a browser without scripts, the whole page again."""
    if request.headers.get("HX-Request") != "true":
        if status < 400:
            return HttpResponseRedirect(f"{reverse('call', args=[found.id])}#call-{name}")
        return render(request, "call/call.html", {**_page(request, found), **more}, status=status)
    context = {**part_context(request.viewer, found), **more}
    return render(request, f"call/_{name}.html", context, status=status)


def part_context(viewer: Viewer, found: Call) -> dict[str, Any]:
    """What the parts show."""
    added = reading.of_calls(viewer.scope, [found.id])[found.id]
    return {
        "call_id": found.id,
        "added": added,
        "notes": [_note(viewer, note) for note in added.notes],
        "may_annotate": viewer.may(Right.ANNOTATE),
        "outcomes": _grouped(viewer),
        "fields": _fields(viewer, added),
        "now": timezone.now(),
        "history": lambda: [(one, changed(one)) for one in reading.history(viewer.scope, found.id)],
        "me": viewer.handle,
    }


def belongs(viewer: Viewer, found: Call, call_id: str) -> None:
    """Raise the answer to what does not exist unless something that was added to ``call_id`` is this call's."""
    if call_id != found.id and call_id not in joined.origins(viewer.scope, [found.id]):
        raise Http404


def _page(request: Asking, found: Call) -> dict[str, Any]:
    viewer = request.viewer
    shape = shown(viewer, found)
    query = request.GET.get("q")
    names = [(_name(leg), str(leg["number"] or "")) for leg in shape["legs"]]
    logged = LoggedCall.objects.within(viewer.scope).filter(call_id=found.id).first()
    return {
        **part_context(viewer, found),
        "call": found,
        "shape": shape,
        "story": " ".join(story(shape, _telling())),
        "timeline": timeline(
            found,
            [(name, phone(number)) for name, number in names],
            (
                _name_or_number(shape["from"]),
                _answerer(shape) or shape["queue"] or _name_or_number(shape["to"]),
            ),
        ),
        "sides": [(side, shape[side]) for side in ("from", "to")],
        "holds": [hold_shown(viewer, one) for one in held_by(viewer.scope, [found.id]).get(found.id, [])],
        "query": query,
        "back": f"{reverse('calls')}?{urlencode({'q': query})}" if query else reverse("calls"),
        "causes": _causes(shape),
        "quality": {name: value for name, value in shape["quality"].items() if value is not None},
        "inaudible": [one for one in shape["recordings"] if not (one["id"] and viewer.may(Right.LISTEN))],
        "logged": logged,
        "may_correct": logged is not None and viewer.may(Right.LOG_CALLS) and _mine(viewer, logged),
        "medium": next((leg.channel for leg in found.legs if leg.channel in MEDIA), "") if logged else "",
    }


def changed(one: reading.ChangeShown) -> str:
    """What happened, in words."""
    text = CHANGES.get((one.kind, one.verb)) or CHANGES.get((one.kind, "changed"), one.verb)
    return str(text)


def _mine(viewer: Viewer, logged: LoggedCall) -> bool:
    return logged.handle == viewer.handle or viewer.may(Right.MANAGE_SETTINGS)


def _note(viewer: Viewer, note: reading.NoteShown) -> dict[str, Any]:
    return {
        "note": note,
        "text": masked_text(note.text) if viewer.scope.masked else note.text,
        "mine": note.author_actor == viewer.actor.id or by(viewer).keeps_order,
    }


def _grouped(viewer: Viewer) -> list[tuple[str, list[Any]]]:
    """The outcome codes by group, in order."""
    groups: dict[str, list[Any]] = {}
    for code in reading.outcomes(viewer.scope):
        groups.setdefault(code.group, []).append(code)
    return list(groups.items())


def _fields(viewer: Viewer, added: reading.Annotations) -> list[dict[str, Any]]:
    """Each field that is offered, or that the call has, with what it holds."""
    held = {one.key: one for one in added.fields}
    return [
        {
            "field": field,
            "value": held[field.key].value if field.key in held else "",
            "version": added.field_versions.get(field.key, 0),
        }
        for field in reading.fields(viewer.scope)
    ]


def _causes(shape: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The codes with which the call ended, in words."""
    cause = shape["cause"]
    found = []
    if cause["q850"] is not None:
        found.append((f"Q.850 {cause['q850']}", causes.q850(cause["q850"])))
    if cause["sip"] is not None:
        found.append((f"SIP {cause['sip']}", causes.sip(cause["sip"])))
    if cause["text"]:
        found.append((cause["text"], ""))
    return found


def _telling() -> Telling:
    return Telling(_, _name_or_number, _when, _span)


def _name(side: Mapping[str, Any]) -> str:
    contact = side.get("contact")
    return str(contact["name"] if contact else side.get("name") or "")


def _name_or_number(side: Mapping[str, Any]) -> str:
    return _name(side) or phone(side.get("number") or side.get("raw") or "")


def _answerer(shape: Mapping[str, Any]) -> str:
    """The only one of ours to talk; nobody if they were several."""
    agents = shape["agents"]
    return str(agents[0]["name"] or agents[0]["extension"] or "") if len(agents) == 1 else ""


def _when(at: str) -> str:
    local = timezone.localtime(datetime.fromisoformat(at))
    days = (timezone.localtime().date() - local.date()).days
    values = {"day": date_format(local, "l"), "date": date_format(local, "j F"), "time": f"{local:%H:%M}"}
    if days == 0:
        return _("today at %(time)s") % values
    if days == 1:
        return _("yesterday at %(time)s") % values
    if 0 < days < 300:
        return _("on %(day)s, %(date)s, at %(time)s") % values
    values["date"] = date_format(local, pgettext("form of a date", "j F Y"))
    return _("on %(date)s at %(time)s") % values


def _span(seconds: float) -> str:
    whole = max(1, int(seconds + 0.5))
    if whole < 60:
        return ngettext("%(n)d second", "%(n)d seconds", whole) % {"n": whole}
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        if rest and minutes < 10:
            return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("%(hours)d h %(minutes)d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}
