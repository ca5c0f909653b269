"""Which formula and which threshold each figure is counted by here, as versions; and which outcome codes mean resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.analyse.choices import NOTHING_CHOSEN, Choices
from ringbook.analyse.definition import Figure
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.desk.annotations.models import OutcomeCode
from ringbook.desk.insight import choices
from ringbook.desk.insight.words import said
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.dashboards.texts import figure_title
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

CODES = "codes"
_SHOWN = 20
_DAY_S = 86_400.0
_HOUR_S = 3_600.0
_DAYS_FROM_S = 2 * _DAY_S
_HOURS_FROM_S = 2 * _HOUR_S


class FigureForm(forms.Form):
    """How one figure is counted. What is left empty is as usual."""

    variant = forms.ChoiceField(label=gettext_lazy("Formula"), required=False)
    threshold = forms.FloatField(min_value=0, required=False)
    short = forms.FloatField(
        label=gettext_lazy("Gave up at once within (seconds)"), min_value=0, max_value=3_600, required=False
    )

    def __init__(self, about: Figure, chosen: Choices, *args: Any, **more: Any) -> None:
        choice = chosen.of(about.name)
        self.unit_s = _unit(about)
        held = {
            "variant": choice.variant or "",
            "threshold": None if choice.threshold_s is None else choice.threshold_s / self.unit_s,
            "short": choice.short_s,
        }
        super().__init__(*args, initial=held, auto_id=f"{about.name}_%s", **more)
        self._variants(about)
        self._threshold(about)
        if about.short_s is None:
            del self.fields["short"]
        else:
            self.fields["short"].help_text = _("Empty: %(usual)s") % {"usual": f"{about.short_s:g}"}

    def _variants(self, about: Figure) -> None:
        if len(about.variants) < len(("A", "B")):
            del self.fields["variant"]
            return
        usual = _("As usual (%(variant)s)") % {"variant": about.variant}
        field = self.fields["variant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", usual), *((name, _line(name, about)) for name in about.variants)]

    def _threshold(self, about: Figure) -> None:
        field = self.fields["threshold"]
        if about.threshold_s is None:
            del self.fields["threshold"]
            return
        names = {_DAY_S: _("Within (days)"), _HOUR_S: _("Within (hours)"), 1.0: _("Within (seconds)")}
        field.label = names[self.unit_s]
        field.help_text = _("Empty: %(usual)s") % {"usual": f"{about.threshold_s / self.unit_s:g}"}

    def told(self) -> Mapping[str, Any]:
        """What was chosen, as choosing takes it."""
        threshold = self.cleaned_data.get("threshold")
        return {
            "variant": self.cleaned_data.get("variant") or None,
            "threshold_s": None if threshold is None else threshold * self.unit_s,
            "short_s": self.cleaned_data.get("short"),
        }


class CodesForm(forms.Form):
    """Which outcome codes say that a call was resolved, or could not be."""

    resolved = forms.MultipleChoiceField(
        label=gettext_lazy("Resolved"), widget=forms.CheckboxSelectMultiple, required=False
    )
    not_resolvable = forms.MultipleChoiceField(
        label=gettext_lazy("Could not be resolved by us"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, known: list[tuple[str, str]], chosen: Choices, *args: Any, **more: Any) -> None:
        held = {"resolved": list(chosen.resolved), "not_resolvable": list(chosen.not_resolvable)}
        super().__init__(*args, initial=held, auto_id="codes_%s", **more)
        for field in self.fields.values():
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = known


@needs(Right.MANAGE_SETTINGS)
def figures(request: Asking) -> HttpResponseBase:
    """The choices, and a new one."""
    chosen = choices.choices_of(request.viewer.scope.tenant)
    asked = request.POST.get("figure", "") if request.method == "POST" else ""
    known = _codes(request, chosen)
    shown = {
        about.name: FigureForm(about, chosen, request.POST if asked == about.name else None)
        for about in _CHOSEN
    }
    codes = CodesForm(known, chosen, request.POST if asked == CODES else None)
    problem = ""
    form = codes if asked == CODES else shown.get(asked)
    if form is not None and form.is_valid():
        problem = _save(request, asked, form)
        if not problem:
            return toast(
                request, HttpResponseRedirect(reverse("settings-figures")), _("Saved as a new version.")
            )
    told = {
        "figures": [(about, figure_title(about.name, about.title), shown[about.name]) for about in _CHOSEN],
        "codes": codes if known else None,
        "version": chosen.version,
        "history": [
            (each, CODES if each.changed == choices.CODES else figure_title(each.changed))
            for each in choices.history(request.viewer.scope.tenant)[:_SHOWN]
        ],
        "problem": problem,
        "asked": asked,
    }
    return render(request, "settings/figures.html", told, status=422 if asked else 200)


def _save(request: Asking, asked: str, form: FigureForm | CodesForm) -> str:
    """What is wrong with it; empty when it is chosen now."""
    if request.POST.get("version") != str(choices.choices_of(request.viewer.scope.tenant).version):
        return _(
            "Somebody chose otherwise meanwhile. Below is how it is now, and what you chose; save again if it is right."
        )
    try:
        if isinstance(form, FigureForm):
            choices.choose(request.viewer.actor, asked, **form.told())
        else:
            choices.choose_codes(request.viewer.actor, **form.cleaned_data)
    except FigureError as error:
        return str(error)
    return ""


def _codes(request: Asking, chosen: Choices) -> list[tuple[str, str]]:
    """The outcome codes there are, and those that were chosen though they are no more."""
    found = {
        code.key: code.label
        for code in OutcomeCode.objects.within(request.viewer.scope).filter(archived=False)
    }
    if not found:
        return []
    held = [
        *(chosen.resolved if chosen.resolved != NOTHING_CHOSEN.resolved else ()),
        *(chosen.not_resolvable if chosen.not_resolvable != NOTHING_CHOSEN.not_resolvable else ()),
    ]
    return list(({key: key for key in held} | found).items())


def _unit(about: Figure) -> float:
    usual = about.threshold_s or 0.0
    return _DAY_S if usual >= _DAYS_FROM_S else _HOUR_S if usual >= _HOURS_FROM_S else 1.0


def _line(name: str, about: Figure) -> str:
    """A formula with its thresholds, as they are here by default, put in."""
    usual = {"{T}": "T", "{short}": "t", "{resolved}": _("resolved"), "{not_resolvable}": _("not resolvable")}
    text = said(about.variants[name].formula)
    for mark, word in usual.items():
        text = text.replace(mark, word)
    return f"{name}: {text}"


_CHOSEN = [
    about
    for about in FIGURES.values()
    if len(about.variants) > 1 or about.threshold_s is not None or about.short_s
]
"""Figures that can be counted in several ways."""
