"""Asking customers about a call by a link: an address for each call, which says nothing about it and takes one answer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ringbook.desk.annotations import sync
from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.insight import surveys
from ringbook.desk.insight.models import Survey, SurveyAnswer, SurveyLink
from ringbook.desk.insight.surveys import Kind, SurveyError
from ringbook.desk.organisation.models import organisation
from ringbook.desk.wiring import ledger
from ringbook.model.call import Call
from ringbook.model.instant import to_datetime
from ringbook.model.scope import Scope
from ringbook.search import pages
from ringbook.search.errors import SearchError

_SECRET_BYTES = 24


def survey_of(tenant: str) -> Survey:
    """What the organisation asks; one that is switched off, and not kept yet, if nobody chose."""
    found: Survey | None = Survey.objects.filter(tenant=tenant).first()
    return found or Survey(tenant=tenant)


def question(survey: Survey, language: str, kind: str = "") -> str:
    """What is asked, in a language or in any that there is; in the language that is active, if the organisation wrote nothing."""
    usual = {
        Kind.CSAT: _("How satisfied were you with our call?"),
        Kind.NPS: _("How likely are you to recommend us?"),
        Kind.CES: _("We made it easy for you: how far do you agree?"),
    }
    kind = kind or survey.kind
    own = _text(survey.questions, language) if kind == survey.kind else ""
    return own or usual[Kind(kind)]


def thanks(survey: Survey, language: str) -> str:
    """What is said after the answer."""
    return _text(survey.thanks, language) or _("Thank you. Your answer has reached us.")


def make(actor: Actor, call: Call) -> tuple[SurveyLink, str]:
    """A link for a call and its secret, which is told this once only. Raises SurveyError while no survey is switched on.

    Whether the actor may see the call is for the caller to know. Earlier links of the call stay good until they expire.
    """
    survey = survey_of(actor.tenant)
    if not survey.on:
        raise SurveyError(_("No survey is switched on. Settings, Surveys is where that is done."))
    secret, at = secrets.token_urlsafe(_SECRET_BYTES), datetime.now(UTC)
    link = SurveyLink.objects.create(
        tenant=actor.tenant,
        call_id=str(call.id),
        kind=survey.kind,
        day=to_datetime(call.started_at).astimezone(ZoneInfo(organisation(actor.tenant).zone)).date(),
        secret_hash=_hashed(secret),
        made_at=at,
        expires_at=at + timedelta(days=survey.expires_days),
        by=actor.id,
        by_name=actor.name,
    )
    audit.record(actor, "survey:asked", f"call:{call.id}", kind=link.kind)
    sync.mark(actor.tenant, [str(call.id)])
    sync.put(actor.tenant, [str(call.id)])
    return link, secret


def links_of(scope: Scope, calls: Sequence[str]) -> list[SurveyLink]:
    """The links that were made for calls."""
    return list(SurveyLink.objects.within(scope).filter(call_id__in=calls))


def made(
    scope: Scope, since: datetime | None = None, after: tuple[datetime, str] | None = None
) -> QuerySet[SurveyLink]:
    """The links of the tenant, the first made first: those made since an instant, those after one of them."""
    rows: QuerySet[SurveyLink] = SurveyLink.objects.within(scope)
    if since is not None:
        rows = rows.filter(made_at__gte=since)
    if after is not None:
        at, key = after
        rows = rows.filter(Q(made_at__gt=at) | Q(made_at=at, id__gt=key))
    return rows


def opened(secret: str) -> SurveyLink | None:
    """The link that a secret opens; None for an unknown or expired one, and for one whose call was removed."""
    link: SurveyLink | None = SurveyLink.objects.filter(
        secret_hash=_hashed(secret), expires_at__gt=datetime.now(UTC)
    ).first()
    if link is None:
        return None
    try:
        pages.show_call(ledger(), Scope(link.tenant), link.call_id)
    except SearchError:
        return None
    return link


def given(link: SurveyLink) -> SurveyAnswer | None:
    """What was answered by the link, or by another one for its call."""
    found: SurveyAnswer | None = SurveyAnswer.objects.filter(
        tenant=link.tenant, call_id=link.call_id, kind=link.kind, via="link"
    ).first()
    return found


def answer(link: SurveyLink, score: int, comment: str, address: str = "") -> SurveyAnswer:
    """The answer, joined to the call; an earlier one is corrected. Raises SurveyError."""
    who = Actor(f"survey-link:{link.pk}", "Customer", link.tenant, address)
    taken = surveys.record(who, link.call_id, link.kind, score, via="link", comment=comment)
    SurveyLink.objects.filter(pk=link.pk).update(answered_at=taken.answered_at)
    return taken


def _text(texts: dict[str, str], language: str) -> str:
    return texts.get(language[:2]) or texts.get("en") or next((one for one in texts.values() if one), "")


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
