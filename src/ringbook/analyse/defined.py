"""A figure as it is counted for one question: its variant and thresholds, from what was asked, chosen here, or usual."""

from __future__ import annotations

import msgspec

from ringbook.analyse.choices import Choices
from ringbook.analyse.definition import Figure
from ringbook.analyse.errors import FigureError

_LONGEST_T_S = 366 * 86_400.0


class Defined(msgspec.Struct, frozen=True):
    """A variant with its thresholds put in; None where it has none."""

    name: str
    formula: str
    sql: str
    of: str
    known: str
    left_out: dict[str, str]
    threshold_s: float | None
    short_s: float | None
    counted: dict[str, str]
    """Which calls each mark ``{…}`` of its statement stands for."""
    scores: str
    """The field whose numbers are joined to the calls; empty: its statement joins none."""
    chosen: bool
    """Whether the organisation's choice decided anything."""


def defined(
    about: Figure,
    choices: Choices,
    variant: str | None = None,
    threshold_s: float | None = None,
    short_s: float | None = None,
) -> Defined:
    """The definition to count by. What was asked comes first, then what the organisation chose, then what is usual."""
    choice = choices.of(about.name)
    name = _variant(about, choice.variant if variant is None else variant)
    found = about.variants[name]
    texts = [found.formula, found.known, *found.left_out.values()]
    by_t, by_short = (any(mark in text for text in texts) for mark in ("{T}", "{short}"))
    limit = _limit(about, "threshold", threshold_s, _first(choice.threshold_s, about.threshold_s), by_t)
    short = _limit(about, "short", short_s, _first(choice.short_s, about.short_s), by_short)
    by_codes = any("{resolved}" in text for text in (found.formula, found.counted))

    def put(text: str) -> str:
        for mark, value in (("{T}", seconds(limit)), ("{short}", seconds(short))):
            text = text.replace(mark, value)
        return with_codes(text, choices)

    return Defined(
        name=name,
        formula=put(found.formula),
        sql=found.sql,
        of=found.of,
        known=put(found.known),
        left_out={put(reason): put(question) for reason, question in found.left_out.items()},
        threshold_s=limit,
        short_s=short,
        counted={mark: put(question) for mark, question in found.counted.items()},
        scores=found.scores,
        chosen=(by_codes and choices.version > 0)
        or (variant is None and choice.variant is not None)
        or (by_t and threshold_s is None and choice.threshold_s is not None)
        or (by_short and short_s is None and choice.short_s is not None),
    )


def _first(chosen: float | None, usual: float | None) -> float | None:
    return usual if chosen is None else chosen


def with_codes(text: str, choices: Choices) -> str:
    """A formula or a question with the outcome codes that the organisation goes by."""
    known = {"{resolved}": choices.resolved, "{not_resolvable}": choices.not_resolvable}
    for mark, codes in known.items():
        text = text.replace(mark, _words(codes))
    return text


def _words(codes: tuple[str, ...]) -> str:
    """Outcome codes as values of the query language."""
    return ",".join('"' + code.replace("\\", "\\\\").replace('"', '\\"') + '"' for code in codes)


def _variant(about: Figure, variant: str | None) -> str:
    if variant is None:
        return about.variant
    name = variant.upper()
    if not name or name not in about.variants:
        names = ", ".join(each for each in about.variants if each)
        raise FigureError(
            f'{about.name} has no variant "{variant}"; '
            + (f"it has {names}." if names else "it has only one: leave --variant out.")
        )
    return name


def _limit(about: Figure, word: str, given: float | None, usual: float | None, used: bool) -> float | None:
    """The threshold that is used; None where the definition has none."""
    if given is not None:
        if not used:
            raise FigureError(f"{about.name} has no such threshold in this variant: leave --{word} out.")
        if not 0 <= given <= _LONGEST_T_S:  # nor is NaN
            raise FigureError(f"--{word} {given:g} is no wait: write seconds from 0 to {_LONGEST_T_S:.0f}.")
        return ms(given) / 1000
    return usual if used else None


def ms(span_s: float) -> int:
    """Milliseconds, as statements take them."""
    return round(span_s * 1000)


def seconds(limit: float | None) -> str:
    """Seconds as the query language reads them."""
    return "" if limit is None else f"{limit:.3f}".rstrip("0").rstrip(".")
