"""Dashboards in the page: every value leads to its calls and says how it was counted, whatever is asked gets a clear answer."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import msgspec
import pytest
from django.test import Client
from django.utils import translation

from ringbook.analyse.forecast import forecast
from ringbook.analyse.roster import HalfHour, StaffingTable, Wanted
from ringbook.analyse.texts import said
from ringbook.desk.annotations import vocabulary
from ringbook.desk.annotations.acting import By
from ringbook.desk.dashboards import service
from ringbook.desk.dashboards.models import Dashboard
from ringbook.desk.organisation.models import BusinessHours, Organisation
from ringbook.desk.people.models import Person
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.web.pages.dashboards import weeks
from ringbook.web.pages.dashboards.boards import BOARDS

from ..house import People
from ..search.calls import NOW

As = Callable[[Person], Client]
ALL = {"period": "dates", "first": "2020-01-01", "last": "2035-12-31", "against": "none"}


def text_of(client: Client, path: str, status: int = 200, /, **asked: str) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == status, answer.content[:2000]
    return unescape(answer.content.decode())


def stats_of(text: str) -> list[tuple[str, str]]:
    """The values at the top with the addresses of their calls."""
    return re.findall(r'class="stat-value" href="([^"]+)">([^<]+)<', text)


def chart_of(text: str) -> dict[str, object]:
    found = re.search(r'data-chart="(\{.*?\})"\s', text, re.S)
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


def counted(client: Client, url: str) -> int:
    """How many calls the list behind an address has."""
    [query] = parse_qs(urlsplit(url).query)["q"]
    told = text_of(client, "/calls/-/count", q=query)
    found = re.search(r"([\d,]+)", told)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize("slug", BOARDS)
def test_every_dashboard_stands_at_once_and_whole(as_: As, people: People, house: Home, slug: str) -> None:
    client = as_(people.owner)
    frame = text_of(client, f"/dashboards/{slug}/")
    assert frame.count('hx-trigger="load"') >= len(BOARDS[slug].panels)  # parts come by themselves
    whole = text_of(client, f"/dashboards/{slug}/", whole="1", **ALL)
    stats, panels = BOARDS[slug].numbers, BOARDS[slug].panels
    assert whole.count('class="stat"') >= len(stats)
    assert len(re.findall(r'id="panel-\d+"', whole)) == len(panels)
    assert whole.count("How it is counted") >= len(stats) + len(panels)
    for url, _value in stats_of(whole)[:2]:
        assert client.get(url).status_code == 200


def test_a_value_is_the_number_of_calls_behind_it(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    whole = text_of(client, "/dashboards/traffic/numbers", **ALL)
    for (url, value), name in zip(stats_of(whole)[:3], ("Calls", "Inbound", "Outbound"), strict=True):
        assert counted(client, url) == int(value.replace(",", "")), name
    by_direction = next(n for n, one in enumerate(BOARDS["traffic"].panels) if one.by == "direction")
    panel = text_of(client, f"/dashboards/traffic/panel/{by_direction}", **ALL)
    rows = chart_of(panel)["rows"]
    assert isinstance(rows, list)
    assert len(rows) >= 3
    for row in rows:
        assert counted(client, row["url"]) == row["value"]
    assert sum(row["value"] for row in rows) == int(stats_of(whole)[0][1].replace(",", ""))
    for row in rows:  # the table says the same as the chart
        assert f">{row['text']}</a>" in panel


def test_two_groups_are_compared(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    asked = {**ALL, "q": "direction:inbound", "against": "question", "other_q": "direction:outbound"}
    text = text_of(client, "/dashboards/traffic/numbers", **asked)
    alone = text_of(client, "/dashboards/traffic/numbers", **{**ALL, "q": "direction:outbound"})
    assert f"direction:outbound: {stats_of(alone)[0][1]}" in text


def test_two_periods_are_compared(as_: As, people: People, house: Home) -> None:
    days = {"period": "dates", "first": "2026-11-09", "last": "2026-11-15"}
    client = as_(people.owner)
    text = text_of(client, "/dashboards/traffic/numbers", **days, against="before")
    before = {**days, "first": "2026-11-02", "last": "2026-11-08", "against": "none"}
    alone = text_of(client, "/dashboards/traffic/numbers", **before)
    assert re.search(rf"2 Nov[ \d]* – 8 Nov[ \d]*: {stats_of(alone)[0][1]}<", text)


def test_what_is_asked_stays_in_the_address_of_the_parts(as_: As, people: People, house: Home) -> None:
    text = text_of(as_(people.owner), "/dashboards/queues/", q="queue:support", period="last-7-days")
    assert 'hx-get="/dashboards/queues/panel/0?q=queue%3Asupport&period=last-7-days&against=before"' in text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"q": "queue:("}, "search-problem"),
        ({"against": "question", "other_q": "outcome:nonsense"}, "nonsense"),
        ({"period": "dates", "first": "2026-11-09", "last": "2026-11-01"}, "ends before it begins"),
    ],
)
def test_a_question_that_cannot_be_understood_is_said(
    as_: As, people: People, house: Home, asked: dict[str, str], told: str
) -> None:
    client = as_(people.owner)
    assert told in text_of(client, "/dashboards/traffic/", 422, **asked)
    assert told in text_of(client, "/dashboards/traffic/panel/0", 422, **asked)


def test_a_filter_that_matches_nothing_has_no_figure(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    text = text_of(client, "/dashboards/queues/panel/0", **ALL, q="queue:nowhere")
    assert "No call answers this" in text
    assert "data-chart" not in text
    numbers = text_of(client, "/dashboards/queues/numbers", **ALL, q="queue:nowhere")
    assert [value for _url, value in stats_of(numbers)][:2] == ["0", "–"]  # unknown is not zero


def test_business_hours_that_nobody_set_are_asked_for(as_: As, people: People, house: Home) -> None:
    text = text_of(as_(people.owner), "/dashboards/traffic/panel/0", **ALL, hours="open")
    assert "hours" in text
    assert "data-chart" not in text


def test_what_is_to_be_set_first_is_said_in_the_readers_language(
    as_: As, people: People, house: Home
) -> None:
    people.owner.language = "de"
    people.owner.save()
    vocabulary.save_outcome(By.of(people.owner), None, "order", "Bestellung", "")
    client = as_(people.owner)
    assert "Es sind keine Geschäftszeiten" in text_of(
        client, "/dashboards/traffic/panel/0", hours="open", **ALL
    )
    assert "Noch besagt kein Ergebnis" in text_of(client, "/dashboards/resolution/panel/2", **ALL)


def test_people_see_figures_of_the_calls_that_they_may_see(as_: As, people: People, house: Home) -> None:
    def calls(person: Person) -> int:
        text = text_of(as_(person), "/dashboards/traffic/numbers", **ALL)
        return int(stats_of(text)[0][1].replace(",", ""))

    assert 0 < calls(people.agent) < calls(people.owner)
    assert calls(people.agent) <= calls(people.supervisor) < calls(people.owner)
    assert as_(people.agent).get("/dashboards/")["Location"] == "/dashboards/people/"
    assert as_(people.supervisor).get("/dashboards/")["Location"] == "/dashboards/queues/"


def test_masked_people_are_not_told_numbers(as_: As, people: People, house: Home) -> None:
    Organisation.objects.update(masked_roles=["auditor"])
    text = text_of(as_(people.auditor), "/dashboards/-/figures/calls/", **ALL, by="number")
    assert "Telephone numbers are hidden from you" in text
    shown = text_of(as_(people.owner), "/dashboards/-/figures/calls/", **ALL, by="number")
    assert "data-chart" in shown


def test_any_figure_is_asked_in_any_way(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    listed = text_of(client, "/dashboards/-/figures/")
    for url in set(re.findall(r'href="(/dashboards/-/figures/[a-z-]+/)"', listed)):
        text = text_of(client, url, **ALL)
        assert "How it is counted" in text, url
    text = text_of(client, "/dashboards/-/figures/service-level/", **ALL, by="queue", variant="A")
    assert "variant A" in text
    assert "answered within 20 s / answered" in text
    assert client.get("/dashboards/-/figures/no-such/").status_code == 404


def kept(client: Client, name: str = "Mine", /, **more: str) -> Dashboard:
    answer = client.post("/dashboards/-/keep", {"from": "queues", "q": "queue:support", "name": name, **more})
    assert answer.status_code == 302, answer.content
    return Dashboard.objects.get(name=name)


def test_a_dashboard_is_kept_ordered_shared_and_taken_back(as_: As, people: People, house: Home) -> None:
    client, other = as_(people.supervisor), as_(people.auditor)
    made = kept(client)
    own = f"/dashboards/own/{made.pk}/"
    assert "queue%3Asupport" in text_of(client, own)
    assert other.get(own).status_code == 404
    assert text_of(client, f"{own}numbers", **ALL)

    answer = client.post("/dashboards/-/add", {"figure": "fcr", "by": "queue", "to": str(made.pk)})
    assert answer.status_code == 302
    figures = [panel.figure for panel in service.panels_of(Dashboard.objects.get(pk=made.pk))]
    assert figures[-1] == "fcr"

    made.refresh_from_db()
    last = len(figures) - 1
    change = {"name": "Ours", "query": "", "version": made.version, "panel": [last, 0], "shared": "on"}
    assert client.post(f"{own}edit", change).status_code == 302
    made.refresh_from_db()
    assert [panel.figure for panel in service.panels_of(made)] == ["fcr", figures[0]]
    assert "Ours" in text_of(other, own)  # shared, and seen within the other's scope
    assert other.get(f"{own}edit").status_code == 404

    stale = client.post(f"{own}edit", change)
    assert stale.status_code == 422
    assert "changed meanwhile" in unescape(stale.content.decode())

    assert client.post(f"{own}delete").status_code == 302
    assert client.get(own).status_code == 404
    assert other.post(f"{own}restore").status_code == 404
    assert client.post(f"{own}restore").status_code == 302
    assert client.get(own).status_code == 200


def test_fixed_days_are_kept_and_stay_when_something_else_is_changed(
    as_: As, people: People, house: Home
) -> None:
    client = as_(people.owner)
    days = {"period": "dates", "first": "2026-11-02", "last": "2026-11-08"}
    other = {"against": "dates", "other_first": "2026-10-05", "other_last": "2026-10-11"}
    made = kept(client, "Fixed", **days, **other)
    assert (made.period, made.against) == ("2026-11-02..2026-11-08", "2026-10-05..2026-10-11")
    own = f"/dashboards/own/{made.pk}/"
    text = text_of(client, own)
    assert 'name="first" value="2026-11-02"' in text
    assert 'name="other_last" value="2026-10-11"' in text
    moved = text_of(client, own, period="last-28-days")  # what is usual elsewhere is said here
    assert "period=last-28-days" in moved
    change = {"name": "Fixed", "query": "", "version": made.version, "panel": ["0"]}
    change |= {"period": made.period, "against": made.against}
    assert made.period in text_of(client, f"{own}edit")
    assert client.post(f"{own}edit", change).status_code == 302
    made.refresh_from_db()
    assert (made.period, made.against) == ("2026-11-02..2026-11-08", "2026-10-05..2026-10-11")
    wrong = {
        "from": "queues",
        "name": "Never",
        "period": "dates",
        "first": "2026-13-45",
        "last": "2026-11-08",
    }
    assert client.post("/dashboards/-/keep", wrong).status_code == 422


def test_all_that_was_asked_is_kept(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    BusinessHours.objects.create(week=[[[480, 1080]]] * 5 + [[], []])
    groups = {
        "q": "direction:inbound",
        "against": "question",
        "other_q": "direction:outbound",
        "hours": "open",
    }
    made = kept(client, "Groups", **groups)
    own = f"/dashboards/own/{made.pk}/"
    text = text_of(client, own)
    assert 'value="open" selected' in text
    assert 'name="other_q" value="direction:outbound"' in text
    asked = {**ALL, **groups}
    of_days = {name: ALL[name] for name in ("period", "first", "last")}
    found = [
        text_of(client, f"{own}numbers", **of_days),
        text_of(client, "/dashboards/queues/numbers", **asked),
    ]
    values = [[value for _url, value in stats_of(each)] for each in found]
    assert values[0] == values[1]
    assert all("direction:outbound: " in each for each in found)
    # What is kept can be asked away, and that stands in the address of the parts.
    cleared = text_of(client, own, q="", hours="", against="none")
    assert "panel/0?q=&" in cleared
    assert "&hours=" in cleared
    change = {"name": "Groups", "query": "", "version": made.version, "panel": ["0"], "period": "today"}
    assert "other calls: direction:outbound" in text_of(client, f"{own}edit")
    assert client.post(f"{own}edit", {**change, "against": "question", "hours": "closed"}).status_code == 302
    made.refresh_from_db()
    assert (made.against, made.other_query, made.hours) == ("question", "direction:outbound", "closed")
    wrong = {"from": "queues", "name": "Never", "against": "question", "other_q": "queue:("}
    assert client.post("/dashboards/-/keep", wrong).status_code == 422


def test_a_person_is_followed_over_time(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    table = text_of(client, "/dashboards/people/spread", **ALL)
    links = re.findall(r'<th scope="row"><a href="(\?[^"]+who=101)">', table)
    assert links
    page = text_of(client, f"/dashboards/people/{links[0]}")
    assert 'name="who" value="101" checked' in page
    assert "panel/0?" in page and "&who=101" in page
    alone = text_of(client, "/dashboards/people/spread", **ALL, who="101")
    assert alone.count('<th scope="row">') == 2  # all of them, and the person
    assert "Median of all" in alone
    [handled, *_rest] = stats_of(text_of(client, "/dashboards/people/numbers", **ALL, who="101"))
    asked = {**ALL, "q": "agent:101"}
    assert handled[1] == stats_of(text_of(client, "/dashboards/people/numbers", **asked))[0][1]
    assert counted(client, handled[0]) == int(handled[1])


def test_what_agents_handled_is_their_own(as_: As, people: People, house: Home) -> None:
    """Calls that rang at an agent and on which a colleague talked are no calls that the agent handled."""
    agent = as_(people.agent)
    numbers = stats_of(text_of(agent, "/dashboards/people/numbers", **ALL))
    table = text_of(agent, "/dashboards/people/spread", **ALL)
    # The agent's phone has a row, and the calls that were logged by hand have one if there are any.
    rows = [re.search(r'<td class="num"><a href="[^"]+">(\d+)</a>', row) for row in table.split("<tr")]
    handled = [int(found[1]) for found in rows if found]
    assert handled and int(numbers[0][1]) == sum(handled)


def test_the_only_part_is_named(as_: As, people: People, house: Home) -> None:
    panel = next(n for n, one in enumerate(BOARDS["traffic"].panels) if one.by == "direction")
    text = text_of(
        as_(people.owner), f"/dashboards/traffic/panel/{panel}", **{**ALL, "q": "direction:inbound"}
    )
    assert '<span class="stat-label">Direction: Inbound</span>' in text


def test_who_may_not_share_keeps_it_for_themselves(as_: As, people: People, house: Home) -> None:
    client = as_(people.agent)
    answer = client.post("/dashboards/-/keep", {"from": "people", "name": "Mine", "shared": "on"})
    assert answer.status_code == 422
    assert "may not share" in unescape(answer.content.decode())
    assert kept(client, "Own").shared is False
    nameless = client.post("/dashboards/-/keep", {"from": "people", "name": "  "})
    assert nameless.status_code == 422


def test_staffing_answers_or_says_why_not(as_: As, people: People, house: Home) -> None:
    client = as_(people.owner)
    asked = {"calls": "100", "aht": "180", "target": "80", "within": "20", "shrinkage": "30"}
    asked |= {"occupancy": "100", "patience": "0"}
    text = text_of(client, "/dashboards/staffing/what-if", **asked)
    # 100 calls of 180 s in a half-hour are 10 erlang; by Erlang C that takes 14 agents, and 20 with 30 % shrinkage
    assert re.findall(r'class="staffing-huge">(\d+)<', text) == ["14", "20"]
    for wrong in ({"target": "100"}, {"within": "0", "target": "100"}, {"calls": "0"}, {"aht": "-1"}):
        refused = text_of(client, "/dashboards/staffing/what-if", **{**asked, **wrong})
        assert "No number of agents answers this" in refused, wrong
    assert text_of(client, "/dashboards/staffing/", calls="nonsense")


def test_the_staffing_of_the_coming_weeks_is_a_file_with_its_definition(
    as_: As, people: People, house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = {"calls": 12.5, "low": 8.0, "high": 17.25, "agents_c": 6, "agents_a": None, "asa_s": 4.5}
    more = {"agents": 6, "scheduled": 8, "service_level": 0.9, "occupancy": 0.7, "logged_in": None}
    made = StaffingTable(
        wanted=Wanted(target_share=0.85, within_s=15, shrinkage_share=0.25),
        aht_s=180.0,
        aht_from="given",
        model="erlang_c",
        rows=[HalfHour(at="2026-11-30T09:00:00Z", **hour, **more)],
        forecast=msgspec.structs.replace(forecast(house.ledger, Scope(), now=NOW), query="=1+1"),
        notes=["No queue log tells who was logged in, so there is nothing to compare the need with."],
    )
    monkeypatch.setattr(weeks.figures, "staffing", lambda *_, **__: made)
    client = as_(people.owner)
    [head, row] = csv.reader(io.StringIO(client.get("/dashboards/staffing/weeks.csv").content.decode()))
    assert dict(zip(head, row, strict=True)) == {
        "at": "2026-11-30T09:00:00Z",
        **{name: "" if value is None else str(value) for name, value in {**hour, **more}.items()},
    }
    with ZipFile(io.BytesIO(client.get("/dashboards/staffing/weeks.xlsx").content)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        sheets = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2)]
    assert "<v>17.25</v>" in sheets[0]
    for text in (
        "service_level",
        "Erlang C: nobody hangs up",
        "85%",
        "15 s",
        "25%",
        "180 s (given)",
        made.notes[0],
    ):
        assert f">{text}</t>" in texts, text
    assert not any("<f>" in sheet for sheet in sheets)


def test_formulas_reasons_and_notes_are_told_in_the_readers_language(
    as_: As, people: People, house: Home
) -> None:
    Person.objects.filter(pk=people.owner.pk).update(language="de")
    text = text_of(as_(people.owner), "/dashboards/-/figures/service-level/", **ALL, by="queue", variant="A")
    assert "innerhalb von 20 s angenommen / angenommen" in text
    assert "answered within" not in text
    listed = text_of(as_(people.owner), "/dashboards/-/figures/")
    assert "brutto: angenommene eingehende Anrufe mit einem Ergebnis aus" in listed
    assert said("abandoned within 7.5 s", gettext_de) == "innerhalb von 7.5 s aufgelegt"
    assert said("nobody wrote this", gettext_de) == "nobody wrote this"


def gettext_de(text: str) -> str:
    with translation.override("de"):
        return translation.gettext(text)
