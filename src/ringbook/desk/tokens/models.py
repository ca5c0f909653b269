"""API tokens, of which only a hash is kept, and answers kept for requests that are sent again."""

from __future__ import annotations

from django.db import models

from ringbook.desk.base import OfTenant
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role


class ApiToken(OfTenant):
    """What a program shows in place of a session.

    ``rights`` narrows what its role may do; None is all of it. Tied to a person, it sees what the person sees.
    """

    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    rights = models.JSONField(null=True, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    secret_hash = models.CharField(max_length=64)  # SHA-256: the secret is random, so it needs no salt
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=80)  # an actor, as the audit log names it
    made_by_name = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to within some minutes
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "name")

    def __str__(self) -> str:
        return self.name


class KeptAnswer(OfTenant):
    """What was answered to a request with an idempotency key, for whoever sends it again within a day.

    ``status`` is 0 while the first one is being answered.
    """

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    asked = models.CharField(max_length=64)  # SHA-256 of method, address and body
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_answer_a_key")]
