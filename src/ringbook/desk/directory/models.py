"""Contacts, companies and their numbers; what was done to them; imports; call-backs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ringbook.desk.base import OfTenant
from ringbook.desk.people.models import Person


class Company(OfTenant):
    """An organisation that contacts belong to. ``sort_name`` is the name without regard to case, to order and find by."""

    name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=200, editable=False, default="")
    website = models.CharField(max_length=300, blank=True, default="")
    note = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "sort_name", "id"], name="company_by_name")]

    def __str__(self) -> str:
        return self.name


class ContactState(models.TextChoices):
    """Whether a contact is in use."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    MERGED = "merged"  # its numbers went to another, which ``merged_into`` names


class Contact(OfTenant):
    """A person (or a place) that has numbers. ``haystack`` is what a search by part reads: all texts, case folded."""

    name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=200, editable=False, default="")
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    title = models.CharField(max_length=120, blank=True, default="")
    emails = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, default="")
    labels = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=ContactState.choices, default=ContactState.ACTIVE)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    haystack = models.TextField(editable=False, default="")
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "state", "sort_name", "id"], name="contact_by_name")]

    def __str__(self) -> str:
        return self.name


class NumberLabel(models.TextChoices):
    """What kind of line a number is."""

    MOBILE = "mobile", _("Mobile")
    WORK = "work", _("Work")
    HOME = "home", _("Home")
    FAX = "fax", _("Fax")
    OTHER = "other", _("Other")


class ContactNumber(OfTenant):
    """A number of a contact: E.164 where it can be, else the digits written; ``raw`` as somebody typed it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=40)
    raw = models.CharField(max_length=80)
    label = models.CharField(max_length=10, choices=NumberLabel.choices, default=NumberLabel.OTHER)
    place = models.PositiveSmallIntegerField(default=0)  # the order in which the contact's numbers are shown

    class Meta:
        ordering = ("place", "number")
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="one_contact_a_number")]

    def __str__(self) -> str:
        return self.number


class Import(OfTenant):
    """A file of contacts that was taken in, or is being looked through before it is."""

    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default="preview")  # preview, running, done, undone, failed
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    options = models.JSONField(default=dict)  # column mapping, encoding, what is done with duplicates
    counts = models.JSONField(default=dict)
    job = models.UUIDField(null=True)

    class Meta:
        ordering = ("-made_at",)


class ContactChange(OfTenant):
    """Something that was done to a contact: who, when, and how it was before and after. It goes with the contact."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(max_length=20)  # added, changed, merged, imported, archived, restored, undone
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    other = models.UUIDField(null=True)  # the contact that was merged in
    undone = models.BooleanField(default=False)
    part_of = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="changes"
    )

    class Meta:
        ordering = ("-at", "-id")


class PendingName(models.Model):
    """A number whose name in the ledger's search copy is not yet what the directory says."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=64)
    number = models.CharField(max_length=40)


class CallbackState(models.TextChoices):
    """What was decided about somebody who was missed."""

    OPEN = "open"
    DONE = "done"
    IGNORED = "ignored"


class Callback(OfTenant):
    """Who takes care of somebody who was missed, and whether that is settled.

    ``party`` is a number or ``contact:ID``. What is settled is settled for calls up to ``settled_until`` (µs): whoever tries
    again after it waits again.
    """

    party = models.CharField(max_length=80)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=CallbackState.choices, default=CallbackState.OPEN)
    reason = models.CharField(max_length=300, blank=True, default="")
    settled_until = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "party"], name="one_callback_a_party")]
