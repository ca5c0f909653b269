"""One's own profile: what is saved, the second factor, passkeys, sessions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people import staff
from ringbook.desk.people.models import Person
from ringbook.desk.people.staff import COMMAND_LINE

from ..house import PASSWORD, People

As = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _no_tries_so_far() -> None:
    cache.clear()


@pytest.fixture
def bo(people: People) -> Client:
    """A browser in which Bo has signed in with his password."""
    return signed_in("bo@example.com")


def signed_in(email: str, browser: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0") -> Client:
    """A browser in which somebody has signed in with the password."""
    client = Client(HTTP_USER_AGENT=browser)
    assert client.post("/sign-in/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def code(secret: str) -> str:
    """What the app shows now."""
    _before, now, _after = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(secret, now)))


def enrolled(client: Client) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that was just set up."""
    where = "/profile/second-factor/on/"
    assert "/sign-in/confirm/" in client.get(where).headers["Location"], "the password is asked for again"
    client.post("/sign-in/confirm/", {"password": PASSWORD, "next": where})
    page = client.get(where).content.decode()
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert secret
    assert client.post(where, {"code": "000000"}).status_code == 200
    answer = client.post(where, {"code": code(secret[0])}, follow=True)
    return secret[0], re.findall(r"\b\d{8}\b", answer.content.decode())


def test_what_people_decide_for_themselves_is_saved(bo: Client, people: People) -> None:
    asked = {"version": 1, "name": "Bo D.", "zone": "Asia/Tokyo", "language": "de", "theme": "dark"}
    assert bo.post("/profile/", asked).status_code == 302
    now = Person.objects.get(pk=people.agent.pk)
    assert (now.name, now.zone, now.language, now.theme, now.version) == (
        "Bo D.",
        "Asia/Tokyo",
        "de",
        "dark",
        2,
    )
    assert bo.get("/profile/").headers["Content-Language"] == "de"


@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Olympus"}, {"name": ""}, {"name": "x" * 200}, {"theme": "pink"}]
)
def test_what_cannot_be_is_not_saved(bo: Client, people: People, wrong: dict[str, str]) -> None:
    asked = {"version": 1, "name": "Bo", "zone": "", "language": "", "theme": ""} | wrong
    assert bo.post("/profile/", asked).status_code == 422
    assert Person.objects.get(pk=people.agent.pk).name == "Bo Dahl"


def test_nobody_gives_themselves_a_role(bo: Client, people: People) -> None:
    asked = {"version": 1, "name": "Bo", "zone": "", "language": "", "theme": ""}
    more = {
        "role": "owner",
        "is_active": "1",
        "is_superuser": "1",
        "email": "olga@example.com",
        "tenant": "x",
    }
    assert bo.post("/profile/", asked | more).status_code == 302
    now = Person.objects.get(pk=people.agent.pk)
    assert (now.role, now.is_superuser, now.email, now.tenant) == ("agent", False, "bo@example.com", "main")


def test_an_administrator_and_oneself_at_once_lose_nothing(bo: Client, people: People) -> None:
    staff.change(COMMAND_LINE, people.agent, 1, name="Bo the Great", role=staff.Role.AGENT)
    asked = {"version": 1, "name": "Bo D.", "zone": "", "language": "", "theme": ""}
    answer = bo.post("/profile/", asked)
    assert answer.status_code == 422
    assert "now “Bo the Great”" in answer.content.decode()
    assert bo.post("/profile/", asked | {"version": 2}).status_code == 302


def test_the_theme_is_kept(bo: Client, people: People) -> None:
    assert bo.post("/profile/theme/", {"theme": "dark"}).status_code == 204
    assert Person.objects.get(pk=people.agent.pk).theme == "dark"
    assert bo.post("/profile/theme/", {"theme": "<b>"}).status_code == 400


