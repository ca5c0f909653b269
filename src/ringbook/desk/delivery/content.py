"""What a report says to one reader: its figures, put into words, with their definitions and the calls behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ringbook.analyse.answer import Answer
from ringbook.analyse.catalogue import STACKED, Listed
from ringbook.analyse.compare import Comparison, compared
from ringbook.analyse.definition import Kind
from ringbook.analyse.question import together
from ringbook.desk.delivery import wording
from ringbook.desk.delivery.asking import answered, listed
from ringbook.desk.delivery.models import Compare, Hours, Period, Report
from ringbook.desk.delivery.periods import Span, other_of, span_of
from ringbook.desk.insight.names import part_names
from ringbook.desk.insight.words import column_word, dimension_word, said
from ringbook.desk.organisation.models import organisation
from ringbook.model.errors import AskError
from ringbook.model.instant import from_datetime
from ringbook.model.scope import Scope

MOST_ROWS = 31
"""Rows of one figure that a page or a message shows; the XLSX has all of them."""


class Reader(msgspec.Struct, frozen=True):
    """For whom a report is computed: which calls they may see, and who ``me`` is. ``name`` says whose view it is."""

    scope: Scope
    name: str
    me: str = ""
    given: str = ""  # who gave this view to somebody outside; empty for people with a view of their own


class Row(msgspec.Struct, frozen=True):
    """One line of a figure's table."""

    label: str
    cells: list[str]
    other: str  # the headline in the time it is compared with
    change: str
    url: str
    small: bool


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of a report; with a ``problem``, nothing else is known of it."""

    title: str
    by: str = ""
    value: str = wording.UNKNOWN
    other: str = ""
    change: str = ""
    mood: str = ""
    url: str = ""
    heads: list[str] = []
    headline_at: int = 0
    rows: list[Row] = []
    more: int = 0
    definition: list[str] = []
    small: str = ""
    problem: str = ""
    chart: str = ""
    answer: Answer | None = None
    before: Answer | None = None
    comparison: Comparison | None = None


class Table(msgspec.Struct, frozen=True):
    """The table of a figure, cut to a width: ``left`` says how many columns were left out."""

    heads: list[str]
    rows: list[list[str]]
    left: int


def table_of(one: Figure, most: int) -> Table:
    """The table of a figure in at most so many columns beside its parts; those with nothing in them go first."""
    kept = [
        place
        for place in range(len(one.heads))
        if place in (0, one.headline_at) or any(row.cells[place] not in _NOTHING for row in one.rows)
    ]
    extra = 2 if one.before is not None and one.by else 0
    while len(kept) + extra > most and len(kept) > 2:
        kept.pop(-2 if kept[-1] == one.headline_at else -1)
    heads = [one.heads[place] for place in kept]
    rows = [[row.cells[place] for place in kept] for row in one.rows]
    if extra:
        heads += [_("Before"), _("Change")]
        rows = [[*cells, row.other, row.change] for cells, row in zip(rows, one.rows, strict=True)]
    if one.by:
        heads.insert(0, dimension_word(one.by))
        rows = [[row.label, *cells] for cells, row in zip(rows, one.rows, strict=True)]
    elif len(kept) < 2:
        rows = []
    return Table(heads, rows, len(one.heads) - len(kept))


_NOTHING = ("0", "", wording.UNKNOWN)


def more(one: Figure, table: Table) -> str:
    """What of the table is not shown; empty where all is."""
    parts = []
    if one.more:
        parts.append(ngettext("%(n)d more row", "%(n)d more rows", one.more) % {"n": one.more})
    if table.left:
        parts.append(ngettext("%(n)d more column", "%(n)d more columns", table.left) % {"n": table.left})
    return _("In the XLSX: %(what)s") % {"what": ", ".join(parts)} if parts else ""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A report as one reader gets it."""

    title: str
    intro: str
    organisation: str
    days: str
    other_days: str
    zone: str
    seen_as: str
    given: bool
    hours: str
    query: str
    late: str
    made: str
    address: str
    figures: list[Figure]

    @property
    def versions(self) -> dict[str, Any]:
        """What each figure was computed by: to be kept with the run."""
        return {
            one.answer.figure: {
                "version": one.answer.version,
                "variant": one.answer.variant,
                "threshold_s": one.answer.threshold_s,
                "short_s": one.answer.short_s,
                "chosen": one.answer.chosen,
            }
            for one in self.figures
            if one.answer is not None
        }


