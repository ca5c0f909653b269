"""The worklist of a viewer: who was missed, how it stands, who takes care of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence

import msgspec
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from ringbook.analyse.missed import LOST, Back, Caller, Standing, backs, missed
from ringbook.desk.directory.callbacks import call_party, callbacks_of, groups_of
from ringbook.desk.directory.models import Callback, CallbackState
from ringbook.desk.directory.names import Named, names_of
from ringbook.desk.organisation.hours import Hours, hours_of
from ringbook.desk.wiring import ledger
from ringbook.model.instant import DAY
from ringbook.web.pages.contacts.numbers import number_shown, text_shown
from ringbook.web.viewer import Viewer

PAGE = 50
DAYS = (1, 7, 30, 90)
USUAL_DAYS = 7

OPEN = "open"  # waiting and tried: what is to be done
STATES = (OPEN, Standing.WAITING.value, Standing.TRIED.value, Standing.RETURNED.value, "settled", "all")


class Asked(msgspec.Struct, frozen=True):
    """What a viewer wants to see of it."""

    days: int = USUAL_DAYS
    kinds: tuple[str, ...] = LOST
    queue: str = ""
    owner: str = ""  # me, nobody, a person's id
    state: str = OPEN
    hours: str = ""  # in: only those who tried last within business hours
    offset: int = 0


def asked_of(query: QueryDict) -> Asked:
    """What an address asks for; what it should not say is left out."""
    kinds = tuple(kind for kind in LOST if kind in query.getlist("kind"))
    owner = query.get("owner", "")
    if owner not in ("", "me", "nobody") and not _is_uuid(owner):
        owner = ""
    state = query.get("state", OPEN)
    days, offset = (query.get(name, "") for name in ("days", "offset"))
    return Asked(
        days=int(days) if days in {str(one) for one in DAYS} else USUAL_DAYS,
        kinds=kinds or LOST,
        queue=query.get("queue", "").replace("\x00", "")[:200],
        owner=owner,
        state=state if state in STATES else OPEN,
        hours="in" if query.get("hours") == "in" else "",
        offset=int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0,
    )


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the worklist."""

    caller: Caller
    state: str  # waiting, tried, returned, done, ignored
    callback: Callback | None = None

    @property
    def id(self) -> str:
        """A name for the row that stays while they try again, and tells nothing of the number."""
        return salted_hmac("missed", self.caller.key or self.caller.last_call).hexdigest()[:16]

    @property
    def settled(self) -> bool:
        """Whether somebody said that nothing is to be done."""
        return self.state in ("done", "ignored")

    @property
    def signature(self) -> str:
        """Differs once anything about it does."""
        told = (self.state, self.caller.tries, self.caller.last_at, self.caller.attempts)
        return "|".join(map(str, (*told, self.callback.version if self.callback else 0)))


class Worklist(msgspec.Struct, frozen=True):
    """Everybody who was asked for, with how many there are in each state and queue."""

    items: list[Item]
    counts: dict[str, int]
    queues: list[str]
    more: bool


def worklist(viewer: Viewer, asked: Asked) -> Worklist:
    """The worklist that a viewer asked for."""
    found = missed(
        ledger(),
        viewer.scope,
        since=viewer.now - asked.days * DAY,
        until=viewer.now + 1,
        kinds=asked.kinds,
        queue=asked.queue,
        grouping=lambda numbers: groups_of(viewer.scope, numbers),
    )
    decided = callbacks_of(viewer.scope, [(_key(one), one.all_numbers) for one in found.callers])
    items = [_item(one, decided.get(_key(one))) for one in found.callers]
    if asked.hours:
        hours = hours_of(viewer.scope.tenant)
        items = [item for item in items if hours.open_at(item.caller.last_at)]
    if asked.owner:
        items = [item for item in items if _is_owned(viewer, item, asked.owner)]
    states = Counter("settled" if item.settled else item.state for item in items)
    states[OPEN] = states["waiting"] + states["tried"]
    queues = sorted({queue for one in found.callers for queue in one.queues} | ({asked.queue} - {""}))
    fitting = [item for item in items if fits(item, asked.state)]
    return Worklist(fitting, {**states, "all": len(items)}, queues, found.more)


def _key(caller: Caller) -> str:
    return caller.key or call_party(caller.last_call)


def fits(item: Item, state: str) -> bool:
    """Whether somebody belongs on the list of a state."""
    if state == "all":
        return True
    if state == OPEN:
        return item.state in ("waiting", "tried")
    return item.settled if state == "settled" else item.state == state


def _item(caller: Caller, callback: Callback | None) -> Item:
    state = caller.standing.value
    settled = (
        callback and callback.state != CallbackState.OPEN and (callback.settled_until or 0) >= caller.last_at
    )
    if callback and settled and caller.standing is not Standing.RETURNED:
        state = callback.state
    return Item(caller=caller, state=state, callback=callback)


def _is_owned(viewer: Viewer, item: Item, owner: str) -> bool:
    who = str(item.callback.owner_id or "") if item.callback else ""
    if owner == "nobody":
        return not who
    return who == (str(viewer.person.pk) if owner == "me" and viewer.person else owner)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the worklist as a viewer may see it."""

    item: Item
    named: Named | None
    name: str
    number: str
    dial: str  # the number to ring; empty for masked viewers
    others: int  # further numbers that the calls came from
    back: Back | None
    waiting_s: float
    business_s: float | None  # the part of it in business hours; None where no hours were set
    in_hours: bool
    calls_query: str


def shown(viewer: Viewer, items: Sequence[Item], asked: Asked) -> list[Shown]:
    """The rows of some of the list."""
    returned = backs(ledger(), viewer.scope, [item.caller for item in items])
    named = names_of(viewer.scope, [item.caller.numbers[0] for item in items if item.caller.numbers])
    hours = hours_of(viewer.scope.tenant)
    return [
        _shown(
            viewer,
            item,
            named.get((item.caller.numbers or ("",))[0]),
            returned.get(item.caller.last_call),
            hours,
            asked,
        )
        for item in items
    ]


def _shown(
    viewer: Viewer, item: Item, named: Named | None, back: Back | None, hours: Hours, asked: Asked
) -> Shown:
    caller = item.caller
    number = caller.numbers[0] if caller.numbers else ""
    until = caller.back_at if item.state == "returned" and caller.back_at else viewer.now
    since = viewer.now - asked.days * DAY
    return Shown(
        item=item,
        named=named,
        name=text_shown(viewer, named.name if named else caller.name),
        number=number_shown(viewer, number),
        dial="" if viewer.scope.masked else number,
        others=max(0, len(caller.numbers) - 1),
        back=back,
        waiting_s=(until - caller.since_at) / 1_000_000,
        business_s=hours.business_seconds(caller.since_at, until) if hours.told else None,
        in_hours=not hours.told or hours.open_at(caller.last_at),
        calls_query="" if viewer.scope.masked else caller.calls_query(asked.kinds, since, viewer.now),
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
