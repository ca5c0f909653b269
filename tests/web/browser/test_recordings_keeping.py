"""Clips, notes at moments and silenced parts, chosen on the outline of a recording in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from ...search.calls import at, identity
from .conftest import until
from .furnish_recordings import LENGTH_S
from .test_recordings import AUDIO, loaded

CALL = f"/calls/{identity(at('2026-11-18T17:05'), 0x4715)}/"


def drag(page: Page, start: float, stop: float) -> None:
    """Drag over the outline, from one share of it to another."""
    box = page.locator("[data-wave]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * stop, box["y"] + 30, steps=4)
    page.mouse.up()


def test_a_clip_is_cut_from_the_outline_and_plays_from_its_beginning_to_its_end(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("agent", path=CALL)
    loaded(page)
    page.get_by_text("Notes at moments").click()
    page.get_by_label("Second").fill("8.5")
    page.locator("[data-pin] textarea").fill("Promises to call back")
    page.locator("[data-pin]").get_by_role("button", name="Add note").click()
    page.locator("[data-moment-at='8.5']").click()
    until(page, f"{AUDIO}.currentTime > 8.4")
    page.get_by_text("Make a clip").click()
    drag(page, 0.5, 0.6)
    start, stop = (
        float(page.locator(f"[data-part] [name={name}]").input_value()) for name in ("start", "stop")
    )
    assert abs(start - LENGTH_S / 2) < 0.2
    assert abs(stop - LENGTH_S * 0.6) < 0.2
    page.get_by_label("Title").fill("A good promise")
    page.get_by_label("Share with everybody").check()
    page.get_by_role("button", name="Make the clip").click()
    expect(page.get_by_role("heading", name="A good promise")).to_be_visible()
    loaded(page)
    axe(page)
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{AUDIO}.currentTime > {start}")
    until(page, f"{AUDIO}.paused && {AUDIO}.currentTime >= {stop}")
    page.goto("/clips/")
    expect(page.get_by_role("link", name="A good promise")).to_be_visible()
    axe(page)


def test_parts_are_silenced_on_the_outline_and_heard_no_more(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator", path=CALL)
    loaded(page)
    page.get_by_role("link", name="Silence parts").click()
    loaded(page)
    drag(page, 0.1, 0.3)
    page.locator("[data-wave]").click(position={"x": 300, "y": 30})
    page.keyboard.press("[")
    page.locator("[data-wave]").click(position={"x": 400, "y": 30})
    page.keyboard.press("]")
    expect(page.locator("[data-span]")).to_have_count(2)
    page.get_by_role("button", name="Remove this part").last.click()
    expect(page.locator("[data-span]")).to_have_count(1)
    axe(page)
    page.get_by_role("button", name="Try").click()
    until(page, f"{AUDIO}.currentTime > 1.3 && {AUDIO}.muted")
    page.get_by_label("Why may they not be heard?").fill("Card data")
    page.get_by_role("button", name="Silence these parts").click()
    page.locator("dialog[open]").get_by_role("button", name="Silence them").click()
    expect(page.locator("[data-player]")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("silenced: Card data")).to_be_visible()
    expect(page.locator("[data-wave] rect.silenced")).to_have_count(1)
    axe(page)
    page.goto("/recordings/room")
    expect(page.get_by_role("heading", name="Room for recordings")).to_be_visible()
    axe(page)
