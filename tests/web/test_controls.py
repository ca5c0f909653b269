"""No page offers its reader what their role may not do: every link and form leads to where they have the right to go."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from ringbook.desk.annotations.sync import put
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.workspace.models import Job
from ringbook.runtime.home import Home

from ..house import People
from .test_objects import WORDS, body
from .test_routes import PUBLIC, open_to, pages
from .things import ids, kind_of, made

pytestmark = pytest.mark.django_db

LEADING = (
    "href",
    "action",
    "formaction",
    "hx-get",
    "hx-post",
    "hx-delete",
    "data-complete-url",
    "data-live-url",
)


class Places(HTMLParser):
    """Where a page leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # the parser's own
        self.found |= {value for name, value in attrs if name in LEADING and value}


@pytest.mark.parametrize("role", ["supervisor", "agent", "auditor"])
def test_every_control_of_a_page_may_be_used(
    house: Home, people: People, as_: Callable[[Person], Client], role: str
) -> None:
    person: Person = getattr(people, role)
    client, rights = as_(person), rights_of(person)
    things = made(house, "main", person, "mine")
    put("main", [things["call"]])
    things.pop("passkey").delete()
    Job.objects.update(result_file="")  # who may not export has no files of exports
    own = {**ids(things), "passkey": "0"}
    closed, told = set(), 0
    for route in pages():
        if route.name in PUBLIC or not open_to(route, rights):
            continue
        values = {one: own.get(kind_of(one, route.name)) or WORDS.get(one, "x") for one in route.parameters}
        answer = client.get(reverse(route.name, kwargs=values))
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        told += 1
        page = Places()
        page.feed(body(answer).decode())
        for place in page.found:
            leads = urlsplit(place)
            if leads.netloc or not leads.path.startswith("/"):
                continue
            try:
                view = resolve(leads.path).func
            except Resolver404:
                assert leads.path.startswith("/static/"), (route.name, place)
                continue
            needed = set(getattr(view, "needs", None) or ())
            if not needed <= rights:
                closed.add((route.name, leads.path, *sorted(needed - rights)))
    assert not closed, "\n".join(str(one) for one in sorted(closed))
    assert told > 30
