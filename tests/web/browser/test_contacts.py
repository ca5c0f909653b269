"""Contacts in the browser: taking in a file with duplicates, merging, undoing; a name appears on the calls at once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

PageAs = Callable[..., Page]

CSV = b"""Name,Company,Mobile phone,E-mail Address
Importa Nova,Journey Ltd,+1 512 555 0601,importa@example.com
J. Thornton,Milton Mills,+442079460502,jt@example.com
Nova Importa,,+1 512 555 0602,
"""


def test_a_file_is_looked_through_taken_in_and_taken_back(
    page_as: PageAs, axe: Callable[[Page], None]
) -> None:
    page = page_as("owner", path="/contacts/import")
    page.set_input_files(
        "input[type=file]", files=FilePayload(name="journey.csv", mimeType="text/csv", buffer=CSV)
    )
    page.get_by_role("button", name="Look through it").click()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    axe(page)
    expect(page.get_by_role("link", name="John Thornton")).to_be_visible()
    # The third row has nearly the first one's name: it is the same person.
    page.get_by_label("What becomes of Nova Importa, line 4").select_option("merge")
    page.get_by_text("How the file is read").click()
    page.get_by_role("button", name="Look through it again").click()
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_text("Calls with these numbers show the names now.")).to_be_visible(timeout=20_000)
    page.goto("/contacts/?q=importa")
    expect(page.locator("tbody tr[data-item]")).to_have_count(1)
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("link", name="(512) 555-0602")).to_be_visible()
    page.goto("/contacts/import")
    page.get_by_role("link", name="journey.csv").click()
    page.get_by_role("button", name="Take back").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Taken back").first).to_be_visible(timeout=20_000)
    page.goto("/contacts/?q=importa")
    expect(page.get_by_text("No contact fits")).to_be_visible()


def test_contacts_are_merged_and_the_merge_is_undone(page_as: PageAs) -> None:
    page = page_as("owner", path="/contacts/new")
    for name, number in (("Merge Journey", "+15125550611"), ("Merge Journal", "+15125550612")):
        page.goto("/contacts/new")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Number", exact=True).first.fill(number)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name="Merge another contact").click()
    page.get_by_role("searchbox").fill("merge")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Merge Journey").click()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("link", name="(512) 555-0611")).to_be_visible()
    page.locator(".feed").get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("link", name="(512) 555-0611")).to_have_count(0)
    page.goto("/contacts/?q=merge+jour")
    expect(page.locator("tbody tr[data-item]")).to_have_count(2)


def test_naming_a_number_names_it_on_the_calls_page(page_as: PageAs) -> None:
    page = page_as("owner", path="/missed/")
    row = page.locator("tr[data-item]").filter(has_text="(512) 555-0509")
    row.get_by_role("link", name="Name this number").click()
    page.get_by_label("Name", exact=True).fill("Bessy Named")
    page.locator("dialog[open]").get_by_role("button", name="Save").click()
    expect(page.locator("tr[data-item]").filter(has_text="Bessy Named")).to_be_visible()
    page.goto("/calls/?q=contact:bessy")
    expect(page.get_by_text("Bessy Named").first).to_be_visible()


def test_search_goes_as_one_types_and_keys_move(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("agent", path="/contacts/")
    page.keyboard.press("/")
    page.keyboard.type("milton")
    expect(page.locator("tbody tr[data-item]")).to_have_count(2)
    axe(page)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Calls over all numbers")).to_be_visible()


def test_a_phone_shows_a_contact(page_as: PageAs, axe: Callable[[Page], None]) -> None:
    page = page_as("owner", path="/contacts/?q=margaret", phone=True, dark=True)
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("heading", name="Margaret Hale")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
