"""Saved views, chosen columns and jobs."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ringbook.desk.base import OfTenant


class SavedView(OfTenant):
    """A question under a name; shared ones are seen by everybody of the tenant, each within their own scope.

    One that was deleted is kept, so that the deletion can be undone.
    """

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True, default="")
    columns = models.JSONField(default=list, blank=True)  # empty: those that the person chose
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position", "made_at", "id")

    def __str__(self) -> str:
        return self.name


class ColumnChoice(OfTenant):
    """The columns that a person wants to see in a table, in order."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="column_choices"
    )
    table = models.CharField(max_length=40)  # calls
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "table"], name="one_choice_a_table")]


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(OfTenant):
    """Work in the background for a person, or for a program with a token: see ``workspace.jobs``.

    ``scope`` is what the owner might see when it was run: a result is given out only to who may still see all of that.
    """

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs"
    )
    token = models.CharField(max_length=64, blank=True, default="")
    actor_name = models.CharField(max_length=120, blank=True, default="")
    scope = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED, db_index=True)
    params = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True, default="")
    interrupted = models.BooleanField(default=False)
    cancel_wanted = models.BooleanField(default=False)
    result_file = models.CharField(max_length=120, blank=True, default="")  # in the folder of exports
    result_name = models.CharField(max_length=200, blank=True, default="")  # as the owner sees it
    result_type = models.CharField(max_length=100, blank=True, default="")
    result_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # of the result

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.title

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def downloadable(self) -> bool:
        """Whether there is a result to fetch."""
        return self.state == JobState.DONE and bool(self.result_file)
