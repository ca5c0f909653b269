"""The fields of the query language, declared once: errors, suggestions, the reference and completion all come from here."""

from __future__ import annotations

from ringbook.model.call import Direction, HangupBy, Outcome
from ringbook.search import kinds, values
from ringbook.search.kinds import (
    ChoiceField,
    Field,
    HasField,
    LengthField,
    MatchField,
    NumberField,
    TimeField,
    WallField,
)

_NUMBER = "a number in any spelling, its last digits (four or more), or a pattern with * and ?"
_LENGTH = "a length, a comparison or a range: 90, 90s, 5m, >1h, <=30s, 10..60"
_LABEL = "the whole of it, in any case; * and ? are wildcards"
_WHEN = "2026-11-21, 2026-11, 2026, 2026-11-21T14:00, today, yesterday"

_HAS = {
    "recording": "recording_count > 0",
    "transfer": "transfer_count > 0",
    "voicemail": "outcome = 'voicemail'",
    "agent": "notEmpty(agent_extensions)",
    "answer": "isNotNull(answered_at)",
    "queue": "notEmpty(queue)",
    "name": "notEmpty(names)",
    "account": "notEmpty(account)",
    "cost": "notEmpty(cost)",
    "cause": "(isNotNull(cause_q850) OR isNotNull(cause_sip) OR notEmpty(cause_text))",
    "quality": "(isNotNull(mos) OR isNotNull(pdd_s) OR isNotNull(jitter_ms) OR isNotNull(loss_pct))",
    "duration": "isNotNull(duration_ms)",
    "talk": "isNotNull(talk_ms)",
    "wait": "isNotNull(wait_ms)",
    "ring": "isNotNull(ring_ms)",
    "hold": "isNotNull(hold_ms)",
}

