"""What customers are asked after a call: by a link, or by keys that the phone system wrote into its records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ringbook.desk.governance import audit
from ringbook.desk.insight import digits, links
from ringbook.desk.insight.models import DigitRule, Survey
from ringbook.desk.insight.surveys import Kind, SurveyError
from ringbook.desk.organisation.changes import StaleError, change
from ringbook.desk.people.roles import Right
from ringbook.desk.wiring import operations
from ringbook.desk.workspace.jobs import Work, enqueue, job
from ringbook.desk.workspace.models import Job
from ringbook.web.guard import needs
from ringbook.web.pages.jobs.views import told as told_job
from ringbook.web.pages.settings import editing
from ringbook.web.pages.settings.editing import differences
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

KINDS = (
    (Kind.CSAT.value, gettext_lazy("Satisfaction (CSAT), 1 to 5")),
    (Kind.NPS.value, gettext_lazy("Recommendation (NPS), 0 to 10")),
    (Kind.CES.value, gettext_lazy("Effort (CES), 1 to 7")),
)


class SurveyForm(forms.Form):
    """The survey by link. Empty texts are Ringbook's own."""

    on = forms.BooleanField(
        label=gettext_lazy("Customers may be asked by a link"),
        required=False,
        help_text=gettext_lazy(
            "On the page of a call, “Ask how it was” makes a link to send to the customer."
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What is asked"), choices=KINDS)
    expires_days = forms.IntegerField(
        label=gettext_lazy("A link asks for (days)"), min_value=1, max_value=365, initial=14
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for code, name in settings.LANGUAGES:
            label = _("Question, %(language)s") % {"language": _(name)}
            self.fields[f"question_{code}"] = forms.CharField(label=label, max_length=200, required=False)
            label = _("Thanks, %(language)s") % {"language": _(name)}
            self.fields[f"thanks_{code}"] = forms.CharField(label=label, max_length=400, required=False)

    def told(self) -> dict[str, Any]:
        """What is kept of it."""
        given = self.cleaned_data
        codes = [code for code, _name in settings.LANGUAGES]
        return {
            **{name: given[name] for name in ("on", "kind", "expires_days")},
            "questions": {code: text for code in codes if (text := given[f"question_{code}"].strip())},
            "thanks": {code: text for code in codes if (text := given[f"thanks_{code}"].strip())},
        }

    @property
    def texts(self) -> list[forms.BoundField]:
        """The fields that each language has."""
        return [self[name] for name in self.fields if name.startswith(("question_", "thanks_"))]


@needs(Right.MANAGE_SETTINGS)
def surveys(request: Asking) -> HttpResponseBase:
    """The form of the survey, and the rules for keys."""
    tenant = request.viewer.scope.tenant
    found = links.survey_of(tenant)
    form = SurveyForm(request.POST or None, initial=_initial(found))
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        if found._state.adding:
            found, _made = Survey.objects.get_or_create(tenant=tenant)
        try:
            change(found, editing.version_of(request), request.viewer.actor, "survey:changed", **form.told())
        except StaleError:
            found.refresh_from_db()
            theirs = differences(form, _initial(found))
        else:
            return toast(request, HttpResponseRedirect(reverse("settings-surveys")), _("Survey saved."))
    last = Job.objects.filter(owner=request.viewer.person, kind=READ).order_by("-made_at").first()
    told = {
        "form": form,
        "survey": found,
        "theirs": theirs,
        "rules": [
            {"rule": rule, "kind": dict(KINDS)[rule.kind]}
            for rule in DigitRule.objects.within(request.viewer.scope)
        ],
        "job": told_job(last) if last else None,
    }
    status = 409 if theirs else 422 if form.errors else 200
    return render(request, "settings/surveys.html", told, status=status)


def _initial(survey: Survey) -> dict[str, Any]:
    return {
        "on": survey.on,
        "kind": survey.kind,
        "expires_days": survey.expires_days,
        **{f"question_{code}": text for code, text in survey.questions.items()},
        **{f"thanks_{code}": text for code, text in survey.thanks.items()},
    }


class RuleForm(forms.Form):
    """A rule for keys."""

    field = forms.CharField(
        label=gettext_lazy("Field of the records"),
        max_length=120,
        help_text=gettext_lazy("As the phone system writes it: userfield, or the name of a channel variable"),
    )
    pattern = forms.CharField(
        label=gettext_lazy("Pattern of its whole value"),
        max_length=200,
        help_text=gettext_lazy(
            "A regular expression. What stands in brackets is the score: csat=([1-5]) takes the 5 of csat=5."
        ),
        strip=False,
    )
    kind = forms.ChoiceField(label=gettext_lazy("What was asked"), choices=KINDS)
    score = forms.IntegerField(
        label=gettext_lazy("Score, if always the same"), min_value=0, max_value=10, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Every field, if they make a rule together."""
        given = super().clean() or {}
        if "pattern" in given and "kind" in given and not self.errors:
            try:
                digits.check(given["pattern"], given["kind"], given.get("score"))
            except SurveyError as error:
                self.add_error("pattern", str(error))
        return given


class RuleKind(editing.Kind[DigitRule]):
    """Rules for keys."""

    slug, page, model, form = "survey-rule", "settings-surveys", DigitRule, RuleForm
    title_new, title_change = gettext_lazy("Read a keypad answer"), gettext_lazy("Change a rule")
    told_saved, told_removed = gettext_lazy("Rule saved."), gettext_lazy("Rule removed.")

    def add(self, viewer: Viewer, values: dict[str, Any]) -> None:
        """Keep a new one."""
        if len(digits.rules_of(viewer.scope.tenant)) >= digits.MOST_RULES:
            raise SurveyError(_("There are %(most)d rules; remove one first.") % {"most": digits.MOST_RULES})
        super().add(viewer, values)


READ = "read-keypad-answers"


@needs(Right.MANAGE_SETTINGS)
@require_POST
def read(request: Asking) -> HttpResponseBase:
    """Read the answers off all calls that there are, in the background."""
    viewer = request.viewer
    row = enqueue(viewer.person, READ, {}, title=_("Keypad answers of all calls"), scope=viewer.scope)
    audit.record(viewer.actor, "survey:read", f"job:{row.pk}")
    return toast(request, HttpResponseRedirect(reverse("settings-surveys")), _("All calls are being read."))


@job(READ, right=Right.MANAGE_SETTINGS)
def _read(work: Work) -> None:
    told: dict[str, int] = {"calls": 0, "answers": 0}
    for told in operations().run("surveys.read", {}):
        work.progress(told["done"], told["total"])
    work.note(_("%(answers)d answers are new.") % {"answers": told["answers"]})
