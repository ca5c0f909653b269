"""How an organisation counts its figures, each choice a version that stays; and what customers answered when asked."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant


class Chosen(OfTenant):
    """All choices as they were from one moment on. Rows are only ever added: a figure names the version it was counted by."""

    version = models.PositiveIntegerField()
    figures = models.JSONField(
        default=dict
    )  # figure → variant, threshold_s, short_s; what is missing is as usual
    resolved = models.JSONField(default=list)  # outcome codes
    not_resolvable = models.JSONField(default=list)
    chosen_at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=80)  # as the audit log writes actors
    by_name = models.CharField(max_length=200, blank=True, default="")
    changed = models.CharField(max_length=80, blank=True, default="")  # the figure, or "outcome codes"

    class Meta:
        ordering = ("-version",)
        constraints = [models.UniqueConstraint(fields=["tenant", "version"], name="one_choice_a_version")]

    def __str__(self) -> str:
        return f"version {self.version}"


class SurveyAnswer(OfTenant):
    """What a customer answered about a call. A later answer of the same kind takes its place."""

    call_id = models.CharField(max_length=36, db_index=True)
    kind = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField()
    via = models.CharField(max_length=10)
    comment = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now=True)
    by = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("call_id", "kind")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "call_id", "kind"], name="one_answer_a_call_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"
