"""The page of tokens: made once, shown once, revoked, and never worth more than who made it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.roles import Right
from ringbook.desk.tokens import keys
from ringbook.desk.tokens.models import ApiToken
from ringbook.runtime.home import Home

from ..house import People

pytestmark = pytest.mark.django_db

As = Callable[[Any], Client]
NEW = {"name": "CRM", "role": "integration", "lasts": "90"}


def test_a_token_is_shown_once_and_works(house: Home, people: People, as_: As) -> None:
    client = as_(people.administrator)
    page = client.post("/settings/tokens/new/", {**NEW, "rights": ["see_calls"]})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    [text] = set(re.findall(r"rb_[0-9a-f]{32}_[0-9a-f]{64}", page.content.decode()))
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/me")
    assert answer.json()["rights"] == ["see_calls"]
    listed = client.get("/settings/tokens/").content.decode()
    assert "CRM" in listed
    assert text.rpartition("_")[2] not in listed
    token = ApiToken.objects.get()
    assert (token.made_by, token.made_by_name) == (f"person:{people.administrator.pk}", "Ada Alm")


def test_a_revoked_token_opens_nothing(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    client.post("/settings/tokens/new/", NEW)
    token = ApiToken.objects.get()
    assert client.get(f"/settings/tokens/{token.pk}/revoke/").status_code == 405
    assert client.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert keys.state(token) == "revoked"
    gone = client.post("/settings/tokens/00000000-0000-0000-0000-000000000000/revoke/")
    assert gone.status_code == 404


def test_nobody_gives_a_token_more_than_they_have(house: Home, people: People, as_: As) -> None:
    client = as_(people.administrator)
    assert client.post("/settings/tokens/new/", {**NEW, "role": "owner"}).status_code == 422
    assert client.post("/settings/tokens/new/", {**NEW, "person": str(people.owner.pk)}).status_code == 422
    assert as_(people.owner).post("/settings/tokens/new/", {**NEW, "role": "owner"}).status_code == 200
    Organisation.objects.update(masked_roles=["administrator"])
    assert client.post("/settings/tokens/new/", NEW).status_code == 422
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"role": "agent"},
        {"role": "auditor", "rights": ["annotate"]},
        {"rights": [Right.USE_PAGES.value]},
        {"lasts": "100000"},
    ],
)
def test_what_does_not_go_together_is_said(
    house: Home, people: People, as_: As, wrong: dict[str, Any]
) -> None:
    page = as_(people.owner).post("/settings/tokens/new/", {**NEW, **wrong})
    assert page.status_code == 422
    assert ApiToken.objects.count() == 0
    if wrong.get("name") != "":
        assert 'value="CRM"' in page.content.decode()


@pytest.mark.parametrize("role", ["supervisor", "agent", "auditor"])
def test_others_cannot_see_tokens(house: Home, people: People, as_: As, role: str) -> None:
    client = as_(getattr(people, role))
    for path in ("/settings/tokens/", "/settings/tokens/new/"):
        assert client.get(path).status_code == 403
    assert client.post("/settings/tokens/new/", NEW).status_code == 403
