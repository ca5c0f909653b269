"""``ringbook audit``: list, verify."""

from __future__ import annotations

import json

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def audit() -> None:
    """Who did and saw what: the log that nobody can change unseen."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per entry, one per line.")
@click.pass_obj
def list_(terminal: Terminal, limit: int, as_json: bool) -> None:
    """List the latest entries, newest first."""
    from ringbook.runtime.auditing import Auditing

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("entry", "when", "who", "what", "of what", "from"):
        table.add_column(name)
    count = 0
    for row in Auditing(terminal.home).latest(limit):
        count += 1
        if as_json:
            click.echo(json.dumps(row))
            continue
        table.add_row(
            str(row["seq"]),
            clock(row["at"], machine_zone()),
            safe(row["actor_name"] or row["actor"]),
            row["action"],
            safe(row["subject"]),
            row["address"],
        )
    if not as_json:
        terminal.out.print(table if count else "Nothing was recorded yet.")


@audit.command()
@click.pass_obj
def verify(terminal: Terminal) -> None:
    """Prove that no entry was changed or taken out; ends with status 1 if one was."""
    from ringbook.runtime.auditing import Auditing

    broken = 0
    auditing = Auditing(terminal.home)
    for fault in auditing.faults():
        broken += 1
        terminal.out.print(f"entry {fault.seq}: {fault.problem}", soft_wrap=True)
    if broken:
        terminal.err.print(f"The audit log is not as it was written: {broken} faults.")
        raise click.exceptions.Exit(1)
    terminal.out.print(f"The audit log is whole: {auditing.count():,} entries.")
