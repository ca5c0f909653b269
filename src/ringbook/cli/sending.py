"""``ringbook report send``."""

from __future__ import annotations

import json

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import safe


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message, one per line.")
@click.pass_obj
def send(terminal: Terminal, name: str, as_json: bool) -> int:
    """Make the report NAME and send it to all its recipients now.

    NAME is what the report is called on the page Reports, or its id. The status is 1 if a message could not be sent.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("to", "state", "why"):
        table.add_column(head)
    failed = False
    for told in terminal.run("report.send", name=name):
        failed |= told["state"] in ("failed", "waiting")
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        table.add_row(safe(told["to"]), told["state"], safe(told["problem"]))
    if not as_json:
        terminal.out.print(table)
    return 1 if failed else 0
