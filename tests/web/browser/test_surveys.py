"""Surveys in the browser: switched on, asked on the page of a call, answered by keyboard on a dark phone, without a cookie."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

PageAs = Callable[..., Page]


def test_a_customer_is_asked_and_answers(
    page_as: PageAs, browser: Browser, axe: Callable[[Page], None]
) -> None:
    page = page_as("owner")
    page.goto("/settings/surveys/")
    page.get_by_label("Customers may be asked by a link").check()
    page.get_by_label("What is asked").select_option("nps")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Survey saved.")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Read a keypad answer").click()
    page.get_by_label("Field of the records").fill("userfield")
    page.get_by_label("Pattern of its whole value").fill("csat=([1-5])")
    axe(page)
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="csat=([1-5])", exact=True)).to_be_visible()

    page.goto("/calls/")
    page.locator("tbody [data-open]").first.click()
    part = page.locator("#call-survey")
    part.get_by_role("button", name="Ask how it was").click()
    address = part.get_by_label("Link for the customer").input_value()
    axe(page)

    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark")
    customer = context.new_page()
    customer.goto(address)
    expect(customer.get_by_role("heading", name="How likely are you to recommend us?")).to_be_visible()
    assert customer.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(customer)
    customer.get_by_role("radio", name="0", exact=True).focus()
    for _ in range(9):
        customer.keyboard.press("ArrowRight")
    expect(customer.get_by_role("radio", name="9")).to_be_checked()
    customer.get_by_label("What do you want to tell us?").fill("Quick and kind")
    customer.get_by_role("button", name="Send").click()
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()
    axe(customer)
    assert context.cookies() == []
    customer.goto(f"{address[:-3]}/")
    expect(customer.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    axe(customer)
    context.close()

    page.reload()
    expect(page.locator("#call-survey")).to_contain_text("Quick and kind")
    axe(page)
