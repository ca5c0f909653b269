"""Making, changing and removing reports, alerts and webhooks: on record, under a version, and in the name of who did it last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ringbook.analyse.catalogue import Listed
from ringbook.analyse.definition import Kind
from ringbook.analyse.question import Asker, checked
from ringbook.desk.delivery.addresses import checked_url
from ringbook.desk.delivery.asking import answered
from ringbook.desk.delivery.calendar import next_due
from ringbook.desk.delivery.errors import DeliveryError
from ringbook.desk.delivery.models import (
    Alert,
    AlertEpisode,
    AlertState,
    Delivery,
    Hours,
    Outgoing,
    Report,
    Webhook,
)
from ringbook.desk.delivery.periods import Span
from ringbook.desk.governance.audit import Actor, record
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.instant import from_datetime

Thing = TypeVar("Thing", Report, Alert)

MOST_FIGURES = 20
MOST_RECIPIENTS = 100


def visible(kind: type[Thing], person: Person) -> QuerySet[Thing]:
    """The reports or alerts that somebody may look at: their own; all of them for who manages settings or reads the audit log."""
    found: QuerySet[Thing] = kind._default_manager.filter(tenant=person.tenant, removed_at=None)
    rights = rights_of(person)
    if Right.MANAGE_SETTINGS in rights or Right.SEE_AUDIT in rights:
        return found
    return found.filter(made_by=person)


def may_change(person: Person, thing: Outgoing) -> bool:
    """Whether somebody may change a report or an alert."""
    rights = rights_of(person)
    if Right.SEND_REPORTS not in rights or thing.tenant != person.tenant:
        return False
    return thing.made_by == person or Right.MANAGE_SETTINGS in rights


def deliveries(person: Person) -> QuerySet[Delivery]:
    """The deliveries of what somebody may look at."""
    reports = visible(Report, person).values("pk")
    alerts = visible(Alert, person).values("pk")
    found = Delivery.objects.filter(run__report__in=reports) | Delivery.objects.filter(alert__in=alerts)
    if Right.MANAGE_SETTINGS in rights_of(person):  # tests of webhooks belong to no alert
        found |= Delivery.objects.filter(tenant=person.tenant, alert=None, run=None)
    return found


def save_report(
    actor: Actor,
    person: Person,
    fields: dict[str, Any],
    people: Sequence[Person],
    of: Report | None,
    version: int = 0,
) -> Report:
    """The report as it is now, in the name of who saved it. Raises ``StaleError`` if somebody else changed it meanwhile."""
    report = of or Report(tenant=person.tenant, made_by=person)
    _set(report, fields, person)
    report.next_at = None if report.paused else next_due(report, datetime.now(UTC))
    return _saved(report, actor, people, "report", is_new=of is None, version=version)


def save_alert(
    actor: Actor,
    person: Person,
    fields: dict[str, Any],
    people: Sequence[Person],
    webhooks: Sequence[Webhook],
    of: Alert | None,
    version: int = 0,
) -> Alert:
    """The alert as it is now; it looks anew at once. An open episode ends without a word when what is watched changes."""
    alert = of or Alert(tenant=person.tenant, made_by=person)
    _set(alert, fields, person)
    alert.state, alert.note, alert.value, alert.looked_at = AlertState.UNSEEN, "", None, None
    alert.next_at = None if alert.paused else datetime.now(UTC)
    with transaction.atomic():
        saved = _saved(alert, actor, people, "alert", is_new=of is None, version=version)
        saved.webhooks.set(webhooks)
        _close(saved)
    return saved


def pause(actor: Actor, thing: Report | Alert, *, paused: bool) -> None:
    """Have a report or an alert rest, or go on; times that passed meanwhile are not made up for."""
    now = datetime.now(UTC)
    following = None if paused else next_due(thing, now) if isinstance(thing, Report) else now
    word = _word(thing)
    with transaction.atomic():
        type(thing)._default_manager.filter(pk=thing.pk).update(paused=paused, next_at=following)
        if isinstance(thing, Alert) and paused:
            _close(thing)
        record(actor, f"{word}:{'paused' if paused else 'resumed'}", f"{word}:{thing.pk}")


def remove(actor: Actor, thing: Report | Alert) -> None:
    """Take a report or an alert away; what it sent stays on record. See :func:`restore`."""
    word = _word(thing)
    with transaction.atomic():
        type(thing)._default_manager.filter(pk=thing.pk).update(removed_at=datetime.now(UTC), next_at=None)
        if isinstance(thing, Alert):
            _close(thing)
        record(actor, f"{word}:removed", f"{word}:{thing.pk}")


def restore(actor: Actor, thing: Report | Alert) -> None:
    """Bring a removed report or alert back."""
    word = _word(thing)
    with transaction.atomic():
        type(thing)._default_manager.filter(pk=thing.pk).update(removed_at=None)
        pause(actor, thing, paused=thing.paused)
        record(actor, f"{word}:restored", f"{word}:{thing.pk}")


def acknowledge(actor: Actor, episode: AlertEpisode) -> AlertEpisode:
    """The episode, of which somebody says that they look after it: reminders end. Who said so first stays on it."""
    with transaction.atomic():
        mine = AlertEpisode.objects.filter(pk=episode.pk, acknowledged_at=None)
        if mine.update(acknowledged_at=datetime.now(UTC), acknowledged_by=(actor.name or actor.id)[:120]):
            record(actor, "alert:acknowledged", f"alert:{episode.alert_id}", episode=str(episode.pk))
    episode.refresh_from_db()
    return episode


def _word(thing: Report | Alert) -> str:
    return "report" if isinstance(thing, Report) else "alert"


def _close(alert: Alert) -> None:
    AlertEpisode.objects.filter(alert=alert, closed_at=None).update(closed_at=datetime.now(UTC))


def _set(thing: Outgoing, fields: dict[str, Any], person: Person) -> None:
    for name, told in fields.items():
        setattr(thing, name, told)
    thing.sender = person


def _saved(
    thing: Thing, actor: Actor, people: Sequence[Person], word: str, *, is_new: bool, version: int
) -> Thing:
    if len(people) + len(thing.addresses) > MOST_RECIPIENTS:
        raise DeliveryError(_("At most %(n)d recipients.") % {"n": MOST_RECIPIENTS})
    with transaction.atomic():
        if not is_new:
            kind = type(thing)
            mine = kind._default_manager.filter(pk=thing.pk, version=version, removed_at=None)
            if not mine.update(version=version + 1):
                raise StaleError(kind._default_manager.filter(pk=thing.pk).first())
            thing.version = version + 1
        thing.save()
        thing.people.set(people)
        record(
            actor,
            f"{word}:{'made' if is_new else 'changed'}",
            f"{word}:{thing.pk}",
            people=[str(person.pk) for person in people],
            outside=len(thing.addresses),
            query=thing.query,
        )
    return thing


# --- what is asked for -----------------------------------------------------------------------------------------------


def try_figure(person: Person, told: dict[str, Any], query: str, zone: str, hours: str = Hours.ALL) -> None:
    """Raises FigureError or QuestionError, with what can be asked instead, unless a figure can be computed so.

    It is computed over a day that has no calls: what is wrong is found, and nothing is waited for.
    """
    answered(
        scope_of(person),
        told["figure"],
        query,
        span=_LONG_AGO,
        by=told.get("by") or "",
        variant=told.get("variant") or "",
        threshold_s=told.get("threshold_s"),
        hours=hours,
        zone=zone,
        now=from_datetime(datetime.now(UTC)),
        me=person.handle,
    )


_LONG_AGO = Span(date(2001, 1, 1), date(2001, 1, 1))


def try_query(person: Person, query: str, zone: str) -> None:
    """Raises QuestionError unless a question can be understood."""
    checked(query, Asker(scope_of(person), zone, from_datetime(datetime.now(UTC)), person.handle))


def watchable(known: dict[str, Listed]) -> list[tuple[Listed, str]]:
    """The figures with each of their columns that an alert can watch."""
    return [
        (about, column.name)
        for about in known.values()
        for column in about.columns
        if column.kind not in (Kind.TEXT, Kind.INSTANT)
    ]


# --- webhooks --------------------------------------------------------------------------------------------------------


def add_webhook(actor: Actor, name: str, url: str) -> Webhook:
    """A webhook that was added. Raises :class:`DeliveryError` for an address that is none."""
    with transaction.atomic():
        webhook = Webhook.objects.create(
            tenant=actor.tenant, name=name.strip()[:120], url=checked_url(url), made_by_name=actor.name
        )
        record(actor, "webhook:added", f"webhook:{webhook.pk}")
    return webhook


def new_secret(actor: Actor, webhook: Webhook) -> Webhook:
    """The webhook with a new secret; the one before proves nothing any more."""
    with transaction.atomic():
        webhook.generation += 1
        webhook.save(update_fields=["generation"])
        record(actor, "webhook:secret", f"webhook:{webhook.pk}")
    return webhook


def remove_webhook(actor: Actor, webhook: Webhook) -> None:
    """Take a webhook away: alerts post there no more."""
    with transaction.atomic():
        webhook.removed_at = datetime.now(UTC)
        webhook.save(update_fields=["removed_at"])
        record(actor, "webhook:removed", f"webhook:{webhook.pk}")
