"""What an organisation says of itself: one row of its own for each tenant, its numbers, queues, hours and holidays."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant
from ringbook.desk.people.models import Person
from ringbook.model.scope import MAIN_TENANT

SERVICE_LEVEL_S = 20
"""Seconds within which a queue's calls should be answered, unless a queue says otherwise."""


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
    service_level_s = models.PositiveIntegerField(default=SERVICE_LEVEL_S)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_organisation_a_tenant")]

    def __str__(self) -> str:
        return self.name


class OurNumber(OfTenant):
    """A number of ours that people outside call: written as the records write it, with what it is for."""

    number = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    purpose = models.CharField(max_length=240, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="our_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.number})"


class ExtensionName(OfTenant):
    """What an extension is called: a room, a door phone, a fax; people are named by their seats."""

    extension = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("extension",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "extension"], name="extension_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.extension} {self.name}"


class QueueName(OfTenant):
    """A queue as the phone system writes it, and how people call it."""

    queue = models.CharField(max_length=120)
    name = models.CharField(max_length=120, blank=True, default="")
    service_level_s = models.PositiveIntegerField(null=True, blank=True)  # None: the organisation's
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("queue",)
        constraints = [models.UniqueConstraint(fields=["tenant", "queue"], name="queue_named_once")]

    def __str__(self) -> str:
        return self.name or self.queue


class BusinessHours(OfTenant):
    """The week of a tenant: for each weekday from Monday, spans of minutes since midnight on the organisation's clock."""

    week = models.JSONField(default=list)  # seven lists of [opens, closes]; 1440 closes at midnight
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_week_a_tenant")]


class Holiday(OfTenant):
    """A day that is not as others: closed, or open at other hours."""

    date = models.DateField()
    name = models.CharField(max_length=120)
    spans = models.JSONField(default=list, blank=True)  # [opens, closes] in minutes; empty: closed
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("date",)
        constraints = [models.UniqueConstraint(fields=["tenant", "date"], name="one_holiday_a_day")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class SilenceAlarm(OfTenant):
    """How long a source may bring nothing before somebody should look."""

    source = models.CharField(max_length=120)
    within_minutes = models.PositiveIntegerField()
    in_hours = models.BooleanField(default=True)  # only business hours count
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "source"], name="one_alarm_a_source")]


class Upload(OfTenant):
    """Files that somebody uploaded, on their way into the ledger: looked at first, then imported or thrown away."""

    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=2, blank=True)
    format = models.CharField(max_length=64, blank=True)  # empty: told from each file
    files = models.JSONField(default=list)  # name, size and stored (the name in the folder) of each
    job = models.UUIDField(null=True)  # set once it is imported

    class Meta:
        ordering = ("-made_at",)


def organisation(tenant: str = MAIN_TENANT) -> Organisation:
    """The organisation of a tenant; a blank one until it was described."""
    return Organisation.objects.filter(tenant=tenant).first() or Organisation(tenant=tenant)
