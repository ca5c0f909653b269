"""What can be wrong with tokens.

::

    TokenError (AskError)      a token that cannot be made or used as asked
    ├── UnknownTokenError      there is no such token
    └── RefusedTokenError      the token that was shown opens nothing; the text says why and what to do
"""

from __future__ import annotations

from ringbook.model.errors import AskError


class TokenError(AskError):
    """A token that cannot be made as asked."""


class UnknownTokenError(TokenError):
    """There is no such token."""


class RefusedTokenError(TokenError):
    """The token that was shown opens nothing."""
