"""``ringbook tokens``: create, list, revoke. They need no ledger, and work while ``serve`` runs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import safe
from ringbook.model.errors import AskError

if TYPE_CHECKING:
    from ringbook.desk.people.models import Person
    from ringbook.desk.tokens.models import ApiToken

_LASTS_DAYS = 365


@click.group()
def tokens() -> None:
    """Let programs use the API: make tokens, see them, take them back."""


@tokens.command()
@click.option(
    "--role", metavar="ROLE", required=True, help="Whose rights it has: integration, auditor, administrator…"
)
@click.option("--name", metavar="NAME", required=True, help="Which program uses it.")
@click.option(
    "--right", "rights", metavar="RIGHT", multiple=True, help="Only this right of the role; repeatable."
)
@click.option(
    "--expires", metavar="DAYS", default=str(_LASTS_DAYS), show_default=True, help="Days it lasts, or never."
)
@click.option("--person", metavar="EMAIL", help="Sees and may do only what this person does.")
@click.pass_obj
def create(
    terminal: Terminal, role: str, name: str, rights: tuple[str, ...], expires: str, person: str | None
) -> None:
    """Make a token and write it to standard output, once: only a hash of it is kept.

    For example: ringbook tokens create --role integration --name crm --right see_calls --expires 90
    """
    _prepare(terminal)
    from ringbook.desk.governance.audit import SYSTEM
    from ringbook.desk.people.roles import EVERY_CALL, Right, Role
    from ringbook.desk.tokens import keys

    chosen = _one_of(Role, role, "role")
    made = keys.make(
        SYSTEM,
        name=name,
        role=chosen,
        rights=[_one_of(Right, right, "right") for right in rights] or None,
        person=_person(person),
        lasts=_lasts(expires),
    )
    if person is None and chosen not in EVERY_CALL:
        terminal.err.print(
            f"A token of role {chosen} sees the calls of a person: without --person it sees none.",
            style="yellow",
        )
    until = made.token.expires_at
    terminal.err.print(
        f"Token {made.token.pk} for {safe(made.token.name)}, {'until ' + _day(until) if until else 'for ever'}. "
        "It is shown this once:",
        soft_wrap=True,
        highlight=False,
    )
    click.echo(made.text)


@tokens.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per token, one per line.")
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """List the tokens there are, never the secrets."""
    _prepare(terminal)
    from ringbook.desk.tokens import keys

    found = keys.tokens()
    if as_json:
        for token in found:
            click.echo(json.dumps(_row(token)))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("name", "role", "rights", "state", "expires", "last used", "id"):
        table.add_column(name)
    for token in found:
        row = _row(token)
        table.add_row(
            safe(token.name),
            f"{token.role}{' of ' + safe(token.person.email) if token.person else ''}",
            ", ".join(row["rights"]),
            row["state"],
            _day(token.expires_at) if token.expires_at else "never",
            _day(token.used_at) if token.used_at else "never",
            f"[dim]{token.pk}[/]",
        )
    terminal.out.print(table if found else "There are no tokens.")


@tokens.command()
@click.argument("id_", metavar="ID")
@click.pass_obj
def revoke(terminal: Terminal, id_: str) -> None:
    """Take a token back: it opens nothing from now on."""
    _prepare(terminal)
    from ringbook.desk.governance.audit import SYSTEM
    from ringbook.desk.tokens import keys

    token = keys.revoke(SYSTEM, id_)
    terminal.out.print(f"{safe(token.name)} ({token.pk}) opens nothing any more.", soft_wrap=True)


def _prepare(terminal: Terminal) -> None:
    """Make the store of the desk ready; its models can be imported after that only."""
    from ringbook.config import load
    from ringbook.parse.registry import formats
    from ringbook.runtime import desk

    terminal.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    desk.prepare(terminal.home, load(terminal.home, formats=formats()))


def _row(token: ApiToken) -> dict[str, Any]:
    from ringbook.desk.tokens import keys

    return {
        "id": str(token.pk),
        "name": token.name,
        "role": token.role,
        "rights": sorted(right.value for right in keys.granted(token)),
        "person": token.person.email if token.person else None,
        "state": keys.state(token),
        "made_at": token.made_at.isoformat(),
        "made_by": token.made_by_name or token.made_by,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "used_at": token.used_at.isoformat() if token.used_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }


def _one_of(kind: Any, value: str, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise AskError(f"{value!r} is no {what}; there are {', '.join(kind)}") from None


def _person(email: str | None) -> Person | None:
    from ringbook.desk.people.models import Person

    if email is None:
        return None
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        raise AskError(f"nobody signs in as {email!r}; 'ringbook people list' shows who does")
    return person


def _lasts(expires: str) -> timedelta | None:
    if expires == "never":
        return None
    if not expires.isdecimal() or not 1 <= int(expires) <= _MOST_DAYS:
        raise AskError(f"--expires is a number of days from 1 to {_MOST_DAYS}, or never; not {expires!r}")
    return timedelta(days=int(expires))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


_MOST_DAYS = 36_500
