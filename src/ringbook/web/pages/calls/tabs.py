"""The views over the list: those that everybody has, the person's own and the shared ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.utils.translation import gettext as _

from ringbook.desk.people.models import Person, Seat
from ringbook.desk.workspace import saved
from ringbook.desk.workspace.models import SavedView
from ringbook.search.errors import SearchError
from ringbook.search.language import text
from ringbook.search.tree import Term
from ringbook.web.pages.calls import questions
from ringbook.web.viewer import Viewer


class Tab(msgspec.Struct, frozen=True):
    """One view; ``id`` is empty for those that everybody has."""

    label: str
    query: str
    current: bool
    id: str = ""
    shared: bool = False
    mine: bool = True
    calls: str = ""


def of(viewer: Viewer, query: str, kept: Sequence[SavedView] | None = None) -> list[Tab]:
    """The views of a viewer; the one whose question this is, is current. ``kept`` are those saved, if they are at hand."""
    usual = [
        Tab(label, told, same(query, told))
        for label, told in (
            (_("All"), ""),
            (_("Missed today"), "outcome:missed,abandoned on:today"),
            (_("Voicemail"), "outcome:voicemail last:7d"),
            (_("Long waits"), "wait:>2m last:7d"),
            (_("Mine"), mine(viewer)),
        )
        if told or label == _("All")
    ]
    if viewer.person is None:
        return usual
    own = [
        Tab(
            view.name,
            view.query,
            same(query, view.query),
            str(view.pk),
            view.shared,
            view.owner_id == viewer.person.pk,
        )
        for view in (saved.views_of(viewer.person) if kept is None else kept)
    ]
    return usual + own


def current(person: Person, query: str, kept: Sequence[SavedView] | None = None) -> SavedView | None:
    """The view of the person whose question this is. ``kept`` as in :func:`of`."""
    views = saved.views_of(person) if kept is None else kept
    return next((view for view in views if same(query, view.query)), None)


def mine(viewer: Viewer) -> str:
    """The question for the viewer's own calls: those of their extensions and those they entered."""
    if viewer.person is None:
        return ""
    seats = Seat.objects.filter(person=viewer.person, until=None).values_list("extension", flat=True)
    extensions = [*sorted(set(seats)), viewer.person.at_handle]
    return text(Term("extension", tuple(questions.written(one) for one in extensions)))


def same(one: str, other: str) -> bool:
    """Whether two questions are the same; none is that cannot be understood."""
    if one == other:
        return True
    try:
        return questions.same(one, other)
    except SearchError:
        return False
