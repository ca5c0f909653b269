"""Who annotates, from the viewer of a request."""

from __future__ import annotations

from ringbook.desk.annotations.edit import By
from ringbook.web.viewer import Viewer


def by(viewer: Viewer) -> By:
    """The viewer as the one who changes what is added to calls."""
    return By(viewer.actor, viewer.scope, viewer.person)
