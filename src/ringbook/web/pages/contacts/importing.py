"""Taking in a file of contacts: choose it, look what would become of it, confirm, and undo."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

import msgspec
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ringbook.desk.directory import taking
from ringbook.desk.directory.errors import FileError
from ringbook.desk.directory.models import Import
from ringbook.desk.directory.spreadsheets import ENCODINGS, MOST_BYTES, TARGETS
from ringbook.desk.directory.sync import sync_pending
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.errors import RingbookError
from ringbook.web.guard import needs
from ringbook.web.pages.contacts.importing_words import CHOICE_WORDS, TARGET_WORDS, WHY_WORDS
from ringbook.web.pages.contacts.numbers import number_shown
from ringbook.web.templatetags.calls import phone
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

AT_ONCE = 500
"""Rows up to which a file is looked through while one waits; longer ones are a job."""


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def begin(request: Asking) -> HttpResponse:
    """Choosing a file; it is looked through next, and nothing is written before that is confirmed."""
    if request.method != "POST":
        return render(request, "contacts/import.html", _begun(request.viewer))
    file = request.FILES.get("file")
    if file is None or not file.size:
        told = {**_begun(request.viewer), "problem": _("Choose a file first; one that is not empty.")}
        return render(request, "contacts/import.html", told, status=422)
    if file.size > MOST_BYTES:
        told = {
            **_begun(request.viewer),
            "problem": _("The file is larger than %(most)s MB: split it into several.")
            % {"most": MOST_BYTES >> 20},
        }
        return render(request, "contacts/import.html", told, status=413)
    viewer = request.viewer
    taken = Import.objects.create(
        tenant=viewer.scope.tenant,
        file_name=Path(str(file.name)).name[:200],
        by=viewer.person,
        by_name=viewer.name,
    )
    data = file.read()
    _keep(taken, "file", data)
    try:
        _look_through(viewer, taken, data)
    except FileError as problem:
        _forget(taken)
        taken.delete()
        told = {**_begun(viewer), "problem": str(problem)}
        return render(request, "contacts/import.html", told, status=422)
    return HttpResponseRedirect(reverse("contacts-import-preview", args=[taken.pk]))


def _begun(viewer: Viewer) -> dict[str, Any]:
    return {"before": Import.objects.within(viewer.scope).exclude(state="preview")[:10]}


def _look_through(viewer: Viewer, taken: Import, data: bytes) -> None:
    """Have the preview made: now, or by a job. Raises FileError when the file holds no contacts."""
    found = taking.read(data, _options(taken))
    taken.counts = {"rows": len(found.items), "kind": found.kind, "header": found.header}
    taken.options = {**taken.options, "mapping": found.mapping}
    taken.save()
    if len(found.items) <= AT_ONCE:
        _keep_preview(taken, taking.preview(taking.decided(taken.tenant, found.items, _options(taken))))
        return
    title = _("Looking through %(file)s") % {"file": taken.file_name}
    started = _start(viewer, "look-through-contacts", taken, title)
    Import.objects.filter(pk=taken.pk).update(job=started.pk)


@job("look-through-contacts", right=Right.EDIT_CONTACTS)
def look_through(work: Work) -> None:
    """Makes the preview of a long file."""
    taken = Import.objects.get(tenant=work.tenant, pk=work.params["import"])
    found = taking.read(_kept(taken, "file"), _options(taken))

    def told() -> Any:
        for done, verdict in enumerate(taking.decided(taken.tenant, found.items, _options(taken)), 1):
            if done % 200 == 0:
                work.progress(done, len(found.items))
            yield verdict

    _keep_preview(taken, taking.preview(told()))
    Import.objects.filter(pk=taken.pk).update(job=None)


@needs(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "POST"])
def preview(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """What would become of the file; posting changes how it is read, and looks through it again."""
    taken = _import_or_404(request.viewer, pk)
    if request.method == "POST" and taken.state == "preview":
        taken.options = _chosen(request, taken)
        try:
            _look_through(request.viewer, taken, _kept(taken, "file"))
        except FileError as problem:
            return render(
                request, "contacts/preview.html", _told(request.viewer, taken, str(problem)), status=422
            )
        return HttpResponseRedirect(reverse("contacts-import-preview", args=[pk]))
    return render(request, "contacts/preview.html", _told(request.viewer, taken))


def _chosen(request: Asking, taken: Import) -> dict[str, Any]:
    """The options as the form has them; whatever it should not say is left as it was."""
    told = dict(taken.options)
    encoding = request.POST.get("encoding", "")
    told["encoding"] = encoding if encoding in ENCODINGS else ""
    mapping = request.POST.getlist("mapping")
    if len(mapping) == len(told.get("mapping", [])) and all(one in TARGETS for one in mapping):
        told["mapping"] = mapping
    for name in ("known", "similar"):
        if request.POST.get(name) in taking.CHOICES:
            told[name] = request.POST[name]
    rows = dict(told.get("rows", {}))
    for key, value in request.POST.items():
        if key.startswith("row-") and key[4:].isdigit():
            if value in taking.CHOICES:
                rows[key[4:]] = value
            else:
                rows.pop(key[4:], None)
    told["rows"] = rows
    return told


def _told(viewer: Viewer, taken: Import, problem: str = "") -> dict[str, Any]:
    job = Job.objects.filter(pk=taken.job).first() if taken.job else None
    running = job if job and job.state in (JobState.QUEUED, JobState.RUNNING) else None
    if job and job.state == JobState.FAILED:
        problem = problem or job.message
    found = json.loads(_kept(taken, "preview") or b"{}") if not running else {}
    counts = found.get("counts", {})
    options = _options(taken)
    shown = {
        kind: [_verdict_shown(viewer, verdict) for verdict in found.get("shown", {}).get(kind, [])]
        for kind in ("problem", "change", "new", "skip", "same")
    }
    return {
        "taken": taken,
        "job": running,
        "problem": problem,
        "counts": counts,
        "will_write": counts.get("new", 0) + counts.get("change", 0),
        "shown": shown,
        "options": options,
        "columns": [
            {"name": name, "target": target}
            for name, target in zip(taken.counts.get("header", []), options.mapping, strict=False)
        ],
        "targets": TARGET_WORDS,
        "encodings": ENCODINGS,
        "choices": CHOICE_WORDS,
        "undoable": taken.state == "done",
    }


def _verdict_shown(viewer: Viewer, verdict: dict[str, Any]) -> dict[str, Any]:
    state = verdict.get("state") or {}
    return {
        **verdict,
        "why_word": WHY_WORDS.get(verdict.get("why", ""), verdict.get("why", "")),
        "name": state.get("name", ""),
        "company": state.get("company", ""),
        "emails": ", ".join(state.get("emails", [])),
        "numbers": ", ".join(phone(number_shown(viewer, line["number"])) for line in state.get("lines", [])),
        "contact": verdict["contact"] if not verdict.get("contact", "").startswith("line ") else "",
    }


@needs(Right.EDIT_CONTACTS)
@require_POST
def apply(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Write what the preview says; a job, since it may be long."""
    taken = _import_or_404(request.viewer, pk)
    place = HttpResponseRedirect(reverse("contacts-import-preview", args=[pk]))
    if not _may_begin(taken, "preview", "running"):
        return toast(request, place, _("This file is being taken in already."), tone="info")
    title = _("Taking in %(file)s") % {"file": taken.file_name}
    started = _start(request.viewer, "import-contacts", taken, title)
    Import.objects.filter(pk=pk).update(job=started.pk)
    return place


