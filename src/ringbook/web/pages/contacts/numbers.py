"""Numbers as a viewer may see them."""

from __future__ import annotations

from ringbook.desk.directory.models import Contact
from ringbook.model.masking import masked_number, masked_text
from ringbook.model.scope import Scope
from ringbook.web.viewer import Viewer


def number_shown(viewer: Viewer, number: str) -> str:
    """The number, or what a masked viewer may see of it."""
    return masked_number(number) if viewer.scope.masked else number


def text_shown(viewer: Viewer, text: str) -> str:
    """A text that people or phone systems wrote, without numbers for a masked viewer."""
    return masked_text(text) if viewer.scope.masked else text


def unmasked(scope: Scope) -> Scope:
    """The same calls, for a question of ours that names a contact's numbers; what it finds is masked when it is shown."""
    return Scope(scope.tenant, scope.reaches)


def contact_shown(viewer: Viewer, contact: Contact) -> Contact:
    """The contact, for showing only, without numbers in its texts for a masked viewer."""
    if viewer.scope.masked:
        for field in ("name", "title", "note"):
            setattr(contact, field, masked_text(getattr(contact, field)))
        contact.emails = [masked_text(mail) for mail in contact.emails]
        contact.labels = [masked_text(label) for label in contact.labels]
        if contact.company:
            contact.company.name = masked_text(contact.company.name)
    return contact
