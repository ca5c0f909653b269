"""``ringbook bench``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
import msgspec
from rich.table import Table

from ringbook.cli.app import Terminal

_MILLION = 1_000_000


@click.command()
@click.option(
    "--records", type=click.IntRange(1_000), default=_MILLION, show_default=True, help="CDRs to import."
)
@click.option("--large", is_flag=True, help="Ten million records.")
@click.option(
    "--only", type=click.Choice(["import", "live"]), help="Only this part (import includes search and disk)."
)
@click.option("--web", is_flag=True, help="Also the pages: list, facets, a call, overview, over HTTP.")
@click.option("--insight", is_flag=True, help="Also every figure and the dashboards.")
@click.option("--media", is_flag=True, help="Recordings instead: take, draw, play, weigh.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per figure, one per line, and no table."
)
@click.pass_obj
def bench(
    terminal: Terminal,
    records: int,
    large: bool,
    only: str | None,
    web: bool,
    insight: bool,
    media: bool,
    as_json: bool,
) -> None:
    """Measure import, live intake, search, memory and disk on this machine, in a temporary home."""
    from ringbook.runtime.bench import importing, live, searching
    from ringbook.runtime.home import Home

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name, side in {
        "measured": "left",
        "value": "right",
        "target": "right",
        "": "left",
        "note": "left",
    }.items():
        table.add_column(name, justify="right" if side == "right" else "left")

    def say(figure: object) -> None:
        row = msgspec.to_builtins(figure)
        if as_json:
            click.echo(json.dumps(row))
            return
        sign = {None: "", True: "✔", False: "✘"}[row["met"]]
        ratio = f"{row['ratio']:.1f} × engine; " if row["ratio"] is not None else ""
        table.add_row(
            row["name"], f"{row['value']:,.1f} {row['unit']}", row["target"], sign, ratio + row["note"]
        )
        terminal.err.print(f"{row['name']}: {row['value']:,.1f} {row['unit']}", style="dim", markup=False)

    with tempfile.TemporaryDirectory(prefix="ringbook-bench-") as scratch:
        folder = Path(scratch)
        if media:
            from ringbook.runtime.bench import media as audio

            with Home.open(folder / "home") as home:
                for figure in audio.measure(folder, home):
                    say(figure)
        elif only != "live":
            with Home.open(folder / "home") as home:
                for figure in importing.measure(folder, 10 * _MILLION if large else records, home):
                    say(figure)
                for figure in searching.measure(home):
                    say(figure)
                if insight:
                    from ringbook.runtime.bench import insight as figures

                    for figure in figures.measure(home):
                        say(figure)
            if web:
                from ringbook.runtime.bench import web as pages

                for figure in pages.measure(folder / "home"):
                    say(figure)
        if not media and only != "import":
            for figure in live.measure(folder / "live"):
                say(figure)
    if not as_json:
        terminal.out.print(table)
