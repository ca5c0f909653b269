"""A process of its own that furnishes a home with old calls, or applies its rules: ``python -m tests.runtime.retention_child``.

Django is set up for one home a process, and a run that is killed takes its process with it.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
import wave
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ringbook.model.scope import Scope
from ringbook.runtime import desk
from ringbook.runtime.home import Home
from ringbook.runtime.recordings import hand
from ringbook.runtime.service import Service

from .. import tombstones
from .erased_home import die_at

ZONE = "UTC"
OLD, MIDDLE, NEW = 24, 6, 4
DAYS = {"old": 800, "middle": 100, "new": 1}
HELD = 3


def number(group: str, place: int) -> str:
    """The caller of a call: of a range that nobody has."""
    return f"+4420794601{ {'old': 0, 'middle': 1, 'new': 2}[group] * 30 + place:02d}"


def name(group: str, place: int) -> str:
    """The caller's name."""
    return f"Quillfeather{group.title()}{place:02d}Zed"


def note(group: str, place: int) -> str:
    """What somebody wrote about the call."""
    return f"murmuration-{group}-{place:02d}-heron"


def _cdr(group: str, place: int) -> str:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS[group], minutes=place)
    clock, end = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (at, at + timedelta(seconds=5)))
    unique = f"{int(at.timestamp())}.{place}"
    who, caller = name(group, place), number(group, place)
    return (
        f'"","{caller}","102","from-trunk","""{who}"" <{caller}>","PJSIP/trunk-{place:08x}","PJSIP/102-{place:08x}",'
        f'"Dial","PJSIP/102","{clock}","{clock}","{end}",5,5,"ANSWERED","DOCUMENTATION","{unique}","","","{unique}",{place}\n'
    )


def furnish(home: Home, work: Path) -> None:
    """Calls of three ages with notes and recordings, rules, and a hold on some of the old ones."""
    groups = [("old", OLD), ("middle", MIDDLE), ("new", NEW)]
    master = work / "Master.csv"
    master.write_text("".join(_cdr(group, place) for group, many in groups for place in range(many)))
    asked = {"paths": [str(master)], "source": "office", "timezone": ZONE, "region": "GB"}
    list(Service(home).run("import", asked))
    from ringbook.desk.annotations import edit
    from ringbook.desk.annotations.models import Note
    from ringbook.desk.people.models import Person

    person = Person.objects.create_user("olga@example.com", "long enough for this", name="Olga", role="owner")
    by = edit.By.of(person)
    for group, many in groups:
        for place, call in enumerate(_calls(home, group, many)):
            edit.add_note(by, call, note(group, place))
            age = datetime.now(UTC) - timedelta(days=DAYS[group])
            Note.objects.filter(call_id=call).update(changed_at=age)
            if place in (0, HELD + 1):
                _record(home, work, f"{group}-{place}", call)
    _rules(by.actor)
    from ringbook.desk.retention import holds

    held = _calls(home, "old", OLD)[:HELD]
    holds.place(by.actor, Scope(), name="Case", reason="Court", review_on=date(2099, 1, 1), ids=held)


