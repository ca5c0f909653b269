"""Settings, people: the teams."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ringbook.desk.people import staff
from ringbook.desk.people.models import Team
from ringbook.desk.people.staff import StaleError
from ringbook.web.pages.people.forms import TeamForm, team_initial, with_version
from ringbook.web.pages.people.views import by
from ringbook.web.toasts import toast
from ringbook.web.viewer import Asking


def teams(request: Asking) -> HttpResponse:
    """All teams."""
    found = Team.objects.within(request.viewer.scope).prefetch_related("leads", "members")
    return render(request, "people/teams.html", {"teams": found})


def team(request: Asking, team_id: uuid.UUID | None = None) -> HttpResponseBase:
    """One team, or a new one; and what is saved of it."""
    found = _team(request, team_id) if team_id else None
    tenant = request.viewer.scope.tenant
    form = TeamForm(request.POST or None, tenant=tenant, initial=team_initial(found) if found else {})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            staff.save_team(
                by(request),
                found,
                asked["version"],
                name=asked["name"],
                leads=asked["leads"],
                members=asked["members"],
                queues=asked["queues"],
            )
        except StaleError:
            _say_stale(form, request.POST, _team(request, team_id) if team_id else None)
        else:
            return toast(request, redirect("settings-teams"), _("Saved."))
    return render(
        request,
        "people/team.html",
        {"form": form, "team": found},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def remove(request: Asking, team_id: uuid.UUID) -> HttpResponseBase:
    """Take a team away."""
    staff.remove_team(by(request), _team(request, team_id))
    return toast(request, redirect("settings-teams"), _("The team is removed. Its people stay."))


def _say_stale(form: TeamForm, given: QueryDict, now: Team | None) -> None:
    if now is None:
        return
    form.data = with_version(given, now.version)
    told = {
        "name": now.name,
        "members": ", ".join(str(one) for one in now.members.all()) or "–",
        "queues": ", ".join(now.queues) or "–",
    }
    form.add_error(
        None,
        _(
            "Somebody else has changed this team meanwhile: now “%(name)s”, members %(members)s, queues %(queues)s. "
            "Save again to put yours in its place."
        )
        % told,
    )


def _team(request: Asking, team_id: uuid.UUID | None) -> Team:
    found: Team | None = Team.objects.within(request.viewer.scope).filter(pk=team_id).first()
    if found is None:
        raise Http404("There is no such team.")
    return found
