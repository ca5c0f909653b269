"""People's requests in a real browser: preparing, a second person's word, the archive; and a pack of evidence."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from ringbook.desk.evidence_pack.verify import Archive, verified

SHOTS = os.environ.get("RINGBOOK_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture, when somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_request_is_prepared(page_as: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = page_as("owner", path="/privacy/requests/")
    expect(page.get_by_text("days overdue")).to_be_visible()
    axe(page)
    shot(page, "requests")
    page.get_by_role("link", name="New request").click()
    page.get_by_label("Who asks").fill("Imke Vos")
    axe(page)
    shot(page, "request-new")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("button", name="Add what is ticked")).to_be_visible()
    axe(page)
    shot(page, "request-found")
    page.get_by_role("button", name="Add what is ticked").click()
    expect(page.get_by_text("A legal hold forbids part of it")).to_be_visible()
    axe(page)
    shot(page, "request-preview")
    page.get_by_label("Why the person may ask that").select_option("consent")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("You asked for it, so somebody else has to decide.")).to_be_visible()
    shot(page, "request-submitted")


def test_a_second_person_releases_an_archive(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator", path="/privacy/requests/")
    page.get_by_role("row").filter(has_text="Access").get_by_role("link").click()
    reference = page.locator("dd.mono").first.inner_text()
    axe(page)
    shot(page, "request-decide-access")
    page.get_by_label(f"Type {reference} to confirm").fill(reference)
    page.get_by_role("button", name="Make the archive").click()
    expect(page.get_by_text("Done", exact=True).first).to_be_visible(timeout=60_000)
    page.reload()
    axe(page)
    shot(page, "request-archive")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").first.click()
    data = Path(loading.value.path()).read_bytes()
    assert verified(Archive(io.BytesIO(data))).faults == []
    if SHOTS:
        zipfile.ZipFile(io.BytesIO(data)).extractall(Path(SHOTS) / "archive")
        page.goto(f"file://{SHOTS}/archive/index.html")
        shot(page, "archive-index")


def test_the_pages_of_requests_in_the_dark_and_on_a_phone(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator", dark=True, phone=True, path="/privacy/requests/")
    axe(page)
    shot(page, "requests-phone-dark")
    page.get_by_role("row").filter(has_text="days overdue").get_by_role("link").click()
    expect(page.get_by_role("button", name="Erase for good")).to_be_visible()
    axe(page)
    shot(page, "request-decide-phone-dark")
    for path in (page.url, "/privacy/evidence/"):
        page.goto(path)
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    axe(page)
    shot(page, "evidence-phone-dark")


def test_a_pack_is_made_from_the_page_of_a_call(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", path="/calls/?q=number:%2B442079460831")
    page.locator("[data-open]").first.click()
    page.get_by_role("link", name="Evidence pack").click()
    page.get_by_label("What it is for").fill("A dispute")
    axe(page)
    shot(page, "evidence-dialog")
    page.get_by_role("button", name="Make the pack").click()
    expect(page.get_by_role("heading", name="Your packs")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=60_000)
    axe(page)
    shot(page, "evidence")
