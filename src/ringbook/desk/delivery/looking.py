"""What an alert sees when it looks: its figure now, against its limit, against past weeks; or how long a source is silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ringbook.analyse.answer import Answer
from ringbook.analyse.catalogue import Listed
from ringbook.analyse.definition import Kind
from ringbook.analyse.question import together
from ringbook.desk.delivery import judging, wording
from ringbook.desk.delivery.asking import answered, listed
from ringbook.desk.delivery.errors import DeliveryError
from ringbook.desk.delivery.models import Alert, AlertKind, AlertState
from ringbook.desk.insight.words import column_word
from ringbook.desk.organisation.hours import Hours, hours_of
from ringbook.desk.organisation.models import SilenceAlarm
from ringbook.desk.organisation.silence import silence
from ringbook.desk.people.access import scope_of
from ringbook.desk.wiring import ledger, operations
from ringbook.model.errors import AskError
from ringbook.model.instant import from_datetime
from ringbook.model.scope import Scope

MINUTES = (15, 30, 60, 120, 240, 480, 1_440, 0)
"""Stretches that a figure can be watched over; 0: today since midnight."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen: whether it is off, in words, and by what it was judged."""

    state: AlertState
    told: str
    value: float | None = None
    calls_query: str = ""
    judged: dict[str, Any] = {}


def look(alert: Alert, now: datetime) -> Seen:
    """What an alert sees now, in the language that is active. Raises only what a ledger that is away raises."""
    hours = hours_of(alert.tenant)
    if alert.in_hours and hours.told and not hours.open_at(from_datetime(now)):
        return Seen(state=AlertState.FINE, told=_("Not looked at: it is outside business hours."))
    try:
        if alert.kind == AlertKind.SILENCE:
            return _silence(alert, now, hours)
        return _figure(alert, now)
    except AskError as error:
        return Seen(state=AlertState.BROKEN, told=str(error))


# --- figures ---------------------------------------------------------------------------------------------------------


def _figure(alert: Alert, now: datetime) -> Seen:
    about = listed(alert.tenant).get(alert.figure)
    if about is None:
        raise DeliveryError(_("This version of Ringbook does not have this figure any more."))
    unit = unit_of(about, alert.column)
    answer = _answer(alert, now, now)
    value = _value(alert, answer)
    behind = {"calls_query": answer.calls_query}
    judged = {
        "figure": answer.figure,
        "version": answer.version,
        "variant": answer.variant,
        "threshold_s": answer.threshold_s,
        "chosen": answer.chosen,
        "calls": answer.sample,
    }
    what = title_of(alert, about)
    rests = ngettext("%(n)d call", "%(n)d calls", answer.sample) % {"n": answer.sample}
    if value is None or answer.sample < alert.at_least:
        text = _("%(what)s: too few calls to say (%(rests)s, %(stretch)s).")
        if answer.sample >= alert.at_least:
            text = _("%(what)s is not known for any of these calls (%(rests)s, %(stretch)s).")
        told = text % {"what": what, "rests": rests, "stretch": stretch(alert)}
        return Seen(state=AlertState.UNKNOWN, told=told, value=value, judged=judged, **behind)
    is_told = _("%(what)s is %(value)s (%(rests)s, %(stretch)s)") % {
        "what": what,
        "value": wording.value(value, unit, alert.zone),
        "rests": rests,
        "stretch": stretch(alert),
    }
    if alert.kind == AlertKind.ANOMALY:
        return _anomaly(alert, now, unit, value, is_told, judged, answer.calls_query)
    limit = alert.limit or 0.0
    off = judging.beyond(value, limit, above=alert.above)
    bound = _limit_told(alert, unit)
    return Seen(
        state=AlertState.OFF if off else AlertState.FINE,
        told=f"{is_told}; {bound}.",
        value=value,
        judged=judged | {"limit": limit, "above": alert.above},
        **behind,
    )


def _anomaly(
    alert: Alert, now: datetime, unit: Kind, value: float, is_told: str, judged: dict[str, Any], behind: str
) -> Seen:
    past = [_value(alert, _answer(alert, then, now)) for then in weeks_before(alert, now)]
    known = judging.usual(past, counts=unit is Kind.COUNT)
    if known is None:
        text = _(
            "%(is)s; too little history to say what is usual: %(have)d of at least %(need)d weeks are known."
        )
        told = text % {
            "is": is_told,
            "have": sum(one is not None for one in past),
            "need": judging.FEWEST_WEEKS,
        }
        return Seen(state=AlertState.UNKNOWN, told=told, value=value, judged=judged, calls_query=behind)
    distance = known.distance(value)
    off = judging.strange(distance, alert.sensitivity, above=alert.above, either=alert.either)
    told = _(
        "%(is)s; usual at this time of the week is %(usual)s (%(weeks)d weeks), %(z)s times the usual spread off."
    ) % {
        "is": is_told,
        "usual": wording.value(round(known.middle) if unit is Kind.COUNT else known.middle, unit, alert.zone),
        "weeks": known.weeks,
        "z": wording.number(abs(distance), 1),
    }
    return Seen(
        state=AlertState.OFF if off else AlertState.FINE,
        told=told,
        value=value,
        judged=judged
        | {"usual": known.middle, "spread": known.spread, "weeks": known.weeks, "z": round(distance, 2)},
        calls_query=behind,
    )


