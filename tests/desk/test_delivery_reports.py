"""Reports, from the calendar to the letter box: each recipient within what they may see, every try on record, nothing twice."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ringbook.analyse import dimensions
from ringbook.analyse.definition import Figure
from ringbook.analyse.figures import FIGURES
from ringbook.desk.delivery import charts, edit, paper, posting, running, sheets
from ringbook.desk.delivery.content import table_of
from ringbook.desk.delivery.errors import DeliveryError
from ringbook.desk.delivery.messages import one_line
from ringbook.desk.delivery.models import Delivery, Every, Period, Report, ReportRun, RunState, Sent
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight.words import COLUMNS, DIMENSIONS
from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.organisation.models import Organisation, QueueName
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.model.errors import AskError
from ringbook.runtime.home import Home
from ringbook.runtime.service import Service
from ringbook.search import pages

from ..house import People
from ..post_office import PostOffice, post_office

pytestmark = pytest.mark.django_db

ACTOR = Actor("person:1", "Olga Orr")
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
"""A Sunday, half past seven in New York; the calls of the house end on the day before."""


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as opened:
        yield opened


def a_report(staff: People, /, **fields: Any) -> Report:
    """A report on the 28 days before, of Olga's, to be sent daily at seven in New York."""
    given = {
        "name": "The month",
        "zone": "America/New_York",
        "figures": [{"figure": "calls"}],
        "period": Period.LAST_28_DAYS,
        "every": Every.DAY,
        "at_minute": 420,
        "with_pdf": False,
        **fields,
    }
    given.setdefault("addresses", [])
    recipients = given.pop("people", [])
    return edit.save_report(ACTOR, staff.owner, given, recipients, None)


def counted(home: Home, person: Person, query: str) -> int:
    return pages.count_calls(
        home.ledger, scope_of(person), query, zone="America/New_York", now=int(NOW.timestamp() * 1e6)
    )


def sent(report: Report, at: datetime = NOW) -> list[Delivery]:
    """What became of a report that was asked for now."""
    running.ask_for(report, ACTOR, at)
    assert running.make_waiting() == 1
    posting.send_waiting()
    return list(Delivery.objects.filter(run__report=report))


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def whole(letter: EmailMessage) -> int:
    """The calls that the first figure tells of."""
    found = re.search(r"^Calls: ([\d,]+)", text_of(letter), re.MULTILINE)
    assert found, text_of(letter)
    return int(found[1].replace(",", ""))


def test_each_recipient_gets_the_figures_of_the_calls_that_they_may_see(
    house: Home, people: People, office: PostOffice
) -> None:
    report = a_report(
        people, people=[people.owner, people.supervisor, people.agent], addresses=["board@example.net"]
    )
    deliveries = sent(report)
    assert {one.state for one in deliveries} == {Sent.SENT}
    days = "on:2026-10-25..2026-11-21"
    for person in (people.owner, people.supervisor, people.agent):
        [letter] = office.to(person.email)
        assert whole(letter) == counted(house, person, days), person.name
    [outside] = office.to("board@example.net")
    assert whole(outside) == counted(house, people.owner, days)
    assert "in the name of Olga Orr" in text_of(outside)
    assert counted(house, people.agent, days) < counted(house, people.owner, days), "or it would show nothing"
    assert "The calls that Bo Dahl may see" in text_of(office.to(people.agent.email)[0])


