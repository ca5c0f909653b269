"""Uploading recordings: each is taken into the vault and joined to its call, or waits for it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import home_folder, ledger, operations
from ringbook.ledger.recordings import Catalogue
from ringbook.model.errors import RingbookError
from ringbook.model.recording import RecordingId
from ringbook.recordings.names import harmless
from ringbook.web.guard import needs
from ringbook.web.pages.recordings.downloading import WORKPLACE
from ringbook.web.pages.recordings.reach import name_of
from ringbook.web.viewer import Asking

MOST_FILES = 50
MOST_BYTES = 2 << 30
"""Of all files of an upload together."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@needs(Right.LISTEN, Right.SEE_SOURCES, Right.UPLOAD_RECORDINGS)
@require_http_methods(["GET", "POST"])
def upload(request: Asking) -> HttpResponseBase:
    """The page for dropping recordings; once they are taken, the way to what became of them."""
    sources = _sources()
    source = request.POST.get("source", "")
    problem = ""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        problem = _problem(files, source, sources)
        if not problem:
            taken, problem = _taken(request, files, source)
            if not problem:
                there = urlencode({"id": [one["recording"]["id"] for one in taken]}, doseq=True)
                return HttpResponseRedirect(f"{reverse('recordings-uploaded')}?{there}")
    told = {
        "problem": problem,
        "sources": sources,
        "source": source,
        "most": MOST_FILES,
        "most_gb": MOST_BYTES >> 30,
    }
    return render(request, "recordings/upload.html", told, status=422 if problem else 200)


@needs(Right.LISTEN, Right.SEE_SOURCES, Right.UPLOAD_RECORDINGS)
@require_GET
def uploaded(request: Asking) -> HttpResponseBase:
    """What became of uploaded recordings: of which call each is, or that it waits."""
    ids = [RecordingId(one) for one in request.GET.getlist("id")[:MOST_FILES] if _ID.fullmatch(one)]
    found = Catalogue(ledger()).get(request.viewer.scope.whole(), ids) if ids else []
    rows = [(one, name_of(request.viewer, one)) for one in found if not one.gone]
    return render(request, "recordings/uploaded.html", {"rows": rows})


def _sources() -> list[str]:
    return [str(one["source"]) for one in operations().run("sources.status", {})]


def _problem(files: list[UploadedFile[Any]], source: str, sources: list[str]) -> str:
    if not files:
        return _("Choose at least one file.")
    if len(files) > MOST_FILES:
        return _("Upload at most %d files at once.") % MOST_FILES
    if sum(file.size or 0 for file in files) > MOST_BYTES:
        return _("Together they are larger than %d GB; upload fewer at once.") % (MOST_BYTES >> 30)
    if source not in sources:
        return _("Choose the phone system that made the recordings.")
    return ""


def _taken(request: Asking, files: list[UploadedFile[Any]], source: str) -> tuple[list[dict[str, Any]], str]:
    """What the files became, and why that was not all of them."""
    room = home_folder() / WORKPLACE
    room.mkdir(mode=0o700, exist_ok=True)
    taken: list[dict[str, Any]] = []
    problem = ""
    with tempfile.TemporaryDirectory(dir=room) as folder:
        paths = [_written(file, Path(folder), number) for number, file in enumerate(files)]
        try:
            for told in operations().run(
                "recordings.add", {"paths": [str(one) for one in paths], "source": source}
            ):
                taken += [told] if "recording" in told else []
        except RingbookError as error:
            problem = str(error)
    for one in taken:
        recording = one["recording"]
        audit.record(
            request.viewer.actor, "recording:uploaded", f"recording:{recording['id']}", new=one["new"]
        )
    if not taken and not problem:
        problem = _("There is no recording among the files.")
    return taken, problem


def _written(file: UploadedFile[Any], folder: Path, number: int) -> Path:
    """The file under the name it came with, which may say of which call it is; in a folder of its own if there are two."""
    name = harmless(file.name or "")
    there = folder / name
    if there.exists():
        (folder / f"copy-{number}").mkdir()
        there = folder / f"copy-{number}" / name
    with there.open("wb") as sink:
        for chunk in file.chunks():
            sink.write(chunk)
    return there
