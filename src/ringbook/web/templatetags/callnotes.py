"""What people wrote about calls, as it stands on pages: ``{% load callnotes %}``. Text stays text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from ringbook.desk.annotations.mentions import HANDLE
from ringbook.model.masking import masked_text

register = template.Library()

LONGEST_LINK = 2_000
_LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^]{3,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]»”’"


@register.simple_tag(takes_context=True)
def prose(context: Mapping[str, Any], text: str) -> SafeString:
    """A text with its links and mentions; everything in it is escaped. Masked readers see no numbers in it."""
    return linked(said(context, text))


@register.simple_tag(takes_context=True)
def said(context: Mapping[str, Any], text: str) -> str:
    """A text as the viewer may read it."""
    viewer = context["request"].viewer
    return masked_text(text) if viewer.scope.masked else text


def linked(text: str) -> SafeString:
    """The text escaped, its web addresses and mentions marked up."""
    parts: list[str] = []
    place = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TRAILING)
        parts.append(_mentioned(text[place : found.start()]))
        parts.append(
            format_html(
                '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', address, address
            )
        )
        place = found.start() + len(address)
    parts.append(_mentioned(text[place:]))
    return mark_safe("".join(parts))  # every part was escaped


def _mentioned(text: str) -> str:
    parts: list[str] = []
    place = 0
    for found in HANDLE.finditer(text):
        parts.append(escape(text[place : found.start()]))
        parts.append(format_html('<span class="mention">{}</span>', found[0]))
        place = found.end()
    parts.append(escape(text[place:]))
    return "".join(parts)
