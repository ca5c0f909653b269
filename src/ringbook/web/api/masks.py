"""Values without the telephone numbers of the outside world, for viewers who are not to see them."""

from __future__ import annotations

from typing import Any

from ringbook.model.masking import masked
from ringbook.web.viewer import Viewer


def hidden(viewer: Viewer, shape: dict[str, Any]) -> dict[str, Any]:
    """The shape as the viewer may see it."""
    return masked(shape) if viewer.scope.masked else shape
