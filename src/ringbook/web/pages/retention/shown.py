"""Holds, rules and runs as a viewer may read them: to one who sees no whole numbers, without those that people wrote there."""

from __future__ import annotations

from typing import Any

from ringbook.desk.retention import runs
from ringbook.desk.retention.records import Hold, RetentionRun
from ringbook.model.masking import masked_text
from ringbook.web.viewer import Viewer


def words_shown(viewer: Viewer, text: str) -> str:
    """What somebody wrote as a name or a reason."""
    return masked_text(text) if viewer.scope.masked else text


def hold_shown(viewer: Viewer, row: Hold) -> Hold:
    """A hold; it is not to be saved."""
    for field in ("name", "reason", "query", "released_reason"):
        setattr(row, field, words_shown(viewer, getattr(row, field)))
    return row


def report_shown(viewer: Viewer, run: RetentionRun) -> dict[str, Any]:
    """The report of a run."""
    told = runs.told(run)
    rules = [
        {
            **rule,
            "name": words_shown(viewer, rule.get("name", "")),
            "query": words_shown(viewer, rule.get("query", "")),
        }
        for rule in told["rules"]
    ]
    return told | {"rules": rules, "message": words_shown(viewer, told["message"] or "") or None}
