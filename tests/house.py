"""A house for tests of the desk and the pages: an opened home with calls, and people of every role.

Fixtures, for the ``conftest`` of those packages to import. Bo sits at 101 and Cy at 102 since 2026 began; Sam leads
the team of Bo, to which the queue ``support`` belongs. Calls are those of ``tests.search.calls``, written for tenant ``main``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest
from django.test import Client

from ringbook.desk import wiring
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person, Seat, Team
from ringbook.desk.people.roles import Role
from ringbook.ledger.batch import Batch
from ringbook.model.call import Call
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.service import Service

from . import sign_in
from .search.calls import HAND_MADE, random_calls

PASSWORD = sign_in.PASSWORD


@pytest.fixture(scope="package")
def house(tmp_path_factory: Any) -> Iterator[Home]:
    """An opened home that the desk is wired to, with the hand-made calls and 300 random ones."""
    with Home.open(tmp_path_factory.mktemp("house")) as home:
        wiring.wire(home.ledger, Service(home), home.folder, lambda: open_vault(home))
        write_calls(home, made_up_calls())
        yield home


def made_up_calls() -> list[Call]:
    """The hand-made calls and 300 random ones."""
    return [*HAND_MADE.values(), *random_calls(300, 11, "main")]


def settle(home: Home) -> People:
    """The calls written and the people made, in a home that the desk was started for."""
    write_calls(home, made_up_calls())
    return make_people()


def write_calls(home: Home, calls: list[Call]) -> None:
    """Have calls in the ledger, for the tenant ``main``."""
    of_main = [msgspec.structs.replace(call, tenant="main") for call in calls]
    home.ledger.write(Batch(tenant="main", calls=of_main))


class People(NamedTuple):
    """One person of each role, and a second agent."""

    owner: Person
    administrator: Person
    supervisor: Person
    auditor: Person
    agent: Person  # Bo, at 101
    other: Person  # Cy, at 102


@pytest.fixture
def people(db: None) -> People:
    """The people of the house."""
    return make_people()


def make_people() -> People:
    """The people, made."""
    Organisation.objects.create(name="Northwind", zone="America/New_York", country="US")
    make = Person.objects.create_user
    found = People(
        owner=make("olga@example.com", PASSWORD, name="Olga Orr", role=Role.OWNER),
        administrator=make("ada@example.com", PASSWORD, name="Ada Alm", role=Role.ADMINISTRATOR),
        supervisor=make("sam@example.com", PASSWORD, name="Sam Stone", role=Role.SUPERVISOR),
        auditor=make("audrey@example.com", PASSWORD, name="Audrey Au", role=Role.AUDITOR),
        agent=make("bo@example.com", PASSWORD, name="Bo Dahl", role=Role.AGENT),
        other=make("cy@example.com", PASSWORD, name="Cy Falk", role=Role.AGENT),
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    Seat.objects.create(extension="101", person=found.agent, since=since)
    Seat.objects.create(extension="102", person=found.other, since=since)
    team = Team.objects.create(name="Sales", queues=["support"])
    team.members.add(found.agent)
    team.leads.add(found.supervisor)
    return found


@pytest.fixture
def as_(db: None) -> Callable[[Person], Client]:
    """A browser without a screen in which a person is signed in."""

    def signed_in(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in
