"""Calls made by hand, each with what the figures go by, so that every value can be worked out on paper.

The queue "Sales" on Monday 2 November 2026 (UTC), the minute being the call:

====== =========== ====== ===== ======
minute outcome     wait   talk  hold
====== =========== ====== ===== ======
0      answered     5 s    60 s  0 s
1      answered    20 s   120 s  30 s
2      answered    21 s   180 s  not known
3      answered    not known     240 s  0 s
4      abandoned    3 s
5      abandoned    6 s
6      abandoned   20 s
7      abandoned   90 s
8      abandoned   not known
9      missed      60 s
10     voicemail   30 s
11     unknown
====== =========== ====== ===== ======

All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import msgspec

from ringbook.model.annotation import CallNotes, NamedNumber
from ringbook.model.call import AgentTalk, Call, CallQuality, Cause, Direction, Outcome, Transfer
from ringbook.model.instant import SECOND, Instant
from ringbook.model.party import EndpointKind, Party
from tests.search.calls import at, identity

MINUTE = 60 * SECOND
QUEUE_AT = at("2026-11-02T10:00")
NOW = at("2026-11-21T17:00")

ANNA, BEN, CLARA = "+15125550101", "+15125550102", "+15125550103"


def outside(number: str) -> Party:
    return Party(number, number, "", EndpointKind.OUTSIDE)


def call(number: int, started_at: Instant, tenant: str, **facts: object) -> Call:
    """A call of a tenant; ``facts`` as in :class:`Call`."""
    made = Call(id=identity(started_at, number), tenant=tenant, started_at=started_at)
    return msgspec.structs.replace(made, **{"sources": ("office",), **facts})


_QUEUE: list[tuple[Outcome, float | None, float | None, float | None]] = [
    (Outcome.ANSWERED, 5.0, 60.0, 0.0),
    (Outcome.ANSWERED, 20.0, 120.0, 30.0),
    (Outcome.ANSWERED, 21.0, 180.0, None),
    (Outcome.ANSWERED, None, 240.0, 0.0),
    (Outcome.ABANDONED, 3.0, None, None),
    (Outcome.ABANDONED, 6.0, None, None),
    (Outcome.ABANDONED, 20.0, None, None),
    (Outcome.ABANDONED, 90.0, None, None),
    (Outcome.ABANDONED, None, None, None),
    (Outcome.MISSED, 60.0, None, None),
    (Outcome.VOICEMAIL, 30.0, None, None),
    (Outcome.UNKNOWN, None, None, None),
]

QUEUE = [
    call(
        number,
        QUEUE_AT + number * MINUTE,
        "queue",
        direction=Direction.INBOUND,
        outcome=outcome,
        queue="Sales",
        caller=outside(ANNA),
        wait_s=wait,
        talk_s=talk,
        hold_s=hold,
        agents=(AgentTalk("101", "Bo", talk),) if outcome == Outcome.ANSWERED else (),
    )
    for number, (outcome, wait, talk, hold) in enumerate(_QUEUE)
]
"""The table above."""


_NO_CAUSE = Cause()


def _trunk(number: int, outcome: Outcome, cause: Cause = _NO_CAUSE, **facts: object) -> Call:
    started = at("2026-11-03T10:00") + number * MINUTE
    given = {"direction": Direction.OUTBOUND, "outcome": outcome, "cause": cause, **facts}
    return call(number, started, "trunk", **given)


TRUNK = [
    _trunk(0, Outcome.ANSWERED, transfers=(Transfer("blind", "101", "102"),)),
    _trunk(1, Outcome.ANSWERED, ring_s=4.0),
    _trunk(2, Outcome.ANSWERED, ring_s=10.0),
    _trunk(3, Outcome.VOICEMAIL),
    _trunk(4, Outcome.BUSY, Cause(17)),
    _trunk(5, Outcome.MISSED, Cause(19)),
    _trunk(6, Outcome.FAILED, Cause(34)),
    _trunk(7, Outcome.FAILED, Cause(None, 486)),
    _trunk(8, Outcome.FAILED),
    _trunk(9, Outcome.UNKNOWN),
    _trunk(10, Outcome.ANSWERED, direction=Direction.INTERNAL),
]
"""Nine attempts on trunks whose outcome is known, one whose is not, and a call within the house."""


def _lasting(number: int, start_s: float, duration_s: float | None, queue: str = "") -> Call:
    started = at("2026-11-04T10:00") + round(start_s * SECOND)
    return call(number, started, "lines", direction=Direction.INBOUND, duration_s=duration_s, queue=queue)


LINES = [
    _lasting(0, 0, 100),
    _lasting(1, 50, 50, "Sales"),  # with 0
    _lasting(2, 100, 60),  # begins when both of them end
    _lasting(3, 110, 20, "Sales"),
    _lasting(4, 120, 60),  # three: 2, 3, 4, from second 120 on
    _lasting(5, 125, 0),  # no time at all
    _lasting(6, 126, None),
]
"""Calls that overlap: three at most, at 10:02:00."""


def _caller(number: int, when: str, outcome: Outcome, who: str, *, out: bool = False) -> Call:
    """A call from somebody outside, or to them."""
    inside, other = Party("101", "101", "", EndpointKind.PERSON), outside(who)
    parties = {"caller": inside, "called": other} if out else {"caller": other, "called": inside}
    direction = Direction.OUTBOUND if out else Direction.INBOUND
    return call(number, at(when), "lost", direction=direction, outcome=outcome, **parties)


LOST = [
    _caller(0, "2026-11-05T10:00", Outcome.MISSED, ANNA),  # called back after 1 h
    _caller(1, "2026-11-05T10:30", Outcome.ABANDONED, ANNA),  # the same call returns it, after 30 min
    _caller(2, "2026-11-05T11:00", Outcome.ANSWERED, ANNA, out=True),
    _caller(3, "2026-11-05T12:00", Outcome.VOICEMAIL, BEN),  # rings again himself, 2 days later: too late
    _caller(4, "2026-11-07T12:00", Outcome.ANSWERED, BEN),
    _caller(5, "2026-11-08T09:00", Outcome.MISSED, CLARA),  # tried, not reached
    _caller(6, "2026-11-08T10:00", Outcome.MISSED, CLARA, out=True),
    _caller(7, "2026-11-21T16:00", Outcome.MISSED, CLARA),  # an hour ago: open
    _caller(8, "2026-11-09T09:00", Outcome.MISSED, "anonymous"),  # nobody to call back
    _caller(9, "2026-11-01T09:00", Outcome.ANSWERED, CLARA),  # before she was lost
]
"""Callers who were lost, and what became of them."""


def _agents(number: int, *talks: AgentTalk) -> Call:
    started = at("2026-11-06T10:00") + number * MINUTE
    return call(number, started, "team", outcome=Outcome.ANSWERED, agents=talks)


TEAM = [
    _agents(0, AgentTalk("101", "Bo", 60.0)),
    _agents(1, AgentTalk("101", "Bo", 30.0), AgentTalk("102", "Cy", 50.0), AgentTalk("101", "Bo", 40.0)),
    _agents(2, AgentTalk("102", "Cy", None)),
    _agents(3, AgentTalk("", "Di", 10.0)),
]
"""Three agents; on the second call the first one comes back."""

# New York: on 8 March 2026 the clocks skip the hour from 2:00 (7:00 UTC), on 1 November they go through 1:00 twice.
CLOCKS = [
    call(number, started, "clocks")
    for number, started in enumerate(
        at(f"{day}T00:30") + hour * 60 * MINUTE
        for day, hours in (("2026-03-08", range(4, 30)), ("2026-11-01", range(3, 54)))
        for hour in hours
    )
]
"""A call in every hour of both days on which the clocks change, and of the day after the second one."""


def _dialled(number: int, quality: CallQuality, **facts: object) -> Call:
    started = at("2026-11-07T10:00") + number * MINUTE
    given = {"direction": Direction.OUTBOUND, "outcome": Outcome.ANSWERED, "quality": quality, **facts}
    return call(number, started, "dialling", **given)


DIALLING = [
    _dialled(0, CallQuality(pdd_s=1.0), account="ACME"),
    _dialled(1, CallQuality(pdd_s=2.0, mos=4.1), account="ACME"),
    _dialled(2, CallQuality(pdd_s=6.0)),
    _dialled(3, CallQuality(mos=3.9), outcome=Outcome.BUSY),
    _dialled(4, CallQuality()),
]
"""Calls out, on some of which somebody measured how long it took until it rang."""


def _rings(
    number: int, when: str, who: str, outcome: Outcome = Outcome.ANSWERED, queue: str = "Sales"
) -> Call:
    caller, called = outside(who), Party("101", "101", "", EndpointKind.PERSON)
    facts = {"direction": Direction.INBOUND, "outcome": outcome, "queue": queue}
    return call(number, at(when), "again", caller=caller, called=called, **facts)


DORA_HOME, DORA_WORK = "+15125550104", "+15125550105"
AGAIN = [
    _rings(0, "2026-11-02T09:00", ANNA),  # never again: resolved
    _rings(1, "2026-11-02T10:00", BEN),  # rings again in two days, and is missed
    _rings(2, "2026-11-04T10:00", BEN, Outcome.MISSED),
    _rings(3, "2026-11-02T11:00", CLARA),  # rings again in nine days, of which two are too many
    _rings(4, "2026-11-11T11:00", CLARA, queue="Support"),
    _rings(5, "2026-11-03T09:00", DORA_HOME),  # rings again from her other number
    _rings(6, "2026-11-03T15:00", DORA_WORK, queue="Support"),
    _rings(7, "2026-11-20T09:00", "+15125550106"),  # the week is not over
    _rings(8, "2026-11-05T09:00", "anonymous"),
]
"""Callers who rang again, or did not; both numbers of Dora are one contact's."""

