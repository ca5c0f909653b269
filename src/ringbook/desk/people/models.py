"""People, teams and seats."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from ringbook.desk.base import OfTenant
from ringbook.desk.people.roles import Role


class PersonManager(BaseUserManager["Person"]):
    """Makes people."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person who signs in with an e-mail address; without a password, not before one is set."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        if not person.handle:
            person.handle = self.free_handle(person.email.partition("@")[0])
        person.set_password(password)
        person.save(using=self._db)
        return person

    def free_handle(self, wish: str) -> str:
        """A handle near the wished one that nobody has."""
        plain = (
            "".join(letter for letter in wish.lower() if letter.isalnum() or letter in "-_.")[:40] or "person"
        )
        handle, number = plain, 1
        while self.filter(handle=handle).exists():
            number += 1
            handle = f"{plain}{number}"
        return handle


class Person(OfTenant, AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. ``handle`` is what others mention them by: ``@anna``."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=60, unique=True)
    role = models.CharField(
        max_length=20, choices=[(role.value, role.value) for role in Role], default=Role.AGENT
    )
    zone = models.CharField(max_length=64, blank=True, default="")  # empty: the organisation's
    language = models.CharField(
        max_length=12, blank=True, default=""
    )  # empty: the organisation's, else the browser's
    theme = models.CharField(max_length=8, blank=True, default="")  # light, dark, empty: as the machine
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[PersonManager] = PersonManager()  # type: ignore[assignment]

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def at_handle(self) -> str:
        """How calls name somebody of ours who has no extension: ``@anna``."""
        return f"@{self.handle}"


class Team(OfTenant):
    """Some people and queues, and who leads them."""

    name = models.CharField(max_length=120)
    queues = models.JSONField(default=list, blank=True)  # names of queues
    members = models.ManyToManyField(Person, related_name="teams", blank=True)
    leads = models.ManyToManyField(Person, related_name="leads_teams", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Seat(OfTenant):
    """Who sits at an extension, from when until when; no beginning or end is no limit."""

    extension = models.CharField(max_length=40, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="seats")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("extension", "since")


class EntryLink(OfTenant):
    """A link that lets somebody in once: the first owner at set-up, an invited person, the viewer of a demonstration.

    Only a hash of its secret is kept. ``person`` is None for the set-up of a home that has nobody yet.
    """

    purpose = models.CharField(max_length=12)  # setup, invite, enter
    secret_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
