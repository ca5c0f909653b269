"""The country in which numbers are written while a request is answered: that of the viewer's organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_country: ContextVar[str] = ContextVar("country", default="")


def country_of_now() -> str:
    """The ISO 3166 code; empty when nobody said."""
    return _country.get()


@contextmanager
def numbers_as_in(country: str) -> Iterator[None]:
    """Numbers are written as people in a country write them while this holds."""
    token = _country.set(country)
    try:
        yield
    finally:
        _country.reset(token)