def test_a_letter_has_text_html_charts_and_files(house: Home, people: People, office: PostOffice) -> None:
    figures = [{"figure": "calls", "by": "day"}, {"figure": "calls", "by": "outcome"}]
    files_too = {"with_pdf": True, "with_xlsx": True, "intro": "Good morning", "figures": figures}
    report = a_report(people, people=[people.owner], **files_too)
    [delivery] = sent(report)
    [letter] = office.to(people.owner.email)
    assert letter["Subject"] == "The month · 25 Oct 2026 – 21 Nov 2026"
    assert letter["From"] == "Ringbook <calls@northwind.example>"
    assert letter["To"] == people.owner.email
    assert letter["Auto-Submitted"] == "auto-generated"
    assert str(delivery.pk) in letter["Message-ID"]
    html = text_of(letter, "html")
    pictures = {
        part["Content-ID"].strip("<>"): part
        for part in letter.walk()
        if part.get_content_type() == "image/png"
    }
    assert set(re.findall(r'src="cid:([^"]+)"', html)) == set(pictures) == {"chart-0", "chart-1"}
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures.values())
    files = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
    pdf, xlsx = (files[f"The-month-25-Oct-2026-21-Nov-2026.{end}"] for end in ("pdf", "xlsx"))
    assert pdf.startswith(b"%PDF-")
    assert zipfile.is_zipfile(io.BytesIO(xlsx))
    for text in (html, text_of(letter)):
        assert "Good morning" in text
        assert "Formula: " in text
        assert "Rests on" in text
    assert not Delivery.objects.exclude(body=b"").exists(), "what was delivered is not kept"


def test_what_people_write_is_never_taken_for_markup(house: Home, people: People, office: PostOffice) -> None:
    wild = 'R&D <script>alert(1)</script> #include "x" $1$\r\nBcc: everybody@example.com'
    report = a_report(people, name=wild[:120], intro=wild, people=[people.owner], with_pdf=True)
    sent(report)
    [letter] = office.to(people.owner.email)
    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]
    assert "<script>" not in text_of(letter, "html")
    assert "&lt;script&gt;" in text_of(letter, "html")
    assert one_line(wild) == " ".join(wild.split())


def test_a_due_report_goes_out_once_and_moves_on(house: Home, people: People, office: PostOffice) -> None:
    report = a_report(people, people=[people.owner])
    due = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # seven in New York
    Report.objects.filter(pk=report.pk).update(next_at=due)
    assert running.take_due(due - timedelta(seconds=1)) == 0
    assert running.take_due(due + timedelta(seconds=5)) == 1
    assert running.take_due(due + timedelta(seconds=9)) == 0
    run = ReportRun.objects.get()
    assert (run.due_at, run.late, run.state) == (due, False, RunState.WAITING)
    report.refresh_from_db()
    assert report.next_at == due + timedelta(days=1)
    running.make_waiting()
    assert running.make_waiting() == 0
    run.refresh_from_db()
    assert (run.state, str(run.since), str(run.until)) == (RunState.DONE, "2026-10-25", "2026-11-21")
    assert run.versions["calls"]["version"] == 1
    assert posting.send_waiting() == 1
    assert posting.send_waiting() == 0
    assert len(office.letters) == 1
    assert AuditEntry.objects.filter(action="report:sent", subject=f"report:{report.pk}").count() == 1


def test_times_that_passed_while_nothing_ran_are_made_up_for_once_and_marked_late(
    house: Home, people: People, office: PostOffice
) -> None:
    report = a_report(people, people=[people.owner])
    Report.objects.filter(pk=report.pk).update(next_at=datetime(2026, 11, 17, 12, 0, tzinfo=UTC))
    assert running.take_due(NOW) == 1
    run = ReportRun.objects.get()
    assert run.due_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert run.late
    running.make_waiting()
    posting.send_waiting()
    [letter] = office.to(people.owner.email)
    assert "Late: it was due on 22 Nov 2026 07:00." in text_of(letter)


def test_a_run_that_a_crash_cut_short_is_made_anew(house: Home, people: People, office: PostOffice) -> None:
    report = a_report(people, people=[people.owner])
    run = running.ask_for(report, ACTOR, NOW)
    ReportRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    assert running.make_waiting() == 0
    assert running.recover() == 1
    assert running.make_waiting() == 1
    assert Delivery.objects.count() == 1


