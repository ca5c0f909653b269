"""The player, in a browser that plays: heard, sought, sped up, by keys and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from ...search.calls import at, identity
from .conftest import until
from .furnish_recordings import LENGTH_S, WAITING

CALL = f"/calls/{identity(at('2026-11-18T16:05'), 0x4713)}/"
AUDIO = "document.querySelector('[data-player] audio')"


def position(page: Page) -> float:
    return float(page.evaluate(f"{AUDIO}.currentTime"))


def loaded(page: Page) -> None:
    expect(page.locator("[data-player] path.played").first).to_be_attached()
    expect(page.locator("[data-wave]").first).not_to_have_attribute("aria-busy", "true")


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    until(page, f"{AUDIO}.currentTime > 0.3")


def test_a_recording_is_heard_and_the_call_tells_who_did(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("supervisor", path=CALL)
    loaded(page)
    axe(page)
    play(page)
    page.locator("[data-wave]").click(position={"x": 300, "y": 30})
    box = page.locator("[data-wave]").bounding_box()
    assert box
    there = 300 / box["width"] * LENGTH_S
    until(page, f"{AUDIO}.currentTime > {there} + 0.2")
    assert position(page) < there + 5
    page.get_by_label("Speed").select_option("2")
    assert page.evaluate(f"[{AUDIO}.playbackRate, {AUDIO}.preservesPitch]") == [2, True]
    page.get_by_label("Sides").select_option("left")
    expect(page.locator("[data-player]")).to_have_attribute("data-heard-side", "left")
    before = position(page)
    until(page, f"{AUDIO}.currentTime > {before} + 0.3 || {AUDIO}.ended")
    until(page, f"{AUDIO}.ended")
    page.get_by_text("Who listened").click()
    expect(page.locator("#call-recordings .disclosure li")).to_contain_text("Sam Stone")
    expect(page.locator("#call-recordings .disclosure li")).to_contain_text(re.compile(r"0:\d\d–0:1[12]"))


def test_keys_move_in_a_recording(page_as: Callable[..., Page]) -> None:
    page = page_as("agent", path=CALL)
    loaded(page)
    wave = page.get_by_role("slider", name="Position in the recording")
    wave.focus()
    for key, there in (
        ("ArrowRight", 5),
        (".", 6),
        (",", 5),
        ("ArrowRight", 10),
        ("Home", 0),
        ("ArrowUp", 5),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        expect(wave).to_have_attribute("aria-valuenow", str(there))
    page.keyboard.press("End")
    expect(wave).to_have_attribute("aria-valuetext", "0:11 of 0:12")
    page.keyboard.press("Home")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("1.25")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("5 seconds back or on")


PLAYED = (
    "ranges => [...Array(ranges.length).keys()].reduce((sum, n) => sum + ranges.end(n) - ranges.start(n), 0)"
)
"""The seconds of the stretches that were played."""


def test_silence_is_skipped(page_as: Callable[..., Page]) -> None:
    page = page_as("agent", path=f"{CALL}#t=3.5")
    loaded(page)
    expect(page.locator("[data-now]")).to_have_text("0:03")
    page.get_by_label("Skip silence").check()
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{AUDIO}.currentTime > 8.1")
    assert page.evaluate(f"({PLAYED})({AUDIO}.played)") < 3, "four seconds of silence were not played"


def test_an_address_that_no_longer_works_is_asked_for_anew(page_as: Callable[..., Page]) -> None:
    page = page_as("agent", path=CALL)
    loaded(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/address" in request.url else None)

    def refuse_until_asked_again(route: Route) -> None:
        if len(asked) < 2:  # the browser may try one address several times
            route.fulfill(status=403, body="gone")
        else:
            route.continue_()

    page.route(re.compile("/audio"), refuse_until_asked_again)
    page.evaluate(
        """() => {
          const [now, get] = [Date.now, window.fetch];
          let later = 0;
          Date.now = () => now() + later;
          window.fetch = async (...asked) => { const answer = await get(...asked); later += 60000; return answer; };
        }"""
    )
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{AUDIO}.currentTime > 0.3")
    assert len(asked) == 2


def test_a_phone_has_the_whole_player(page_as: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = page_as("agent", dark=True, phone=True, path=CALL)
    loaded(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("[data-wave]").bounding_box()
    assert box
    assert box["width"] > 300
    axe(page)
    play(page)


def test_a_recording_without_a_call_is_played_and_joined(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", path="/recordings/")
    axe(page)
    expect(page.get_by_role("row", name=re.compile("broken.wav"))).to_contain_text("Cannot be played")
    page.get_by_role("link", name=WAITING).click()
    loaded(page)
    axe(page)
    play(page)
    search = page.get_by_label("Search calls")
    search.fill(f"id:{CALL.split('/')[2][:13]}")
    search.press("Enter")
    expect(page.get_by_text("Vera Lund")).to_be_visible()
    page.get_by_role("button", name="Join").click()
    page.locator("dialog[open]").get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile(CALL))
    expect(page.locator("[data-player]")).to_have_count(2)
    expect(page.locator("#call-recordings")).to_contain_text("joined by hand")
