"""Discarding a recording that is of no call: because somebody who may says so, under a warrant, and for good."""

from __future__ import annotations

from ringbook.ledger.erasing import Removal
from ringbook.ledger.recordings import Catalogue
from ringbook.model.errors import AskError
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground
from ringbook.recordings.errors import UnknownRecordingError
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault


def discard(home: Home, recording: RecordingId, *, by: str, reason: str) -> KeptRecording:
    """The recording that there was: its key and its audio are gone, a bare row says that it was there.

    :raises AskError: it is of a call: then rules, holds and requests decide about it.
    """
    from ringbook.desk.listening import clips  # only once Django is set up
    from ringbook.desk.retention.warrants import issue

    row = next(iter(Catalogue(home.ledger).get(Scope(), [recording])), None)
    if row is None or row.gone:
        raise UnknownRecordingError(f"there is no recording {recording}")
    if row.call is not None:
        raise AskError("this recording is of a call: it goes with it, by a rule of retention or an erasure")
    warrant = issue(row.tenant, Ground.BY_HAND, f"recording:{recording}", reason, by)
    open_vault(home).destroy(warrant, row.tenant, recording)
    clips.forget(warrant, [recording])
    home.intake.remove(warrant, Removal(recordings=[recording]))
    return row
