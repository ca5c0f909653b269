"""``ringbook retention``: plan, run, status."""

from __future__ import annotations

import json

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def retention() -> None:
    """How long things are kept: what the rules would remove, apply them now, see how they stand.

    Rules and holds are made on the pages, where each is seen before it is switched on.
    """


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule and kind, then the totals.")
@click.pass_obj
def plan(terminal: Terminal, as_json: bool) -> None:
    """Tell what a run would remove if it began now. Removes nothing."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("what", "under", "how many", "from", "to", "bytes"):
        table.add_column(name, justify="right" if name in ("how many", "bytes") else "left")
    for answer in terminal.run("retention.plan"):
        if as_json:
            click.echo(json.dumps(answer.get("part", answer)))
            continue
        if "part" in answer:
            part = answer["part"]
            table.add_row(
                part["kind"],
                safe("the most time" if part["rule"] == "ceiling" else part["name"]),
                f"{part['things']:,}",
                clock(part["oldest_at"], machine_zone()),
                clock(part["newest_at"], machine_zone()),
                f"{part['bytes']:,}" if part["bytes"] else "",
            )
            continue
        if table.row_count:
            terminal.out.print(table)
            terminal.out.print(
                f"{answer['removed']:,} would go; {answer['held']:,} stay because of a hold,"
                f" {answer['too_young']:,} because they are too young"
            )
        else:
            terminal.out.print("No rule is on: everything is kept.")


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="The report of the run as one JSON object.")
@click.pass_context
def run(context: click.Context, as_json: bool) -> None:
    """Apply the rules now, or go on with a run that is under way. What is removed cannot be brought back."""
    terminal: Terminal = context.obj
    for answer in terminal.run("retention.run"):
        if "run" not in answer:
            continue
        told = answer["run"]
        if as_json:
            click.echo(json.dumps(told))
        else:
            for kind, number in told["removed"].items():
                terminal.out.print(f"{kind}: {number:,} removed")
            disk = {"gone": "; their bytes are off the disk", "hidden": "; their bytes are still on the disk"}
            terminal.out.print(f"run {told['id']}: {told['state']}{disk.get(told['bytes_on_disk'], '')}")
            if told["message"]:
                terminal.err.print(told["message"], markup=False, soft_wrap=True)
        if told["state"] != "done":
            context.exit(1)


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="How it stands, then one JSON object per run.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Tell when the rules were applied last and are next, and what is wrong. Ends with 1 if something is."""
    terminal: Terminal = context.obj
    zone = machine_zone()
    alarm = False
    for answer in terminal.run("retention.status"):
        if as_json:
            click.echo(json.dumps(answer.get("run", answer)))
        if "run" in answer:
            if not as_json:
                told = answer["run"]
                number = sum(told["removed"].values())
                terminal.out.print(f"  {clock(told['begun_at'], zone)}  {told['state']}, {number:,} removed")
            continue
        alarm = bool(answer["alarm"])
        if not as_json:
            terminal.out.print(
                f"{answer['rules_on']} rules on, {answer['holds']} holds;"
                f" last done {clock(answer['last_done_at'], zone) or 'never'},"
                f" next {clock(answer['next_at'], zone) or 'not planned'}"
            )
            if alarm:
                terminal.err.print(safe(f"alarm: {answer['alarm']} {answer['detail'] or ''}".strip()))
    if alarm:
        context.exit(1)
