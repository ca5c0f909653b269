"""Exports of calls: within the viewer's scope and masking, at once when there are few, in the background when there are many."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right, Role
from ringbook.desk.wiring import ledger
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.model.call import Call, CallId
from ringbook.search import pages
from ringbook.search.errors import SearchError, nearest
from ringbook.web.pages.jobs.writers import FORMATS, Format, Writing
from ringbook.web.shapes import shown_many
from ringbook.web.viewer import Viewer, viewer_of

AT_ONCE = 5_000
"""Calls that are exported while the viewer waits; more are a job."""

CHUNK = 500


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to export: the calls that answer a question, or those of some ids."""

    query: str = ""
    ids: tuple[str, ...] = ()
    format: str = "csv"
    bom: bool = False
    zone: str = "UTC"
    now: int = 0


def wanted(viewer: Viewer, query: str, form: str, *, ids: tuple[str, ...] = (), bom: bool = False) -> Wanted:
    """What a viewer asks to export.

    :raises SearchError: there is no such format.
    """
    if form not in FORMATS:
        raise SearchError(
            _("Calls are not exported as “%(name)s”.") % {"name": form[:40]} + " " + nearest(form, FORMATS)
        )
    return Wanted(query=query, ids=ids, format=form, bom=bom, zone=viewer.zone_name, now=viewer.now)


def how_many(viewer: Viewer, what: Wanted) -> int:
    """How many calls that are. Raises SearchError when the question cannot be understood."""
    if what.ids:
        return len(what.ids)
    return pages.count_calls(
        ledger(), viewer.scope, what.query, zone=what.zone, now=what.now, me=viewer.handle
    )


def at_once(viewer: Viewer, what: Wanted) -> HttpResponse:
    """The file, made while the viewer waits."""
    form = FORMATS[what.format]
    told = _Told()
    with tempfile.TemporaryDirectory(prefix="ringbook-export-") as folder:
        place = Path(folder) / "calls"
        form.write(place, told.counting(_chunks(viewer, what)), Writing(bom=what.bom, zone=what.zone))
        response = HttpResponse(place.read_bytes(), content_type=form.content_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(viewer, what, form)}"'
    response["X-Content-Type-Options"] = "nosniff"
    _audit(viewer.actor, what, told.calls)
    return response


def begin(viewer: Viewer, what: Wanted, count: int | None = None) -> Job:
    """The job that makes the file. Raises SearchError when the question cannot be understood."""
    number = how_many(viewer, what) if count is None else count
    form = FORMATS[what.format]
    title = ngettext("%(count)s call as %(format)s", "%(count)s calls as %(format)s", number)
    return enqueue(
        viewer.person,
        "export-calls",
        {
            "wanted": msgspec.to_builtins(what),
            "name": _file_name(viewer, what, form),
            "viewer": {"role": viewer.role.value, "rights": sorted(viewer.rights), "handle": viewer.handle},
        },
        title=title % {"count": f"{number:,}", "format": form.label},
        scope=viewer.scope,
        total=number,
        token=viewer.token_id,
        actor_name=viewer.name,
    )


@job("export-calls", right=Right.EXPORT_CALLS)
def export_calls(work: Work) -> None:
    """Writes the file of an export."""
    what = msgspec.convert(work.params["wanted"], Wanted)
    form = FORMATS[what.format]
    viewer = viewer_for(work, what.now)
    told = _Told(work.progress, work.job.total)
    place = work.result(work.params["name"], form.content_type)
    work.progress(0)
    form.write(place, told.counting(_chunks(viewer, what)), Writing(bom=what.bom, zone=what.zone))
    work.job.done = work.job.total = told.calls
    work.note(ngettext("%(count)s call", "%(count)s calls", told.calls) % {"count": f"{told.calls:,}"})
    _audit(work.actor, what, told.calls)


def viewer_for(work: Work, now: int) -> Viewer:
    """The owner of a job as a viewer, as of the instant at which they asked."""
    if work.person is not None and not work.token:  # a token may see less than who made it
        return msgspec.structs.replace(viewer_of(work.person), now=now)
    told = work.params["viewer"]
    return Viewer(
        role=Role(told["role"]),
        rights=frozenset(Right(right) for right in told["rights"]),
        scope=work.scope,
        zone_name="UTC",
        language="",
        now=now,
        name=work.job.actor_name,
        handle=told["handle"],
        person=work.person,
        token_id=work.token,
    )


class _Told:
    """Counts what passes, and tells how far it is."""

    def __init__(self, progress: Callable[..., None] | None = None, total: int | None = None) -> None:
        self.calls = 0
        self._progress = progress
        self._total = total

    def counting(self, chunks: Iterator[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
        for chunk in chunks:
            yield chunk
            self.calls += len(chunk)
            if self._progress:
                self._progress(self.calls, max(self.calls, self._total or 0))


def _chunks(viewer: Viewer, what: Wanted) -> Iterator[list[dict[str, Any]]]:
    calls = _calls(viewer, what)
    while chunk := list(islice(calls, CHUNK)):
        yield shown_many(viewer, chunk)


def _calls(viewer: Viewer, what: Wanted) -> Iterator[Call]:
    if what.ids:
        found = ledger().calls(viewer.scope, [CallId(one) for one in what.ids])
        return iter(sorted(found, key=lambda call: (call.started_at, call.id), reverse=True))
    return pages.iterate(ledger(), viewer.scope, what.query, zone=what.zone, now=what.now, me=viewer.handle)


def _file_name(viewer: Viewer, what: Wanted, form: Format) -> str:
    at = datetime.fromtimestamp(what.now / 1e6, viewer.zone)
    return f"calls-{at:%Y-%m-%d-%H%M}.{form.extension}"


def _audit(actor: audit.Actor, what: Wanted, count: int) -> None:
    told: dict[str, Any] = {"format": what.format, "count": count}
    if not what.ids:
        told["query"] = what.query
    audit.record(actor, "calls:exported", **told)
