"""Tags, the outcome code and the fields on the page of a call; and taking back what was done there."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ringbook.desk.annotations import edit as adding
from ringbook.desk.annotations import reading
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.model.errors import AskError
from ringbook.web.annotating import by
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.call.views import drawn
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

MOST = 12


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def tag(request: Asking, call_id: str) -> HttpResponse:
    """The tags with one more; one that there is not is made if the viewer may make tags."""
    call = call_or_404(request, call_id)
    name, create = request.POST.get("tag", "").strip(), request.viewer.may(Right.MANAGE_SETTINGS)
    if not name:
        return drawn(request, call, "tags", 422, tag_error=_("Write the name of a tag."))
    try:
        done = adding.tag(by(request.viewer), [call.id], [name], create=create)
    except AskError as error:
        return drawn(request, call, "tags", 422, tag_error=str(error), tag_name=name)
    response = drawn(request, call, "tags", refocus="tag")
    return (
        toast(request, response, _("Tag added."), undo=_undo(call, done.batch)) if done.changed else response
    )


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def untag(request: Asking, call_id: str, tag_id: uuid.UUID) -> HttpResponse:
    """The tags without one."""
    call = call_or_404(request, call_id)
    try:
        done = adding.untag(by(request.viewer), [call.id], [str(tag_id)])
    except AskError as error:
        return toast(request, drawn(request, call, "tags"), str(error), tone="bad")
    return toast(request, drawn(request, call, "tags"), _("Tag removed."), undo=_undo(call, done.batch))


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_GET
def complete_tag(request: Asking, call_id: str) -> HttpResponse:
    """Tags that fit what was typed, those that the call has left out."""
    call = call_or_404(request, call_id)
    typed = request.GET.get("q", "").strip()
    scope = request.viewer.scope
    held = {one.name for one in reading.of_calls(scope, [call.id])[call.id].tags}
    uses = reading.tag_uses(scope)
    names = [one for one in reading.tags(scope) if typed.lower() in one.name.lower() and one.name not in held]
    options = [
        {"value": one.name, "label": one.name, "hint": str(uses.get(str(one.pk), "")), "id": one.name}
        for one in sorted(
            names, key=lambda one: (not one.name.lower().startswith(typed.lower()), -uses.get(str(one.pk), 0))
        )
    ][:MOST]
    known = any(one.name.lower() == typed.lower() for one in reading.tags(scope))
    if typed and not known and request.viewer.may(Right.MANAGE_SETTINGS):
        options.append({"value": typed, "label": typed, "hint": _("new tag"), "id": typed})
    return JsonResponse({"start": 0, "end": len(request.GET.get("q", "")), "options": options})


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def outcome(request: Asking, call_id: str) -> HttpResponse:
    """The outcome code as it was chosen, or as somebody else chose it meanwhile."""
    call = call_or_404(request, call_id)
    key, version = request.POST.get("code", ""), _whole(request.POST.get("version"))
    try:
        done = adding.set_outcome_code(by(request.viewer), [call.id], key or None, version=version)
    except adding.ConflictError as stale:
        return drawn(request, call, "outcome", 409, outcome_conflict=stale, outcome_wish=key)
    except AskError as error:
        return drawn(request, call, "outcome", 422, outcome_error=str(error))
    response = drawn(request, call, "outcome")
    return (
        toast(request, response, _("Outcome saved."), undo=_undo(call, done.batch))
        if done.changed
        else response
    )


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def field(request: Asking, call_id: str, key: str) -> HttpResponse:
    """The fields with one filled otherwise."""
    call = call_or_404(request, call_id)
    value, version = request.POST.get("value", ""), _whole(request.POST.get("version"))
    wrong = {"field_wrong": key, "field_value": value}
    try:
        done = adding.set_field(by(request.viewer), [call.id], key, value, version=version)
    except adding.ConflictError as stale:
        told = _("%(who)s wrote “%(theirs)s” meanwhile. Save again to replace it.")
        text = told % {"who": stale.theirs_by or _("Somebody else"), "theirs": stale.theirs}
        return drawn(request, call, "fields", 409, field_error=text, **wrong)
    except AskError as error:
        return drawn(request, call, "fields", 422, field_error=str(error), **wrong)
    response = drawn(request, call, "fields")
    return toast(request, response, _("Saved."), undo=_undo(call, done.batch)) if done.changed else response


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def undo(request: Asking, call_id: str, batch: uuid.UUID) -> HttpResponse:
    """What the viewer did to a call, taken back."""
    call_or_404(request, call_id)
    try:
        adding.undo(by(request.viewer), batch)
    except AskError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _undo(call: Call, batch: uuid.UUID) -> str:
    return reverse("call-undo", args=[call.id, batch])


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
