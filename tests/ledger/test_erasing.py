"""Removing for good: gone for readers at once, from the disk when purged, accounted for, and not lost when it comes again."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from ringbook.ledger import imports
from ringbook.ledger.annotations import CallNotes, NamedNumber
from ringbook.ledger.batch import Batch, Gone, Retelling
from ringbook.ledger.changes import Mark, changes_after, standing
from ringbook.ledger.engines.engine import HIDING
from ringbook.ledger.erased import erased
from ringbook.ledger.erasing import Removal, Removed, carry_out, planned, remove
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.recordings import Catalogue
from ringbook.ledger.verify import verify
from ringbook.model.instant import LATEST
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import Scope
from ringbook.model.warrant import Ground

from .. import tombstones
from ..warrants import a_warrant
from .made import BASE, batch, frame, key_of

LAST_STAMP = "SELECT toUnixTimestamp64Micro(max(written_at)) FROM calls WHERE tenant = {tenant:String}"


def differences(ledger: Ledger, scope: Scope) -> list[str]:
    return [finding.text for finding in verify(ledger, scope) if finding.differs]


def written(ledger: Ledger, scope: Scope) -> Batch:
    """Twenty calls, of which the second was joined into the first."""
    first = batch(scope.tenant, 0)
    oldest, second = first.calls[:2]
    ledger.write(first)
    joined = msgspec.structs.replace(oldest, revision=2, frames=oldest.frames + second.frames)
    ledger.write(
        Batch(tenant=scope.tenant, calls=[joined], gone=[Gone(second.id, second.started_at, 1, oldest.id)])
    )
    assert differences(ledger, scope) == []
    return first


def test_a_removed_call_is_gone_with_all_that_hung_on_it(ledger: Ledger, scope: Scope) -> None:
    first = written(ledger, scope)
    oldest, second, third = first.calls[:3]
    ledger.annotate(
        scope.tenant, [CallNotes(call=oldest.id, notes="refund"), CallNotes(call=third.id, notes="kept")]
    )
    [before] = [row[0] for row in ledger.query_rows(scope, LAST_STAMP)]
    warrant = a_warrant(Ground.RETENTION, scope.tenant, "rule:7", by="rule")

    # Asked for by the id that was joined: it is the same call.
    done = remove(ledger, warrant, Removal(calls=[second.id]))

    assert done == Removed(calls=1, frames=2, notes=1)
    assert ledger.calls(scope, [oldest.id, second.id]) == []
    assert ledger.count(scope) == 18
    assert ledger.frames(scope, [*oldest.frames, *second.frames]) == []
    assert (
        ledger.owners(scope, [key_of(f"{scope.tenant} u:0/0"), key_of(f"{scope.tenant} u:0/1")], 0, None)
        == {}
    )
    there = ledger.query_rows(scope, "SELECT toString(call) FROM annotations WHERE tenant = {tenant:String}")
    assert there == [(third.id,)]
    assert differences(ledger, scope) == []
    [tombstone] = erased(ledger, scope, "call", [oldest.id, third.id]).values()
    assert (tombstone.id, tombstone.reference, tombstone.by) == (oldest.id, "rule:7", "rule")
    assert tombstones.counts(ledger, scope, warrant.id) == {"call": 2, "frame": 2, "note": 1}
    listed = tombstones.removed(ledger, scope, warrant.id)
    assert [name for kind, name in listed if kind == "frame"] == sorted(
        f.hex() for f in oldest.frames + second.frames
    )
    # Whoever follows learns of it.
    told = changes_after(ledger, scope, Mark(before), LATEST, 10)
    assert {(change.id, change.gone) for change in told} == {(oldest.id, True), (second.id, True)}
    assert changes_after(ledger, scope, told[0].mark, LATEST, 10) == told[1:]
    assert standing(ledger, scope, [oldest.id, third.id]).keys() == {third.id}


def test_a_removal_again_or_cut_short_comes_to_the_same_end(ledger: Ledger, scope: Scope) -> None:
    first = written(ledger, scope)
    warrant = a_warrant(tenant=scope.tenant)
    plan = planned(ledger, warrant, Removal(calls=[c.id for c in first.calls[:5]]))
    # Cut short: the tombstones and some of the frames.
    carry_out(ledger, msgspec.structs.replace(plan, calls=[], joined=[], frames=plan.frames[:2]))
    assert remove(ledger, warrant, Removal(calls=[first.calls[0].id])).calls == 1
    carry_out(ledger, plan)
    carry_out(ledger, plan)
    assert ledger.count(scope) == 15
    assert differences(ledger, scope) == []
    assert remove(ledger, warrant, Removal(calls=[c.id for c in first.calls[:5]])) == Removed()
    assert tombstones.counts(ledger, scope, warrant.id) == {"call": 5, "frame": 5}


def test_frames_alone_go_and_the_call_stays_as_it_is_told(ledger: Ledger, scope: Scope) -> None:
    first = written(ledger, scope)
    third = first.calls[2]
    assert remove(ledger, a_warrant(tenant=scope.tenant), Removal(frames=list(third.frames))).frames == 1
    assert ledger.calls(scope, [third.id]) == [third]
    assert ledger.frames(scope, third.frames) == []
    assert differences(ledger, scope) == []
    assert erased(ledger, scope, "frame", [third.frames[0].hex()])
    # The same record brought again is known, and stays removed.
    assert ledger.known_frames(scope, "pbx", third.frames) == set(third.frames)
    assert ledger.known_frames(scope, "another", third.frames) == set()


def test_what_an_undone_import_brought_can_come_again(ledger: Ledger, scope: Scope) -> None:
    first = written(ledger, scope)
    third = first.calls[2]
    remove(ledger, a_warrant(Ground.UNDO, scope.tenant), Removal(calls=[third.id]))
    assert ledger.known_frames(scope, "pbx", third.frames) == set()
    again = Batch(
        tenant=scope.tenant,
        frames=[f for f in first.frames if f.id in third.frames],
        calls=[third],
        keys=[k for k in first.keys if k.call == third.id],
    )
    ledger.write(again)
    assert ledger.calls(scope, [third.id]) == [third]
    key = key_of(f"{scope.tenant} u:0/2")
    assert ledger.owners(scope, [key], 0, None) == {key: third.id}
    assert differences(ledger, scope) == []
    # The very same batch, removed and written once more, is no repetition of an insert.
    remove(ledger, a_warrant(Ground.UNDO, scope.tenant), Removal(calls=[third.id]))
    assert ledger.count(scope) == 18
    ledger.write(again)
    ledger.write(again)
    assert ledger.calls(scope, [third.id]) == [third]
    assert ledger.owners(scope, [key], 0, None) == {key: third.id}
    assert differences(ledger, scope) == []


@pytest.mark.parametrize("what", ["call", "frame"])
def test_what_went_without_a_warrant_is_a_difference(ledger: Ledger, scope: Scope, what: str) -> None:
    third = written(ledger, scope).calls[2]
    params = {"tenant": scope.tenant, "call": third.id}
    if what == "call":
        sql = "DELETE FROM calls WHERE tenant = {tenant:String} AND id = {call:UUID}"
    else:
        sql = f"DELETE FROM frames WHERE tenant = {{tenant:String}} AND id = unhex('{third.frames[0].hex()}')"
    ledger.engine.change(sql, params, HIDING)
    found = differences(ledger, scope)
    assert any(third.frames[0].hex() in text for text in found), found
    assert any("20 different frames came in" in text for text in found) == (what == "frame"), found


def test_a_frame_that_was_removed_and_is_there_is_a_difference(ledger: Ledger, scope: Scope) -> None:
    third = written(ledger, scope).calls[2]
    plan = planned(ledger, a_warrant(tenant=scope.tenant), Removal(frames=list(third.frames)))
    carry_out(ledger, plan)
    ledger.write(Batch(tenant=scope.tenant, frames=[frame(scope.tenant, "0/2", third.started_at)]))
    assert any("are still there" in text for text in differences(ledger, scope))


def test_a_removed_recording_keeps_neither_name_nor_numbers(ledger: Ledger, scope: Scope) -> None:
    catalogue = Catalogue(ledger)
    [kept, other] = [
        KeptRecording(
            id=RecordingId(f"0000000{n}-0000-8000-8000-000000000000"),
            tenant=scope.tenant,
            source="pbx",
            name=f"in-5550100-{n}.wav",
            origin="/var/spool/in-5550100.wav",
            received_at=BASE,
            sha256=f"{n}" * 64,
            numbers=("5550100",),
            version=3,
        )
        for n in range(2)
    ]
    catalogue.keep(scope.tenant, [kept, other])
    warrant = a_warrant(tenant=scope.tenant)
    assert remove(ledger, warrant, Removal(recordings=[kept.id])).recordings == 1
    [bare] = catalogue.get(scope, [kept.id])
    assert bare.gone
    assert (bare.sha256, bare.version) == (kept.sha256, 4)
    assert "5550100" not in repr(bare)
    rows = ledger.query_rows(
        scope, "SELECT name, detail FROM recordings WHERE tenant = {tenant:String}", {}, {"final": 0}
    )
    assert sum("5550100" in repr(row) for row in rows) == 1
    assert catalogue.get(scope, [other.id]) == [other]
    assert remove(ledger, warrant, Removal(recordings=[kept.id])) == Removed()


def test_that_a_call_was_recorded_is_known_as_long_as_the_call_is(ledger: Ledger, scope: Scope) -> None:
    first, second = written(ledger, scope).calls[2:4]
    told = KeptRecording(
        id=RecordingId(str(uuid.uuid4())), tenant=scope.tenant, source="pbx", name="a.wav", received_at=BASE
    )
    rows = [
        msgspec.structs.replace(told, call=first.id, problem="Ann's file is no audio"),
        msgspec.structs.replace(told, id=RecordingId(str(uuid.uuid4())), call=second.id, sha256="2" * 64),
    ]
    catalogue = Catalogue(ledger)
    catalogue.keep(scope.tenant, rows)
    remove(
        ledger,
        a_warrant(tenant=scope.tenant),
        Removal(calls=[second.id], recordings=[one.id for one in rows]),
    )
    bare = {
        one.id: (one.gone, one.call, one.problem) for one in catalogue.get(scope, [one.id for one in rows])
    }
    assert bare == {
        rows[0].id: (True, first.id, "it could not be played"),
        rows[1].id: (True, None, ""),
    }
    assert catalogue.of_calls(scope, [first.id]) == {}


def test_whose_numbers_are_is_removed_without_naming_them(ledger: Ledger, scope: Scope) -> None:
    named = [NamedNumber(f"+1212555010{n}", contact="c", name="Ann Example") for n in range(3)]
    ledger.name_numbers(scope.tenant, named)
    warrant = a_warrant(Ground.ERASURE, scope.tenant)
    assert remove(ledger, warrant, Removal(numbers=["+12125550101", "+12125550199"])).numbers == 1
    left = ledger.query_rows(
        scope, "SELECT number FROM named_numbers WHERE tenant = {tenant:String} ORDER BY number"
    )
    assert left == [("+12125550100",), ("+12125550102",)]
    assert "5550101" not in repr(tombstones.removed(ledger, scope, warrant.id))


def test_a_warrant_removes_in_its_own_tenant_only(ledger: Ledger, scope: Scope) -> None:
    third = written(ledger, scope).calls[2]
    assert remove(ledger, a_warrant(tenant="another"), Removal(calls=[third.id])) == Removed()
    assert ledger.calls(scope, [third.id]) == [third]


def test_what_undoing_a_file_would_come_to_is_counted_on_every_engine(ledger: Ledger, scope: Scope) -> None:
    first = written(ledger, scope)
    told_again = [
        Retelling("pbx", frame.id, "/var/log/copy.csv", "m2", 0, 0, BASE) for frame in first.frames[2:5]
    ]
    ledger.write(Batch(tenant=scope.tenant, retold=told_again))
    ledger.annotate(scope.tenant, [CallNotes(call=first.calls[7].id, notes="refund")])
    [file] = imports.files_read(ledger, scope)
    file = msgspec.structs.replace(
        file, last_at=LATEST
    )  # these frames were received after their account was written
    found = imports.effect(ledger, scope, [file])
    assert (found.records, found.staying) == (17, 3)
    assert (found.vanishing, found.annotated, found.changing) == (16, 1, 0)
    assert sum(len(some) for some in imports.brought(ledger, scope, file)) == 20
    assert imports.retold(ledger, scope, "pbx", [f.id for f in first.frames]) == sorted(
        told_again, key=lambda one: one.frame
    )
    assert imports.resting_on(ledger, scope, first.calls[1].frames) == [first.calls[0].id]
