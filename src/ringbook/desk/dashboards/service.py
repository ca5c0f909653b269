"""Keeping dashboards: who sees, makes, changes and takes back which.

A dashboard belongs to who made it. A shared one is seen by everybody of the tenant; its owner changes it, and who may share
views (``Right.SHARE_VIEWS``) changes every shared one. What it shows is decided by the scope of who looks.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from ringbook.analyse.figures import FIGURES
from ringbook.desk.dashboards.errors import DashboardError
from ringbook.desk.dashboards.models import Dashboard
from ringbook.desk.people.access import rights_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Right

MOST_DASHBOARDS = 50
"""Dashboards of one person."""

MOST_PANELS = 24
LONGEST_NAME = 80
LONGEST_QUERY = 2_000


class Panel(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure on a dashboard: how it is asked and how it is drawn.

    ``ask`` is put beside the question of the dashboard; ``by`` is a dimension, or ``time`` for the grain that fits the period.
    """

    figure: str
    by: str = ""
    draw: str = ""  # number, line, bars, heat, curve, table; empty: what suits it
    column: str = ""  # the value that is drawn; empty: the headline
    ask: str = ""
    variant: str = ""
    title: str = ""

    @property
    def question(self) -> Panel:
        """What is asked for it, without how it is drawn: panels that show several values of one answer ask the same."""
        return msgspec.structs.replace(self, draw="", column="", title="")


def dashboards_of(person: Person) -> QuerySet[Dashboard]:
    """The person's own dashboards and those that others share."""
    seen = Q(owner=person) | Q(shared=True)
    return Dashboard.objects.filter(seen, tenant=person.tenant, deleted_at=None).select_related("owner")


def panels_of(dashboard: Dashboard) -> list[Panel]:
    """The panels in order; figures that there no longer are, are left out."""
    found = [msgspec.convert(one, Panel) for one in dashboard.panels]
    return [panel for panel in found if panel.figure in FIGURES]


def may_change(person: Person, dashboard: Dashboard) -> bool:
    """Whether a person may change or delete a dashboard."""
    return dashboard.owner_id == person.pk or (dashboard.shared and Right.SHARE_VIEWS in rights_of(person))


def make(person: Person, name: str, panels: Sequence[Panel], **told: Any) -> Dashboard:
    """A new dashboard with ``query``, ``period``, ``against``, ``other_query``, ``hours`` and ``shared`` as told.

    :raises DashboardError: it has no name, no figure or too many, or the person has too many or may not share.
    """
    if Dashboard.objects.filter(owner=person, deleted_at=None).count() >= MOST_DASHBOARDS:
        raise DashboardError(_("You have %(most)d dashboards; delete one first.") % {"most": MOST_DASHBOARDS})
    values = _checked(person, {"shared": False, **told, "name": name, "panels": panels}, was_shared=False)
    return Dashboard.objects.create(tenant=person.tenant, owner=person, **values)


def change(person: Person, dashboard_id: uuid.UUID, version: int, **told: Any) -> Dashboard:
    """The dashboard with another ``name``, ``panels``, ``query``, ``period``, ``against``, ``hours`` or ``shared``.

    :raises Dashboard.DoesNotExist: there is none that the person may see.
    :raises DashboardError: the person may not, somebody else changed it meanwhile, or the new values will not do.
    """
    dashboard = _changeable(person, dashboard_id)
    values = _checked(person, told, was_shared=dashboard.shared)
    changed = Dashboard.objects.filter(pk=dashboard.pk, version=version, deleted_at=None)
    if not changed.update(version=F("version") + 1, **values):
        raise DashboardError(
            _("“%(name)s” was changed meanwhile. Look at it again, then change it.")
            % {"name": dashboard.name}
        )
    dashboard.refresh_from_db()
    return dashboard


def add(person: Person, dashboard_id: uuid.UUID, panel: Panel) -> Dashboard:
    """The dashboard with one more figure at its end. Raises as :func:`change` does."""
    dashboard = _changeable(person, dashboard_id)
    return change(person, dashboard_id, dashboard.version, panels=[*panels_of(dashboard), panel])


def delete(person: Person, dashboard_id: uuid.UUID) -> Dashboard:
    """The dashboard, deleted; :func:`restore` brings it back."""
    dashboard = _changeable(person, dashboard_id)
    dashboard.deleted_at = datetime.now(UTC)
    dashboard.save(update_fields=["deleted_at"])
    return dashboard


def restore(person: Person, dashboard_id: uuid.UUID) -> Dashboard:
    """The dashboard, undeleted. Raises Dashboard.DoesNotExist for one that the person could not have deleted."""
    found: Dashboard = Dashboard.objects.filter(tenant=person.tenant, pk=dashboard_id).get()
    if not may_change(person, found):
        raise Dashboard.DoesNotExist
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])
    return found


def _changeable(person: Person, dashboard_id: uuid.UUID) -> Dashboard:
    dashboard: Dashboard = dashboards_of(person).get(pk=dashboard_id)
    if not may_change(person, dashboard):
        raise DashboardError(
            _("“%(name)s” belongs to %(owner)s. Save one of your own instead.")
            % {"name": dashboard.name, "owner": str(dashboard.owner)}
        )
    return dashboard


def _checked(person: Person, told: dict[str, Any], *, was_shared: bool) -> dict[str, Any]:
    """What was told, as it is kept."""
    fresh = dict(told)
    if "name" in told:
        fresh["name"] = named(told["name"])
    if "panels" in told:
        fresh["panels"] = [msgspec.to_builtins(panel) for panel in _panels(told["panels"])]
    if len(told.get("query", "")) > LONGEST_QUERY:
        raise DashboardError(_("A question has at most %(most)d characters.") % {"most": LONGEST_QUERY})
    if told.get("shared") and not was_shared and Right.SHARE_VIEWS not in rights_of(person):
        raise DashboardError(_("Your role may not share dashboards. Keep it for yourself."))
    return fresh


def named(name: str) -> str:
    """A name without needless spaces. Raises DashboardError for none, or one too long."""
    plain = " ".join(name.split())
    if not plain:
        raise DashboardError(_("It needs a name."))
    if len(plain) > LONGEST_NAME:
        raise DashboardError(_("A name has at most %(most)d characters.") % {"most": LONGEST_NAME})
    return plain


def _panels(panels: Sequence[Panel]) -> Sequence[Panel]:
    if not panels:
        raise DashboardError(_("A dashboard needs at least one figure."))
    if len(panels) > MOST_PANELS:
        raise DashboardError(_("A dashboard has at most %(most)d figures.") % {"most": MOST_PANELS})
    return panels
