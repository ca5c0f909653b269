"""``ringbook imports``: list, undo."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.importing import bar
from ringbook.cli.words import clock, safe
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def imports() -> None:
    """See which files were imported, and undo imports that were a mistake."""


@imports.command("list")
@click.option("--source", metavar="NAME", help="Only of this phone system.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file, one per line.")
@click.pass_obj
def list_(terminal: Terminal, source: str | None, as_json: bool) -> None:
    """List imported files, the last one first, with what each brought."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("imported", "source", "records", "new", "file", "id"):
        table.add_column(name, justify="right" if name in ("records", "new") else "left")
    count = 0
    for answer in terminal.run("imports.list"):
        one = answer["import"]
        if source is not None and one["source"] != source:
            continue
        count += 1
        if as_json:
            click.echo(json.dumps(one))
            continue
        new = one["records"] - one["repeated"]
        table.add_row(
            clock(one["imported_at"], machine_zone()),
            safe(one["source"]),
            f"{one['records']:,}",
            f"{new:,}",
            safe(one["file"]),
            f"[dim]{one['id']}[/]",
        )
    if not as_json:
        terminal.out.print(table if count else "No file was imported.")


@imports.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--reason", default="", help="Why; kept with the warrant for it.")
@click.option("--dry-run", is_flag=True, help="Only tell what it would come to.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
@click.pass_obj
def undo(
    terminal: Terminal, ids: tuple[str, ...], reason: str, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Undo imports: what only these files brought goes, and calls are told anew from what is left.

    Records that another file or a connected phone system brought too stay. The files can be imported again.
    """
    expected = terminal.one("imports.preview", ids=list(ids))
    if dry_run:
        _say(terminal, expected, as_json=as_json, done=False)
        return
    if not yes:
        _say(terminal, expected, as_json=False, done=False)
        if expected["holds"]:
            raise click.ClickException("it cannot be undone while a legal hold is on calls of it")
        if not sys.stdin.isatty():
            raise click.UsageError("nobody can be asked here: add --yes to undo without asking")
        click.confirm("Undo?", abort=True, err=True)
    outcome: dict[str, Any] = {}
    with bar(terminal, quiet=as_json) as shown:
        task = shown.add_task("undoing", total=None, speed="")
        for told in terminal.run("imports.undo", ids=list(ids), reason=reason, by=""):
            if told["type"] == "progress":
                shown.update(task, total=told["total"] or None, completed=told["done"])
            else:
                outcome = {name: value for name, value in told.items() if name != "type"}
    _say(terminal, outcome, as_json=as_json, done=True)


def _say(terminal: Terminal, told: dict[str, Any], *, as_json: bool, done: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
        return
    would = "" if done else "would "
    out = terminal.out if done else terminal.err
    out.print(
        f"{told['records']:,} records {would}go, {told['staying']:,} stay because others brought them too\n"
        f"{told['vanishing']:,} calls {would}vanish, {told['changing']:,} {would}change"
    )
    for hold in told.get("holds", ()):
        shown = ", ".join(hold["calls"][:3]) + (" …" if hold["held"] > 3 else "")
        out.print(f"on hold: {hold['held']:,} calls by {hold['name']!r} ({hold['reason']}): {shown}")
    if told["annotated"]:
        out.print(
            f"people wrote on {told['annotated']:,} of the calls that {would}vanish: "
            "it is kept, and comes back with them if they are imported again"
        )
