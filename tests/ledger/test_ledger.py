"""Same questions, same answers: what every engine must do."""

from __future__ import annotations

import msgspec
import pytest

from ringbook.ledger import ledger as ledger_module
from ringbook.ledger import rows
from ringbook.ledger.batch import Batch, Gone, KeyRow, Position
from ringbook.ledger.errors import LedgerRefusedError
from ringbook.ledger.ledger import Encoded, Ledger
from ringbook.ledger.verify import verify
from ringbook.model.call import Outcome
from ringbook.model.frame import FrameKind
from ringbook.model.instant import DAY, SECOND
from ringbook.model.party import Party
from ringbook.model.scope import Scope

from .made import BASE, MINUTE, batch, call, frame, full_call, id_at, key_of


def test_a_call_comes_back_as_it_was_written(ledger: Ledger, scope: Scope) -> None:
    calls = [full_call(scope.tenant), call(scope.tenant, "plain", BASE + MINUTE)]
    ledger.write(Batch(tenant=scope.tenant, calls=calls))
    assert ledger.calls(scope, [c.id for c in calls]) == calls
    assert ledger.select(scope) == calls[::-1]


def test_unknown_stays_unknown_and_zero_stays_zero(ledger: Ledger, scope: Scope) -> None:
    made = call(scope.tenant, "one", talk_s=0.0, duration_s=None)
    ledger.write(Batch(tenant=scope.tenant, calls=[made]))
    (found,) = ledger.calls(scope, [made.id])
    assert (found.talk_s, found.duration_s, found.answered_at, found.quality.mos) == (0.0, None, None, None)
    assert ledger.count(scope, "isNull(duration_ms) AND talk_ms = 0") == 1


def test_writing_again_changes_nothing(ledger: Ledger, scope: Scope) -> None:
    first = batch(scope.tenant, 0)
    for _ in range(3):
        ledger.write(first)
    assert ledger.count(scope) == len(first.calls)
    assert list(ledger.frames_between(scope, None, 0, 2**52)) == first.frames
    assert ledger.tallies(scope) == first.tallies


def test_rows_that_are_bytes_already_count_like_others(ledger: Ledger, scope: Scope) -> None:
    whole = batch(scope.tenant, 0, size=6)
    encoded = Encoded(
        rows.encode_calls(whole.calls[:2]) + rows.encode_calls(whole.calls[2:4]),
        rows.encode_frames(whole.frames[:5]),
    )
    ledger.write(msgspec.structs.replace(whole, calls=whole.calls[4:], frames=whole.frames[5:]), encoded)
    assert ledger.calls(scope, [c.id for c in whole.calls]) == whole.calls
    assert ledger.frames(scope, [f.id for f in whole.frames]) == sorted(whole.frames, key=lambda f: f.id)


@pytest.mark.parametrize("moved", [0, 5 * SECOND, 40 * DAY])
def test_a_new_revision_takes_the_place_of_the_old(ledger: Ledger, scope: Scope, moved: int) -> None:
    old = call(scope.tenant, "one")
    new = msgspec.structs.replace(old, revision=2, started_at=old.started_at - moved, outcome=Outcome.BUSY)
    ledger.write(Batch(tenant=scope.tenant, calls=[old]))
    ledger.write(Batch(tenant=scope.tenant, calls=[new]))
    assert ledger.select(scope) == [new]
    assert ledger.calls(scope, [old.id]) == [new]
    assert ledger.count(scope, "outcome = 'missed'") == 0


def test_an_old_revision_that_comes_late_changes_nothing(ledger: Ledger, scope: Scope) -> None:
    new = call(scope.tenant, "one", revision=2)
    ledger.write(Batch(tenant=scope.tenant, calls=[new]))
    ledger.write(Batch(tenant=scope.tenant, calls=[msgspec.structs.replace(new, revision=1, queue="old")]))
    assert ledger.select(scope) == [new]


def test_a_joined_call_leads_to_the_other(ledger: Ledger, scope: Scope) -> None:
    one, two, three = (call(scope.tenant, name, BASE + n * 40 * DAY) for n, name in enumerate("abc"))
    keys = [KeyRow(key_of(f"{scope.tenant}{c.keys[0]}"), c.started_at, c.id) for c in (one, two, three)]
    ledger.write(Batch(tenant=scope.tenant, calls=[one, two, three], keys=keys))
    joined = msgspec.structs.replace(two, revision=2, frames=two.frames + three.frames)
    ledger.write(
        Batch(tenant=scope.tenant, calls=[joined], gone=[Gone(three.id, three.started_at, 1, two.id)])
    )
    assert ledger.calls(scope, [three.id, two.id]) == [joined]
    assert ledger.select(scope) == [joined, one]
    last = msgspec.structs.replace(one, revision=3, frames=one.frames + joined.frames)
    ledger.write(Batch(tenant=scope.tenant, calls=[last], gone=[Gone(two.id, two.started_at, 2, one.id)]))
    assert ledger.calls(scope, [three.id]) == [last]
    assert ledger.count(scope) == 1
    assert ledger.owners(scope, [k.key for k in keys], None, None) == {k.key: one.id for k in keys}


