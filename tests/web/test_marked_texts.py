"""What people, callers and phone systems write stands in pages as they wrote it: it never becomes part of a page."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from ringbook.desk.annotations.sync import put
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home

from ..house import People
from .test_objects import WORDS, body, with_ids
from .test_routes import PUBLIC, pages
from .things import ids, kind_of, made

pytestmark = pytest.mark.django_db

MARK = "M\" onmark='1' '></script><mark-up>"
"""A text that ends an attribute with either quote, a script and a tag, and begins a tag and an attribute of its own."""


class Reader(HTMLParser):
    """Finds the tag and the attribute of the text, where they became ones."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "mark-up" or any(name == "onmark" for name, _value in attrs):
            self.broken.append(self.get_starttag_text() or tag)


def test_no_text_becomes_part_of_a_page(house: Home, people: People, as_: Callable[[Person], Client]) -> None:
    client = as_(people.owner)
    things = made(house, "main", people.owner, MARK)
    put("main", [things["call"]])
    things.pop("passkey").delete()  # no real one: the list of one's own takes none that does not parse
    own = {**ids(things), "passkey": "0"}
    places = [reverse(route.name) for route in pages() if route.name not in PUBLIC and not route.parameters]
    places += [
        reverse(
            route.name,
            kwargs={name: own.get(kind_of(name, route.name)) or WORDS[name] for name in route.parameters},
        )
        for route in with_ids()
    ]
    places += ["/calls/?q=" + "M", "/contacts/?q=M", f"/dashboards/queues/?q=id:{own['call'][:13]}"]
    told, wrong = 0, []
    for place in places:
        answer = client.get(place)
        assert answer.status_code < 500, place
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        text = body(answer).decode()
        told += "mark-up" in text
        reader = Reader()
        reader.feed(text)
        if reader.broken:
            wrong.append((place, reader.broken[:2]))
    assert not wrong, "\n".join(str(one) for one in wrong)
    assert told > 50, "the text is in most of them"
    assert mail.outbox == []
