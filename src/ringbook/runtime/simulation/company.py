"""Who works at the simulated company and who calls it."""

from __future__ import annotations

import itertools
from random import Random

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Somebody with a phone on the desk."""

    extension: str
    name: str
    account: str

    @property
    def device(self) -> str:
        """The device's name in the phone system."""
        return f"PJSIP/{self.extension}"


class Queue(msgspec.Struct, frozen=True):
    """A queue, the number that leads to it, and who answers it."""

    name: str
    did: str
    members: tuple[Person, ...]


class Contact(msgspec.Struct, frozen=True):
    """Somebody outside."""

    number: str
    name: str


class Company(msgspec.Struct, frozen=True):
    """The company: its people, queues and direct numbers, and the world around it, the most frequent callers first."""

    name: str
    number: str
    zone: str
    people: tuple[Person, ...]
    queues: tuple[Queue, ...]
    direct: dict[str, Person]
    contacts: tuple[Contact, ...]


_PEOPLE = (
    "Alice Moreno,Bob Nguyen,Carla Rossi,David Okafor,Elena Petrova,Farid Haddad,Grace Lindqvist,Hiro Tanaka,"
    "Ines Duarte,Jonas Weber,Kavya Rao,Liam Byrne,Maya Cohen,Noah Fischer,Olivia Grant,Pavel Novak"
).split(",")
_FIRST = "ADA BEN CLEO DAN EVE FINN GINA HUGO IRIS JACK KIM LEO MIA NED OLGA PAT QUINN RUTH SAM TESS UMA VERA WILL YARA".split()
_LAST = "ABBOTT BAKER CRUZ DOYLE ELLIS FROST GIBBS HALE IVES JONES KLEIN LUND MARSH NASH OWENS PRICE REED STONE TATE WARD".split()
_AREAS = "206 212 214 303 305 312 404 415 503 512 602 617 702 713 801 813 916 919 202 213".split()


def northwind(seed: int = 7, contacts: int = 2_000) -> Company:
    """Northwind Dental Supply of Chicago: sixteen people, a sales and a support queue, two thousand callers at most."""
    random = Random(seed)
    people = tuple(
        Person(str(101 + index), name, "acct-sales" if index < 8 else "acct-support")
        for index, name in enumerate(_PEOPLE)
    )
    queues = (Queue("sales", "3125550104", people[:5]), Queue("support", "3125550105", people[8:14]))
    direct = {f"31255501{10 + index:02}": person for index, person in enumerate(people)}
    numbers = [
        f"{area}55501{tail:02}" for tail, area in itertools.product(range(100), _AREAS) if area != "312"
    ]
    random.shuffle(numbers)
    world = tuple(
        Contact(number, f"{random.choice(_FIRST)} {random.choice(_LAST)}" if random.random() < 0.7 else "")
        for number in numbers[:contacts]
    )
    return Company("Northwind Dental", "3125550100", "America/Chicago", people, queues, direct, world)
