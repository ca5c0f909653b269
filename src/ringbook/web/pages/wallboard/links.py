"""Links that show the wallboard without signing in: made, listed, withdrawn."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ringbook.desk.dashboards import links as kept
from ringbook.desk.dashboards.errors import DashboardError
from ringbook.desk.dashboards.models import WallboardLink
from ringbook.desk.governance import audit
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right
from ringbook.search import plan
from ringbook.search.errors import SearchError
from ringbook.web.guard import needs
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


@require_http_methods(["GET", "POST"])
@needs(Right.SEE_OVERVIEW, Right.SHARE_VIEWS)
def links(request: Asking) -> HttpResponse:
    """The links there are, and a new one: its address is shown this once."""
    person, viewer = _person(request), request.viewer
    context = {"name": request.POST.get("name", ""), "query": request.POST.get("query", "")}
    status = 200
    if request.method == "POST":
        try:
            plan.check(
                context["query"], viewer.scope, zone=viewer.zone_name, now=viewer.now, me=viewer.handle
            )
            link, secret = kept.make(person, context["name"], context["query"])
        except (DashboardError, SearchError) as error:
            context["problem"], status = str(error), 422
        else:
            audit.record(viewer.actor, "wallboard:linked", f"wallboard-link:{link.pk}")
            address = request.build_absolute_uri(reverse("wallboard-screen", args=[secret]))
            context = {"name": "", "query": "", "made": link.name, "address": address}
    return render(request, "wallboard/links.html", {**context, "links": kept.links_of(person)}, status=status)


@require_POST
@needs(Right.SEE_OVERVIEW, Right.SHARE_VIEWS)
def withdraw(request: Asking, link_id: uuid.UUID) -> HttpResponse:
    """The link, which opens nothing from now on."""
    try:
        link = kept.withdraw(_person(request), link_id)
    except WallboardLink.DoesNotExist:
        raise Http404(_("There is no such link.")) from None
    audit.record(request.viewer.actor, "wallboard:withdrawn", f"wallboard-link:{link.pk}")
    response = HttpResponseRedirect(reverse("wallboard-links"))
    return toast(request, response, _("“%(name)s” opens nothing any more.") % {"name": link.name})


def _person(request: Asking) -> Person:
    person = request.viewer.person
    if person is None:
        raise Http404
    return person
