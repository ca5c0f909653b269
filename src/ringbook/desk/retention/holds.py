"""Legal holds: which calls must not be removed, whatever a rule or a request says."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ringbook.desk.annotations import joined
from ringbook.desk.annotations.acting import chunks
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.retention.asking import Asked, Questions
from ringbook.desk.retention.records import HeldCall, Hold
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId
from ringbook.model.errors import AskError
from ringbook.model.instant import Instant, from_datetime
from ringbook.model.scope import Scope

PAGE = 20_000
"""Calls that are looked at together when a hold is placed on all that answer a question."""

changing = threading.RLock()
"""Held while a hold is placed or released, and while things are chosen and removed: a hold that stands is never too late."""


class HoldError(AskError):
    """The hold cannot be placed or released as asked."""


def held(scope: Scope, ids: Iterable[str], now: Instant | None = None) -> dict[str, tuple[str, ...]]:
    """Those of the calls that a hold is on, with the names of the holds. Joined calls are held with those they lead to."""
    found = {call: tuple(hold.name for hold in holds) for call, holds in held_by(scope, ids, now).items()}
    return {call: names for call, names in found.items() if names}


def held_by(scope: Scope, ids: Iterable[str], now: Instant | None = None) -> dict[str, list[Hold]]:
    """The holds that are on each of the calls, where there are any."""
    wanted = list(dict.fromkeys(ids))
    holds = list(standing(scope))
    if not holds or not wanted:
        return {}
    return Standing(scope, holds, _now() if now is None else now).of_calls(wanted)


def standing(scope: Scope) -> QuerySet[Hold]:
    """The holds that were not released."""
    return Hold.objects.within(scope).filter(released_at=None)


class Standing:
    """Holds, made ready to be looked up for many calls."""

    def __init__(self, scope: Scope, holds: Iterable[Hold], now: Instant) -> None:
        self._scope = scope.whole()
        self._holds = {str(hold.pk): hold for hold in holds}
        self._fixed = bool(self._holds) and HeldCall.objects.filter(hold__in=self._holds).exists()
        following = [
            hold for hold in self._holds.values() if hold.query and (hold.follows or not hold.fixed_at)
        ]
        self._asked = [Asked(str(hold.pk), hold.query, hold.zone) for hold in following]
        self._questions = Questions(self._scope, self._asked, now) if self._asked else None

    def __bool__(self) -> bool:
        return bool(self._holds)

    def of_calls(self, ids: Iterable[str]) -> dict[str, list[Hold]]:
        """The holds that are on each of these calls, where there are any."""
        if not self._holds:
            return {}
        wanted = list(dict.fromkeys(ids))
        ends = joined.ends(self._scope, wanted)
        calls = {one: ends.get(one, one) for one in wanted}
        on: dict[str, set[str]] = {}
        if self._fixed:
            self._look_up(sorted(set(calls.values())), on)
        if self._questions is not None:
            for call, keys in self._questions.of_calls(filter(_whole, calls.values())).items():
                on.setdefault(call, set()).update(keys)
        return {one: self._named(on[call]) for one, call in calls.items() if on.get(call)}

    def _look_up(self, calls: list[str], on: dict[str, set[str]]) -> None:
        """Add the holds that were placed on these calls, or on calls that were joined into them."""
        inside = joined.origins(self._scope, calls)
        for some in chunks([*calls, *inside], 5_000):
            rows = HeldCall.objects.filter(call_id__in=some, hold__in=self._holds)
            for call, hold in rows.values_list("call_id", "hold_id"):
                on.setdefault(inside.get(call, call), set()).add(str(hold))

    def _named(self, keys: set[str]) -> list[Hold]:
        return sorted((self._holds[key] for key in keys), key=lambda hold: (hold.name, str(hold.pk)))


def place(
    actor: Actor,
    scope: Scope,
    *,
    name: str,
    reason: str,
    review_on: date,
    query: str = "",
    ids: Iterable[str] = (),
    zone: str = "UTC",
    follows: bool = True,
) -> Hold:
    """A hold on calls: those of these ids, and those that answer a question now. With ``follows``, also those that will later.

    It holds from the moment that its row stands; the calls that answer now are fixed in it, so that they stay held when
    they answer no longer.

    :raises HoldError: nothing is chosen, or something is not said.
    :raises QuestionError: the question cannot be understood.
    """
    chosen = list(dict.fromkeys(ids))
    if not chosen and not query.strip():
        raise HoldError(_("Choose calls, or write a question that they answer."))
    for text, problem in (
        (name, _("A hold needs a name.")),
        (reason, _("Say why these calls must be kept.")),
    ):
        if not text.strip():
            raise HoldError(problem)
    if query.strip():
        Questions(scope, [Asked("", query, zone)], _now())
    with changing, transaction.atomic():
        hold = Hold.objects.create(
            tenant=scope.tenant,
            name=name.strip(),
            reason=reason.strip(),
            query=query.strip(),
            zone=zone,
            follows=follows and bool(query.strip()),
            review_on=review_on,
            placed_by=actor.id,
            placed_by_name=actor.name,
        )
        number = _fix(hold, (call.id for call in ledger().calls(scope, [CallId(one) for one in chosen])))
        audit.record(
            actor,
            "hold:placed",
            f"hold:{hold.pk}",
            reason=hold.reason,
            review_on=str(review_on),
            chosen=number,
            query=hold.query,
        )
    fix(hold)
    return hold


def fix(hold: Hold) -> int:
    """How many calls a hold is on by name once those that answer its question are among them; they are added.

    Until that is done, all that answer are held. May be repeated after a crash.
    """
    if hold.query and hold.fixed_at is None:
        _fix_answers(hold)
    hold.fixed_at = datetime.now(UTC)
    Hold.objects.filter(pk=hold.pk, fixed_at=None).update(fixed_at=hold.fixed_at)
    return HeldCall.objects.filter(hold=hold).count()


def unfixed() -> list[Hold]:
    """Holds of which a crash came between being placed and being fixed."""
    return list(Hold.objects.filter(fixed_at=None, released_at=None))


def add(actor: Actor, scope: Scope, hold: Hold, ids: Iterable[str]) -> int:
    """How many calls a hold was put on that it was not on by name before; calls that cannot be seen are left out."""
    with changing, transaction.atomic():
        if hold.released_at is not None:
            raise HoldError(_("This hold was released. Place another one."))
        number = _fix(hold, (call.id for call in ledger().calls(scope, [CallId(one) for one in ids])))
        audit.record(actor, "hold:widened", f"hold:{hold.pk}", calls=number)
    return number


def release(actor: Actor, hold: Hold, reason: str) -> None:
    """Let go of what a hold held.

    :raises HoldError: it was released before, or no reason is given.
    """
    if not reason.strip():
        raise HoldError(_("Say why the hold is released."))
    with changing, transaction.atomic():
        done = Hold.objects.filter(pk=hold.pk, released_at=None).update(
            released_at=datetime.now(UTC),
            released_by_name=actor.name,
            released_reason=reason.strip(),
            version=hold.version + 1,
        )
        if not done:
            raise HoldError(_("This hold was released already."))
        audit.record(actor, "hold:released", f"hold:{hold.pk}", reason=reason.strip())
    hold.refresh_from_db()


def review(actor: Actor, hold: Hold, review_on: date, reason: str) -> None:
    """Say that a hold was looked at and is still needed, until another day.

    :raises HoldError: no reason is given, or it was released.
    """
    if not reason.strip():
        raise HoldError(_("Say why the hold is still needed."))
    with changing, transaction.atomic():
        if not Hold.objects.filter(pk=hold.pk, released_at=None).update(
            review_on=review_on, version=hold.version + 1
        ):
            raise HoldError(_("This hold was released already."))
        audit.record(
            actor, "hold:reviewed", f"hold:{hold.pk}", review_on=str(review_on), reason=reason.strip()
        )
    hold.refresh_from_db()


def overdue(scope: Scope, today: date) -> list[Hold]:
    """The holds that should have been looked at again by now."""
    return list(
        Hold.objects.within(scope).filter(released_at=None, review_on__lt=today).order_by("review_on")
    )


def _fix(hold: Hold, ids: Iterable[str]) -> int:
    number = 0
    for some in chunks(sorted(set(ids)), 2_000):
        known = set(HeldCall.objects.filter(hold=hold, call_id__in=some).values_list("call_id", flat=True))
        rows = [HeldCall(hold=hold, call_id=one) for one in some if one not in known]
        HeldCall.objects.bulk_create(rows, ignore_conflicts=True)
        number += len(rows)
    return number


def _fix_answers(hold: Hold) -> None:
    scope = Scope(hold.tenant)
    questions = Questions(scope, [Asked("", hold.query, hold.zone)], from_datetime(hold.placed_at))
    sql = _ANSWERS.replace("{condition}", questions.conditions[""])
    after = _FIRST
    while True:
        params = {**questions.params, "after": after, "most": PAGE}
        rows = ledger().query_rows(scope, sql, params)
        _fix(hold, (row[0] for row in rows))
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def _whole(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _now() -> Instant:
    return from_datetime(datetime.now(UTC))


_FIRST = "00000000-0000-0000-0000-000000000000"
_ANSWERS = """
SELECT toString(id) FROM calls WHERE {scope} AND ({condition}) AND toString(id) > {after:String}
ORDER BY toString(id) LIMIT {most:UInt32}
"""
