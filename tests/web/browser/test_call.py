"""The page of a call as people use it: notes, tags, outcome and tasks by keyboard, and nothing that is typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Desk, until
from .furnish_call import EMPTY, LONG, MISSED, OPEN, SHORT, STORY

PageAs = Callable[..., Page]


def test_an_agent_annotates_by_keyboard_and_finds_it_at_once(page_as: PageAs, desk: Desk) -> None:
    page = page_as("agent", path=f"/calls/{SHORT}/")
    page.keyboard.press("n")
    note = page.locator("#new-note")
    expect(note).to_be_focused()
    page.keyboard.type("Kookaburra, ask @sa")
    page.get_by_role("option", name=re.compile("@sam")).click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note-text", has_text="Kookaburra, ask @sam")).to_be_visible()
    expect(note).to_have_value("")
    page.locator("h1").click()
    page.keyboard.press("t")
    page.keyboard.type("foll")
    page.get_by_role("option", name=re.compile("Follow up")).click()
    expect(page.locator("#call-tags .tag", has_text="Follow up")).to_be_visible()
    page.get_by_label("What came of the call").select_option("sale")
    expect(page.locator(".toast", has_text="Outcome saved.")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("f")
    page.locator("#task-text").fill("Send a brochure")
    page.get_by_role("button", name="Add task").click()
    expect(page.locator("#call-tasks .task-text", has_text="Send a brochure")).to_be_visible()
    page.goto("/calls/?q=note:kookaburra%20outcome-code:sale")
    expect(page.locator(f"a[href*='{SHORT}']").first).to_be_visible()


def test_undo_takes_back_a_tag(page_as: PageAs, desk: Desk) -> None:
    page = page_as("owner", path=f"/calls/{LONG}/")
    page.locator("#new-tag").fill("Complaint")
    page.locator("#new-tag").press("Enter")
    tag = page.locator("#call-tags .tag", has_text="Complaint")
    expect(tag).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(tag).to_have_count(0)


def test_two_who_edit_one_note_lose_nothing(page_as: PageAs, desk: Desk) -> None:
    bo = page_as("agent", path=f"/calls/{OPEN}/")
    bo.locator("#new-note").fill("first text")
    bo.get_by_role("button", name="Add note").click()
    bo.get_by_label("Edit this note").click()
    bo.locator("#edit-note").fill("what Bo wrote")
    olga = page_as("owner", path=f"/calls/{OPEN}/")
    olga.get_by_label("Edit this note").click()
    olga.locator("#edit-note").fill("what Olga wrote")
    olga.get_by_role("button", name="Save").click()
    expect(olga.locator(".note-text", has_text="what Olga wrote")).to_be_visible()
    bo.get_by_role("button", name="Save").click()
    expect(bo.get_by_text("Olga Orr changed this note while you wrote")).to_be_visible()
    expect(bo.locator(".both-texts")).to_contain_text("what Olga wrote")
    expect(bo.locator("#edit-note")).to_have_value("what Bo wrote")
    bo.locator("#edit-note").fill("both")
    bo.get_by_role("button", name="Save").click()
    expect(bo.locator("#call-notes .note-text", has_text="both")).to_be_visible()


def test_a_note_of_ten_megabytes_is_refused_and_stays(page_as: PageAs, desk: Desk) -> None:
    page = page_as("agent", path=f"/calls/{EMPTY}/")
    page.evaluate("document.querySelector('#new-note').value = 'x'.repeat(10_000_000)")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("longer than 100,000 bytes")).to_be_visible()
    assert page.evaluate("document.querySelector('#new-note').value.length") == 10_000_000
    page.evaluate("document.querySelector('#new-note').dataset.mostBytes = '100000000'")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".toast")).to_be_visible()
    assert page.evaluate("document.querySelector('#new-note').value.length") == 10_000_000


def test_a_draft_outlives_the_session(page_as: PageAs, desk: Desk) -> None:
    page = page_as("agent", path=f"/calls/{EMPTY}/")
    page.locator("#new-note").fill("typed before the session ended")
    until(page, "Object.values(sessionStorage).some((kept) => kept.includes('typed before'))")
    cookies: Any = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Add note").click()
    page.wait_for_url(re.compile("sign-in"))
    page.context.add_cookies(cookies)
    page.goto(f"/calls/{EMPTY}/")
    expect(page.locator("#new-note")).to_have_value("typed before the session ended")


def test_a_call_is_logged_from_any_page_by_keyboard(page_as: PageAs, desk: Desk) -> None:
    page = page_as("agent", path="/tasks/")
    page.keyboard.press("c")
    expect(page.locator("#log-party")).to_be_focused()
    page.keyboard.type("+15125550198")
    page.get_by_label(re.compile("^How long")).fill("3")
    page.get_by_label(re.compile("^Note")).fill("Bandicoot")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast", has_text="Call logged.")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto("/calls/?q=note:bandicoot%20entered-by:bo")
    page.locator("[data-item] a[data-open], tbody a").first.click()
    expect(page.get_by_text("Entered by hand")).to_be_visible()


def test_keys_lead_through_the_list_and_back(page_as: PageAs, desk: Desk) -> None:
    page = page_as("agent", path=f"/calls/{MISSED}/?q=number:%2B15125550161")
    page.wait_for_selector("#call-around a[data-key='k']")
    page.locator("h1").click()
    page.keyboard.press("k")
    page.wait_for_url(re.compile(STORY))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/calls/\?q=number"))


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)], ids=["light", "dark-phone"])
def test_everybody_can_use_it(
    page_as: PageAs, desk: Desk, axe: Callable[[Page], None], dark: bool, phone: bool
) -> None:
    for role, path in (
        ("owner", f"/calls/{STORY}/"),
        ("auditor", f"/calls/{MISSED}/"),
        ("agent", "/tasks/"),
        ("agent", "/log-call/"),
    ):
        page = page_as(role, dark=dark, phone=phone, path=path)
        page.wait_for_load_state("networkidle")
        axe(page)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} is wider than the screen"


def test_the_timeline_says_its_times(page_as: PageAs, desk: Desk) -> None:
    page = page_as("auditor", path=f"/calls/{STORY}/")
    talk = page.locator(".tl-bar[aria-label*='Talking']").first
    talk.focus()
    expect(page.locator("[data-readout]")).to_contain_text("Meridian Foods: Talking")
    widths = page.evaluate(
        "[...document.querySelectorAll('.tl-bar rect:first-child')].map((r) => parseFloat(r.getAttribute('width')))"
    )
    # 154 s of talk before the hold, of 412 s: to scale.
    assert any(abs(width - 154 / 412 * 100) < 0.01 for width in widths)
    page.get_by_text("As a table").click()
    expect(page.get_by_role("cell", name="Talking").first).to_be_visible()
    unknown = page_as("auditor", path=f"/calls/{OPEN}/")
    expect(unknown.locator(".tl-bar[aria-label*='until when is not known']").first).to_be_visible()
