"""Reports on their way: due ones are taken, made for each reader, and laid ready to be sent.

A report that is due is taken once, whatever happens: its next time moves on in the transaction that writes the run down. Times
that passed while nothing ran are made up for once, for the latest of them, and marked late.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec
import structlog
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ringbook.desk.delivery import messages, paper, sheets
from ringbook.desk.delivery.calendar import last_due, next_due
from ringbook.desk.delivery.content import Content, Reader, content_of, spans_of
from ringbook.desk.delivery.messages import File, Words
from ringbook.desk.delivery.models import Delivery, Occasion, Report, ReportRun, RunState, Sent
from ringbook.desk.governance.audit import SYSTEM, Actor, record
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.model.errors import RingbookError, StopError, WaitError
from ringbook.model.scope import Scope

log = structlog.get_logger()

Making: TypeAlias = Callable[["View"], Words]
"""Makes the message of a view, once."""

LATE = timedelta(minutes=15)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def take_due(now: datetime) -> int:
    """How many reports were due and are now to be made."""
    taken = 0
    for report in Report.objects.filter(removed_at=None, paused=False, next_at__lte=now):
        taken += _take(report, now)
    return taken


def _take(report: Report, now: datetime) -> bool:
    first = report.next_at
    assert first is not None
    due = last_due(report, first, now)
    with transaction.atomic():
        mine = Report.objects.filter(pk=report.pk, next_at=first, paused=False, removed_at=None)
        if not mine.update(next_at=next_due(report, now)):
            return False
        ReportRun.objects.get_or_create(
            report=report,
            due_at=due,
            by_hand=False,
            defaults={"tenant": report.tenant, "late": now - due > LATE},
        )
    return True


def ask_for(report: Report, actor: Actor, now: datetime) -> ReportRun:
    """A run of a report that somebody wants now."""
    with transaction.atomic():
        run = ReportRun.objects.create(
            tenant=report.tenant, report=report, due_at=now, by_hand=True, asked_by=actor.name or actor.id
        )
        record(actor, "report:asked", f"report:{report.pk}")
    return run


def recover() -> int:
    """How many runs a stop of the process had cut short: they are made anew, nothing of them was laid ready."""
    return ReportRun.objects.filter(state=RunState.RUNNING).update(state=RunState.WAITING)


def make_waiting() -> int:
    """How many reports were made."""
    made = 0
    for run in (
        ReportRun.objects.filter(state=RunState.WAITING).select_related("report").order_by("due_at")[:20]
    ):
        made += make_now(run)
    return made


def make_now(run: ReportRun) -> bool:
    """Whether a waiting run was ours to make, and could be made."""
    mine = ReportRun.objects.filter(pk=run.pk, state=RunState.WAITING)
    return bool(mine.update(state=RunState.RUNNING, began_at=datetime.now(UTC))) and make(run)


def make(run: ReportRun) -> bool:
    """Whether a run that this process took could be made; its messages then wait to be sent."""
    try:
        deliveries, versions = _deliveries(run)
    except (WaitError, StopError) as error:  # the ledger is away for a while
        ReportRun.objects.filter(pk=run.pk).update(state=RunState.WAITING, problem=str(error))
        return False
    except RingbookError as error:
        _fail(run, str(error))
        return False
    except Exception:  # a mistake in one report must not keep the others from going out
        log.exception("report.failed", run=str(run.pk))
        _fail(run, _("Something went wrong, and the log of Ringbook says what."))
        return False
    span, _other = spans_of(run.report, run.due_at)
    with transaction.atomic():
        Delivery.objects.bulk_create(deliveries)
        ReportRun.objects.filter(pk=run.pk).update(
            state=RunState.DONE,
            finished_at=datetime.now(UTC),
            since=span.since,
            until=span.until,
            versions=versions,
            problem="" if deliveries else _("Nobody is to get it."),
        )
        record(
            SYSTEM,
            "report:sent",
            f"report:{run.report.pk}",
            run=str(run.pk),
            recipients=len(deliveries),
            late=run.late,
        )
    return True


def _fail(run: ReportRun, problem: str) -> None:
    ReportRun.objects.filter(pk=run.pk).update(
        state=RunState.FAILED, problem=problem, finished_at=datetime.now(UTC)
    )


class View(msgspec.Struct, frozen=True):
    """How somebody sees a report. Two readers with the same view get the same figures, computed once."""

    scope: Scope
    language: str
    me: str
    name: str
    given: str


def view_of(report: Report, person: Person) -> View:
    """How a person sees a report: within their own scope, in their language."""
    scope = scope_of(person)
    house = organisation(report.tenant)
    return View(
        scope=scope,
        language=person.language or house.language or "en",
        me=person.at_handle.removeprefix("@") if _ME.search(report.query) else "",
        name="" if scope.reaches is None else person.name or person.email,
        given="",
    )


_ME = re.compile(r":@?me\b")


def outside_view(report: Report) -> View:
    """How addresses outside see a report: as the person in whose name it goes out does."""
    sender = report.sender
    house = organisation(report.tenant)
    view = view_of(report, sender)
    return msgspec.structs.replace(view, language=house.language or "en", given=sender.name or sender.email)


def content_for(report: Report, view: View, at: datetime, *, late: bool = False) -> Content:
    """The report as a view shows it, in its language."""
    with translation.override(view.language):
        return content_of(report, Reader(view.scope, seen_by(view), view.me, view.given), at, late=late)


def seen_by(view: View) -> str:
    """Whose calls a view tells of, in the language that is active."""
    whole = view.scope.reaches is None
    if view.given:
        if whole:
            return _("All calls of the organisation, sent in the name of %(who)s") % {"who": view.given}
        return _("The calls that %(who)s may see, in whose name this is sent") % {"who": view.given}
    return (
        _("All calls of the organisation")
        if whole
        else _("The calls that %(who)s may see") % {"who": view.name}
    )


def files_of(report: Report, content: Content) -> list[File]:
    """What is attached to a report."""
    name = file_name(report, content)
    found = []
    if report.with_pdf:
        found.append(File(f"{name}.pdf", "application/pdf", paper.pdf(content)))
    if report.with_xlsx:
        found.append(File(f"{name}.xlsx", XLSX, sheets.xlsx(content)))
    return found


def file_name(report: Report, content: Content) -> str:
    """What files of a report are called, without the ending."""
    plain = re.sub(r"[^\w.-]+", "-", f"{report.name} {content.days}").strip("-.")
    return plain[:100] or "report"


def _deliveries(run: ReportRun) -> tuple[list[Delivery], dict[str, object]]:
    report = run.report
    made: dict[View, tuple[Words, Content]] = {}

    def words(view: View) -> Words:
        if view not in made:
            content = content_for(report, view, run.due_at, late=run.late)
            with translation.override(view.language):
                made[view] = messages.words_of(content, files_of(report, content)), content
        return made[view][0]

    found = [_to_person(run, person, words) for person in report.people.order_by("name")]
    taken = {delivery.address.lower() for delivery in found}
    outside = [address for address in report.addresses if address.lower() not in taken]
    found += [_to_address(run, address, words) for address in outside]
    versions = next((content.versions for _, content in made.values()), {})
    return found, versions


def _to_person(run: ReportRun, person: Person, words: Making) -> Delivery:
    delivery = _blank(run, person.email)
    delivery.person = person
    if Right.SEE_OVERVIEW not in rights_of(person):
        return _skipped(delivery, _("They may not see figures, or may not sign in any more."))
    view = view_of(run.report, person)
    delivery.seen_as = person.name or person.email
    return _filled(delivery, words(view))


def _to_address(run: ReportRun, address: str, words: Making) -> Delivery:
    delivery = _blank(run, address)
    if Right.SEND_REPORTS not in rights_of(run.report.sender):
        text = _(
            "%(who)s, in whose name it is sent, may not send reports any more. Somebody else has to save it anew."
        )
        return _skipped(delivery, text % {"who": run.report.sender})
    delivery.seen_as = run.report.sender.name or run.report.sender.email
    return _filled(delivery, words(outside_view(run.report)))


def _blank(run: ReportRun, address: str) -> Delivery:
    return Delivery(tenant=run.tenant, run=run, occasion=Occasion.REPORT, address=address)


def _skipped(delivery: Delivery, problem: str) -> Delivery:
    delivery.state, delivery.problem = Sent.SKIPPED, problem
    return delivery


def _filled(delivery: Delivery, words: Words) -> Delivery:
    delivery.subject = messages.one_line(words.subject)
    delivery.body = messages.addressed(words, delivery.address, str(delivery.pk))
    delivery.size = len(delivery.body)
    delivery.next_at = datetime.now(UTC)
    return delivery
