"""What retention is called on the pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ringbook.desk.retention.records import Kept, RunState

KINDS: dict[str, Any] = {
    Kept.CALLS: _("Calls, and everything of them"),
    Kept.RECORDINGS: _("Recordings"),
    Kept.NOTES: _("Notes and finished tasks"),
    Kept.FRAMES: _("Raw records"),
}
ICONS: dict[str, str] = {Kept.CALLS: "phone", Kept.RECORDINGS: "mic", Kept.NOTES: "note", Kept.FRAMES: "code"}
STATES: dict[str, tuple[Any, str, str]] = {
    RunState.QUEUED: (_("Waiting"), "quiet", "hourglass"),
    RunState.RUNNING: (_("Running"), "info", "rotate-cw"),
    RunState.PAUSED: (_("Paused"), "warn", "circle-pause"),
    RunState.DONE: (_("Done"), "good", "check"),
    RunState.CANCELLED: (_("Cancelled"), "quiet", "ban"),
    RunState.FAILED: (_("Failed"), "bad", "circle-x"),
}
STAGES: dict[str, Any] = {**KINDS, "purge": _("Taking the bytes off the disk")}
ALARMS: dict[str, Any] = {
    "failed": _("The last run failed"),
    "overdue": _("The rules were not applied for more than 26 hours"),
    "paused": _("Nothing is removed, because somebody paused it more than 26 hours ago"),
}
