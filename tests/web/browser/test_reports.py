"""A report is made and looked at in a browser, and an alert; both read well in the dark and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

SHOTS = os.environ.get("RINGBOOK_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture, when somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_report_is_made_and_shown_as_it_will_arrive(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", path="/reports/new/?start=week")
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    expect(page.locator("select[name=figure]")).to_have_count(5)
    page.get_by_label("Name").fill("Monday's week")
    page.get_by_role("button", name="Add a figure").click()
    expect(page.locator("select[name=figure]")).to_have_count(6)
    page.locator("#figure-5").select_option("service-level")
    expect(page.get_by_label("Seconds: the wait within which a call should be answered")).to_be_visible()
    page.get_by_role("button", name="Move figure 6 up").click()
    expect(page.locator("#figure-4")).to_have_value("service-level")
    expect(page.get_by_label("Name")).to_have_value("Monday's week")
    axe(page)
    shot(page, "report-form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Monday's week", level=1)).to_be_visible()
    message = page.frame_locator("iframe")
    expect(message.get_by_role("heading", name="Service level")).to_be_visible(timeout=60_000)
    expect(message.locator("img").first).to_be_visible()
    axe(page)
    shot(page, "report")
    assert wrong == []
    phone = page_as("owner", dark=True, phone=True, path=page.url)
    expect(phone.frame_locator("iframe").get_by_role("heading", name="Service level")).to_be_visible(
        timeout=60_000
    )
    axe(phone)
    shot(phone, "report-phone-dark")
    wide = phone.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide


def test_an_alert_is_made(page_as: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = page_as("owner", path="/reports/alerts/new/")
    page.get_by_role("link", name="Out of the ordinary").click()
    axe(page)
    page.get_by_label("Name").fill("Strange mornings")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Strange mornings")).to_be_visible()
    axe(page)
    shot(page, "alert")
    phone = page_as("owner", dark=True, phone=True, path="/reports/alerts/")
    expect(phone.get_by_role("link", name="Strange mornings")).to_be_visible()
    axe(phone)
    wide = phone.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