def test_what_the_mail_server_puts_off_is_tried_again_ever_later(
    house: Home, people: People, office: PostOffice
) -> None:
    office.answers = {"busy@example.net": "451 try again later", "gone@example.net": "550 no such mailbox"}
    report = a_report(people, addresses=["busy@example.net", "gone@example.net", "fine@example.net"])
    found = {one.address: one for one in sent(report)}
    assert found["fine@example.net"].state == Sent.SENT
    gone = found["gone@example.net"]
    assert (gone.state, gone.attempts, gone.next_at) == (Sent.FAILED, 1, None)
    assert gone.problem == "The mail server said 550: no such mailbox"
    assert posting.forget_given_up(datetime.now(UTC) + timedelta(days=13)) == 0
    assert posting.can_retry(gone)
    assert posting.forget_given_up(datetime.now(UTC) + timedelta(days=15)) == 1
    gone.refresh_from_db()
    assert not posting.can_retry(gone)
    at = datetime.now(UTC)
    waits = []
    while (busy := Delivery.objects.get(address="busy@example.net")).state == Sent.WAITING:
        assert busy.next_at is not None
        waits.append(round((busy.next_at - at).total_seconds() / 60))
        at = busy.next_at
        assert posting.send_waiting(at - timedelta(seconds=1)) == 0, "not before its time"
        assert posting.send_waiting(at) == 1
    assert waits == [1, 5, 15, 60, 240, 720]
    assert (busy.state, busy.attempts, busy.tries.count()) == (Sent.FAILED, 7, 7)
    office.answers = {}
    posting.retry(busy, at)
    assert posting.send_waiting(at) == 1
    busy.refresh_from_db()
    assert (busy.state, busy.problem) == (Sent.SENT, "")
    assert len(office.to("busy@example.net")) == 1
    assert busy.tries.count() == 8


def test_a_mail_server_that_is_away_is_waited_for_and_none_at_all_is_told(
    house: Home, people: People, settings: Any
) -> None:
    with post_office(settings) as closed:
        report = a_report(people, people=[people.owner])
        running.ask_for(report, ACTOR, NOW)
        running.make_waiting()
        port = closed.port
    settings.EMAIL_PORT = port  # nobody listens there any more
    posting.send_waiting()
    delivery = Delivery.objects.get()
    assert delivery.state == Sent.WAITING
    assert "could not be reached" in delivery.problem
    settings.MAIL_IS_SET_UP = False
    posting.attempt(delivery, NOW)
    assert delivery.state == Sent.FAILED
    assert "section [mail] of ringbook.toml" in delivery.problem


def test_who_may_not_see_figures_any_more_is_left_out_and_the_log_says_so(
    house: Home, people: People, office: PostOffice
) -> None:
    report = a_report(people, people=[people.agent, people.owner], addresses=["board@example.net"])
    Person.objects.filter(pk=people.agent.pk).update(is_active=False)
    Person.objects.filter(pk=people.owner.pk).update(role="agent")
    report = Report.objects.get(pk=report.pk)
    found = {one.address: one for one in sent(report)}
    assert found[people.agent.email].state == Sent.SKIPPED
    assert found["board@example.net"].state == Sent.SKIPPED
    assert "may not send reports any more" in found["board@example.net"].problem
    assert found[people.owner.email].state == Sent.SENT
    assert len(office.letters) == 1


def test_masked_readers_get_no_numbers(house: Home, people: People, office: PostOffice) -> None:
    Organisation.objects.update(masked_roles=["supervisor"])
    figures = [{"figure": "calls", "by": "number"}, {"figure": "calls"}]
    sent(a_report(people, figures=figures, people=[people.supervisor, people.owner]))
    masked = text_of(office.to(people.supervisor.email)[0])
    assert "Telephone numbers are hidden from you" in masked
    assert not re.search(r"\+\d{6}", masked)
    assert "Calls: " in masked.split("hidden from you", 1)[1], "the other figures are told"
    assert re.search(r"\+\d{6}", text_of(office.to(people.owner.email)[0]))


def test_the_message_is_in_the_language_of_its_reader(
    house: Home, people: People, office: PostOffice
) -> None:
    Person.objects.filter(pk=people.supervisor.pk).update(language="de")
    sent(a_report(people, people=[people.supervisor, people.owner]))
    assert "25 Oct 2026" in text_of(office.to(people.owner.email)[0])
    german = office.to(people.supervisor.email)[0]
    assert 'lang="de"' in text_of(german, "html")
    assert "25. Okt 2026" in text_of(german)


