"""``ringbook people``: add, list, disable, enable, link."""

from __future__ import annotations

import json
import sys

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe
from ringbook.model.errors import AskError
from ringbook.runtime.machine_zone import machine_zone

_ROLES = ("owner", "administrator", "supervisor", "agent", "auditor")


@click.group()
def people() -> None:
    """Who may sign in to the pages, and as what."""


@people.command()
@click.argument("email")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What they are to the organisation.")
@click.option("--name", default="", help="Their name.")
@click.option(
    "--extension", "extensions", multiple=True, metavar="EXT", help="Where they sit; repeat for more."
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)
@click.pass_obj
def add(
    terminal: Terminal, email: str, role: str, name: str, extensions: tuple[str, ...], password_stdin: bool
) -> None:
    """Add somebody who may sign in with EMAIL.

    Without --password-stdin, prints a link that works once, with which they choose a password.
    """
    from ringbook.runtime.people import Staff

    password = _password() if password_stdin else None
    added = Staff(terminal.home).add(email, role, name, extensions, password)
    terminal.err.print(f"Added {safe(added.email)} as {role}.")
    if added.link:
        _tell(terminal, added.link)


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per person, one per line.")
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """List everybody who may sign in."""
    from ringbook.runtime.people import Staff

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("e-mail", "name", "role", "state", "extensions", "second factor", "last sign-in"):
        table.add_column(name)
    count = 0
    for row in Staff(terminal.home).list():
        count += 1
        if as_json:
            click.echo(json.dumps(row))
            continue
        table.add_row(
            safe(row["email"]),
            safe(row["name"]),
            row["role"],
            "on" if row["active"] else "off",
            safe(", ".join(row["extensions"])),
            "yes" if row["second_factor"] else "no",
            clock(row["last_sign_in_at"], machine_zone()) or "never",
        )
    if not as_json:
        terminal.out.print(table if count else "Nobody yet. Add the first person with 'ringbook people add'.")


@people.command()
@click.argument("email")
@click.pass_obj
def disable(terminal: Terminal, email: str) -> None:
    """Switch somebody off: their sessions end at once."""
    from ringbook.runtime.people import Staff

    Staff(terminal.home).disable(email)
    terminal.err.print(f"{safe(email)} is switched off. Switch them on again with 'ringbook people enable'.")


@people.command()
@click.argument("email")
@click.pass_obj
def enable(terminal: Terminal, email: str) -> None:
    """Switch somebody on again."""
    from ringbook.runtime.people import Staff

    Staff(terminal.home).enable(email)
    terminal.err.print(f"{safe(email)} is switched on.")


@people.command()
@click.argument("email")
@click.option(
    "--forget-second-factor", is_flag=True, help="Also take away a lost second factor and passkeys."
)
@click.pass_obj
def link(terminal: Terminal, email: str, forget_second_factor: bool) -> None:
    """Print a link that works once, with which somebody chooses a new password."""
    from ringbook.runtime.people import Staff

    _tell(terminal, Staff(terminal.home).link(email, forget_second_factor=forget_second_factor))


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise AskError(
            'no password came on standard input; write it there, as in: printf %s "$PASSWORD" | ringbook people …'
        )
    return password


def _tell(terminal: Terminal, link: str) -> None:
    terminal.err.print("Send them this link. It works once, for a week:")
    click.echo(link)
