"""What the recording policy does to recordings: those that must not be are destroyed, marked spans are silenced.

Each recording is looked at when it has been joined to a call, and all of them from time to time and when the policy changes.
A recording of a call under legal hold stays, sealed, and nobody hears it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import structlog

from ringbook.analyse.completeness import kept_of_listed
from ringbook.config.settings import DIALOGUES
from ringbook.desk import wiring
from ringbook.ledger.erasing import Removal
from ringbook.ledger.ledger import batched
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, CallId
from ringbook.model.errors import AskError
from ringbook.model.frame import FrameRow
from ringbook.model.instant import DAY, SECOND, Instant, from_datetime
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.model.scope import MAIN_TENANT, Scope
from ringbook.model.statement import ChannelEvent, EventKind, RecordingMask
from ringbook.model.warrant import Ground
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.intake import WINDOW
from ringbook.runtime.recordings.opening import open_vault

if TYPE_CHECKING:
    from ringbook.desk.recording_policy.models import Standard

log = structlog.get_logger()

STEP = 200
"""Recordings that are destroyed together, and calls that are read together."""

TOLD_IN_DIALOGUE = frozenset(DIALOGUES.values())
"""Formats of which every record that is understood tells of a span that nobody may hear."""

MINUTE = 60 * SECOND

FRAMES_AT_ONCE = 2_000
"""Records of which the calls are looked up together."""

LATELY = 2 * DAY
"""How far back records are looked at again that may tell of spans that nobody may hear."""


class Doomed(msgspec.Struct, frozen=True):
    """A recording that must not be kept: under which decision (``reference``), why, and whose."""

    recording: str
    call: str
    reference: str
    reason: str
    ground: Ground = Ground.DO_NOT_RECORD


class Enforced(msgspec.Struct):
    """What was done: recordings destroyed, kept under a hold, silenced."""

    destroyed: int = 0
    held: int = 0
    silenced: int = 0


def ready(home: Home) -> bool:
    """Whether the desk of that home is started here: a command without it leaves the work to ``serve``."""
    return wiring.wired() and wiring.ledger() is home.ledger


def settle(home: Home, recording: KeptRecording) -> KeptRecording:
    """A recording that has just been kept or joined, as the policy leaves it."""
    if recording.call is None or recording.gone or not ready(home):
        return recording
    doomed = [one for one in doomed_of(home, recording.call) if one.recording == recording.id]
    if doomed:
        destroy(home, doomed)
    else:
        read_marks(home, [recording.call])
        silence_marked(home, [recording])
    found = Catalogue(home.ledger).get(Scope(recording.tenant), [recording.id])
    return found[0] if found else recording


def enforce(home: Home) -> Enforced:
    """Have everything as the policy wants it."""
    if not ready(home):
        return Enforced()
    from ringbook.desk.recording_policy.rules import standard

    told = destroy(home, doomed_of(home))
    read_marks(home, _telling(home, now() - LATELY, standard(MAIN_TENANT).mask_begins))
    told.silenced = silence_marked(home, _marked(home))
    if told.destroyed or told.silenced:
        log.info("recordings.policy", **msgspec.to_builtins(told))
    return told


def doomed_of(home: Home, call: CallId | None = None) -> list[Doomed]:
    """The recordings, of one call or all, that policy says must go, and may without anybody being asked."""
    from ringbook.desk.recording_policy import states
    from ringbook.desk.recording_policy.models import DoNotRecord
    from ringbook.desk.recording_policy.rules import listed, standard

    entries = list(DoNotRecord.objects.filter(tenant=MAIN_TENANT))
    found: dict[str, Doomed] = {}
    for kept in kept_of_listed(home.ledger, Scope(), [listed(entry) for entry in entries], call):
        for place in kept.listed:
            entry = entries[place]
            if entry.earlier or kept.received_at >= from_datetime(entry.made_at):
                reference = f"do-not-record {entry.pk} version {entry.version}"
                found.setdefault(kept.recording, Doomed(kept.recording, kept.call, reference, entry.reason))
    held = standard(MAIN_TENANT)
    if held.destroy_refused:
        reference = f"recording-standard {held.pk} version {held.version}"
        for one in of_calls(home, states.refused(Scope(), None if call is None else [call])):
            found.setdefault(one.id, Doomed(one.id, one.call or "", reference, "recording was refused"))
    return list(found.values())


def destroy(home: Home, doomed: Sequence[Doomed], by: str = "rule") -> Enforced:
    """Destroy recordings, each under a warrant of its decision; those of calls under a hold stay."""
    from ringbook.desk.governance import audit
    from ringbook.desk.retention import holds
    from ringbook.desk.retention.warrants import issue

    told = Enforced()
    by_reference: dict[tuple[str, str, Ground], list[Doomed]] = defaultdict(list)
    for one in doomed:
        by_reference[one.reference, one.reason, one.ground].append(one)
    vault = open_vault(home) if doomed else None
    for (reference, reason, ground), those in by_reference.items():
        for start in range(0, len(those), STEP):
            some = those[start : start + STEP]
            with holds.changing:
                held = holds.held(Scope(), [one.call for one in some if one.call])
                free = [one for one in some if one.call not in held]
                told.held += len(some) - len(free)
                if not free or vault is None:
                    continue
                warrant = issue(MAIN_TENANT, ground, reference, reason, by)
                for one in free:
                    vault.destroy(warrant, MAIN_TENANT, one.recording)
                ids = [RecordingId(one.recording) for one in free]
                home.intake.remove(warrant, Removal(recordings=ids))
            for one in free:
                audit.record(
                    audit.SYSTEM,
                    "recording:destroyed",
                    f"recording:{one.recording}",
                    call=one.call,
                    warrant=warrant.id,
                )
            told.destroyed += len(free)
    return told


def destroy_refused(home: Home, recordings: Iterable[str], by: str) -> Enforced:
    """Destroy those of these recordings whose call somebody refused to have recorded: ``by`` decided it."""
    from ringbook.desk.recording_policy import states

    kept = Catalogue(home.ledger).get(Scope(), [RecordingId(one) for one in recordings])
    refused = states.refused(Scope(), [one.call for one in kept if one.call])
    doomed = [
        Doomed(one.id, one.call, f"refused call {one.call}", "recording was refused")
        for one in kept
        if one.call in refused and one.call and not one.gone
    ]
    return destroy(home, doomed, by)


def of_calls(home: Home, calls: Iterable[str]) -> Iterator[KeptRecording]:
    """What the vault keeps of some calls."""
    wanted = [CallId(call) for call in sorted(calls)]
    catalogue = Catalogue(home.ledger)
    for start in range(0, len(wanted), STEP):
        for found in catalogue.of_calls(Scope(), wanted[start : start + STEP]).values():
            yield from (one for one in found if not one.gone)


def silence_marked(home: Home, recordings: Iterable[KeptRecording]) -> int:
    """Silence in recordings what the marks of their calls say, those begun before included; how many spans that were."""
    from ringbook.desk.recording_policy import marks
    from ringbook.runtime.recordings.silencing import silence

    done = 0
    for recording in recordings:
        for mark in marks.waiting(recording.tenant, recording.call or "", recording.id):
            spans = marks.spans(mark, recording)
            try:
                if spans:
                    silence(home, recording.id, spans, by=mark.by_actor, reason=mark.reason, origin="mark")
                    done += 1
                marks.applied(mark, recording.id)
            except AskError as error:
                marks.failed(mark, recording.id, str(error))
    return done


def begin_marks(home: Home, call: str) -> int:
    """Have nothing of a call's recordings heard until its marks are silent in them; how many recordings that are."""
    from ringbook.desk.recording_policy import marks
    from ringbook.runtime.recordings.silencing import begin

    begun = 0
    for recording in of_calls(home, [call]):
        for mark in marks.waiting(recording.tenant, call, recording.id):
            spans = marks.spans(mark, recording)
            try:
                if spans:
                    begin(home, recording.id, spans, by=mark.by_actor, reason=mark.reason, origin="mark")
                    begun += 1
            except AskError as error:
                marks.failed(mark, recording.id, str(error))
    return begun


