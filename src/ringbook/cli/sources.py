"""``ringbook sources``: list, status, map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def sources() -> None:
    """The formats there are, the phone systems connected, and mappings for files of any shape."""


@sources.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """List the formats Ringbook reads, with how well each is proven."""
    from ringbook.parse.registry import formats
    from ringbook.parse.tiers import standing

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("format", "system", "versions", "arrives by", "proof"):
        table.add_column(name)
    for slug, form in formats().items():
        about = form.about
        row: dict[str, Any] = {
            "format": slug,
            "vendor": about.vendor,
            "product": about.product,
            "versions": about.versions,
            "transports": [transport.value for transport in about.transports],
            "facts": sorted(about.facts),
            "tier": str(standing(slug).tier),
        }
        if as_json:
            click.echo(json.dumps(row))
        ways = ", ".join(row["transports"])
        table.add_row(slug, f"{about.vendor} {about.product}", about.versions, ways, row["tier"])
    if not as_json:
        terminal.out.print(table)


@sources.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(terminal: Terminal, as_json: bool) -> None:
    """Show each phone system: last record, records an hour, rejects, silence."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in (
        "source",
        "state",
        "last record",
        "last hour",
        "last day",
        "records",
        "rejected",
        "calls",
        "time zone",
    ):
        table.add_column(name)
    rows = 0
    for row in terminal.run("sources.status"):
        rows += 1
        if as_json:
            click.echo(json.dumps(row))
        last = clock(row["last_record_at"], machine_zone()) or "never"
        counts = (
            f"{row[name]:,}"
            for name in ("frames_last_hour", "frames_last_day", "frames", "rejected", "calls")
        )
        zone = (row["timezone"] or "not needed") + (" (inferred)" if row["timezone_inferred"] else "")
        table.add_row(safe(row["source"]), row["state"], last, *counts, zone)
    if as_json:
        return
    if rows:
        terminal.out.print(table)
    else:
        terminal.out.print(
            "No phone system is connected yet. Import a file with 'ringbook import', or describe one in"
        )
        terminal.out.print(f"{terminal.home / 'ringbook.toml'} and run 'ringbook serve'.", markup=False)


@sources.command("map")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def map_(file: Path) -> None:
    """Propose a mapping for a file that no format recognises; edit it, then import with --mapping."""
    from ringbook.parse.mapping import propose
    from ringbook.runtime.files import Opened

    opened = Opened(file)
    try:
        click.echo(propose(opened.head, file.name), nl=False)
    finally:
        opened.close()
