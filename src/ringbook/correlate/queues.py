"""The call as told by a queue's own log."""

from __future__ import annotations

from ringbook.correlate.account import Account, Evidence


def tell(evidence: Evidence) -> Account:
    """What this evidence tells about the call."""
    return Account()
