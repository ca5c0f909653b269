"""Requests of people in every state that pages show, and the calls that they are about. Everybody in it is made up."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from ringbook.desk.annotations.acting import By
from ringbook.desk.annotations.notes import add_note
from ringbook.desk.directory import edit as directory
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.governance.audit import Actor
from ringbook.desk.requests import flow, previewing
from ringbook.desk.requests.models import PersonRequest, RequestKind
from ringbook.desk.retention import holds
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home

from ...house import People, write_calls
from ...search.calls import HAND_MADE, at, identity, inside, outside

NUMBER, OTHER, NAME = "+442079460831", "+442079460832", "Imke Vos"


def furnish(home: Home, people: People) -> None:
    """Calls of one person, a hold on one of them; an erasure that is being prepared, one that waits, one that was declined, an
    access request that waits.
    """
    ids = []
    for place in range(6):
        began = at(f"2026-10-1{place}T10:20")
        number = OTHER if place == 2 else NUMBER
        call = msgspec.structs.replace(
            HAND_MADE["late"],
            id=identity(began, 0x7800 + place),
            started_at=began,
            answered_at=began + 5_000_000,
            ended_at=began + 95_000_000,
            caller=outside(number, NAME),
            called=inside("101", "Bo Dahl"),
            legs=(),
            steps=(),
            queue="",
        )
        write_calls(home, [call])
        ids.append(call.id)
    olga = Actor(f"person:{people.owner.pk}", people.owner.name)
    draft = ContactDraft(
        name=NAME, emails=("imke@example.org",), numbers=(NumberDraft(NUMBER), NumberDraft(OTHER))
    )
    directory.add_contact(olga, draft)
    add_note(By.of(people.owner), ids[0], "Asked for the contract in writing.")
    holds.place(
        olga,
        Scope(),
        name="Vos v. Northwind",
        reason="A suit was announced",
        review_on=date(2027, 6, 1),
        ids=ids[:1],
    )
    today = date.today()
    began_on = today - timedelta(days=26)
    begun(olga, people, RequestKind.ERASURE, began_on, submitted=False)
    late = begun(olga, people, RequestKind.ERASURE, today - timedelta(days=33), submitted=True)
    flow.decline(
        Actor(f"person:{people.administrator.pk}", people.administrator.name),
        late,
        people.administrator,
        "The contract is still running.",
    )
    begun(olga, people, RequestKind.ERASURE, today - timedelta(days=33), submitted=True)
    begun(olga, people, RequestKind.ACCESS, today - timedelta(days=2), submitted=True)


def begun(
    olga: Actor, people: People, kind: RequestKind, received_on: date, *, submitted: bool
) -> PersonRequest:
    """A request of the person."""
    row = flow.begin(olga, Scope(), people.owner, kind=kind, subject=NAME, received_on=received_on)
    row = flow.identify(row, [("numbers", NUMBER), ("numbers", OTHER), ("names", NAME)])
    if not submitted:
        return row
    told = msgspec.to_builtins(previewing.preview(row, Scope()))
    basis = "access" if kind == RequestKind.ACCESS else "consent"
    return flow.submit(
        olga, row, people.owner, basis=basis, reason="Wrote from a known address.", preview=told
    )
