"""How soon a browser shows the first content of each page: ``python -m tests.web.browser.first_content HOME``.

The home is one that nobody has open, with calls in it (``ringbook bench`` says how its own are made). An owner is added to it.
Each page is opened anew several times, with nothing in the browser's cache the first time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.runtime.conftest import start, stop
from tests.sign_in import PASSWORD
from tests.web.browser.chromium import CHROMIUM, FLAGS

EMAIL = "first-content@example.com"
PAGES = ("/calls/", "/overview/", "/missed/", "/contacts/", "/dashboards/traffic/", "/sources/")
ROUNDS = 10
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def main(home: Path) -> None:
    """Print a line for each page: the first time, then median and longest of the others, in ms."""
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "people", "add", EMAIL]
    subprocess.run([*command, "--role", "owner", "--password-stdin"], input=PASSWORD, text=True, check=False)
    process, base = start(home)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(base_url=base, viewport={"width": 1440, "height": 900})
            _sign_in(page)
            for path in (*PAGES, _call(page)):
                first, *others = (_first_content_ms(page, path) for _ in range(ROUNDS))
                print(f"{path:45.45} {first:6.0f} {statistics.median(others):6.0f} {max(others):6.0f}")
            browser.close()
    finally:
        stop(process)


def _sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.locator("[name=login]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/calls/")


def _call(page: Page) -> str:
    page.goto("/calls/")
    return str(page.locator("tbody [data-open]").first.evaluate("link => link.getAttribute('href')"))


def _first_content_ms(page: Page, path: str) -> float:
    page.goto(path, wait_until="load")
    handle = page.wait_for_function(_PAINTED)
    return float(handle.json_value())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
