"""What a reader may see. Every read of the ledger takes a scope; there is no unscoped read path."""

from __future__ import annotations

import msgspec

from ringbook.model.instant import Instant

MAIN_TENANT = "main"


class Reach(msgspec.Struct, frozen=True):
    """The calls in which one of these phones took part, or that went through one of these queues, begun within a time.

    ``since`` is the first instant, ``until`` the first one no longer; None is no limit. Without phones and queues there are none.
    """

    extensions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    since: Instant | None = None
    until: Instant | None = None


class Scope(msgspec.Struct, frozen=True):
    """The calls one reader may see: of one tenant, all of them or those within one of its reaches.

    A ``masked`` reader sees no whole telephone number of the outside world, and cannot find one by guessing its digits.
    """

    tenant: str = MAIN_TENANT
    reaches: tuple[Reach, ...] | None = None
    masked: bool = False

    @property
    def restricted(self) -> bool:
        """Whether the reader sees some calls of the tenant only."""
        return self.reaches is not None

    def whole(self) -> Scope:
        """All calls of the tenant: for reads about something that this reader was found to be allowed to see."""
        return Scope(self.tenant)
