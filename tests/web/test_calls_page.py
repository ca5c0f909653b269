"""The log of calls in a browser without a screen: what each role finds, counts, completes and keeps in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.workspace import saved
from ringbook.desk.workspace.models import SavedView
from ringbook.model.call import Call
from ringbook.runtime.home import Home
from ringbook.search import pages

from ..house import People
from ..search.calls import HAND_MADE

HTMX = {"HX-Request": "true"}
As = Callable[[Person], Client]


def shown(answer: str) -> list[str]:
    """The ids of the calls in a list."""
    return re.findall(r'<tr data-item class="linked" id="call-([0-9a-f-]+)"', answer)


def get(client: Client, place: str, status: int = 200, **headers: str) -> str:
    response = client.get(place, headers=headers)
    assert response.status_code == status, response.content[:2000]
    return response.content.decode()


def seen_by(house: Home, person: Person, query: str = "") -> list[Call]:
    page = pages.list_calls(house.ledger, scope_of(person), query, limit=1000, now=10**16, me=person.handle)
    return page.items


def test_the_page_shows_the_newest_calls_first(house: Home, people: People, as_: As) -> None:
    text = get(as_(people.owner), "/calls/")
    expected = [call.id for call in seen_by(house, people.owner)][:50]
    assert shown(text) == expected
    assert "<h1>Calls</h1>" in text
    assert 'href="/calls/' + expected[0] in text


def test_all_pages_together_hold_every_call_once(house: Home, people: People, as_: As) -> None:
    client, place, found = as_(people.owner), "/calls/", []
    while place:
        text = get(client, place, **HTMX) if found else get(client, place)
        found += shown(text)
        more = re.search(r'hx-get="(/calls/\?[^"]*cursor=[^"]*)"', text)
        place = unescape(more[1]) if more else ""
    assert found == [call.id for call in seen_by(house, people.owner)]


def test_an_agent_sees_counts_and_filters_their_own_calls_only(house: Home, people: People, as_: As) -> None:
    client = as_(people.agent)
    own = {call.id for call in seen_by(house, people.agent)}
    everything = seen_by(house, people.owner)
    foreign = [call for call in everything if call.id not in own]
    assert own
    assert foreign
    assert set(shown(get(client, "/calls/?rows=500"))) == own
    assert f'data-calls-number="{len(own)}"' in get(client, "/calls/-/count")
    stranger = next(call for call in foreign if not (own & {call.id}))
    assert 'data-calls-number="0"' in get(client, f"/calls/-/count?q=id:{stranger.id}")
    assert shown(get(client, f"/calls/?q=id:{stranger.id}")) == []
    facets = get(client, "/calls/-/facets")
    inbound = sum(call.direction == "inbound" for call in everything if call.id in own)
    assert re.search(rf'title="Inbound">Inbound</span>\s*<span class="facet-count">{inbound}<', facets)


def test_a_question_is_kept_in_the_address_and_in_the_box(house: Home, people: People, as_: As) -> None:
    question = 'outcome:missed "<b>anna" or -queue:"Sales West"'
    text = get(as_(people.owner), f"/calls/?q={quote(question)}")
    assert 'value="outcome:missed &quot;&lt;b&gt;anna&quot; or -queue:&quot;Sales West&quot;"' in text
    assert "<b>anna" not in text
    entry = AuditEntry.objects.get(action="calls:searched")
    assert "Sales West" in entry.detail


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("queu:sales", "<mark>queu</mark>"),
        ('anna "open', "<mark>&quot;</mark>"),
        ("outcome:gone", "<mark>gone</mark>"),
        ("(anna", ""),
        ("x" * 3_000, ""),
        ("(" * 500, ""),
        ("a" + "\0" + "b", ""),
        ("on:9999-99-99", ""),
        ("last:99999999999999y", ""),
    ],
)
def test_what_cannot_be_understood_is_said_under_the_box_and_nothing_is_lost(
    house: Home, people: People, as_: As, question: str, place: str
) -> None:
    client = as_(people.owner)
    response = client.get("/calls/", {"q": question})
    text = response.content.decode()
    assert response.status_code in (200, 400)
    if place:
        assert response.status_code == 400
        assert place in text
    if response.status_code == 400:
        assert "search-problem" in text
        part = client.get("/calls/", {"q": question}, headers=HTMX)
        assert part.status_code == 400
        assert part.headers["HX-Retarget"] == "#calls-problem"
        assert part.headers["HX-Push-Url"] == "false"
        assert "<html" not in part.content.decode()
    for beside in ("count", "facets"):
        assert client.get(f"/calls/-/{beside}", {"q": question}).status_code == response.status_code


def test_a_question_of_100_kb_is_refused_in_the_page(house: Home, people: People, as_: As) -> None:
    text = get(as_(people.owner), "/calls/?q=" + "from:1," * 15_000, 400)
    assert "characters long" in text
    assert len(text) < 100_000


def test_a_cursor_of_somebody_else_or_of_nobody_is_refused(house: Home, people: People, as_: As) -> None:
    text = get(as_(people.owner), "/calls/")
    cursor = re.search(r"cursor=([\w-]+)", text)
    assert cursor
    for place in (
        f"/calls/?cursor={cursor[1]}",
        f"/calls/?cursor={cursor[1][:-3]}",
        "/calls/?cursor=%00",
        "/calls/?cursor=aaaa",
    ):
        answer = get(as_(people.agent), place, 400)
        assert shown(answer) == []
        assert "Ask again" in answer


@pytest.mark.parametrize("since", ["", "x", "aaaa", "gqFhAQ", "\0", "A" * 50_000])
def test_a_forged_mark_of_what_was_seen_is_refused(house: Home, people: People, as_: As, since: str) -> None:
    response = as_(people.owner).get("/calls/-/news", {"since": since})
    assert response.status_code == 400


def test_what_is_new_appears_and_what_is_not_ones_own_does_not(house: Home, people: People, as_: As) -> None:
    owner, agent = as_(people.owner), as_(people.agent)
    marks = {}
    for client in (owner, agent):
        mark = re.search(r'data-live-since="([^"]+)"', get(client, "/calls/"))
        assert mark
        marks[client] = mark[1]
        assert client.get("/calls/-/news", {"since": mark[1]}).status_code == 204
    fresh = _fresh_call()
    from ..house import write_calls

    write_calls(house, [fresh])
    response = owner.get("/calls/-/news", {"since": marks[owner]})
    assert shown(response.content.decode()) == [fresh.id]
    after = owner.get("/calls/-/news", {"since": response.headers["X-Live-Since"]})
    assert after.status_code == 204
    assert agent.get("/calls/-/news", {"since": marks[agent]}).status_code == 204


def _fresh_call() -> Call:
    import time

    import msgspec

    from ..search.calls import identity, inside, outside

    now = time.time_ns() // 1000
    return msgspec.structs.replace(
        HAND_MADE["late"],
        id=identity(now, 7_001),
        tenant="main",
        started_at=now,
        ended_at=now + 5_000_000,
        caller=outside("+15125550199", "Zoe New"),
        called=inside("109"),
        legs=(),
        agents=(),
    )


def test_columns_are_chosen_ordered_and_kept_for_the_person(house: Home, people: People, as_: As) -> None:
    client = as_(people.supervisor)
    client.post("/calls/-/columns", {"column": ["started", "cause", "from", "nonsense", "cause"], "q": ""})
    heads = re.findall(r'<th scope="col" class="[^"]*c-([a-z-]+)"', get(client, "/calls/"))
    assert heads == ["started", "cause", "from"]
    others = re.findall(r'<th scope="col" class="[^"]*c-([a-z-]+)"', get(as_(people.owner), "/calls/"))
    assert others[:4] == ["direction", "outcome", "from", "to"]
    client.post("/calls/-/columns", {"usual": "1", "column": ["from"], "q": ""})
    assert "c-queue" in get(client, "/calls/")


def test_a_view_is_kept_named_shared_deleted_and_brought_back(house: Home, people: People, as_: As) -> None:
    client = as_(people.supervisor)
    client.post("/calls/-/views/new", {"name": "<i>Missed</i>", "q": "outcome:missed", "shared": "on"})
    view = SavedView.objects.get()
    text = get(as_(people.agent), "/calls/")
    assert "&lt;i&gt;Missed&lt;/i&gt;" in text
    assert "Shared view" in text
    client.post(f"/calls/-/views/{view.pk}", {"name": "Missed", "q": "outcome:missed", "version": "1"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Missed", False)
    stale = client.post(f"/calls/-/views/{view.pk}", {"name": "Again", "version": "1"})
    assert stale.status_code == 422
    assert "changed meanwhile" in stale.content.decode()
    assert 'value="Again"' in stale.content.decode()
    client.post(f"/calls/-/views/{view.pk}/delete")
    assert "Missed</span>" not in get(client, "/calls/-/views")
    assert not saved.views_of(people.supervisor).exists()
    client.post(f"/calls/-/views/{view.pk}/restore")
    assert saved.views_of(people.supervisor).count() == 1
    assert as_(people.agent).post(f"/calls/-/views/{view.pk}/delete").status_code == 404
    actions = set(AuditEntry.objects.filter(subject=f"view:{view.pk}").values_list("action", flat=True))
    assert actions == {"view:saved", "view:changed", "view:deleted", "view:restored"}


def test_a_view_whose_question_is_wrong_is_not_kept(house: Home, people: People, as_: As) -> None:
    response = as_(people.owner).post("/calls/-/views/new", {"name": "Bad", "q": "queu:x"})
    assert response.status_code == 422
    assert "queu:x" in response.content.decode()
    assert not SavedView.objects.exists()


def test_views_are_counted_each_within_the_scope(house: Home, people: People, as_: As) -> None:
    saved.save(people.owner, "Everything", "outcome:missed,answered or -outcome:missed", shared=True)
    text = get(as_(people.agent), "/calls/-/views")
    own = len(seen_by(house, people.agent))
    assert re.search(rf'Everything<span class="count">{own}</span>', text)


def test_the_date_picker_writes_the_question(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    response = client.get(
        "/calls/-/dates", {"q": "anna last:7d", "when_from": "2026-11-01", "when_to": "2026-11-07"}
    )
    assert response.headers["Location"] == "/calls/?q=anna+on%3A2026-11-01..2026-11-07"
    assert client.get("/calls/-/dates", {"q": "anna", "when_from": "soon"}).status_code == 400


def test_completion_offers_what_the_viewer_may_see(house: Home, people: People, as_: As) -> None:
    answer = as_(people.owner).get("/calls/-/complete", {"q": "outcome:miss", "caret": "12"}).json()
    assert any(option["value"].endswith("missed") for option in answer["options"])
    assert "outcome:miss"[answer["start"] : answer["end"]] in "outcome:miss"
    wanted = as_(people.owner).get("/calls/-/complete", {"q": "queue:", "caret": "6"}).json()
    assert any("Sales West" in option["value"] for option in wanted["options"])
    agents = as_(people.agent).get("/calls/-/complete", {"q": "queue:", "caret": "6"}).json()
    own = {call.queue for call in seen_by(house, people.agent)}
    for option in agents["options"]:
        assert any(queue and queue in option["value"] for queue in own) or ":" not in option["value"][6:]
    for caret in ("", "-1", "99999999999", "x"):
        assert as_(people.owner).get("/calls/-/complete", {"q": '"', "caret": caret}).status_code == 200


def test_a_masked_viewer_finds_no_whole_number_in_the_list(house: Home, people: People, as_: As) -> None:
    Organisation.objects.update(masked_roles=["supervisor"])
    text = get(as_(people.supervisor), "/calls/?rows=500")
    assert shown(text)
    plain = re.sub(r"<[^>]*>", " ", text)
    for digits in ("5125550101", "512) 555-0101", "2079460101", "20 7946 0101"):
        assert digits not in plain
    assert as_(people.supervisor).get("/calls/", {"q": "from:*0101"}).status_code == 400


def test_html_in_a_callers_name_is_text(house: Home, people: People, as_: As) -> None:
    import msgspec

    from ..house import write_calls
    from ..search.calls import identity, outside

    evil = "<img src=x onerror=alert(1)>\"'"
    call = msgspec.structs.replace(
        HAND_MADE["late"],
        id=identity(HAND_MADE["late"].started_at, 7_777),
        caller=outside("+15125550166", evil),
        queue=evil,
    )
    write_calls(house, [call])
    client = as_(people.owner)
    for place in (f"/calls/?q=id:{call.id}", "/calls/-/facets", "/calls/?rows=500"):
        assert "<img src=x" not in get(client, place)
    assert "&lt;img src=x" in get(client, f"/calls/?q=id:{call.id}")


def test_nobody_without_a_session_gets_anything(house: Home, people: People) -> None:
    for place in (
        "/calls/",
        "/calls/-/count",
        "/calls/-/facets",
        "/calls/-/news",
        "/calls/-/export",
        "/exports/",
    ):
        response = Client().get(place)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/sign-in/?next=")
