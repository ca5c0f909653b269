"""The audit log: entries that each carry a hash over the one before, so that none can be changed or taken out unseen."""

from __future__ import annotations

from django.db import models

from ringbook.model.scope import MAIN_TENANT


class AuditEntry(models.Model):
    """One thing that somebody did or saw.

    ``hash`` covers everything but ``detail`` and ``salt``, of which it covers ``detail_hash``: a detail may be erased when the
    law says so (both are emptied then) and the chain still holds.
    """

    seq = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=64, default=MAIN_TENANT, db_index=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)  # person:UUID, token:UUID, system, nobody
    actor_name = models.CharField(max_length=120, blank=True)  # as it was then
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=120, blank=True, db_index=True)  # call:ID, person:UUID…
    address = models.CharField(max_length=64, blank=True)  # where the request came from
    detail = models.TextField(blank=True)  # JSON
    salt = models.CharField(max_length=32, blank=True)
    detail_hash = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("seq",)
