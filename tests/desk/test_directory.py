"""The directory: contacts with several numbers, their history, merging and undoing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ringbook.desk.directory import edit, sync
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.errors import DraftError, NumberTakenError, StaleError, UndoError
from ringbook.desk.directory.models import Contact, ContactNumber, PendingName
from ringbook.desk.directory.names import (
    calls_query,
    contact_of,
    matching,
    names_of,
    normalised,
    numbers_of,
    search_contacts,
)
from ringbook.desk.directory.spreadsheets import Parsed
from ringbook.desk.directory.taking import Options, decided
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home

from ..house import People

MAIN = Scope("main")


def actor_of(people: People) -> Actor:
    return Actor(f"person:{people.agent.pk}", people.agent.name)


def draft(name: str, *numbers: str, **more: object) -> ContactDraft:
    return ContactDraft(name=name, numbers=tuple(NumberDraft(one) for one in numbers), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(512) 555-0101", "+15125550101"),
        ("+44 (0)20 7946 0101", "+442079460101"),
        ("0044 20 7946 0101", "+442079460101"),
        ("tel:+15125550101", "+15125550101"),
        ("512-555-0101 x12", "+15125550101"),
        ("101", "101"),
        ("12", ""),
        ("call me", ""),
        ("=1+1", ""),
        ("9" * 40, ""),
    ],
)
def test_numbers_are_kept_as_the_organisation_dials_them(typed: str, kept: str) -> None:
    assert normalised("US", typed) == kept


def test_a_contact_is_found_by_each_of_its_numbers(people: People) -> None:
    made = edit.add_contact(
        actor_of(people), draft("Ann Reed", "512 555 0111", "+442079460111", company="Reed & Co")
    )
    assert numbers_of(made) == ["+15125550111", "+442079460111"]
    found = names_of(MAIN, ["+15125550111", "5125550111", "+442079460111", "+15125550112", ""])
    assert set(found) == {"+15125550111", "5125550111", "+442079460111"}
    assert {one.name for one in found.values()} == {"Ann Reed"}
    assert found["5125550111"].company == "Reed & Co"
    assert contact_of(MAIN, "+442079460111") == made
    assert names_of(Scope("another"), ["+15125550111"]) == {}
    assert calls_query(numbers_of(made)) == "number:+15125550111,+442079460111"


def test_a_number_is_one_contacts_until_it_is_moved(people: People) -> None:
    actor = actor_of(people)
    first = edit.add_contact(actor, draft("First", "+15125550121", "+15125550122"))
    with pytest.raises(NumberTakenError) as taken:
        edit.add_contact(actor, draft("Second", "+15125550121"))
    assert taken.value.contact == first
    assert not Contact.objects.filter(name="Second").exists()
    second = edit.add_contact(actor, draft("Second", "+15125550121"), move=True)
    assert numbers_of(Contact.objects.get(pk=first.pk)) == ["+15125550122"]
    assert numbers_of(second) == ["+15125550121"]
    assert first.changes.count() == 2


def test_an_old_version_changes_nothing(people: People) -> None:
    actor = actor_of(people)
    made = edit.add_contact(actor, draft("Ann"))
    edit.change_contact(actor, made.pk, 1, draft("Anna"))
    with pytest.raises(StaleError) as stale:
        edit.change_contact(actor, made.pk, 1, draft("Anne"))
    assert stale.value.version == 2
    assert Contact.objects.get(pk=made.pk).name == "Anna"


def test_a_draft_says_what_is_wrong_with_which_field(people: People) -> None:
    with pytest.raises(DraftError) as wrong:
        edit.add_contact(
            actor_of(people), draft(" ", "nonsense", emails=("not an address",), note="x" * 20_001)
        )
    assert set(wrong.value.fields) == {"name", "numbers", "emails", "note"}
    assert not Contact.objects.exists()


def test_history_has_what_was_before_and_undo_puts_it_back(people: People) -> None:
    actor = actor_of(people)
    made = edit.add_contact(actor, draft("Ann", "+15125550131"))
    edit.change_contact(actor, made.pk, 1, draft("Anna", "+15125550132"))
    change = made.changes.filter(kind="changed").get()
    assert change.before is not None and change.before["name"] == "Ann"
    edit.undo(actor, change.pk)
    back = Contact.objects.get(pk=made.pk)
    assert (back.name, numbers_of(back)) == ("Ann", ["+15125550131"])
    with pytest.raises(UndoError):
        edit.undo(actor, change.pk)


def test_merging_moves_numbers_and_details_and_can_be_undone(people: People) -> None:
    actor = actor_of(people)
    into = edit.add_contact(actor, draft("Ann Reed", "+15125550141", emails=("ann@example.com",), note="one"))
    other = edit.add_contact(
        actor, draft("A. Reed", "+15125550142", emails=("a@example.com",), note="two", title="Buyer")
    )
    change = edit.merge(actor, into.pk, other.pk)
    into, other = Contact.objects.get(pk=into.pk), Contact.objects.get(pk=other.pk)
    assert numbers_of(into) == ["+15125550141", "+15125550142"]
    assert (into.emails, into.title, into.note) == (
        ["ann@example.com", "a@example.com"],
        "Buyer",
        "one\n\ntwo",
    )
    assert (other.state, other.merged_into_id, numbers_of(other)) == ("merged", into.pk, [])
    assert names_of(MAIN, ["+15125550142"])["+15125550142"].contact_id == str(into.pk)

    edit.undo(actor, change.pk)
    into, other = Contact.objects.get(pk=into.pk), Contact.objects.get(pk=other.pk)
    assert (numbers_of(into), into.note, into.title) == (["+15125550141"], "one", "")
    assert (other.state, other.merged_into_id, numbers_of(other)) == ("active", None, ["+15125550142"])


def test_a_merge_is_not_undone_over_later_work(people: People) -> None:
    actor = actor_of(people)
    into = edit.add_contact(actor, draft("Ann", "+15125550151"))
    other = edit.add_contact(actor, draft("Bea", "+15125550152"))
    change = edit.merge(actor, into.pk, other.pk)
    edit.add_number(actor, into.pk, "+15125550153", "work")
    with pytest.raises(UndoError):
        edit.undo(actor, change.pk)
    assert len(numbers_of(Contact.objects.get(pk=into.pk))) == 3


def test_search_by_part_and_never_by_digits_for_masked_readers(people: People) -> None:
    actor = actor_of(people)
    made = edit.add_contact(
        actor, draft("Zoë Ångström", "+15125550161", company="Ärzte AG", emails=("zoe@example.com",))
    )
    for text in ("zoë", "ÅNGS", "ärzte", "zoe@ex", "zoë ag", "5550161", "(512) 555-0161"):
        assert search_contacts(MAIN, text) == [made], text
    assert search_contacts(MAIN, "zoë nobody") == []
    assert not matching(Scope("main", masked=True), "5550161").exists()
    assert matching(Scope("main", masked=True), "zoë").exists()


def test_every_change_is_audited_without_names_and_numbers(people: People) -> None:
    actor = actor_of(people)
    made = edit.add_contact(actor, draft("Secret Name", "+15125550171"))
    edit.change_contact(actor, made.pk, 1, draft("Secret Other", "+15125550171"))
    edit.set_archived(actor, made.pk, archived=True)
    edit.delete(actor, made.pk)
    told = list(AuditEntry.objects.filter(subject=f"contact:{made.pk}").values_list("action", "detail"))
    assert [action for action, _ in told] == [
        "contact:added",
        "contact:changed",
        "contact:archived",
        "contact:deleted",
    ]
    assert not any("Secret" in detail or "0171" in detail for _, detail in told)
    assert not ContactNumber.objects.filter(number="+15125550171").exists()


def test_every_number_that_changes_its_name_is_queued(people: People) -> None:
    actor = actor_of(people)
    made = edit.add_contact(actor, draft("Ann", "+15125550181"))
    PendingName.objects.all().delete()
    edit.change_contact(actor, made.pk, 1, draft("Ann", "+15125550182"))
    assert set(PendingName.objects.values_list("number", flat=True)) == {"+15125550181", "+15125550182"}


def test_rows_that_are_all_known_are_looked_up_together(
    people: People, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for number in range(30):
        edit.add_contact(actor_of(people), draft(f"Caller {number}", f"+151255502{number:02}"))
    rows = [
        Parsed(line, draft(f"Caller {line}", f"+151255502{line:02}", title="Buyer" if line == 7 else ""))
        for line in range(30)
    ]
    with django_assert_max_num_queries(8):
        verdicts = list(decided("main", rows, Options()))
    assert [(one.kind, one.why) for one in verdicts] == [
        ("change" if line == 7 else "same", "number") for line in range(30)
    ]


@pytest.mark.django_db
def test_a_ledger_that_was_made_anew_is_given_all_names_again(house: Home) -> None:
    elsewhere = str(uuid.uuid4())
    contact = Contact.objects.create(tenant=elsewhere, name="Nora Numbat", sort_name="nora numbat")
    ContactNumber.objects.create(tenant=elsewhere, contact=contact, number="+15125550177", raw="555-0177")
    assert sync.queue_lost(elsewhere) == 1
    assert sync.sync_pending() >= 1
    sql = "SELECT number, name FROM named_numbers WHERE tenant = {tenant:String}"
    assert house.ledger.query_rows(Scope(elsewhere), sql) == [("+15125550177", "Nora Numbat")]
    assert sync.queue_lost(elsewhere) == 0
