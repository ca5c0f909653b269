"""Which form of a recording may be heard: of one with silenced spans, only the copy in which they are silent."""

from __future__ import annotations

from ringbook.model.recording import KeptRecording
from ringbook.recordings.vault import MASKED, ORIGINAL, PEAKS, PLAY


def audio_form(recording: KeptRecording) -> str | None:
    """The form that is given away as "the recording": None while nothing of it may be heard."""
    if recording.silencing:
        return None
    return newest_copy(recording) if recording.silences else _kept(recording, ORIGINAL)


def play_form(recording: KeptRecording) -> str | None:
    """The form that browsers play: None while nothing of it may be heard."""
    if recording.silencing or recording.silences:
        return audio_form(recording)
    return _kept(recording, PLAY) or audio_form(recording)


def outline_form(recording: KeptRecording) -> str | None:
    """The form with its outline: None while nothing of it may be seen, or if there is none."""
    if recording.silencing:
        return None
    if not recording.silences:
        return _kept(recording, PEAKS)
    copy = newest_copy(recording)
    return _kept(recording, f"{copy}-{PEAKS}") if copy else None


def has_original(recording: KeptRecording) -> bool:
    """Whether the original is still kept, so that a span can be heard again."""
    return _kept(recording, ORIGINAL) is not None


def newest_copy(recording: KeptRecording) -> str | None:
    """The newest copy with silence, if there is any."""
    copies = [one.form for one in recording.stored if one.form.removeprefix(MASKED).isdigit()]
    return max(copies, key=lambda name: int(name.removeprefix(MASKED)), default=None)


def _kept(recording: KeptRecording, form: str) -> str | None:
    return next((form for one in recording.stored if one.form == form), None)
