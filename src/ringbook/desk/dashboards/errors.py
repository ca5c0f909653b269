"""What can be wrong with a dashboard.

::

    DashboardError (AskError)   the dashboard or the wallboard cannot be kept so; the text says what can be done instead
"""

from __future__ import annotations

from ringbook.model.errors import AskError


class DashboardError(AskError):
    """The dashboard or the wallboard cannot be kept so."""
