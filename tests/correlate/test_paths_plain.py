"""The short way of telling a plain call tells what the long way tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringbook.correlate import paths
from ringbook.correlate.assemble import _sorted
from ringbook.correlate.paths_plain import plain
from ringbook.model.instant import SECOND
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Path, PathResult
from tests.correlate.cdr_rows import EPOCH

KINDS = st.sampled_from(
    [EndpointKind.PERSON, EndpointKind.OUTSIDE, EndpointKind.PLUMBING, EndpointKind.UNKNOWN]
)


@st.composite
def ends(draw: st.DrawFn, suffix: str) -> Endpoint:
    kind = draw(KINDS)
    name = draw(st.sampled_from(["101", "102", "carrier"]))
    number = draw(st.sampled_from(["", "101", "2125550100"]))
    extension = name if kind is EndpointKind.PERSON and name.isdigit() else ""
    return Endpoint(
        kind,
        Number(number),
        draw(st.sampled_from(["", "Ann"])),
        extension,
        f"PJSIP/{name}-{suffix}",
        f"PJSIP/{name}",
    )


@given(
    a=ends("00000001"),
    b=ends("00000002"),
    dst=st.sampled_from(["102", "3125550101", "s", "*45", "92125550133"]),
    data=st.sampled_from(
        ["PJSIP/101,12", "PJSIP/2125550133@carrier", "PJSIP/101&PJSIP/102", "Local/101@x", ""]
    ),
    did=st.sampled_from(["", "3125550101"]),
    at=st.sampled_from([0, SECOND // 2]),
    rang=st.sampled_from([0, 100_000, SECOND, 5 * SECOND]),
    talked=st.integers(0, 9),
    printed=st.booleans(),
    hangup=st.booleans(),
    result=st.sampled_from(PathResult),
    tail=st.sampled_from(PathResult),
)
def test_the_short_way_tells_what_the_long_way_tells(
    a: Endpoint,
    b: Endpoint,
    dst: str,
    data: str,
    did: str,
    at: int,
    rang: int,
    talked: int,
    printed: bool,
    hangup: bool,
    result: PathResult,
    tail: PathResult,
) -> None:
    start = EPOCH * SECOND + at
    end = start + rang + talked * SECOND
    first = Path(
        keys=("u:1",), at=start, a=a, b=b, src=a.number.raw, dst=dst, did=did, app="Dial", app_data=data, frame=b"1" * 16,
        answered_at=start + rang if printed else None, ended_at=end if printed else None, result=result,
        duration_s=(end - start) / SECOND, billed_s=float(talked), uniqueid="1", linkedid="1", sequence=1, order=1,
    )  # fmt: skip
    last = Path(
        keys=("u:1",), at=end, a=a, src=a.number.raw, dst="h", app="NoOp", frame=b"2" * 16, answered_at=end, ended_at=end,
        result=tail, duration_s=0.0, billed_s=0.0, uniqueid="1", linkedid="1", sequence=2, order=2,
    )  # fmt: skip
    evidence = _sorted([first, last] if hangup else [first])
    short = plain(evidence.paths)
    assert short is None or short == paths.tell_any(evidence)
