"""An administrator connects a phone system, uploads files and looks at rejects; nobody else may."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import FilePayload, Page, expect

from .conftest import Desk

Open = Callable[..., Page]
MASTER = Path(__file__).parents[2] / "scenarios/asterisk"


def record(uuid: str) -> dict[str, Any]:
    """A call as mod_json_cdr posts it; the numbers are fictitious."""
    began = 1_789_900_000_000_000
    variables = {"uuid": uuid, "direction": "inbound", "start_uepoch": str(began)}
    variables |= {"answer_uepoch": str(began + 4_000_000), "end_uepoch": str(began + 9_000_000)}
    variables |= {"duration": "9", "billsec": "5", "hangup_cause": "NORMAL_CLEARING"}
    profile = {"caller_id_number": "+12125550100", "destination_number": "101", "uuid": uuid}
    return {
        "core-uuid": "c",
        "channel_data": {"direction": "inbound", "state": "CS_REPORTING"},
        "variables": variables,
        "callflow": [{"dialplan": "XML", "caller_profile": profile}],
    }


def add(page: Page, name: str) -> tuple[str, str]:
    """Add FreeSWITCH by the guided form; the address and token that its page shows."""
    page.goto("/sources/")
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_role("link", name=re.compile("mod_json_cdr posts each call")).click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add it and go on").click()
    lines = page.locator("pre, code").filter(has_text="ringbook:").first.inner_text()
    address = re.search(r'value="(http[^"]+/intake/[^"]+)"', lines)
    token = re.search(r'value="ringbook:([^"]+)"', lines)
    assert address
    assert token
    return address[1], token[1]


def test_a_phone_system_is_connected_and_its_first_call_seen(
    page_as: Open, axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator")
    address, token = add(page, "fs-journey")
    expect(page.get_by_text("Waiting for the first record")).to_be_visible()
    axe(page)
    answer = httpx.post(
        address, json=record("aaaaaaaa-1111-4111-8111-111111111111"), auth=("ringbook", token), timeout=30
    )
    assert answer.status_code == 200
    expect(page.get_by_text("It works: calls arrive")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Look at them").click()
    expect(page.locator("input[name=q]").first).to_have_value('source:"fs-journey"')
    page.goto("/sources/")
    row = page.get_by_role("row", name=re.compile("fs-journey"))
    expect(row).to_contain_text("Connected")
    axe(page)


def test_bytes_that_cannot_be_read_are_shown_and_read_again(
    page_as: Open, axe: Callable[[Page], None]
) -> None:
    page = page_as("administrator")
    address, token = add(page, "fs-junk")
    httpx.post(address, content=b"<i>no json at all</i>", auth=("ringbook", token), timeout=30)
    expect(page.get_by_text("Something arrives, but it is not understood")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="All rejects").click()
    expect(page.get_by_text("<i>no json at all</i>").first).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Read reject 1 again").click()
    expect(page.get_by_text("1 record was read again and is still not understood")).to_be_visible()


def test_a_source_rests_and_is_removed_with_a_way_back(page_as: Open) -> None:
    page = page_as("administrator")
    address, token = add(page, "fs-rests")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paused")
    held = httpx.post(
        address, json=record("bbbbbbbb-1111-4111-8111-111111111111"), auth=("ringbook", token), timeout=30
    )
    assert held.status_code == 503
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Remove the source").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The source is removed; its calls stay.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is back.")).to_be_visible()
    page.goto("/sources/fs-rests/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("fs-rests")


def test_files_are_looked_at_then_imported(page_as: Open, axe: Callable[[Page], None]) -> None:
    page = page_as("administrator", path="/sources/upload/")
    axe(page)
    file = next(path for path in sorted(MASTER.rglob("Master*")) if path.is_file())
    sent = FilePayload(name="Master.csv", mimeType="text/csv", buffer=file.read_bytes())
    page.locator("input[type=file]").set_input_files(sent)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_text("In which time zone")).to_be_visible(timeout=30_000)
    page.get_by_label("Phone system").fill("old-files")
    page.get_by_label("Time zone of its clock").select_option("America/New_York")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("table")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("New calls")).to_be_visible(timeout=60_000)
    axe(page)
    page.get_by_role("link", name="Look at the calls").click()
    expect(page.locator("input[name=q]").first).to_have_value('source:"old-files"')
    # It was a mistake: undone after a look at what goes.
    page.goto("/sources/upload/imports/")
    axe(page)
    page.get_by_role("link", name="Undo the import of Master.csv").click()
    dialog = page.get_by_role("dialog", name="Undo this import?")
    expect(dialog.get_by_text("Calls that vanish")).to_be_visible()
    axe(page)
    dialog.get_by_label("Why").fill("the wrong file")
    dialog.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("The import is being undone.")).to_be_visible()
    expect(page.get_by_role("link", name="Undo the import of Master.csv")).to_have_count(0, timeout=60_000)


def test_files_of_ones_own_are_described_from_a_sample(page_as: Open, axe: Callable[[Page], None]) -> None:
    page = page_as("administrator")
    page.goto("/sources/add/")
    page.get_by_role("link", name=re.compile("Show a sample")).click()
    page.get_by_label("Or paste its first lines").fill(
        "Began;From;To;Way;Talk\n2026-04-03 09:15:00;+12125550101;101;rein;65\n"
        "2026-04-03 09:20:30;101;+12125550102;raus;12\n"
    )
    page.get_by_role("button", name="Look at its columns").click()
    axe(page)
    page.get_by_label("Way", exact=True).select_option("direction")
    page.get_by_role("button", name="Look again").click()
    page.get_by_label("rein").select_option("inbound")
    page.get_by_label("raus").select_option("outbound")
    page.get_by_role("button", name="Look again").click()
    calls = page.get_by_role("table", name="The first calls, as they would be read")
    expect(calls).to_contain_text("Inbound")
    expect(calls).to_contain_text("Outbound")
    page.get_by_label("How will its records arrive?").select_option("http-post")
    page.get_by_role("button", name="That is right: go on").click()
    page.get_by_label("Name").fill("own-journey")
    axe(page)
    page.get_by_role("button", name="Add it and go on").click()
    expect(page.get_by_text("Waiting for the first record")).to_be_visible()
    page.get_by_role("link", name="Add an input").click()
    axe(page)
    page.get_by_role("link", name=re.compile("We connect to the phone system")).click()
    page.get_by_label("Address of the phone system").fill("127.0.0.1")
    page.get_by_label("Port").fill("0")
    page.get_by_role("button", name="Add the input").click()
    expect(page.get_by_label("Address of the phone system")).to_have_value("127.0.0.1")
    axe(page)


def test_an_agent_may_not(page_as: Open, desk: Desk) -> None:
    page = page_as("agent")
    for path in ("/sources/", "/sources/add/", "/sources/upload/", "/settings/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
    assert page.get_by_role("link", name="Sources").count() == 0
