"""What figures tell of themselves, in the language that is active: formulas, why calls were left out, notes."""

from __future__ import annotations

from django.utils.translation import gettext

from ringbook.analyse import texts


def said(told: str) -> str:
    """A formula, a reason or a note of a figure as people read it."""
    return texts.said(told, gettext) if told else ""
