"""Reports, alerts and deliveries as the API shows them, and what programs send as the forms of the pages take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ringbook.analyse.catalogue import Listed
from ringbook.analyse.definition import Kind
from ringbook.desk.delivery.looking import unit_of
from ringbook.desk.delivery.models import (
    Alert,
    AlertEpisode,
    AlertKind,
    Delivery,
    Outgoing,
    Report,
    ReportRun,
)

_REPORT = "intro period compare hours every weekday monthday with_pdf with_xlsx".split()
_OF_FIGURES = "window_minutes at_least".split()
_OF_ALL = "in_hours every_minutes remind_hours tell_end state value note".split()


def report(one: Report) -> dict[str, Any]:
    """A report."""
    return {
        **_outgoing(one),
        **{name: getattr(one, name) for name in _REPORT},
        "figures": [
            {
                "figure": figure["figure"],
                "by": figure.get("by") or "",
                "variant": figure.get("variant") or "",
                "threshold_s": figure.get("threshold_s"),
            }
            for figure in one.figures
        ],
        "at": _clock(one.at_minute),
        "next_at": iso(one.next_at),
    }


def alert(one: Alert) -> dict[str, Any]:
    """An alert; what its kind does not have is null."""
    silence, anomaly = one.kind == AlertKind.SILENCE, one.kind == AlertKind.ANOMALY
    return {
        **_outgoing(one),
        **{name: getattr(one, name) for name in _OF_ALL},
        **{name: None if silence else getattr(one, name) for name in _OF_FIGURES},
        "kind": one.kind,
        "figure": one.figure or None,
        "column": one.column or None,
        "side": None if silence else "either" if one.either else "above" if one.above else "below",
        "limit": one.limit,
        "sensitivity": one.sensitivity if anomaly else None,
        "weeks": one.weeks if anomaly else None,
        "source": one.source if silence else None,
        "within_minutes": one.within_minutes if silence else None,
        "quiet_from": _clock(one.quiet_from),
        "quiet_until": _clock(one.quiet_until),
        "webhooks": [str(hook.pk) for hook in one.webhooks.all() if hook.removed_at is None],
        "looked_at": iso(one.looked_at),
    }


def run(one: ReportRun) -> dict[str, Any]:
    """One making of a report."""
    return {
        "id": str(one.pk),
        "due_at": iso(one.due_at),
        "by_hand": one.by_hand,
        "asked_by": one.asked_by or None,
        "late": one.late,
        "since": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat() if one.until else None,
        "state": str(one.state),
        "problem": one.problem or None,
    }


def delivery(one: Delivery) -> dict[str, Any]:
    """One message."""
    return {
        "id": str(one.pk),
        "report": str(one.run.report_id) if one.run else None,
        "alert": str(one.alert_id) if one.alert_id else None,
        "occasion": one.occasion,
        "channel": one.channel,
        "address": one.address,
        "subject": one.subject,
        "state": one.state,
        "problem": one.problem or None,
        "attempts": one.attempts,
        "made_at": iso(one.made_at),
        "sent_at": iso(one.sent_at),
    }


def episode(one: AlertEpisode) -> dict[str, Any]:
    """A stretch of time in which something was off."""
    return {
        "id": str(one.pk),
        "opened_at": iso(one.opened_at),
        "closed_at": iso(one.closed_at),
        "value": one.value,
        "worst": one.worst,
        "last": one.last,
        "told": one.told,
        "told_at": iso(one.told_at),
        "calls_query": one.calls_query or None,
        "acknowledged_at": iso(one.acknowledged_at),
        "acknowledged_by": one.acknowledged_by or None,
    }


def typed_figure(sent: Mapping[str, Any]) -> dict[str, str]:
    """A figure of a report as the rows of the form have it."""
    threshold = sent.get("threshold_s")
    return {
        "figure": sent["figure"],
        "by": sent.get("by") or "",
        "variant": sent.get("variant") or "",
        "threshold_s": "" if threshold is None else f"{threshold:g}",
    }


def typed_alert(
    usual: Mapping[str, Any], sent: dict[str, Any], known: Mapping[str, Listed]
) -> dict[str, Any]:
    """What was sent of an alert as its form takes it: figure and column in one, shares in percent."""
    typed = {name: value for name, value in sent.items() if name not in ("figure", "column", "limit")}
    figure, _colon, column = str(usual.get("watch", "")).partition(":")
    if "figure" in sent or "column" in sent:
        figure = sent.get("figure") or figure
        about = known.get(figure)
        column = sent.get("column") or (about.headline if about else "")
        typed["watch"] = f"{figure}:{column}"
    if sent.get("limit") is not None:
        about = known.get(figure)
        share = about is not None and unit_of(about, column) is Kind.SHARE
        typed["limit"] = repr(sent["limit"] * 100 if share else sent["limit"])
    if sent.get("sensitivity") is not None:
        typed["sensitivity"] = f"{sent['sensitivity']:g}"
    return typed


def iso(at: datetime | None) -> str | None:
    """An instant as the API writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def _outgoing(one: Outgoing) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "name": one.name,
        "query": one.query,
        "zone": one.zone,
        "people": [str(person.pk) for person in one.people.all()],
        "addresses": list(one.addresses),
        "sender": one.sender.name or one.sender.email,
        "paused": one.paused,
        "made_at": iso(one.made_at),
        "version": one.version,
    }


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"
