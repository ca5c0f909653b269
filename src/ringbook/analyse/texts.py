"""The texts that figures tell: formulas, reasons, notes. Pages say them in the reader's language.

Marks in braces stand for what is put in: thresholds, numbers, codes. What is told has them filled, so :func:`said` finds which
text it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from ringbook.analyse import answer, asking, forecast, missed, overview, own_parts, peers, roster
from ringbook.analyse.figures import FIGURES

_MARK = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    """All of them, with their marks."""
    found: dict[str, None] = {}
    for about in FIGURES.values():
        for variant in about.variants.values():
            found |= dict.fromkeys((variant.formula, *variant.left_out))
        found |= dict.fromkeys((*about.notes, about.threshold_means))
    found |= dict.fromkeys((*forecast.TEXTS, *roster.TEXTS, *peers.TEXTS, *own_parts.TEXTS, *overview.TEXTS))
    found |= dict.fromkeys((answer.SEVERAL, answer.DOUBT, missed.FORMULA, *asking.TEXTS))
    return tuple(text for text in found if text)


def said(told: str, translate: Callable[[str], str]) -> str:
    """What was told, in the language that ``translate`` translates texts into; as it is if nobody translated it."""
    if told in texts():
        return translate(told)
    for text, shape in _shapes():
        match = shape.fullmatch(told)
        if match is not None:
            return _filled(translate(text), match.groupdict())
    return translate(told)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _MARK.sub(lambda mark: values.get(mark[1], mark[0]), text)


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The texts with marks, each with what it looks like when it is told; those with most words of their own first."""
    marked = sorted((text for text in texts() if _MARK.search(text)), key=len, reverse=True)
    return tuple((text, _shape(text)) for text in marked)


def _shape(text: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = []
    for place, part in enumerate(_MARK.split(text)):
        if not place % 2:
            parts.append(re.escape(part))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>.*?)")
    return re.compile("".join(parts), re.DOTALL)
