"""How changes of calls are made: all of them, their audit entry and the mark for the search copy, or none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from ringbook.desk.annotations import sync
from ringbook.desk.annotations.acting import By
from ringbook.desk.annotations.models import Change
from ringbook.desk.governance import audit


@contextmanager
def changing(by: By, action: str, batch: uuid.UUID, **detail: Any) -> Iterator[list[Change]]:
    """Collects changes; saves, audits and marks them for the ledger in one transaction, then puts the search copies there.

    Whatever happens to the ledger, the change stands once this ends.
    """
    changes: list[Change] = []
    with transaction.atomic():
        yield changes
        calls = sorted({one.call_id for one in changes})
        if not calls:
            return
        Change.objects.bulk_create(changes)
        subject = f"call:{calls[0]}" if len(calls) == 1 else ""
        more = {} if len(calls) == 1 else {"calls": len(calls)}
        audit.record(by.actor, action, subject, batch=batch, **more, **detail)
        sync.mark(by.scope.tenant, calls)
    sync.put(by.scope.tenant, calls)
