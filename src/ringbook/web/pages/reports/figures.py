"""The rows of the form in which the figures of a report are chosen, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from ringbook.analyse.catalogue import Listed
from ringbook.desk.delivery.edit import MOST_FIGURES, try_figure
from ringbook.desk.insight.words import dimension_word, said
from ringbook.desk.people.models import Person
from ringbook.model.errors import AskError
from ringbook.web.pages.reports.words import GROUPS

Told = dict[str, Any]
_USUAL = {"figure": "calls", "by": "day"}
_LONGEST_S = 366 * 86_400.0


class Choice(msgspec.Struct, frozen=True):
    """One thing that can be chosen."""

    value: str
    label: str
    chosen: bool


class FigureRow(msgspec.Struct, frozen=True):
    """One row of the form."""

    number: int
    groups: list[tuple[str, list[Choice]]]
    parts: list[Choice]
    variants: list[Choice]
    threshold: str
    threshold_means: str
    problem: str
    first: bool
    last: bool


def read(data: QueryDict) -> list[Told]:
    """The figures as the form tells them, whatever they are worth."""
    lists = [data.getlist(name) for name in ("figure", "by", "variant", "threshold_s")]
    size = min(len(lists[0]), MOST_FIGURES + 1)
    padded = [[*each, *[""] * (size - len(each))] for each in lists]
    return [
        {
            "figure": padded[0][n],
            "by": padded[1][n],
            "variant": padded[2][n],
            "threshold_s": padded[3][n].strip(),
        }
        for n in range(size)
    ]


def changed(figures: list[Told], data: QueryDict) -> list[Told] | None:
    """The figures after a button of a row was pressed; None if none was."""
    action, _colon, place = data.get("rows", "").partition(":")
    at = int(place) if place.isdigit() and int(place) < len(figures) else None
    match action:
        case "add" if len(figures) < MOST_FIGURES:
            return [*figures, dict(_USUAL)]
        case "drop" if at is not None:
            return [one for n, one in enumerate(figures) if n != at]
        case "up" if at:
            return [*figures[: at - 1], figures[at], figures[at - 1], *figures[at + 1 :]]
        case "again" | "add" | "up" | "drop":
            return figures
    return None


def rows(figures: Sequence[Told], known: dict[str, Listed], problems: dict[int, str]) -> list[FigureRow]:
    """The rows of the form."""
    return [_row(n, one, known, problems.get(n, ""), len(figures)) for n, one in enumerate(figures)]


def _row(number: int, told: Told, known: dict[str, Listed], problem: str, count: int) -> FigureRow:
    about = known.get(told.get("figure", ""))
    threshold = told.get("threshold_s")
    return FigureRow(
        number=number,
        groups=grouped(known, told.get("figure", "")),
        parts=_parts(about, told.get("by") or ""),
        variants=_variants(about, told.get("variant") or ""),
        threshold=f"{threshold:g}" if isinstance(threshold, float | int) else threshold or "",
        threshold_means=said(about.threshold_means or "") if about else "",
        problem=problem,
        first=number == 0,
        last=number == count - 1,
    )


def grouped(known: dict[str, Listed], chosen: str) -> list[tuple[str, list[Choice]]]:
    """All figures by group."""
    found: dict[str, list[Choice]] = {}
    for about in known.values():
        group = str(about.group)
        found.setdefault(group, []).append(Choice(about.figure, _(about.title), about.figure == chosen))
    return [(str(GROUPS.get(group, group)), choices) for group, choices in found.items()]


def _parts(about: Listed | None, chosen: str) -> list[Choice]:
    if about is None:
        return []
    blank = dimension_word(about.usual_by) if about.usual_by else _("Not: one number")
    names = [name for name in about.by if name != about.usual_by]
    choices = [Choice("", blank, not chosen)]
    choices += [Choice(name, dimension_word(name), name == chosen) for name in names]
    if (
        chosen and chosen not in about.by
    ):  # of the figure that stood there before: told, not dropped in silence
        choices.append(Choice(chosen, dimension_word(chosen), chosen=True))
    return choices


def _variants(about: Listed | None, chosen: str) -> list[Choice]:
    if about is None or len(about.formula) < 2:
        return []
    usual = _("As the organisation counts (%(variant)s)") % {"variant": about.variant}
    return [
        Choice("", usual, not chosen),
        *(
            Choice(name, f"{name}: {_limits(about, said(formula))}", name == chosen)
            for name, formula in about.formula.items()
        ),
    ]


def _limits(about: Listed, formula: str) -> str:
    for mark, told in (("{T}", about.threshold_s), ("{short}", about.short_s)):
        formula = formula.replace(mark, f"{told:g}" if told is not None else "")
    return formula


def accepted(
    figures: Sequence[Told], known: dict[str, Listed], person: Person, query: str, zone: str, hours: str
) -> tuple[list[Told], dict[int, str]]:
    """The figures as they are kept, and what is wrong with which of them."""
    kept: list[Told] = []
    problems: dict[int, str] = {}
    for number, told in enumerate(figures):
        try:
            kept.append(_accepted(told, known, person, query, zone, hours))
        except AskError as error:
            problems[number] = str(error)
    return kept, problems


def _accepted(
    told: Told, known: dict[str, Listed], person: Person, query: str, zone: str, hours: str
) -> Told:
    about = known.get(told["figure"])
    threshold = _threshold(told["threshold_s"])
    found: Told = {
        "figure": told["figure"],
        "by": told["by"],
        "variant": told["variant"] if about is not None and told["variant"] in about.formula else "",
        "threshold_s": threshold if about is not None and about.threshold_means else None,
    }
    try_figure(person, found, query, zone, hours)
    return found


def _threshold(text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise AskError(_("Write seconds as a number: 20")) from None
    if not 0 <= found <= _LONGEST_S:  # nor is NaN
        raise AskError(_("Write seconds as a number: 20"))
    return found
