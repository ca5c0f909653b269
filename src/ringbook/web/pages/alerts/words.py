"""Alerts in words."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ringbook.analyse.catalogue import Listed
from ringbook.analyse.definition import Kind
from ringbook.desk.delivery import wording
from ringbook.desk.delivery.looking import stretch, title_of, unit_of
from ringbook.desk.delivery.models import Alert, AlertEpisode, AlertKind, AlertState

KINDS = {
    AlertKind.THRESHOLD: (
        gettext_lazy("A limit"),
        gettext_lazy("A figure goes above or below a value that you name: service level under 80 %."),
    ),
    AlertKind.ANOMALY: (
        gettext_lazy("Out of the ordinary"),
        gettext_lazy(
            "A figure is far from what it was at the same time of past weeks: no calls on a Monday morning."
        ),
    ),
    AlertKind.SILENCE: (
        gettext_lazy("Silence"),
        gettext_lazy("A phone system brings nothing any more, for longer than it may."),
    ),
}
STATES = {
    AlertState.UNSEEN: (gettext_lazy("Not looked yet"), "quiet"),
    AlertState.FINE: (gettext_lazy("Fine"), "good"),
    AlertState.OFF: (gettext_lazy("Off"), "bad"),
    AlertState.UNKNOWN: (gettext_lazy("Not known"), "warn"),
    AlertState.BROKEN: (gettext_lazy("Cannot look"), "bad"),
}


def watched(alert: Alert, known: dict[str, Listed]) -> str:
    """What an alert watches, in one line."""
    if alert.kind == AlertKind.SILENCE:
        return _("%(source)s silent for more than %(span)s") % {
            "source": alert.source or _("Any phone system"),
            "span": wording.span(alert.within_minutes * 60),
        }
    about = known.get(alert.figure)
    if about is None:
        return alert.figure
    what = {"what": title_of(alert, about), "stretch": stretch(alert)}
    if alert.kind == AlertKind.ANOMALY:
        return _("%(what)s far from what is usual, %(stretch)s") % what
    limit = limit_told(alert, unit_of(about, alert.column))
    if alert.above:
        return _("%(what)s above %(limit)s, %(stretch)s") % {**what, "limit": limit}
    return _("%(what)s below %(limit)s, %(stretch)s") % {**what, "limit": limit}


def limit_told(alert: Alert, unit: Kind) -> str:
    """The limit of an alert."""
    return wording.value(alert.limit or 0.0, unit, alert.zone)


def lasted(episode: AlertEpisode) -> str:
    """How long an episode lasted; empty while it does."""
    if episode.closed_at is None:
        return ""
    span: timedelta = episode.closed_at - episode.opened_at
    return wording.span(span.total_seconds())


def every(minutes: int) -> str:
    """How often an alert looks."""
    return ngettext("Every minute", "Every %(n)d minutes", minutes) % {"n": minutes}
