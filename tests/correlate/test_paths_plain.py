"""The short way of telling a plain call tells what the long way tells."""

from __future__ import annotations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ringbook.correlate import paths
from ringbook.correlate.assemble import _sorted
from ringbook.correlate.paths_plain import plain
from ringbook.model.instant import SECOND
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Path, PathResult
from tests.correlate.cdr_rows import EPOCH

KINDS = (EndpointKind.PERSON, EndpointKind.OUTSIDE)
ODD = (EndpointKind.PLUMBING, EndpointKind.UNKNOWN)
NUMBERS = st.sampled_from(["", "101", "2125550100"])
NAMES = st.sampled_from(["", "Ann"])
DATA = {
    "Dial": ["PJSIP/101,12", "PJSIP/2125550133@carrier", "PJSIP/101&PJSIP/102,,g", "Local/101@x", ""],
    "Queue": ["sales,tk,,,60", "help,c"],
    "VoiceMail": ["101@default,u"],
    "Hangup": ["17", "16", ""],
    "NoOp": [""],
    "BackGround": ["welcome"],
    "Playback": ["sorry"],
    "Busy": ["10"],
    "ConfBridge": ["500"],
    "Park": ["701"],
    "AppDial": ["(Outgoing Line)"],
    "": [""],
}
"""Applications as rows name them, with what may stand beside them; the last ones make a call that is not plain."""

CONTEXTS = st.sampled_from(["102", "3125550101", "s", "h", "t", "*45", "92125550133"])


def end(draw: st.DrawFn, kind: EndpointKind, suffix: str) -> Endpoint:
    name = draw(st.sampled_from(["101", "102"] if kind is EndpointKind.PERSON else ["carrier", "102"]))
    extension = name if kind is EndpointKind.PERSON and draw(st.integers(0, 9)) else ""
    channel = f"PJSIP/{name}-{suffix}"
    return Endpoint(kind, Number(draw(NUMBERS)), draw(NAMES), extension, channel, f"PJSIP/{name}")


def at_b(draw: st.DrawFn, app: str, side: EndpointKind, a: Endpoint, number: int) -> Endpoint:
    """Channel B's end: mostly one not seen before, of one kind; sometimes none, A's own, or that of the row before."""
    shape = draw(st.integers(0, 19))
    if app not in ("Dial", "Queue", "ConfBridge") or shape == 0:
        return Endpoint(
            draw(st.sampled_from([EndpointKind.UNKNOWN, EndpointKind.VOICEMAIL, EndpointKind.IVR]))
        )
    if shape == 1:
        return a
    kind = draw(st.sampled_from([*KINDS, *ODD])) if shape == 2 else side
    return end(draw, kind, f"1000000{max(0, number - 1) if shape == 3 else number}")


@st.composite
def calls(draw: st.DrawFn) -> list[Path]:
    """The rows of one call, most of them one channel's way."""
    a = end(draw, draw(st.sampled_from(KINDS)), "00000001")
    if not draw(st.integers(0, 14)):
        a = Endpoint(draw(st.sampled_from(ODD)), a.number, a.name, "", draw(st.sampled_from(["", a.channel])))
    side = draw(st.sampled_from(KINDS)) if a.kind is EndpointKind.PERSON else EndpointKind.PERSON
    result = st.sampled_from(PathResult)
    usual = st.sampled_from([PathResult.NO_ANSWER, PathResult.BUSY, PathResult.ANSWERED])
    at, rows = EPOCH * SECOND + draw(st.sampled_from([0, SECOND // 2])), []
    for number in range(draw(st.integers(1, 4))):
        app = draw(st.sampled_from(["Dial", "Queue", *DATA]))
        rang = draw(st.sampled_from([0, 100_000, SECOND, 5 * SECOND]))
        talked = draw(st.integers(0, 9))
        over = at + rang + talked * SECOND
        printed = draw(st.booleans())
        rows.append(
            Path(
                keys=("u:1",), at=at, a=a, b=at_b(draw, app, side, a, number), src=a.number.raw, dst=draw(CONTEXTS),
                did=draw(st.sampled_from(["", "", "3125550101"])), app=app, app_data=draw(st.sampled_from(DATA[app])),
                frame=bytes([number + 1]) * 16, answered_at=at + rang if printed else None,
                ended_at=over if printed else None, result=draw(usual) if draw(st.booleans()) else draw(result),
                duration_s=(over - at) / SECOND, billed_s=float(talked), linkedid="1", sequence=number, order=number,
                uniqueid="2" if draw(st.integers(0, 19)) == 0 else "1", account=draw(st.sampled_from(["", "acct"])),
                recording=draw(st.sampled_from(["", "", "one.wav"])),
            )
        )  # fmt: skip
        at = draw(st.sampled_from([at, at + SECOND, over, over, over, over + SECOND, over + 2 * SECOND]))
        if not draw(st.integers(0, 9)):
            a = Endpoint(a.kind, Number(draw(NUMBERS)), draw(NAMES), a.extension, a.channel, a.device)
    return rows


@settings(max_examples=400)
@given(rows=calls())
def test_the_short_way_tells_what_the_long_way_tells(rows: list[Path]) -> None:
    evidence = _sorted(rows)
    short = plain(evidence.paths)
    event("short" if short is not None else "long")
    assert short is None or short == paths.tell_any(evidence)


def row(app: str, at: int, over: int, b: Endpoint, result: PathResult, number: int = 1) -> Path:
    caller = Endpoint(
        EndpointKind.OUTSIDE, Number("2125550100"), "Ann", "", "PJSIP/carrier-00000001", "PJSIP/carrier"
    )
    return Path(
        keys=("u:1",), at=at, a=caller, b=b, dst="3125550101", app=app, app_data="sales", frame=bytes([number]) * 16,
        answered_at=at, ended_at=over, result=result, duration_s=(over - at) / SECOND, billed_s=(over - at) / SECOND,
        uniqueid="1", linkedid="1", sequence=number, order=number,
    )  # fmt: skip


PHONE = Endpoint(EndpointKind.PERSON, Number("101"), "", "101", "PJSIP/101-00000002", "PJSIP/101")
MAILBOX = Endpoint(EndpointKind.VOICEMAIL, name="101")


def test_queues_and_mailboxes_go_the_short_way() -> None:
    start, later, end_ = EPOCH * SECOND, (EPOCH + 20) * SECOND, (EPOCH + 40) * SECOND
    rung = row("Queue", start, later, PHONE, PathResult.NO_ANSWER)
    assert plain((rung, row("VoiceMail", later, end_, MAILBOX, PathResult.ANSWERED, 2))) is not None
    assert plain((row("Queue", start, end_, PHONE, PathResult.ANSWERED),)) is not None


def test_a_call_that_may_have_been_handed_on_goes_the_long_way() -> None:
    start, later, end_ = EPOCH * SECOND, (EPOCH + 20) * SECOND, (EPOCH + 40) * SECOND
    talked = row("Queue", start, later, PHONE, PathResult.ANSWERED)
    assert plain((talked, row("VoiceMail", later, end_, MAILBOX, PathResult.ANSWERED, 2))) is None
