"""The checks find what is wrong, and nothing where nothing is."""

from __future__ import annotations

import msgspec

from ringbook.ledger.batch import Batch, Gone, KeyRow
from ringbook.ledger.ledger import Ledger
from ringbook.ledger.verify import SHOWN, verify
from ringbook.model.frame import FrameKind
from ringbook.model.scope import Scope

from .made import batch, call, frame, id_at

replace = msgspec.structs.replace


def differences(ledger: Ledger, scope: Scope) -> list[str]:
    return [finding.text for finding in verify(ledger, scope) if finding.differs]


def test_what_adds_up_has_no_difference(ledger: Ledger, scope: Scope) -> None:
    for number in range(3):
        ledger.write(batch(scope.tenant, number))
    one, two, *_ = batch(scope.tenant, 0).calls
    joined = replace(one, revision=2, frames=one.frames + two.frames)
    ledger.write(Batch(tenant=scope.tenant, calls=[joined], gone=[Gone(two.id, two.started_at, 1, one.id)]))
    assert differences(ledger, scope) == []
    assert len(list(verify(ledger, scope))) == 7


def test_nothing_has_no_difference(ledger: Ledger, scope: Scope) -> None:
    assert differences(ledger, scope) == []


def test_missing_and_doubled_bytes(ledger: Ledger, scope: Scope) -> None:
    first, _, third = (batch(scope.tenant, number) for number in range(3))
    ledger.write(first)
    ledger.write(third)
    assert differences(ledger, scope) == [
        "pbx: /var/log/cdr.csv: bytes 1000 to 2000 are in no frame; import it again from the start"
    ]
    (tally,) = third.tallies
    extra = replace(tally, start=2500, frames=0, stated=0, size=500)
    ledger.write(Batch(tenant=scope.tenant, tallies=[extra]))
    assert "pbx: /var/log/cdr.csv: bytes 2500 to 3000 were counted twice" in differences(ledger, scope)


def test_sums_that_do_not_add_up(ledger: Ledger, scope: Scope) -> None:
    made = batch(scope.tenant, 0, size=5)
    (tally,) = made.tallies
    ledger.write(replace(made, tallies=[replace(tally, stated=4, size=999)]))
    assert differences(ledger, scope) == [
        "pbx: /var/log/cdr.csv: bytes 0 to 1000 gave frames of 999 bytes together",
        "pbx: /var/log/cdr.csv: bytes 0 to 1000 gave 5 frames, but 4 stated + 0 rejected + 0 noise (0 of them repeated)",
    ]


def test_a_lost_frame_and_a_wrong_position(ledger: Ledger, scope: Scope) -> None:
    made = batch(scope.tenant, 0, size=5)
    (position,) = made.positions
    lost = made.frames[2]
    frames = [f for f in made.frames if f != lost]
    ledger.write(replace(made, frames=frames, positions=[replace(position, offset=7)]))
    assert differences(ledger, scope) == [
        "pbx: /var/log/cdr.csv: reading goes on at byte 7, but the accounts end at byte 1000",
        "pbx: the accounts say that 5 different frames came in, and 4 are there",
        f"frame {lost.id.hex()} is in 1 call but not in the ledger",
    ]


def test_frames_in_too_many_or_too_few_calls(ledger: Ledger, scope: Scope) -> None:
    made = batch(scope.tenant, 0, size=3)
    one, two, three = made.calls
    noise = replace(made.frames[1], kind=FrameKind.NOISE, about_call=False)
    ledger.write(
        replace(
            made,
            frames=[made.frames[0], noise, made.frames[2]],
            calls=[replace(one, frames=one.frames + two.frames), replace(three, frames=one.frames)],
            keys=[],
        )
    )
    again = "; `ringbook rederive` folds it again"
    assert sorted(differences(ledger, scope)) == sorted(
        [
            f"frame {made.frames[0].id.hex()} tells about a call and is in 2 calls{again}",
            f"frame {made.frames[1].id.hex()} tells about no call and is in 1 call",
            f"frame {made.frames[2].id.hex()} tells about a call and is in no call{again}",
        ]
    )


def test_keys_and_joined_calls_that_lead_nowhere(ledger: Ledger, scope: Scope) -> None:
    ghost, other = id_at(5000, "ghost"), id_at(5000, "other")
    live = call(scope.tenant, "live", frames=())
    ledger.write(
        Batch(
            tenant=scope.tenant,
            calls=[live],
            keys=[KeyRow(1, 5000, ghost)],
            gone=[Gone(id_at(6000, "joined"), 6000, 1, other)],
        )
    )
    assert sorted(differences(ledger, scope)) == sorted(
        [
            f"keys belong to call {ghost}, which is not there",
            f"a joined call leads to call {other}, which is not there",
            f"call {live.id} rests on no frames",
        ]
    )


def test_many_differences_are_counted_not_listed(ledger: Ledger, scope: Scope) -> None:
    ledger.write(Batch(tenant=scope.tenant, frames=[frame(scope.tenant, f"f{n}") for n in range(50)]))
    found = [text for text in differences(ledger, scope) if "in no call" in text]
    assert len(found) == SHOWN
    assert any(text.startswith("… and at least") for text in differences(ledger, scope))
