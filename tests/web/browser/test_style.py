"""The design system in a real browser: seen by axe in both themes, worked by keyboard, at the width of a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect


@pytest.fixture
def style(page_as: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """The style page as an owner sees it; whatever the browser complains of fails the test."""
    complaints: list[str] = []

    def opened(**look: bool) -> Page:
        page = page_as("owner", path="/style/", **look)
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.reload()
        return page

    yield opened
    assert not complaints


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in ("error", "warning"):
        complaints.append(message.text)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_nothing_is_in_the_way_of_anybody(
    style: Callable[..., Page], axe: Callable[[Page], None], dark: bool, phone: bool
) -> None:
    page = style(dark=dark, phone=phone)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def test_a_question_mark_shows_the_keys_and_escape_puts_them_away(
    style: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = style()
    page.keyboard.press("?")
    card = page.get_by_role("dialog", name="Keyboard")
    expect(card).to_be_visible()
    expect(card).to_contain_text("Show this card")
    expect(card).to_contain_text("Next")
    axe(page)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_keys_do_nothing_while_something_is_typed(style: Callable[..., Page]) -> None:
    page = style()
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search calls")
    expect(field).to_be_focused()
    page.keyboard.type("?j x")
    expect(field).to_have_value("?j x")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_list_is_walked_and_chosen_from_by_keyboard(style: Callable[..., Page]) -> None:
    page = style()
    page.keyboard.press("j")
    page.keyboard.press("j")
    current = page.locator("tr[aria-current='true']")
    expect(current).to_contain_text("+44 20 7946 0182")
    page.keyboard.press("x")
    expect(page.locator("[data-selection-count]")).to_have_text("1 chosen")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-selection-count]")).to_have_text("2 chosen")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    page.keyboard.press("Enter")
    assert page.url.endswith("#row-1")


def test_a_range_of_rows_is_chosen_with_shift(style: Callable[..., Page]) -> None:
    page = style()
    boxes = page.locator("input[data-select]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-selection-count]")).to_have_text("4 chosen")
    assert page.locator("[data-select-all]").is_checked()


def test_completion_is_chosen_by_keyboard(style: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = style()
    field = page.get_by_role("combobox", name="Search calls")
    field.fill("sales out")
    field.press("End")
    expect(page.locator(".combobox").get_by_role("option").first).to_be_visible()
    axe(page)
    field.press("ArrowDown")
    expect(page.locator(".combobox").get_by_role("option", selected=True)).to_contain_text("outcome:")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("sales outcome:abandoned")
    expect(page.locator(".combobox").first).to_be_hidden()


def test_a_dialog_of_the_server_keeps_what_was_typed(
    style: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = style()
    open_it = page.get_by_role("button", name="Dialog from the server")
    open_it.click()
    dialog = page.get_by_role("dialog", name="Add a person")
    dialog.get_by_label("Name").fill("Anna Berg")
    axe(page)
    page.wait_for_function("sessionStorage.getItem('draft:style')?.includes('Anna Berg')")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(open_it).to_be_focused()
    open_it.click()
    expect(dialog.get_by_label("Name")).to_have_value("Anna Berg")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert page.evaluate("sessionStorage.getItem('draft:style')") is None


def test_what_cannot_be_undone_is_typed(style: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = style()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Confirm by typing").click()
    asked = page.get_by_role("alertdialog")
    expect(asked.get_by_role("button", name="Delete")).to_be_disabled()
    axe(page)
    asked.get_by_role("textbox").fill("meridian")
    expect(asked.get_by_role("button", name="Delete")).to_be_disabled()
    page.keyboard.press("Escape")
    assert not sent
    page.get_by_role("button", name="Confirm by typing").click()
    asked.get_by_role("textbox").fill("Meridian")
    asked.get_by_role("button", name="Delete").click()
    expect(page.locator(".toast")).to_contain_text("Saved.")
    assert len(sent) == 1


def test_a_toast_takes_back(style: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = style()
    page.get_by_role("button", name="Toast with undo").click()
    page.locator(".toast").hover()  # it stays while it is pointed at
    axe(page)
    with page.expect_request(lambda request: request.url.endswith("/style/part/undone/")) as asked:
        page.locator(".toast").get_by_role("button", name="Undo").click()
    assert asked.value.method == "POST"
    assert asked.value.headers["x-csrftoken"]


def test_a_menu_is_walked_with_the_arrows(style: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = style()
    button = page.get_by_role("button", name="Columns")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Show all")).to_be_focused()
    axe(page)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete view")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_theme_changes_at_once_and_stays(style: Callable[..., Page]) -> None:
    page = style()
    with page.expect_response(lambda answer: answer.url.endswith("/theme/")) as kept:
        page.get_by_role("button", name="Dark", exact=True).click()
    assert kept.value.status == 204
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(19, 20, 23)"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    with page.expect_response(lambda answer: answer.url.endswith("/theme/")):
        page.get_by_role("button", name="Device", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_columns_are_ordered_by_keyboard(style: Callable[..., Page]) -> None:
    page = style()
    page.get_by_role("button", name="Move down: When").click()
    assert page.locator(".columns-list > li").all_inner_texts() == ["Queue", "When", "Talk"]
    page.get_by_role("checkbox", name="Talk").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert page.locator(".columns-list > li").all_inner_texts() == ["Queue", "Talk", "When"]


def test_a_range_of_days_is_the_viewers(style: Callable[..., Page]) -> None:
    page = style()
    days = page.locator(".daterange")
    for name, first, last in [
        ("Today", "2026-11-20", "2026-11-20"),
        ("Last week", "2026-11-09", "2026-11-15"),
        ("Last month", "2026-10-01", "2026-10-31"),
        ("Last 7 days", "2026-11-14", "2026-11-20"),
        ("Any time", "", ""),
    ]:
        days.get_by_role("button", name=name).click()
        assert days.get_by_label("From").input_value() == first, name
        assert days.get_by_label(re.compile("^To")).input_value() == last, name


def test_on_a_phone_the_rest_of_the_ways_stands_behind_a_menu(
    style: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = style(phone=True)
    page.get_by_role("button", name="More", exact=True).first.click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    axe(page)
