"""Reports, alerts, webhooks, and the log of what was sent to whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ringbook.desk.base import OfTenant

PERSON = settings.AUTH_USER_MODEL


class Period(models.TextChoices):
    """What stretch of days a report is about, seen from the day on which it is due."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last-7-days"
    LAST_WEEK = "last-week"
    LAST_28_DAYS = "last-28-days"
    LAST_MONTH = "last-month"
    LAST_QUARTER = "last-quarter"


class Compare(models.TextChoices):
    """What a report sets beside its figures."""

    NOTHING = "nothing"
    BEFORE = "before"
    YEAR = "year"


class Every(models.TextChoices):
    """How often a report goes out."""

    NEVER = "never"  # only when somebody says so
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Hours(models.TextChoices):
    """Which calls count, by business hours."""

    ALL = "all"
    OPEN = "open"
    CLOSED = "closed"


class Outgoing(OfTenant):
    """What reports and alerts have in common: who made them, in whose name they go out, and to whom.

    ``sender`` is who changed it last. Addresses outside get what the sender may see; people get what they may see themselves.
    """

    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64, default="UTC")
    query = models.CharField(max_length=2000, blank=True, default="")
    addresses = models.JSONField(default=list, blank=True)
    people = models.ManyToManyField(PERSON, related_name="+", blank=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    paused = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Report(Outgoing):
    """Some figures about a stretch of days, sent when the calendar says so.

    ``figures`` is a list of ``{figure, by, variant, threshold_s, short_s}``; ``at_minute`` counts from midnight in ``zone``.
    """

    intro = models.TextField(max_length=2000, blank=True, default="")
    figures = models.JSONField(default=list)
    period = models.CharField(max_length=20, choices=Period.choices, default=Period.LAST_WEEK)
    compare = models.CharField(max_length=10, choices=Compare.choices, default=Compare.BEFORE)
    hours = models.CharField(max_length=8, choices=Hours.choices, default=Hours.ALL)
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(default=0)  # 0 Monday
    monthday = models.PositiveSmallIntegerField(default=1)  # beyond the month's end: its last day
    at_minute = models.PositiveSmallIntegerField(default=420)
    with_pdf = models.BooleanField(default=True)
    with_xlsx = models.BooleanField(default=False)

    class Meta:
        ordering = ("name", "made_at")


class RunState(models.TextChoices):
    """Where the making of a report stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ReportRun(OfTenant):
    """One making of a report: by the calendar (``due_at`` is then unique for it), or because somebody asked for it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=120, blank=True, default="")
    late = models.BooleanField(default=False)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING, db_index=True)
    problem = models.TextField(blank=True, default="")
    versions = models.JSONField(
        default=dict, blank=True
    )  # figure → the version, variant and thresholds it was computed by
    began_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-due_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "due_at"], condition=models.Q(by_hand=False), name="one_run_a_due_time"
            ),
        ]


class Webhook(OfTenant):
    """An address of a program that alerts are posted to, signed. Its secret is derived from the home's key and ``generation``."""

    name = models.CharField(max_length=120)
    url = models.CharField(max_length=500)
    generation = models.PositiveIntegerField(default=1)
    made_by_name = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("name", "made_at")

    def __str__(self) -> str:
        return self.name


class AlertKind(models.TextChoices):
    """What an alert looks for."""

    THRESHOLD = "threshold"
    ANOMALY = "anomaly"
    SILENCE = "silence"


class AlertState(models.TextChoices):
    """What an alert saw when it looked last."""

    UNSEEN = "unseen"
    FINE = "fine"
    OFF = "off"
    UNKNOWN = "unknown"  # nothing can be said: too few calls, too little history
    BROKEN = "broken"  # it cannot be asked any more: the message says why


class Alert(Outgoing):
    """A figure that should stay within bounds, or a source that should not fall silent.

    ``window_minutes`` is the stretch up to now that the figure is computed over; 0 is today since midnight.
    """

    kind = models.CharField(max_length=10, choices=AlertKind.choices, default=AlertKind.THRESHOLD)
    figure = models.CharField(max_length=60, blank=True, default="")
    column = models.CharField(max_length=60, blank=True, default="")  # empty: the figure's headline
    variant = models.CharField(max_length=8, blank=True, default="")
    threshold_s = models.FloatField(null=True, blank=True)
    window_minutes = models.PositiveIntegerField(default=60)
    above = models.BooleanField(default=True)  # off when above the limit; else when below it
    either = models.BooleanField(default=False)  # an anomaly on either side
    limit = models.FloatField(null=True, blank=True)
    at_least = models.PositiveIntegerField(default=1)  # calls below which nothing is said
    sensitivity = models.FloatField(default=4.0)  # robust standard deviations from what is usual
    weeks = models.PositiveSmallIntegerField(default=8)
    source = models.CharField(max_length=120, blank=True, default="")  # empty: any of them
    within_minutes = models.PositiveIntegerField(default=60)
    in_hours = models.BooleanField(default=False)  # looked at in business hours only
    every_minutes = models.PositiveIntegerField(default=5)
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)  # minutes since midnight
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    remind_hours = models.PositiveSmallIntegerField(default=0)  # 0: never
    tell_end = models.BooleanField(default=True)
    webhooks = models.ManyToManyField(Webhook, related_name="alerts", blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=AlertState.choices, default=AlertState.UNSEEN)
    value = models.FloatField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("name", "made_at")


class AlertEpisode(OfTenant):
    """A stretch of time in which an alert's figure was off: told once, however long it lasts."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="episodes")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)  # when it opened
    worst = models.FloatField(null=True, blank=True)
    last = models.FloatField(null=True, blank=True)
    told = models.TextField(blank=True, default="")  # what was off, in words
    calls_query = models.TextField(blank=True, default="")
    seen = models.JSONField(default=dict, blank=True)  # what it was judged by
    calm = models.PositiveSmallIntegerField(default=0)  # looks in a row that found it fine
    told_at = models.DateTimeField(null=True, blank=True)  # None: quiet hours, so far
    reminded_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)  # from then on nobody is reminded
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["alert"], condition=models.Q(closed_at=None), name="one_open_episode_an_alert"
            ),
        ]


class Channel(models.TextChoices):
    """How something goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Sent(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  # its recipient may not have it; the problem says why


class Occasion(models.TextChoices):
    """Why something was sent."""

    REPORT = "report"
    OPENED = "opened"
    REMINDER = "reminder"
    CLOSED = "closed"
    TEST = "test"


class Delivery(OfTenant):
    """One message to one recipient, with all that was tried. ``body`` is kept only until it is delivered or given up."""

    run = models.ForeignKey(ReportRun, null=True, on_delete=models.CASCADE, related_name="deliveries")
    episode = models.ForeignKey(AlertEpisode, null=True, on_delete=models.CASCADE, related_name="deliveries")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="deliveries")
    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.MAIL)
    address = models.CharField(max_length=500)
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.SET_NULL, related_name="+")
    person = models.ForeignKey(PERSON, null=True, on_delete=models.SET_NULL, related_name="+")
    seen_as = models.CharField(max_length=120, blank=True, default="")  # whose calls it tells of
    subject = models.CharField(max_length=300, blank=True, default="")
    body = models.BinaryField(default=b"")
    size = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=Sent.choices, default=Sent.WAITING)
    problem = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "id")


class Attempt(models.Model):
    """One try to deliver; ``problem`` is empty when it worked."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    problem = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("at", "id")
