"""The forms of rules, limits and holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ringbook.desk.retention.changing import MOST_DAYS, Draft
from ringbook.desk.retention.policy import KINDS as ORDER
from ringbook.desk.retention.policy import Limit
from ringbook.desk.retention.records import RetentionRule
from ringbook.web.pages.retention.words import KINDS

GB = 2**30
"""As sizes are told on all pages."""


class RuleForm(forms.Form):
    """A rule as somebody wants it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("It stands in reports and on the tombstones of what the rule removes."),
    )
    kind = forms.ChoiceField(label=_("What is removed"), choices=[(kind, KINDS[kind]) for kind in ORDER])
    query = forms.CharField(
        label=_("Of which calls"),
        max_length=2000,
        required=False,
        help_text=_(
            "A question as in the list of calls: queue:sales direction:inbound -tag:keep. Empty: all."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false", "class": "mono"}),
    )
    days = forms.IntegerField(
        label=_("Older than, in days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Counted from the beginning of the call; of a note, from its last change."),
    )
    most_gb = forms.FloatField(
        label=_("Or beyond, in GB"),
        required=False,
        min_value=0,
        help_text=_("Recordings only: the oldest go until the rest fits."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, help_text=_("Kept with this version of the rule.")
    )

    def draft(self) -> Draft:
        """The rule that the form describes."""
        values = self.cleaned_data
        gb = values["most_gb"]
        return Draft(
            values["name"],
            values["kind"],
            values["query"],
            values["days"],
            None if gb is None else round(gb * GB),
        )


def shown(row: RetentionRule) -> dict[str, Any]:
    """What the form of a rule shows."""
    gb = None if row.most_bytes is None else row.most_bytes / GB
    return {"name": row.name, "kind": row.kind, "query": row.query, "days": row.days, "most_gb": gb}


class LimitsForm(forms.Form):
    """For each kind the least and the most time."""

    def __init__(self, data: Any = None, *, limits: dict[str, Limit]) -> None:
        super().__init__(data)
        for kind in ORDER:
            limit = limits.get(kind, Limit())
            for name, value in (("least", limit.least_days), ("most", limit.most_days)):
                self.fields[f"{kind}_{name}"] = forms.IntegerField(
                    label=_("At least, in days") if name == "least" else _("At most, in days"),
                    required=False,
                    min_value=1,
                    max_value=MOST_DAYS,
                    initial=value,
                )

    def limits(self) -> dict[str, Limit]:
        """The limits that the form describes."""
        told = self.cleaned_data
        return {kind: Limit(told[f"{kind}_least"], told[f"{kind}_most"]) for kind in ORDER}

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields, by kind."""
        return [(KINDS[kind], self[f"{kind}_least"], self[f"{kind}_most"]) for kind in ORDER]


class HoldForm(forms.Form):
    """A hold as somebody wants to place it."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("A file number, a case."))
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2, "data-expand": ""})
    )
    review_on = forms.DateField(
        label=_("Look at it again on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("From that day on it is shown as overdue, and goes on holding."),
    )
    query = forms.CharField(
        label=_("Calls that answer this"),
        max_length=2000,
        required=False,
        help_text=_("All that answer it now are fixed in the hold."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false", "class": "mono"}),
    )
    follows = forms.BooleanField(
        label=_("Also hold calls that come to answer it later"), required=False, initial=True
    )
