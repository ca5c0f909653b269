"""What a browser recorded is heard in one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .conftest import until
from .furnish_recordings import OF_A_BROWSER
from .test_recordings import AUDIO, loaded, play


def test_a_recording_of_a_browser_is_drawn_sought_and_heard(page_as: Callable[..., Page]) -> None:
    page = page_as("owner", path="/recordings/")
    page.get_by_role("link", name=OF_A_BROWSER.name).click()
    loaded(page)
    expect(page.locator("[data-wave]")).to_have_attribute("aria-valuemax", "2")
    play(page)
    until(page, f"{AUDIO}.ended")
    assert page.evaluate(f"Math.abs({AUDIO}.duration - 2.46) < 0.05")
    page.evaluate(f"{AUDIO}.currentTime = 1")
    until(page, f"Math.abs({AUDIO}.currentTime - 1) < 0.1")
