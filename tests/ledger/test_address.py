"""What addresses of call stores mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringbook.ledger.address import EmbeddedAddress, ServerAddress, parse_address
from ringbook.ledger.errors import LedgerAddressError, LedgerUnavailableError
from ringbook.ledger.ledger import open_ledger


def test_a_folder() -> None:
    assert parse_address("chdb:///var/lib/ringbook/ledger") == EmbeddedAddress(
        Path("/var/lib/ringbook/ledger")
    )


@pytest.mark.parametrize(
    ("address", "meaning"),
    [
        ("http://localhost", ServerAddress((("localhost", 8123),), "ringbook")),
        ("https://ch.example:9443/calls", ServerAddress((("ch.example", 9443),), "calls", secure=True)),
        ("https://ch.example/calls", ServerAddress((("ch.example", 8443),), "calls", secure=True)),
        (
            "http://ring:b%40o%3Ak@one:8123,two:8124/ringbook?cluster=pair",
            ServerAddress((("one", 8123), ("two", 8124)), "ringbook", "ring", "b@o:k", cluster="pair"),
        ),
    ],
)
def test_servers(address: str, meaning: ServerAddress) -> None:
    assert parse_address(address) == meaning


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/var/lib/ringbook",
        "sqlite:///x",
        "chdb://relative/path",
        "http://:8123/x",
        "http://host/da-ta",
        "http://host/x?shards=2",
        "http://host/x?cluster=a;b",
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(LedgerAddressError):
        parse_address(address)


def test_no_error_shows_the_password() -> None:
    with pytest.raises(LedgerAddressError) as caught:
        parse_address("http://ring:secret@host/x?nonsense=1")
    assert "secret" not in str(caught.value)


def test_a_login_that_is_refused(nodes: list[int]) -> None:
    with pytest.raises(LedgerAddressError, match="login") as caught:
        open_ledger(f"http://ring:wrong-secret@127.0.0.1:{nodes[0]}/ringbook")
    assert "wrong-secret" not in str(caught.value)


def test_a_store_that_does_not_answer() -> None:
    with pytest.raises(LedgerUnavailableError, match="does not answer"):
        open_ledger("http://127.0.0.1:1/ringbook")
