"""The pages of contacts: list, one contact, adding, changing, merging; imports and exports."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ringbook.desk.directory.models import Company, Contact, ContactNumber, Import
from ringbook.desk.directory.sync import sync_pending
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.models import Person
from ringbook.desk.workspace.runner import run_waiting
from ringbook.model.call import AgentTalk, Direction, Outcome
from ringbook.model.instant import SECOND
from ringbook.runtime.home import Home

from ..analyse.calls import call, outside
from ..house import People, write_calls
from ..search.calls import inside

As = Callable[[Person], Client]
_LATER = iter(range(1, 10_000))


def rang(home: Home, number: str, outcome: str = "answered", extension: str = "101") -> str:
    """A call with a number a little while ago, with 101 unless said."""
    place = next(_LATER)
    at = (time.time_ns() // 1000) - 86_400 * SECOND + place * SECOND
    made = call(
        place,
        at,
        "main",
        direction=Direction.INBOUND,
        outcome=Outcome(outcome),
        caller=outside(number),
        called=inside(extension, "Bo Dahl"),
        agents=(AgentTalk(extension, "Bo Dahl", 60.0),) if outcome == "answered" else (),
        talk_s=60.0 if outcome == "answered" else None,
    )
    write_calls(home, [made])
    return made.id


def add(client: Client, name: str, *numbers: str, **more: str) -> Contact:
    answer = client.post("/contacts/new", {"name": name, "number": list(numbers), **more})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Contact.objects.get(name=name)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("back", "kept"),
    [
        ("/calls/?q=x", True),
        ("/\\evil.example", False),
        ("//evil.example", False),
        ("https://evil.example", False),
    ],
)
def test_adding_leads_back_to_pages_of_ours_only(
    house: Home, people: People, as_: As, back: str, kept: bool
) -> None:
    sent = {"name": "Ann Reed", "number": ["+15125550204"], "next": back}
    answer = as_(people.agent).post("/contacts/new", sent, headers={"HX-Request": "true"})
    assert (answer.headers["HX-Redirect"] == back) is kept
    assert answer.headers["HX-Redirect"].startswith(("/calls/", "/contacts/"))


def test_naming_a_number_names_its_calls_and_counts_them(house: Home, people: People, as_: As) -> None:
    first, second = rang(house, "+15125550201"), rang(house, "+15125550202", "missed")
    client = as_(people.owner)
    one = add(client, "Ann Reed", "512 555 0201", "+15125550202", company="Reed & Co")
    page = text(client.get(f"/contacts/{one.pk}/"))
    assert f"/calls/{first}" in page and f"/calls/{second}" in page
    assert re.search(r"Calls</span>.*?>2<", page, re.S)
    assert re.search(r"Missed</span>.*?>1<", page, re.S)
    assert "Reed &amp; Co" in page
    company = Company.objects.get(name="Reed & Co")
    there = text(client.get(f"/companies/{company.pk}/"))
    assert "Ann Reed" in there and f"/calls/{first}" in there


def test_calls_outside_the_scope_are_neither_shown_nor_counted(house: Home, people: People, as_: As) -> None:
    mine, theirs = rang(house, "+15125550211"), rang(house, "+15125550211", extension="102")
    one = add(as_(people.owner), "Scoped Person", "+15125550211")
    page = text(as_(people.agent).get(f"/contacts/{one.pk}/"))
    assert mine in page and theirs not in page
    assert re.search(r"Calls</span>.*?>1<", page, re.S)


def test_list_is_found_while_typing_and_paged(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    for place in range(55):
        Contact.objects.create(
            name=f"Pager {place:02}", sort_name=f"pager {place:02}", haystack=f"pager {place:02}"
        )
    page = text(client.get("/contacts/?q=pager"))
    assert "Pager 00" in page and "Pager 49" in page and "Pager 50" not in page
    following = re.search(r'hx-get="([^"]*cursor[^"]*)"', page)
    assert following
    rest = text(client.get(following[1].replace("&amp;", "&"), headers={"HX-Request": "true"}))
    assert "Pager 50" in rest and "Pager 54" in rest and "Pager 49" not in rest and "<html" not in rest
    part = text(
        client.get("/contacts/?q=pager+07", headers={"HX-Request": "true", "HX-Target": "contacts-found"})
    )
    assert "Pager 07" in part and "Pager 08" not in part and "<html" not in part
    assert "No contact fits" in text(client.get("/contacts/?q=nobody+at+all"))
    for hostile in (
        "?cursor=x",
        "?sort=;drop",
        "?company=1",
        "?q=%00'%22%3E",
        "?state=merged",
        "?q=" + "a+" * 200,
    ):
        assert client.get("/contacts/" + hostile).status_code == 200, hostile


def test_list_by_the_last_call_names_each_contact_once(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    add(client, "Earlier Erin", "+15125550221")
    add(client, "Later Lou", "+15125550222")
    Contact.objects.get(name="Later Lou")
    rang(house, "+15125550222")
    rang(house, "+15125550221")
    rang(house, "+15125550222")
    page = text(client.get("/contacts/?sort=-last"))
    assert page.index("Later Lou") < page.index("Earlier Erin")
    assert len(re.findall(r"data-open[^>]*>Later Lou", page)) == 1


def test_two_people_editing_lose_nothing(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    one = add(client, "Shared Person", "+15125550231")
    form = {"name": "Mine", "number": "+15125550231", "version": "1"}
    assert as_(people.agent).post(f"/contacts/{one.pk}/edit", {**form, "name": "Theirs"}).status_code == 302
    late = client.post(f"/contacts/{one.pk}/edit", form)
    assert late.status_code == 409
    assert 'value="Mine"' in text(late) and "Theirs" in text(late)
    assert Contact.objects.get(pk=one.pk).name == "Theirs"
    again = client.post(f"/contacts/{one.pk}/edit", {**form, "version": "2"})
    assert again.status_code == 302 and Contact.objects.get(pk=one.pk).name == "Mine"


def test_a_taken_number_offers_to_move_or_to_merge(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    first = add(client, "Number Holder", "+15125550241")
    answer = client.post("/contacts/new", {"name": "Number Taker", "number": "+15125550241"})
    assert answer.status_code == 409 and "Number Holder" in text(answer) and 'name="move"' in text(answer)
    assert (
        client.post(
            "/contacts/new", {"name": "Number Taker", "number": "+15125550241", "move": "1"}
        ).status_code
        == 302
    )
    assert ContactNumber.objects.get(number="+15125550241").contact.name == "Number Taker"
    assert not first.numbers.exists()


def test_merging_asks_shows_and_is_undone(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    into, other = add(client, "Merge Into", "+15125550251"), add(client, "Merge Other", "+15125550252")
    assert "Merge Other" in text(client.get(f"/contacts/{into.pk}/merge?q=merge"))
    assert "+15125550252" in text(client.get(f"/contacts/{into.pk}/merge?other={other.pk}"))
    assert client.post(f"/contacts/{into.pk}/merge", {"other": str(other.pk)}).status_code == 302
    assert into.numbers.count() == 2
    assert client.get(f"/contacts/{other.pk}/").headers["Location"] == f"/contacts/{into.pk}/"
    undo = re.search(
        r'action="(/contacts/changes/[-0-9a-f]+/undo)"', text(client.get(f"/contacts/{into.pk}/"))
    )
    assert undo and client.post(undo[1]).status_code == 302
    assert (into.numbers.count(), other.numbers.count()) == (1, 1)


def test_masked_people_read_no_number_anywhere(house: Home, people: People, as_: As) -> None:
    rang(house, "+15125550261")
    owner = as_(people.owner)
    one = add(owner, "Hidden Number", "+15125550261", note="ring +1 512 555 0261 or 5125550261")
    Organisation.objects.update(masked_roles=["agent", "supervisor"])
    for person in (people.agent, people.supervisor):
        client = as_(person)
        for place in (
            "/contacts/?q=hidden",
            f"/contacts/{one.pk}/",
            f"/contacts/{one.pk}/edit",
            "/contacts/complete?q=hidden",
            "/contacts/export?format=csv",
            "/contacts/export?format=vcf",
            "/missed/?state=all",
        ):
            answer = client.get(place)
            body = b"".join(answer) if answer.streaming else answer.content
            assert b"5550261" not in body and b"555 0261" not in body and b"555-0261" not in body, place
    assert "Hidden Number" not in text(as_(people.agent).get("/contacts/?q=5550261"))
    client = as_(people.agent)
    assert (
        client.post(f"/contacts/{one.pk}/edit", {"name": "Renamed", "version": "1", "number": ""}).status_code
        == 302
    )
    assert one.numbers.get().number == "+15125550261"


def test_who_may_only_read_changes_nothing(house: Home, people: People, as_: As) -> None:
    one = add(as_(people.owner), "Read Only", "+15125550271")
    client = as_(people.auditor)
    assert client.get(f"/contacts/{one.pk}/").status_code == 200
    for place in (
        "/contacts/new",
        f"/contacts/{one.pk}/edit",
        f"/contacts/{one.pk}/delete",
        "/contacts/import",
    ):
        assert client.post(place, {"name": "X"}).status_code == 403, place
    assert as_(people.agent).get("/contacts/export").status_code == 403


CSV = """Name;Company;Mobile phone;Business Phone;E-mail Address;Notes
Import One;Import Ltd;+1 512 555 0281;;one@example.com;"two
lines"
Import Two;Import Ltd;;(512) 555-0282;two@example.com;=1+1
Bad Number;;call me maybe 1;;;
Import Three;;+15125550281;;;
Known Person;;;+15125550283;new@example.com;
"""


def upload(client: Client, data: bytes, name: str = "people.csv") -> Import:
    answer = client.post("/contacts/import", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, text(answer)[:3000]
    return Import.objects.get(pk=answer.headers["Location"].split("/")[3])


def test_an_import_is_looked_through_confirmed_and_taken_back(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    known = add(client, "Known Person", "+15125550283")
    taken = upload(client, CSV.encode())
    page = text(client.get(f"/contacts/import/{taken.pk}/"))
    assert "Import One" in page and "call me maybe" in page and "also earlier in this file" in page
    assert re.search(r'class="num"[^>]*>5<', page), "the line of the row with a problem"
    assert not Contact.objects.filter(name="Import One").exists(), "nothing is written before it is confirmed"

    assert client.post(f"/contacts/import/{taken.pk}/apply").status_code == 302
    run_waiting()
    one = Contact.objects.get(name="Import One")
    assert (one.company.name, one.note, [str(n) for n in one.numbers.all()]) == (  # type: ignore[union-attr]
        "Import Ltd",
        "two\nlines",
        ["+15125550281"],
    )
    assert not Contact.objects.filter(name__in=("Bad Number", "Import Three")).exists()
    known.refresh_from_db()
    assert known.emails == ["new@example.com"]
    assert "Taken in" in text(client.get(f"/contacts/import/{taken.pk}/"))

    assert client.post(f"/contacts/import/{taken.pk}/undo").status_code == 302
    run_waiting()
    known.refresh_from_db()
    assert known.emails == [] and not Contact.objects.filter(name__startswith="Import").exists()
    actions = AuditEntry.objects.filter(subject=f"import:{taken.pk}").values_list("action", flat=True)
    assert list(actions) == ["contacts:imported", "contacts:import-undone"]


def test_columns_and_choices_can_be_changed_in_the_preview(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    add(client, "Chosen Person", "+15125550291")
    taken = upload(client, b"Wer,Nummer 1\nChosen Person,+15125550291\nOther Person,+15125550292\n")
    mapping = {"mapping": ["name", "number:work"], "known": "skip", "similar": "new"}
    assert client.post(f"/contacts/import/{taken.pk}/", mapping).status_code == 302
    page = text(client.get(f"/contacts/import/{taken.pk}/"))
    assert "Left out" in page and "Take in 1 contact" in page
    client.post(f"/contacts/import/{taken.pk}/apply")
    run_waiting()
    assert Contact.objects.get(name="Other Person").numbers.get().label == "work"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x00\x00\x00 not text \x00\x00", "no text file"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"BEGIN:VCARD\nFN:A\nEND:VCARD".replace(b"BEGIN", b"BEGINN"), None),
    ],
)
def test_files_that_are_none_are_answered_clearly(
    house: Home, people: People, as_: As, data: bytes, said: str | None
) -> None:
    answer = as_(people.owner).post("/contacts/import", {"file": SimpleUploadedFile("x.csv", data)})
    assert answer.status_code == (422 if said else 302)
    assert said is None or said in text(answer)


def test_exports_are_neutral_and_audited_and_come_back_whole(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    add(client, '=HYPERLINK("http://example.com")', "+15125550301", company="@evil", note="-1\nsecond")
    answer = client.get("/contacts/export?format=csv&q=hyperlink")
    body = b"".join(answer).decode("utf-8-sig")
    assert "'=HYPERLINK" in body and ",'@evil," in body and "'+15125550301" in body and "'-1" in body
    assert AuditEntry.objects.filter(action="contacts:exported").exists()
    Contact.objects.all().delete()
    taken = upload(client, body.encode())
    client.post(f"/contacts/import/{taken.pk}/apply")
    run_waiting()
    back = Contact.objects.get()
    assert (back.name, back.note) == ('=HYPERLINK("http://example.com")', "-1\nsecond")
    assert back.numbers.get().number == "+15125550301"


def test_names_from_callers_are_shown_as_text(house: Home, people: People, as_: As) -> None:
    client = as_(people.owner)
    one = add(client, "<script>alert(1)</script>", "+15125550311", note="<img src=x onerror=alert(1)>")
    page = text(client.get(f"/contacts/{one.pk}/"))
    assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;" in page


def test_the_ledgers_copy_is_brought_up_to_date(house: Home, people: People, as_: As) -> None:
    called = rang(house, "+15125550321")
    client = as_(people.owner)
    one = add(client, "Copied Name", "+15125550321")
    sync_pending()
    answer = client.get("/calls/", {"q": f"contact:{one.pk}"})
    assert answer.status_code == 200 and called in text(answer)
