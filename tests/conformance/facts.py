"""Which facts a call states, by the names of its public shape."""

from __future__ import annotations

import msgspec

from ringbook.model.call import Call, Cause, Direction, HangupBy, Outcome
from ringbook.model.party import Party

_UNKNOWN = {Direction.UNKNOWN, Outcome.UNKNOWN, HangupBy.UNKNOWN}
_NOT_FACTS = frozenset({"id", "tenant", "sources", "keys", "frames", "revision", "rules"})
_PUBLIC = {"caller": "from", "called": "to"}

PUBLIC = frozenset(
    _PUBLIC.get(field.name, field.name)
    for field in msgspec.structs.fields(Call)
    if field.name not in _NOT_FACTS
)
"""All facts that a format can declare."""


def known(call: Call) -> set[str]:
    """The facts that the call states: neither null nor empty nor unknown."""
    return {
        _PUBLIC.get(field.name, field.name)
        for field in msgspec.structs.fields(call)
        if field.name not in _NOT_FACTS and _is_known(getattr(call, field.name))
    }


def _is_known(value: object) -> bool:
    match value:
        case None | "" | ():
            return False
        case Cause():
            return value != Cause()
        case Party():
            return bool(value.number or value.name)
        case msgspec.Struct():
            return any(getattr(value, field.name) is not None for field in msgspec.structs.fields(value))
        case _:
            return value not in _UNKNOWN
