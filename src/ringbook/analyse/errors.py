"""What can be wrong with asking for a figure.

::

    FigureError (AskError)     no such figure, dimension or variant, or a threshold that no call can have
"""

from __future__ import annotations

from ringbook.model.errors import AskError


class FigureError(AskError):
    """A figure that cannot be computed as asked; the text says what can be asked instead."""
