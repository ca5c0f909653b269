"""Completeness and the pages of the recording policy, as a supervisor and an owner see and use them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_from_the_rate_to_the_call_that_was_not_recorded(page_as: Open, axe: Callable[[Page], None]) -> None:
    page = page_as("owner", path="/completeness/")
    expect(page.get_by_text("Too many recordings are missing")).to_be_visible()
    axe(page)
    page.get_by_role("table", name="By queue").get_by_role("link", name="missing: Returns").click()
    expect(page.get_by_text("No file").first).to_be_visible()
    axe(page)
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Consent to recording")).to_be_visible()
    page.get_by_text("Note what was said").click()
    page.get_by_label("Said").select_option("opted_in")
    page.get_by_label("How that is known").fill("said yes")
    page.get_by_role("button", name="Note", exact=True).click()
    expect(page.locator("#call-consent").get_by_text("Agreed").first).to_be_visible()
    expect(page.locator("#call-consent").get_by_text("said yes")).to_be_visible()


def test_a_rule_is_made_in_a_dialog_on_a_phone(page_as: Open, axe: Callable[[Page], None]) -> None:
    page = page_as("owner", dark=True, phone=True, path="/settings/recording/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="New rule").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=name]").fill("Bo, a tenth")
    dialog.locator("[name=query]").fill("extension:101 nosuch:1")
    dialog.locator("[name=percent]").fill("10")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("There is no field").first).to_be_visible()
    dialog.locator("[name=query]").fill("extension:101")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Bo, a tenth")).to_be_visible()
    for path in ("never/", "refused/", "countries/"):
        page.goto(f"/settings/recording/{path}")
        axe(page)
