"""A person's request and where it stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ringbook.desk.base import OfTenant


class RequestKind(models.TextChoices):
    """What the person asks for."""

    ERASURE = "erasure", _("Erasure: to be forgotten")
    ACCESS = "access", _("Access: to be told what is kept")


class RequestState(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("Being prepared")
    WAITING = "waiting", _("Waits for a second person")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RUNNING = "running", _("Running")
    HELD = "held", _("Waits for a legal hold")
    DONE = "done", _("Done")


OPEN = (RequestState.DRAFT, RequestState.WAITING, RequestState.RUNNING, RequestState.HELD)
"""States in which something is still to be done."""


class Basis(models.TextChoices):
    """Why the person may ask that: GDPR articles 15 and 17, and what other laws have in their place."""

    NOT_NEEDED = "not-needed", _("No longer needed for what it was collected for")
    CONSENT = "consent", _("Consent was withdrawn")
    OBJECTION = "objection", _("The person objects, and nothing outweighs that")
    UNLAWFUL = "unlawful", _("It was kept without a lawful ground")
    DUTY = "duty", _("A law demands it")
    ACCESS = "access", _("The person's right to be told")
    OTHER = "other", _("Another reason")


class PersonRequest(OfTenant):
    """One request. ``identifiers`` say who the person is: numbers, names, e-mails, contacts; ``by_name`` whether calls are theirs
    that carry no number of theirs but a name.

    Whoever asked for it is not who decides. Once an erasure is done, nothing that says who the person was stays in this row:
    ``subject`` and ``identifiers`` are emptied.
    """

    kind = models.CharField(max_length=10, choices=RequestKind.choices)
    state = models.CharField(
        max_length=10, choices=RequestState.choices, default=RequestState.DRAFT, db_index=True
    )
    subject = models.CharField(max_length=200, blank=True, default="")
    identifiers = models.JSONField(default=dict)
    received_on = models.DateField()
    due_on = models.DateField()
    basis = models.CharField(max_length=12, choices=Basis.choices, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_by_name = models.CharField(max_length=120, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True, default="")
    preview = models.JSONField(default=dict)  # counts, as they were when it was submitted
    warrant = models.CharField(max_length=36, blank=True, default="")
    job = models.UUIDField(null=True)
    report = models.JSONField(default=dict)  # what was done, in counts
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("due_on", "made_at")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    @property
    def reference(self) -> str:
        """What it is called in letters and in the audit log."""
        return str(self.pk).split("-")[0].upper()

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN
