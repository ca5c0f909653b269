"""The wallboard: what it tells, and what its links open, for whom and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from ringbook.desk.dashboards.models import WallboardLink
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home

from ..house import People
from .test_overview import NUMBER, ring

As = Callable[[Person], Client]


def linked(client: Client, **more: str) -> str:
    """The address of a new link."""
    answer = client.post("/wallboard/links/", {"name": "TV in the hall", "query": "", **more})
    assert answer.status_code == 200, answer.content
    found = re.search(r"http://testserver(/wallboard/tv/[^<]+/)<", answer.content.decode())
    assert found
    return found[1]


def text_of(client: Client, path: str, /, **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200, answer.content[:2000]
    return unescape(answer.content.decode())


def test_it_tells_of_today_and_says_what_it_cannot_know(as_: As, people: People, house: Home) -> None:
    ring(house)
    text = text_of(as_(people.owner), "/wallboard/")
    for words in ("Service level today", "Missed, to call back", "The last 60 minutes", "who waits or talks"):
        assert words in text
    assert "Bo Dahl" in text
    assert NUMBER not in text
    part = text_of(as_(people.owner), "/wallboard/now", q=f"from:{NUMBER} outcome:missed")
    assert "<html" not in part
    assert "Bo Dahl" not in part
    assert as_(people.owner).get("/wallboard/now", {"q": "queue:("}).status_code == 422
    assert "cannot be answered" in as_(people.owner).get("/wallboard/", {"q": "queue:("}).content.decode()


def test_a_link_opens_it_without_a_session_until_it_is_withdrawn(
    as_: As, people: People, house: Home
) -> None:
    ring(house)
    owner, nobody = as_(people.owner), Client()
    address = linked(owner)
    screen = nobody.get(address)
    assert screen.status_code == 200
    assert screen["Referrer-Policy"] == "no-referrer"
    text = unescape(screen.content.decode())
    assert f'data-wallboard="{address}now"' in text
    assert NUMBER not in text
    assert "/calls/" not in text  # nothing that a click could lead to
    assert text_of(nobody, f"{address}now")
    assert nobody.get("/calls/").status_code == 302  # and nothing else is open
    assert nobody.get("/wallboard/tv/guessed/").status_code == 404
    link = WallboardLink.objects.get()
    assert link.secret_hash not in address
    assert as_(people.supervisor).post(f"/wallboard/links/{link.pk}/withdraw").status_code == 404
    assert owner.post(f"/wallboard/links/{link.pk}/withdraw").status_code == 302
    assert nobody.get(address).status_code == 404
    assert nobody.get(f"{address}now").status_code == 404


def test_a_link_ends_with_the_account_and_shows_its_scope(as_: As, people: People, house: Home) -> None:
    ring(house)
    address = linked(as_(people.supervisor), query="outcome:answered")
    text = text_of(Client(), address)
    assert "outcome:answered" in text
    Person.objects.filter(pk=people.supervisor.pk).update(is_active=False)
    assert Client().get(address).status_code == 404
    assert as_(people.agent).get("/wallboard/links/").status_code == 403
    refused = as_(people.owner).post("/wallboard/links/", {"name": "x", "query": "queue:("})
    assert refused.status_code == 422
