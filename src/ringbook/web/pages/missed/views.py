"""The page of the worklist, what is new on it, and how many wait."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from ringbook.analyse.missed import FORMULA, LOST
from ringbook.desk.insight.words import said
from ringbook.desk.organisation.hours import hours_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right, Role
from ringbook.web.guard import needs
from ringbook.web.pages.missed.worklist import DAYS, OPEN, PAGE, Asked, Item, asked_of, fits, shown, worklist
from ringbook.web.viewer import Asking, Viewer

COUNT_KEPT_S = 30
KNOWN_KEPT_S = 3600


@needs(Right.SEE_CALLS)
def missed(request: Asking) -> HttpResponse:
    """The worklist: those who wait longest first."""
    viewer, asked = request.viewer, asked_of(request.GET)
    found = worklist(viewer, asked)
    page = found.items[asked.offset : asked.offset + PAGE]
    following = asked.offset + PAGE
    told: dict[str, Any] = {
        "asked": asked,
        "rows": shown(viewer, page, asked),
        "next_url": _address(asked, offset=following) if following < len(found.items) else "",
        "may_act": viewer.may(Right.ANNOTATE) and viewer.person is not None,
        "people": people_of(viewer),
    }
    if asked.offset and request.headers.get("HX-Request") == "true":
        return render(request, "missed/_rows.html", told)
    told |= {
        "counts": found.counts,
        "more": found.more,
        "tabs": _tabs(asked, found.counts),
        "facets": _facets(viewer, asked, found.queues),
        "live_url": f"{reverse('missed-live')}?{_question(asked)}",
        "here": _address(asked),
        "live_since": _remember(viewer, found.items),
        "formula": said(FORMULA),
        "restricted": viewer.scope.restricted,
    }
    part = request.headers.get("HX-Target") == "missed-found"
    return render(request, "missed/_found.html" if part else "missed/missed.html", told)


@needs(Right.SEE_CALLS)
def live(request: Asking) -> HttpResponse:
    """The rows that changed since the page was told: those that belong on the list, and those that did and no longer do."""
    viewer, asked = request.viewer, asked_of(request.GET)
    everybody = worklist(
        viewer, Asked(asked.days, asked.kinds, asked.queue, asked.owner, "all", asked.hours)
    ).items
    before = cache.get(_known_key(viewer, request.GET.get("since", "")))
    if before is None:  # told too long ago: from now on
        fitting = [item for item in everybody if fits(item, asked.state)]
        return HttpResponse(status=204, headers={"X-Live-Since": _remember(viewer, fitting)})
    ours = [item for item in everybody if item.id in before or fits(item, asked.state)]
    changed = [item for item in ours if before.get(item.id) != item.signature][:PAGE]
    if not changed:
        return HttpResponse(status=204)
    told = {"rows": shown(viewer, changed, asked), "asked": asked, "may_act": viewer.may(Right.ANNOTATE)}
    response = render(request, "missed/_rows.html", told)
    response["X-Live-Since"] = _remember(viewer, ours)
    return response


def _remember(viewer: Viewer, items: list[Item]) -> str:
    """A word for what a page knows by now: calls are told of after they began, so no time would do."""
    word = secrets.token_urlsafe(12)
    cache.set(_known_key(viewer, word), {item.id: item.signature for item in items}, KNOWN_KEPT_S)
    return word


def _known_key(viewer: Viewer, word: str) -> str:
    return "missed-known-" + salted_hmac("missed-known", f"{viewer.actor.id} {word}").hexdigest()


@needs(Right.SEE_CALLS)
def count(request: Asking) -> HttpResponse:
    """How many wait, for the navigation; at most half a minute old."""
    return render(request, "missed/_count.html", {"waiting": waiting(request.viewer)})


def waiting(viewer: Viewer) -> int:
    """How many of the last days wait or were only tried, within the viewer's scope."""
    key = "missed-" + salted_hmac("missed-count", repr(viewer.scope)).hexdigest()
    found = cache.get(key)
    if found is None:
        found = worklist(viewer, Asked()).counts[OPEN]
        cache.set(key, found, COUNT_KEPT_S)
    return int(found)


def people_of(viewer: Viewer) -> list[Person]:
    """Whom something can be given to."""
    found = Person.objects.filter(tenant=viewer.scope.tenant, is_active=True).exclude(
        role__in=(Role.INTEGRATION, Role.AUDITOR)
    )
    return list(found.order_by("name", "email"))


def _question(asked: Asked, **changes: Any) -> str:
    told: dict[str, Any] = {
        "days": asked.days,
        "kind": list(asked.kinds) if asked.kinds != LOST else [],
        "queue": asked.queue,
        "owner": asked.owner,
        "state": asked.state,
        "hours": asked.hours,
        **changes,
    }
    return urlencode({key: value for key, value in told.items() if value not in ("", [])}, doseq=True)


def _address(asked: Asked, **changes: Any) -> str:
    return f"{reverse('missed')}?{_question(asked, **changes)}"


def _tabs(asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    words = {
        OPEN: _("To call back"),
        "waiting": _("Waiting"),
        "tried": _("Tried"),
        "returned": _("Called back"),
        "settled": _("Settled"),
        "all": _("All"),
    }
    return [
        {"key": key, "label": label, "url": _address(asked, state=key), "count": counts.get(key, 0)}
        for key, label in words.items()
    ]


def _facets(viewer: Viewer, asked: Asked, queues: list[str]) -> dict[str, Any]:
    days = {1: _("Last 24 hours"), 7: _("Last 7 days"), 30: _("Last 30 days"), 90: _("Last 90 days")}
    kinds = {"missed": _("Missed"), "abandoned": _("Abandoned"), "voicemail": _("Voicemail")}
    owners = {"": _("Everybody"), "me": _("Me"), "nobody": _("Nobody yet")}
    owners |= {str(one.pk): str(one) for one in people_of(viewer)}
    return {
        "days": [
            (label, _address(asked, days=one), one == asked.days)
            for one, label in days.items()
            if one in DAYS
        ],
        "kinds": [(label, _kind_address(asked, kind), kind in asked.kinds) for kind, label in kinds.items()],
        "queues": [(_("All"), _address(asked, queue=""), not asked.queue)]
        + [(queue, _address(asked, queue=queue), queue == asked.queue) for queue in queues],
        "owners": [(label, _address(asked, owner=one), one == asked.owner) for one, label in owners.items()],
        "hours": [
            (_("Any time"), _address(asked, hours=""), not asked.hours),
            (_("In business hours"), _address(asked, hours="in"), asked.hours == "in"),
        ]
        if hours_of(viewer.scope.tenant).told
        else [],
    }


def _kind_address(asked: Asked, kind: str) -> str:
    """The list with one kind more or less; never with none."""
    kinds = [one for one in LOST if (one in asked.kinds) != (one == kind)]
    return _address(asked, kind=kinds if kinds and len(kinds) < len(LOST) else [])
