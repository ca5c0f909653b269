"""Everything that changes what people added to calls. Whoever calls this has checked that the actor may see the calls.

Each change is audited, kept in the history of its call, and at once in the search copy (``annotations.sync``).
"""

from ringbook.desk.annotations.acting import (
    By,
    ConflictError,
    EmptyError,
    FieldValueError,
    Many,
    RefusedError,
    TakenError,
    TooLongError,
    UnknownError,
)
from ringbook.desk.annotations.marks import set_field, set_outcome_code, tag, untag
from ringbook.desk.annotations.notes import Noted, add_note, edit_note, remove_note
from ringbook.desk.annotations.tasks import (
    Tasked,
    add_task,
    assign,
    change_task,
    complete,
    remove_task,
    reopen,
)
from ringbook.desk.annotations.undoing import undo

__all__ = [
    "By",
    "ConflictError",
    "EmptyError",
    "FieldValueError",
    "Many",
    "Noted",
    "RefusedError",
    "TakenError",
    "Tasked",
    "TooLongError",
    "UnknownError",
    "add_note",
    "add_task",
    "assign",
    "change_task",
    "complete",
    "edit_note",
    "remove_note",
    "remove_task",
    "reopen",
    "set_field",
    "set_outcome_code",
    "tag",
    "undo",
    "untag",
]
