"""An administrator makes a token for a program, uses it, and takes it back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from .conftest import Desk

SHOTS = os.environ.get("RINGBOOK_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture, when somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_token_is_made_used_and_revoked(
    desk: Desk, page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator", path="/settings/tokens/")
    axe(page)
    shot(page, "tokens-before")
    page.get_by_role("link", name="New token").first.click()
    page.get_by_label("Name").fill("Wallboard")
    page.get_by_label("See calls").check()
    axe(page)
    shot(page, "tokens-new")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("heading", name="Wallboard")).to_be_visible()
    axe(page)
    shot(page, "tokens-made")
    found = re.search(r"rb_[0-9a-f]{32}_[0-9a-f]{64}", page.content())
    assert found
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert httpx.get(f"{desk.address}/api/v1/me", headers=headers).json()["rights"] == ["see_calls"]
    page.get_by_role("link", name="I have copied it").click()
    row = page.get_by_role("row").filter(has_text="Wallboard")
    expect(row).to_contain_text("See calls")
    shot(page, "tokens-list")
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Wallboard opens nothing any more.")).to_be_visible()
    assert httpx.get(f"{desk.address}/api/v1/me", headers=headers).status_code == 401


def test_the_pages_work_in_the_dark_and_on_a_phone(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", dark=True, phone=True, path="/settings/tokens/new/")
    axe(page)
    shot(page, "tokens-new-phone-dark")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide


def test_the_page_of_the_api_reads_well_and_keeps_to_the_policy(
    page_as: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    for phone in (False, True):
        page = page_as("owner", phone=phone)
        wrong: list[str] = []
        page.on(
            "console", lambda said, wrong=wrong: wrong.append(said.text) if said.type == "error" else None
        )
        page.goto("/api/v1/docs")
        expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
        expect(page.get_by_text("GET /api/v1/calls", exact=True)).to_be_visible()
        axe(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"api-docs{'-phone' if phone else ''}.png")
        assert wrong == []
