"""What the records of the desk have in common: a public id and a tenant."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models

from ringbook.model.scope import MAIN_TENANT, Scope


class OfTenantQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Records, of which a reader sees those of the reader's tenant."""

    def within(self, scope: Scope) -> Self:
        """Those of the scope's tenant."""
        return self.filter(tenant=scope.tenant)


class OfTenant(models.Model):
    """A record of one tenant, known outside by a random id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.CharField(max_length=64, default=MAIN_TENANT, db_index=True, editable=False)

    objects = OfTenantQuerySet.as_manager()

    class Meta:
        abstract = True