def weeks_before(alert: Alert, now: datetime) -> list[datetime]:
    """The same time on the clock of the wall, one week back, two, …"""
    local = now.astimezone(ZoneInfo(alert.zone))
    return [
        (local.replace(tzinfo=None) - timedelta(weeks=back)).replace(tzinfo=local.tzinfo).astimezone(UTC)
        for back in range(1, alert.weeks + 1)
    ]


def _answer(alert: Alert, at: datetime, now: datetime) -> Answer:
    """The figure over the stretch that ends at an instant, as who the alert is sent by sees it."""
    sender = alert.sender
    return answered(
        scope_of(sender),
        alert.figure,
        together(alert.query, window(alert, at)),
        variant=alert.variant,
        threshold_s=alert.threshold_s,
        zone=alert.zone,
        now=from_datetime(now),
        me=sender.handle,
    )


def window(alert: Alert, at: datetime) -> str:
    """The question for the calls that began in the stretch that ends at an instant."""
    end = at.astimezone(UTC)
    if alert.window_minutes:
        begin = end - timedelta(minutes=alert.window_minutes)
    else:
        zone = ZoneInfo(alert.zone)
        begin = datetime.combine(end.astimezone(zone).date(), datetime.min.time(), zone).astimezone(UTC)
    return f"after:{begin:%Y-%m-%dT%H:%M:%SZ} before:{end:%Y-%m-%dT%H:%M:%SZ}"


def _value(alert: Alert, answer: Answer) -> float | None:
    told = answer.total.get(alert.column or answer.headline)
    return float(told) if isinstance(told, int | float) else None


def unit_of(about: Listed, column: str) -> Kind:
    """What the values of a column are; of the headline if none is named."""
    name = column or about.headline
    return next((one.kind for one in about.columns if one.name == name), Kind.NUMBER)


def title_of(alert: Alert, about: Listed) -> str:
    """What is watched, in words."""
    title = _(about.title)
    if alert.column and alert.column != about.headline:
        return f"{title}, {column_word(alert.column)}"
    return title


def stretch(alert: Alert) -> str:
    """The stretch of time that a figure is watched over, in words."""
    minutes = alert.window_minutes
    if not minutes:
        return _("today so far")
    if minutes % 60:
        return ngettext("last minute", "last %(n)d minutes", minutes) % {"n": minutes}
    return ngettext("last hour", "last %(n)d hours", minutes // 60) % {"n": minutes // 60}


def _limit_told(alert: Alert, unit: Kind) -> str:
    limit = wording.value(alert.limit or 0.0, unit, alert.zone)
    if alert.above:
        return _("it should be at most %(limit)s") % {"limit": limit}
    return _("it should be at least %(limit)s") % {"limit": limit}


# --- silence ---------------------------------------------------------------------------------------------------------


def _silence(alert: Alert, now: datetime, hours: Hours) -> Seen:
    """The source that has been silent for longest, of those watched."""
    at = from_datetime(now)
    statuses = ledger().source_status(Scope(alert.tenant), at)
    known = {one.source: one.last_received_at for one in statuses}
    if alert.source and alert.source not in known:
        text = _("%(source)s has not brought anything yet.") % {"source": alert.source}
        return Seen(state=AlertState.UNKNOWN, told=text)
    watched = {name: last for name, last in known.items() if alert.source in ("", name) and not _paused(name)}
    if known and not watched:
        return Seen(state=AlertState.FINE, told=_("Not looked at: it is paused."))
    rule = SilenceAlarm(
        tenant=alert.tenant, source=alert.source, within_minutes=alert.within_minutes, in_hours=alert.in_hours
    )
    found = [
        (quiet.silent_s, name, quiet.alarming)
        for name, last_at in watched.items()
        if (quiet := silence(rule, last_at, at, hours)) is not None
    ]
    if not found:
        return Seen(state=AlertState.UNKNOWN, told=_("No source has brought anything yet."))
    off = sorted(name for _s, name, alarming in found if alarming)
    longest, name, _off = max(found)
    text = _("%(sources)s brought nothing for %(span)s; at most %(allowed)s are allowed.")
    told = text % {
        "sources": ", ".join(off or [name]),
        "span": wording.span(longest),
        "allowed": wording.span(alert.within_minutes * 60),
    }
    return Seen(
        state=AlertState.OFF if off else AlertState.FINE,
        told=told,
        value=longest,
        judged={"sources": off, "allowed_s": alert.within_minutes * 60, "in_hours": alert.in_hours},
    )


def _paused(source: str) -> bool:
    """Whether somebody has a source rest, so that its silence is meant."""
    try:
        [told] = operations().run("sources.settings", {"name": source})
    except AskError:  # it only brought files, or is connected no more
        return False
    return bool(told["settings"].get("paused"))