def _rules(actor: Any) -> None:
    from ringbook.desk.retention import changing
    from ringbook.desk.retention.changing import Draft
    from ringbook.desk.retention.plan import preview
    from ringbook.desk.retention.policy import alone

    for kind, query, days in (
        ("calls", "direction:inbound", 365),
        ("recordings", "", 60),
        ("notes", "", 60),
        ("frames", "", 60),
    ):
        draft = Draft(f"{kind} after {days} days", kind, query, days)
        plan = preview("main", alone("main", draft.rule()), time.time_ns() // 1000)
        rule = changing.save(actor, None, 1, draft, plan=plan)
        changing.switch(actor, rule, rule.version, on=True, plan=plan)


def _calls(home: Home, group: str, many: int) -> list[str]:
    found = {call.caller.number: call.id for call in home.ledger.select(Scope(), limit=1_000)}
    return [found[number(group, place)] for place in range(many)]


def _record(home: Home, work: Path, stem: str, call: str) -> None:
    file = work / f"{stem}.wav"
    with wave.open(str(file), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(8_000)
        sink.writeframes(random.Random(stem).randbytes(16_000))
    [answer] = hand.add(home, [str(file)], "office")
    hand.join(home, answer["recording"]["id"], call)


def apply(home: Home, place: str) -> None:
    """Apply the rules, or go on with that; with ``place``, have this process killed there (see ``die_at``)."""
    from ringbook.desk.governance.audit import SYSTEM
    from ringbook.desk.retention import runs
    from ringbook.desk.retention.records import RetentionRun
    from ringbook.runtime.retention import running
    from ringbook.runtime.retention.running import Runner

    run = RetentionRun.objects.first() or runs.begin(SYSTEM)
    if place:
        die_at(place)
    running.BREATH_S = 0
    Runner(home, threading.Event(), step=7).carry_out(run)


def hinder() -> None:
    """Have runs of this process end while others are in the way of taking bytes off the disk."""
    from ringbook.runtime.retention.running import Runner

    Runner.purge = lambda self, run: None  # type: ignore[method-assign]  # the run has written down: hidden


def look(home: Home) -> None:
    """What a running process does every few seconds."""
    from ringbook.runtime.retention.keeping import Keeping

    Keeping(home).look(threading.Event())


def tell(home: Home) -> dict[str, Any]:
    """What there is: calls, notes, recordings, raw records, what ``verify`` finds, and the run's report."""
    from ringbook.desk.annotations.models import Change, Note
    from ringbook.desk.governance import audit
    from ringbook.desk.retention import runs
    from ringbook.desk.retention.records import RetentionRun
    from ringbook.ledger.recordings import Catalogue

    calls = {call.caller.number: call for call in home.ledger.select(Scope(), limit=1_000)}
    kept = Catalogue(home.ledger).of_calls(Scope(), [call.id for call in calls.values()])
    run = RetentionRun.objects.first()
    told = runs.told(run) if run else {}
    evidence = {}
    if number("middle", 0) in calls:
        answer = next(Service(home).run("calls.show", {"id": calls[number("middle", 0)].id}))
        evidence = answer["evidence"]
    return {
        "numbers": sorted(calls),
        "notes": sorted(Note.objects.values_list("text", flat=True)),
        "changes": Change.objects.count(),
        "recordings": sum(not one.gone for some in kept.values() for one in some),
        "frames": {one: len(home.ledger.frames(Scope(), call.frames)) for one, call in calls.items()},
        "differences": [one["difference"] for one in Service(home).run("verify", {}) if "difference" in one],
        "run": told,
        "tombstones": {
            rule: tombstones.counts(home.ledger, Scope(), warrant)
            for rule, warrant in told.get("warrants", {}).items()
        },
        "steps": sorted(
            thing
            for step in (run.steps.all() if run else [])
            for pairs in step.chosen.values()
            for thing, _ in pairs
        ),
        "evidence": evidence,
        "audit": [fault.problem for fault in audit.faults()],
        "in_ledger": _in_ledger(home),
    }


def _in_ledger(home: Home) -> list[str]:
    """The numbers and names of old calls that stand in some row of the ledger, old revisions and hidden rows included."""
    tables = home.ledger.engine.raw("SHOW TABLES", {}, "TSV").decode().split()
    rows = b"".join(
        home.ledger.engine.raw(f"SELECT * FROM {table}", {}, "TSVRaw", {"final": 0, "apply_deleted_mask": 0})
        for table in tables
    ).lower()
    words = [word for place in range(OLD) for word in (number("old", place)[1:], name("old", place).lower())]
    return [word for word in words if word.encode() in rows]


def main() -> None:
    """``HOME WORK`` and what to do, one after the other: ``furnish``, ``apply``, ``hinder``, ``look``, ``tell``.

    ``apply=PLACE`` dies there.
    """
    folder, work = Path(sys.argv[1]), Path(sys.argv[2])
    with Home.open(folder) as home:
        desk.start(home)
        for word in sys.argv[3:]:
            act, _, told = word.partition("=")
            if act == "furnish":
                furnish(home, work)
            elif act == "apply":
                apply(home, told)
            elif act == "hinder":
                hinder()
            elif act == "look":
                look(home)
            else:
                print(json.dumps(tell(home)))  # to the test


if __name__ == "__main__":
    main()
