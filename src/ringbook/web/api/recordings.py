"""Recordings: those of a call, their audio, and files to be fetched."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from ringbook.desk.governance import audit
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import ledger, operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.ledger.recordings import Catalogue
from ringbook.model.instant import iso
from ringbook.model.recording import KeptRecording
from ringbook.recordings.audible import play_form
from ringbook.search import pages
from ringbook.search.errors import SearchError
from ringbook.web.api import schemas_recordings as schemas
from ringbook.web.api.operation import answered, operation, tagged
from ringbook.web.api.problems import Problem, invalid
from ringbook.web.guard import call_or_404
from ringbook.web.pages.jobs import views
from ringbook.web.pages.recordings import media, streaming
from ringbook.web.pages.recordings.reach import name_of, recording_or_404
from ringbook.web.viewer import Asking, Viewer

router = Router(tags=["recordings"])

KIND = "fetch-recording"
AGAIN = timedelta(minutes=10)
"""Reading a recording part after part within that time is one listening in the audit log."""


@operation(
    router,
    "GET",
    "/calls/{id}/recordings",
    Right.SEE_CALLS,
    Right.LISTEN,
    answer=schemas.RecordingList,
    headers=("If-None-Match",),
    also={304: None},
)
def list_recordings(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """The recordings of a call."""
    viewer = request.viewer
    call = call_or_404(request, id)
    kept = Catalogue(ledger()).of_calls(viewer.scope.whole(), [call.id]).get(call.id, [])
    return tagged(request, {"items": [shape(viewer, one) for one in kept]})


@operation(
    router,
    "POST",
    "/recordings/fetch",
    Right.UPLOAD_RECORDINGS,
    answer=schemas.RecordingFetch,
    status=202,
    once=True,
)
def fetch_recording(request: Asking, fetch: schemas.NewFetch) -> HttpResponse:
    """Have a recording fetched from an address.

    It is fetched once, over https, from the public net, unless the settings name the host.
    Ask for it until its state is `done`.
    """
    viewer = request.viewer
    asked: dict[str, Any] = fetch.model_dump()
    known_source(fetch.source)
    asked["call"] = known_call(viewer, fetch.call)
    next(operations().run("recordings.may_fetch", {"url": fetch.url}))
    made = enqueue(
        viewer.person,
        KIND,
        asked,
        title="Fetch a recording",
        scope=viewer.scope,
        token=viewer.token_id,
        actor_name=viewer.actor.name,
    )
    audit.record(viewer.actor, "recording:fetch-asked", f"job:{made.pk}", source=fetch.source)
    return answered(_fetch(made), 202, Location=f"/api/v1/recordings/fetches/{made.pk}")


@operation(router, "GET", "/recordings/fetches/{id}", Right.UPLOAD_RECORDINGS, answer=schemas.RecordingFetch)
def get_recording_fetch(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """How far the fetching of a recording is."""
    known = uuid.UUID(id) if _UUID.fullmatch(id) else None
    found = views.own(request.viewer).filter(pk=known, kind=KIND).first() if known else None
    if found is None:
        raise Problem("not-found", "There is no such fetch.")
    return answered(_fetch(found))


@operation(router, "GET", "/recordings/{id}", Right.LISTEN, answer=schemas.KeptRecording)
def get_recording(request: Asking, id: str) -> HttpResponse:  # noqa: A002  # the public name
    """A recording."""
    return answered(shape(request.viewer, _recording(request, id)))


@operation(
    router,
    "GET",
    "/recordings/{id}/audio",
    Right.LISTEN,
    answer=None,
    also={206: None, 416: None},
)
def get_recording_audio(request: Asking, id: str) -> HttpResponseBase:  # noqa: A002  # the public name
    """The audio of a recording, or the part of it that `Range` asks for.

    It is in a form that browsers play. That it was asked for is in the audit log.
    """
    recording = _recording(request, id)
    try:
        opened, form = media.open_form(recording, play_form(recording))
    except media.SilencingError:
        raise Problem(
            "unavailable", "A part of it is being silenced.", headers={"Retry-After": "10"}
        ) from None
    except media.UnreadableError:
        raise Problem(
            "unavailable", "It cannot be read at the moment.", headers={"Retry-After": "30"}
        ) from None
    _on_record(request.viewer, recording)
    kind, mark = streaming.kind_of(opened), media.hash_of(recording, form)
    return streaming.audio(request, opened, recording.id, kind, mark, media.still(recording))


@job(KIND, right=Right.UPLOAD_RECORDINGS)
def fetch(work: Work) -> None:
    """Fetches a file and takes it."""
    wanted = ("url", "source", "name", "call", "length", "sha256")
    for told in operations().run("recordings.fetch", {name: work.params[name] for name in wanted}):
        work.progress(int(told.get("bytes", 0)))
        if "recording" in told:
            recording = str(told["recording"]["id"])
            work.keep(recording=recording)
            audit.record(
                work.actor,
                "recording:fetched",
                f"recording:{recording}",
                new=told["new"],
                sha256=told["sha256"],
            )


def shape(viewer: Viewer, recording: KeptRecording) -> dict[str, Any]:
    """A recording as the API tells of it."""
    state = "silencing" if recording.silencing else "unplayable" if recording.problem else "playable"
    return {
        "id": recording.id,
        "call": recording.call,
        "name": name_of(viewer, recording),
        "source": recording.source,
        "started_at": iso(recording.started_at),
        "received_at": iso(recording.received_at),
        "duration_s": recording.duration_s,
        "channels": recording.channels,
        "codec": recording.codec or None,
        "size": recording.size,
        "sha256": recording.sha256,
        "evidence": recording.joined.value or None,
        "confidence": recording.confidence,
        "state": state,
        "problem": recording.problem or None,
        "silenced": [list(span) for span in recording.silenced],
        "audio": f"/api/v1/recordings/{recording.id}/audio" if state == "playable" else None,
    }


def known_source(source: str) -> None:
    """Refuse what is no phone system of ours."""
    if source not in _sources():
        raise invalid("body", "source", "there is no such phone system")


def _sources() -> list[str]:
    return [str(one["source"]) for one in operations().run("sources.status", {})]


def known_call(viewer: Viewer, call: str) -> str:
    """The id of a call that the viewer may see; empty if none is named."""
    if not call:
        return ""
    try:
        return str(pages.show_call(ledger(), viewer.scope, call).id)
    except SearchError:
        raise invalid("body", "call", "there is no such call") from None


def _recording(request: Asking, recording_id: str) -> KeptRecording:
    if not _UUID.fullmatch(recording_id):
        raise Problem("not-found", "There is no such recording.")
    return recording_or_404(request, uuid.UUID(recording_id))


def _on_record(viewer: Viewer, recording: KeptRecording) -> None:
    recent = AuditEntry.objects.filter(
        tenant=viewer.scope.tenant,
        actor=viewer.actor.id,
        subject=f"recording:{recording.id}",
        action="recording:opened",
        at__gt=datetime.now(UTC) - AGAIN,
    )
    if not recent.exists():
        media.record(viewer, "recording:opened", recording)


def _fetch(found: Job) -> dict[str, Any]:
    return {
        "id": str(found.pk),
        "state": str(found.state),
        "detail": found.message or None,
        "recording": found.params.get("recording"),
    }


_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
