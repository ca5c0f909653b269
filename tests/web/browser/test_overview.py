"""The overview in the browser: charts are drawn in either theme, tables tell the same, and a bar opens its calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]


@pytest.mark.parametrize("dark", [False, True])
def test_charts_are_drawn_and_nothing_is_refused(
    page_as: PageAs, axe: Callable[[Page], None], dark: bool
) -> None:
    page = page_as("owner", dark=dark)
    problems: list[str] = []
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/overview/")
    for chart in ("hours", "heat"):
        expect(page.locator(f"#chart-{chart}[data-drawn] svg")).to_be_visible(timeout=90_000)
    assert problems == []
    axe(page)


def test_tables_tell_what_the_charts_show(page_as: PageAs) -> None:
    page = page_as("owner", path="/overview/", phone=True)
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("row", name="00:00")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_figure_opens_its_calls(page_as: PageAs) -> None:
    page = page_as("owner", path="/overview/")
    page.locator(".stat-value").first.click()
    page.wait_for_url("**q=on**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")
