"""What the pages of settings and sources say in templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from ringbook.desk.people.roles import Right

register = template.Library()


class SettingsEntry(msgspec.Struct, frozen=True):
    """A page of the settings."""

    url: str
    label: str
    icon: str
    current: bool


_PAGES = (
    ("settings-organisation", gettext_noop("Organisation"), "building-2", Right.MANAGE_SETTINGS),
    ("settings-numbers", gettext_noop("Numbers and extensions"), "hash", Right.MANAGE_SETTINGS),
    ("settings-queues", gettext_noop("Queues"), "queue", Right.MANAGE_SETTINGS),
    ("settings-hours", gettext_noop("Business hours"), "clock", Right.MANAGE_SETTINGS),
    ("settings-outcomes", gettext_noop("Outcomes"), "list-checks", Right.MANAGE_SETTINGS),
    ("settings-tags", gettext_noop("Tags"), "tags", Right.MANAGE_SETTINGS),
    ("settings-fields", gettext_noop("Custom fields"), "columns-3", Right.MANAGE_SETTINGS),
    ("settings-figures", gettext_noop("How figures are counted"), "gauge", Right.MANAGE_SETTINGS),
    ("settings-surveys", gettext_noop("Surveys"), "star", Right.MANAGE_SETTINGS),
    ("settings-recording", gettext_noop("Recording"), "mic", Right.MANAGE_RECORDING_POLICY),
    ("settings-people", gettext_noop("People and roles"), "users", Right.MANAGE_PEOPLE),
    ("settings-tokens", gettext_noop("API tokens"), "key-round", Right.MANAGE_TOKENS),
    ("settings-audit", gettext_noop("Audit log"), "scan-eye", Right.SEE_AUDIT),
)


def settings_entries(viewer: Any, path: str = "") -> list[SettingsEntry]:
    """The pages of the settings that a viewer may see, in order."""
    found = []
    for name, label, icon, right in _PAGES:
        if viewer is None or not viewer.may(right):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # a build without that page
            continue
        found.append(SettingsEntry(url, gettext(label), icon, path.startswith(url)))
    return found


@register.simple_tag(takes_context=True)
def settings_navigation(context: Mapping[str, Any]) -> list[SettingsEntry]:
    """The pages of the settings, for the navigation beside them."""
    request = context.get("request")
    return settings_entries(getattr(request, "viewer", None), getattr(request, "path", ""))
