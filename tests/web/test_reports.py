"""The pages of reports: made, looked at as they will arrive, sent, and never beyond one's rights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.delivery import posting, running
from ringbook.desk.delivery.models import Delivery, Report, ReportRun
from ringbook.desk.people.models import Person
from ringbook.runtime.home import Home

from ..house import People
from ..post_office import PostOffice, post_office

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as opened:
        yield opened


def filled(**changed: Any) -> dict[str, Any]:
    """What a browser sends when the form of a new report is saved."""
    return {
        "name": "The week",
        "figure": ["calls", "service-level"],
        "by": ["day", "queue"],
        "variant": ["", "A"],
        "threshold_s": ["", "30"],
        "period": "last-week",
        "compare": "before",
        "query": "direction:inbound",
        "hours": "all",
        "every": "week",
        "weekday": "0",
        "monthday": "1",
        "at": "07:30",
        "zone": "America/New_York",
        "addresses": "board@example.net; Board@Example.net",
        **changed,
    }


def problems(client: Client, **changed: Any) -> str:
    """What the form says of values that cannot be saved."""
    answer = client.post("/reports/new/", filled(**changed))
    assert answer.status_code == 422, answer.content.decode()[:500]
    return " ".join(
        re.findall(r'class="error"[^>]*>\s*(.*?)\s*</p>', answer.content.decode(), re.DOTALL)
    ) + str(re.findall(r'<div class="callout.*?</div>', answer.content.decode(), re.DOTALL))


def test_a_report_is_made_looked_at_changed_rested_and_removed(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    assert b"No reports yet" in client.get("/reports/").content
    starts = re.findall(r"\?start=(\w+)", client.get("/reports/new/").content.decode())
    assert starts == ["week", "queues", "missed", "month", "empty"]
    for start in starts:
        assert client.get("/reports/new/", {"start": start}).status_code == 200
    answer = client.post("/reports/new/", filled(people=[str(people.agent.pk)]))
    report = Report.objects.get()
    assert answer.headers["Location"] == f"/reports/{report.pk}/"
    assert report.figures == [
        {"figure": "calls", "by": "day", "variant": "", "threshold_s": None},
        {"figure": "service-level", "by": "queue", "variant": "A", "threshold_s": 30.0},
    ]
    assert report.addresses == ["board@example.net"]
    assert (report.sender, list(report.people.all())) == (people.owner, [people.agent])
    told = client.get(f"/reports/{report.pk}/").content.decode()
    assert "Every Monday at 07:30" in told
    assert "board@example.net" in told
    edit = f"/reports/{report.pk}/edit/"
    assert 'value="30"' in client.get(edit).content.decode()
    assert client.post(edit, filled(version="1", name="Mondays")).status_code == 302
    stale = client.post(edit, filled(version="1", name="Tuesdays"))
    assert stale.status_code == 409
    assert "Tuesdays" in stale.content.decode(), "nothing that was typed is lost"
    client.post(f"/reports/{report.pk}/pause/")
    assert "Paused" in client.get("/reports/").content.decode()
    client.post(f"/reports/{report.pk}/remove/")
    assert client.get(f"/reports/{report.pk}/").status_code == 404
    client.post(f"/reports/{report.pk}/restore/")
    assert client.get(f"/reports/{report.pk}/").status_code == 200


def test_what_cannot_be_is_told_where_it_stands(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    assert "is no e-mail address" in problems(client, addresses="board")
    assert "no such zone" in problems(client, zone="Mars/Olympus")
    assert "unknown" in problems(client, query="outcom:answered").lower() or "outcome" in problems(
        client, query="outcom:answered"
    )
    assert "has no parts by" in problems(client, figure=["heat-map"], by=["queue"])
    assert "There is no figure" in problems(client, figure=["moon"], by=[""])
    assert "Choose at least one figure" in problems(client, figure=[], by=[])
    assert "Write seconds as a number" in problems(client, threshold_s=["", "soon"])
    assert "No business hours are set" in problems(client, hours="open")
    assert not Report.objects.exists()


def test_the_rows_of_figures_change_without_losing_what_was_typed(
    house: Home, people: People, as_: As
) -> None:
    client = as_(people.owner)

    def figures(button: str) -> list[str]:
        page = client.post("/reports/new/", filled(rows=button, name="Half done")).content.decode()
        assert 'value="Half done"' in page
        return [
            re.findall(r'<option value="([^"]*)" selected', select)[0]
            for select in re.findall(r'<select[^>]*name="figure".*?</select>', page, re.DOTALL)
        ]

    assert figures("again") == ["calls", "service-level"]
    assert figures("add") == ["calls", "service-level", "calls"]
    assert figures("up:1") == ["service-level", "calls"]
    assert figures("drop:0") == ["service-level"]
    assert figures("up:9") == figures("drop:77") == ["calls", "service-level"]
    assert not Report.objects.exists()


def test_the_message_pdf_and_xlsx_are_those_of_the_reader(house: Home, people: People, as_: As) -> None:
    as_(people.owner).post(
        "/reports/new/", filled(period="last-28-days", figure=["calls"], by=[""], query="")
    )
    report = Report.objects.get()
    client = as_(people.auditor)
    mail = client.get(f"/reports/{report.pk}/mail/")
    assert mail.status_code == 200
    policy = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b"The week" in mail.content
    pdf = client.get(f"/reports/{report.pk}/pdf/")
    assert pdf.content.startswith(b"%PDF-")
    assert "attachment" in pdf.headers["Content-Disposition"]
    assert client.get(f"/reports/{report.pk}/xlsx/").content.startswith(b"PK")


def test_sending_now_and_the_log(house: Home, people: People, as_: As, office: PostOffice) -> None:
    office.answers = {"board@example.net": "450 later"}
    client = as_(people.owner)
    client.post("/reports/new/", filled(people=[str(people.owner.pk)], figure=["calls"], by=[""]))
    report = Report.objects.get()
    assert client.get(f"/reports/{report.pk}/send/").status_code == 405
    client.post(f"/reports/{report.pk}/send/")
    assert "It is being made" in client.get(f"/reports/{report.pk}/").content.decode()
    running.make_waiting()
    posting.send_waiting()
    told = client.get(f"/reports/{report.pk}/").content.decode()
    assert "1 of 2 sent" in told
    assert "The mail server said 450: later" in told
    delivery = Delivery.objects.get(address="board@example.net")
    page = f"/reports/deliveries/{delivery.pk}/"
    assert "Next try" in client.get(page).content.decode()
    office.answers = {}
    client.post(f"{page}retry/")
    assert posting.send_waiting() == 1
    assert "The mail server said 450: later" in client.get(page).content.decode(), "the log keeps every try"
    assert len(office.to("board@example.net")) == 1
    client.post(f"{page}retry/")
    assert posting.send_waiting() == 0, "what was sent is not sent again"


def test_nobody_reaches_beyond_their_rights(house: Home, people: People, as_: As) -> None:
    as_(people.owner).post("/reports/new/", filled())
    report = Report.objects.get()
    assert as_(people.agent).get("/reports/").status_code == 403
    supervisor, auditor = as_(people.supervisor), as_(people.auditor)
    assert supervisor.get(f"/reports/{report.pk}/").status_code == 404
    assert auditor.get(f"/reports/{report.pk}/").status_code == 200
    for verb in ("send", "pause", "remove", "edit"):
        assert supervisor.post(f"/reports/{report.pk}/{verb}/").status_code == 404, verb
        assert auditor.post(f"/reports/{report.pk}/{verb}/").status_code == 403, verb
    assert not ReportRun.objects.exists()
    assert supervisor.post("/reports/new/", filled(name="Team")).status_code == 302
    page = (
        as_(people.administrator).get(f"/reports/{Report.objects.get(name='Team').pk}/edit/").content.decode()
    )
    assert "It goes out in the name of Sam Stone" in page


def test_without_a_mail_server_the_page_says_so(house: Home, people: People, as_: As, settings: Any) -> None:
    settings.MAIL_IS_SET_UP = False
    assert "No mail server is set up" in as_(people.owner).get("/reports/").content.decode()
