"""How an organisation counts its figures, each choice a version that stays; and what customers are asked and answer."""

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


class Survey(OfTenant):
    """What customers are asked by a link after a call: one row for each tenant. Texts are by language, ``{"en": …, "de": …}``."""

    on = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, default="csat")
    questions = models.JSONField(default=dict, blank=True)
    thanks = models.JSONField(default=dict, blank=True)
    expires_days = models.PositiveSmallIntegerField(default=14)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_survey_a_tenant")]

    def __str__(self) -> str:
        return self.kind


class SurveyLink(OfTenant):
    """An address that asks about one call, until it expires. Only the hash of its secret is kept."""

    call_id = models.CharField(max_length=36, db_index=True)
    kind = models.CharField(max_length=10)
    day = models.DateField()  # of the call, where the organisation is
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class DigitRule(OfTenant):
    """Where phone systems write which key callers pressed: a field of the records, and a pattern that its value must be.

    The score is ``score``, or, where that is None, what the pattern's first group holds.
    """

    field = models.CharField(max_length=120)
    pattern = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, default="csat")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return f"{self.field}: {self.pattern}"
