"""``ringbook sql``: ask in SQL over the documented views."""

from __future__ import annotations

import csv
import json
import sys

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import safe

_SHOWN = 200
"""Rows printed; ``--json`` and ``--csv`` give all."""


@click.command()
@click.argument("statement")
@click.option(
    "--rows", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="Rows at most."
)
@click.option(
    "--within", "time_s", type=click.FloatRange(1, 120), default=30.0, show_default=True, help="Seconds."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per row, one per line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@click.pass_obj
def sql(terminal: Terminal, statement: str, rows: int, time_s: float, as_json: bool, as_csv: bool) -> None:
    """Print the rows of a SELECT over the views calls, annotations, numbers and recordings; - reads it from standard input.

    For example: ringbook sql "SELECT outcome, count() AS calls FROM calls GROUP BY outcome ORDER BY calls DESC"
    """
    text = sys.stdin.read() if statement == "-" else statement
    names: list[str] = []
    found: list[list[object]] = []
    cut = False
    for told in terminal.run("sql.answer", statement=text, rows=rows, time_s=time_s):
        if "columns" in told:
            names, cut = told["columns"], told["cut"]
        else:
            found.append(told["row"])
    if as_json:
        for row in found:
            click.echo(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
    elif as_csv:
        lines = csv.writer(sys.stdout)
        lines.writerow(names)
        lines.writerows(found)
    else:
        _print(terminal, names, found)
    if cut:
        terminal.err.print(f"there are more than {rows} rows: ask with --rows", style="dim")


def _print(terminal: Terminal, names: list[str], found: list[list[object]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(safe(name))
    for row in found[:_SHOWN]:
        table.add_row(*("–" if value is None else safe(str(value)) for value in row))
    terminal.out.print(table)
    if len(found) > _SHOWN:
        terminal.err.print(f"{len(found) - _SHOWN} more rows: --json or --csv gives them", style="dim")