_FIELDS: tuple[Field, ...] = (
    NumberField(
        name="from",
        facet="from_number",
        help="Who called: the caller's number, or a part of the caller's name.",
        values=f"{_NUMBER}; or a part of a name",
        examples=("from:+15125550101", "from:anna", "from:101 outcome:answered"),
        match=kinds.party("from"),
    ),
    NumberField(
        name="to",
        facet="to_number",
        help="Who was called: the number or name of the party called, or the number dialled to reach it.",
        values=f"{_NUMBER}; or a part of a name",
        examples=("to:300", 'to:"front desk"', "to:*0199"),
        match=kinds.called,
    ),
    NumberField(
        name="number",
        help="Any number on the call: parties, number dialled, legs, agents, transfers.",
        values=_NUMBER,
        examples=("number:+1 (512) 555-0101", "number:5550101", "number:512555*"),
        match=kinds.anybody,
    ),
    NumberField(
        name="dialled",
        facet="dialled",
        help="The number that the caller dialled.",
        values=_NUMBER,
        examples=("dialled:5550100",),
        match=kinds.dialled,
    ),
    NumberField(
        name="extension",
        facet="arrayJoin(extensions)",
        help="A phone of ours that rang or talked on the call, by its exact number.",
        values="an extension; * and ? are wildcards",
        examples=("extension:101", "extension:1*"),
        match=kinds.extension,
    ),
    MatchField(
        name="name",
        help="A name on the call: parties, agents, legs.",
        values="a part of a name; * and ? are wildcards",
        examples=("name:anna", 'name:"Anna Berg"'),
        match=kinds.name,
    ),
    MatchField(
        name="agent",
        facet="arrayJoin(arrayDistinct(arrayMap((x, y) -> if(notEmpty(x), x, y), agent_extensions, agent_names)))",
        help="Somebody of ours who really talked on the call.",
        values="an extension, or a part of a name",
        examples=("agent:101", "agent:anna"),
        match=kinds.agent,
    ),
    MatchField(
        name="queue",
        facet="queue",
        help="The queue that the call went through.",
        values=_LABEL,
        examples=("queue:sales", "queue:support*"),
        match=kinds.label("queue"),
    ),
    MatchField(
        name="account",
        facet="account",
        help="The account code that the phone system wrote.",
        values=_LABEL,
        examples=("account:acme",),
        match=kinds.label("account"),
    ),
    MatchField(
        name="source",
        facet="arrayJoin(sources)",
        help="The phone system whose records tell of the call.",
        values=_LABEL,
        examples=("source:main-office",),
        match=kinds.labels("sources"),
    ),
    ChoiceField(
        name="direction",
        facet="direction",
        help="Who rang whom, seen from the company.",
        values="one of the words below",
        choices=tuple(Direction),
        examples=("direction:inbound",),
        column="direction",
    ),
    ChoiceField(
        name="outcome",
        facet="outcome",
        help="What became of the call; answered means that a person answered.",
        values="one of the words below",
        choices=tuple(Outcome),
        examples=("outcome:missed,abandoned", "-outcome:answered"),
        column="outcome",
    ),
    ChoiceField(
        name="hangup",
        facet="hangup_by",
        help="Who ended the call.",
        values="one of the words below",
        choices=tuple(HangupBy),
        examples=("hangup:caller",),
        column="hangup_by",
    ),
    MatchField(
        name="cause",
        help="Why it ended: Q.850 cause, SIP status, or a part of the source's own words.",
        values="a Q.850 cause (1 to 127), a SIP status (100 to 699), or text",
        examples=("cause:17", "cause:486", "cause:congestion"),
        match=kinds.cause,
    ),
    LengthField(
        name="duration",
        help="From the first ring to the last hang-up.",
        values=_LENGTH,
        examples=("duration:>60", "duration:10..60", "duration:>=1h30m"),
        column="duration_ms",
    ),
    LengthField(
        name="talk",
        help="How long people were connected, hold included.",
        values=_LENGTH,
        examples=("talk:>5m",),
        column="talk_ms",
    ),
    LengthField(
        name="wait",
        help="From entering a queue, or asking for a person, to the answer or the end.",
        values=_LENGTH,
        examples=("wait:>2m outcome:abandoned",),
        column="wait_ms",
    ),
    LengthField(
        name="ring",
        help="How long a person's phone rang before the answer.",
        values=_LENGTH,
        examples=("ring:<5s",),
        column="ring_ms",
    ),
    LengthField(
        name="hold",
        help="How much of the talk was on hold.",
        values=_LENGTH,
        examples=("hold:>60",),
        column="hold_ms",
    ),
    TimeField(
        name="after",
        help="Calls that started at the beginning of that day, month or time, or later.",
        values=_WHEN,
        examples=("after:2026-11-01 before:2026-12-01", "after:2026-11-21T14:00"),
        read=kinds.after,
    ),
    TimeField(
        name="before",
        help="Calls that started before the beginning of that day, month or time.",
        values=_WHEN,
        examples=("before:today",),
        read=kinds.before,
    ),
    TimeField(
        name="on",
        help="Calls that started within that day, month, hour or minute, or in a range of them (its last one included).",
        values=f"{_WHEN}, or a range: 2026-11-01..2026-11-07",
        examples=("on:yesterday", "on:2026-11", "on:2026-11-16..2026-11-20"),
        read=kinds.on,
    ),
    TimeField(
        name="last",
        help="Calls of the last minutes, hours, days, weeks or years.",
        values="a number and m, h, d, w or y: 30m, 12h, 7d, 2w, 1y",
        examples=("last:7d",),
        read=kinds.last,
    ),
    WallField(
        name="hour",
        facet="toHour(started_at, {zone:String})",
        help="The time of day at which the call started: 9 is from 9:00 until 10:00, 9-17 from 9:00 until 17:00.",
        values="an hour or a range of times, over midnight too: 9, 9-17, 22-6, 9:30-17:15",
        examples=("hour:9-17", "hour:22-6"),
        condition_of=kinds.hour,
    ),
    WallField(
        name="weekday",
        facet="toDayOfWeek(started_at, 0, {zone:String})",
        help="The day of the week on which the call started.",
        values="a day or a range of days, over the week's end too",
        choices=values.WEEKDAYS,
        examples=("weekday:mon-fri", "weekday:sat,sun"),
        condition_of=kinds.weekday,
    ),
    HasField(
        name="has",
        help="What a call has, or what is known about it.",
        values="one of the words below",
        choices=tuple(_HAS),
        examples=("has:recording", "-has:answer", "has:transfer"),
        conditions=_HAS,
    ),
    MatchField(
        name="id",
        help="The call with this id, or whose id begins so.",
        values="an id, or its first eight digits or more",
        examples=("id:019ab3f2-77c1",),
        match=kinds.call_id,
    ),
)

FIELDS: dict[str, Field] = {field.name: field for field in _FIELDS}
"""All fields by name, in the order of the reference."""

NUMBER_FIELDS = tuple(field.name for field in _FIELDS if isinstance(field, NumberField))
"""Fields whose values are telephone numbers, which may be written with spaces and brackets."""
