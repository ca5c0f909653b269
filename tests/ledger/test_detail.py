"""A call's detail comes back as it was packed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringbook.ledger.detail import packed, unpacked
from ringbook.model.call import Call, CallId, Cause, Leg, Outcome, Recording, Step, StepKind, Transfer
from ringbook.model.party import EndpointKind

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


@given(
    st.integers(0, 2**52),
    st.lists(_legs, max_size=3),
    st.lists(_steps, max_size=4),
    st.lists(st.builds(Transfer, _texts, _texts, _texts, _instants), max_size=2),
    st.lists(
        st.builds(Recording, _texts, _texts, _instants, _spans, st.none() | st.integers(1, 8)), max_size=2
    ),
    st.lists(_frames, max_size=3, unique=True),
)
def test_round_trip(
    start: int,
    legs: list[Leg],
    steps: list[Step],
    transfers: list[Transfer],
    recordings: list[Recording],
    frames: list[bytes],
) -> None:
    own = [Step(StepKind.NOTED, start, frame=frame.hex()) for frame in frames]
    call = Call(
        id=CallId(""),
        tenant="main",
        started_at=start,
        legs=tuple(legs),
        steps=(*steps, *own),
        transfers=tuple(transfers),
        recordings=tuple(recordings),
        frames=tuple(frames),
    )
    again = unpacked(packed(call).decode(), start, call.frames)
    assert again == (call.legs, call.steps, call.transfers, call.recordings)
