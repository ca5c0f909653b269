"""The pictures of the pages in ``docs/screenshots``, light and dark, wide and on a phone: ``python -m tests.docs.screenshots``.

The demonstration is started as a user would start it, and its pages are opened as the owner in Debian's chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.runtime.conftest import start, stop
from tests.search.calls import at, identity
from tests.sign_in import PASSWORD
from tests.web.browser.chromium import CHROMIUM, FLAGS

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
HOME = Path("/var/lib/ringbook-pictures")
ZONE = "America/Chicago"
START_S, SETTLE_S = 180, 40
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
SCREEN: ViewportSize = {"width": 1920, "height": 1080}
"""A television, which the wallboard is also shown on."""

EXAMPLE = "/calls/?q=has%3Anote+queue%3Asales+outcome%3Aanswered"

PAGES = {
    "calls": "/calls/",
    "missed": "/missed/",
    "contacts": "/contacts/",
    "companies": "/companies/",
    "tasks": "/tasks/",
    "overview": "/overview/",
    "dashboard-traffic": "/dashboards/traffic/",
    "dashboard-queues": "/dashboards/queues/",
    "dashboard-lines": "/dashboards/lines/",
    "dashboard-people": "/dashboards/people/",
    "dashboard-resolution": "/dashboards/resolution/",
    "dashboard-missed": "/dashboards/missed/",
    "dashboard-staffing": "/dashboards/staffing/",
    "wallboard": "/wallboard/",
    "sources": "/sources/",
    "sources-add": "/sources/add/",
    "source": "/sources/northwind/",
    "sources-own": "/sources/add/own/",
    "sources-upload": "/sources/upload/",
    "log-call": "/log-call/",
    "exports": "/exports/",
    "settings-organisation": "/settings/organisation/",
    "settings-numbers": "/settings/numbers/",
    "settings-queues": "/settings/queues/",
    "settings-hours": "/settings/hours/",
    "settings-outcomes": "/settings/outcomes/",
    "settings-tags": "/settings/tags/",
    "settings-fields": "/settings/fields/",
    "settings-people": "/settings/people/",
    "settings-tokens": "/settings/tokens/",
    "settings-surveys": "/settings/surveys/",
    "settings-audit": "/settings/audit/",
    "profile": "/profile/",
    "style": "/style/",
    "sql": "/sql/",
}
"""Each picture's page; those of one call and one contact are found by following links."""

KEEPING = {
    "recordings": "/recordings/",
    "recordings-room": "/recordings/room",
    "clips": "/clips/",
    "completeness": "/completeness/",
    "settings-recording": "/settings/recording/",
    "settings-recording-never": "/settings/recording/never/",
    "settings-recording-countries": "/settings/recording/countries/",
    "retention": "/retention/",
    "retention-holds": "/retention/holds/",
    "requests": "/privacy/requests/",
    "evidence": "/privacy/evidence/",
    "reports": "/reports/",
    "report-new": "/reports/new/",
    "alerts": "/reports/alerts/",
}
"""Pages about keeping and sending, of the home that the browser tests are run on: the demonstration records nothing."""

RECORDED = f"/calls/{identity(at('2026-11-18T16:05'), 0x4713)}/"
"""A call of that home with a recording."""


@contextmanager
def demonstration(home: Path) -> Iterator[str]:
    """The link that signs the owner in to a running demonstration, once its desk has been worked at."""
    command = [
        sys.executable,
        "-m",
        "ringbook",
        "--home",
        str(home),
        "demo",
        "--days",
        "60",
        "--port",
        "0",
        "--every",
        "600",
    ]
    log = home.with_suffix(".log")
    with log.open("w") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, text=True)
    try:
        yield _link(process, log)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _link(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"as the owner: (http://\S+)", log.read_text())
        if found:
            time.sleep(SETTLE_S)
            return found[1]
        time.sleep(0.5)
    sys.exit(f"the demonstration did not start: {log.read_text()[-2000:]}")


