"""The files that were imported, and undoing what one brought."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import Upload
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder, operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job, JobState
from ringbook.ledger.rows import opened_ms
from ringbook.model.call import CallId
from ringbook.model.errors import AskError
from ringbook.web.guard import needs
from ringbook.web.pages.jobs.views import told as job_told
from ringbook.web.pages.retention.shown import words_shown
from ringbook.web.pages.sources.told import asked
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

KIND = "undo-imports"
SHOWN = 200
HELD_SHOWN = 5
RUNNING = (JobState.QUEUED, JobState.RUNNING)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Kept with the warrant for it, for those who wonder later"),
    )


@needs(Right.MANAGE_SOURCES)
def imported(request: Asking) -> HttpResponseBase:
    """The files that were imported, the last one first, and what is being undone."""
    found = _imports(request)
    going = Job.objects.filter(tenant=request.viewer.scope.tenant, kind=KIND, state__in=RUNNING)
    ended = Job.objects.filter(tenant=request.viewer.scope.tenant, kind=KIND, owner=request.viewer.person)
    latest = ended.exclude(state__in=RUNNING).order_by("-finished_at").first()
    told = {
        "imports": found[:SHOWN],
        "left_out": max(0, len(found) - SHOWN),
        "jobs": [job_told(row) for row in going],
        "latest": latest if latest and not going else None,
    }
    return render(request, "sources/imports.html", told)


@needs(Right.MANAGE_SOURCES)
def undo(request: Asking) -> HttpResponseBase:
    """What undoing an import would come to; or its undoing, begun in the background."""
    ids = request.POST.getlist("id") or request.GET.getlist("id")
    there = [one for one in _imports(request) if one["id"] in ids]
    if not there or len(there) != len(set(ids)):
        raise Http404
    form = ReasonForm(request.POST or None, auto_id="undo_%s")
    problem = next((one["problem"] for one in there if one["problem"]), "")
    if form.is_valid() and not problem:
        return _begin(request, there, form.cleaned_data["reason"])
    told = {"imports": there, "form": form, "problem": problem, "effect": {}}
    if not problem:
        try:
            told["effect"] = _effect(request, there)
        except AskError as error:  # it has changed this moment
            told["problem"] = str(error)
    part = request.headers.get("HX-Request") == "true"
    status = 422 if form.errors and not part else 200
    return render(request, "sources/_undo.html" if part else "sources/undo.html", told, status=status)


def _effect(request: Asking, there: list[dict[str, Any]]) -> dict[str, Any]:
    """What undoing would come to, and the holds that keep it from happening, as this viewer may read them."""
    [found] = asked("imports.preview", ids=[one["id"] for one in there])
    holds = [
        {
            **one,
            "name": words_shown(request.viewer, one["name"]),
            "reason": words_shown(request.viewer, one["reason"]),
            "calls": [(call, opened_ms(CallId(call)) * 1_000) for call in one["calls"][:HELD_SHOWN]],
        }
        for one in found["holds"]
    ]
    return {**found, "holds": holds}


def _begin(request: Asking, there: list[dict[str, Any]], reason: str) -> HttpResponseBase:
    viewer = request.viewer
    title = ngettext(
        "Undoing the import of %(first)s", "Undoing the import of %(first)s and others", len(there)
    )
    ids = [one["id"] for one in there]
    enqueue(
        viewer.person,
        KIND,
        {"imports": ids, "reason": reason},
        title=title % {"first": there[0]["name"]},
        scope=viewer.scope,
        actor_name=viewer.name,
    )
    for one in there:
        audit.record(viewer.actor, "import:undone", f"import:{one['id']}", source=one["source"])
    answer = HttpResponseRedirect(reverse("imports"))
    return toast(request, answer, _("The import is being undone."))


@job(KIND, right=Right.MANAGE_SOURCES)
def undo_imports(work: Work) -> None:
    """Undo imports: whole, or not at all when it is cancelled in time."""
    last: dict[str, Any] = {}
    ask = {"ids": work.params["imports"], "reason": work.params["reason"]}
    ask["by"] = str(work.person.pk) if work.person else f"token:{work.token}"
    for told in operations().run("imports.undo", ask):
        if told["type"] == "progress":
            work.progress(told["done"], told["total"])
        else:
            last = told
    work.keep(effect={name: value for name, value in last.items() if name != "type"})
    gone, changed = last["vanishing"], last["changing"]
    vanished = ngettext("%d call vanished", "%d calls vanished", gone) % gone
    work.note(vanished + "; " + ngettext("%d changed", "%d changed", changed) % changed)


def of_upload(row: Upload) -> list[str]:
    """The ids of the imports that an upload came to, those that can be undone."""
    folder = str(home_folder() / "uploads" / str(row.pk)) + "/"
    told = [answer["import"] for answer in asked("imports.list")]
    return [one["id"] for one in told if one["file"].startswith(folder) and not one["problem"]]


def _imports(request: Asking) -> list[dict[str, Any]]:
    """The imported files as people know them: an uploaded one by the name that it had."""
    uploads = str(home_folder() / "uploads") + "/"
    names = {
        f"{uploads}{row.pk}/{file['stored']}": file["name"]
        for row in Upload.objects.within(request.viewer.scope).exclude(job=None)
        for file in row.files
    }
    found = []
    for answer in asked("imports.list"):
        one = answer["import"]
        path = one["file"]
        found.append(
            one
            | {
                "name": names.get(path, Path(path).name),
                "place": "" if path in names or path.startswith(uploads) else str(Path(path).parent),
                "new": one["records"] - one["repeated"],
                "why_not": _WHY_NOT.get(one["why_not"], ""),
            }
        )
    return found


_WHY_NOT = {
    "followed": gettext_lazy("It is followed"),
    "mixed": gettext_lazy("Mixed with others of its name"),
    "unsure": gettext_lazy("Others may have told its records"),
}
