"""The organisation: one row for each tenant."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant
from ringbook.model.scope import MAIN_TENANT


class Organisation(OfTenant):
    """What holds for everybody of a tenant until somebody says otherwise for themselves."""

    name = models.CharField(max_length=120, blank=True, default="")
    zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=12, blank=True, default="")
    country = models.CharField(
        max_length=2, blank=True, default=""
    )  # ISO 3166: holidays, numbers as people write them
    week_starts_on = models.PositiveSmallIntegerField(default=0)  # 0 Monday … 6 Sunday
    masked_roles = models.JSONField(default=list, blank=True)  # roles that see no whole outside number
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_organisation_a_tenant")]

    def __str__(self) -> str:
        return self.name


def organisation(tenant: str = MAIN_TENANT) -> Organisation:
    """The organisation of a tenant; a blank one until it was described."""
    return Organisation.objects.filter(tenant=tenant).first() or Organisation(tenant=tenant)
