"""Readers who see some calls only, what they see told a second time in plain Python, and calls to try them on."""

from __future__ import annotations

import random

import msgspec
from hypothesis import strategies as st

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.model.call import Call
from ringbook.model.instant import DAY
from ringbook.model.party import EndpointKind
from ringbook.model.scope import Reach, Scope

from .calls import NOW, identity, random_calls

PHONES = ["101", "102", "104", "300", "1", ""]
QUEUES = ["Sales", "sales", "Sales West", "Support", "it's \"a\\\t'queue'", ""]


def takes_part(call: Call) -> set[str]:
    """The phones of ours on a call."""
    found = {side.number for side in (call.caller, call.called) if side.kind is EndpointKind.PERSON}
    found |= {leg.number for leg in call.legs if leg.kind is EndpointKind.PERSON}
    return {number for number in found | {agent.extension for agent in call.agents} if number}


def inside(scope: Scope, call: Call) -> bool:
    """Whether the reader may see a call."""
    if call.tenant != scope.tenant:
        return False
    return scope.reaches is None or any(
        (takes_part(call) & set(reach.extensions) or (call.queue and call.queue in reach.queues))
        and (reach.since is None or call.started_at >= reach.since)
        and (reach.until is None or call.started_at < reach.until)
        for reach in scope.reaches
    )


_instants = st.one_of(
    st.none(), st.integers(0, 900).map(lambda days: NOW - days * DAY // 8), st.just(NOW - 40 * DAY)
)
_reaches = st.builds(
    Reach,
    extensions=st.lists(st.sampled_from(PHONES), max_size=2).map(tuple),
    queues=st.lists(st.sampled_from(QUEUES), max_size=2).map(tuple),
    since=_instants,
    until=_instants,
)
some_reaches = st.lists(_reaches, max_size=4).map(tuple)
"""What readers may be restricted to, nothing at all among it."""


class World(msgspec.Struct):
    """A tenant's calls as they are now, and the ids that lead to some of them."""

    tenant: str
    calls: list[Call]
    leads: dict[str, str]

    def seen(self, scope: Scope) -> list[Call]:
        """The calls that a reader may see, newest first."""
        found = [call for call in self.calls if inside(scope, call)]
        return sorted(found, key=lambda call: (call.started_at, call.id), reverse=True)


def write_world(ledger: Ledger, tenant: str, count: int = 160) -> World:
    """Calls of which a third were told otherwise before, and some were joined into others."""
    chance = random.Random(count)
    before = random_calls(count, 21, tenant)
    ledger.write(Batch(tenant=tenant, calls=before))
    other = random_calls(count, 22, tenant)
    now: dict[str, Call] = {call.id: call for call in before}
    revised = []
    for old, new in zip(before[: count // 3], other, strict=False):
        started = old.started_at if chance.random() < 0.7 else old.started_at - chance.randrange(2 * DAY)
        revised.append(msgspec.structs.replace(new, id=old.id, started_at=started, revision=2))
    ledger.write(Batch(tenant=tenant, calls=revised))
    now |= {call.id: call for call in revised}
    leads: dict[str, str] = {}
    gone = []
    for joined, into in zip(before[-count // 8 :], before, strict=False):
        leads[joined.id] = into.id
        gone.append(Gone(joined.id, joined.started_at, 1, into.id))
        del now[joined.id]
    ledger.write(Batch(tenant=tenant, gone=gone))
    odd = msgspec.structs.replace(
        other[-1], id=identity(NOW - DAY, 9_999), started_at=NOW - DAY, queue=QUEUES[4], agents=()
    )
    ledger.write(Batch(tenant=tenant, calls=[odd]))
    return World(tenant, [*now.values(), odd], leads)
