"""The log of calls as people work in it: asking, filtering, moving by keys, keeping views, marking many, exporting."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Opened = Callable[..., Page]


def asked(page: Page) -> str:
    """The question in the address."""
    return str(page.evaluate("new URLSearchParams(location.search).get('q')"))


def settled(page: Page) -> Page:
    """The page, once everything beside the list is there."""
    expect(page.locator("#calls-count [data-calls-number]")).to_be_visible()
    expect(page.locator("#calls-facets .facet").first).to_be_visible()
    return page


def test_a_supervisor_asks_filters_and_comes_back(page_as: Opened) -> None:
    page = settled(page_as("supervisor", path="/calls/"))
    everything = page.locator("#calls-count").inner_text()
    page.keyboard.press("/")
    expect(page.locator("#calls-q")).to_be_focused()
    page.keyboard.type("outcome:miss")
    expect(page.get_by_role("option", name="missed")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=outcome*")
    expect(page.locator("#calls-q")).to_have_value("outcome:missed")
    expect(page.locator(".outcome-cell", has_text="Answered")).to_have_count(0)
    settled(page)
    page.keyboard.press("Escape")
    page.locator("#calls-facets a.facet-row", has_text="Inbound").click()
    page.wait_for_url("**direction*")
    assert asked(page) == "outcome:missed direction:inbound"
    expect(page.locator("#calls-q")).to_have_value("outcome:missed direction:inbound")
    expect(page.locator("#calls-facets a.facet-row[aria-current]", has_text="Inbound")).to_be_visible()
    page.go_back()
    page.wait_for_url("**q=outcome%3Amissed")
    expect(page.locator("#calls-q")).to_have_value("outcome:missed")
    page.goto("/calls/")
    settled(page)
    assert page.locator("#calls-count").inner_text() == everything


def test_a_wrong_question_is_marked_and_the_list_stays(page_as: Opened) -> None:
    page = settled(page_as("supervisor", path="/calls/?q=outcome:answered"))
    rows = page.locator("#calls-results [data-item]").count()
    page.locator("#calls-q").fill("queu:sales")
    page.keyboard.press("Enter")
    expect(page.locator("#calls-problem mark")).to_have_text("queu")
    expect(page.locator("#calls-problem")).to_contain_text("Did you mean queue?")
    expect(page.locator("#calls-q")).to_have_value("queu:sales")
    assert asked(page) == "outcome:answered"
    assert page.locator("#calls-results [data-item]").count() == rows
    page.locator("#calls-q").fill("queue:sales")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=queue*")
    expect(page.locator("#calls-problem")).to_be_empty()


def test_keys_move_choose_and_open(page_as: Opened) -> None:
    page = settled(page_as("supervisor", path="/calls/"))
    rows = page.locator("#calls-results [data-item]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-selection-count]")).to_have_text("2 chosen")
    there = rows.nth(0).locator("[data-open]").get_attribute("href")
    assert there
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{there}**")


def test_many_are_tagged_and_it_is_undone(page_as: Opened) -> None:
    page = settled(page_as("supervisor", path="/calls/?q=direction:inbound"))
    boxes = page.locator("#calls-results input[data-select]")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-selection-count]")).to_have_text("3 chosen")
    page.locator(".selection-bar").get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("New tag").fill("to-check")
    page.locator("#calls-mark").get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Tagged 3 calls.")
    expect(page.locator("#calls-results .tag", has_text="to-check")).to_have_count(3)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#calls-results .tag", has_text="to-check")).to_have_count(0)


def test_a_view_is_kept_and_deleted_with_a_way_back(page_as: Opened) -> None:
    page = settled(page_as("administrator", path="/calls/?q=hangup:system"))
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name").fill("Ended by us")
    page.locator("#calls-view").get_by_role("button", name="Save").click()
    tab = page.locator("#calls-views a", has_text="Ended by us")
    expect(tab).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="Change view").click()
    page.locator("#calls-view").get_by_role("button", name="Delete").click()
    expect(tab).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(tab).to_have_count(1)


def test_columns_are_chosen(page_as: Opened) -> None:
    page = settled(page_as("auditor", path="/calls/"))
    page.get_by_role("button", name="Columns").click()
    page.locator("#calls-columns").get_by_role("checkbox", name="Duration").check()
    page.locator("#calls-columns").get_by_role("checkbox", name="Queue").uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("th.c-duration")).to_be_visible()
    expect(page.locator("th.c-queue")).to_have_count(0)


def test_the_result_is_exported(page_as: Opened, tmp_path: Path) -> None:
    page = settled(page_as("supervisor", path="/calls/?q=outcome:missed"))
    number = page.locator("[data-calls-number]").get_attribute("data-calls-number")
    page.keyboard.press("e")
    with page.expect_download() as download:
        page.locator("#calls-export").get_by_role("button", name="Download").click()
    place = tmp_path / "calls.csv"
    download.value.save_as(place)
    with place.open(newline="") as source:
        rows = list(csv.DictReader(source))
    assert str(len(rows)) == number
    assert {row["outcome"] for row in rows} == {"missed"}


def test_the_list_goes_on_while_one_scrolls(page_as: Opened) -> None:
    page = settled(page_as("owner", path="/calls/"))
    rows = page.locator("#calls-results [data-item]")
    expect(rows).to_have_count(50)
    page.locator("#calls-results tr.more").scroll_into_view_if_needed()
    expect(rows).to_have_count(100)
    ids = rows.evaluate_all("all => all.map(row => row.id)")
    assert len(set(ids)) == 100


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"phone": True}])
def test_everybody_can_use_it(page_as: Opened, axe: Callable[[Page], None], look: dict[str, bool]) -> None:
    page = page_as("supervisor", path="/calls/", **look)
    expect(page.locator("#calls-count [data-calls-number]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    axe(page)
    page.locator("#calls-results input[data-select]").first.check()
    if not look:
        page.get_by_role("button", name="How to search").click()
        expect(page.locator("#calls-language")).to_be_visible()
        axe(page)
