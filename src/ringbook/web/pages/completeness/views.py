"""How complete the recordings are, and the calls behind each figure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ringbook.analyse import completeness as analysis
from ringbook.analyse.completeness import EXCUSED, MISSING, Count, Judged, Part, Verdict
from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy.models import RecordingRule
from ringbook.desk.recording_policy.rules import policy_of, standard
from ringbook.desk.recording_policy.unsilenced import Unsilenced, Why, unsilenced
from ringbook.desk.wiring import ledger
from ringbook.model.call import CallId
from ringbook.model.instant import SECOND, Instant, from_datetime, iso
from ringbook.web.guard import needs
from ringbook.web.shapes import shown_many
from ringbook.web.templatetags.calls import UNKNOWN
from ringbook.web.viewer import Asking, Viewer

DAYS = (1, 7, 30, 90)
USUAL_DAYS = 7
PAGE = 50
SHOWN = 30
"""Queues, agents and sources that are shown: those that most is missing of."""

VERDICTS = {
    Verdict.RECORDED: gettext_lazy("Recorded"),
    Verdict.NO_FILE: gettext_lazy("No file"),
    Verdict.TOO_SHORT: gettext_lazy("Too short"),
    Verdict.UNMATCHED: gettext_lazy("Not matched"),
    Verdict.DECODE_ERROR: gettext_lazy("Cannot be decoded"),
    Verdict.REFUSED: gettext_lazy("Refused"),
    Verdict.DO_NOT_RECORD: gettext_lazy("Do not record"),
    Verdict.WAITING: gettext_lazy("Just ended"),
}
MEANINGS = {
    Verdict.NO_FILE: gettext_lazy("No recording of the call came."),
    Verdict.TOO_SHORT: gettext_lazy("What came is much shorter than the talk."),
    Verdict.UNMATCHED: gettext_lazy("A recording without a call began within its time, and may be of it."),
    Verdict.DECODE_ERROR: gettext_lazy("What came cannot be decoded as audio."),
    Verdict.REFUSED: gettext_lazy("Somebody on the call refused to be recorded."),
    Verdict.DO_NOT_RECORD: gettext_lazy("The call is on the do-not-record list."),
    Verdict.WAITING: gettext_lazy("The call ended a moment ago; its recording may still come."),
}
UNSILENCED = {
    Why.NO_RECORDING: (
        gettext_lazy("No recording came"),
        gettext_lazy(
            "If one should be there, bring it in: it is silenced as soon as it is joined to the call."
        ),
    ),
    Why.DESTROYED: (
        gettext_lazy("Recording destroyed"),
        gettext_lazy("Nothing of it can be heard any more; there is nothing left to do."),
    ),
    Why.OUTSIDE: (
        gettext_lazy("Outside of the recording"),
        gettext_lazy(
            "Compare the clocks of the phone system and of what writes its recordings. Listen, and silence the span by hand."
        ),
    ),
    Why.FAILED: (
        gettext_lazy("Cannot be silenced"),
        gettext_lazy("Nobody should hear it: destroy the recording, or bring it in once more as it was."),
    ),
}
"""Why a mark is not silent, and what to do about it."""


class Asked(msgspec.Struct, frozen=True):
    """The period that is asked about, in whole days up to now; the days of the list behind one bar alone."""

    days: int
    since: Instant
    until: Instant


@needs(Right.SEE_COMPLETENESS)
@require_GET
def completeness(request: Asking) -> HttpResponse:
    """The rate, why recordings are missing, and where."""
    viewer, asked = request.viewer, _asked(request.viewer, request.GET)
    policy = policy_of(viewer.scope.tenant)
    found = analysis.completeness(
        ledger(),
        viewer.scope,
        policy,
        since=asked.since,
        until=asked.until,
        zone=viewer.zone_name,
        now=viewer.now,
    )
    below = standard(viewer.scope.tenant).alert_below
    rate = found.total.rate
    names = {str(rule.pk): rule.name for rule in RecordingRule.objects.within(viewer.scope)}
    told = {
        "days": asked.days,
        "periods": [(label, f"?days={days}", days == asked.days) for days, label in _periods().items()],
        "rules": bool(policy.rules),
        "total": found.total,
        "rate": percent(rate),
        "below": bool(below) and rate is not None and rate * 100 < below,
        "below_percent": f"{below:g}",
        "mood": _mood(rate, below),
        "reasons": _reasons(found.total, asked, MISSING),
        "excused": _reasons(found.total, asked, EXCUSED),
        "all_url": _place(asked),
        "tables": _tables(found, asked, names),
        "unsilenced": unsilenced_rows(viewer, asked.since),
        "least": round(policy.least_share * 100),
        "restricted": viewer.scope.restricted,
    }
    return render(request, "completeness/completeness.html", told)


def _tables(found: analysis.Completeness, asked: Asked, names: dict[str, str]) -> list[dict[str, Any]]:
    """Where recordings are missing: by day, queue, agent, phone system and rule."""
    return [
        _table(_("By day"), _("Day"), [_day(part, asked) for part in reversed(found.days)]),
        _table(
            _("By queue"),
            _("Queue"),
            [
                _row(part, part.key or _("Without a queue"), asked, queue=part.key)
                for part in found.queues[:SHOWN]
            ],
        ),
        _table(
            _("By agent"),
            _("Agent"),
            [_row(part, _person(part), asked, agent=part.key) for part in found.agents[:SHOWN]],
        ),
        _table(
            _("By phone system"),
            _("Phone system"),
            [_row(part, part.key, asked, source=part.key) for part in found.sources[:SHOWN]],
        ),
        _table(
            _("By rule"),
            _("Rule"),
            [_row(part, names.get(part.key, UNKNOWN), asked, rule=part.key) for part in found.rules],
        ),
    ]


@needs(Right.SEE_COMPLETENESS, Right.SEE_CALLS)
@require_GET
def calls(request: Asking) -> HttpResponse:
    """The calls that came out one way, or all that are missing."""
    viewer, asked = request.viewer, _asked(request.viewer, request.GET)
    policy = policy_of(viewer.scope.tenant)
    verdicts, title = _verdicts(request.GET.get("reason", ""))
    where = {
        name: request.GET[name] for name in ("day", "queue", "agent", "source", "rule") if name in request.GET
    }
    try:
        found, following = analysis.missing(
            ledger(),
            viewer.scope,
            policy,
            since=asked.since,
            until=asked.until,
            zone=viewer.zone_name,
            now=viewer.now,
            verdicts=verdicts,
            limit=PAGE,
            cursor=request.GET.get("after", ""),
            **where,
        )
    except ValueError:
        raise Http404 from None
    more = request.GET.copy()
    more["after"] = following
    told = {
        "title": title,
        "where": _where(viewer, where),
        "rows": _rows(viewer, found),
        "next": f"?{more.urlencode()}" if following else "",
        "back": f"{reverse('completeness')}?days={asked.days}",
        "first": "after" not in request.GET,
    }
    return render(request, "completeness/calls.html", told)


def unsilenced_rows(viewer: Viewer, since: Instant) -> list[dict[str, Any]]:
    """The marks since then that could not be made silent, in words, as many as a page takes."""
    grace_s = standard(viewer.scope.tenant).grace_minutes * 60.0
    found = unsilenced(ledger(), viewer.scope, since, viewer.now, grace_s)[:PAGE]
    shapes = shown_many(viewer, [one.call for one in found])
    return [_unsilenced(one, shape) for one, shape in zip(found, shapes, strict=True)]


def _unsilenced(one: Unsilenced, shape: dict[str, Any]) -> dict[str, Any]:
    word, advice = UNSILENCED[one.why]
    span_s = None if one.ends_at is None else (one.ends_at - one.begins_at) / SECOND
    told = {"call": shape, "begins_at": iso(one.begins_at), "span_s": span_s, "evidence": one.evidence}
    return {**told, "why": one.why.value, "word": word, "advice": advice, "detail": one.detail}


def percent(share: float | None) -> str:
    """A share as people write it; never 100 % while something is missing."""
    if share is None:
        return UNKNOWN
    value = share * 100
    shown = min(round(value, 1), 99.9) if value < 100 else 100
    return f"{number_format(shown, 0 if shown in (0, 100) else 1)} %"


def word(verdict: Verdict) -> str:
    """What a verdict is called."""
    return str(VERDICTS[verdict])


def _periods() -> dict[int, str]:
    return {1: _("Today"), 7: _("7 days"), 30: _("30 days"), 90: _("90 days")}


def _asked(viewer: Viewer, told: QueryDict) -> Asked:
    text = told.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and int(text[:4]) in DAYS else USUAL_DAYS
    today = datetime.fromtimestamp(viewer.now / 1_000_000, viewer.zone).date()
    midnight = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), viewer.zone)
    return Asked(days, from_datetime(midnight), viewer.now)


def _mood(rate: float | None, below: float) -> str:
    if rate is None or not below:
        return ""
    return "bad" if rate * 100 < below else "good"


def _reasons(count: Count, asked: Asked, verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    return [
        {
            "label": word(verdict),
            "value": number_format(count.verdicts[verdict], force_grouping=True),
            "href": _place(asked, reason=verdict.value),
            "note": MEANINGS[verdict],
        }
        for verdict in verdicts
        if count.verdicts.get(verdict)
    ]


def _table(title: str, head: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "head": head, "rows": rows}


def _row(part: Part, name: str, asked: Asked, **where: str) -> dict[str, Any]:
    rate = part.count.rate
    return {
        "name": name,
        "expected": part.count.expected,
        "missing": part.count.missing,
        "rate": percent(rate),
        "url": _place(asked, **where),
    }


def _day(part: Part, asked: Asked) -> dict[str, Any]:
    name = date_format(date.fromisoformat(part.key), "D j N")
    return _row(part, name, asked, day=part.key)


def _person(part: Part) -> str:
    if not part.key:
        return part.name or _("Not known")
    return f"{part.name} ({part.key})" if part.name and part.name != part.key else part.key


def _place(asked: Asked, **where: str) -> str:
    return f"{reverse('completeness-calls')}?{urlencode({'days': asked.days, **where})}"


def _verdicts(text: str) -> tuple[tuple[Verdict, ...], str]:
    if not text:
        return MISSING, _("Calls that should have been recorded")
    try:
        verdict = Verdict(text)
    except ValueError:
        raise Http404 from None
    return (verdict,), word(verdict)


def _where(viewer: Viewer, where: dict[str, str]) -> str:
    """What the list was narrowed to, in words."""
    told = []
    for name, value in where.items():
        if name == "day":
            try:
                told.append(date_format(date.fromisoformat(value), "l, j F"))
            except ValueError:
                raise Http404 from None
        elif name == "rule":
            rules = {str(rule.pk): rule.name for rule in RecordingRule.objects.within(viewer.scope)}
            told.append(rules.get(value, UNKNOWN))
        else:
            told.append(value or _("Not known"))
    return ", ".join(told)


def _rows(viewer: Viewer, found: list[Judged]) -> list[dict[str, Any]]:
    there = ledger().calls(viewer.scope, [CallId(one.call) for one in found])
    shapes = dict(zip([call.id for call in there], shown_many(viewer, there), strict=True))
    return [
        {
            "call": shapes[CallId(one.call)],
            "verdict": one.verdict.value,
            "word": word(one.verdict),
            "kept_s": one.kept_s,
            "named": one.named,
        }
        for one in found
        if one.call in shapes
    ]
