"""Saved dashboards and the links of wallboards."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ringbook.desk.base import OfTenant


class Dashboard(OfTenant):
    """Chosen figures in an order, under a name. Shared ones are seen by everybody, each within their own scope.

    ``period`` and ``against`` are words of the pages, or days as ``2026-11-01..2026-11-30``; against ``question`` means the calls
    of ``other_query``.
    ``panels`` are ``service.Panel`` as plain objects. One that was deleted is kept, so that the deletion can be undone.
    """

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True, default="")
    period = models.CharField(max_length=40, blank=True, default="")
    against = models.CharField(max_length=40, blank=True, default="")
    other_query = models.CharField(max_length=2000, blank=True, default="")
    hours = models.CharField(max_length=10, blank=True, default="")
    panels = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dashboards")
    shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return self.name


class WallboardLink(OfTenant):
    """An address that shows a wallboard without a session, until it is withdrawn. Only the hash of its secret is kept.

    What it shows is what ``owner`` may see, so it ends with the owner's account.
    """

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wallboard_links"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return self.name
