"""The first day of an owner: set-up from the link in the terminal, an invitation, second factor, passkey."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from ...runtime.conftest import start, stop
from .conftest import Desk

PASSWORD = "a long enough phrase"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: Any) -> Iterator[Desk]:
    """A running ``serve`` on a home that nobody has set up."""
    home = tmp_path_factory.mktemp("empty")
    process, address = start(home)
    yield Desk(home, address.replace("127.0.0.1", "localhost"))
    stop(process)


@pytest.fixture
def page(browser: Browser, empty: Desk) -> Iterator[Page]:
    """A browser that has never been here, in Berlin."""
    context = browser.new_context(base_url=empty.address, timezone_id="Europe/Berlin", locale="en-GB")
    opened = context.new_page()
    opened.failures = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.failures.append(str(error)))  # type: ignore[attr-defined]
    yield opened
    assert opened.failures == []  # type: ignore[attr-defined]
    context.close()


def _set_up_link(home: Path) -> str:
    """What ``serve`` wrote into its terminal."""
    for _ in range(100):
        found = re.search(r"http://localhost:\d+/set-up/\S+", (home / "serve.log").read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError((home / "serve.log").read_text())


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _sign_out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _sign_in(page: Page) -> None:
    page.goto("/sign-in/?next=/profile/")
    page.get_by_label("E-mail address").fill("olga@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_first_day_of_an_owner(page: Page, empty: Desk, axe: Callable[[Page], None]) -> None:
    page.goto("/sign-in/")
    expect(page.get_by_text("Nobody can sign in yet")).to_be_visible()
    axe(page)
    _set_up(page, _set_up_link(empty.home), axe)
    invited = _invite(page, axe)
    secret = _turn_on_second_factor(page, axe)
    _sign_out(page)
    _sign_in(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    axe(page)
    page.get_by_label("Code").fill(_code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/profile/$"))
    _add_passkey(page, secret, axe)
    _sign_out(page)
    page.goto("/sign-in/?next=/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Olga Orr")).to_be_visible()
    _sign_out(page)
    page.goto(invited)
    axe(page)
    page.get_by_label("Password").fill("another long phrase")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Nia Novak")).to_be_visible()


def _set_up(page: Page, link: str, axe: Callable[[Page], None]) -> None:
    page.goto(link)
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    axe(page)
    page.get_by_label("Organisation").fill("Northwind")
    page.get_by_label("Your name").fill("Olga Orr")
    page.get_by_label("E-mail address").fill("olga@example.com")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_text("too short").first).to_be_visible()
    expect(page.get_by_label("Organisation")).to_have_value("Northwind")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("heading", name="Welcome, Olga Orr")).to_be_visible()
    axe(page)


def _invite(page: Page, axe: Callable[[Page], None]) -> str:
    page.goto("/settings/people/")
    axe(page)
    page.get_by_role("link", name="Add somebody").click()
    axe(page)
    page.get_by_label("E-mail address").fill("nia@example.com")
    page.get_by_label("Name").fill("Nia Novak")
    page.get_by_role("button", name="Add and make the link").click()
    expect(page.get_by_role("heading", name="A link for Nia Novak")).to_be_visible()
    axe(page)
    found = re.search(r"http://localhost:\d+/enter/[\w-]+", page.inner_text("main"))
    assert found
    return found[0]


def _turn_on_second_factor(page: Page, axe: Callable[[Page], None]) -> str:
    page.goto("/profile/")
    axe(page)
    page.get_by_role("link", name="Set up").click()
    axe(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("img", name="Picture of the key")).to_be_visible()
    axe(page)
    page.get_by_text("Cannot scan it?").click()
    found = re.search(r"\b[A-Z2-7]{32}\b", page.inner_text("main"))
    assert found
    page.get_by_label("Code from the app").fill(_code(found[0]))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert len(re.findall(r"\b\d{8}\b", page.inner_text("main"))) == 10
    axe(page)
    return found[0]


def _add_passkey(page: Page, secret: str, axe: Callable[[Page], None]) -> None:
    """With a device of the browser's own that says yes to everything."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    answers = {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": device | answers})
    page.get_by_role("link", name="Add a passkey").click()
    if page.get_by_role("heading", name="Confirm that it is you").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    axe(page)
    page.get_by_label("What to call it").fill("Work laptop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    axe(page)


def test_the_pages_of_people_and_audit_suit_phone_and_dark(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", dark=True, phone=True, path="/settings/people/")
    for path in ("/settings/people/", "/settings/people/teams/", "/settings/audit/", "/profile/"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_audit_log_is_filtered_and_verified_in_place(page_as: Callable[..., Page]) -> None:
    page = page_as("administrator", path="/settings/audit/")
    page.get_by_label("What", exact=True).select_option(label="Sign-ins")
    page.wait_for_url(re.compile("action=session"))
    expect(page.get_by_role("cell", name="signed in").first).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The log is whole")).to_be_visible()


def test_somebody_switched_off_is_brought_back_by_undo(page_as: Callable[..., Page]) -> None:
    page = page_as("owner", path="/settings/people/?q=Falk")
    page.get_by_role("link", name="Cy Falk").click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Cy Falk is switched off.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Switch off")).to_be_visible()
