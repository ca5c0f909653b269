"""A real browser before a real ``ringbook serve``: the page as people of each role see it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from ... import desk_tables
from ...house import PASSWORD
from ...runtime.conftest import start, stop
from .chromium import CHROMIUM, FLAGS

ROLES = {"owner": "olga", "administrator": "ada", "supervisor": "sam", "auditor": "audrey", "agent": "bo"}

expect.set_options(timeout=30_000)  # a machine with other things to do is slow, not wrong


class Desk(NamedTuple):
    """A running desk: its home and address."""

    home: Path
    address: str


@pytest.fixture(scope="package")
def desk(tmp_path_factory: Any) -> Iterator[Desk]:
    """A running ``serve`` on a home with the calls and people of ``tests.house`` (made by ``prepare_home``)."""
    home = tmp_path_factory.mktemp("desk")
    desk_tables.bring(home)
    made = subprocess.run(
        [sys.executable, "-m", "tests.web.browser.prepare_home", str(home)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
    )
    assert made.returncode == 0, made.stderr[-3000:]
    process, address = start(home)
    yield Desk(home, address)
    stop(process)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    if not shutil.which(CHROMIUM):
        pytest.fail("these tests need Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def entered() -> dict[str, Any]:
    """The cookies of who of each role has signed in, by role: one sign-in is enough for many pages."""
    return {}


@pytest.fixture
def page_as(desk: Desk, browser: Browser, entered: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """A page on which somebody of a role is signed in: ``page_as("agent", dark=True, phone=True, path="/")``."""
    contexts = contextlib.ExitStack()

    def opened(role: str, *, dark: bool = False, phone: bool = False, path: str = "/") -> Page:
        context = browser.new_context(
            base_url=desk.address,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
            has_touch=phone,
            timezone_id="America/New_York",
            locale="en-GB",
        )
        contexts.callback(context.close)
        page = context.new_page()
        if role:
            context.add_cookies(entered.get(role) or entered.setdefault(role, _sign_in(page, desk, role)))
        page.goto(path)
        return page

    yield opened
    contexts.close()


def _sign_in(page: Page, desk: Desk, role: str) -> Any:
    """The cookies of somebody of a role who has just signed in."""
    page.request.get("/sign-in/")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    answer = page.request.post(
        "/sign-in/",
        form={
            "login": f"{ROLES[role]}@example.com",
            "password": PASSWORD,
            "csrfmiddlewaretoken": token,
        },
        headers={"Referer": desk.address},
        max_redirects=0,
    )
    assert answer.status == 302, answer.text()[:2000]
    return page.context.cookies()


def until(page: Page, condition: str) -> None:
    """Wait until something holds; the page's own rules forbid Playwright to ask from within."""
    ends = time.monotonic() + 60
    while not page.evaluate(condition):
        assert time.monotonic() < ends, condition
        page.wait_for_timeout(50)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Asserts that a page violates nothing of WCAG 2.2 A and AA that can be found by a program."""

    def check(page: Page) -> None:
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        page.wait_for_load_state()
        try:
            found = Axe().run(page, options=options)
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            page.wait_for_load_state()  # what was clicked had only begun to lead elsewhere
            found = Axe().run(page, options=options)
        assert not found.response["violations"], found.generate_report()

    return check
