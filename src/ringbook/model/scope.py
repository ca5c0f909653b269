"""What a reader may see. Every read of the ledger takes a scope; there is no unscoped read path."""

from __future__ import annotations

import msgspec

MAIN_TENANT = "main"


class Scope(msgspec.Struct, frozen=True):
    """The calls one reader may see: those of one tenant."""

    tenant: str = MAIN_TENANT
