"""A typed client for Ringbook's API.

It needs a token, which an administrator makes in the settings or with ``ringbook tokens create``::

    from ringbook.client import Ringbook

    with Ringbook("http://127.0.0.1:8420", "rb_…") as ringbook:
        for call in ringbook.calls("outcome:missed last:7d"):
            print(call.started_at, call.from_.number)
        call = ringbook.get_call(call.id)
        ringbook.add_note(call.id, text="Called back.")

There is a method for each operation of the API, under its name (``search_calls``, ``get_call``, ``add_note``…), and
iterators that walk through all pages: ``calls``, ``contacts``, ``companies``, ``rejects``, ``changes``. What the API refuses
is raised as :class:`ProblemError` with the problem's kind, title and detail. Requests are sent again when the server says
when to come back, and, where that cannot do anything twice, when the connection breaks.
"""

from ringbook.client._generated import (
    Agent,
    Annotations,
    Call,
    CallPage,
    Cause,
    Change,
    Changes,
    Contact,
    Evidence,
    Export,
    Figure,
    Leg,
    Me,
    Note,
    NumberSent,
    Party,
    Reject,
    Source,
    Step,
    Task,
)
from ringbook.client.client import Ringbook
from ringbook.client.errors import (
    ConnectionLostError,
    NotThereError,
    ProblemError,
    RingbookClientError,
)

__all__ = [
    "Agent",
    "Annotations",
    "Call",
    "CallPage",
    "Cause",
    "Change",
    "Changes",
    "ConnectionLostError",
    "Contact",
    "Evidence",
    "Export",
    "Figure",
    "Leg",
    "Me",
    "NotThereError",
    "Note",
    "NumberSent",
    "Party",
    "ProblemError",
    "Reject",
    "Ringbook",
    "RingbookClientError",
    "Source",
    "Step",
    "Task",
]
