"""Uploading files: looked at before anything is written, then imported in the background."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import Upload, organisation
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder, operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.errors import AskError, RingbookError
from ringbook.parse.registry import formats
from ringbook.web.guard import needs
from ringbook.web.pages.jobs.views import told as job_told
from ringbook.web.pages.settings.house import countries, zones
from ringbook.web.pages.sources.systems import BY_KEY
from ringbook.web.pages.sources.told import asked
from ringbook.web.pages.sources.undoing import of_upload
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

MOST_FILES = 50

MOST_BYTES = 2 << 30
"""Of all files of an upload together, as they are sent."""

MOST_UNPACKED = 16 << 30
"""Of one file, once it is unpacked: a small file that becomes larger than this is no record of calls."""

KEPT = timedelta(days=7)
"""How long files wait that were uploaded and not imported."""

SHOWN = 10


class TooLargeError(AskError):
    """A packed file becomes larger than is imported."""


class DescriptionForm(forms.Form):
    """Whose records the files hold, and how they are read."""

    source = forms.CharField(
        label=gettext_lazy("Phone system"),
        max_length=63,
        widget=forms.TextInput(attrs={"list": "known-sources", "autocomplete": "off"}),
        help_text=gettext_lazy("One that is there, to add to its calls, or a new name to keep these apart"),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of its clock"),
        required=False,
        help_text=gettext_lazy("For records that do not say it"),
    )
    region = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    format = forms.ChoiceField(label=gettext_lazy("Format"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", _("As it is known, or as the records show")),
            *((zone, zone.replace("_", " ")) for zone in zones()),
        ]
        self.fields["region"].choices = countries()  # type: ignore[attr-defined]
        told = [(slug, f"{form.about.vendor} {form.about.product}") for slug, form in formats().items()]
        self.fields["format"].choices = [("", _("Told from each file")), *told]  # type: ignore[attr-defined]

    def clean_source(self) -> str:
        """A name without white space around it."""
        name = str(self.cleaned_data["source"]).strip()
        if not name or not name.isprintable() or "/" in name:
            raise forms.ValidationError(_("Use letters and digits, such as berlin-office."))
        return name


@needs(Right.MANAGE_SOURCES)
def upload(request: Asking) -> HttpResponseBase:
    """The page for dropping files, or the files that were dropped, kept and ready to be looked at."""
    problem = ""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        problem = _problem(files)
        if not problem:
            row = _keep(request, files)
            return HttpResponseRedirect(reverse("source-uploaded", args=[row.pk]))
    _clear_away(request.viewer.scope.tenant)
    told = {
        "problem": problem,
        "system": BY_KEY.get(request.GET.get("system", "")),
        "most_gb": MOST_BYTES >> 30,
        "recent": _recent(request),
    }
    return render(request, "sources/upload.html", told, status=422 if problem else 200)


@needs(Right.MANAGE_SOURCES)
def uploaded(request: Asking, pk: uuid.UUID) -> HttpResponseBase:
    """What the files would bring, as they are described; or how far their import is."""
    row = _own(request, pk)
    if row.job:
        return _importing(request, row)
    form = DescriptionForm(request.GET or None, initial=_initial(request, row))
    values = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    previews, problem = _previews(row, values) if not form.errors else ([], "")
    told = {
        "upload": row,
        "form": form,
        "values": values,
        "previews": previews,
        "problem": problem,
        "names": [row["source"] for row in asked("sources.status")],
        "usable": not problem and any(not one["problem"] for one in previews),
        "asks_zone": not values.get("zone") and any(one.get("asks_timezone") for one in previews),
    }
    return render(request, "sources/preview.html", told)


@needs(Right.MANAGE_SOURCES)
@require_POST
def begin(request: Asking, pk: uuid.UUID) -> HttpResponseBase:
    """The import, begun in the background."""
    row = _own(request, pk)
    there = HttpResponseRedirect(reverse("source-uploaded", args=[row.pk]))
    form = DescriptionForm(request.POST)
    if row.job or not form.is_valid():
        return there
    values = form.cleaned_data
    row.source, row.zone, row.region, row.format = (
        *(values["source"], values["zone"]),
        *(values["region"], values["format"]),
    )
    found, problem = _previews(row, values)
    if problem or all(one["problem"] for one in found):
        return there
    row.files = [{**file, "problem": one["problem"]} for file, one in zip(row.files, found, strict=True)]
    viewer = request.viewer
    title = ngettext("Import of %(first)s", "Import of %(first)s and others", len(row.files))
    title %= {"first": row.files[0]["name"]}
    began = enqueue(
        viewer.person,
        "import-files",
        {"upload": str(row.pk)},
        title=title,
        scope=viewer.scope,
        actor_name=viewer.name,
    )
    row.job = began.pk
    row.save()
    audit.record(viewer.actor, "files:imported", f"upload:{row.pk}", source=row.source, files=len(row.files))
    return there


@needs(Right.MANAGE_SOURCES)
@require_POST
def discard(request: Asking, pk: uuid.UUID) -> HttpResponseBase:
    """Files thrown away that were not imported."""
    row = _own(request, pk)
    if not row.job:
        shutil.rmtree(_folder(row), ignore_errors=True)
        row.delete()
        audit.record(request.viewer.actor, "files:discarded", f"upload:{pk}")
    return toast(
        request,
        HttpResponseRedirect(reverse("source-upload")),
        _("The files are thrown away. Nothing was imported."),
    )


@job("import-files", right=Right.MANAGE_SOURCES)
def import_files(work: Work) -> None:
    """Import the files of an upload. What is committed stays when it is cancelled; trying again goes on there."""
    row = Upload.objects.get(pk=work.params["upload"], tenant=work.tenant)
    files = [file for file in row.files if not file.get("problem")]
    paths = [str(_folder(row) / file["stored"]) for file in files]
    for path, file in zip(paths, files, strict=True):
        size = next(operations().run("import.measure", {"path": path, "most": MOST_UNPACKED}))
        if size["over"]:
            raise TooLargeError(
                _("%(name)s becomes larger than %(most)d GB when it is unpacked; nothing was imported.")
                % {"name": file["name"], "most": MOST_UNPACKED >> 30}
            )
    ask = {"paths": paths, "source": row.source}
    ask |= {"timezone": row.zone} if row.zone else {}
    ask |= {"region": row.region} if row.region else {}
    ask |= {"format": row.format} if row.format else {}
    last: dict[str, Any] = {}
    left_out = [file["name"] for file in row.files if file.get("problem")]
    notices = [_("%s was left out: it holds nothing that can be read.") % name for name in left_out]
    for told in operations().run("import", ask):
        if told.get("type") == "progress":
            work.progress(told["done"], told["total"])
        elif told.get("type") == "notice":
            notices.append(told["text"].replace(str(_folder(row)) + "/", ""))
        else:
            last = told
    work.keep(
        result=last.get("result", {}), unchanged=last.get("files_unchanged", 0), notices=notices[:SHOWN]
    )
    result = last.get("result", {})
    calls = result.get("calls_new", 0)
    work.note(ngettext("%d new call", "%d new calls", calls) % calls)
    shutil.rmtree(_folder(row), ignore_errors=True)


@job("reread-source", right=Right.MANAGE_SOURCES)
def reread_source(work: Work) -> None:
    """Read all records of a source again, in another time zone or country."""
    asked_for = {"since": None, "until": None, "source": work.params["source"], "zone_shown": "UTC"}
    asked_for |= {"timezone": work.params["zone"] or None, "region": work.params["region"] or None}
    *_changes, total = operations().run("rederive", asked_for)
    work.note(ngettext("%d call changed", "%d calls changed", total["updated"]) % total["updated"])


@needs(Right.MANAGE_SOURCES)
@require_POST
def reread(request: Asking, name: str) -> HttpResponseBase:
    """All records of a source read again, in the background."""
    viewer = request.viewer
    there = HttpResponseRedirect(reverse("source", args=[name]))
    zone, region = request.POST.get("zone", ""), request.POST.get("region", "")
    if zone not in ("", *zones()) or (region, region) not in [(code, code) for code, _told in countries()]:
        raise Http404
    if not any(row["source"] == name for row in asked("sources.status")):
        raise Http404
    params = {"source": name, "zone": zone, "region": region}
    title = _("Reading %(name)s again") % {"name": name}
    enqueue(viewer.person, "reread-source", params, title=title, scope=viewer.scope, actor_name=viewer.name)
    audit.record(viewer.actor, "source:reread", f"source:{name}"[:120])
    return toast(request, there, _("Its records are being read again; the calls change when all are ready."))


def _importing(request: Asking, row: Upload) -> HttpResponseBase:
    found = Job.objects.filter(pk=row.job, tenant=request.viewer.scope.tenant).first()
    result = found.params.get("result", {}) if found else {}
    told = {
        "upload": row,
        "row": found,
        "job": job_told(found) if found else None,
        "done": bool(found and found.over),
        "result": result,
        "rejected": sum(result.get("rejected", {}).values()) if result else 0,
        "notices": found.params.get("notices", []) if found else [],
        "undo_ids": of_upload(row) if found and found.state == JobState.DONE else [],
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "sources/_result.html" if part else "sources/result.html", told)


def _previews(row: Upload, values: Any) -> tuple[list[dict[str, Any]], str]:
    """What each of the files would bring, and what is wrong with how they are described."""
    found = []
    for file in row.files:
        told = {
            "path": str(_folder(row) / file["stored"]),
            "name": file["name"],
            "source": values.get("source") or "pbx",
            "format": values.get("format") or "",
            "timezone": values.get("zone") or "",
            "region": values.get("region") or "",
        }
        try:
            found.append({**file, **asked("import.preview", **told)[0]})
        except RingbookError as error:
            return [], str(error)
    return found, ""


def _initial(request: Asking, row: Upload) -> dict[str, Any]:
    house = organisation(request.viewer.scope.tenant)
    return {"source": row.source or "uploads", "zone": "", "region": house.country, "format": ""}


def _problem(files: list[UploadedFile[Any]]) -> str:
    if not files:
        return _("Choose at least one file.")
    if len(files) > MOST_FILES:
        return _("Upload at most %d files at once.") % MOST_FILES
    if sum(file.size or 0 for file in files) > MOST_BYTES:
        return _("Together they are larger than %d GB; upload fewer at once.") % (MOST_BYTES >> 30)
    return ""


def _keep(request: Asking, files: list[UploadedFile[Any]]) -> Upload:
    """The files moved to where the import finds them, under names of our own."""
    row = Upload(tenant=request.viewer.scope.tenant, person=request.viewer.person)
    folder = _folder(row)
    folder.mkdir(mode=0o700, parents=True)
    for number, file in enumerate(files):
        stored = f"{number:02}-{_safe(file.name or '')}"
        _move(file, folder / stored)
        row.files.append({"name": Path(file.name or "file").name[:200], "size": file.size, "stored": stored})
    row.save()
    total = sum(file["size"] for file in row.files)
    audit.record(request.viewer.actor, "files:uploaded", f"upload:{row.pk}", files=len(files), bytes=total)
    return row


def _move(file: UploadedFile[Any], there: Path) -> None:
    if isinstance(file, TemporaryUploadedFile):
        shutil.copyfile(file.temporary_file_path(), there)
    else:
        with there.open("wb") as sink:
            for chunk in file.chunks():
                sink.write(chunk)
    os.chmod(there, 0o600)  # noqa: PTH101  # says what it does


def _safe(name: str) -> str:
    """A file name of harmless letters: it stands in paths and patterns. The one that people know is kept beside it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", Path(name).name).strip("._-")[-80:] or "file"


def _folder(row: Upload) -> Path:
    return home_folder() / "uploads" / str(row.pk)


def _own(request: Asking, pk: uuid.UUID) -> Upload:
    found = Upload.objects.within(request.viewer.scope).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def _clear_away(tenant: str) -> None:
    """Take away the files of old uploads that nobody imported, or whose import failed and was not tried again."""
    old = Upload.objects.filter(tenant=tenant, made_at__lt=datetime.now(UTC) - KEPT)
    busy = {*Job.objects.filter(state__in=("queued", "running")).values_list("pk", flat=True)}
    for row in old:
        if row.job not in busy and _folder(row).exists():
            shutil.rmtree(_folder(row), ignore_errors=True)
            if row.job is None:
                row.delete()


def _recent(request: Asking) -> list[dict[str, Any]]:
    rows = list(Upload.objects.within(request.viewer.scope).select_related("person")[:SHOWN])
    jobs = {j.pk: j for j in Job.objects.filter(pk__in=[row.job for row in rows if row.job])}
    return [
        {"upload": row, "job": jobs.get(row.job), "first": row.files[0]["name"] if row.files else ""}
        for row in rows
    ]