def test_joined_calls_are_told_apart_and_joined_again(ledger: Ledger, scope: Scope) -> None:
    one, two = call(scope.tenant, "a"), call(scope.tenant, "b", BASE + MINUTE)
    ledger.write(Batch(tenant=scope.tenant, calls=[one, two]))
    both = one.frames + two.frames
    for _ in range(2):
        revision = ledger.calls(scope, [one.id])[0].revision
        joined = msgspec.structs.replace(one, revision=revision + 1, frames=both)
        (second,) = (c for c in ledger.select(scope) if c.id == two.id)
        join = Batch(
            tenant=scope.tenant,
            calls=[joined],
            gone=[Gone(two.id, second.started_at, second.revision, one.id)],
        )
        for _ in range(2):
            ledger.write(join)
        assert ledger.select(scope) == [joined]
        assert ledger.calls(scope, [two.id]) == [joined]
        apart = Batch(tenant=scope.tenant, calls=[msgspec.structs.replace(one, revision=revision + 2), two])
        for _ in range(2):  # the same batch is repeated after a crash
            ledger.write(apart)
        assert [(c.id, c.frames) for c in ledger.select(scope)] == [
            (two.id, two.frames),
            (one.id, one.frames),
        ]
        assert [c.id for c in ledger.calls(scope, [two.id])] == [two.id]
        assert not [
            f for f in verify(ledger, scope) if f.differs and "there" in f.text and "joined" in f.text
        ]


def test_readers_see_only_their_tenant(ledger: Ledger, scope: Scope) -> None:
    mine, other = batch(scope.tenant, 0, size=3), Scope(scope.tenant + "-other")
    ledger.write(mine)
    assert ledger.count(other) == 0
    assert ledger.calls(other, [c.id for c in mine.calls]) == []
    assert ledger.frames(other, [f.id for f in mine.frames]) == []
    assert ledger.known_frames(other, "pbx", [f.id for f in mine.frames]) == set()
    assert ledger.owners(other, [k.key for k in mine.keys], None, None) == {}
    assert ledger.positions(other) == ledger.tallies(other) == ledger.source_status(other) == []


def test_a_read_must_name_its_tenant(ledger: Ledger, scope: Scope) -> None:
    with pytest.raises(ValueError, match="scope"):
        ledger.query_rows(scope, "SELECT count() FROM calls")


@pytest.mark.parametrize("size", [3, 700])
def test_owners_of_keys(ledger: Ledger, scope: Scope, size: int) -> None:
    made = batch(scope.tenant, 0, size=size)
    ledger.write(made)
    expected = {row.key: row.call for row in made.keys}
    strange = [key_of(f"strange {n}") for n in range(size)]
    first, last = made.keys[0].at, made.keys[-1].at
    assert ledger.owners(scope, [*expected, *strange], first, last) == expected
    assert ledger.owners(scope, [*expected, *strange], None, None) == expected
    assert ledger.owners(scope, strange, first, last) == {}
    assert ledger.owners(scope, expected, last + 2 * DAY, last + 9 * DAY) == {}
    assert ledger.owners(scope, [], first, last) == {}


@pytest.mark.parametrize("size", [3, 700])
def test_known_frames(ledger: Ledger, scope: Scope, size: int) -> None:
    made = [frame(scope.tenant, f"k{n}", BASE + n * MINUTE) for n in range(size)]
    made.append(frame(scope.tenant, "no time", 0))
    ledger.write(Batch(tenant=scope.tenant, frames=made))
    ids = {row.id for row in made}
    strange = {frame(scope.tenant, f"s{n}", BASE + n * MINUTE).id for n in range(size)}
    assert ledger.known_frames(scope, "pbx", ids | strange) == ids
    assert ledger.known_frames(scope, "other", ids) == set()
    assert ledger.known_frames(scope, "pbx", strange) == set()
    assert ledger.known_frames(scope, "pbx", []) == set()


