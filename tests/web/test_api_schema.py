"""Whatever is sent to the running server, it answers as its description says: never with a mistake of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from ringbook.web.api.description import described

from ..client.conftest import Served, served
from ..search.calls import HAND_MADE

__all__ = ["served"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]

ANSWERED_S = 60
"""A first forecast loads what fits it; a busy machine takes its time."""

schema = schemathesis.openapi.from_dict(described())


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Have half of the ids be those of a call that there is."""
    if path_parameters and len(str(path_parameters.get("id", ""))) % 2:
        path_parameters["id"] = str(HAND_MADE["sales"].id)
    return path_parameters


@pytest.fixture(scope="module")
def line(served: Served) -> Iterator[requests.Session]:
    """A connection of a program that may do everything, in the name of a person."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {served.token('owner', '--person', 'olga@example.com')}"
        yield session


@schema.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_answers_are_those_described(case: Any, served: Served, line: requests.Session) -> None:
    case.call_and_validate(
        base_url=served.address, headers=dict(line.headers), checks=CHECKS, timeout=ANSWERED_S
    )


def test_every_operation_refuses_who_has_no_token(served: Served) -> None:
    for address, methods in described()["paths"].items():
        for method in methods:
            url = served.address + address.replace("{", "").replace("}", "")
            answer = requests.request(method, url, json={}, timeout=30)
            assert (answer.status_code, answer.json()["type"]) == (401, "/api/v1/docs#problem-token"), address


def test_the_description_is_there_for_everybody(served: Served) -> None:
    told = requests.get(f"{served.address}/api/v1/openapi.json", timeout=30).json()
    assert told["openapi"].startswith("3.1")
    assert told == described()
