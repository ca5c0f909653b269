"""Forms for people and teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ringbook.desk.people.models import Person, Team
from ringbook.desk.people.roles import Role

ROLE_WORDS = {
    Role.OWNER: _("Owner"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.AGENT: _("Agent"),
    Role.AUDITOR: _("Auditor"),
    Role.INTEGRATION: _("Integration"),
}

ROLE_HELP = {
    Role.OWNER: _("everything, and makes other owners"),
    Role.ADMINISTRATOR: _("everything but owners"),
    Role.SUPERVISOR: _("the calls of the teams they lead"),
    Role.AGENT: _("their own calls"),
    Role.AUDITOR: _("sees everything, changes nothing"),
}


def with_version(given: QueryDict, version: int) -> QueryDict:
    """What was sent, to be saved over this version knowingly."""
    again = given.copy()
    again["version"] = str(version)
    return again


def role_choices(roles: tuple[Role, ...]) -> list[tuple[str, str]]:
    """Roles to choose from, with what each sees."""
    return [(role.value, f"{ROLE_WORDS[role]} – {ROLE_HELP[role]}") for role in roles]


class InviteForm(forms.Form):
    """Somebody new."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it."))
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), initial=Role.AGENT.value)
    extension = forms.CharField(
        label=_("Extension"), max_length=40, required=False, help_text=_("Where they sit from now on.")
    )

    def __init__(self, *args: Any, roles: tuple[Role, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """Somebody who is here already."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: tuple[Role, ...], own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]
        if own:  # it takes the password
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("You change your own on your profile.")
        else:
            self.fields["email"].help_text = _("They sign in with it; the old address is told of a change.")


class TeamForm(forms.Form):
    """A team: its leads see the calls of its members and queues."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    name = forms.CharField(label=_("Name"), max_length=120)
    leads = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label=_("Leads"),
        required=False,
        help_text=_("Supervisors who see the calls of this team."),
        widget=forms.CheckboxSelectMultiple,
    )
    members = forms.ModelMultipleChoiceField(
        Person.objects.none(), label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )
    queues = forms.CharField(
        label=_("Queues"),
        required=False,
        max_length=2_000,
        help_text=_("Names of queues whose calls belong to the team, parted by commas."),
    )

    def __init__(self, *args: Any, tenant: str, **options: Any) -> None:
        super().__init__(*args, **options)
        there = Person.objects.filter(tenant=tenant, is_active=True).order_by("name", "email")
        self.fields["leads"].queryset = there.filter(role=Role.SUPERVISOR)  # type: ignore[attr-defined]
        self.fields["members"].queryset = there  # type: ignore[attr-defined]

    def clean_queues(self) -> list[str]:
        """The names, each once."""
        names = (name.strip() for name in str(self.cleaned_data["queues"]).split(","))
        return list(dict.fromkeys(name for name in names if name))


def team_initial(team: Team) -> dict[str, Any]:
    """A team as its form shows it."""
    return {
        "version": team.version,
        "name": team.name,
        "leads": list(team.leads.all()),
        "members": list(team.members.all()),
        "queues": ", ".join(team.queues),
    }
