"""The worklist in the browser: taking, settling, undoing; a call back that was made outside appears by itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]


def test_taking_and_settling_somebody(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("owner", path="/missed/")
    axe(page)
    row = page.locator("tr[data-item]").filter(has_text="Frederick Lenz")
    row.get_by_role("button", name="Take").click()
    expect(row.get_by_text("Olga Orr")).to_be_visible()
    row.get_by_role("link", name="Assign or ignore").click()
    dialog = page.locator("dialog[open]")
    axe(page)
    dialog.get_by_label("Reason").fill("Answered by e-mail")
    dialog.get_by_role("button", name="Ignore").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(row.get_by_text("Tried")).to_be_visible()
    page.goto("/missed/?owner=me")
    expect(page.locator("tr[data-item]")).to_have_count(1)


def test_a_call_back_appears_after_it_was_made(page_as: PageAs) -> None:
    page = page_as("owner", path="/missed/?state=waiting")
    row = page.locator("tr[data-item]").filter(has_text="Margaret Hale")
    expect(row.get_by_text("Waiting")).to_be_visible()
    other = page.context.new_page()
    other.goto("/log-call/")
    other.get_by_role("combobox", name="With whom").fill("+15125550502")
    other.locator("[name=direction]").first.evaluate(
        "(one) => one.form.elements.direction.value = 'outbound'"
    )
    other.locator("[name=outcome]").first.evaluate("(one) => one.form.elements.outcome.value = 'answered'")
    other.locator("form:has([name=party]) button.primary").click()
    other.wait_for_url(lambda url: "/log-call/" not in url)
    other.close()
    expect(row.get_by_text("Called back")).to_be_visible(timeout=30_000)


def test_on_a_phone_everything_is_there(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("agent", path="/missed/?state=all", phone=True, dark=True)
    expect(page.get_by_role("heading", name="Missed and not returned")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
