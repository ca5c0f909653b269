"""What the organisation has decided about how long things are kept, what was done about it, and what is held."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ringbook.desk.base import OfTenant


class Kept(models.TextChoices):
    """What is kept for a time of its own."""

    CALLS = "calls", _("calls")
    RECORDINGS = "recordings", _("recordings")
    NOTES = "notes", _("notes")
    FRAMES = "frames", _("raw records")


class RetentionRule(OfTenant):
    """That things of a kind are removed: those of the calls that answer a question, by age, or the oldest beyond a size."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kept.choices)
    query = models.CharField(max_length=2000, blank=True, default="")  # empty: all
    days = models.PositiveIntegerField(null=True, blank=True)  # older ones are removed
    most_bytes = models.PositiveBigIntegerField(null=True, blank=True)  # of recordings, in the vault
    on = models.BooleanField(default=False)
    on_since = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("kind", "made_at", "id")

    def __str__(self) -> str:
        return self.name


class RuleVersion(OfTenant):
    """A rule as it once read, who made it so and why, and what it would have removed then."""

    rule = models.ForeignKey(RetentionRule, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    values = models.JSONField()
    reason = models.CharField(max_length=500, blank=True, default="")
    preview = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=["rule", "version"], name="one_reading_a_version"),)


class RetentionLimit(OfTenant):
    """For a kind of thing, the days before which nothing is removed, and after which everything is."""

    kind = models.CharField(max_length=12, choices=Kept.choices)
    least_days = models.PositiveIntegerField(null=True, blank=True)
    most_days = models.PositiveIntegerField(null=True, blank=True)
    since = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("kind",)
        constraints = (models.UniqueConstraint(fields=["tenant", "kind"], name="one_limit_a_kind"),)


class RetentionClock(OfTenant):
    """When the rules are applied: at an hour of the organisation's clock, unless somebody said to wait."""

    hour = models.PositiveSmallIntegerField(default=3)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by_name = models.CharField(max_length=120, blank=True, default="")
    paused_reason = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="one_retention_clock"),)


class RunState(models.TextChoices):
    """How far a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)
"""States in which a run is not over."""


class RetentionRun(OfTenant):
    """One application of all rules, as they were when it began, to what was old enough at one instant."""

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED, db_index=True)
    wanted = models.CharField(
        max_length=10, blank=True, default=""
    )  # paused or cancelled, when somebody said so
    as_of = models.BigIntegerField()  # µs
    policy = models.JSONField(default=dict)  # rules and limits, as they were
    stage = models.CharField(max_length=12, blank=True, default="")
    cursor = models.CharField(max_length=200, blank=True, default="")
    counts = models.JSONField(default=dict)  # kind -> rule -> {things, bytes…}
    kept = models.JSONField(default=dict)  # kind -> {held, young}
    warrants = models.JSONField(default=dict)  # rule -> id
    digests = models.JSONField(default=dict)  # kind -> sha256 over the ordered ids
    physical = models.CharField(max_length=8, blank=True, default="")  # hidden, gone
    gone_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True, default="")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-id")

    @property
    def over(self) -> bool:
        """Whether nothing more will be removed by it."""
        return self.state not in UNDER_WAY


class RunStep(models.Model):
    """Some things that a run removes together: written down before they go, so that a crash in between is made good."""

    run = models.ForeignKey(RetentionRun, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kept.choices)
    chosen = models.JSONField()  # rule -> ids
    after = models.CharField(max_length=200, blank=True)  # where the walk goes on
    kept = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["run", "number"], name="one_step_a_number"),)


class Hold(OfTenant):
    """That calls must not be removed, whatever a rule says: those chosen, and those that answer a question."""

    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000)
    query = models.CharField(max_length=2000, blank=True, default="")
    zone = models.CharField(max_length=64, default="UTC")  # in which the question was asked
    follows = models.BooleanField(
        default=True
    )  # calls that come to answer the question later are held as well
    fixed_at = models.DateTimeField(
        null=True, blank=True
    )  # when all that answered when it was placed were fixed
    review_on = models.DateField()
    placed_at = models.DateTimeField(auto_now_add=True)
    placed_by = models.CharField(max_length=80)
    placed_by_name = models.CharField(max_length=120)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_name = models.CharField(max_length=120, blank=True, default="")
    released_reason = models.CharField(max_length=1000, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-placed_at", "id")

    def __str__(self) -> str:
        return self.name


class HeldCall(models.Model):
    """A call that a hold was placed on by itself, or that answered its question when it was placed."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="calls")
    call_id = models.CharField(max_length=36, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["hold", "call_id"], name="one_hold_a_call"),)
