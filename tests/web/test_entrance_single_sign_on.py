"""Signing in with a service that speaks OpenID Connect: a small one of our own, on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client

from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.people import staff
from ringbook.desk.people.models import Person
from ringbook.desk.people.staff import COMMAND_LINE

from ..house import PASSWORD, People


class Service(ThreadingHTTPServer):
    """The service; ``person`` is what it says of whoever signs in."""

    person: dict[str, Any]
    seen: dict[str, list[str]]

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        here = self.server.address
        if self.path.endswith("openid-configuration"):
            places = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
            self._say({"issuer": here} | {name: f"{here}/{name}" for name in places})
        else:
            self._say(self.server.person)

    def do_POST(self) -> None:
        self.server.seen = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = {"iss": self.server.address, "aud": "ringbook", "iat": now, "exp": now + 60}
        token = jwt.encode(claims | self.server.person, "secret" * 8, algorithm="HS256")
        self._say({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _say(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    """The service, and Ringbook told of it as ``office``."""
    server = Service(("127.0.0.1", 0), _Answers)
    server.person = {"sub": "u1", "email": "bo@example.com", "email_verified": True, "name": "Bo from Office"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "office",
        "name": "Office",
        "client_id": "ringbook",
        "secret": "s3cret",
        "settings": {"server_url": server.address},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    settings.SINGLE_SIGN_ON_ROLES = {"office": ""}
    yield server
    server.shutdown()
    server.server_close()


def through(client: Client, there: str = "/profile/") -> Any:
    """The answer to somebody who comes back from the service."""
    away = client.get(f"/sign-in/with/office/?next={there}")
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/sign-in/with/office/back/"]
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/sign-in/with/office/back/", {"code": "c", "state": asked["state"][0]})


def test_somebody_who_exists_gets_in_and_keeps_role_and_password(people: People, service: Service) -> None:
    client = Client()
    assert "Sign in with Office" in client.get("/sign-in/").content.decode()
    assert through(client).headers["Location"] == "/profile/"
    assert "Bo Dahl" in client.get("/profile/").content.decode()
    now = Person.objects.get(pk=people.agent.pk)
    assert (now.role, now.name, now.check_password(PASSWORD)) == ("agent", "Bo Dahl", True)
    assert service.seen["client_secret"] == ["s3cret"] if "client_secret" in service.seen else True
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions == ["person:single-sign-on-connected", "session:began"]
    again = Client()
    service.person["email"] = "bo.dahl@example.com"  # the service knows them by ``sub`` from now on
    through(again)
    assert "Bo Dahl" in again.get("/profile/").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"email": "eve@example.com"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
    ],
)
def test_strangers_and_unverified_addresses_do_not_get_in(
    people: People, service: Service, said: dict[str, Any]
) -> None:
    service.person |= said
    client = Client()
    answer = through(client)
    assert "People are invited" in answer.content.decode()
    assert client.get("/profile/").status_code == 302
    assert Person.objects.count() == 6


def test_a_section_that_names_a_role_lets_newcomers_in_with_it(
    people: People, service: Service, settings: Any
) -> None:
    settings.SINGLE_SIGN_ON_ROLES = {"office": "agent"}
    service.person |= {"email": "Nia@Example.com", "name": "Nia Novak"}
    client = Client()
    assert through(client).headers["Location"] == "/profile/"
    person = Person.objects.get(email="nia@example.com")
    assert (person.name, person.role, person.handle, person.has_usable_password()) == (
        "Nia Novak",
        "agent",
        "nia",
        False,
    )
    service.person |= {"sub": "u2", "email": "mallory@example.com", "email_verified": False}
    through(Client())
    assert not Person.objects.filter(email="mallory@example.com").exists()


def test_somebody_switched_off_stays_out(people: People, service: Service) -> None:
    through(Client())
    staff.disable(COMMAND_LINE, people.agent)
    client = Client()
    assert through(client).headers["Location"] == "/sign-in/off/"
    assert client.get("/profile/").status_code == 302


def test_an_answer_that_nobody_asked_for_is_refused(people: People, service: Service) -> None:
    client = Client()
    answer = client.get("/sign-in/with/office/back/", {"code": "c", "state": "forged"})
    assert answer.status_code == 401
    assert "did not work" in answer.content.decode()
    assert client.get("/sign-in/with/nowhere/").status_code == 404
    assert client.get("/profile/").status_code == 302