def test_a_changed_password_signs_out_everywhere_else(bo: Client) -> None:
    elsewhere = signed_in("bo@example.com")
    asked = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    assert bo.post("/profile/password/", asked | {"oldpassword": "wrong"}).status_code == 200
    assert elsewhere.get("/profile/").status_code == 200
    assert bo.post("/profile/password/", asked).status_code == 302
    assert bo.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="person:password-changed").count() == 1


def test_sessions_are_listed_and_ended(bo: Client, people: People) -> None:
    elsewhere = signed_in("bo@example.com", "Mozilla/5.0 (iPhone) Version/18 Safari/605")
    stranger = signed_in("cy@example.com")
    page = bo.get("/profile/").content.decode()
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    other = UserSession.objects.get(session_key=elsewhere.session.session_key)
    strangers = UserSession.objects.get(session_key=stranger.session.session_key)
    bo.post(f"/profile/sessions/{strangers.pk}/end/")
    assert stranger.get("/profile/").status_code == 200, "not one's own"
    bo.post(f"/profile/sessions/{other.pk}/end/")
    assert elsewhere.get("/profile/").status_code == 302
    third = signed_in("bo@example.com")
    bo.post("/profile/sessions/others/end/")
    assert third.get("/profile/").status_code == 302
    assert bo.get("/profile/").status_code == 200