@pytest.mark.parametrize("others", [0, 4000])
def test_many_frames_by_id(ledger: Ledger, scope: Scope, others: int) -> None:
    made = [frame(scope.tenant, f"k{n}", BASE + n * SECOND) for n in range(600)]
    crowd = [frame(scope.tenant, f"o{n}", BASE + n % 599 * SECOND, source="other") for n in range(others)]
    ledger.write(Batch(tenant=scope.tenant, frames=[*made, *crowd]))
    assert ledger.frames(scope, [row.id for row in made[1:]]) == made[1:]


def test_many_calls_by_id(ledger: Ledger, scope: Scope) -> None:
    made = [call(scope.tenant, f"m{n}", BASE + n * 3 * MINUTE) for n in range(900)]
    far = call(scope.tenant, "far", BASE - 300 * DAY)
    ledger.write(Batch(tenant=scope.tenant, calls=[*made, far]))
    wanted = [far, *made]
    assert ledger.calls(scope, [c.id for c in reversed(wanted)]) == wanted
    assert ledger.calls(scope, [id_at(BASE, "nobody")]) == []


def test_an_id_that_is_none_finds_nothing(ledger: Ledger, scope: Scope) -> None:
    assert ledger.calls(scope, ["", "x' OR 1=1", "018BCFE5"]) == []  # type: ignore[list-item]


def test_frames_with_any_bytes(ledger: Ledger, scope: Scope) -> None:
    junk = frame(
        scope.tenant,
        "junk",
        0,
        data=bytes(range(256)) * 3,
        context=b"\0'\\\n",
        kind=FrameKind.REJECTED,
        about_call=False,
        reason="binary",
        detail="zoë",
    )
    ledger.write(Batch(tenant=scope.tenant, frames=[junk]))
    assert ledger.frames(scope, [junk.id]) == [junk]
    assert ledger.reject(scope, junk.id) == junk


def test_half_a_surrogate_pair_is_replaced(ledger: Ledger, scope: Scope) -> None:
    odd = call(scope.tenant, "odd", caller=Party(number="+12125550101", name="A\ud800B"))
    ledger.write(Batch(tenant=scope.tenant, calls=[odd]))
    assert [c.caller.name for c in ledger.select(scope)] == ["A?B"]


def test_frames_of_a_period_in_order(ledger: Ledger, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "CHUNK", 7)
    made = [frame(scope.tenant, f"p{n}", BASE + n * DAY) for n in range(40)]
    other = frame(scope.tenant, "other", BASE + DAY, source="aaa")
    ledger.write(Batch(tenant=scope.tenant, frames=[*made[::-1], other]))
    assert list(ledger.frames_between(scope, "pbx", BASE + DAY, BASE + 31 * DAY)) == made[1:31]
    assert list(ledger.frames_between(scope, None, 0, 2**52)) == [other, *made]


def test_a_frame_understood_anew(ledger: Ledger, scope: Scope) -> None:
    reject = frame(scope.tenant, "r", 0, kind=FrameKind.REJECTED, about_call=False, reason="odd")
    noise = frame(scope.tenant, "n", BASE, kind=FrameKind.NOISE, about_call=False, reason="banner")
    ledger.write(Batch(tenant=scope.tenant, frames=[reject, noise]))
    stated = frame(scope.tenant, "r", BASE)
    restated = msgspec.structs.replace(noise, kind=FrameKind.STATED, about_call=True, reason="")
    change = Batch(tenant=scope.tenant, frames=[stated], restated=[restated], replaced=[reject])
    for _ in range(2):
        ledger.write(change)
    assert ledger.rejects(scope).rows == []
    assert {f.id: f for f in ledger.frames_between(scope, None, 0, 2**52)} == {
        stated.id: stated,
        noise.id: restated,
    }
    assert ledger.known_frames(scope, "pbx", [reject.id]) == {reject.id}


def test_rejects_page_by_page(ledger: Ledger, scope: Scope) -> None:
    made = [
        frame(
            scope.tenant,
            f"r{n}",
            0,
            kind=FrameKind.REJECTED,
            about_call=False,
            reason="odd" if n % 2 else "short",
            received_at=BASE + n // 3 * SECOND,
        )
        for n in range(11)
    ]
    ledger.write(Batch(tenant=scope.tenant, frames=[*made, frame(scope.tenant, "fine")]))
    expected = sorted(made, key=lambda row: (row.received_at, row.id), reverse=True)
    found, cursor = [], ""
    while True:
        page = ledger.rejects(scope, limit=4, cursor=cursor)
        found += page.rows
        cursor = page.cursor
        if not cursor:
            break
    assert found == expected
    assert ledger.rejects(scope, reason="odd").rows == [r for r in expected if r.reason == "odd"]
    assert ledger.rejects(scope, source="nobody").rows == []
    assert [(c.source, c.kind, c.reason, c.count) for c in ledger.reasons(scope)] == [
        ("pbx", "rejected", "odd", 5),
        ("pbx", "rejected", "short", 6),
    ]
    assert ledger.reject(scope, frame(scope.tenant, "fine").id) is None


