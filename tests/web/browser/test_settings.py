"""An administrator sets up the organisation; what two people edit at once loses nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PAGES = ["organisation", "numbers", "numbers/many", "queues", "hours", "outcomes", "tags", "fields"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_fits_a_phone(
    page_as: Open, axe: Callable[[Page], None], path: str
) -> None:
    page = page_as("administrator", phone=True, path=f"/settings/{path}/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_extension_is_seated_moved_and_the_removal_undone(page_as: Open) -> None:
    page = page_as("administrator", path="/settings/numbers/")
    page.get_by_role("link", name="Seat somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Extension").fill("188")
    dialog.get_by_label("Person").select_option(label="Cy Falk")
    dialog.get_by_label("First day").fill("2026-02-01")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Seat saved.")).to_be_visible()
    page.get_by_role("link", name="Seat somebody").click()
    dialog.get_by_label("Extension").fill("188")
    dialog.get_by_label("Person").select_option(label="Bo Dahl")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Cy Falk sits at 188")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Remove 188").click()
    expect(page.get_by_text("Seat removed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row").filter(has_text="188")).to_contain_text("Cy Falk")


def test_two_people_at_one_queue_see_both_texts(page_as: Open) -> None:
    first, second = (
        page_as("administrator", path="/settings/queues/"),
        page_as("owner", path="/settings/queues/"),
    )
    first.get_by_role("link", name="Name a queue").click()
    first.get_by_label("Queue, as the phone system writes it").fill("journey")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Queue saved.")).to_be_visible()
    second.reload()
    for page, name in ((first, "From Ada"), (second, "From Olga")):
        page.get_by_role("link", name="Change journey").click()
        page.get_by_label("Name for people").fill(name)
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("row", name="From Ada")).to_be_visible()
    second.get_by_role("button", name="Save").click()
    dialog = second.get_by_role("dialog")
    expect(dialog.get_by_text("Somebody else changed this meanwhile")).to_be_visible()
    expect(dialog).to_contain_text("From Ada")
    expect(dialog.get_by_label("Name for people")).to_have_value("From Olga")
    dialog.get_by_role("button", name="Save").click()
    expect(second.get_by_role("row", name="From Olga")).to_be_visible()


def test_a_break_is_added_to_a_day(page_as: Open, axe: Callable[[Page], None]) -> None:
    page = page_as("administrator", path="/settings/hours/")
    day = page.get_by_role("group", name="Friday")
    day.get_by_label("Friday closes, span 1").fill("12:00")
    day.get_by_role("button", name="Another span on Friday").click()
    day.get_by_label("Friday opens, span 2").fill("13:00")
    day.get_by_label("Friday closes, span 2").fill("16:00")
    page.get_by_role("button", name="Save the week").click()
    expect(page.get_by_text("Business hours saved.")).to_be_visible()
    expect(page.get_by_label("Friday opens, span 2")).to_have_value("13:00")
    expect(page.get_by_text("Next closed days")).to_be_visible()
    axe(page)
