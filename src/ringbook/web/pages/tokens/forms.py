"""The form that makes a token: never more than who fills it in has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import EVERY_CALL, Right, Role
from ringbook.desk.tokens.keys import usable
from ringbook.web.pages.tokens.words import RIGHTS, ROLES
from ringbook.web.viewer import Viewer

LASTING = (("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("never", _("For ever")))


class TokenForm(forms.Form):
    """What a token is to be."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Which program uses it, such as CRM or wallboard.")
    )
    role = forms.ChoiceField(label=_("Role"))
    person = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Nobody: all calls that its role sees"),
        help_text=_("With a person, it sees and may do only what they do."),
    )
    lasts = forms.ChoiceField(label=_("Lasts"), choices=LASTING, initial="365")
    rights = forms.MultipleChoiceField(
        label=_("Only these rights"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all that its role has."),
    )

    def __init__(self, viewer: Viewer, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._viewer = viewer
        offered = [role for role in ROLES if usable(role) <= viewer.rights and may_make(viewer, role)]
        mine = {right for role in offered for right in usable(role)} & viewer.rights
        self._choices("role", [(role.value, ROLES[role]) for role in offered])
        self._choices("rights", [(right.value, word) for right, word in RIGHTS.items() if right in mine])
        people = Person.objects.filter(tenant=viewer.scope.tenant, is_active=True)
        if viewer.role is not Role.OWNER:
            people = people.exclude(role=Role.OWNER)
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = people.order_by("name")

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """What was chosen, if it goes together."""
        told = super().clean() or {}
        role = Role(told["role"]) if told.get("role") else None
        if role is None:
            return told
        if role not in EVERY_CALL and not told.get("person"):
            self.add_error(
                "person", gettext("Whose calls should it see? A token of this role needs a person.")
            )
        beyond = [
            RIGHTS[Right(right)] for right in told.get("rights", []) if Right(right) not in usable(role)
        ]
        if beyond:
            words = ", ".join(str(word) for word in beyond)
            self.add_error("rights", gettext("This role does not have: %(rights)s.") % {"rights": words})
        return told

    @property
    def lasting(self) -> timedelta | None:
        """How long it lasts; None is for ever."""
        days = self.cleaned_data["lasts"]
        return None if days == "never" else timedelta(days=int(days))


def may_make(viewer: Viewer, role: Role) -> bool:
    """Whether a viewer may make a token of a role: only owners make owners' tokens, and who sees less gives no more."""
    if role is Role.OWNER:
        return viewer.role is Role.OWNER
    return not viewer.scope.masked and not viewer.scope.restricted
