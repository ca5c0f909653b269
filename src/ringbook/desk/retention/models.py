"""What was decided about keeping and removing."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant
from ringbook.desk.retention.records import (
    HeldCall,
    Hold,
    RetentionClock,
    RetentionLimit,
    RetentionRule,
    RetentionRun,
    RuleVersion,
    RunStep,
)

__all__ = [
    "HeldCall",
    "Hold",
    "RetentionClock",
    "RetentionLimit",
    "RetentionRule",
    "RetentionRun",
    "RuleVersion",
    "RunStep",
    "WarrantIssued",
]


class WarrantIssued(OfTenant):
    """A warrant as it was issued: see ``ringbook.model.warrant``. It is never changed or deleted."""

    ground = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True, default="")
    by = models.CharField(max_length=80)
    issued_at = models.BigIntegerField(db_index=True)  # an Instant

    class Meta:
        ordering = ("-issued_at", "id")
