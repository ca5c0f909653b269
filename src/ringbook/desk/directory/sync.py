"""The ledger's copy of who numbers belong to, by which calls are searched: kept as the directory says, through a queue.

What changes is queued in the transaction that changes it. A ledger that cannot be reached loses nothing: the queue waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from django.db import transaction

from ringbook.desk import wiring
from ringbook.desk.directory.models import ContactNumber, PendingName
from ringbook.desk.directory.names import names_of
from ringbook.model.annotation import NamedNumber
from ringbook.model.errors import RingbookError
from ringbook.model.scope import MAIN_TENANT, Scope

_STEP = 2_000
_IN_ORDER = threading.Lock()
"""Two that wrote at once could leave the older name behind."""


def queue(tenant: str, numbers: Iterable[str]) -> None:
    """Have the ledger's copy of these numbers brought up to date once the transaction around is through."""
    waiting = [PendingName(tenant=tenant, number=number) for number in sorted(set(numbers))]
    if waiting:
        PendingName.objects.bulk_create(waiting, batch_size=500)
        transaction.on_commit(try_soon)


def try_soon() -> None:
    """Bring the copy up to date now if there is little to do and a ledger; else it waits for the next turn."""
    if wiring.wired() and PendingName.objects.count() <= _STEP:
        try:
            sync_pending()
        except RingbookError:
            return  # it stays queued


def sync_pending(limit: int = 1_000_000) -> int:
    """How many numbers were brought up to date.

    :raises RingbookError: the ledger cannot be written; what is not written stays queued.
    """
    done = 0
    with _IN_ORDER:
        while done < limit:
            rows = list(PendingName.objects.order_by("id")[:_STEP])
            if not rows:
                break
            for tenant in {row.tenant for row in rows}:
                _tell(tenant, sorted({row.number for row in rows if row.tenant == tenant}))
            PendingName.objects.filter(pk__in=[row.pk for row in rows]).delete()
            done += len(rows)
    return done


def queue_lost(tenant: str = MAIN_TENANT) -> int:
    """Queue all numbers of contacts if the ledger has no copy of any, as one that was made anew has none; how many."""
    sql = "SELECT count() FROM named_numbers WHERE tenant = {tenant:String}"
    if int(wiring.ledger().query_rows(Scope(tenant), sql)[0][0]):
        return 0
    numbers = ContactNumber.objects.within(Scope(tenant)).order_by().values_list("number", flat=True)
    waiting = [PendingName(tenant=tenant, number=number) for number in numbers.iterator()]
    return len(PendingName.objects.bulk_create(waiting, batch_size=500))


def _tell(tenant: str, numbers: list[str]) -> None:
    named = names_of(Scope(tenant), numbers)
    told = []
    for number in numbers:
        who = named.get(number)
        told.append(
            NamedNumber(number, who.contact_id, who.name, who.company) if who else NamedNumber(number)
        )
    wiring.ledger().name_numbers(tenant, told)