def test_a_second_factor_is_asked_for_from_then_on(
    bo: Client, people: People, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = enrolled(bo)
    assert len(codes) == 10
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept, "secrets are kept encrypted"
    assert "10 codes left" in bo.get("/profile/").content.decode()
    client = Client()
    answer = client.post("/sign-in/", {"login": "bo@example.com", "password": PASSWORD, "next": "/profile/"})
    assert answer.headers["Location"].startswith("/sign-in/second-factor/")
    assert client.get("/profile/").status_code == 302, "the password alone is not enough"
    assert client.post("/sign-in/second-factor/", {"code": "000000"}).status_code == 200
    assert client.get("/profile/").status_code == 302
    assert client.post("/sign-in/second-factor/", {"code": codes[0]}).headers["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    again = Client()
    again.post("/sign-in/", {"login": "bo@example.com", "password": PASSWORD})
    again.post("/sign-in/second-factor/", {"code": codes[0]})
    assert again.get("/profile/").status_code == 302, "a recovery code works once"
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("person:second-factor-added") == 2
    assert actions.count("session:refused") == 2


def test_codes_are_shown_once(bo: Client) -> None:
    _secret, codes = enrolled(bo)
    later = bo.get("/profile/recovery-codes/").content.decode()
    assert not any(one in later for one in codes)


def test_wrong_codes_are_limited(bo: Client) -> None:
    secret, _codes = enrolled(bo)
    client = Client()
    client.post("/sign-in/", {"login": "bo@example.com", "password": PASSWORD})
    for _ in range(6):
        client.post("/sign-in/second-factor/", {"code": "000000"})
    answer = client.post("/sign-in/second-factor/", {"code": code(secret)})
    assert "Too many wrong tries" in answer.content.decode()
    assert client.get("/profile/").status_code == 302


def test_an_invitation_does_not_pass_by_the_second_factor(bo: Client, people: People) -> None:
    enrolled(bo)
    client = Client()
    secret = staff.invite(COMMAND_LINE, people.agent)
    answer = client.post(f"/enter/{secret}", {"name": "Bo", "password": "another long phrase"})
    assert answer.headers["Location"].startswith("/sign-in/second-factor/")
    assert client.get("/profile/").status_code == 302
    staff.forget_second_factor(COMMAND_LINE, people.agent)
    after = Client()
    after.post("/sign-in/", {"login": "bo@example.com", "password": "another long phrase"})
    assert after.get("/profile/").status_code == 200


@pytest.mark.parametrize("sent", ["", "{}", "[" * 9_000, "null", "[1]", '{"id":"x"}', "<b>", "9" * 10_000])
def test_a_passkey_that_is_none_lets_nobody_in(people: People, sent: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"Accept": "application/json"})
    assert client.post("/sign-in/passkey/", {"credential": sent}).status_code == 302
    assert client.get("/profile/").status_code == 302


def test_the_challenge_for_a_passkey_names_this_site(people: People) -> None:
    answer = Client().get(
        "/sign-in/passkey/", headers={"Accept": "application/json", "Host": "localhost:8420"}
    )
    options: Any = answer.json()["request_options"]["publicKey"]
    assert options["rpId"] == "localhost"
    assert options["userVerification"] == "required"


# -- e-mail address ---------------------------------------------------------------------------------------------------

ADDRESS = "/profile/e-mail/"


def confirmed(client: Client) -> Client:
    """The same browser, after the password was asked for again."""
    assert "/sign-in/confirm/" in client.get(ADDRESS).headers["Location"]
    client.post("/sign-in/confirm/", {"password": PASSWORD, "next": ADDRESS})
    return client


def test_without_mail_an_address_is_changed_by_password(bo: Client, people: People) -> None:
    assert "/sign-in/confirm/" in bo.post(ADDRESS, {"email": "Bo@New.example"}).headers["Location"]
    assert Person.objects.get(pk=people.agent.pk).email == "bo@example.com"
    answer = bo.post("/sign-in/confirm/", {"password": PASSWORD, "next": ADDRESS})
    assert answer.headers["Location"] == "/profile/", "what was sent is not lost"
    assert Person.objects.get(pk=people.agent.pk).email == "bo@new.example"
    entry = AuditEntry.objects.get(action="person:email-changed")
    assert entry.subject == f"person:{people.agent.pk}"
    assert json.loads(entry.detail) == {"via": "password"}
    assert Client().post("/sign-in/", {"login": "bo@example.com", "password": PASSWORD}).status_code == 200
    assert Client().post("/sign-in/", {"login": "bo@new.example", "password": PASSWORD}).status_code == 302


def test_with_mail_an_address_is_confirmed_where_it_is_and_the_old_one_told(
    bo: Client, people: People, settings: Any
) -> None:
    settings.MAIL_IS_SET_UP = True
    page = confirmed(bo).post(ADDRESS, {"email": "bo@new.example"}).content.decode()
    assert "bo@new.example" in page
    assert Person.objects.get(pk=people.agent.pk).email == "bo@example.com"
    [message] = mail.outbox
    assert message.to == ["bo@new.example"]
    [path] = re.findall(r"http://testserver(/profile/e-mail/confirm/\S+)", str(message.body))
    assert Client().get(path).status_code == 200
    assert Person.objects.get(pk=people.agent.pk).email == "bo@example.com", "looking changes nothing"
    assert Client().get(path[:-3] + "xyz").status_code == 410
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert Client().post(path).headers["Location"] == "/sign-in/"
    assert Person.objects.get(pk=people.agent.pk).email == "bo@new.example"
    assert mail.outbox[-1].to == ["bo@example.com"]
    assert "bo@example.com is no longer" in str(mail.outbox[-1].body)
    assert Client().post(path).status_code == 410, "it works once"


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.com", "bo@example.com", "no address", ""])
def test_an_address_that_cannot_be_is_refused_at_its_field(bo: Client, people: People, email: str) -> None:
    answer = confirmed(bo).post(ADDRESS, {"email": email})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Person.objects.get(pk=people.agent.pk).email == "bo@example.com"


def test_an_address_that_somebody_took_meanwhile_is_refused(
    bo: Client, people: People, settings: Any
) -> None:
    settings.MAIL_IS_SET_UP = True
    confirmed(bo).post(ADDRESS, {"email": "bo@new.example"})
    [path] = re.findall(r"http://testserver(/profile/e-mail/confirm/\S+)", str(mail.outbox[0].body))
    Person.objects.filter(pk=people.other.pk).update(email="bo@new.example")
    answer = Client().post(path)
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_links_are_not_sent_again_and_again(bo: Client, people: People, settings: Any) -> None:
    settings.MAIL_IS_SET_UP = True
    confirmed(bo)
    for number in range(20):
        bo.post(ADDRESS, {"email": f"victim{number}@new.example"})
    assert len(mail.outbox) < 12