def read_marks(home: Home, calls: Iterable[CallId]) -> int:
    """Put the marks on calls of which their own records tell; how many that were.

    A phone system in dialogue with us tells of them while the call goes on, a dialplan's events when it has ended.
    """
    from ringbook.desk.recording_policy.rules import standard

    held = standard(MAIN_TENANT)
    made = 0
    for some in batched(calls, STEP):
        found = home.ledger.calls(Scope(), some)
        rows = {
            row.id: row for row in home.ledger.frames(Scope(), {one for call in found for one in call.frames})
        }
        for call in found:
            made += _read_marks(home, held, call, [rows[one] for one in call.frames if one in rows])
    return made


def _read_marks(home: Home, held: Standard, call: Call, rows: Sequence[FrameRow]) -> int:
    from ringbook.desk.recording_policy import marks

    made = 0
    told = [row for row in rows if row.format in TOLD_IN_DIALOGUE]
    if told:
        spans = _masked(home, call, told)
        made += marks.take(MAIN_TENANT, call.id, spans, f"{told[0].format} of {told[0].source}")
    if call.ended_at is None or not any(_may_tell(row, held.mask_begins) for row in rows):
        return made
    events = [
        (one.at, one.extra.get("type", ""))
        for one in home.readers.again(rows)
        if isinstance(one, ChannelEvent)
        and one.at is not None
        and one.event in (EventKind.USER, EventKind.OTHER)
    ]
    spans = marks.between(events, held.mask_begins, held.mask_ends)
    return made + marks.take(MAIN_TENANT, call.id, spans, f"{rows[0].format} of {rows[0].source}")


