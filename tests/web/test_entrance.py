"""Coming in: sign-in and its limits, links that work once, the set-up of a new home."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people import links, staff
from ringbook.desk.people.links import LinkError, Purpose
from ringbook.desk.people.models import EntryLink, Person
from ringbook.desk.people.roles import Role
from ringbook.desk.people.staff import COMMAND_LINE

from ..house import PASSWORD, People

HOSTILE = [
    "",
    "'; DROP TABLE people_person; --",
    "<script>alert(1)</script>",
    "a" * 20_000,
    "\x00",
    "ä̈@" + "x" * 300,
]
ACTOR = COMMAND_LINE.actor


@pytest.fixture(autouse=True)
def _no_tries_so_far() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(email: str, password: str, client: Client | None = None, **more: Any) -> Any:
    """The answer to somebody who signs in."""
    return (client or Client()).post("/sign-in/", {"login": email, "password": password} | more)


# -- signing in -------------------------------------------------------------------------------------------------------


def test_who_signs_in_is_led_where_they_wanted_to_go(people: People) -> None:
    client = Client()
    asked = client.get("/profile/")
    assert asked.headers["Location"] == "/sign-in/?next=%2Fprofile%2F"
    assert 'name="next" value="/profile/"' in client.get(asked.headers["Location"]).content.decode()
    answer = sign_in("OLGA@example.com ", PASSWORD, client, next="/profile/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/profile/")
    assert client.get("/profile/").status_code == 200
    assert list(AuditEntry.objects.values_list("action", "subject")) == [
        ("session:began", f"person:{people.owner.pk}")
    ]


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    ],
)
def test_nobody_is_led_elsewhere(people: People, there: str) -> None:
    assert sign_in("olga@example.com", PASSWORD, next=there).headers["Location"] == "/"


def test_without_the_token_of_the_form_nothing_is_taken(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in("olga@example.com", PASSWORD, client).status_code == 403
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_gets_a_form_back(people: People, typed: str) -> None:
    for email, password in ((typed, "x"), ("olga@example.com", typed)):
        answer = sign_in(email, password)
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.content.decode()


def test_a_wrong_password_and_a_wrong_address_are_told_alike(people: People) -> None:
    told = [sign_in(email, "wrong").content.decode() for email in ("olga@example.com", "nobody@example.com")]
    assert all("No account has this e-mail address and password." in text for text in told)
    assert list(AuditEntry.objects.values_list("action", "actor", "subject", "detail")) == [
        ("session:refused", "nobody", f"person:{people.owner.pk}", ""),
        ("session:refused", "nobody", "", ""),
    ]


def test_who_tries_too_often_waits_and_is_told_how_long(people: People) -> None:
    for _ in range(5):
        sign_in("olga@example.com", "wrong")
    told = sign_in("olga@example.com", PASSWORD).content.decode()
    assert "Too many wrong tries. You can try again in 5 minutes." in told
    assert sign_in("ada@example.com", PASSWORD).status_code == 302, "another account is not held up"
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert sign_in("olga@example.com", PASSWORD, elsewhere).status_code == 302, "nor is Olga, elsewhere"


def test_one_password_tried_with_many_names_is_stopped(people: People) -> None:
    for number in range(60):
        sign_in(f"guess{number}@example.com", "Summer2026!")
    assert "Too many wrong tries" in sign_in("olga@example.com", PASSWORD).content.decode()


def test_cookies_are_kept_from_scripts_and_other_sites(people: People, settings: Any) -> None:
    client = Client()
    sign_in("olga@example.com", PASSWORD, client)
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert not session["secure"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # as with a public_url of https
    client = Client()
    client.get("/sign-in/", secure=True)
    client.post("/sign-in/", {"login": "olga@example.com", "password": PASSWORD}, secure=True)
    assert client.cookies["sessionid"]["secure"]
    assert client.cookies["csrftoken"]["secure"]


def test_pages_hold_no_script_and_no_style_of_their_own(
    people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.owner)
    invited = staff.invite(COMMAND_LINE, people.other)
    paths = [
        *("/profile/", "/welcome/", "/profile/password/", "/settings/people/", "/settings/people/add/"),
        *("/settings/people/teams/", "/settings/audit/", f"/settings/people/{people.agent.pk}/"),
    ]
    answers = [client.get(path) for path in paths]
    answers += [Client().get(path) for path in ("/sign-in/", f"/enter/{invited}", "/sign-in/forgotten/")]
    for answer in answers:
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        page = answer.content.decode()
        scripts = re.findall(r"<script([^>]*)>", page)
        assert all("src=" in one or 'type="application/json"' in one for one in scripts), scripts
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
        assert "<style" not in page


# -- going out --------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(people: People) -> None:
    client = Client()
    sign_in("olga@example.com", PASSWORD, client)
    assert client.get("/sign-out/").status_code == 200
    assert client.get("/profile/").status_code == 200, "looking at the page signs nobody out"
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="session:ended").count() == 1


def test_a_session_that_nobody_uses_ends(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_in("olga@example.com", PASSWORD, client)
    now = datetime.now(UTC).timestamp()
    monkeypatch.setattr("ringbook.desk.people.sessions.time.time", lambda: now + 11 * 3600)
    assert client.get("/profile/").status_code == 200
    monkeypatch.setattr("ringbook.desk.people.sessions.time.time", lambda: now + 22 * 3600)
    assert client.get("/profile/").status_code == 200, "used after eleven hours, it counts from there"
    monkeypatch.setattr("ringbook.desk.people.sessions.time.time", lambda: now + 35 * 3600)
    assert client.get("/profile/").status_code == 302
    assert "too old" in AuditEntry.objects.get(action="session:ended").detail


def test_a_page_that_asks_by_itself_keeps_no_session_alive(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    sign_in("olga@example.com", PASSWORD, client)
    now = datetime.now(UTC).timestamp()
    monkeypatch.setattr("ringbook.desk.people.sessions.time.time", lambda: now + 11 * 3600)
    client.get("/profile/?since=1")
    monkeypatch.setattr("ringbook.desk.people.sessions.time.time", lambda: now + 13 * 3600)
    assert client.get("/profile/").status_code == 302


def test_somebody_switched_off_is_out_at_once_and_stays_out(people: People) -> None:
    client = Client()
    sign_in("bo@example.com", PASSWORD, client)
    staff.disable(COMMAND_LINE, people.agent)
    assert client.get("/profile/").status_code == 302
    answer = sign_in("bo@example.com", PASSWORD, client)
    assert answer.headers["Location"] == "/sign-in/off/"
    assert client.get("/profile/").status_code == 302


# -- links ------------------------------------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_is_in(people: People) -> None:
    person = staff.add(COMMAND_LINE, email="new@example.com")
    secret = staff.invite(COMMAND_LINE, person)
    client = Client()
    assert client.get(f"/enter/{secret}").status_code == 200
    weak = client.post(f"/enter/{secret}", {"name": "Nia", "password": "short"})
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    told = client.post(f"/enter/{secret}", {"name": "Nia Novak", "password": "a long enough one"})
    assert told.status_code == 302
    assert "Nia Novak" in client.get("/profile/").content.decode()
    assert sign_in("new@example.com", "a long enough one").status_code == 302


def test_a_link_works_once_in_time_and_only_for_its_purpose(people: People) -> None:
    used = staff.invite(COMMAND_LINE, people.agent)
    links.use(links.look(used, Purpose.INVITE), ACTOR)
    replaced = staff.invite(COMMAND_LINE, people.other)
    staff.invite(COMMAND_LINE, people.other)
    late = links.make(ACTOR, Purpose.INVITE, people.auditor)
    EntryLink.objects.filter(person=people.auditor).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    of_disabled = staff.invite(COMMAND_LINE, people.supervisor)
    staff.disable(COMMAND_LINE, people.supervisor)
    set_up = links.make(ACTOR, Purpose.SETUP)
    for secret in (used, replaced, late, of_disabled, set_up, "", "x" * 5_000, "%00", "ä"):
        assert Client().get(f"/enter/{secret}").status_code in (404, 410), secret
        assert Client().post(
            f"/enter/{secret}", {"name": "x", "password": "a long enough one"}
        ).status_code in (
            404,
            410,
        )


def test_two_who_use_a_link_at_once_do_not_both_get_in(people: People) -> None:
    secret = staff.invite(COMMAND_LINE, people.agent)
    first, second = (links.look(secret, Purpose.INVITE) for _ in range(2))
    links.use(first, ACTOR)
    with pytest.raises(LinkError):
        links.use(second, ACTOR)


def test_only_a_hash_of_a_link_is_kept(people: People) -> None:
    secret = staff.invite(COMMAND_LINE, people.agent)
    kept = EntryLink.objects.get()
    assert secret not in str(vars(kept))
    assert not any(secret in entry.detail for entry in AuditEntry.objects.all())


def test_a_link_to_enter_asks_before_it_is_used(people: People) -> None:
    secret = links.make(ACTOR, Purpose.ENTER, people.agent)
    client = Client()
    assert "Continue as Bo Dahl" in client.get(f"/enter/{secret}").content.decode()
    assert client.get("/profile/").status_code == 302
    assert client.post(f"/enter/{secret}").status_code == 302
    assert "Bo Dahl" in client.get("/profile/").content.decode()
    assert Client().post(f"/enter/{secret}").status_code == 410


def test_who_is_signed_in_as_somebody_else_becomes_who_the_link_is_for(
    people: People, as_: Callable[[Person], Client]
) -> None:
    client = as_(people.owner)
    client.post(f"/enter/{links.make(ACTOR, Purpose.ENTER, people.agent)}")
    assert "Bo Dahl" in client.get("/profile/").content.decode()
    assert client.get("/settings/people/").status_code == 403


def test_a_forgotten_password_gets_a_link_by_mail_and_strangers_learn_nothing(
    people: People, settings: Any
) -> None:
    assert "sends no mail" in Client().get("/sign-in/forgotten/").content.decode()
    settings.MAIL_IS_SET_UP = True
    told = {
        re.sub(
            r"[A-Za-z0-9]{64}", "", Client().post("/sign-in/forgotten/", {"email": email}).content.decode()
        )
        for email in ("bo@example.com", "nobody@example.com")
    }
    assert len(told) == 1
    [message] = mail.outbox
    assert message.to == ["bo@example.com"]
    [path] = re.findall(r"http://testserver(/enter/\S+)", str(message.body))
    assert Client().get(path).status_code == 200


# -- set-up -----------------------------------------------------------------------------------------------------------

ANSWERS = {
    "organisation": "Northwind <b>",
    "zone": "Europe/Berlin",
    "name": "Olga Orr",
    "email": "olga@example.com",
    "password": "a long enough one",
}


@pytest.mark.django_db
def test_a_new_home_is_set_up_by_its_link() -> None:
    client = Client()
    assert "Nobody can sign in yet" in client.get("/sign-in/").content.decode()
    secret = links.make(ACTOR, Purpose.SETUP)
    assert client.get(f"/set-up/{secret}").status_code == 200
    answer = client.post(f"/set-up/{secret}", ANSWERS)
    assert answer.headers["Location"] == reverse("welcome")
    assert "Connect the phone system" in client.get("/welcome/").content.decode()
    owner = Person.objects.get()
    assert (owner.role, owner.email, owner.check_password("a long enough one")) == (
        Role.OWNER,
        "olga@example.com",
        True,
    )
    house = Organisation.objects.get()
    assert (house.name, house.zone) == ("Northwind <b>", "Europe/Berlin")
    assert Client().post(f"/set-up/{secret}", ANSWERS | {"email": "eve@example.com"}).status_code == 410
    assert Person.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars/Olympus"),
        ("email", "no address"),
        ("password", "password123"),
        ("name", ""),
        ("organisation", "x" * 121),
    ],
)
def test_a_set_up_that_cannot_be_is_told_why_and_keeps_what_was_typed(field: str, value: str) -> None:
    secret = links.make(ACTOR, Purpose.SETUP)
    answer = Client().post(f"/set-up/{secret}", ANSWERS | {field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert field == "name" or 'value="Olga Orr"' in page
    assert not Person.objects.exists()
    assert Client().post(f"/set-up/{secret}", ANSWERS).status_code == 302, "the link is still good"


def test_a_home_with_people_is_not_set_up_again(people: People) -> None:
    secret = links.make(ACTOR, Purpose.SETUP)
    assert Client().post(f"/set-up/{secret}", ANSWERS | {"email": "eve@example.com"}).status_code == 410
    assert not Person.objects.filter(email="eve@example.com").exists()


@pytest.mark.django_db
def test_a_newer_set_up_link_ends_the_older() -> None:
    older = links.make(ACTOR, Purpose.SETUP)
    links.make(ACTOR, Purpose.SETUP)
    assert Client().get(f"/set-up/{older}").status_code == 410


def test_nobody_signs_up(people: People) -> None:
    for method in ("get", "post"):
        assert getattr(Client(), method)("/sign-up/", {"email": "eve@example.com"}).status_code == 403
    assert not Person.objects.filter(email="eve@example.com").exists()
