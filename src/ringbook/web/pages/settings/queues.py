"""Queues: how people call them, and how soon their calls should be answered."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from ringbook.desk.organisation.models import QueueName, organisation
from ringbook.desk.people.models import Team
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.settings.editing import Kind
from ringbook.web.pages.settings.seen import counts, unnamed_queues
from ringbook.web.viewer import Asking


class QueueForm(forms.Form):
    """A queue."""

    queue = forms.CharField(label=gettext_lazy("Queue, as the phone system writes it"), max_length=120)
    name = forms.CharField(label=gettext_lazy("Name for people"), max_length=120, required=False)
    service_level_s = forms.IntegerField(
        label=gettext_lazy("Answer within (seconds)"),
        min_value=1,
        max_value=3_600,
        required=False,
        help_text=gettext_lazy("Empty: as the organisation says"),
    )


class QueueKind(Kind[QueueName]):
    """Queues."""

    slug, page, model, form = "queue", "settings-queues", QueueName, QueueForm
    title_new, title_change = gettext_lazy("Name a queue"), gettext_lazy("Change a queue")
    told_saved, told_removed = gettext_lazy("Queue saved."), gettext_lazy("Queue removed.")


@needs(Right.MANAGE_SETTINGS)
def queues(request: Asking) -> HttpResponse:
    """The queues that were named, and those in calls that were not."""
    calls = counts(request.viewer, "queue")
    teams = list(Team.objects.within(request.viewer.scope))
    told = {
        "rows": [
            {
                "queue": queue,
                "calls": calls.get(queue.queue, 0),
                "teams": [team for team in teams if queue.queue in team.queues],
            }
            for queue in QueueName.objects.within(request.viewer.scope)
        ],
        "unnamed": unnamed_queues(request.viewer),
        "house": organisation(request.viewer.scope.tenant),
    }
    return render(request, "settings/queues.html", told)
