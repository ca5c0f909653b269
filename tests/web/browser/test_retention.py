"""Retention in a browser: a rule seen before it is switched on, a run's report, and a hold placed from the list."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .furnish_retention import CASE, RULE


def test_a_rule_is_seen_before_it_is_switched_on_and_a_run_tells_what_it_did(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", path="/retention/")
    expect(page.locator("#retention-plan")).to_be_visible()
    expect(page.get_by_text("should have been looked at again")).to_be_visible()
    expect(page.get_by_role("link", name=CASE)).to_be_visible()
    axe(page)
    page.get_by_role("link", name="New rule").click()
    expect(page.get_by_role("button", name="Save and switch on")).to_have_count(0)
    page.get_by_label("Name").fill("Nothing at all")
    page.get_by_label("Of which calls").fill("queue:nowhere-else")
    page.get_by_label("Older than, in days").fill("20")
    page.get_by_role("button", name="See what it would remove").click()
    expect(page.locator("main .error, main .callout").first).to_contain_text("at least 30 days")
    page.get_by_label("Older than, in days").fill("2000")
    page.get_by_role("button", name="See what it would remove").click()
    expect(page.locator("#preview")).to_contain_text("Nothing is old enough now")
    axe(page)
    page.get_by_role("button", name="Save, switched off").click()
    expect(page.get_by_role("link", name="Nothing at all")).to_be_visible()
    page.locator("table").last.get_by_role("link").last.click()
    expect(page.get_by_role("link", name=RULE)).to_be_visible()
    expect(page.locator(".stats")).to_contain_text("12")
    expect(page.locator(".stats")).to_contain_text("Gone")
    axe(page)


def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_screen(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("auditor", dark=True, phone=True, path="/retention/")
    expect(page.locator("#retention-plan")).to_be_visible()
    run = page.locator("table").last.get_by_role("link").last.get_attribute("href")
    for path in ("/retention/", str(run), "/retention/holds/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.get_by_role("link", name=CASE).click()
    expect(page.get_by_text("Order of the district court")).to_be_visible()
    expect(page.get_by_role("button", name="Release the hold")).to_have_count(0)
    axe(page)


def test_calls_of_the_list_are_put_on_hold_and_show_it(page_as: Callable[..., Page]) -> None:
    page = page_as("administrator", path="/calls/?q=queue:support")
    page.locator("tbody input[data-select]").first.check()
    page.locator("[data-selection-bar]").get_by_role("button", name="Hold").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 chosen call")
    dialog.get_by_label("Name").fill("Claim 9")
    dialog.get_by_label("Reason").fill("The insurer asked")
    dialog.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_text("1 call is on hold.")).to_be_visible()
    page.locator("tbody [data-open]").first.click()
    expect(page.get_by_text("On hold: Claim 9")).to_be_visible()
