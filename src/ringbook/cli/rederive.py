"""``ringbook rederive``."""

from __future__ import annotations

import json

import click

from ringbook.cli.app import Terminal
from ringbook.runtime.machine_zone import machine_zone


@click.command()
@click.option("--since", metavar="DATE", help="Only calls from this day on.")
@click.option("--until", metavar="DATE", help="Only calls before this day.")
@click.option("--source", metavar="NAME", help="Only calls of this phone system.")
@click.option("--timezone", metavar="IANA", help="Read the source's local times in this zone from now on.")
@click.option(
    "--region", metavar="CC", help="Read the source's numbers by this country's dialling rules from now on."
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rederive(
    terminal: Terminal,
    since: str | None,
    until: str | None,
    source: str | None,
    timezone: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Rebuild calls from their records under today's rules, and say what changed."""
    if (timezone or region) and not source:
        raise click.UsageError("--timezone and --region need --source: they belong to one phone system")
    outcome: dict[str, int] = {}
    for answer in terminal.run(
        "rederive",
        since=since,
        until=until,
        source=source,
        timezone=timezone,
        region=region,
        zone_shown=machine_zone(),
    ):
        if "changed" in answer and not as_json:
            change = answer["changed"]
            terminal.out.print(f"{change['id']}  {', '.join(change['fields'])}", markup=False)
        elif "frames" in answer:
            outcome = answer
    if as_json:
        click.echo(json.dumps(outcome))
        return
    terminal.out.print(
        f"{outcome['frames']:,} records, {outcome['calls']:,} calls: {outcome['unchanged']:,} as they were, "
        f"{outcome['updated']:,} updated, {outcome['new']:,} new, {outcome['gone']:,} joined into others"
    )
