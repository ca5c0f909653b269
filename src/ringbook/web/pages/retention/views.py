"""The pages of retention: what holds now, rules with their preview, limits, and when it runs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ringbook.desk.organisation.changes import StaleError
from ringbook.desk.people.roles import Right
from ringbook.desk.retention import changing, holds, runs
from ringbook.desk.retention.changing import Draft, RuleError
from ringbook.desk.retention.plan import Preview, preview
from ringbook.desk.retention.policy import CEILING, KINDS, Policy, alone, limits_of, policy_of, zone_of
from ringbook.desk.retention.records import UNDER_WAY, Hold, RetentionRule, RetentionRun
from ringbook.desk.retention.standing import clock_of, state_of
from ringbook.ledger.rows import opened_ms
from ringbook.model.call import CallId
from ringbook.model.errors import AskError
from ringbook.model.masking import masked_text
from ringbook.search.errors import QuestionError, SearchError
from ringbook.web.guard import needs
from ringbook.web.pages.retention import words
from ringbook.web.pages.retention.forms import LimitsForm, RuleForm, shown
from ringbook.web.pages.retention.shown import hold_shown, words_shown
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking, Viewer

_SALT = "ringbook.retention.seen"
SEEN_S = 3_600
"""How long what somebody saw in a preview counts as seen."""

RUNS_SHOWN = 10


@needs(Right.SEE_RETENTION)
@require_GET
def overview(request: Asking) -> HttpResponse:
    """What holds now, what was done, and what is wrong."""
    viewer = request.viewer
    tenant = viewer.scope.tenant
    now = datetime.now(UTC)
    rules = RetentionRule.objects.within(viewer.scope).filter(removed_at=None)
    latest = list(RetentionRun.objects.within(viewer.scope)[:RUNS_SHOWN])
    limits = limits_of(tenant)
    context = {
        "state": (state := state_of(tenant, now)),
        "alarm": words.ALARMS.get(state.alarm),
        "clock": clock_of(tenant),
        "zone": zone_of(tenant),
        "hours": range(24),
        "rules": [(_readable(request, one), words.KINDS[one.kind], words.ICONS[one.kind]) for one in rules],
        "runs": [run_shown(viewer, run) for run in latest],
        "under_way": next((run_shown(viewer, run) for run in latest if run.state in UNDER_WAY), None),
        "limits": [(words.KINDS[kind], limits[kind]) for kind in KINDS if kind in limits],
        "holds": Hold.objects.within(viewer.scope).filter(released_at=None).count(),
        "reviews": [hold_shown(viewer, one) for one in holds.overdue(viewer.scope, timezone.localdate())],
    }
    return render(request, "retention/overview.html", context)


@needs(Right.SEE_RETENTION)
@require_GET
def plan(request: Asking) -> HttpResponse:
    """What the next run would remove if it began now."""
    tenant = request.viewer.scope.tenant
    policy = policy_of(tenant)
    try:
        context = preview_shown(request.viewer, preview(tenant, policy, request.viewer.now), policy)
    except SearchError as error:
        context = {"problem": str(error)}
    return render(request, "retention/_plan.html", context)


# --- rules -----------------------------------------------------------------------------------------------------------


@needs(Right.SEE_RETENTION)
@require_http_methods(["GET", "POST"])
def rule(request: Asking, rule_id: uuid.UUID | None = None) -> HttpResponseBase:
    """The form of a rule, with what it would remove; or the rule kept."""
    row = None if rule_id is None else _rule(request, rule_id)
    may = request.viewer.may(Right.MANAGE_RETENTION)
    if request.method == "POST" and not may:
        raise Http404
    if request.method != "POST":
        if row is None and not may:
            raise Http404
        return _form(request, row, RuleForm(initial=shown(row) if row else None))
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _form(request, row, form, status=422)
    wanted = form.draft()
    try:
        changing.checked(request.viewer.scope.tenant, wanted)
        plan_now = _previewed(request, wanted)
        action = request.POST.get("action", "preview")
        if action == "preview":
            return _form(request, row, form, plan_now, seen=_sign(wanted))
        if not _seen(request, wanted) and (action == "save-on" or (row and row.on)):
            form.add_error(None, _("It was changed after the preview: look at what it would remove now."))
            return _form(request, row, form, plan_now, seen=_sign(wanted), status=422)
        return _save(request, row, form, wanted, plan_now, on=action == "save-on")
    except QuestionError as error:
        form.add_error("query", f"{error.problem} {error.hint}".strip())
    except RuleError as error:
        form.add_error(error.field or None, str(error))
    except StaleError:
        form.add_error(
            None, _("Somebody else changed this rule meanwhile: open it again to see how it reads now.")
        )
        return _form(request, row, form, status=409)
    return _form(request, row, form, status=422)


@needs(Right.MANAGE_RETENTION)
@require_POST
def rule_off(request: Asking, rule_id: uuid.UUID) -> HttpResponseBase:
    """A rule switched off, or with ``discard`` taken away."""
    row = _rule(request, rule_id)
    discard = "discard" in request.POST
    try:
        version = _version(request)
        if discard:
            changing.discard(request.viewer.actor, row, version)
        else:
            changing.switch(request.viewer.actor, row, version, on=False)
    except StaleError:
        there = HttpResponseRedirect(reverse("retention-rule", args=[row.pk]))
        return toast(request, there, _("Somebody else changed this rule meanwhile."), tone="bad")
    told = _("Rule removed.") if discard else _("Rule switched off.")
    return toast(request, HttpResponseRedirect(reverse("retention")), told)


def _save(
    request: Asking, row: RetentionRule | None, form: RuleForm, wanted: Draft, plan_now: Preview, *, on: bool
) -> HttpResponseBase:
    actor, reason = request.viewer.actor, form.cleaned_data["reason"]
    kept = changing.save(actor, row, _version(request), wanted, reason=reason, plan=plan_now)
    told = _("Rule saved.")
    if on and not kept.on:
        changing.switch(actor, kept, kept.version, on=True, reason=reason, plan=plan_now)
        told = _("Rule saved and switched on.")
    return toast(request, HttpResponseRedirect(reverse("retention")), told)


def _form(
    request: Asking,
    row: RetentionRule | None,
    form: RuleForm,
    plan_now: Preview | None = None,
    *,
    seen: str = "",
    status: int = 200,
) -> HttpResponse:
    hidden = request.viewer.scope.masked and not request.viewer.may(Right.MANAGE_RETENTION)
    context: dict[str, Any] = {
        "rule": row if row is None else _readable(request, row),
        "form": form,
        "seen": seen,
        "may": request.viewer.may(Right.MANAGE_RETENTION),
        "kind": words.KINDS[row.kind] if row else "",
        "versions": [(one, one.preview) for one in row.versions.all()[:20]] if row and not hidden else [],
        "version": request.POST.get("version") or (row.version if row else ""),
    }
    if plan_now is not None:
        tenant = request.viewer.scope.tenant
        context |= preview_shown(request.viewer, plan_now, alone(tenant, form.draft().rule()))
    return render(request, "retention/rule.html", context, status=status)


def _readable(request: Asking, row: RetentionRule) -> RetentionRule:
    """The rule as this viewer may read it: to one who sees no whole numbers, without them. It is not to be saved."""
    if request.viewer.scope.masked and not request.viewer.may(Right.MANAGE_RETENTION):
        row.name, row.query = masked_text(row.name), masked_text(row.query)
    return row


def _previewed(request: Asking, wanted: Draft) -> Preview:
    tenant = request.viewer.scope.tenant
    return preview(tenant, alone(tenant, wanted.rule()), request.viewer.now)


def _sign(wanted: Draft) -> str:
    return signing.dumps(msgspec.to_builtins(wanted), salt=_SALT)


def _seen(request: Asking, wanted: Draft) -> bool:
    """Whether the viewer has seen what this very rule would remove."""
    try:
        told = signing.loads(request.POST.get("seen", ""), salt=_SALT, max_age=SEEN_S)
    except signing.BadSignature:
        return False
    return bool(told == msgspec.to_builtins(wanted))


def _rule(request: Asking, rule_id: uuid.UUID) -> RetentionRule:
    rows = RetentionRule.objects.within(request.viewer.scope)
    row: RetentionRule | None = rows.filter(pk=rule_id, removed_at=None).first()
    if row is None:
        raise Http404
    return row


def _version(request: Asking) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 1


# --- limits and the clock --------------------------------------------------------------------------------------------


@needs(Right.MANAGE_RETENTION)
@require_http_methods(["GET", "POST"])
def limits(request: Asking) -> HttpResponseBase:
    """The least and the most time for each kind; or other ones kept, after a look at what they would remove."""
    tenant = request.viewer.scope.tenant
    form = LimitsForm(request.POST if request.method == "POST" else None, limits=limits_of(tenant))
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        wanted = form.limits()
        told = msgspec.to_builtins(wanted)
        policy = Policy((), wanted, zone_of(tenant))
        try:
            found = preview(tenant, policy, request.viewer.now)
            seen = signing.loads(request.POST.get("seen") or "-", salt=_SALT, max_age=SEEN_S) == told
        except signing.BadSignature:
            seen = False
        try:
            if seen or not any(limit.most_days for limit in wanted.values()):
                changing.set_limits(request.viewer.actor, wanted, counts=found.counts())
                return toast(request, HttpResponseRedirect(reverse("retention")), _("Limits saved."))
            context |= preview_shown(request.viewer, found, policy)
            context["seen"] = signing.dumps(told, salt=_SALT)
        except RuleError as error:
            form.add_error(f"{error.field}_most" if error.field else None, str(error))
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "retention/limits.html", context, status=status)


@needs(Right.MANAGE_RETENTION)
@require_POST
def clock(request: Asking) -> HttpResponseBase:
    """Another hour, or a pause, or its end."""
    actor = request.viewer.actor
    there = HttpResponseRedirect(reverse("retention"))
    try:
        match request.POST.get("action"):
            case "pause":
                runs.pause_all(actor, request.POST.get("reason", ""))
                told = _("Nothing is removed by itself until you go on.")
            case "resume":
                runs.resume_all(actor)
                told = _("The rules are applied again.")
            case _:
                text = request.POST.get("hour", "")
                changing.set_hour(actor, int(text) if text.isdecimal() and len(text) < 3 else -1)
                told = _("Saved.")
    except AskError as error:
        return toast(request, there, str(error), tone="bad")
    return toast(request, there, told)


# --- what is shown of a plan and of a run ----------------------------------------------------------------------------


def preview_shown(viewer: Viewer, found: Preview, policy: Policy) -> dict[str, Any]:
    """A plan, for the template that draws it."""
    parts = [
        {
            "kind": words.KINDS[part.kind],
            "icon": words.ICONS[part.kind],
            "rule": "" if part.rule == CEILING else words_shown(viewer, part.name),
            "part": part,
            "examples": [(call, opened_ms(CallId(call)) * 1_000) for call in part.examples[:3]],
        }
        for part in found.parts
    ]
    over = [value for one in found.staying.values() for value in one.over.values()]
    return {
        "plan": found,
        "parts": parts,
        "over": sum(over),
        "active": policy.active(),
        "floors": [
            (words.KINDS[kind], policy.floor(kind) // 86_400_000_000)
            for kind in KINDS
            if policy.of(kind) and policy.floor(kind)
        ],
    }


def run_shown(viewer: Viewer, run: RetentionRun) -> dict[str, Any]:
    """A run, for the templates that draw it."""
    names = {one["key"]: words_shown(viewer, one["name"]) for one in run.policy.get("rules", [])}
    word, tone, icon = words.STATES[run.state]
    began, ended = run.started_at or run.made_at, run.finished_at
    return {
        "run": run,
        "message": words_shown(viewer, run.message),
        "word": word,
        "tone": tone,
        "icon": icon,
        "stage": words.STAGES.get(run.stage, ""),
        "removed": sum(one["things"] for rules in run.counts.values() for one in rules.values()),
        "held": sum(one.get("held", 0) for one in run.kept.values()),
        "young": sum(one.get("young", 0) for one in run.kept.values()),
        "took": timedelta(seconds=int((ended - began).total_seconds())) if ended else None,
        "kinds": [
            {
                "kind": kind,
                "word": words.KINDS[kind],
                "icon": words.ICONS[kind],
                "rules": [
                    {"name": names.get(key, ""), "key": key, "things": one["things"]}
                    for key, one in run.counts.get(kind, {}).items()
                ],
                "things": sum(one["things"] for one in run.counts.get(kind, {}).values()),
                "kept": run.kept.get(kind, {}),
                "sha256": run.digests.get(kind, ""),
            }
            for kind in KINDS
            if kind in run.counts or kind in run.kept
        ],
    }
