"""A source of somebody's own files: a sample is looked at, what its columns are is corrected, and the calls it gives are shown.

Three pages under one address: the sample, its columns with the first calls as they would be read, and the source. What was sent
is in each page's form, so that nothing is kept until the source is added.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ringbook.config.settings import Kind
from ringbook.desk.governance import audit
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError
from ringbook.parse.format import Clock
from ringbook.parse.formats.mapped import MappedFormat
from ringbook.parse.mapping import MappingError, mapping_of
from ringbook.parse.mapping_proposal import Found, look
from ringbook.web.guard import needs
from ringbook.web.pages.sources.adding import SourceForm
from ringbook.web.pages.sources.columns import Columns
from ringbook.web.pages.sources.forms import tell
from ringbook.web.pages.sources.told import asked
from ringbook.web.pages.sources.wording import KINDS
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

SAMPLE_BYTES = 256 << 10
"""Of the beginning of a file that is looked at."""

WAYS = (Kind.FILE, Kind.HTTP_POST, Kind.TCP_LISTEN, Kind.TCP_CONNECT)


@needs(Right.MANAGE_SOURCES)
def own(request: Asking) -> HttpResponseBase:
    """The page that the form leads to next; or the source, added."""
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step in ("columns", "source"):
        return _columns(request, _kept(request), go_on=step == "source")
    if step == "add":
        return _add(request)
    if step == "sample":
        return _columns(request, _sent(request), go_on=False)
    return render(request, "sources/own_sample.html", {"most_kb": SAMPLE_BYTES >> 10})


def _columns(request: Asking, sample: bytes, *, go_on: bool) -> HttpResponseBase:
    """What the columns of a sample are, with the calls that come of it; or the form of the source, if that will do."""
    try:
        found = look(sample)
    except MappingError as error:
        return _sample_again(
            request, str(error) if sample.strip() else _("Choose a file, or paste its first lines.")
        )
    columns = Columns(found, request.POST if "column-0" in request.POST else None)
    problem, told, text = "", {}, ""
    try:
        text = mapping_of(found, columns.choices())
        told = _previewed(request, sample, text)
    except MappingError as error:
        problem = str(error)
    if go_on and text and told.get("calls"):
        return _source(request, text, _way(request))
    shown = {
        "columns": columns,
        "sample": base64.b64encode(sample).decode(),
        "problem": problem,
        "preview": told,
        "mapping": text,
        "ways": [(one.value, KINDS[one.value]) for one in WAYS],
        "way": _way(request).value,
        "layout": _layout(found),
    }
    return render(request, "sources/own_columns.html", shown, status=422 if problem or go_on else 200)


def _source(request: Asking, text: str, kind: Kind, form: SourceForm | None = None) -> HttpResponseBase:
    """The form of the source that has this mapping."""
    if form is None:
        house = organisation(request.viewer.scope.tenant)
        initial = {"name": "", "zone": house.zone, "region": house.country, "mapping": text}
        form = SourceForm(kind, zoned=_zoned(text), initial=initial)
    told = {"form": form, "kind": kind.value, "kind_told": KINDS[kind.value]}
    return render(request, "sources/own_source.html", told, status=422 if form.errors else 200)


def _add(request: Asking) -> HttpResponseBase:
    text, kind = request.POST.get("mapping", ""), _way(request)
    form = SourceForm(kind, request.POST, zoned=_zoned(text), initial={"mapping": text or " "})
    if form.is_valid():
        name = form.cleaned_data["name"]
        entry = form.entry({"format": "mapped"})
        try:
            asked("sources.add", name=name, settings={**form.shared(), "inputs": [entry]})
        except RingbookError as error:
            tell(form, str(error))
        else:
            audit.record(request.viewer.actor, "source:added", f"source:{name}")
            answer = HttpResponseRedirect(reverse("source", args=[name]) + "?new=1")
            return toast(request, answer, _("The source is added. Now its first record."))
    return _source(request, text, kind, form)


def _previewed(request: Asking, sample: bytes, text: str) -> dict[str, Any]:
    """The first calls of the sample, read by the mapping."""
    house = organisation(request.viewer.scope.tenant)
    with tempfile.NamedTemporaryFile(dir=django_settings.FILE_UPLOAD_TEMP_DIR) as file:
        file.write(sample)
        file.flush()
        ask = {"path": file.name, "name": "sample", "source": "sample", "format": "mapped"}
        ask |= {"timezone": house.zone, "region": house.country}
        told = asked("import.preview", **ask, settings={"mapping": text})[0]
    return {**told, "zone": house.zone}


def _sent(request: Asking) -> bytes:
    """The beginning of the file that was sent, or what was pasted, cut where a line ends."""
    file = request.FILES.get("file")
    pasted = request.POST.get("text", "").strip()
    data = file.read(SAMPLE_BYTES + 1) if file else pasted.encode()
    if len(data) <= SAMPLE_BYTES or data.lstrip()[:1] in (b"{", b"["):
        return data[:SAMPLE_BYTES]
    return data[: data.rfind(b"\n", 0, SAMPLE_BYTES) + 1]


def _kept(request: Asking) -> bytes:
    try:
        return base64.b64decode(request.POST.get("sample", ""), validate=True)[: SAMPLE_BYTES + 1]
    except (binascii.Error, ValueError):
        return b""


def _sample_again(request: Asking, problem: str) -> HttpResponseBase:
    told = {"problem": problem, "text": request.POST.get("text", ""), "most_kb": SAMPLE_BYTES >> 10}
    return render(request, "sources/own_sample.html", told, status=422)


def _way(request: Asking) -> Kind:
    given = request.POST.get("kind", "")
    return Kind(given) if given in {one.value for one in WAYS} else Kind.FILE


def _zoned(text: str) -> bool:
    """Whether the times of the file do not say their zone."""
    try:
        return MappedFormat().configure({"mapping": text}).about.clock is Clock.LOCAL
    except RingbookError:
        return True


def _layout(found: Found) -> str:
    marks = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars")}
    if found.layout != "csv":
        return _("JSON")
    return _("A table with %(marks)s") % {"marks": marks.get(found.delimiter, found.delimiter)}
