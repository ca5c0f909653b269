"""What the organisation decided about recording, and what people on calls said to it."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant


class ListedKind(models.TextChoices):
    """What an entry of the do-not-record list names."""

    NUMBER = "number"
    EXTENSION = "extension"
    QUEUE = "queue"


class ConsentState(models.TextChoices):
    """What is known of one party's say to being recorded. That nothing is known has no row."""

    ANNOUNCED = "announced"  # a prompt told them, and they stayed
    OPTED_IN = "opted_in"  # they said or pressed yes
    REFUSED = "refused"
    UNKNOWN = "unknown"  # what was known was withdrawn


class ConsentEvidence(models.TextChoices):
    """How it is known."""

    PROMPT = "prompt"
    MENU = "menu"  # what they chose in a menu
    API = "api"  # a program said so
    HAND = "hand"  # somebody of ours did


class Needs(models.TextChoices):
    """Whose leave recording takes where somebody is."""

    ONE_PARTY = "one_party"
    ALL_PARTIES = "all_parties"
    ANNOUNCEMENT = "announcement"  # all have to be told at the beginning
    FORBIDDEN = "forbidden"


class RecordingRule(OfTenant):
    """That a share of the calls that answer a question is to be recorded. The first rule that speaks of a call decides."""

    name = models.CharField(max_length=120)
    query = models.CharField(max_length=2000, blank=True, default="")  # empty: all answered calls
    percent = models.FloatField(default=100.0)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class DoNotRecord(OfTenant):
    """Calls of which no recording is kept; one that arrives is destroyed. ``earlier``: also those that were there before."""

    kind = models.CharField(max_length=10, choices=ListedKind.choices)
    value = models.CharField(max_length=120)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    earlier = models.BooleanField(default=False, editable=False)
    made_at = models.DateTimeField(editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("kind", "value")
        constraints = (models.UniqueConstraint(fields=["tenant", "kind", "value"], name="listed_once"),)

    def __str__(self) -> str:
        return self.value


def mask_begins() -> list[str]:
    """What the event is called with which a dialplan says that somebody begins to read a card out, unless told otherwise."""
    return ["card-begins"]


def mask_ends() -> list[str]:
    """The same for the end."""
    return ["card-ends"]


class Standard(OfTenant):
    """What holds for all recording of a tenant."""

    least_percent = models.PositiveSmallIntegerField(default=80)  # of the talk, for a recording to be whole
    grace_minutes = models.PositiveIntegerField(default=15)  # after a call, before its recording is missed
    alert_below = models.FloatField(default=0.0)  # percent recorded of the last week; 0: no alert
    prompts = models.JSONField(default=list, blank=True)  # announcements that say that a call is recorded
    destroy_refused = models.BooleanField(default=False)  # at once; else it is closed, and somebody decides
    mask_begins = models.JSONField(
        default=mask_begins, blank=True
    )  # events of a phone system: from here on nobody may hear it
    mask_ends = models.JSONField(default=mask_ends, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="one_standard_a_tenant"),)


class CountryRule(OfTenant):
    """What recording takes where the outside party is: a country, or the part of it in which numbers begin in some way."""

    country = models.CharField(max_length=2)
    area = models.CharField(max_length=120, blank=True, default="")
    prefixes = models.JSONField(default=list, blank=True)  # +1415…; empty: all of the country
    needs = models.CharField(max_length=14, choices=Needs.choices)
    basis = models.CharField(max_length=500, blank=True, default="")
    source = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("country", "area")
        constraints = (models.UniqueConstraint(fields=["tenant", "country", "area"], name="area_once"),)

    def __str__(self) -> str:
        return f"{self.country} {self.area}".strip()


class PolicyVersion(OfTenant):
    """A rule, entry, standard or country as it once read, and who made it so. The last one reads as it does now."""

    kind = models.CharField(max_length=20)
    object_id = models.UUIDField(db_index=True)
    version = models.PositiveIntegerField()
    values = models.JSONField(null=True)  # None: it was removed
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)

    class Meta:
        ordering = ("-at", "-version")


class Consent(OfTenant):
    """What one party of a call said to being recorded, and how that is known. The last row of a party holds; none is changed."""

    call_id = models.CharField(max_length=36, db_index=True)
    party = models.CharField(max_length=60)  # caller, called, or somebody's number or extension
    state = models.CharField(max_length=10, choices=ConsentState.choices)
    evidence = models.CharField(max_length=8, choices=ConsentEvidence.choices)
    detail = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    by_actor = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("at", "id")


class MaskMark(OfTenant):
    """That somebody's card was read out then, or recording paused: what the phone system or a program told of a call."""

    call_id = models.CharField(max_length=36, db_index=True)
    begins_at = models.BigIntegerField()  # an Instant
    ends_at = models.BigIntegerField(null=True)  # None: until the end of the call
    reason = models.CharField(max_length=200)
    evidence = models.CharField(max_length=200)
    at = models.DateTimeField()
    by_actor = models.CharField(max_length=80)
    done = models.JSONField(default=list)  # recordings that were silenced for it
    problems = models.JSONField(default=dict)  # why one was not, by recording

    class Meta:
        ordering = ("begins_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "call_id", "begins_at", "ends_at"],
                name="one_mark_a_span",
                nulls_distinct=False,
            ),
        )
