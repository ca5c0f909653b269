"""The formats there are: found by walking ``parse/formats`` and through entry points, never listed."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from ringbook.model.errors import AskError, SettingsError
from ringbook.parse import formats as folder
from ringbook.parse.format import Stream


class FormatClashError(SettingsError):
    """Two formats claim one slug; remove or rename one of them."""


class BadFormatError(SettingsError):
    """A file or entry point that should bring a format does not; correct or remove it."""


class UnknownFormatError(AskError, LookupError):
    """No format has that slug; ``ringbook sources list`` shows those there are."""


@cache
def formats() -> dict[str, Stream]:
    """All formats by slug, in slug order.

    Raises :class:`FormatClashError` if two claim the same slug, :class:`BadFormatError` if what should be one is none.
    """
    found: dict[str, tuple[Stream, str]] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        if not module.name.startswith("_"):
            where = f"{folder.__name__}.{module.name}"
            _claim(found, getattr(importlib.import_module(where), "FORMAT", None), where)
    for entry in entry_points(group="ringbook.formats"):
        try:
            loaded = entry.load()
        except (ImportError, AttributeError, SyntaxError) as error:
            raise BadFormatError(f"the format {entry.value} cannot be loaded: {error}") from error
        _claim(found, loaded, entry.value)
    return {slug: found[slug][0] for slug in sorted(found)}


def named(slug: str) -> Stream:
    """The format with that slug, or :class:`UnknownFormatError` suggesting the nearest."""
    try:
        return formats()[slug]
    except KeyError:
        near = difflib.get_close_matches(slug, formats(), 1)
        hint = f". Did you mean {near[0]!r}?" if near else ""
        raise UnknownFormatError(
            f"there is no format {slug!r}; formats are: {', '.join(formats())}{hint}"
        ) from None


def sniff(head: bytes, name: str) -> list[tuple[float, Stream]]:
    """The formats that the first bytes of a file may be, surest first; empty if no format recognises them."""
    bids = ((form.sniff(head, name), form) for form in formats().values())
    return sorted(
        ((bid, form) for bid, form in bids if bid > 0), key=lambda pair: (-pair[0], pair[1].about.slug)
    )


def _claim(found: dict[str, tuple[Stream, str]], form: object, where: str) -> None:
    if not isinstance(form, Stream):
        raise BadFormatError(f"{where} is no format: it needs about, configure, sniff, framer and parse")
    slug = form.about.slug
    if slug in found:
        raise FormatClashError(f"formats in {found[slug][1]} and {where} both claim the slug {slug!r}")
    found[slug] = (form, where)