def spans_of(report: Report, at: datetime) -> tuple[Span, Span | None]:
    """The days that the report is about when it is due at an instant, and those it is compared with."""
    day = at.astimezone(ZoneInfo(report.zone)).date()
    period = Period(report.period)
    span = span_of(period, day, organisation(report.tenant).week_starts_on)
    return span, other_of(period, span, Compare(report.compare))


def content_of(report: Report, reader: Reader, at: datetime, *, late: bool = False) -> Content:
    """The report for a reader as it is due at an instant, in the language that is active."""
    span, other = spans_of(report, at)
    known = listed(report.tenant)
    asked = [
        _figure(report, reader, at, span, other, one, known.get(one["figure"])) for one in report.figures
    ]
    return Content(
        title=report.name,
        intro=report.intro,
        organisation=organisation(report.tenant).name or "Ringbook",
        days=wording.days(span.since, span.until),
        other_days=wording.days(other.since, other.until) if other else "",
        zone=report.zone,
        seen_as=reader.name,
        given=bool(reader.given),
        hours=_hours(report),
        query=report.query,
        late=_("Late: it was due on %(at)s.") % {"at": wording.moment(at, report.zone)} if late else "",
        made=wording.moment(at, report.zone),
        address=public(reverse("report", args=[report.pk])),
        figures=asked,
    )


