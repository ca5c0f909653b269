"""The history of a contact in words: what was changed, by whom, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.directory.models import ContactChange
from ringbook.web.pages.contacts.numbers import number_shown, text_shown
from ringbook.web.viewer import Viewer

KINDS = {
    "added": gettext_lazy("added this contact"),
    "changed": gettext_lazy("changed this contact"),
    "merged": gettext_lazy("merged another contact into this one"),
    "imported": gettext_lazy("took this in from a file"),
    "archived": gettext_lazy("archived this contact"),
    "restored": gettext_lazy("restored this contact"),
    "undone": gettext_lazy("undid a change"),
}
_FIELDS = {
    "name": gettext_lazy("Name"),
    "company": gettext_lazy("Company"),
    "title": gettext_lazy("Role or title"),
    "emails": gettext_lazy("E-mail"),
    "labels": gettext_lazy("Labels"),
    "note": gettext_lazy("Note"),
    "lines": gettext_lazy("Numbers"),
}


def told_changes(viewer: Viewer, changes: Iterable[ContactChange]) -> list[dict[str, Any]]:
    """The changes as the page shows them, the last first."""
    told: list[dict[str, Any]] = []
    last_standing = True
    for change in changes:
        stands = not change.undone and change.kind != "undone"
        told.append(
            {
                "id": change.pk,
                "what": KINDS.get(change.kind, change.kind),
                "by": change.by_name or _("a program"),
                "at": change.at,
                "differences": differences(viewer, change.before or {}, change.after or {})
                if change.before
                else [],
                "undone": change.undone,
                "may_undo": stands and last_standing and change.before is not None,
            }
        )
        last_standing = last_standing and not stands
    return told


def differences(viewer: Viewer, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """What differs between two states of a contact: field, before, after."""
    found = []
    for field, label in _FIELDS.items():
        was, now = _text(viewer, field, before.get(field)), _text(viewer, field, after.get(field))
        if was != now:
            found.append({"field": str(label), "before": was, "after": now})
    return found


def _text(viewer: Viewer, field: str, value: Any) -> str:
    if field == "lines":
        return ", ".join(number_shown(viewer, line["number"]) for line in value or [])
    if isinstance(value, list):
        return text_shown(viewer, ", ".join(str(one) for one in value))
    return text_shown(viewer, str(value or ""))
