"""Choosing how figures are counted here: the choices that hold, those that held before, and a new version of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ringbook.analyse.choices import NOTHING_CHOSEN, Choice, Choices
from ringbook.analyse.defined import defined
from ringbook.analyse.errors import FigureError
from ringbook.analyse.figures import FIGURES
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.insight.models import Chosen
from ringbook.desk.organisation.models import SERVICE_LEVEL_S, organisation
from ringbook.model.scope import MAIN_TENANT

CODES = "outcome codes"
"""What a version changed that is about no figure."""


def choices_of(tenant: str = MAIN_TENANT) -> Choices:
    """The choices that hold now. The service level's time is the organisation's, unless one was chosen for the figure."""
    choices = _chosen(tenant)
    within_s = organisation(tenant).service_level_s
    choice = choices.of(_SERVICE_LEVEL)
    if within_s == SERVICE_LEVEL_S or choice.threshold_s is not None:
        return choices
    told = msgspec.structs.replace(choice, threshold_s=float(within_s))
    return msgspec.structs.replace(choices, figures={**choices.figures, _SERVICE_LEVEL: told})


_SERVICE_LEVEL = "service-level"


def _chosen(tenant: str) -> Choices:
    found = Chosen.objects.filter(tenant=tenant).first()
    return NOTHING_CHOSEN if found is None else _read(found)


def history(tenant: str = MAIN_TENANT) -> list[Chosen]:
    """All versions, the newest first."""
    return list(Chosen.objects.filter(tenant=tenant))


def choose(
    actor: Actor,
    figure: str,
    *,
    variant: str | None = None,
    threshold_s: float | None = None,
    short_s: float | None = None,
) -> Choices:
    """The choices with a new one for a figure; all None is as usual again. Raises FigureError for what cannot be counted so."""
    about = FIGURES.get(figure)
    if about is None:
        raise FigureError(f'There is no figure "{figure}".')
    # What a variant does not use may be chosen too, for the day that another variant is asked for.
    defined(about, NOTHING_CHOSEN, variant)
    for limit, usual in ((threshold_s, about.threshold_s), (short_s, about.short_s)):
        if limit is not None and (usual is None or not 0 < limit <= _LONGEST_S):
            raise FigureError(f"{limit:g} s cannot be chosen for {about.name}.")
    before = _chosen(actor.tenant)
    choice = Choice(variant=variant.upper() if variant else None, threshold_s=threshold_s, short_s=short_s)
    figures = {**before.figures, figure: choice}
    if choice == Choice():
        del figures[figure]
    return _save(actor, before, figure, figures=figures)


def choose_codes(actor: Actor, *, resolved: Iterable[str], not_resolvable: Iterable[str]) -> Choices:
    """The choices with other outcome codes that say that a call was resolved, or could not be."""
    good, hopeless = tuple(dict.fromkeys(resolved)), tuple(dict.fromkeys(not_resolvable))
    both = set(good) & set(hopeless)
    if both:
        raise FigureError(
            _("An outcome code cannot say both: %(codes)s.") % {"codes": ", ".join(sorted(both))}
        )
    if not good:
        raise FigureError(_("Name at least one outcome code that says that a call was resolved."))
    before = _chosen(actor.tenant)
    return _save(actor, before, CODES, resolved=good, not_resolvable=hopeless)


_LONGEST_S = 30 * 86_400.0


def _save(
    actor: Actor,
    before: Choices,
    changed: str,
    *,
    figures: dict[str, Choice] | None = None,
    resolved: tuple[str, ...] | None = None,
    not_resolvable: tuple[str, ...] | None = None,
) -> Choices:
    new = Choices(
        version=before.version + 1,
        figures=before.figures if figures is None else figures,
        resolved=before.resolved if resolved is None else resolved,
        not_resolvable=before.not_resolvable if not_resolvable is None else not_resolvable,
    )
    try:
        with transaction.atomic():
            Chosen.objects.create(
                tenant=actor.tenant,
                version=new.version,
                figures={name: _written(choice) for name, choice in new.figures.items()},
                resolved=list(new.resolved),
                not_resolvable=list(new.not_resolvable),
                by=actor.id,
                by_name=actor.name,
                changed=changed,
            )
            audit.record(actor, "figures:chosen", changed, version=new.version)
    except IntegrityError:
        raise FigureError(_("Somebody else chose at the same moment; look, and choose again.")) from None
    return new


def _written(choice: Choice) -> dict[str, str | float]:
    given = {"variant": choice.variant, "threshold_s": choice.threshold_s, "short_s": choice.short_s}
    return {name: value for name, value in given.items() if value is not None}


def _read(found: Chosen) -> Choices:
    """A version as it holds; what this program cannot count so any more is as usual."""
    figures = {}
    for name, written in found.figures.items():
        about = FIGURES.get(name)
        choice = Choice(**written)
        if about is not None and (choice.variant is None or choice.variant in about.variants):
            figures[name] = choice
    return Choices(
        version=found.version,
        figures=figures,
        resolved=tuple(found.resolved),
        not_resolvable=tuple(found.not_resolvable),
    )