def _masked(home: Home, call: Call, rows: Sequence[FrameRow]) -> list[tuple[Instant, Instant | None]]:
    """What a phone system in dialogue told of a call.

    Records without times may be the same to the byte, and are then told once: from the first of them on nothing is heard.
    """
    from ringbook.desk.recording_policy import marks

    changes, untimed = [], []
    for row in rows:
        for one in home.readers.again([row]):
            if not isinstance(one, RecordingMask) or one.at is None:
                continue
            if one.timed:
                parts = frozenset(f"{one.channel} {part}" for part in one.parts or ("",))
                changes.append(marks.Change(one.at, one.on, parts))
            elif one.on:
                live = call.started_at <= row.received_at <= (call.ended_at or row.received_at) + MINUTE
                untimed.append(row.received_at if live else call.started_at)
    return marks.masked(changes) + ([(min(untimed), None)] if untimed else [])


def take_marks(home: Home, since: Instant) -> int:
    """Take the marks that phone systems told of in dialogue since then; how many spans were silenced."""
    if not ready(home):
        return 0
    calls = _telling(home, since, ())
    return silence_marked(home, of_calls(home, calls)) if read_marks(home, calls) else 0


def _may_tell(row: FrameRow, names: Sequence[str]) -> bool:
    text = row.data.lower()
    return any(name.strip().lower().encode() in text for name in names if name.strip())


_TELLING = """
SELECT hex(id), toUnixTimestamp64Micro(stated_at) AS at FROM frames WHERE tenant = {tenant:String} AND kind = 'stated'
    AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
    AND (has({formats:Array(String)}, format) OR multiSearchAny(lower(data), {names:Array(String)}))
ORDER BY at
"""
_TOLD_OF = """
WITH telling AS (SELECT toFixedString(unhex(arrayJoin({frames:Array(String)})), 16))
SELECT toString(id) FROM calls WHERE {scope}
    AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
    AND started_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
    AND arrayExists(frame -> frame GLOBAL IN telling, frames)
"""


def _telling(home: Home, since: Instant, begins: Sequence[str]) -> list[CallId]:
    """Calls of which a record came since then that tells of a span that may not be heard, in dialogue or by an event's name."""
    names = [name.strip().lower() for name in begins if name.strip()]
    params = {"since": since, "names": names, "formats": sorted(TOLD_IN_DIALOGUE)}
    found: dict[CallId, None] = {}
    for some in batched(home.ledger.query_rows(Scope(), _TELLING, params), FRAMES_AT_ONCE):
        near = {"since": some[0][1] - WINDOW, "until": some[-1][1] + WINDOW}
        frames = [frame for frame, _ in some]
        told_of = home.ledger.query_rows(Scope(), _TOLD_OF, {"frames": frames, **near})
        found |= dict.fromkeys(CallId(call) for (call,) in told_of)
    return list(found)


def _marked(home: Home) -> Iterator[KeptRecording]:
    """The recordings of calls with marks."""
    from ringbook.desk.recording_policy import marks

    return of_calls(home, marks.marked_calls(MAIN_TENANT))
