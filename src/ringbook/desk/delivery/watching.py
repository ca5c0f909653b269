"""Alerts: looked at again and again, told once for each episode, and not in quiet hours.

An episode opens when a figure is off and closes when two looks in a row found it fine; what cannot be known changes nothing. What
opened in quiet hours is told when they end, if it still lasts then.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import structlog
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ringbook.desk.delivery import messages, wording
from ringbook.desk.delivery.content import calls_url, public
from ringbook.desk.delivery.judging import worse
from ringbook.desk.delivery.looking import Seen, look
from ringbook.desk.delivery.messages import Words
from ringbook.desk.delivery.models import (
    Alert,
    AlertEpisode,
    AlertKind,
    AlertState,
    Channel,
    Delivery,
    Occasion,
    Sent,
    Webhook,
)
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError

log = structlog.get_logger()

CALM = 2
"""Looks in a row that must find a figure fine before an episode is over: one that hovers at its limit is one episode."""


def look_at_due(now: datetime) -> int:
    """How many alerts were looked at because their time had come."""
    looked = 0
    for alert in Alert.objects.filter(removed_at=None, paused=False, next_at__lte=now).select_related(
        "sender"
    ):
        following = now + timedelta(minutes=alert.every_minutes)
        if not Alert.objects.filter(pk=alert.pk, next_at=alert.next_at).update(next_at=following):
            continue
        try:
            look_at(alert, now)
        except RingbookError as error:  # the ledger is away: the next look will tell
            log.warning("alert.unseen", alert=str(alert.pk), reason=type(error).__name__)
        looked += 1
    return looked


def look_at(alert: Alert, now: datetime) -> Seen:
    """What an alert saw, with all that follows: an episode opened, told, reminded of or closed."""
    with translation.override(organisation(alert.tenant).language or "en"):
        seen = _blocked(alert) or look(alert, now)
        with transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(
                looked_at=now, state=seen.state, value=seen.value, note=seen.told
            )
            episode = AlertEpisode.objects.filter(alert=alert, closed_at=None).first()
            if episode is None and seen.state == AlertState.OFF:
                episode = _opened(alert, seen, now)
            elif episode is not None:
                _go_on(episode, alert, seen, now)
            if episode is not None:
                _tell(episode, alert, seen, now)
    return seen


def _blocked(alert: Alert) -> Seen | None:
    """Why an alert may not look; None if it may."""
    if Right.SEND_REPORTS in rights_of(alert.sender):
        return None
    text = _(
        "%(who)s, in whose name it looks, may not send alerts any more. Somebody else has to save it anew."
    )
    return Seen(state=AlertState.BROKEN, told=text % {"who": alert.sender})


def _opened(alert: Alert, seen: Seen, now: datetime) -> AlertEpisode:
    return AlertEpisode.objects.create(
        tenant=alert.tenant,
        alert=alert,
        opened_at=now,
        value=seen.value,
        worst=seen.value,
        last=seen.value,
        told=seen.told,
        calls_query=seen.calls_query,
        seen=seen.judged,
    )


def _go_on(episode: AlertEpisode, alert: Alert, seen: Seen, now: datetime) -> None:
    """What a look in an open episode changes."""
    above = alert.above or alert.kind == AlertKind.SILENCE
    if seen.state == AlertState.OFF:
        episode.calm = 0
        episode.last = seen.value
        episode.worst = worse(episode.worst, seen.value, above=above)
    elif seen.state == AlertState.FINE:
        episode.calm += 1
        episode.last = seen.value
        if episode.calm >= CALM:
            episode.closed_at = now
    episode.save()


def _tell(episode: AlertEpisode, alert: Alert, seen: Seen, now: datetime) -> None:
    """Lay ready what is to be told of an episode now."""
    if episode.closed_at is not None:
        if episode.told_at is not None and alert.tell_end:
            _lay_ready(alert, episode, Occasion.CLOSED, seen, now)
        return
    if quiet(alert, now) or seen.state != AlertState.OFF:
        return
    if episode.told_at is None:
        _lay_ready(alert, episode, Occasion.OPENED, seen, now)
        AlertEpisode.objects.filter(pk=episode.pk).update(told_at=now)
    elif alert.remind_hours and episode.acknowledged_at is None:
        last = episode.reminded_at or episode.told_at
        if now - last >= timedelta(hours=alert.remind_hours):
            _lay_ready(alert, episode, Occasion.REMINDER, seen, now)
            AlertEpisode.objects.filter(pk=episode.pk).update(reminded_at=now)


def quiet(alert: Alert, now: datetime) -> bool:
    """Whether nothing is told at this time of day; a stretch may reach over midnight."""
    since, until = alert.quiet_from, alert.quiet_until
    if since is None or until is None or since == until:
        return False
    local = now.astimezone(ZoneInfo(alert.zone))
    minute = local.hour * 60 + local.minute
    return since <= minute < until if since < until else minute >= since or minute < until


def test(alert: Alert, now: datetime) -> list[Delivery]:
    """A test message to all recipients of an alert, with what it sees now; quiet hours do not hold for it."""
    with translation.override(organisation(alert.tenant).language or "en"):
        seen = _blocked(alert) or look(alert, now)
        return _lay_ready(alert, None, Occasion.TEST, seen, now)


def test_webhook(webhook: Webhook, now: datetime) -> Delivery:
    """A test message to a webhook, for who asked to try at once: nobody else sends it."""
    body = {"type": "test", "timestamp": _iso(now), "data": {"webhook": webhook.name}}
    return _to_webhook(
        Delivery(tenant=webhook.tenant, occasion=Occasion.TEST),
        webhook,
        body,
        _("Test of %(name)s") % {"name": webhook.name},
    )


def _lay_ready(
    alert: Alert, episode: AlertEpisode | None, occasion: Occasion, seen: Seen, now: datetime
) -> list[Delivery]:
    """One message to each recipient; each is sent by itself."""
    found = []
    words: dict[str, Words] = {}

    def said(language: str) -> Words:
        if language not in words:
            with translation.override(language):
                words[language] = words_of(alert, episode, occasion, seen, now)
        return words[language]

    def blank(address: str) -> Delivery:
        return Delivery(
            tenant=alert.tenant,
            alert=alert,
            episode=episode,
            occasion=occasion,
            address=address,
            seen_as=alert.sender.name or alert.sender.email,
        )

    house = organisation(alert.tenant).language or "en"
    people = list(alert.people.order_by("name"))
    for person in people:
        found.append(_to_person(blank(person.email), person, said(person.language or house)))
    taken = {person.email.lower() for person in people}
    for address in alert.addresses:
        if address.lower() not in taken:
            found.append(_mail(blank(address), said(house)))
    body = event(alert, episode, occasion, seen, now)
    for webhook in alert.webhooks.filter(removed_at=None):
        found.append(_to_webhook(blank(webhook.url), webhook, body, said(house).subject))
    return found


def _to_person(delivery: Delivery, person: Person, words: Words) -> Delivery:
    delivery.person = person
    if Right.SEE_OVERVIEW not in rights_of(person):
        delivery.state = Sent.SKIPPED
        delivery.problem = _("They may not see figures, or may not sign in any more.")
        delivery.save(force_insert=True)
        return delivery
    return _mail(delivery, words)


def _mail(delivery: Delivery, words: Words) -> Delivery:
    delivery.subject = messages.one_line(words.subject)
    return _ready(delivery, messages.addressed(words, delivery.address, str(delivery.pk)))


def _to_webhook(delivery: Delivery, webhook: Webhook, body: dict[str, Any], subject: str) -> Delivery:
    delivery.channel, delivery.webhook, delivery.address = Channel.WEBHOOK, webhook, webhook.url
    delivery.subject = messages.one_line(subject)
    return _ready(delivery, msgspec.json.encode(body))


def _ready(delivery: Delivery, body: bytes) -> Delivery:
    delivery.body, delivery.size = body, len(body)
    delivery.next_at = datetime.now(UTC) if delivery.alert is not None else None
    delivery.save(force_insert=True)
    return delivery


def words_of(
    alert: Alert, episode: AlertEpisode | None, occasion: Occasion, seen: Seen, now: datetime
) -> Words:
    """The message of an alert, in the language that is active."""
    names = {
        Occasion.OPENED: _("Alert: %(name)s"),
        Occasion.REMINDER: _("Still: %(name)s"),
        Occasion.CLOSED: _("Over: %(name)s"),
        Occasion.TEST: _("Test: %(name)s"),
    }
    lasted = ""
    if episode is not None and occasion != Occasion.OPENED:
        lasted = wording.span(((episode.closed_at or now) - episode.opened_at).total_seconds())
    told = {
        "alert": alert,
        "episode": episode,
        "occasion": occasion.value,
        "seen": seen,
        "at": wording.moment(now, alert.zone),
        "since": wording.moment(episode.opened_at, alert.zone) if episode else "",
        "lasted": lasted,
        "sender": alert.sender.name or alert.sender.email,
        "organisation": organisation(alert.tenant).name or "Ringbook",
        "calls": calls_url(seen.calls_query),
        "address": public(reverse("alert", args=[alert.pk])),
        "lang": (translation.get_language() or "en")[:2],
    }
    return Words(
        subject=names[occasion] % {"name": alert.name},
        text=render_to_string("alerts/mail.txt", told),
        html=render_to_string("alerts/mail.html", told),
    )


def event(
    alert: Alert, episode: AlertEpisode | None, occasion: Occasion, seen: Seen, now: datetime
) -> dict[str, Any]:
    """What a webhook is told."""
    return {
        "type": f"alert.{occasion.value}",
        "timestamp": _iso(now),
        "data": {
            "alert": str(alert.pk),
            "name": alert.name,
            "kind": alert.kind,
            "episode": str(episode.pk) if episode else None,
            "opened_at": _iso(episode.opened_at) if episode else None,
            "closed_at": _iso(episode.closed_at) if episode and episode.closed_at else None,
            "text": seen.told,
            "value": seen.value,
            "worst": episode.worst if episode else None,
            "state": seen.state.value,
            "judged": seen.judged,
            "calls_query": seen.calls_query or None,
            "url": public(reverse("alert", args=[alert.pk])) or None,
        },
    }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