def test_a_report_is_sent_from_the_terminal(house: Home, people: People, office: PostOffice) -> None:
    office.answers = {"busy@example.net": "451 later"}
    a_report(people, people=[people.owner], addresses=["busy@example.net"])
    told = {one["to"]: one for one in Service(house).run("report.send", {"name": "the MONTH"})}
    assert told[people.owner.email]["state"] == "sent"
    assert (told["busy@example.net"]["state"], told["busy@example.net"]["problem"]) == (
        "waiting",
        "The mail server said 451: later",
    )
    assert len(office.letters) == 1
    assert posting.send_waiting() == 0, "its next try is a minute away"
    with pytest.raises(AskError, match="no report is called 'moon'; there are: 'The month'"):
        list(Service(house).run("report.send", {"name": "moon"}))
    a_report(people)
    with pytest.raises(AskError, match="2 reports are called"):
        list(Service(house).run("report.send", {"name": "The month"}))


def test_a_report_without_calls_says_so(house: Home, people: People) -> None:
    report = a_report(
        people, query="queue:nowhere", figures=[{"figure": "service-level"}, {"figure": "heat-map"}]
    )
    view = running.view_of(report, people.owner)
    content = running.content_for(report, view, NOW)
    assert [one.value for one in content.figures] == ["–", "0"]
    assert content.figures[0].small == "No calls answer this, so there is no figure."
    assert paper.pdf(content).startswith(b"%PDF-")
    assert len(paper.pages(content)) == 1
    assert sheets.xlsx(content).startswith(b"PK")


def test_a_figure_that_is_gone_spoils_no_other(house: Home, people: People) -> None:
    report = a_report(people)
    report.figures = [{"figure": "moon-phase"}, {"figure": "calls"}]
    content = running.content_for(report, running.view_of(report, people.owner), NOW)
    assert "does not have this figure" in content.figures[0].problem
    assert content.figures[1].value == str(counted(house, people.owner, "on:2026-10-25..2026-11-21"))


def test_the_sheet_has_numbers_and_nothing_that_runs(house: Home, people: People) -> None:
    report = a_report(
        people, name="=cmd|' /C calc'!A0", figures=[{"figure": "outcomes", "by": "weekday"}] * 2
    )
    content = running.content_for(report, running.view_of(report, people.owner), NOW)
    book = zipfile.ZipFile(io.BytesIO(sheets.xlsx(content)))
    names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert len(names) == 3
    assert len({name.lower() for name in names}) == 3
    assert all(len(name) <= 31 for name in names)
    sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    answer = content.figures[0].answer
    assert answer is not None
    totals = re.findall(r'<c r="B(\d+)"[^>]*><v>(\d+)</v>', sheet)
    assert int(totals[-1][1]) == answer.total["calls"] == sum(row["calls"] for row in answer.rows)


def test_a_wide_table_loses_columns_and_says_how_many(house: Home, people: People) -> None:
    report = a_report(people, figures=[{"figure": "outcomes", "by": "weekday"}])
    [one] = running.content_for(report, running.view_of(report, people.owner), NOW).figures
    table = table_of(one, 5)
    assert len(table.heads) == 6
    assert table.heads[:2] == ["Weekday", "Calls"]
    assert table.left == len(one.heads) - 3, "two columns of the five are those of the comparison"
    assert {len(row) for row in table.rows} == {6}


def test_what_became_of_calls_is_drawn_part_upon_part(house: Home, people: People) -> None:
    report = a_report(people, figures=[{"figure": "outcomes", "by": "day"}])
    [one] = running.content_for(report, running.view_of(report, people.owner), NOW).figures
    drawing = charts.drawing(one)
    assert drawing is not None and one.answer is not None
    values = drawing["data"]["values"]
    assert sum(value["value"] for value in values) == one.answer.total["calls"]
    assert {value["which"] for value in values} > {"Answered", "Missed", "Abandoned"}
    shades = drawing["encoding"]["color"]["scale"]["range"]
    lightness = [sum(int(shade[n : n + 2], 16) * share for n, share in _LUMA) for shade in shades]
    assert all(abs(below - above) > 40 for below, above in itertools.pairwise(lightness)), (
        "told apart in grey"
    )
    picture = charts.png(one)
    assert picture is not None and picture.startswith(b"\x89PNG")


