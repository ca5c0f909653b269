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


_DRAWN_BESIDE = """(place, told) => {
    document.getElementById("tried")?.remove();
    const fresh = place.cloneNode();
    fresh.id = "tried";
    fresh.dataset.chart = JSON.stringify(told);
    delete fresh.dataset.drawn;
    place.after(fresh);
    document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } }));
}"""
"""Draws what is told beside a chart."""


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


def test_each_hour_has_its_own_place_and_a_mark_opens_its_calls(page_as: PageAs) -> None:
    page = page_as("owner")
    hours = "period=dates&first=2026-11-10&last=2026-11-20&against=none"
    page.goto(f"/dashboards/-/figures/calls/?by=hour&{hours}")
    drawn(page)
    rows = page.locator("[data-chart]").evaluate("place => JSON.parse(place.dataset.chart).rows")
    assert len(rows) > 7 * 24
    assert len({row["label"] for row in rows}) == len(rows)  # an hour of a week before is called otherwise
    marks = page.locator("[data-chart] .mark-symbol path")
    across = marks.evaluate_all("marks => marks.map((mark) => mark.getAttribute('transform').split(',')[0])")
    assert len(set(across)) == len(rows)
    busy = max(range(len(rows)), key=lambda place: rows[place]["value"])
    marks.nth(busy).dispatch_event("click")
    page.wait_for_url("**/calls/?q=**")
    page.go_back()
    page.wait_for_url(f"**by=hour&{hours}")


def test_scores_below_zero_and_shares_of_zero_stay_in_their_chart(page_as: PageAs) -> None:
    """What is drawn of values that are all negative, or all zero, stays within its panel."""
    page = page_as("owner")
    page.goto("/dashboards/traffic/")
    drawn(page)
    place = page.locator("[data-chart]").first
    told = place.evaluate("place => JSON.parse(place.dataset.chart)")
    for unit, value in (("number", -40), ("share", 0), ("seconds", 0), ("seconds", 70_000), ("count", 0)):
        rows = [{**row, "value": value, "other": value} for row in told["rows"]]
        place.evaluate(_DRAWN_BESIDE, {**told, "unit": unit, "rows": rows})
        expect(page.locator("#tried[data-drawn]")).to_be_visible()
        box, chart = page.locator("#tried svg").bounding_box(), page.locator("#tried").bounding_box()
        assert box and chart and box["height"] < 400 and chart["height"] < 400
        axis = page.locator("#tried .role-axis-label text").all_text_contents()
        if (unit, value) == ("seconds", 70_000):
            assert axis[-5:] == ["0:00", "6 h", "12 h", "18 h", "24 h"]


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
