"""A call as it leaves the server: the public shape, within what the viewer may know."""

from __future__ import annotations

from typing import Any

from ringbook.model.call import Call
from ringbook.model.public import public
from ringbook.web.viewer import Viewer


def shown(viewer: Viewer, call: Call) -> dict[str, Any]:
    """The public shape of a call, masked for a viewer who may not see numbers."""
    shape = public(call)
    if viewer.scope.masked:
        from ringbook.model.masking import masked

        return dict(masked(shape))
    return shape
