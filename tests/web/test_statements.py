"""Lists ask their stores as often for many things as for few."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ringbook.desk.annotations.sync import put
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home
from ringbook.search import facets

from ..house import People
from .test_objects import program_of, read_without_id
from .test_routes import PUBLIC, pages
from .things import made

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 6

OF_FIGURES = ("dashboards/", "wallboard/", "overview/", "style/")
"""Pages that have no lists, and many figures."""

BY_NATURE = {
    "/calls/-/views": "says of each saved question how many calls answer it",
    "/missed/count": "asks again when what it told has become old",
}
"""Places that do not ask as often each time."""


@contextmanager
def counted(house: Home) -> Iterator[list[str]]:
    """The statements that both stores are sent."""
    sent: list[str] = []
    engine = type(house.ledger.engine)
    really = engine.raw

    def raw(self: Any, sql: str, *args: Any, **more: Any) -> bytes:
        sent.append(sql)
        return really(self, sql, *args, **more)

    with CaptureQueriesContext(connection) as captured, mock.patch.object(engine, "raw", raw):
        yield sent
    sent += [one["sql"] for one in captured.captured_queries]


def test_lists_ask_as_often_for_many_things_as_for_few(
    house: Home, people: People, as_: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "_SPANS_KNOWN", facets._SpansKnown())
    monkeypatch.setattr(
        facets, "_KNOWN_S", 86_400.0
    )  # what is remembered for a moment is not forgotten meanwhile
    client, program = as_(people.owner), program_of(people.owner)
    asked: dict[str, Callable[[], Any]] = {}
    for route in pages():
        if route.name not in PUBLIC and not route.parameters and not route.text.startswith(OF_FIGURES):
            place = reverse(route.name)
            asked[place] = lambda place=place: client.get(place)
    for path, about in read_without_id().items():
        if "figures" not in about["tags"]:
            asked[path] = lambda path=path, query=about["asked"]: program.get(path, query)
    assert len(asked) > 60
    said: list[dict[str, list[str]]] = []
    for number in (FEW, 0, MANY - FEW):  # the first time, things are asked that are only asked once
        for one in range(number):
            things = made(house, "main", people.owner, f"many{len(said)}{one}")
            for unreal in ("passkey", "session"):  # lists of one's own throw out such
                things[unreal].delete()
            put("main", [things["call"]])
        said.append({})
        for place, ask in asked.items():
            with counted(house) as sent:
                assert ask().status_code < 500, place
            said[-1][place] = sent
    _first, few, many = said
    grown = []
    for place, sent in many.items():
        if len(sent) > len(few[place]) and place not in BY_NATURE:
            more = Counter(_plain(sql) for sql in sent) - Counter(_plain(sql) for sql in few[place])
            grown.append((place, len(few[place]), len(sent), more.most_common(2)))
    assert not grown, "\n".join(str(one) for one in grown)


def _plain(sql: str) -> str:
    return re.sub(r"'[^']*'|\d+", "?", sql)[:400]
