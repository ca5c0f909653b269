"""Notes pinned to a moment of a recording, and clips: parts of recordings that are worth hearing again."""

from __future__ import annotations

from django.db import models

from ringbook.desk.annotations.models import Note
from ringbook.desk.base import OfTenant
from ringbook.desk.people.models import Person


class Moment(OfTenant):
    """Where in which recording a note on its call stands."""

    note = models.OneToOneField(Note, on_delete=models.CASCADE, related_name="moment")
    recording = models.CharField(max_length=36, db_index=True)
    at_s = models.FloatField()

    class Meta:
        ordering = ("at_s", "id")


class Clip(OfTenant):
    """A part of a recording, from one second to another. A removed one is hidden and kept."""

    recording = models.CharField(max_length=36, db_index=True)
    start_s = models.FloatField()
    stop_s = models.FloatField()
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True, default="")
    shared = models.BooleanField(default=False)  # with everybody who may hear the recording
    maker = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    maker_actor = models.CharField(max_length=80)
    maker_name = models.CharField(max_length=120)  # as it was then
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-made_at", "id")

    def __str__(self) -> str:
        return self.title
