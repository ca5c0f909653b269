"""The formats there are: found by walking ``parse/formats`` and through entry points, never listed."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from ringbook.parse import formats as folder
from ringbook.parse.format import Stream


class FormatClashError(RuntimeError):
    """Two formats claim one slug; remove or rename one of them."""


class UnknownFormatError(LookupError):
    """No format has that slug; ``ringbook sources list`` shows those there are."""


@cache
def formats() -> dict[str, Stream]:
    """All formats by slug, in slug order. Raises :class:`FormatClashError` if two claim the same slug."""
    found: dict[str, tuple[Stream, str]] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        if not module.name.startswith("_"):
            where = f"{folder.__name__}.{module.name}"
            _claim(found, importlib.import_module(where).FORMAT, where)
    for entry in entry_points(group="ringbook.formats"):
        _claim(found, entry.load(), entry.value)
    return {slug: found[slug][0] for slug in sorted(found)}


def named(slug: str) -> Stream:
    """The format with that slug, or :class:`UnknownFormatError` suggesting the nearest."""
    try:
        return formats()[slug]
    except KeyError:
        raise UnknownFormatError(
            f"there is no format {slug!r}; formats are: {', '.join(formats())}"
        ) from None


def sniff(head: bytes, name: str) -> list[tuple[float, Stream]]:
    """The formats that the first bytes of a file may be, surest first; empty if no format recognises them."""
    bids = ((form.sniff(head, name), form) for form in formats().values())
    return sorted(
        ((bid, form) for bid, form in bids if bid > 0), key=lambda pair: (-pair[0], pair[1].about.slug)
    )


def _claim(found: dict[str, tuple[Stream, str]], form: Stream, where: str) -> None:
    slug = form.about.slug
    if slug in found:
        raise FormatClashError(f"formats in {found[slug][1]} and {where} both claim the slug {slug!r}")
    found[slug] = (form, where)
