"""The pages of the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.annotations.models import CustomField, OutcomeCode, Tag
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.hours import hours_of
from ringbook.desk.organisation.models import (
    BusinessHours,
    ExtensionName,
    Holiday,
    Organisation,
    OurNumber,
    QueueName,
)
from ringbook.desk.people.models import Person, Seat
from ringbook.runtime.home import Home

from ..house import People

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
PAGES = ["organisation", "numbers", "numbers/many", "queues", "hours", "outcomes", "tags", "fields"]
FORMS = ["number", "extension", "seat", "queue", "holiday", "tag", "outcome", "field"]
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ada(house: Home, people: People, as_: As) -> Client:
    """The administrator at the settings."""
    return as_(people.administrator)


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_sees_every_page(ada: Client, page: str) -> None:
    answer = ada.get(f"/settings/{page}/")
    assert answer.status_code == 200
    assert b'aria-current="page"' in answer.content


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor"])
def test_nobody_else_does(house: Home, people: People, as_: As, page: str, role: str) -> None:
    client = as_(getattr(people, role))
    assert client.get(f"/settings/{page}/").status_code == 403
    assert client.post(f"/settings/{page}/", {}).status_code == 403


@pytest.mark.parametrize("slug", FORMS)
def test_each_form_opens_as_a_page_and_as_a_dialog(ada: Client, slug: str) -> None:
    assert b"<dialog" not in ada.get(f"/settings/{slug}/new/").content
    assert b"<dialog" in ada.get(f"/settings/{slug}/new/", **HTMX).content
    refused = ada.post(f"/settings/{slug}/new/", {}, **HTMX)
    assert refused.status_code == 422
    assert b'class="error"' in refused.content


def test_settings_lead_to_the_first_page_one_may_see(house: Home, people: People, as_: As) -> None:
    assert as_(people.administrator).get("/settings/").headers["Location"] == "/settings/organisation/"
    assert as_(people.agent).get("/settings/").status_code == 403


def test_the_organisation_is_changed_and_masks_at_once(ada: Client) -> None:
    values = {
        "name": "Southwind",
        "zone": "Europe/Berlin",
        "country": "DE",
        "language": "",
        "week_starts_on": "6",
    }
    values |= {"service_level_s": "30", "masked_roles": ["agent"], "version": "1"}  # type: ignore[dict-item]
    assert ada.post("/settings/organisation/", values).status_code == 302
    house = Organisation.objects.get()
    assert (house.name, house.zone, house.week_starts_on, house.masked_roles, house.version) == (
        *("Southwind", "Europe/Berlin", 6),
        *(["agent"], 2),
    )
    assert AuditEntry.objects.filter(action="organisation:changed").count() == 1


def test_two_people_at_the_organisation_lose_nothing(ada: Client) -> None:
    values = {"name": "Mine", "zone": "UTC", "week_starts_on": "0", "service_level_s": "20", "version": "1"}
    Organisation.objects.update(name="Theirs", version=2)
    refused = ada.post("/settings/organisation/", values)
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "Theirs" in text
    assert 'value="Mine"' in text
    assert Organisation.objects.get().name == "Theirs"
    assert 'name="version" value="2"' in text
    assert ada.post("/settings/organisation/", {**values, "version": "2"}).status_code == 302
    assert Organisation.objects.get().name == "Mine"


def test_a_number_is_added_changed_removed_and_put_back(ada: Client) -> None:
    asked = {"number": "+1 (212) 555-0100", "label": "Main", "purpose": "Website"}
    assert ada.post("/settings/number/new/", asked, **HTMX).headers["HX-Redirect"] == "/settings/numbers/"
    number = OurNumber.objects.get()
    assert number.number == "+12125550100"
    assert ada.post("/settings/number/new/", asked, **HTMX).status_code == 422
    changed = ada.post(f"/settings/number/{number.pk}/", {**asked, "label": "Desk", "version": "1"})
    assert changed.status_code == 302
    stale = ada.post(f"/settings/number/{number.pk}/", {**asked, "label": "Late", "version": "1"}, **HTMX)
    assert stale.status_code == 409
    assert b"Desk" in stale.content
    assert b'value="Late"' in stale.content
    ada.post(f"/settings/number/{number.pk}/remove/")
    assert not OurNumber.objects.exists()
    undo = _undo(ada, "/settings/numbers/")
    assert ada.post(undo).status_code == 204
    assert OurNumber.objects.get().label == "Desk"


def _undo(client: Client, page: str) -> str:
    """The address behind the undo button of the message that the next page shows."""
    import re

    found = re.search(r"/settings/[^\"'&<\s]*(?:undo|back)/?[^\"'&<\s]*", client.get(page).content.decode())
    assert found, "no undo is offered"
    return found[0]


def test_extensions_in_calls_without_a_name_are_offered(ada: Client) -> None:
    page = ada.get("/settings/numbers/").content.decode()
    assert "extension=103" in page or "extension=100" in page
    assert "extension=101&" not in page  # Bo sits there
    assert 'extension=101"' not in page


def test_somebody_is_seated_by_whole_days_of_the_organisations_clock(ada: Client, people: People) -> None:
    asked = {"extension": "150", "person": str(people.agent.pk), "since": "2026-03-01", "until": "2026-03-31"}
    assert ada.post("/settings/seat/new/", asked, **HTMX).status_code == 204
    seat = Seat.objects.get(extension="150")
    assert seat.since is not None
    assert seat.until is not None
    assert seat.since.isoformat() == "2026-03-01T05:00:00+00:00"
    assert seat.until.isoformat() == "2026-04-01T04:00:00+00:00"
    taken = ada.post("/settings/seat/new/", {**asked, "person": str(people.other.pk)}, **HTMX)
    assert taken.status_code == 422
    assert b"Bo Dahl sits at 150" in taken.content
    shown = ada.get(f"/settings/seat/{seat.pk}/").content
    assert b'value="2026-03-31"' in shown


def test_many_extensions_are_shown_before_they_are_taken_in(ada: Client) -> None:
    lines = "150, bo@example.com, 2026-01-05\n151\tMeeting room\n\n152;Cy Falk"
    looked = ada.post("/settings/numbers/many/", {"lines": lines, "do": "look"})
    assert looked.status_code == 200
    assert not ExtensionName.objects.exists()
    assert ada.post("/settings/numbers/many/", {"lines": lines, "do": "save"}).status_code == 302
    assert ExtensionName.objects.get().name == "Meeting room"
    assert Seat.objects.get(extension="150").person.email == "bo@example.com"
    assert Seat.objects.get(extension="152").person.name == "Cy Falk"


@pytest.mark.parametrize(
    "line", ["150", "101, bo@example.com", "150, Hall, yesterday", ", Hall", "x" * 41 + ", Hall"]
)
def test_a_wrong_line_is_told_and_nothing_is_taken_in(ada: Client, line: str) -> None:
    answer = ada.post("/settings/numbers/many/", {"lines": f"160, Hall\n{line}", "do": "save"})
    assert answer.status_code == 422
    assert not ExtensionName.objects.exists()
    assert b"160, Hall" in answer.content


def test_a_queue_in_calls_is_offered_and_named(ada: Client) -> None:
    assert b"queue=support" in ada.get("/settings/queues/").content
    assert (
        ada.post(
            "/settings/queue/new/", {"queue": "support", "name": "Help desk", "service_level_s": "30"}
        ).status_code
        == 302
    )
    page = ada.get("/settings/queues/").content
    assert b"queue=support" not in page
    assert b"Help desk" in page
    assert QueueName.objects.get().service_level_s == 30


def _week(**times: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for day in range(5):
        asked |= {f"opens-{day}-0": "09:00", f"closes-{day}-0": "17:00"}
    return {**asked, **times}


def test_the_week_is_kept(ada: Client) -> None:
    asked = _week(
        **{"opens-4-0": "09:00", "closes-4-0": "12:00", "opens-4-1": "13:00", "closes-4-1": "00:00"}
    )
    assert ada.post("/settings/hours/", asked).status_code == 302
    assert BusinessHours.objects.get().week[4] == [[540, 720], [780, 1440]]
    assert hours_of("main").on(date(2026, 11, 20)) == ((540, 720), (780, 1440))
    assert ada.post("/settings/hours/", {**asked, "version": "7"}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes-0-0": "08:00"},
        {"closes-0-0": ""},
        {"opens-0-0": "soon"},
        {"opens-0-1": "10:00", "closes-0-1": "11:00"},
        {"opens-0-0": "25:00"},
    ],
)
def test_hours_that_cannot_be_are_told(ada: Client, wrong: dict[str, str]) -> None:
    answer = ada.post("/settings/hours/", _week(**wrong))
    assert answer.status_code == 422
    assert b'href="#opens-0-0"' in answer.content
    assert not BusinessHours.objects.exists()


def test_public_holidays_are_offered_and_added(ada: Client) -> None:
    page = ada.get("/settings/hours/").content.decode()
    year = date.today().year + 1
    assert f'value="{year}-12-25"' in page
    days = [f"{year}-12-25", f"{year}-07-04", "1999-01-01", "nonsense"]
    assert ada.post("/settings/hours/holidays/", {"day": days}).status_code == 302
    assert {h.date for h in Holiday.objects.all()} == {date(year, 12, 25), date(year, 7, 4)}
    assert f'value="{year}-12-25"' not in ada.get("/settings/hours/").content.decode()


def test_a_day_has_hours_of_its_own(ada: Client) -> None:
    asked = {"date": "2027-12-24", "name": "Christmas Eve", "opens": "09:00", "closes": "12:00"}
    assert ada.post("/settings/holiday/new/", asked).status_code == 302
    assert Holiday.objects.get().spans == [[540, 720]]
    assert (
        ada.post("/settings/holiday/new/", {**asked, "date": "2027-12-31", "closes": "08:00"}).status_code
        == 422
    )


def test_words_are_added_ordered_archived_and_offered_again(ada: Client) -> None:
    for label in ("Sale", "Wrong number", "Call back"):
        assert ada.post("/settings/outcome/new/", {"label": label, "group": ""}).status_code == 302
    assert list(OutcomeCode.objects.values_list("key", flat=True)) == ["sale", "wrong-number", "call-back"]
    last = OutcomeCode.objects.get(key="call-back")
    ada.post("/settings/outcome/order/", {"id": str(last.pk), "to": "up"})
    assert list(OutcomeCode.objects.values_list("key", flat=True)) == ["sale", "call-back", "wrong-number"]
    ada.post(f"/settings/outcome/{last.pk}/remove/")
    assert OutcomeCode.objects.get(pk=last.pk).archived
    ada.post(f"/settings/outcome/{last.pk}/back/")
    assert not OutcomeCode.objects.get(pk=last.pk).archived


def test_a_field_keeps_its_kind(ada: Client) -> None:
    asked = {"label": "Branch", "kind": "choice", "choices": "North\nSouth", "key": ""}
    assert ada.post("/settings/field/new/", asked).status_code == 302
    field = CustomField.objects.get()
    assert (field.key, field.choices) == ("branch", ["North", "South"])
    changed = {
        **asked,
        "kind": "text",
        "key": "branch",
        "choices": "North\nSouth\nWest",
        "version": str(field.version),
    }
    assert ada.post(f"/settings/field/{field.pk}/", changed).status_code == 302
    field.refresh_from_db()
    assert (field.kind, field.choices) == ("choice", ["North", "South", "West"])


def test_tags_are_renamed_and_merged(ada: Client) -> None:
    for name in ("vip", "VIPs"):
        assert ada.post("/settings/tag/new/", {"name": name, "colour": "2"}).status_code == 302
    assert ada.post("/settings/tag/new/", {"name": "Vip", "colour": "2"}).status_code == 422
    vip, vips = Tag.objects.get(name="vip"), Tag.objects.get(name="VIPs")
    assert ada.post(f"/settings/tags/{vips.pk}/merge/", {"into": str(vip.pk)}).status_code == 302
    vips.refresh_from_db()
    assert vips.archived
    assert ada.post(f"/settings/tags/{vip.pk}/merge/", {"into": "nonsense"}).status_code == 200


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"]
)
def test_what_people_write_is_only_text(ada: Client, text: Any) -> None:
    ada.post("/settings/queue/new/", {"queue": text, "name": text})
    ada.post("/settings/tag/new/", {"name": text, "colour": "1"})
    for page in ("queues", "tags"):
        content = ada.get(f"/settings/{page}/").content.decode()
        assert "<script>alert" not in content
        assert "<img src=x" not in content


def test_another_tenants_things_are_not_there(ada: Client) -> None:
    other = OurNumber.objects.create(tenant="other", number="1", label="Theirs")
    assert ada.get(f"/settings/number/{other.pk}/").status_code == 404
    assert ada.post(f"/settings/number/{other.pk}/remove/").status_code == 404
    assert OurNumber.objects.filter(pk=other.pk).exists()
