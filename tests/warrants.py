"""Warrants for tests: nothing is written down, nobody is asked."""

from __future__ import annotations

import uuid

from ringbook.model.scope import MAIN_TENANT
from ringbook.model.warrant import Ground, Warrant


def a_warrant(
    ground: Ground = Ground.BY_HAND,
    tenant: str = MAIN_TENANT,
    reference: str = "test",
    by: str = "a test",
    reason: str = "",
) -> Warrant:
    """A warrant of its own each time."""
    return Warrant(
        id=str(uuid.uuid4()),
        tenant=tenant,
        ground=ground,
        reference=reference,
        reason=reason,
        by=by,
        issued_at=1_760_000_000_000_000,
    )
