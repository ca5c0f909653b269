"""Our numbers: E.164 where it can be, and which side of the line an endpoint stands on."""

from __future__ import annotations

import pytest

from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.source import Source
from ringbook.normalise.numbers import Placer, e164


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("5125550101", "US", "+15125550101"),
        ("(512) 555-0101", "US", "+15125550101"),
        ("+1 512 555 0101", "", "+15125550101"),
        ("0113215550101", "", ""),
        ("020 7946 0101", "GB", "+442079460101"),
        ("011442079460101", "US", "+442079460101"),
        ("030 901820", "DE", "+4930901820"),
        ("101", "US", ""),
        ("anonymous", "US", ""),
        ("95125550107", "US", ""),
        ("", "US", ""),
        ("9" * 60, "US", ""),
        ("+", "US", ""),
    ],
)
def test_a_number_has_an_e164_form_or_none_without_guessing(raw: str, region: str, expected: str) -> None:
    assert e164(raw, region) == expected


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (Endpoint(number=Number("101")), EndpointKind.PERSON),
        (Endpoint(number=Number("5125550101")), EndpointKind.OUTSIDE),
        (Endpoint(number=Number("")), EndpointKind.UNKNOWN),
        (Endpoint(number=Number("anonymous")), EndpointKind.UNKNOWN),
        (Endpoint(kind=EndpointKind.QUEUE, number=Number("700")), EndpointKind.QUEUE),
        (Endpoint(kind=EndpointKind.PERSON, number=Number("101"), device="T9001"), EndpointKind.OUTSIDE),
    ],
)
def test_an_endpoint_is_ours_or_outside(end: Endpoint, kind: EndpointKind) -> None:
    source = Source("x", region="US", trunks=r"T9\d+")
    assert Placer(source).end(end).kind is kind


def test_the_sources_own_plan_of_extensions_decides() -> None:
    placer = Placer(Source("x", region="US", extensions=r"8\d{6}"))
    assert placer.end(Endpoint(number=Number("8123456"))).extension == "8123456"
    assert placer.end(Endpoint(number=Number("101"))).kind is EndpointKind.UNKNOWN


def test_what_an_endpoint_is_called_is_not_remembered_from_another() -> None:
    placer = Placer(Source("x", region="US"))
    placer.end(Endpoint(number=Number("101"), name="Alice", channel="a"))
    again = placer.end(Endpoint(number=Number("101"), name="Bob", channel="b"))
    assert (again.name, again.channel, again.extension) == ("Bob", "b", "101")
