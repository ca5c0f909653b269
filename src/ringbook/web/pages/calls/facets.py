"""The facets beside the list: how many calls have each value, and the question that a click on one writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.desk.annotations import reading
from ringbook.desk.organisation.models import ExtensionName, QueueName
from ringbook.desk.people.models import Seat
from ringbook.search.values import WEEKDAYS
from ringbook.web.pages.calls import questions
from ringbook.web.pages.calls.asking import Question
from ringbook.web.templatetags import calls as told
from ringbook.web.viewer import Viewer

MOST = 8
"""Values of a facet that are shown."""


class Facet(msgspec.Struct, frozen=True):
    """A field with counts: its title, how its values are read, and whether it is open at first."""

    field: str
    title: Any
    open: bool = True


FACETS = (
    Facet("direction", gettext_lazy("Direction")),
    Facet("outcome", gettext_lazy("Outcome")),
    Facet("queue", gettext_lazy("Queue")),
    Facet("agent", gettext_lazy("Agent")),
    Facet("tag", gettext_lazy("Tags")),
    Facet("outcome-code", gettext_lazy("Outcome code")),
    Facet("trunk", gettext_lazy("Trunk"), open=False),
    Facet("source", gettext_lazy("Source"), open=False),
    Facet("weekday", gettext_lazy("Weekday"), open=False),
    Facet("hour", gettext_lazy("Hour"), open=False),
)

_IN_ORDER = {"weekday", "hour"}
"""Facets that stand in the order of their values, not of their counts."""


class Choice(msgspec.Struct, frozen=True):
    """One value: what a click and its other control ask."""

    label: str
    icon: str
    calls: int
    share: float
    toggled: str
    negated: str
    included: bool
    excluded: bool


class Group(msgspec.Struct, frozen=True):
    """One facet with its values."""

    field: str
    title: str
    open: bool
    choices: list[Choice]


class Counted(msgspec.Struct, frozen=True):
    """All facets of a question; ``since`` is where counting began when the whole would take too long."""

    groups: list[Group]
    since: int | None


def counted(question: Question) -> Counted:
    """The facets of a question. What it asks of a field does not count for that field, so that one can choose another value."""
    own = {facet.field: questions.without(question.text, facet.field) for facet in FACETS}
    plain = [facet.field for facet in FACETS if questions.same(own[facet.field], question.text)]
    answer = question.facets(plain, _most(plain)) if plain else None
    counts = dict(answer.counts) if answer else {}
    since = answer.since if answer else None
    for field in own.keys() - counts.keys():
        alone = Question(question.viewer, own[field]).facets([field], _most([field]))
        counts |= alone.counts
        since = max(filter(None, (since, alone.since)), default=None)
    names = _names(question.viewer)
    groups = [_group(question.text, facet, counts.get(facet.field, []), names) for facet in FACETS]
    return Counted([group for group in groups if group.choices], since)


def _most(fields: list[str]) -> int:
    return 24 if _IN_ORDER & set(fields) else MOST


def _group(question: str, facet: Facet, counts: list[Any], names: Mapping[str, Mapping[str, str]]) -> Group:
    asked = questions.chosen(question, facet.field)
    found = {count.value: count.calls for count in counts if count.value}
    if facet.field == "weekday":
        found = {WEEKDAYS[int(day) - 1]: calls for day, calls in found.items()}
    # What is asked for stays to be taken back, also when no call has it.
    for value in asked.included | asked.excluded:
        if value not in {known.lower() for known in found}:
            found[value] = 0
    order = sorted(found, key=_place(facet.field)) if facet.field in _IN_ORDER else list(found)
    if facet.field not in _IN_ORDER:
        order = order[:MOST] + [
            value for value in order[MOST:] if value.lower() in asked.included | asked.excluded
        ]
    most = max(found.values(), default=0)
    opened = facet.open or bool(asked.included or asked.excluded)
    choices = [
        Choice(
            label=_label(facet.field, value, names),
            icon=_icon(facet.field, value),
            calls=found[value],
            share=round(found[value] / most, 3) if most else 0.0,
            toggled=questions.toggled(question, facet.field, value),
            negated=questions.negated(question, facet.field, value),
            included=value.lower() in asked.included,
            excluded=value.lower() in asked.excluded,
        )
        for value in order
    ]
    return Group(facet.field, str(facet.title), opened, choices)


def _place(field: str) -> Callable[[str], int]:
    if field == "weekday":
        return lambda value: WEEKDAYS.index(value) if value in WEEKDAYS else len(WEEKDAYS)
    return lambda value: int(value) if value.isdecimal() else 24


def _label(field: str, value: str, names: Mapping[str, Mapping[str, str]]) -> str:
    match field:
        case "direction":
            return told.direction_word(value)
        case "outcome":
            return told.outcome_word(value)
        case "weekday" if value in WEEKDAYS:
            return _WEEKDAY_NAMES[WEEKDAYS.index(value)]()
        case "hour" if value.isdecimal():
            return f"{int(value):02}:00"
    name = names.get(field, {}).get(value)
    return (
        _("%(name)s (%(key)s)") % {"name": name, "key": value} if name and field == "agent" else name or value
    )


def _weekday(number: int) -> Callable[[], str]:
    return lambda: date_format(date(2024, 1, 1 + number), "l")  # that year began on a Monday


_WEEKDAY_NAMES = [_weekday(number) for number in range(7)]


def _icon(field: str, value: str) -> str:
    match field:
        case "direction":
            return told.DIRECTIONS.get(value, told.DIRECTIONS["unknown"])[0]
        case "outcome":
            return told.OUTCOMES.get(value, told.OUTCOMES["unknown"])[0]
    return ""


def _names(viewer: Viewer) -> dict[str, dict[str, str]]:
    """What values are called by people: extensions, queues and outcome codes."""
    extensions = dict(ExtensionName.objects.within(viewer.scope).values_list("extension", "name"))
    extensions |= {
        seat.extension: str(seat.person)
        for seat in Seat.objects.within(viewer.scope).filter(until=None).select_related("person")
    }
    queues = dict(QueueName.objects.within(viewer.scope).exclude(name="").values_list("queue", "name"))
    codes = {code.key: code.label for code in reading.outcomes(viewer.scope)}
    return {"agent": extensions, "queue": queues, "outcome-code": codes}
