"""The page of evidence packs, and the form that asks for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from ringbook.desk.evidence_pack import making
from ringbook.desk.evidence_pack.errors import PackError
from ringbook.desk.evidence_pack.key import SigningKey
from ringbook.desk.evidence_pack.making import Ask
from ringbook.desk.evidence_pack.verify import fingerprint
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.jobs import views as jobs_pages
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

KIND = "evidence-pack"
SHOWN = 30


@require_GET
@needs(Right.SEE_CALLS, Right.MAKE_EVIDENCE)
def packs(request: Asking) -> HttpResponse:
    """The packs that the viewer had made, the key that they are signed with, and the form for another."""
    rows = jobs_pages.own(request.viewer).filter(kind=KIND).order_by("-made_at")[:SHOWN]
    public = SigningKey(home_folder()).public
    context = {
        "jobs": [jobs_pages.told(row) for row in rows],
        "key": public,
        "fingerprint": fingerprint(public),
        "most": making.MOST,
        **_form(request.viewer, "", ()),
    }
    return render(request, "evidence/packs.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_CALLS, Right.MAKE_EVIDENCE)
def new(request: Asking) -> HttpResponse:
    """The form for chosen calls, in a dialog over the page they were chosen on; with ``apply``, the job that makes the pack."""
    told = request.GET if request.method == "GET" else request.POST
    ids = tuple(dict.fromkeys(told.getlist("call")))
    ids = () if told.get("everything") == "on" else ids
    viewer, query = request.viewer, told.get("q", "").strip()
    ask = Ask(
        query=query,
        ids=ids,
        audio=told.get("audio") == "on" and viewer.may(Right.DOWNLOAD_RECORDINGS),
        reason=told.get("reason", "").strip()[:500],
        zone=viewer.zone_name,
        now=viewer.now,
        me=viewer.handle,
    )
    context = _form(viewer, query, ids)
    try:
        number = making.how_many(viewer.scope, ask)
    except AskError as error:
        return _refused(request, context, str(error))
    if request.method == "GET" or "apply" not in request.POST:
        return _drawn(request, {**context, "number": number, "words": _calls(number)})
    if not ask.reason:
        problem = _("Say what the pack is for: it stands in the pack and in the audit log.")
        return _drawn(
            request, {**context, "number": number, "words": _calls(number), "problem": problem}, 422
        )
    begin(viewer, ask, number)
    place = reverse("evidence")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": place})
    return toast(request, HttpResponseRedirect(place), _("The pack is being made."))


def begin(viewer: Viewer, ask: Ask, number: int) -> Job:
    """The job that makes a pack."""
    title = ngettext("Evidence of %(count)s call", "Evidence of %(count)s calls", number) % {"count": number}
    params = {"ask": msgspec.to_builtins(ask)}
    return enqueue(
        viewer.person,
        KIND,
        params,
        title=title,
        scope=viewer.scope,
        total=number,
        token=viewer.token_id,
        actor_name=viewer.name,
    )


@job(KIND, right=Right.MAKE_EVIDENCE)
def make_pack(work: Work) -> None:
    """Makes the pack: what the owner may see now is what it holds."""
    ask = msgspec.convert(work.params["ask"], Ask)
    if ask.audio and not work.may(Right.DOWNLOAD_RECORDINGS):
        raise PackError(_("Your role may not download recordings any more."))
    place = work.result(making.file_name(datetime.now().astimezone()), "application/zip")
    made = making.make(place, work.scope, work.actor, ask, work.progress)
    work.note(
        _("%(files)d files, %(recordings)d recordings. SHA-256 of the manifest: %(digest)s…")
        % {"files": made.files, "recordings": made.recordings, "digest": made.manifest_sha256[:16]}
    )


def _form(viewer: Viewer, query: str, ids: tuple[str, ...]) -> dict[str, Any]:
    return {"query": query, "ids": ids, "may_audio": viewer.may(Right.DOWNLOAD_RECORDINGS)}


def _drawn(request: Asking, context: dict[str, Any], status: int = 200) -> HttpResponse:
    htmx = request.headers.get("HX-Request") == "true"
    return render(request, "evidence/_dialog.html" if htmx else "evidence/new.html", context, status=status)


def _refused(request: Asking, context: dict[str, Any], problem: str) -> HttpResponse:
    """Why there is no pack of these: over the page where they were chosen, or beside the question that was typed."""
    if request.headers.get("HX-Request") == "true":
        return toast(request, HttpResponse(status=204), problem, tone="bad")
    return render(request, "evidence/new.html", {**context, "problem": problem}, status=422)


def _calls(number: int) -> str:
    return ngettext("%(count)s call", "%(count)s calls", number) % {"count": number}
