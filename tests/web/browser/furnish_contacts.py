"""Contacts and calls for the pictures and journeys of contacts and the worklist."""

from __future__ import annotations

import time
from typing import Any

from ringbook.desk.directory import edit
from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.sync import sync_pending
from ringbook.desk.governance.audit import Actor
from ringbook.model.call import AgentTalk, Direction, Outcome
from ringbook.model.instant import SECOND

from ...analyse.calls import call, outside
from ...house import People, write_calls
from ...search.calls import inside

MINUTE = 60 * SECOND

PEOPLE = (
    (
        "Margaret Hale",
        "Hale & Sons",
        "Buyer",
        "margaret@example.com",
        ("+15125550501", "mobile"),
        ("+15125550502", "work"),
    ),
    ("Nicholas Higgins", "Milton Mills", "", "nicholas@example.com", ("+442079460501", "work")),
    ("John Thornton", "Milton Mills", "Director", "john@example.com", ("+442079460502", "mobile")),
    ("Frederick Lenz", "Hale & Sons", "Accounts", "", ("+15125550503", "work")),
    ("Dixon Marsh", "", "", "dixon@example.com", ("+15125550504", "home")),
)

# who, what became of it, minutes ago, ours rang
CALLS = (
    ("+15125550501", "missed", 52, False),
    ("+15125550501", "abandoned", 33, False),
    ("+15125550503", "voicemail", 190, False),
    ("+15125550503", "missed", 60, True),
    ("+442079460501", "missed", 400, False),
    ("+442079460501", "answered", 320, True),
    ("+442079460502", "answered", 1500, False),
    ("+15125550501", "answered", 2900, False),
    ("+15125550502", "answered", 4400, True),
    ("+15125550509", "missed", 75, False),
    ("", "abandoned", 95, False),
)


def furnish(home: Any, people: People) -> None:
    """Five contacts, and callers in every state of the worklist."""
    actor = Actor(f"person:{people.owner.pk}", people.owner.name)
    for name, company, title, mail, *numbers in PEOPLE:
        drafts = tuple(NumberDraft(number, label) for number, label in numbers)
        mails = (mail,) if mail else ()
        edit.add_contact(
            actor, ContactDraft(name=name, company=company, title=title, emails=mails, numbers=drafts)
        )
    now = time.time_ns() // 1000
    made = []
    for place, (number, became, ago, out) in enumerate(CALLS):
        ours = inside("101", "Bo Dahl")
        answered = became == "answered"
        made.append(
            call(
                90_000 + place,
                now - ago * MINUTE,
                "main",
                direction=Direction.OUTBOUND if out else Direction.INBOUND,
                outcome=Outcome(became),
                caller=ours if out else outside(number),
                called=outside(number) if out else ours,
                dialled=number if out else "+15125550199",
                queue="" if out else "support",
                agents=(AgentTalk("101", "Bo Dahl", 184.0),) if answered else (),
                talk_s=184.0 if answered else None,
                wait_s=None if out else 21.0 + place,
                duration_s=205.0 if answered else 40.0,
            )
        )
    write_calls(home, made)
    sync_pending()
