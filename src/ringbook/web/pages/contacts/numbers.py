"""Numbers as a viewer may see them."""

from __future__ import annotations

from ringbook.model.masking import masked_number, masked_text
from ringbook.model.scope import Scope
from ringbook.web.viewer import Viewer


def number_shown(viewer: Viewer, number: str) -> str:
    """The number, or what a masked viewer may see of it."""
    return masked_number(number) if viewer.scope.masked else number


def text_shown(viewer: Viewer, text: str) -> str:
    """A text that people or phone systems wrote, without numbers for a masked viewer."""
    return masked_text(text) if viewer.scope.masked else text


def unmasked(scope: Scope) -> Scope:
    """The same calls, for a question of ours that names a contact's numbers; what it finds is masked when it is shown."""
    return Scope(scope.tenant, scope.reaches)
