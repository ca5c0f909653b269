"""Notes on the page of a call."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.annotations import edit as adding
from ringbook.desk.annotations import reading
from ringbook.desk.annotations.models import Note
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.model.errors import AskError
from ringbook.model.masking import masked_text
from ringbook.web.annotating import by
from ringbook.web.guard import call_or_404, needs
from ringbook.web.pages.call.views import belongs, drawn
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def add(request: Asking, call_id: str) -> HttpResponse:
    """The notes with a new one, or what is wrong with it; its text stays in the form."""
    call = call_or_404(request, call_id)
    text = request.POST.get("text", "")
    try:
        noted = adding.add_note(by(request.viewer), call.id, text)
    except AskError as error:
        return drawn(request, call, "notes", 422, note_error=str(error), note_text=text)
    return _told(request, call, noted, _("Note added."))


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_http_methods(["GET", "POST"])
def edit(request: Asking, call_id: str, note_id: uuid.UUID) -> HttpResponse:
    """The form of a note; once it is sent the notes, or both texts if somebody else changed it meanwhile."""
    call = call_or_404(request, call_id)
    note = _note(request, call, note_id)
    if request.method == "GET":
        if note.author_actor != request.viewer.actor.id and not by(request.viewer).keeps_order:
            raise PermissionDenied
        return drawn(request, call, "notes", editing=str(note.pk), edit_text=note.text)
    text, version = request.POST.get("text", ""), _whole(request.POST.get("version"))
    open_form = {"editing": str(note.pk), "edit_text": text}
    try:
        noted = adding.edit_note(by(request.viewer), note_id, text, version)
    except adding.ConflictError as stale:
        return drawn(request, call, "notes", 409, conflict=stale, **open_form)
    except AskError as error:
        return drawn(request, call, "notes", 422, edit_error=str(error), **open_form)
    return _told(request, call, noted, _("Note changed."))


@needs(Right.SEE_CALLS, Right.ANNOTATE)
@require_POST
def remove(request: Asking, call_id: str, note_id: uuid.UUID) -> HttpResponse:
    """The notes without one."""
    call = call_or_404(request, call_id)
    _note(request, call, note_id)
    try:
        batch = adding.remove_note(by(request.viewer), note_id, _whole(request.POST.get("version")))
    except adding.ConflictError as stale:
        return toast(request, drawn(request, call, "notes"), str(stale), tone="warn")
    except AskError as error:
        return toast(request, drawn(request, call, "notes"), str(error), tone="bad")
    return toast(request, drawn(request, call, "notes"), _("Note removed."), undo=_undo(call, batch))


@needs(Right.SEE_CALLS)
@require_GET
def versions(request: Asking, call_id: str, note_id: uuid.UUID) -> HttpResponse:
    """All texts that a note ever had, in a dialog."""
    call = call_or_404(request, call_id)
    note = _note(request, call, note_id)
    texts = reading.versions(request.viewer.scope, str(note.pk))
    if request.viewer.scope.masked:
        for one in texts:
            one.text = masked_text(one.text)
    return render(request, "call/_versions.html", {"note": note, "texts": texts})


def _told(request: Asking, call: Call, noted: adding.Noted, text: str) -> HttpResponse:
    response = toast(request, drawn(request, call, "notes"), text, undo=_undo(call, noted.batch))
    if noted.unheard:
        names = ", ".join(f"@{handle}" for handle in noted.unheard)
        warning = _("%(names)s may not see this call and will not be told.") % {"names": names}
        response = toast(
            request, drawn(request, call, "notes", unheard=warning), text, undo=_undo(call, noted.batch)
        )
    return response


def _undo(call: Call, batch: uuid.UUID) -> str:
    return reverse("call-undo", args=[call.id, batch])


def _note(request: Asking, call: Call, note_id: uuid.UUID) -> Note:
    note: Note | None = Note.objects.within(request.viewer.scope).filter(pk=note_id).first()
    if note is None:
        raise Http404
    belongs(request.viewer, call, note.call_id)
    return note


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
