"""What people say about calls and numbers, as far as calls are searched by it: copies for the ledger.

The originals are kept elsewhere, with their history. A copy is always the whole of what holds now, never a change to it.
"""

from __future__ import annotations

import msgspec

from ringbook.model.call import CallId
from ringbook.model.instant import Instant

CONSENT = "recording.consent"
"""The field that holds what the parties said to being recorded; no field of an organisation's own has a point in its key."""


class CallNotes(msgspec.Struct, frozen=True, kw_only=True):
    """All that people have added to one call. The highest ``version`` holds; 0 is the time of writing."""

    call: CallId
    version: int = 0
    notes: str = ""
    tags: tuple[str, ...] = ()
    outcome_code: str = ""
    assigned: tuple[str, ...] = ()  # handles of those who have an open task about it
    due_at: tuple[Instant, ...] = ()  # when open tasks about it are due
    open_tasks: int = 0  # also those that nobody has or that are due at no time
    entered_by: str = ""  # handle of who logged the call by hand
    fields: dict[str, str] = {}


class NamedNumber(msgspec.Struct, frozen=True):
    """Whose a telephone number is, E.164 or as calls have it; without a contact, nobody's any more."""

    number: str
    contact: str = ""
    name: str = ""
    company: str = ""
    version: int = 0