def public(path: str) -> str:
    """A path as people outside reach it; empty where no public address is set."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""


def calls_url(query: str | None) -> str:
    """Where the calls that answer a question are listed; empty where that cannot be told."""
    return public(f"{reverse('calls')}?{urlencode({'q': query})}") if query else ""


def _hours(report: Report) -> str:
    match report.hours:
        case Hours.OPEN:
            return _("Only calls begun in business hours")
        case Hours.CLOSED:
            return _("Only calls begun outside business hours")
    return ""


def _figure(
    report: Report,
    reader: Reader,
    at: datetime,
    span: Span,
    other: Span | None,
    asked: dict[str, Any],
    about: Listed | None,
) -> Figure:
    if about is None:
        return Figure(
            title=asked["figure"], problem=_("This version of Ringbook does not have this figure any more.")
        )
    now = from_datetime(at)

    def of(days: Span, until: str = "") -> Answer:
        found = answered(
            reader.scope,
            about.figure,
            together(report.query, until),
            span=days,
            by=asked.get("by") or "",
            variant=asked.get("variant") or "",
            threshold_s=asked.get("threshold_s"),
            short_s=asked.get("short_s"),
            hours=report.hours,
            zone=report.zone,
            now=now,
            me=reader.me,
        )
        return _named(reader.scope, found)

    try:
        this = of(span)
        before = of(other, _until(report, at, other)) if other else None
    except AskError as error:
        return Figure(title=_(about.title), problem=said(str(error)))
    return told(about, this, before, report.zone)


def _named(scope: Scope, found: Answer) -> Answer:
    """The answer with its queues and phones called as people call them; their calls were told by what they are in the records."""
    by = found.by or ""
    names = part_names(scope, by, [str(row[by]) for row in found.rows if by])
    rows = [{**row, by: names.get(row[by], row[by])} for row in found.rows] if names else found.rows
    return msgspec.structs.replace(found, rows=rows)


def _until(report: Report, at: datetime, other: Span) -> str:
    """What keeps the day that today is compared with from being longer than today is so far."""
    if report.period != Period.TODAY:
        return ""
    return f"before:{other.until}T{at.astimezone(ZoneInfo(report.zone)):%H:%M}"


def told(about: Listed, this: Answer, before: Answer | None, zone: str) -> Figure:
    """An answer in words, beside the one that it is compared with."""
    pair = compared(this, before, "", "") if before else None
    now, then = this.total.get(this.headline), before.total.get(before.headline) if before else None
    columns = [column for column in this.columns if column.name in this.total or this.by]
    if this.figure == "heat-map":
        columns = []
    rows = [] if this.figure == "heat-map" else _rows(this, pair, about.unit, zone)
    return Figure(
        title=_(about.title),
        by=this.by or "",
        value=wording.value(now, about.unit, zone),
        other=wording.value(then, about.unit, zone) if before else "",
        change=wording.change(now, then, about.unit),
        mood=_mood(now, then, about.better),
        url=calls_url(this.calls_query),
        heads=[column_word(column.name) for column in columns],
        headline_at=next((n for n, column in enumerate(columns) if column.name == this.headline), 0),
        rows=rows[:MOST_ROWS],
        more=max(0, len(rows) - MOST_ROWS),
        definition=definition(this),
        small=_small(this),
        chart=_chart(about, this),
        answer=this,
        before=before,
        comparison=pair,
    )


def _rows(this: Answer, pair: Comparison | None, unit: Kind, zone: str) -> list[Row]:
    if this.by is None:
        return [_row(this, this.total, _("All"), None, unit, zone)]
    if pair is None:
        found = [(wording.part(str(row[this.by]), this.by, zone), row, None) for row in this.rows]
    else:
        found = [
            (wording.part(one.label, this.by, zone), one.this, one.other)
            for one in pair.rows
            if one.this is not None
        ]
    rows = [_row(this, row, label, other, unit, zone) for label, row, other in found]
    if this.rows and "calls" in this.total:
        rows.append(_row(this, this.total, _("All"), pair.other.total if pair else None, unit, zone))
    return rows


def _row(
    this: Answer, row: dict[str, Any], label: str, other: dict[str, Any] | None, unit: Kind, zone: str
) -> Row:
    mine, its = row.get(this.headline), other.get(this.headline) if other else None
    return Row(
        label=label,
        cells=[wording.value(row.get(column.name), column.kind, zone) for column in this.columns],
        other=wording.value(its, unit, zone) if other is not None else "",
        change=wording.change(mine, its, unit) if other is not None else "",
        url=calls_url(row.get("calls_query")) if this.by else "",
        small=bool(row.get("small_sample")),
    )


def definition(this: Answer) -> list[str]:
    """The lines that say what a figure is: formula and version, what it rests on, what was left out and why."""
    how = _("Formula: %(formula)s (version %(version)d)") % {
        "formula": said(this.formula),
        "version": this.version,
    }
    if this.variant:
        how = _("Formula, variant %(variant)s: %(formula)s (version %(version)d)") % {
            "variant": this.variant,
            "formula": said(this.formula),
            "version": this.version,
        }
    lines = [how]
    if this.chosen:
        lines.append(_("As the organisation chose, version %(n)d of its choices") % {"n": this.chosen})
    lines.append(
        ngettext("Rests on %(n)d call; %(zone)s", "Rests on %(n)d calls; %(zone)s", this.sample)
        % {"n": this.sample, "zone": this.zone}
    )
    left = [f"{said(reason)}: {count}" for reason, count in this.excluded.items() if count]
    if left:
        lines.append(_("Left out: %(why)s") % {"why": ", ".join(left)})
    return lines + [said(note) for note in this.notes]


def _small(this: Answer) -> str:
    if not this.sample:
        if any(this.excluded.values()):
            return _("Not known: every call that it is about lacks what it needs.")
        return _("No calls answer this, so there is no figure.")
    return _("Few calls: under 30, a rate or a mean says little.") if this.small_sample else ""


def _mood(now: Any, then: Any, better: str) -> str:
    if now is None or then is None or now == then or better not in ("up", "down"):
        return ""
    return "good" if (now > then) == (better == "up") else "bad"


def _chart(about: Listed, this: Answer) -> str:
    """What draws the answer: ``heat``, ``stack``, ``line``, ``bar``, or nothing."""
    if not this.sample:
        return ""
    if this.figure == "heat-map":
        return "heat"
    if this.by is None or len(this.rows) < 2:
        return ""
    if this.figure in STACKED:
        return "stack"
    return "line" if this.by in _IN_TIME or about.chart == "curve" else "bar"


_IN_TIME = ("quarter-hour", "half-hour", "hour", "day", "week", "month", "quarter", "year")
