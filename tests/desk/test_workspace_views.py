"""Saved views and chosen columns: whose they are, who may change them, and how they are taken back."""

from __future__ import annotations

import pytest

from ringbook.desk.workspace import saved
from ringbook.desk.workspace.errors import ViewError
from ringbook.desk.workspace.models import SavedView

from ..house import People


def test_a_private_view_is_seen_by_its_owner_alone(people: People) -> None:
    view = saved.save(people.supervisor, "  My   missed ", "outcome:missed")
    assert view.name == "My missed"
    assert list(saved.views_of(people.supervisor)) == [view]
    assert list(saved.views_of(people.owner)) == []
    with pytest.raises(SavedView.DoesNotExist):
        saved.change(people.owner, view.pk, view.version, name="Mine now")


def test_a_shared_view_is_seen_by_all_and_changed_by_who_may_share(people: People) -> None:
    view = saved.save(people.supervisor, "Missed", "outcome:missed", shared=True)
    assert list(saved.views_of(people.agent)) == [view]
    with pytest.raises(ViewError, match="belongs to Sam Stone"):
        saved.change(people.agent, view.pk, view.version, name="Mine")
    with pytest.raises(ViewError, match="belongs to"):
        saved.delete(people.agent, view.pk)
    assert saved.change(people.owner, view.pk, view.version, name="All missed").name == "All missed"


def test_an_agent_cannot_share(people: People) -> None:
    with pytest.raises(ViewError, match="may not share"):
        saved.save(people.agent, "Missed", "outcome:missed", shared=True)
    view = saved.save(people.agent, "Missed", "outcome:missed")
    with pytest.raises(ViewError, match="may not share"):
        saved.change(people.agent, view.pk, view.version, shared=True)


def test_two_who_change_a_view_at_once_do_not_overwrite_each_other(people: People) -> None:
    view = saved.save(people.owner, "Missed", "outcome:missed", shared=True)
    saved.change(people.administrator, view.pk, view.version, name="First")
    with pytest.raises(ViewError, match="changed meanwhile"):
        saved.change(people.owner, view.pk, view.version, name="Second")
    view.refresh_from_db()
    assert view.name == "First"


def test_a_deleted_view_comes_back(people: People) -> None:
    view = saved.save(people.owner, "Missed", "outcome:missed")
    saved.delete(people.owner, view.pk)
    assert list(saved.views_of(people.owner)) == []
    with pytest.raises(SavedView.DoesNotExist):
        saved.restore(people.agent, view.pk)
    assert saved.restore(people.owner, view.pk) == view
    assert list(saved.views_of(people.owner)) == [view]


@pytest.mark.parametrize(("name", "query"), [("  ", ""), ("x" * 81, ""), ("ok", "x" * 2001)])
def test_what_cannot_be_kept_is_refused(people: People, name: str, query: str) -> None:
    with pytest.raises(ViewError):
        saved.save(people.owner, name, query)
    assert not SavedView.objects.exists()


def test_columns_are_each_persons_own(people: People) -> None:
    assert saved.columns_of(people.owner, "calls") == []
    saved.choose_columns(people.owner, "calls", ["to", "from"])
    saved.choose_columns(people.agent, "calls", ["started"])
    assert saved.columns_of(people.owner, "calls") == ["to", "from"]
    saved.choose_columns(people.owner, "calls", [])
    assert saved.columns_of(people.owner, "calls") == []
    assert saved.columns_of(people.agent, "calls") == ["started"]
