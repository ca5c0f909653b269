"""Which recordings a viewer may hear: those of calls that they see; those without a call for who sees all and the sources."""

from __future__ import annotations

from django.http import Http404

from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy.states import refused
from ringbook.desk.wiring import ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.masking import masked_text
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.web.guard import call_or_404
from ringbook.web.viewer import Asking, Viewer


def recording_or_404(request: Asking, recording_id: object) -> KeptRecording:
    """The recording with this id, if the viewer may hear it; any other is answered as one that does not exist.

    So is one of a call that somebody refused to have recorded: nobody may hear it.
    """
    viewer = request.viewer
    found = Catalogue(ledger()).get(viewer.scope.whole(), [RecordingId(str(recording_id))])
    if not found or found[0].gone or not viewer.may(Right.LISTEN):
        raise Http404
    if found[0].call:
        call = call_or_404(request, found[0].call)
        if refused(viewer.scope, [call.id]):
            raise Http404
    elif not sees_waiting(viewer):
        raise Http404
    return found[0]


def sees_waiting(viewer: Viewer) -> bool:
    """Whether the viewer sees recordings that are of no call yet."""
    return viewer.may(Right.LISTEN) and viewer.may(Right.SEE_SOURCES) and not viewer.scope.restricted


def name_of(viewer: Viewer, recording: KeptRecording) -> str:
    """The file's name, without the numbers in it for who may not see them."""
    return masked_text(recording.name) if viewer.scope.masked else recording.name
