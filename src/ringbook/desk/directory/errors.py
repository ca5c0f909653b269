"""What can be wrong with something that was asked of the directory.

::

    DirectoryError (AskError)
    ├── DraftError          what was typed cannot be a contact or a company; says which field and why
    ├── NumberTakenError    the number is another contact's: move it, or merge the two
    ├── StaleError          somebody changed it meanwhile; both texts are shown
    ├── UndoError           it was changed since, so it cannot be put back
    └── FileError           the file cannot be read as contacts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from ringbook.model.errors import AskError

if TYPE_CHECKING:
    from ringbook.desk.directory.models import Contact


class DirectoryError(AskError):
    """Base of all errors about contacts; its text is made for the person who asked."""


class DraftError(DirectoryError):
    """What was typed cannot be kept; ``fields`` says what is wrong with which."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__(" ".join(fields.values()))


class NumberTakenError(DirectoryError):
    """A number belongs to one contact: ``contact`` has ``number`` already."""

    def __init__(self, number: str, contact: Contact) -> None:
        self.number = number
        self.contact = contact
        super().__init__(
            _("%(number)s is a number of %(name)s: move it here, or merge the two contacts.")
            % {"number": number, "name": contact.name}
        )


class StaleError(DirectoryError):
    """Somebody else changed it meanwhile; ``version`` is what it is at now."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(
            _("Somebody changed this while you did. Nothing of yours was kept yet: compare and save again.")
        )


class UndoError(DirectoryError):
    """It was changed since, so putting it back would undo somebody's later work."""


class FileError(DirectoryError):
    """The file is not one that contacts can be read from; the text says why and what to do."""
