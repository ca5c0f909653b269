"""Rules for recording, entries of the do-not-record list, countries, and calls of the last days that were recorded or not.

All numbers are fictitious (555-01xx, +44 20 7946 0xxx).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from ringbook.desk.governance.audit import Actor
from ringbook.desk.recording_policy import consent, rules
from ringbook.desk.recording_policy.countries import prefill
from ringbook.desk.recording_policy.models import ConsentEvidence, DoNotRecord, RecordingRule, Standard
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, Direction, Outcome
from ringbook.model.instant import DAY, SECOND, to_datetime
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now

from ...house import People, write_calls
from ...search.calls import identity, inside, outside
from .furnish_recordings import keep, tones

QUEUES = ("Orders", "Returns", "Repairs")
LENGTH_S = 6.0


def talk(began: int, number: int, queue: str, caller: str) -> Call:
    """An answered call of a queue, with Bo or Ida."""
    agent = AgentTalk("101", "Bo Dahl", LENGTH_S) if number % 3 else AgentTalk("177", "Ida Holm", LENGTH_S)
    return Call(
        id=identity(began, 0x5000 + number),
        tenant="main",
        started_at=began,
        answered_at=began + 2 * SECOND,
        ended_at=began + 9 * SECOND,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside(caller),
        called=inside(agent.extension, agent.name),
        agents=(agent,),
        queue=queue,
        talk_s=LENGTH_S,
        duration_s=9.0,
        sources=("office",),
    )


def furnish(home: Home, people: People) -> None:
    """A week in three queues: most calls recorded, some not, one refused."""
    actor = Actor(f"person:{people.owner.pk}", people.owner.name)
    at = now() - 7_200 * SECOND
    callers = ("+15125550171", "+442079460171", "+4930555017")
    calls = [
        talk(at - day * DAY - n * 600 * SECOND, day * 10 + n, QUEUES[n % 3], callers[n % 3])
        for day in range(6)
        for n in range(5)
    ]
    write_calls(home, calls)
    kept = [call for place, call in enumerate(calls) if place % 7 and place % 11]
    with tempfile.TemporaryDirectory() as folder:
        first = keep(home, tones(Path(folder) / "talk.wav", LENGTH_S, 1, 410.0), calls[1].id)
    rows = [
        msgspec.structs.replace(
            first,
            id=call.id.replace("-8000-8000-", "-8000-9000-"),
            call=call.id,
            started_at=call.answered_at,
            duration_s=LENGTH_S if place % 9 else 2.0,
            problem="" if place % 13 else "not audio: no decoder knows it",
        )
        for place, call in enumerate(kept, 1)
        if call.id != calls[1].id
    ]
    Catalogue(home.ledger).keep("main", rows)
    for name, queue, percent in (
        ("Orders, always", "Orders", 100),
        ("Returns", "Returns", 100),
        ("Repairs, a sample", "Repairs", 60),
    ):
        rules.add(RecordingRule(name=name, query=f"queue:{queue}", percent=percent), actor)
    Standard.objects.create(alert_below=95, prompts=["this-call-is-recorded"])
    for kind, value, reason in (
        ("number", "+442079460199", "Works council"),
        ("extension", "190", "Company doctor"),
    ):
        made_at = to_datetime(now())
        rules.add(DoNotRecord(kind=kind, value=value, reason=reason, made_at=made_at), actor)
    prefill("main", actor)
    consent.say(actor, calls[2].id, "caller", "refused", ConsentEvidence.HAND, "said so at once")
    consent.say(actor, calls[3].id, "caller", "opted_in", ConsentEvidence.MENU, "pressed 1")
