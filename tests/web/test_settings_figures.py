"""The page on which an organisation chooses how its figures are counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from ringbook.desk.annotations.models import OutcomeCode
from ringbook.desk.insight import choices
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home

from ..house import People

pytestmark = pytest.mark.django_db

PAGE = "/settings/figures/"


@pytest.fixture
def ada(house: Home, people: People, as_: Callable[[Person], Client]) -> Client:
    """The administrator."""
    return as_(people.administrator)


def test_a_choice_is_saved_as_a_version(ada: Client) -> None:
    page = ada.get(PAGE).content.decode()
    assert "answered within T s / offered" in page
    asked = {"figure": "service-level", "version": "0", "variant": "B", "threshold": "30", "short": ""}
    assert ada.post(PAGE, asked).status_code == 302
    chosen = choices.choices_of()
    assert (chosen.version, chosen.of("service-level").variant) == (1, "B")
    assert chosen.of("service-level").threshold_s == 30
    page = ada.get(PAGE).content.decode()
    assert 'value="30.0"' in page
    assert "Ada Alm" in page


def test_windows_are_told_in_days_and_hours(ada: Client) -> None:
    ada.post(PAGE, {"figure": "fcr", "version": "0", "variant": "", "threshold": "3"})
    ada.post(PAGE, {"figure": "callbacks", "version": "1", "threshold": "4"})
    chosen = choices.choices_of()
    assert chosen.of("fcr").threshold_s == 3 * 86_400
    assert chosen.of("callbacks").threshold_s == 4 * 3_600


def test_somebody_elses_choice_is_not_overwritten_unseen(ada: Client) -> None:
    ada.post(PAGE, {"figure": "asr", "version": "0", "variant": "B"})
    late = ada.post(PAGE, {"figure": "asr", "version": "0", "variant": "A"})
    assert late.status_code == 422
    assert b"Somebody chose otherwise meanwhile" in late.content
    assert choices.choices_of().of("asr").variant == "B"


def test_outcome_codes_are_given_their_meaning(ada: Client) -> None:
    assert b"There are no outcome codes yet" in ada.get(PAGE).content
    for key in ("sale", "spam"):
        OutcomeCode.objects.create(key=key, label=key.title())
    asked = {"figure": "codes", "version": "0", "resolved": ["sale"], "not_resolvable": ["spam"]}
    assert ada.post(PAGE, asked).status_code == 302
    assert (choices.choices_of().resolved, choices.choices_of().not_resolvable) == (("sale",), ("spam",))
    both = ada.post(PAGE, {**asked, "version": "1", "not_resolvable": ["sale"]})
    assert b"An outcome code cannot say both: sale" in both.content


@pytest.mark.parametrize(("variant", "threshold"), [("Z", "20"), ("A", "-1"), ("A", "soon")])
def test_what_cannot_be_counted_is_refused(ada: Client, variant: str, threshold: str) -> None:
    asked = {"figure": "service-level", "version": "0", "variant": variant, "threshold": threshold}
    assert ada.post(PAGE, asked).status_code == 422
    assert choices.choices_of().version == 0


@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor"])
def test_others_do_not_choose(
    house: Home, people: People, as_: Callable[[Person], Client], role: str
) -> None:
    client = as_(getattr(people, role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"figure": "asr", "version": "0", "variant": "B"}).status_code == 403