_LUMA = ((1, 0.299), (3, 0.587), (5, 0.114))


def test_people_and_queues_are_called_by_their_names(house: Home, people: People) -> None:
    QueueName.objects.create(queue="support", name="Help desk")
    figures = [{"figure": "talk", "by": "agent"}, {"figure": "service-level", "by": "queue"}]
    report = a_report(people, figures=figures)
    content = running.content_for(report, running.view_of(report, people.owner), NOW)
    asked = [
        {row[one.answer.by or ""]: row["calls_query"] for row in one.answer.rows}
        for one in content.figures
        if one.answer is not None
    ]
    assert "agent:101" in asked[0]["Bo Dahl (101)"]
    assert 'queue:"support"' in asked[1]["Help desk"]
    agents, queues = ({row.label for row in one.rows} for one in content.figures)
    assert "Bo Dahl (101)" in agents and "101" not in agents
    assert "Help desk" in queues and "support" not in queues


@pytest.mark.parametrize("about", FIGURES.values(), ids=FIGURES)
def test_every_column_and_part_of_every_figure_has_a_word(about: Figure) -> None:
    assert [column.name for column in about.columns if column.name not in COLUMNS] == []
    assert [name for name in about.by or dimensions.DIMENSIONS if name not in DIMENSIONS] == []


def test_changing_a_report_makes_it_go_out_in_ones_own_name(house: Home, people: People) -> None:
    made = a_report(people, addresses=["board@example.net"])
    report = edit.visible(Report, people.administrator).get(pk=made.pk)
    fields = {"name": "Mine", "zone": "America/New_York", "every": Every.NEVER}
    saved = edit.save_report(ACTOR, people.administrator, fields, [], report, version=1)
    assert (saved.sender, saved.made_by, saved.next_at) == (people.administrator, people.owner, None)
    with pytest.raises(StaleError):
        edit.save_report(ACTOR, people.administrator, fields, [], report, version=1)


def test_who_sees_whose_reports(house: Home, people: People) -> None:
    mine = a_report(people)
    theirs = edit.save_report(
        ACTOR, people.supervisor, {"name": "Team", "every": Every.NEVER, "figures": []}, [], None
    )
    assert set(edit.visible(Report, people.owner)) == {mine, theirs}
    assert set(edit.visible(Report, people.auditor)) == {mine, theirs}
    assert set(edit.visible(Report, people.supervisor)) == {theirs}
    assert edit.may_change(people.administrator, theirs)
    assert not edit.may_change(people.auditor, theirs)
    assert not edit.may_change(people.supervisor, mine)
    with pytest.raises(DeliveryError, match="At most 100 recipients"):
        edit.save_report(
            ACTOR, people.owner, {"addresses": [f"a{n}@x.example" for n in range(101)]}, [], mine, 1
        )


def test_a_pause_is_not_made_up_for(house: Home, people: People) -> None:
    report = a_report(people)
    Report.objects.filter(pk=report.pk).update(next_at=NOW - timedelta(days=3))
    edit.pause(ACTOR, report, paused=True)
    assert running.take_due(NOW) == 0
    report.refresh_from_db()
    edit.pause(ACTOR, report, paused=False)
    report.refresh_from_db()
    assert report.next_at is not None
    assert report.next_at > datetime.now(UTC)
    edit.remove(ACTOR, report)
    Report.objects.filter(pk=report.pk).update(next_at=NOW - timedelta(days=3))
    assert running.take_due(NOW) == 0


def test_the_day_so_far_is_set_beside_the_same_hours_a_week_earlier(house: Home, people: People) -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2026, 11, 21, 11, 0, tzinfo=zone).astimezone(UTC)
    report = a_report(people, period=Period.TODAY, figures=[{"figure": "calls"}])
    [one] = running.content_for(report, running.view_of(report, people.owner), at).figures
    assert one.value == str(counted(house, people.owner, "on:2026-11-21 before:2026-11-21T11:00"))
    assert one.other == str(counted(house, people.owner, "on:2026-11-14 before:2026-11-14T11:00"))