def test_positions(ledger: Ledger, scope: Scope) -> None:
    one = Position("pbx", "/a", "m", 10, b"\xff\0", "asterisk_cel")
    two = Position("voip", "/b", "m", 0)
    ledger.write(Batch(tenant=scope.tenant, positions=[one, two]))
    assert ledger.positions(scope) == [one, two]
    further = msgspec.structs.replace(one, offset=2**40, context=b"")
    ledger.write(Batch(tenant=scope.tenant, positions=[further]))
    assert ledger.position(scope, "pbx", "/a", "m") == further
    assert ledger.position(scope, "pbx", "/a", "another") is None
    assert ledger.positions(scope, "voip") == [two]


def test_what_is_known_of_sources(ledger: Ledger, scope: Scope) -> None:
    now = BASE + DAY
    frames = [frame(scope.tenant, f"s{n}", BASE, received_at=now - n * 3600 * SECOND) for n in range(30)]
    frames.append(frame(scope.tenant, "bad", 0, kind=FrameKind.REJECTED, reason="x", received_at=now))
    frames.append(
        frame(scope.tenant, "hello", 0, kind=FrameKind.NOISE, format="asterisk_cel", received_at=now)
    )
    ledger.write(
        Batch(tenant=scope.tenant, frames=frames, calls=[call(scope.tenant, "s0"), full_call(scope.tenant)])
    )
    (status,) = ledger.source_status(scope, now)
    assert msgspec.structs.asdict(status) == {
        "source": "pbx",
        "formats": ("asterisk_cdr_csv", "asterisk_cel"),
        "frames": 32,
        "rejected": 1,
        "noise": 1,
        "calls": 2,
        "last_received_at": now,
        "last_stated_at": BASE,
        "last_call_at": BASE,
        "frames_last_hour": 4,
        "frames_last_day": 27,
    }


def test_questions_with_bound_values(ledger: Ledger, scope: Scope) -> None:
    made = [full_call(scope.tenant), call(scope.tenant, "other", BASE + MINUTE)]
    ledger.write(Batch(tenant=scope.tenant, calls=made))

    def ask(condition: str, **params: object) -> list[str]:
        return [c.id for c in ledger.select(scope, condition, params, order="started_at, id")]

    full, other = (c.id for c in made)
    assert ask("has(tails, {t:String})", t="5550177") == [full]
    assert ask("has(tails, {t:String})", t="101") == [full, other]
    assert ask("from_tail = {t:String}", t="5550123") == [full]
    assert ask("has(extensions, {e:String})", e="102") == [full]
    assert ask("names LIKE {n:String}", n="%zoë%") == [full]
    assert ask("names LIKE {n:String}", n="%o'neil\t%") == [full]
    assert ask("talk_s > {n:Float64} AND has_recording AND has_transfer", n=87.876) == [full]
    assert ask("queue = {q:String}", q="sales' OR '1'='1") == []
    assert ledger.count(scope, "outcome IN {o:Array(String)}", {"o": ["missed", "busy"]}) == 1
    assert [c.id for c in ledger.select(scope, order="started_at DESC", limit=1)] == [other]


def test_a_statement_that_makes_no_sense_is_refused(ledger: Ledger, scope: Scope) -> None:
    with pytest.raises(LedgerRefusedError, match="nonsense"):
        ledger.count(scope, "nonsense = 1")


def test_calls_by_day(ledger: Ledger, scope: Scope) -> None:
    made = [call(scope.tenant, f"d{n}", BASE + n * DAY) for n in range(3)]
    ledger.write(Batch(tenant=scope.tenant, calls=made))
    midnight = BASE // DAY * DAY
    assert ledger.call_days(scope, "pbx", BASE + 1, 2**52) == [midnight + DAY, midnight + 2 * DAY]
    assert ledger.calls_between(scope, "pbx", BASE, BASE + 2 * DAY) == made[:2]
    assert ledger.calls_between(scope, "other", 0, 2**52) == []
