"""Recordings on the page of a call: ``{% load recordings %}``."""

from __future__ import annotations

import json
import uuid
from typing import Any

import msgspec
from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from ringbook.desk.listening.models import Clip
from ringbook.desk.listening.moments import Pinned, pinned
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy.states import refused
from ringbook.desk.wiring import ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call
from ringbook.model.masking import masked_text
from ringbook.model.recording import KeptRecording
from ringbook.recordings.audible import has_original
from ringbook.web.pages.recordings.reach import name_of
from ringbook.web.viewer import Viewer

register = template.Library()


@register.simple_tag(takes_context=True)
def recordings_of(context: dict[str, Any], call: Call) -> list[KeptRecording]:
    """What the vault keeps of a call; nothing for who may not listen, nor when somebody refused to be recorded."""
    viewer: Viewer = context["request"].viewer
    if not viewer.may(Right.LISTEN) or not any(one.id for one in call.recordings):
        return []
    if refused(viewer.scope, [call.id]):
        return []
    return Catalogue(ledger()).of_calls(viewer.scope.whole(), [call.id]).get(call.id, [])


@register.simple_tag(takes_context=True)
def silences_of(context: dict[str, Any], recording: KeptRecording) -> dict[str, Any] | None:
    """The silenced parts of a recording with who said so, and whether that can be taken back; None if there are none."""
    if not recording.silences:
        return None
    viewer: Viewer = context["request"].viewer
    names = _names({one.by for one in recording.silences})
    spans = [
        {
            "id": one.id,
            "start_s": one.start_s,
            "stop_s": one.stop_s,
            "reason": masked_text(one.reason) if viewer.scope.masked else one.reason,
            "who": names.get(one.by) or _("by rule"),
            "at": one.at,
        }
        for one in sorted(recording.silences, key=lambda one: one.start_s)
    ]
    return {"spans": spans, "original": has_original(recording)}


def _names(ids: set[str]) -> dict[str, str]:
    people = [one for one in ids if _is_uuid(one)]
    return {str(person.pk): str(person) for person in Person.objects.filter(pk__in=people)}


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@register.simple_tag(takes_context=True)
def moments_of(context: dict[str, Any], recording: KeptRecording) -> list[Pinned]:
    """The notes at moments of a recording, as the viewer may read them."""
    viewer: Viewer = context["request"].viewer
    found = pinned(viewer.scope, [recording.id]).get(recording.id, [])
    if viewer.scope.masked:
        found = [msgspec.structs.replace(one, text=masked_text(one.text)) for one in found]
    return found


@register.filter
def moment_seconds(moments: list[Pinned]) -> str:
    """Where notes stand, for the outline."""
    return json.dumps([one.at_s for one in moments])


@register.filter
def as_json(value: list[float]) -> str:
    """Numbers, for a script."""
    return json.dumps(value)


@register.filter
def clip_length(clip: Clip) -> float:
    """How many seconds a clip lasts."""
    return float(clip.stop_s - clip.start_s)


@register.filter
def silenced_spans(recording: KeptRecording) -> str:
    """The seconds that are silent, for the outline."""
    return json.dumps(recording.silenced)


@register.simple_tag(takes_context=True)
def recording_name(context: dict[str, Any], recording: KeptRecording) -> str:
    """The name of the file, as the viewer may see it."""
    return name_of(context["request"].viewer, recording)


@register.simple_tag
def recording_page(recording: KeptRecording) -> str:
    """Where a recording without a call is shown."""
    return reverse("recording", args=[recording.id])


@register.simple_tag
def speeds() -> list[tuple[str, str]]:
    """How fast a recording can be played: the value, and how it is written."""
    return [(f"{speed:g}", f"{speed:g}×") for speed in (0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3)]


@register.filter
def playtime(seconds: float | None) -> str:
    """Seconds as a clock shows them: 1:05, 1:02:03."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
