"""What people see when something goes wrong: a page that says what to do next, and nothing about the inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.people.models import Person
from ringbook.ledger.errors import LedgerUnavailableError
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People


def test_a_store_that_does_not_answer_is_said_and_asked_again_later(
    house: Home, people: People, as_: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise LedgerUnavailableError("db.internal:8123 refused the connection")

    monkeypatch.setattr(pages, "list_calls", refuse)
    answer = as_(people.owner).get("/calls/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "cannot answer right now" in answer.content.decode()
    assert "db.internal" not in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_what_to_do(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/profile/", {"name": "Somebody Else"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
    people.owner.refresh_from_db()
    assert people.owner.name == "Olga Orr"


def test_an_address_that_leads_nowhere_says_so(people: People, as_: Callable[[Person], Client]) -> None:
    answer = as_(people.owner).get("/nothing/here/")
    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()
