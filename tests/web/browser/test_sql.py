"""The SQL door in the browser: an example, a question by keyboard, an error, on a phone in the dark."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]


def test_a_statement_is_run_by_keyboard_and_an_error_says_what_to_do(
    page_as: PageAs, axe: Callable[[Page], None]
) -> None:
    page = page_as("auditor", path="/sql/")
    field = page.get_by_label("Statement")
    field.fill("SELECT direction, count() AS calls FROM calls GROUP BY direction ORDER BY calls DESC")
    field.press("Control+Enter")
    expect(page.get_by_role("columnheader", name="direction")).to_be_visible()
    expect(page.get_by_role("cell", name="inbound")).to_be_visible()
    page.locator("summary", has_text="calls").first.click()
    expect(page.get_by_text("agent_talk_s")).to_be_visible()
    axe(page)
    field.fill("DELETE FROM calls")
    field.press("Control+Enter")
    expect(page.get_by_text("Only SELECT is taken here")).to_be_visible()
    page.get_by_role("button", name="Who called most").click()
    expect(page.get_by_role("columnheader", name="from_number")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").click()
    assert told.value.path().read_text().startswith("from_number,name,calls")


def test_a_phone_in_the_dark_has_it_all(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("owner", dark=True, phone=True, path="/sql/")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("columnheader", name="queue")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
