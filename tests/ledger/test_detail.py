"""A call's detail, with the columns beside it, comes back as the call that was packed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringbook.ledger.detail import Columns, packed, unpacked
from ringbook.model.call import (
    AgentTalk,
    Call,
    CallId,
    CallQuality,
    Cause,
    Direction,
    HangupBy,
    Leg,
    Outcome,
    Recording,
    Step,
    StepKind,
    Transfer,
)
from ringbook.model.party import EndpointKind, Party

_texts = st.text(st.characters(codec="utf-8"), max_size=8)
_instants = st.none() | st.integers(0, 2**52)
_spans = st.none() | st.floats(0, 1e6, allow_nan=False)
_frames = st.binary(min_size=16, max_size=16)
_causes = st.builds(Cause, st.none() | st.integers(0, 127), st.none() | st.integers(100, 699), _texts)
_legs = st.builds(
    Leg,
    st.sampled_from(EndpointKind),
    _texts,
    _texts,
    _texts,
    _instants,
    _instants,
    _instants,
    _instants,
    _spans,
    _spans,
    _spans,
    st.sampled_from(Outcome),
    _causes,
    _texts,
)
_steps = st.builds(
    Step, st.sampled_from(StepKind), _instants, _texts, _texts, _texts, st.just("") | _frames.map(bytes.hex)
)


_whole_ms = st.none() | st.integers(0, 10**9).map(lambda ms: ms / 1000)
_parties = st.builds(Party, _texts, _texts, _texts, st.sampled_from(EndpointKind))
_heads = st.fixed_dictionaries(
    {
        "started_at": st.integers(0, 2**52),
        "answered_at": _instants,
        "ended_at": _instants,
        "direction": st.sampled_from(Direction),
        "outcome": st.sampled_from(Outcome),
        "hangup_by": st.sampled_from(HangupBy),
        "cause": _causes,
        "caller": _parties,
        "called": _parties,
        "dialled": _texts,
        "agents": st.lists(st.builds(AgentTalk, _texts, _texts, _whole_ms), max_size=2).map(tuple),
        "queue": _texts,
        "account": _texts,
        "cost": _texts,
        "duration_s": _whole_ms,
        "wait_s": _whole_ms,
        "ring_s": _whole_ms,
        "talk_s": _whole_ms,
        "hold_s": _whole_ms,
        "quality": st.builds(CallQuality, _spans, _spans, _spans, _spans),
        "keys": st.lists(_texts, max_size=3).map(tuple),
        "sources": st.lists(_texts, max_size=2).map(tuple),
        "revision": st.integers(1, 9),
        "rules": st.integers(0, 9),
    }
)


@given(
    _heads,
    st.lists(_legs, max_size=3),
    st.lists(_steps, max_size=4),
    st.lists(st.builds(Transfer, _texts, _texts, _texts, _instants), max_size=2),
    st.lists(
        st.builds(Recording, _texts, _texts, _instants, _spans, st.none() | st.integers(1, 8)), max_size=2
    ),
    st.lists(_frames, max_size=3, unique=True),
)
def test_round_trip(
    head: dict[str, object],
    legs: list[Leg],
    steps: list[Step],
    transfers: list[Transfer],
    recordings: list[Recording],
    frames: list[bytes],
) -> None:
    own = [Step(StepKind.NOTED, frame=frame.hex()) for frame in frames]
    call = Call(
        id=CallId("00000000-0000-8000-8000-000000000000"),
        tenant="main",
        legs=tuple(legs),
        steps=(*steps, *own),
        transfers=tuple(transfers),
        recordings=tuple(recordings),
        frames=tuple(frames),
        **head,  # type: ignore[arg-type]
    )
    columns = Columns(**{name: getattr(call, name) for name in Columns.__struct_fields__})
    assert unpacked(packed(call).decode(), columns) == call
