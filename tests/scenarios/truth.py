"""Compares calls with what really happened on the phones.

``check(folder, calls, …)`` is what a scenario test calls. It matches calls with the truth one to one, lists every difference, and
fails on those that no ``Gap`` declares; a declared gap that no longer is one fails as well, so that gaps cannot go stale.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from ringbook.model.call import Call, Direction, HangupBy, Outcome
from ringbook.model.instant import SECOND, Instant

OUTCOMES: dict[str, frozenset[Outcome]] = {
    "answered": frozenset({Outcome.ANSWERED}),
    "answered_external": frozenset({Outcome.ANSWERED}),
    "voicemail": frozenset({Outcome.VOICEMAIL}),
    "voicemail_no_message": frozenset({Outcome.VOICEMAIL}),
    "announcement": frozenset({Outcome.MACHINE}),
    "feature_code": frozenset({Outcome.MACHINE}),
    "monitoring": frozenset({Outcome.MACHINE}),
    "abandoned_ivr": frozenset({Outcome.ABANDONED}),
    "abandoned_queue": frozenset({Outcome.ABANDONED}),
    "no_answer": frozenset({Outcome.MISSED}),
    "busy": frozenset({Outcome.BUSY}),
    "declined": frozenset({Outcome.REJECTED}),
    "rejected": frozenset({Outcome.REJECTED}),
}
"""The truth's words in ours; ``cancelled`` and ``failed_…`` are treated in :func:`outcomes`."""


class Truth(msgspec.Struct, frozen=True):
    """What really happened on one call, as the phones and carriers saw it."""

    folder: str
    outcome: str
    direction: str
    external: str
    dialled: str
    agents: tuple[str, ...]  # who talked, in the order in which they came on
    started_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    talk_s: float
    hold_s: float | None  # None: the truth does not say
    queue: str
    transferred_to: str
    transfer_type: str
    hangup_by: HangupBy  # UNKNOWN: the truth does not say
    raw: dict[str, object]  # the line itself

    @property
    def answered_outside(self) -> bool:
        """Whether only somebody outside (a forwarded mobile) talked."""
        return self.outcome == "answered_external"


class Difference(msgspec.Struct, frozen=True):
    """One value that is not the truth."""

    field: str
    truth: Truth | None
    expected: object
    told: object
    call: Call | None = None

    def __str__(self) -> str:
        who = f"{self.truth.external} {self.truth.outcome}" if self.truth else "no such call"
        when = f" at {self.truth.started_at / SECOND:.3f}" if self.truth else ""
        return f"{self.field}: expected {self.expected!r}, told {self.told!r} ({who}{when})"


class Gap(msgspec.Struct, frozen=True):
    """A field of a scenario in which a source makes the truth impossible, and why.

    ``scenario`` is the folder's name, or ``*`` for all. ``where`` selects the calls concerned: then each of them must differ
    in the field; without it, at least one call of the scenario must.
    """

    scenario: str
    field: str
    reason: str
    where: Callable[[Truth], bool] | None = None


