"""The catalogue of recordings, over every engine."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from ringbook.ledger.batch import Batch, Gone
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.recording import Joined, KeptRecording, RecordingId
from ringbook.model.scope import Reach, Scope

AT = 1_795_284_663_000_000


def kept(tenant: str, number: int = 1, **told: Any) -> KeptRecording:
    """A recording, received so many seconds after AT."""
    facts: dict[str, Any] = {
        "id": RecordingId(str(uuid.UUID(int=number))),
        "tenant": tenant,
        "source": "pbx",
        "name": f"in-{number}.wav",
        "received_at": AT + number * 1_000_000,
        "sha256": f"{number:064x}",
        **told,
    }
    return KeptRecording(**facts)


def call_id(number: int) -> CallId:
    return CallId(f"019ab3f2-77c1-8000-8000-{number:012x}")


def test_a_recording_is_found_again_as_it_was_kept(ledger: Ledger, scope: Scope) -> None:
    one = kept(
        scope.tenant,
        call=call_id(1),
        joined=Joined.ID,
        confidence=0.98,
        started_at=AT,
        duration_s=3.5,
        ids=("1795284663.113",),
        silenced=((1.0, 2.0),),
    )
    catalogue = Catalogue(ledger)
    catalogue.keep(scope.tenant, [one])
    catalogue.keep(scope.tenant, [one])
    assert catalogue.get(scope, [one.id]) == [one]
    assert catalogue.of_calls(scope, [call_id(1), call_id(2)]) == {call_id(1): [one]}
    assert catalogue.same(scope, "pbx", one.sha256) == [one]
    assert catalogue.same(scope, "elsewhere", one.sha256) == []


def test_the_newest_version_stands(ledger: Ledger, scope: Scope) -> None:
    catalogue = Catalogue(ledger)
    catalogue.keep(scope.tenant, [kept(scope.tenant)])
    later = kept(scope.tenant, call=call_id(1), version=2)
    catalogue.keep(scope.tenant, [later])
    catalogue.keep(scope.tenant, [kept(scope.tenant)])
    assert catalogue.get(scope, [later.id]) == [later]
    assert catalogue.page(scope, unmatched=True).items == []


def test_pages_go_from_the_last_received_to_the_first(ledger: Ledger, scope: Scope) -> None:
    catalogue = Catalogue(ledger)
    some = [kept(scope.tenant, number, problem="cut off" if number == 3 else "") for number in range(1, 8)]
    catalogue.keep(scope.tenant, some)
    found, cursor = [], ""
    while True:
        page = catalogue.page(scope, limit=3, cursor=cursor)
        found += page.items
        cursor = page.cursor
        if not cursor:
            break
    assert found == some[::-1]
    assert catalogue.page(scope, problems=True).items == [some[2]]
    assert catalogue.page(scope, source="elsewhere").items == []


def test_what_was_destroyed_leaves_a_row_that_only_its_id_finds(ledger: Ledger, scope: Scope) -> None:
    catalogue = Catalogue(ledger)
    catalogue.keep(scope.tenant, [kept(scope.tenant, call=call_id(1))])
    gone = kept(scope.tenant, name="", sha256="", gone=True, version=2)
    catalogue.keep(scope.tenant, [gone])
    assert catalogue.of_calls(scope, [call_id(1)]) == {}
    assert catalogue.page(scope).items == []
    assert catalogue.get(scope, [gone.id]) == [gone]
    totals = catalogue.totals(scope)
    assert (totals.kept, totals.destroyed) == (0, 1)


def test_a_call_has_the_recordings_of_the_calls_that_were_joined_into_it(
    ledger: Ledger, scope: Scope
) -> None:
    catalogue = Catalogue(ledger)
    one = kept(scope.tenant, call=call_id(3))
    catalogue.keep(scope.tenant, [one])
    ledger.write(
        Batch(
            tenant=scope.tenant,
            gone=[Gone(call_id(3), AT, 2, call_id(2)), Gone(call_id(2), AT, 2, call_id(1))],
        )
    )
    assert catalogue.of_calls(scope, [call_id(1)]) == {call_id(1): [one]}


def test_recordings_of_another_tenant_are_not_there(ledger: Ledger, scope: Scope) -> None:
    catalogue = Catalogue(ledger)
    catalogue.keep(scope.tenant, [kept(scope.tenant)])
    other = Scope(f"{scope.tenant}-other")
    assert catalogue.page(other).items == []
    assert catalogue.get(other, [kept(scope.tenant).id]) == []


def test_a_reader_of_some_calls_has_to_come_through_a_call(ledger: Ledger, scope: Scope) -> None:
    some = Scope(scope.tenant, (Reach(extensions=("101",)),))
    with pytest.raises(ValueError, match="restricted"):
        Catalogue(ledger).page(some)
