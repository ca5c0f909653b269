"""A call as it leaves the server: the public shape, within what the viewer may know, with what people added to it.

To the public shape come ``contact`` in each party and leg, and ``annotations``. A page of calls asks the directory once and the
annotations once, however many calls it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringbook.desk.annotations import reading
from ringbook.desk.directory.names import Named, names_of
from ringbook.desk.people.roles import Right
from ringbook.model.call import Call
from ringbook.model.masking import masked
from ringbook.model.public import FLAT_COLUMNS, public
from ringbook.web.viewer import Viewer


def shown(viewer: Viewer, call: Call) -> dict[str, Any]:
    """The shape of a call for a viewer."""
    return shown_many(viewer, [call])[0]


def shown_many(viewer: Viewer, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The shapes of calls for a viewer, in their order."""
    names = names_of(viewer.scope, _numbers(calls)) if viewer.may(Right.SEE_CONTACTS) else {}
    added = reading.of_calls(viewer.scope, [call.id for call in calls])
    shapes = []
    for call in calls:
        shape = bare(viewer, call)
        _name(shape, call, names)
        shape["annotations"] = _summary(added[call.id])
        shapes.append(shape)
    return shapes


def bare(viewer: Viewer, call: Call) -> dict[str, Any]:
    """The public shape alone, masked for a viewer who may not see numbers."""
    shape = public(call)
    return dict(masked(shape)) if viewer.scope.masked else shape


def flat_shown(shape: Mapping[str, Any]) -> dict[str, str]:
    """A shape as one row of text under ``FLAT_COLUMNS``, as ``model.public.flat`` writes an unmasked call."""
    row = {name: shape.get(name) for name in FLAT_COLUMNS}
    row |= {f"cause_{name}": value for name, value in shape["cause"].items()}
    row |= {
        f"{side}_{name}": shape[side][name] for side in ("from", "to") for name in ("number", "raw", "name")
    }
    row |= shape["quality"]
    row["agents"] = ";".join(agent["extension"] or agent["name"] or "" for agent in shape["agents"])
    row["transfers"] = ";".join(
        f"{one['kind'] or ''}:{one['by'] or ''}>{one['to'] or ''}" for one in shape["transfers"]
    )
    row["recordings"] = ";".join(one["name"] for one in shape["recordings"])
    row["sources"] = ";".join(shape["sources"])
    return {name: _cell(row[name]) for name in FLAT_COLUMNS}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _numbers(calls: Iterable[Call]) -> set[str]:
    found: set[str] = set()
    for call in calls:
        found |= {call.caller.number, call.called.number}
        found |= {leg.number for leg in call.legs}
    return found - {""}


def _name(shape: dict[str, Any], call: Call, names: Mapping[str, Named]) -> None:
    """Say who is behind the numbers of a shape; the call has them whole where the shape may not."""
    shape["from"]["contact"] = _contact(names.get(call.caller.number))
    shape["to"]["contact"] = _contact(names.get(call.called.number))
    for shown_leg, leg in zip(shape["legs"], call.legs, strict=True):
        shown_leg["contact"] = _contact(names.get(leg.number))


def _contact(named: Named | None) -> dict[str, str] | None:
    return {"id": named.contact_id, "name": named.name, "company": named.company} if named else None


def _summary(added: reading.Annotations) -> dict[str, Any]:
    return {
        "tags": [{"id": str(tag.id), "name": tag.name, "colour": tag.colour} for tag in added.tags],
        "notes": len(added.notes),
        "outcome_code": added.outcome and {"key": added.outcome.key, "label": added.outcome.label},
        "assigned": list(added.assigned),
    }