def load(folder: Path) -> list[Truth]:
    """The truth of a scenario folder: one for each real call, by start."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((_truth(json.loads(line)) for line in lines if line.strip()), key=lambda t: t.started_at)


def check(
    folder: Path,
    calls: Sequence[Call],
    *,
    tolerance_s: float = 1.0,
    facts: Iterable[str] | None = None,
    gaps: Iterable[Gap] = (),
    without: Callable[[Truth], bool] | None = None,
) -> None:
    """Fail unless the calls are the truth, save for the declared gaps.

    ``facts`` are those the formats can state; of the others nothing may be told. ``without`` selects real calls of which this
    source has no record at all; no call may then be told of them.
    """
    truths = [truth for truth in load(folder) if without is None or not without(truth)]
    found = differences(truths, calls, tolerance_s=tolerance_s, facts=facts)
    mine = [gap for gap in gaps if gap.scenario in (folder.name, "*")]
    wrong = [str(one) for one in found if not any(_covers(gap, one) for gap in mine)]
    stale = [gap for gap in mine if _stale(gap, truths, found)]
    report = [*wrong, *(f"no gap any more: {gap.scenario} {gap.field} ({gap.reason})" for gap in stale)]
    assert not report, f"{folder.name}:\n  " + "\n  ".join(report)


def differences(
    truths: Sequence[Truth],
    calls: Sequence[Call],
    *,
    tolerance_s: float = 1.0,
    facts: Iterable[str] | None = None,
) -> list[Difference]:
    """Everything in which the calls are not the truth. Field ``calls``: a call that is missing, doubled or never was."""
    stated = None if facts is None else frozenset(facts)
    pairs, missing, extra = match(truths, calls)
    found = [Difference("calls", truth, "one call", "none") for truth in missing]
    found += [Difference("calls", None, "none", f"{call.caller} → {call.called}", call) for call in extra]
    for truth, call in pairs:
        found += _compared(truth, call, tolerance_s, stated)
    return found


def match(
    truths: Sequence[Truth], calls: Sequence[Call]
) -> tuple[list[tuple[Truth, Call]], list[Truth], list[Call]]:
    """Truths and calls one to one, by number and nearest start; then the truths and the calls left over."""
    left = dict(enumerate(calls))
    pairs: dict[int, Call] = {}
    candidates = sorted(
        (not _same_party(truth, call), abs(truth.started_at - call.started_at), t, c)
        for t, truth in enumerate(truths)
        for c, call in left.items()
        if abs(truth.started_at - call.started_at) <= _APART
    )
    for _, _, t, c in candidates:
        if t not in pairs and c in left:
            pairs[t] = left.pop(c)
    matched = [(truths[t], pairs[t]) for t in sorted(pairs)]
    return matched, [truth for t, truth in enumerate(truths) if t not in pairs], list(left.values())


def outcomes(truth: Truth) -> frozenset[Outcome]:
    """The outcomes that would be true of a call."""
    if truth.outcome.startswith("failed"):
        return frozenset({Outcome.FAILED})
    if truth.outcome == "cancelled":
        inbound = truth.direction == "inbound"
        return frozenset({Outcome.MISSED if inbound else Outcome.CANCELLED})
    if truth.outcome == "no_answer" and truth.raw.get("voicemail_message") is False:
        return frozenset({Outcome.VOICEMAIL, Outcome.MISSED})
    return OUTCOMES[truth.outcome]


def same_number(truth: str, *told: str) -> bool:
    """Whether one of the numbers told is the true one: equal, or ending in the same (national) digits."""
    want = _digits(truth)
    if not want:
        return any(not _digits(one) for one in told)
    for one in told:
        have = _digits(one)
        if have == want:
            return True
        if min(len(have), len(want)) >= _NATIONAL and (have.endswith(want) or want.endswith(have)):
            return True
    return False


def _truth(line: dict[str, object]) -> Truth:
    get = line.get
    agents: list[dict[str, str]] = get("agents") or []  # type: ignore[assignment]
    return Truth(
        folder=str(get("folder", "")),
        outcome=str(get("outcome", "")),
        direction=str(get("direction", "")),
        external=str(get("external_number") or ""),
        dialled=str(get("dialled") or ""),
        agents=tuple(dict.fromkeys(agent["ext"] for agent in agents)),
        started_at=_instant(get("started_at")) or 0,
        answered_at=_instant(get("answered_at")),
        ended_at=_instant(get("ended_at")),
        talk_s=float(get("external_talk_seconds") or get("talk_seconds") or 0),  # type: ignore[arg-type]
        hold_s=get("hold_seconds"),  # type: ignore[arg-type]
        queue=str(get("queue") or ""),
        transferred_to=str(get("transferred_to") or ""),
        transfer_type=str(get("transfer_type") or ""),
        hangup_by=_hangup(line),
        raw=line,
    )


def _hangup(line: dict[str, object]) -> HangupBy:
    who = str(line.get("hangup_by") or "")
    outbound = line.get("direction") == "outbound"
    if who.startswith("carrier"):
        return HangupBy.CALLEE if outbound else HangupBy.CALLER
    if who.startswith("phone"):
        caller = str(line.get("caller_ext") or line.get("agent") or line.get("external_number"))
        return HangupBy.CALLER if who == f"phone{caller}" else HangupBy.CALLEE
    return HangupBy.UNKNOWN


def _compared(truth: Truth, call: Call, tolerance_s: float, facts: frozenset[str] | None) -> list[Difference]:
    found: list[Difference] = []

    def compare(field: str, expected: object, told: object, right: bool) -> None:
        if facts is not None and field not in facts and field != "external":
            if told not in _NOTHING:
                found.append(Difference(field, truth, "nothing: no fact of this format", told, call))
        elif not right:
            found.append(Difference(field, truth, expected, told, call))

    def instant(field: str, expected: Instant | None, told: Instant | None) -> None:
        compare(field, expected, told, _near(expected, told, tolerance_s * SECOND))

    compare("direction", truth.direction, call.direction, call.direction == Direction(truth.direction))
    compare("outcome", truth.outcome, call.outcome, call.outcome in outcomes(truth))
    party = call.called if truth.direction == "outbound" else call.caller
    compare("external", truth.external, party.number, _same_party(truth, call))
    compare("dialled", truth.dialled, call.dialled, _same_dialled(truth, call.dialled))
    told = tuple(agent.extension for agent in call.agents)
    compare("agents", truth.agents, told, told == truth.agents)
    compare("queue", truth.queue, call.queue, call.queue == truth.queue)
    compare("transfers", _chain(truth), call.transfers, _right_transfers(truth, call))
    by = call.hangup_by
    compare(
        "hangup_by", truth.hangup_by, by, HangupBy.UNKNOWN in (truth.hangup_by, by) or by == truth.hangup_by
    )
    instant("started_at", truth.started_at, call.started_at)
    if not truth.answered_outside:
        instant("answered_at", truth.answered_at, call.answered_at)
    instant("ended_at", truth.ended_at, call.ended_at)
    talk, hold = call.talk_s, call.hold_s
    right = abs(talk - truth.talk_s) <= tolerance_s if talk is not None else not truth.talk_s
    if not truth.answered_outside or truth.raw.get("external_talk_seconds") is not None:
        compare("talk_s", truth.talk_s, talk, right)
    if truth.hold_s is not None:
        compare("hold_s", truth.hold_s, hold, hold is not None and abs(hold - truth.hold_s) <= tolerance_s)
    return found


def _same_party(truth: Truth, call: Call) -> bool:
    party = call.called if truth.direction == "outbound" else call.caller
    return same_number(truth.external, party.number, party.raw)


def _same_dialled(truth: Truth, told: str) -> bool:
    """An inbound number may be told without the country code: many dialplans cut it off before anything is written."""
    if truth.direction == "inbound" and told:
        return same_number(truth.dialled, told)
    return told == truth.dialled


def _chain(truth: Truth) -> object:
    return (truth.transfer_type, truth.transferred_to) if truth.transferred_to else "none"


def _right_transfers(truth: Truth, call: Call) -> bool:
    """The last hand-over is the true one. Forwards and pickups, which the truth tells elsewhere, may be told as well."""
    moved = [one for one in call.transfers if one.kind not in ("forward", "pickup")]
    if not truth.transferred_to:
        return not moved or bool(truth.raw.get("parked"))
    return (
        bool(moved)
        and truth.transfer_type in ("", moved[-1].kind)
        and same_number(truth.transferred_to, moved[-1].to)
    )


def _near(one: Instant | None, two: Instant | None, within: float) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= within


def _covers(gap: Gap, one: Difference) -> bool:
    if gap.field != one.field:
        return False
    return gap.where is None or (one.truth is not None and gap.where(one.truth))


def _stale(gap: Gap, truths: Sequence[Truth], found: Sequence[Difference]) -> bool:
    if gap.where is None:
        return gap.scenario != "*" and not any(_covers(gap, one) for one in found)
    differing = [one.truth for one in found if one.field == gap.field]
    concerned = [truth for truth in truths if gap.where(truth)]
    return any(truth not in differing for truth in concerned) or (gap.scenario != "*" and not concerned)


def _instant(value: object) -> Instant | None:
    return None if value is None else round(float(value) * SECOND)  # type: ignore[arg-type]


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


_APART = 5 * SECOND
"""How far a call's start may be told from the true one and still be taken for that call."""

_NATIONAL = 7
"""Digits from which two numbers are one if one ends in the other."""

_NOTHING = (None, "", (), Direction.UNKNOWN, Outcome.UNKNOWN, HangupBy.UNKNOWN)
