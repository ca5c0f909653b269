"""What is recorded, what never, who refused, what countries ask for, and what was changed when."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ringbook.analyse.completeness import kept_of_listed
from ringbook.desk.governance import audit
from ringbook.desk.people.roles import Right
from ringbook.desk.recording_policy import countries as table
from ringbook.desk.recording_policy import rules, states
from ringbook.desk.recording_policy.models import CountryRule, DoNotRecord, RecordingRule, Standard
from ringbook.desk.retention import holds
from ringbook.desk.wiring import ledger, operations
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import CallId
from ringbook.model.instant import DAY
from ringbook.web.guard import needs
from ringbook.web.pages.recording_policy.kinds import KIND_NAMES, NEED_NAMES, StandardKind
from ringbook.web.pages.retention.shown import words_shown
from ringbook.web.pages.settings import editing
from ringbook.web.shapes import shown_many
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking

CHECKED_DAYS = 30
SHOWN = 200
KINDS = {
    "recording-rule": gettext_lazy("Rule"),
    "do-not-record": gettext_lazy("Do not record"),
    "recording-standard": gettext_lazy("What holds for all recording"),
    "recording-country": gettext_lazy("Country"),
}

FIELDS = {
    # of what was changed: what each is called
    "query": gettext_lazy("Calls"),
    "percent": gettext_lazy("Percent"),
    "kind": gettext_lazy("What"),
    "needs": gettext_lazy("Recording takes"),
    "prefixes": gettext_lazy("Numbers begin with"),
    "since": pgettext_lazy("day", "From"),
    "until": gettext_lazy("Until"),
    "reason": gettext_lazy("Reason"),
    "source": gettext_lazy("Where that is written"),
    "earlier": gettext_lazy("Earlier recordings, too"),
    "least_percent": gettext_lazy("Shortest recording"),
    "grace_minutes": gettext_lazy("Missed after"),
    "alert_below": gettext_lazy("Alert"),
    "prompts": gettext_lazy("Announcements"),
    "mask_begins": gettext_lazy("Events with which a card begins to be read out"),
    "mask_ends": gettext_lazy("Events with which that ends"),
    "destroy_refused": gettext_lazy("Destroyed when somebody refuses"),
}


@needs(Right.MANAGE_RECORDING_POLICY)
@require_GET
def recording(request: Asking) -> HttpResponse:
    """The rules in their order, and what holds for all."""
    held = rules.standard(request.viewer.scope.tenant)
    told = {
        **_tabs("rules"),
        "rows": list(RecordingRule.objects.within(request.viewer.scope)),
        "standard": held,
    }
    return render(request, "recording_policy/rules.html", told)


@needs(Right.MANAGE_RECORDING_POLICY)
def change_standard(request: Asking) -> HttpResponseBase:
    """The form of what holds for all recording."""
    found, _made = Standard.objects.get_or_create(tenant=request.viewer.scope.tenant)
    return editing.edit(request, StandardKind(), found.pk)


@needs(Right.MANAGE_RECORDING_POLICY)
@require_POST
def order(request: Asking) -> HttpResponseBase:
    """One rule moved up or down."""
    viewer = request.viewer
    ids = [str(rule.pk) for rule in RecordingRule.objects.within(viewer.scope)]
    moved, step = request.POST.get("rule", ""), 1 if request.POST.get("to") == "down" else -1
    if moved not in ids:
        raise Http404
    at = ids.index(moved)
    there = max(0, min(len(ids) - 1, at + step))
    ids.insert(there, ids.pop(at))
    rules.order(viewer.scope.tenant, ids, viewer.actor)
    return HttpResponseRedirect(reverse("settings-recording"))


@needs(Right.MANAGE_RECORDING_POLICY)
@require_GET
def never(request: Asking) -> HttpResponse:
    """The do-not-record list, with what there is of each entry in the vault."""
    viewer = request.viewer
    entries = list(DoNotRecord.objects.within(viewer.scope))
    kept = kept_of_listed(ledger(), viewer.scope.whole(), [rules.listed(entry) for entry in entries])
    told = {
        **_tabs("never"),
        "rows": [
            {
                "entry": entry,
                "kind": KIND_NAMES[entry.kind],
                "kept": sum(place in one.listed for one in kept),
            }
            for place, entry in enumerate(entries)
        ],
    }
    return render(request, "recording_policy/never.html", told)


@needs(Right.MANAGE_RECORDING_POLICY)
def earlier(request: Asking, pk: object) -> HttpResponseBase:
    """What was kept before an entry was made: shown first, then destroyed if that is wanted."""
    viewer = request.viewer
    entry = DoNotRecord.objects.within(viewer.scope).filter(pk=pk).first()
    if entry is None:
        raise Http404
    kept = kept_of_listed(ledger(), viewer.scope.whole(), [rules.listed(entry)])
    if request.method == "POST":
        if not entry.earlier:
            rules.change(entry, entry.version, viewer.actor, earlier=True)
        done = next(operations().run("recordings.enforce", {}))
        there = HttpResponseRedirect(reverse("settings-recording-never"))
        return toast(request, there, _destroyed(done))
    calls = ledger().calls(viewer.scope.whole(), {CallId(one.call) for one in kept[:SHOWN]})
    told = {
        **_tabs("never"),
        "entry": entry,
        "kept": len(kept),
        "calls": list(reversed(shown_many(viewer, calls))),
        "more": len(kept) > SHOWN,
        "held": len(holds.held(viewer.scope, {one.call for one in kept})),
    }
    return render(request, "recording_policy/earlier.html", told)


@needs(Right.MANAGE_RECORDING_POLICY)
@require_GET
def refused(request: Asking) -> HttpResponse:
    """Recordings of calls that somebody refused to have recorded: closed, until it is decided what becomes of them."""
    viewer = request.viewer
    calls = states.refused(viewer.scope)
    kept = Catalogue(ledger()).of_calls(viewer.scope.whole(), [CallId(one) for one in sorted(calls)])
    there = ledger().calls(viewer.scope.whole(), [call for call, found in kept.items() if found])
    held = holds.held(viewer.scope, list(kept))
    told = {
        **_tabs("refused"),
        "rows": [
            {
                "call": shape,
                "kept": kept[call.id],
                "held": words_shown(viewer, ", ".join(held.get(call.id, ()))),
            }
            for call, shape in zip(there, shown_many(viewer, there), strict=True)
            if call.id in kept
        ],
        "at_once": rules.standard(viewer.scope.tenant).destroy_refused,
    }
    return render(request, "recording_policy/refused.html", told)


@needs(Right.MANAGE_RECORDING_POLICY)
@require_POST
def destroy_refused(request: Asking) -> HttpResponseBase:
    """Destroy recordings of calls that somebody refused to have recorded."""
    viewer = request.viewer
    ids = request.POST.getlist("recording")[:SHOWN]
    person = str(viewer.person.pk) if viewer.person else viewer.actor.id
    done = next(operations().run("recordings.destroy_refused", {"ids": ids, "by": person}))
    audit.record(viewer.actor, "recordings:destroyed", "consent", recordings=done["destroyed"])
    there = HttpResponseRedirect(reverse("settings-recording-refused"))
    return toast(request, there, _destroyed(done), tone="good" if done["destroyed"] else "bad")


@needs(Right.MANAGE_RECORDING_POLICY)
@require_GET
def countries(request: Asking) -> HttpResponse:
    """The table of countries, and the calls of the last days that lack what it asks for."""
    viewer = request.viewer
    checked = table.check(viewer.scope, viewer.now - CHECKED_DAYS * DAY, viewer.now)
    told = {
        **_tabs("countries"),
        "rows": [(row, NEED_NAMES[row.needs]) for row in CountryRule.objects.within(viewer.scope)],
        "checked": [
            {"told": one, "needs": NEED_NAMES[one.rule.needs] if one.rule else ""} for one in checked
        ],
        "days": CHECKED_DAYS,
    }
    return render(request, "recording_policy/countries.html", told)


@needs(Right.MANAGE_RECORDING_POLICY)
@require_POST
def prefill(request: Asking) -> HttpResponseBase:
    """Put the usual table in, where there is nothing yet."""
    done = table.prefill(request.viewer.scope.tenant, request.viewer.actor)
    there = HttpResponseRedirect(reverse("settings-recording-countries"))
    text = ngettext("%(n)d country added.", "%(n)d countries added.", done) % {"n": done}
    return toast(request, there, text)


@needs(Right.MANAGE_RECORDING_POLICY)
@require_GET
def changes(request: Asking) -> HttpResponse:
    """What was changed, the last first."""
    told = {
        **_tabs("changes"),
        "rows": [
            {
                "kind": KINDS.get(one.kind, one.kind),
                "what": _named(one.values or {}),
                "values": _values(one.values or {}),
                "change": one,
                "removed": bool((one.values or {}).get("removed")),
            }
            for one in rules.history(request.viewer.scope.tenant)
        ],
    }
    return render(request, "recording_policy/changes.html", told)


def _tabs(current: str) -> dict[str, Any]:
    words = (
        ("rules", _("Rules"), "settings-recording"),
        ("never", _("Never record"), "settings-recording-never"),
        ("refused", _("Refused"), "settings-recording-refused"),
        ("countries", _("Countries"), "settings-recording-countries"),
        ("changes", _("Changes"), "settings-recording-changes"),
    )
    return {
        "tab": current,
        "tabs": [{"key": key, "label": label, "url": reverse(name)} for key, label, name in words],
    }


def _destroyed(done: dict[str, Any]) -> str:
    n = int(done["destroyed"])
    text = ngettext("%(n)d recording destroyed.", "%(n)d recordings destroyed.", n) % {"n": n}
    if done["held"]:
        held = int(done["held"])
        kept = ngettext("%(n)d is kept by a legal hold.", "%(n)d are kept by a legal hold.", held)
        text = f"{text} {kept % {'n': held}}"
    return text


def _named(values: dict[str, Any]) -> str:
    return str(values.get("name") or values.get("value") or values.get("country") or "")


def _values(values: dict[str, Any]) -> str:
    """What it read, in one line."""
    told = []
    for name, word in FIELDS.items():
        value = values.get(name)
        if value in (None, "", [], False):
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list) else _shown(name, value)
        told.append(f"{word}: {shown}")
    return " · ".join(told)


def _shown(name: str, value: Any) -> str:
    if value is True:
        return _("yes")
    if name in ("since", "until"):
        return str(value)[:10]
    words = {"kind": KIND_NAMES, "needs": NEED_NAMES}.get(name, {})
    return str(words.get(value, value))
