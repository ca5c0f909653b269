"""Making tokens, finding whom a shown one belongs to, and taking them back."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import transaction

from ringbook.desk.governance.audit import Actor, record
from ringbook.desk.organisation.models import organisation
from ringbook.desk.people.access import rights_of, scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import EVERY_CALL, RIGHTS, Right, Role
from ringbook.desk.tokens.errors import RefusedTokenError, TokenError, UnknownTokenError
from ringbook.desk.tokens.models import ApiToken
from ringbook.model.scope import MAIN_TENANT, Scope

LASTS = timedelta(days=365)
"""How long a token opens doors unless its maker says otherwise."""

_SECRET_BYTES = 32
_FORM = re.compile(r"rb_([0-9a-f]{32})_([0-9a-f]{64})")
_USE_IS_COARSE = timedelta(minutes=5)


class Made(msgspec.Struct, frozen=True):
    """A new token, and the text that is shown once."""

    token: ApiToken
    text: str


def make(
    actor: Actor,
    *,
    name: str,
    role: Role,
    rights: Collection[Right] | None = None,
    person: Person | None = None,
    lasts: timedelta | None = LASTS,
) -> Made:
    """A token that was made, on record. ``rights`` None is all that its role has, ``lasts`` None is for ever.

    :raises TokenError: it would be nameless, or be given a right that its role does not have.
    """
    if not name.strip():
        raise TokenError("a token needs a name that says which program uses it")
    if beyond := sorted(set(rights or ()) - RIGHTS[role]):
        raise TokenError(f"the role {role} does not have {', '.join(beyond)}; it has {_listed(usable(role))}")
    secret = secrets.token_hex(_SECRET_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            tenant=actor.tenant,
            name=name.strip()[:120],
            role=role.value,
            rights=None if rights is None else sorted(right.value for right in rights),
            person=person,
            secret_hash=_hashed(secret),
            made_by=actor.id,
            made_by_name=actor.name,
            expires_at=None if lasts is None else datetime.now(UTC) + lasts,
        )
        record(
            actor,
            "token:made",
            f"token:{token.pk}",
            role=token.role,
            rights=token.rights,
            person=str(person.pk) if person else None,
            expires_at=token.expires_at.isoformat() if token.expires_at else None,
        )
    return Made(token, f"rb_{token.pk.hex}_{secret}")


def revoke(actor: Actor, token_id: str) -> ApiToken:
    """A token that opens nothing any more, on record; one that was revoked before stays as it was.

    :raises UnknownTokenError: there is no such token.
    """
    try:
        token: ApiToken = ApiToken.objects.get(pk=uuid.UUID(token_id), tenant=actor.tenant)
    except (ValueError, ApiToken.DoesNotExist):
        raise UnknownTokenError(
            f"there is no token {token_id!r}; 'ringbook tokens list' shows them"
        ) from None
    if token.revoked_at is None:
        with transaction.atomic():
            token.revoked_at = datetime.now(UTC)
            token.save(update_fields=["revoked_at"])
            record(actor, "token:revoked", f"token:{token.pk}")
    return token


def holder(text: str) -> ApiToken:
    """The token that a program showed.

    Nothing tells an unknown token from one with a wrong secret; that one was revoked or is over is told to who has the secret.

    :raises RefusedTokenError: it opens nothing.
    """
    form = _FORM.fullmatch(text)
    rows = ApiToken.objects.select_related("person")
    token: ApiToken | None = rows.filter(pk=uuid.UUID(form[1])).first() if form else None
    right = hmac.compare_digest(token.secret_hash if token else _NOBODYS, _hashed(form[2] if form else ""))
    if token is None or not right:
        raise RefusedTokenError(
            "This token is not known. Look for a missing or added character, or make a new one."
        )
    now = datetime.now(UTC)
    if token.revoked_at is not None:
        raise RefusedTokenError("This token was revoked. Ask an administrator for a new one.")
    if token.expires_at is not None and token.expires_at <= now:
        raise RefusedTokenError("This token has expired. Ask an administrator for a new one.")
    if token.person is not None and not token.person.is_active:
        raise RefusedTokenError("The person whose token this is was switched off.")
    _note_use(token, now)
    return token


def usable(role: Role) -> frozenset[Right]:
    """What a token of a role may do at most: what its role may, but for the pages."""
    return RIGHTS[role] - {Right.USE_PAGES, Right.USE_STYLE}


def granted(token: ApiToken) -> frozenset[Right]:
    """What a token may do: never more than its role, its own list, and the person it belongs to."""
    rights = usable(Role(token.role))
    if token.rights is not None:
        rights &= {Right(right) for right in token.rights if right in set(Right)}
    if token.person is not None:
        rights &= rights_of(token.person)
    return rights


def reach(token: ApiToken) -> Scope:
    """The calls that a token sees: its person's; all of them without one, for roles that see all; else none."""
    masked = token.role in organisation(token.tenant).masked_roles
    if token.person is not None:
        scope = scope_of(token.person)
        return msgspec.structs.replace(scope, masked=scope.masked or masked)
    return Scope(token.tenant, None if Role(token.role) in EVERY_CALL else (), masked)


def state(token: ApiToken) -> str:
    """Whether it is ``active``, ``expired`` or ``revoked``."""
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at is not None and token.expires_at <= datetime.now(UTC):
        return "expired"
    return "active"


def tokens(tenant: str = MAIN_TENANT) -> list[ApiToken]:
    """All tokens of a tenant, the newest first."""
    return list(ApiToken.objects.filter(tenant=tenant).select_related("person"))


def _note_use(token: ApiToken, now: datetime) -> None:
    """Keep when it was used last: coarsely, so that a busy program does not write with every request."""
    if token.used_at is None or now - token.used_at > _USE_IS_COARSE:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _listed(rights: Collection[Right]) -> str:
    return ", ".join(sorted(rights))


_NOBODYS = "0" * 64
