"""What the parts of figures are called here: queues and phones by the names that people gave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ringbook.desk.organisation.models import ExtensionName, QueueName
from ringbook.desk.people.models import Seat
from ringbook.model.scope import Scope


def part_names(scope: Scope, by: str, labels: Sequence[str]) -> Mapping[str, str]:
    """The names of those parts that have one, by label; phones keep their number beside it."""
    return _NAMES[by](scope, labels) if by in _NAMES else {}


def _queues(scope: Scope, labels: Sequence[str]) -> Mapping[str, str]:
    found = QueueName.objects.within(scope).filter(queue__in=labels).exclude(name="")
    return dict(found.values_list("queue", "name"))


def _phones(scope: Scope, labels: Sequence[str]) -> Mapping[str, str]:
    known = ExtensionName.objects.within(scope).filter(extension__in=labels)
    named = dict(known.values_list("extension", "name"))
    seats = Seat.objects.within(scope).filter(until=None, extension__in=labels)
    named |= {seat.extension: str(seat.person) for seat in seats.select_related("person")}
    return {extension: f"{name} ({extension})" for extension, name in named.items()}


_NAMES: dict[str, Callable[[Scope, Sequence[str]], Mapping[str, str]]] = {
    "queue": _queues,
    "agent": _phones,
    "extension": _phones,
}
