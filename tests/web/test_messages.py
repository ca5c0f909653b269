"""The pages speak every language they offer, wholly."""

from __future__ import annotations

import re

import pytest

from . import messages

_PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def _ids(catalog: messages.Catalog) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalog if message.id}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    kept = messages.kept(language)
    assert _ids(messages.texts()) == _ids(kept), "run: python -m tests.web.messages"
    for message in kept:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), f"not translated: {message.id!r}"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_translations_keep_what_is_put_into_them(language: str) -> None:
    for message in messages.kept(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(_PLACE.findall(ids[-1]))
        for string in strings[-1:]:
            assert set(_PLACE.findall(string)) == wanted, (
                f"{ids[-1]!r} and {string!r} differ in what is put in"
            )


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_the_pages_read_is_what_is_kept(language: str) -> None:
    def told(catalog: messages.Catalog) -> dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]:
        return {(_text(m.context), _forms(m.id)): _forms(m.string) for m in catalog if m.id}

    assert told(messages.compiled(language)) == told(messages.kept(language)), (
        "run: python -m tests.web.messages"
    )


def _text(context: str | bytes | None) -> str | None:
    return context.decode() if isinstance(context, bytes) else context


def _forms(text: object) -> tuple[str, ...]:
    return tuple(str(form) for form in text) if isinstance(text, (list, tuple)) else (str(text),)
