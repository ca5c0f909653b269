"""Tokens: shown once, hashed, within what their role, list and person allow, over when they are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ringbook.desk.governance.audit import Actor, verify
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.organisation.models import Organisation
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.roles import RIGHTS, Right, Role
from ringbook.desk.tokens import keys
from ringbook.desk.tokens.errors import RefusedTokenError, TokenError, UnknownTokenError
from ringbook.desk.tokens.models import ApiToken

from ..house import People

MAKER = Actor("person:1", "Olga Orr")

pytestmark = pytest.mark.django_db


def made(**fields: object) -> keys.Made:
    return keys.make(MAKER, **{"name": "crm", "role": Role.INTEGRATION, **fields})  # type: ignore[arg-type]


def test_the_shown_text_opens_and_is_kept_nowhere() -> None:
    new = made()
    assert keys.holder(new.text) == new.token
    secret = new.text.rpartition("_")[2]
    assert len(bytes.fromhex(secret)) == 32
    with connection.cursor() as cursor:
        for table in ("tokens_apitoken", "governance_auditentry"):
            cursor.execute(f"SELECT * FROM {table}")
            assert secret not in str(cursor.fetchall())


@pytest.mark.parametrize("wrong", ["", "rb", "rb_", "rb_x_y", "rb_" + "0" * 32 + "_" + "0" * 64, "Ω" * 100])
def test_what_is_no_token_opens_nothing(wrong: str) -> None:
    with pytest.raises(RefusedTokenError, match="not known"):
        keys.holder(wrong)


def test_a_wrong_secret_is_told_as_an_unknown_token() -> None:
    new = made()
    keys.revoke(MAKER, str(new.token.pk))
    with pytest.raises(RefusedTokenError, match="not known"):
        keys.holder(new.text[:-1] + ("0" if new.text[-1] != "0" else "1"))
    with pytest.raises(RefusedTokenError, match="revoked"):
        keys.holder(new.text)


def test_a_token_lasts_a_year_or_as_long_as_was_said() -> None:
    assert made().token.expires_at is not None
    left = made().token.expires_at - datetime.now(UTC)  # type: ignore[operator]
    assert timedelta(days=364) < left <= timedelta(days=365)
    assert made(lasts=None).token.expires_at is None
    over = made(lasts=timedelta(seconds=-1))
    with pytest.raises(RefusedTokenError, match="expired"):
        keys.holder(over.text)
    assert keys.state(over.token) == "expired"


def test_rights_are_narrowed_by_role_list_and_person(people: People) -> None:
    assert keys.granted(made().token) == RIGHTS[Role.INTEGRATION]
    assert keys.granted(made(rights=[Right.SEE_CALLS]).token) == {Right.SEE_CALLS}
    owners = keys.granted(made(role=Role.OWNER).token)
    assert Right.USE_PAGES not in owners
    assert Right.MANAGE_PEOPLE in owners
    bos = made(person=people.agent).token
    assert Right.EXPORT_CALLS not in keys.granted(bos)
    assert Right.SEE_CALLS in keys.granted(bos)
    with pytest.raises(TokenError, match="integration does not have manage_people"):
        made(rights=[Right.MANAGE_PEOPLE])


def test_a_tokens_reach_is_its_persons(people: People) -> None:
    assert keys.reach(made().token).reaches is None
    assert keys.reach(made(person=people.agent).token) == scope_of(people.agent)
    assert keys.reach(made(role=Role.AGENT).token).reaches == ()


def test_masking_follows_the_role_and_the_person(people: People) -> None:
    Organisation.objects.update(masked_roles=["agent"])
    assert keys.reach(made(person=people.agent).token).masked
    assert keys.reach(made(role=Role.AGENT, person=people.owner).token).masked
    assert not keys.reach(made().token).masked


def test_a_switched_off_person_takes_the_token_along(people: People) -> None:
    new = made(person=people.agent)
    people.agent.is_active = False
    people.agent.save()
    with pytest.raises(RefusedTokenError, match="switched off"):
        keys.holder(new.text)


def test_use_is_kept_coarsely() -> None:
    new = made()
    keys.holder(new.text)
    first = ApiToken.objects.get().used_at
    assert first is not None
    keys.holder(new.text)
    assert ApiToken.objects.get().used_at == first
    ApiToken.objects.update(used_at=first - timedelta(hours=1))
    keys.holder(new.text)
    assert ApiToken.objects.get().used_at > first - timedelta(minutes=1)  # type: ignore[operator]


def test_making_and_revoking_are_on_record() -> None:
    new = made()
    keys.revoke(MAKER, str(new.token.pk))
    keys.revoke(MAKER, str(new.token.pk))
    entries = list(AuditEntry.objects.values_list("action", "subject"))
    assert entries == [("token:made", f"token:{new.token.pk}"), ("token:revoked", f"token:{new.token.pk}")]
    assert list(verify()) == []


@pytest.mark.parametrize("unknown", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_token_cannot_be_revoked(unknown: str) -> None:
    with pytest.raises(UnknownTokenError):
        keys.revoke(MAKER, unknown)