@contextmanager
def furnished(home: Path) -> Iterator[str]:
    """The address of a ``serve`` on the home of the browser tests."""
    subprocess.run([sys.executable, "-m", "tests.web.browser.prepare_home", str(home)], check=True)
    process, address = start(home)
    try:
        yield address
    finally:
        stop(process)


def take_keeping(browser: Browser, base: str) -> None:
    """Pictures of what is kept, heard, silenced and forgotten, and of what a customer is asked."""
    survey = ""
    for theme in ("light", "dark"):
        for size, viewport in SIZES.items():
            context = browser.new_context(
                base_url=base,
                color_scheme=theme,
                viewport=viewport,
                timezone_id="America/New_York",
                locale="en-GB",
            )
            page = context.new_page()
            page.goto("/sign-in/")
            page.locator("[name=login]").fill("olga@example.com")
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("main button[type=submit]").first.click()
            page.wait_for_url("**/calls/")
            suffix = f"{size}-{theme}"
            for name, path in KEEPING.items():
                page.goto(path)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / f"{name}-{suffix}.png")
            page.goto(RECORDED)
            page.locator("[data-player] path.played").first.wait_for(state="attached")
            page.locator("[data-player]").first.evaluate("player => player.scrollIntoView({block: 'center'})")
            page.screenshot(path=FOLDER / f"player-{suffix}.png")
            silence = page.locator("a[href$='/silence']").first.evaluate("link => link.href")
            page.goto(silence)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"silence-{suffix}.png")
            survey = survey or _survey(page)
            page.goto(survey)
            page.screenshot(path=FOLDER / f"survey-{suffix}.png")
            context.close()


def _survey(page: Page) -> str:
    """The address of a survey about the call, once surveys are switched on."""
    page.goto("/settings/surveys/")
    page.get_by_label("Customers may be asked by a link").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Survey saved.").wait_for()
    page.goto(RECORDED)
    part = page.locator("#call-survey")
    part.get_by_role("button", name="Ask how it was").click()
    return part.get_by_label("Link for the customer").input_value()


def take(browser: Browser, link: str) -> None:
    """All pictures of the demonstration."""
    state = None
    for theme in ("light", "dark"):
        for size, viewport in SIZES.items():
            context = browser.new_context(
                color_scheme=theme, viewport=viewport, timezone_id=ZONE, locale="en-GB", storage_state=state
            )
            page = context.new_page()
            if state is None:
                page.goto(link)
                page.locator("main button[type=submit], button[type=submit]").first.click()
                page.wait_for_url("**/calls/")
                state = context.storage_state()
            base = re.match(r"http://[^/]+", link)
            _pictures(page, base[0] if base else "", f"{size}-{theme}")
            context.close()


def _pictures(page: Page, base: str, suffix: str) -> None:
    paths = {**PAGES, "call": _first(page, base + EXAMPLE), "contact": _first(page, f"{base}/contacts/")}
    for name, path in paths.items():
        page.goto(path if "://" in path else base + path)
        page.wait_for_load_state("networkidle")
        page.locator("[data-chart]:not([data-drawn])").first.wait_for(state="detached")
        page.wait_for_timeout(300)
        page.screenshot(path=FOLDER / f"{name}-{suffix}.png")
        if name == "wallboard" and suffix.startswith("wide"):
            page.set_viewport_size(SCREEN)
            page.screenshot(path=FOLDER / f"{name}-{suffix.replace('wide', 'tv')}.png")
            page.set_viewport_size(SIZES["wide"])


def _first(page: Page, address: str) -> str:
    """Where the first row of a list leads."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return str(page.locator("[data-open]").first.evaluate("link => link.href"))


def main() -> None:
    """Make the pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    HOME.mkdir(parents=True)  # pages show it; one that is there already is not ours
    try:
        with demonstration(HOME / "demo") as link, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            take(browser, link)
            browser.close()
        with furnished(HOME / "keeping") as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            take_keeping(browser, base)
            browser.close()
    finally:
        shutil.rmtree(HOME)


if __name__ == "__main__":
    main()
