"""Dashboards in the browser: charts are drawn in either theme and on a phone, nothing is refused, and the wallboard fits a TV."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]

LONG_MS = 90_000
ALL = "period=dates&first=2020-01-01&last=2035-12-31"


def problems_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda told: found.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def drawn(page: Page) -> None:
    """Waits until every part has come and every chart is drawn."""
    expect(page.locator("main [aria-busy=true]")).to_have_count(0, timeout=LONG_MS)
    expect(page.locator("[data-chart]:not([data-drawn])")).to_have_count(0, timeout=LONG_MS)


def test_a_dashboard_is_drawn_read_and_narrowed(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("owner")
    problems = problems_of(page)
    page.goto(f"/dashboards/queues/?{ALL}")
    drawn(page)
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    assert problems == []
    axe(page)
    # The table below a chart says the same, and the name of a row narrows the page.
    by_queue = page.locator(".board-panel", has=page.get_by_role("heading", name="Service level by queue"))
    by_queue.get_by_text("As a table").click()
    by_queue.get_by_role("row", name="Sales").get_by_role("link", name="Sales", exact=True).click()
    expect(page.locator("#board-q")).to_have_value("queue:Sales")
    # A choice asks again at once, and stays in the address.
    page.get_by_label("Compared with", exact=True).select_option("none")
    page.wait_for_url("**against=none**")
    assert "q=queue%3ASales" in page.url
    drawn(page)
    assert problems == []


def test_the_people_and_the_sliders_fit_a_phone_in_the_dark(
    page_as: PageAs, axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", dark=True, phone=True)
    problems = problems_of(page)
    page.goto(f"/dashboards/people/?{ALL}")
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(page)
    page.goto(
        "/dashboards/staffing/?calls=100&aht=180&target=80&within=20&shrinkage=30&occupancy=100&patience=0"
    )
    expect(page.locator(".staffing-huge").first).to_have_text("14")
    page.locator("input[data-slide=target]").fill("95")
    expect(page.locator(".staffing-huge").first).to_have_text("16")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []


def test_the_wallboard_fits_a_screen_and_refreshes_itself(
    page_as: PageAs, axe: Callable[[Page], None]
) -> None:
    page = page_as("owner")
    page.set_viewport_size({"width": 1920, "height": 1080})
    problems = problems_of(page)
    page.clock.install()
    page.goto("/wallboard/")
    expect(page.get_by_role("heading", name="Service level today")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    axe(page)
    with page.expect_response("**/wallboard/now**") as answered:
        page.clock.run_for(16_000)
    assert answered.value.status == 200
    assert problems == []
    page.route("**/wallboard/now**", lambda route: route.abort())
    page.clock.run_for(16_000)
    expect(page.get_by_role("status")).to_contain_text("what stands here is old")
