"""What can be wrong with reports, alerts and their way out.

::

    DeliveryError (AskError)      a report or an alert that cannot be made or sent as asked
    └── PostError                 one attempt to send failed; ``lasting`` says whether trying again can help
"""

from __future__ import annotations

from ringbook.model.errors import AskError


class DeliveryError(AskError):
    """A report or an alert that cannot be made or sent as asked."""


class PostError(DeliveryError):
    """An attempt to send failed; with ``lasting`` there is no sense in another one."""

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting
