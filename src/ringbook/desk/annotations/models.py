"""What people add to calls, who did and when; what was there before is kept.

Calls are named by the id that they had when something was added; one that was joined into another since is found through it
(``annotations.joined``).
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models.functions import Lower

from ringbook.desk.base import OfTenant
from ringbook.desk.people.models import Person

COLOURS = 8


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    YES_NO = "yes-no"
    URL = "url"


class Tag(OfTenant):
    """A word that calls are marked with. An archived one stays on the calls that have it and is no longer offered."""

    name = models.CharField(max_length=60)
    colour = models.PositiveSmallIntegerField(default=1)  # 1 to 8, of the palette
    archived = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = (Lower("name"),)
        constraints = (models.UniqueConstraint("tenant", Lower("name"), name="one_tag_a_name"),)

    def __str__(self) -> str:
        return self.name


class OutcomeCode(OfTenant):
    """What came of a call for the business (a disposition): sale, wrong number, call back."""

    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    group = models.CharField(max_length=60, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("position", "label")
        constraints = (models.UniqueConstraint(fields=["tenant", "key"], name="one_outcome_a_key"),)

    def __str__(self) -> str:
        return self.label


class CustomField(OfTenant):
    """A field that the organisation wants on its calls."""

    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in FieldKind])
    choices = models.JSONField(default=list, blank=True)  # texts, for kind choice
    required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("position", "label")
        constraints = (models.UniqueConstraint(fields=["tenant", "key"], name="one_field_a_key"),)

    def __str__(self) -> str:
        return self.label


class OfCall(OfTenant):
    """Something that was added to a call."""

    call_id = models.CharField(max_length=36, db_index=True)

    class Meta:
        abstract = True


class Note(OfCall):
    """A note, as it reads now. A removed one is hidden and kept."""

    author = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    author_actor = models.CharField(max_length=80)  # person:UUID or token:UUID
    author_name = models.CharField(max_length=120)  # as it was then
    text = models.TextField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("made_at", "id")


class NoteVersion(OfTenant):
    """A note as it once read; the last one reads as the note does."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering = ("version",)
        constraints = (models.UniqueConstraint(fields=["note", "version"], name="one_text_a_version"),)


class Mention(OfTenant):
    """That a note mentions a person. One who may not see the call is not told of it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    told = models.BooleanField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "id")
        constraints = (models.UniqueConstraint(fields=["note", "person"], name="one_mention_a_note"),)


class CallTag(OfCall):
    """That a call was given a tag, and when it was taken off again."""

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=120)
    removed_at = models.DateTimeField(null=True)
    removed_by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("added_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "call_id", "tag"],
                condition=models.Q(removed_at=None),
                name="one_of_a_tag_a_call",
            ),
        )


class CallOutcome(OfCall):
    """The outcome code of a call as it is now; none once it was taken off. Earlier ones are among its changes."""

    code = models.ForeignKey(OutcomeCode, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "call_id"], name="one_outcome_a_call"),)


class Task(OfCall):
    """Something to do because of a call."""

    text = models.TextField(blank=True)
    owner = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="tasks")
    due_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=120)
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=120, blank=True, default="")
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("made_at", "id")
        indexes = (models.Index(fields=["owner", "done_at"], name="tasks_by_owner"),)


class FieldValue(OfCall):
    """What a custom field holds on a call; empty once it was taken out. Earlier values are among the call's changes."""

    field = models.ForeignKey(CustomField, on_delete=models.PROTECT, related_name="+")
    value = models.TextField(blank=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "call_id", "field"], name="one_value_a_field"),
        )


class Change(OfCall):
    """One thing that changed on a call. Those of one ``batch`` were done in one go and are taken back in one go."""

    kind = models.CharField(max_length=10)  # note, tag, outcome, task, field
    object_id = (
        models.UUIDField()
    )  # of the note or task; of the tag or field that the call has; of the call's outcome
    verb = models.CharField(max_length=20)
    at = models.DateTimeField()
    by_actor = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    batch = models.UUIDField(db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")


class LoggedCall(OfCall):
    """That a call was entered by hand: by whom, as which record, and what they called the request."""

    record_id = models.CharField(max_length=36, unique=True)
    handle = models.CharField(max_length=60)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    entry = models.JSONField(default=dict)  # what was entered, to be corrected from

    class Meta:
        ordering = ("at", "id")


class Unsynced(models.Model):
    """That the search copy of a call is to be put into the ledger. The row goes once the copy stands there."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=64)
    call_id = models.CharField(max_length=36, db_index=True)


class Joined(models.Model):
    """Where a call that people added something to led when its search copy was last made."""

    tenant = models.CharField(max_length=64)
    call_id = models.CharField(max_length=36, primary_key=True)
    leads_to = models.CharField(max_length=36)
