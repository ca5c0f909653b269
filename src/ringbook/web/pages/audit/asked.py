"""Which entries of the audit log somebody asks for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import QuerySet
from django.http import QueryDict

from ringbook.desk.governance.models import AuditEntry
from ringbook.model.scope import Scope


class Asked(msgspec.Struct, frozen=True):
    """What is asked for; empty is everything. ``until`` is the last day that counts."""

    actor: str = ""
    action: str = ""  # whole, or its first part with a colon: ``call:``
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given: QueryDict) -> Asked:
        """From an address; what cannot be understood counts as not asked."""
        return cls(
            actor=_text(given.get("actor", ""), 80),
            action=_text(given.get("action", ""), 60),
            subject=_text(given.get("subject", ""), 120),
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
        )

    def entries(self, scope: Scope, zone: ZoneInfo) -> QuerySet[AuditEntry]:
        """The entries, newest first."""
        found = AuditEntry.objects.filter(tenant=scope.tenant).order_by("-seq")
        if self.actor:
            found = found.filter(actor=self.actor)
        if self.action:
            found = found.filter(action__startswith=self.action)
        if self.subject:
            found = found.filter(subject=self.subject)
        if self.since:
            found = found.filter(at__gte=_midnight(self.since, zone))
        if self.until:
            found = found.filter(at__lt=_midnight(self.until + timedelta(days=1), zone))
        return found

    @property
    def address(self) -> str:
        """The part of an address that asks for the same."""
        told = {name: str(value) for name, value in msgspec.structs.asdict(self).items() if value}
        return urlencode(told)


def _text(given: str, most: int) -> str:
    """Without what no entry holds: PostgreSQL refuses to look for it."""
    return given.replace("\0", "").strip()[:most]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None