OWNERS = [
    NamedNumber(DORA_HOME, "dora", "Dora Example", version=1),
    NamedNumber(DORA_WORK, "dora", "Dora Example", version=1),
    NamedNumber(ANNA, "", version=2),  # nobody's any more
]


def _asked(number: int, to: str = "+442079460100", outcome: Outcome = Outcome.ANSWERED) -> Call:
    started = at("2026-11-09T10:00") + number * MINUTE
    facts = {"direction": Direction.INBOUND, "outcome": outcome, "caller": outside(to), "queue": "Sales"}
    return call(number, started, "asked", **facts)


ASKED = [*(_asked(number) for number in range(8)), _asked(8, outcome=Outcome.MISSED)]
"""Calls after which customers were asked, and people said what came of it: see SAID."""

SAID = [
    CallNotes(
        call=ASKED[0].id,
        outcome_code="resolved",
        fields={"survey.csat": "5", "survey.nps": "10", "survey.ces": "7"},
    ),
    CallNotes(
        call=ASKED[1].id,
        outcome_code="resolved",
        fields={"survey.csat": "4", "survey.nps": "9", "survey.ces": "4"},
    ),
    CallNotes(call=ASKED[2].id, outcome_code="sale", fields={"survey.csat": "2", "survey.nps": "0"}),
    CallNotes(call=ASKED[3].id, outcome_code="not-resolvable", fields={"survey.nps": "7"}),
    CallNotes(call=ASKED[4].id, outcome_code="not-resolvable", fields={"survey.asked.csat": "yes"}),
    CallNotes(call=ASKED[5].id, fields={"csat": "1"}),  # a field of the organisation's own
    CallNotes(call=ASKED[8].id, outcome_code="resolved", fields={"survey.csat": "1"}),  # was not answered
]