@job("import-contacts", right=Right.EDIT_CONTACTS)
def import_contacts(work: Work) -> None:
    """Takes a file in; beginning anew after a crash finds what is there already."""
    taken = Import.objects.get(tenant=work.tenant, pk=work.params["import"])
    options = _options(taken)
    items = taking.read(_kept(taken, "file"), options).items
    counts = taking.take_in(work.actor, taken, items, options, work.progress)
    Import.objects.filter(pk=taken.pk).update(
        state="done", job=None, counts={**taken.counts, "written": dict(counts)}
    )
    _forget(taken, "file")
    _sync()
    work.note(_("%(new)s new, %(changed)s changed.") % {"new": counts["new"], "changed": counts["change"]})


@needs(Right.EDIT_CONTACTS)
@require_POST
def undo(request: Asking, pk: uuid.UUID) -> HttpResponse:
    """Take an import back, as far as nobody changed since what it made."""
    taken = _import_or_404(request.viewer, pk)
    place = HttpResponseRedirect(reverse("contacts-import-preview", args=[pk]))
    if not _may_begin(taken, "done", "undoing"):
        return toast(request, place, _("There is nothing to take back."), tone="info")
    title = _("Taking back %(file)s") % {"file": taken.file_name}
    started = _start(request.viewer, "undo-contacts", taken, title)
    Import.objects.filter(pk=pk).update(job=started.pk)
    return place


@job("undo-contacts", right=Right.EDIT_CONTACTS)
def undo_contacts(work: Work) -> None:
    """Takes an import back."""
    taken = Import.objects.get(tenant=work.tenant, pk=work.params["import"])
    counts = taking.undo(work.actor, taken, work.progress)
    told = {**taken.counts, "undone": dict(counts)}
    Import.objects.filter(pk=taken.pk).update(state="undone", job=None, counts=told)
    _sync()
    work.note(
        _("%(undone)s taken back, %(kept)s kept.")
        % {"undone": counts.get("undone", 0), "kept": counts.get("kept", 0)}
    )


def _may_begin(taken: Import, before: str, state: str) -> bool:
    """Whether the import went on to a state; also from that state itself, if what was to do it was interrupted."""
    if Import.objects.filter(pk=taken.pk, state=before).update(state=state):
        return True
    waiting = Job.objects.filter(pk=taken.job, state__in=(JobState.QUEUED, JobState.RUNNING))
    return taken.state == state and not waiting.exists()


def _start(viewer: Viewer, kind: str, taken: Import, title: str) -> Job:
    params = {"import": str(taken.pk)}
    total = taken.counts.get("rows")
    return enqueue(
        viewer.person, kind, params, title=title, scope=viewer.scope, total=total, actor_name=viewer.name
    )


def _sync() -> None:
    try:
        sync_pending()
    except RingbookError:
        return  # it stays queued


def _options(taken: Import) -> taking.Options:
    return msgspec.convert(taken.options, taking.Options, strict=False)


def _import_or_404(viewer: Viewer, pk: uuid.UUID) -> Import:
    found: Import | None = Import.objects.within(viewer.scope).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such import.")
    return found


def _place(taken: Import, what: str) -> Path:
    return home_folder() / "imports" / f"{taken.pk}.{what}"


def _keep(taken: Import, what: str, data: bytes) -> None:
    place = _place(taken, what)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        sink.write(data)


def _keep_preview(taken: Import, found: dict[str, Any]) -> None:
    _keep(taken, "preview", json.dumps(found).encode())


def _kept(taken: Import, what: str) -> bytes:
    place = _place(taken, what)
    if what == "file" and not place.exists():
        raise FileError(_("The file is no longer kept: choose it again."))
    return place.read_bytes() if place.exists() else b""


def _forget(taken: Import, *which: str) -> None:
    for what in which or ("file", "preview"):
        _place(taken, what).unlink(missing_ok=True)
