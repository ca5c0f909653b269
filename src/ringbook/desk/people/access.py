"""Which calls a person may see, and under which rights."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.models import Person, Seat
from ringbook.desk.people.roles import EVERY_CALL, RIGHTS, Right, Role
from ringbook.model.instant import Instant
from ringbook.model.scope import Reach, Scope


def rights_of(person: Person) -> frozenset[Right]:
    """What the person may do; nothing once they were switched off."""
    return RIGHTS[Role(person.role)] if person.is_active else frozenset()


def scope_of(person: Person) -> Scope:
    """The calls that the person may see, by role, seats and teams."""
    masked = person.role in organisation(person.tenant).masked_roles
    if not person.is_active:
        return Scope(person.tenant, (), masked)
    if Role(person.role) in EVERY_CALL:
        return Scope(person.tenant, None, masked)
    return Scope(person.tenant, tuple(_reaches(person)), masked)


def _reaches(person: Person) -> list[Reach]:
    """Those of the person; of those who lead, also those of their teams' members, and their teams' queues."""
    people = {person.pk: person}
    queues: set[str] = set()
    if person.role == Role.SUPERVISOR:
        for team in person.leads_teams.prefetch_related("members"):
            people |= {member.pk: member for member in team.members.all()}
            queues |= set(team.queues)
    times: dict[tuple[Instant | None, Instant | None], set[str]] = defaultdict(set)
    times[None, None] = {one.at_handle for one in people.values()}
    for seat in Seat.objects.filter(person__in=people):
        times[_instant(seat.since), _instant(seat.until)].add(seat.extension)
    return [
        Reach(
            extensions=tuple(sorted(extensions)),
            queues=tuple(sorted(queues)) if (since, until) == (None, None) else (),
            since=since,
            until=until,
        )
        for (since, until), extensions in times.items()
    ]


def _instant(at: datetime | None) -> Instant | None:
    return None if at is None else int(at.timestamp() * 1_000_000)
