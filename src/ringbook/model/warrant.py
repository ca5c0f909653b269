"""Warrants: why something may be removed. Every path that removes calls, records or audio for good asks for one."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ringbook.model.instant import Instant


class Ground(StrEnum):
    """What a warrant rests on."""

    RETENTION = "retention"  # a rule: kept long enough
    ERASURE = "erasure"  # a person asked to be forgotten, and a second person agreed
    DO_NOT_RECORD = "do_not_record"  # should never have been recorded
    MASKING = "masking"  # the original of a recording whose card data were silenced
    UNDO = "undo"  # an import that was a mistake
    BY_HAND = "by_hand"  # somebody with the right to


class Warrant(msgspec.Struct, frozen=True, kw_only=True):
    """Leave to remove, in the hands of whoever removes. Only ``ringbook.desk.retention.warrants`` makes them.

    ``reference`` names the rule (with its version), request, hold or job that it rests on; ``by`` is who decided: a person's
    id, or ``rule`` when nobody was asked. It stands on the tombstone of all that was removed under it.
    """

    id: str
    tenant: str
    ground: Ground
    reference: str
    reason: str
    by: str
    issued_at: Instant
