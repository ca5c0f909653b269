"""Why a statement is refused, apart from what reads it: that takes longer to load than most processes need it."""

from __future__ import annotations

from ringbook.model.errors import AskError

LONGEST = 20_000
"""Characters of a statement."""


class SqlError(AskError):
    """A statement that is not taken, or that the engine could not carry out: what is wrong and what to do."""
