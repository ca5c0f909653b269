"""The addresses of one call. A call is named by its id, by an id that was joined into it, or by the beginning of one."""

from __future__ import annotations

from django.urls import path, register_converter

from ringbook.web.pages.call import evidence, marking, notes, people, related, survey, tasks, views


class CallReference:
    """The id of a call, or eight or more of its first characters."""

    regex = "[0-9a-fA-F-]{8,36}"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: object) -> str:
        """As it stands."""
        return str(value)


register_converter(CallReference, "call")

urlpatterns = [
    path("calls/<call:call_id>/", views.call, name="call"),
    path("calls/<call:call_id>/part/<slug:name>", views.part, name="call-part"),
    path("calls/<call:call_id>/around", related.around, name="call-around"),
    path("calls/<call:call_id>/related", related.related, name="call-related"),
    path("calls/<call:call_id>/parties", related.parties, name="call-parties"),
    path("calls/<call:call_id>/survey", survey.survey, name="call-survey"),
    path("calls/<call:call_id>/survey/ask", survey.ask, name="call-survey-ask"),
    path("calls/<call:call_id>/evidence", evidence.evidence, name="call-evidence"),
    path("calls/<call:call_id>/looks", evidence.looks, name="call-looks"),
    path("calls/<call:call_id>/notes/add", notes.add, name="note-add"),
    path("calls/<call:call_id>/notes/<uuid:note_id>/edit", notes.edit, name="note-edit"),
    path("calls/<call:call_id>/notes/<uuid:note_id>/remove", notes.remove, name="note-remove"),
    path("calls/<call:call_id>/notes/<uuid:note_id>/versions", notes.versions, name="note-versions"),
    path("calls/<call:call_id>/tags/add", marking.tag, name="call-tag"),
    path("calls/<call:call_id>/tags/complete", marking.complete_tag, name="call-tag-complete"),
    path("calls/<call:call_id>/tags/<uuid:tag_id>/remove", marking.untag, name="call-untag"),
    path("calls/<call:call_id>/outcome", marking.outcome, name="call-outcome"),
    path("calls/<call:call_id>/fields/<slug:key>", marking.field, name="call-field"),
    path("calls/<call:call_id>/tasks/add", tasks.add, name="task-add"),
    path("calls/<call:call_id>/tasks/<uuid:task_id>/edit", tasks.edit, name="task-edit"),
    path("calls/<call:call_id>/tasks/<uuid:task_id>/<slug:verb>", tasks.act, name="task-act"),
    path("calls/<call:call_id>/undo/<uuid:batch>", marking.undo, name="call-undo"),
    path("people/mentions", people.mentions, name="people-mentions"),
    path("people/owners", people.owners, name="people-owners"),
]