def _abroad(number: int, who: str, direction: Direction = Direction.OUTBOUND) -> Call:
    started = at("2026-11-10T10:00") + number * MINUTE
    inside, other = Party("101", "101", "", EndpointKind.PERSON), outside(who)
    parties = (other, inside) if direction == Direction.INBOUND else (inside, other)
    facts = {"direction": direction, "outcome": Outcome.ANSWERED}
    return call(number, started, "abroad", caller=parties[0], called=parties[1], **facts)


ABROAD = [
    _abroad(0, "+442079460101"),
    _abroad(1, "+442079460102", Direction.INBOUND),
    _abroad(2, "+15125550107"),
    _abroad(3, "+353209120101"),  # Ireland, whose code begins like no shorter one
    _abroad(4, "5550107"),
    _abroad(5, "+15125550108", Direction.INTERNAL),
]
"""Calls with several countries."""

_A, _B = "PJSIP/carrier-a", "PJSIP/carrier-b"


def _carried(
    number: int, start_s: float, duration_s: float, trunks: tuple[str, ...], outcome: Outcome, **facts: object
) -> Call:
    started = at("2026-11-11T10:00") + round(start_s * SECOND)
    given = {"direction": Direction.OUTBOUND, "trunks": trunks, "outcome": outcome, "duration_s": duration_s}
    return call(number, started, "carriers", **{**given, **facts})


CARRIERS = [
    _carried(0, 0, 100, (_A,), Outcome.ANSWERED, direction=Direction.INBOUND, talk_s=80.0),
    _carried(1, 50, 100, (_A,), Outcome.BUSY, cause=Cause(17)),
    _carried(
        2, 60, 60, (_A, _B), Outcome.ANSWERED, direction=Direction.INBOUND, talk_s=30.0
    ),  # on to a mobile
    _carried(3, 200, 60, (_B,), Outcome.FAILED, cause=Cause(34)),
    _carried(4, 210, 5, (_B,), Outcome.ANSWERED, talk_s=4.0, quality=CallQuality(pdd_s=2.0)),
    _carried(5, 0, 300, (), Outcome.ANSWERED, direction=Direction.INTERNAL, talk_s=300.0),
    _carried(6, 0, 10, (), Outcome.ANSWERED, talk_s=6.0),  # by a line that no record names
]
"""Calls over two lines, one of them over both."""

TENANTS = {
    "carriers": CARRIERS,
    "queue": QUEUE,
    "trunk": TRUNK,
    "lines": LINES,
    "lost": LOST,
    "team": TEAM,
    "clocks": CLOCKS,
    "dialling": DIALLING,
    "again": AGAIN,
    "asked": ASKED,
    "abroad": ABROAD,
}
