"""The words of taking in a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TARGET_WORDS = {
    "": _("leave out"),
    "name": _("Name"),
    "first": _("First name"),
    "middle": _("Middle name"),
    "last": _("Last name"),
    "company": _("Company"),
    "title": _("Role or title"),
    "email": _("E-mail"),
    "number:mobile": _("Number (mobile)"),
    "number:work": _("Number (work)"),
    "number:home": _("Number (home)"),
    "number:fax": _("Number (fax)"),
    "number:other": _("Number"),
    "note": _("Note"),
    "labels": _("Labels"),
}

CHOICE_WORDS = {
    "merge": _("Fill in what is missing"),
    "replace": _("Overwrite with the file"),
    "skip": _("Leave out"),
    "new": _("Add as another contact"),
}

WHY_WORDS = {
    "number": _("same number"),
    "email": _("same e-mail"),
    "name": _("similar name"),
    "file": _("also earlier in this file"),
    "": "",
}
