"""``ringbook report``: forecast, roster, people."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ringbook.analyse.staffing import StaffingError, share
from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe, span
from ringbook.runtime.machine_zone import machine_zone

_WEEKS = click.IntRange(1, 8)


def _as_share(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """A percentage or a fraction as a share from 0 to 1."""
    try:
        return None if value is None else share(value)
    except StaffingError as error:
        raise click.BadParameter(str(error)) from error


_zone = click.option(
    "--zone", metavar="IANA", default=machine_zone, help="Time zone.  [default: this machine's]"
)
_weeks = click.option("--weeks", type=_WEEKS, default=1, show_default=True, help="How far ahead.")
_json = click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object.")


@click.command()
@click.argument("query", nargs=-1)
@_weeks
@_zone
@_json
@click.pass_obj
def forecast(terminal: Terminal, query: tuple[str, ...], weeks: int, zone: str, as_json: bool) -> None:
    """Forecast the calls that answer QUERY, hour by hour, from those of the past."""
    told = terminal.one("report.forecast", query=" ".join(query), weeks=weeks, timezone=zone)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if told["enough"]:
        terminal.out.print(_days(told))
    _print_basis(terminal.out, told)


def _days(told: dict[str, Any]) -> Table:
    """A line for each day: the calls of the day, and its hours as a row of blocks."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("day", no_wrap=True)
    table.add_column("calls", justify="right")
    table.add_column("busiest hour", no_wrap=True)
    table.add_column("hours from 0 to 23", no_wrap=True)
    days: dict[str, list[dict[str, Any]]] = {}
    for hour in told["hours"]:
        days.setdefault(clock(hour["at"], told["zone"])[:10], []).append(hour)
    most = max((hour["calls"] for hour in told["hours"]), default=0)
    for day, hours in days.items():
        top = max(hours, key=lambda hour: float(hour["calls"]))
        busiest = f"{clock(top['at'], told['zone'])[11:16]}  {top['calls']:,.0f} ({top['low']:,.0f} to {top['high']:,.0f})"
        table.add_row(
            day,
            f"{sum(hour['calls'] for hour in hours):,.0f}",
            busiest if top["calls"] else "",
            "".join(_block(hour["calls"], most) for hour in hours),
        )
    return table


def _block(value: float, most: float) -> str:
    return " ▁▂▃▄▅▆▇█"[round(8 * value / most) if most else 0]


def _print_basis(out: Console, told: dict[str, Any]) -> None:
    if not told["enough"]:
        out.print(safe(told["needed"]))
        return
    first, last = told["history"]
    lines = [
        f"from: {told['history_calls']:,} calls, {first} to {last} {told['zone']}; method: {told['method']}",
        told["error_text"],
        f"in brackets: four cases out of five; {_coverage(told['coverage'])}",
        *(f"note: {note}" for note in told["notes"]),
    ]
    for line in lines:
        out.print(safe(line), style="dim", soft_wrap=True)


def _coverage(share: float | None) -> str:
    if share is None:
        return "too little history to try that"
    return f"when tried, {share:.0%} of the hours lay within"


@click.command()
@click.argument("query", nargs=-1)
@_weeks
@click.option(
    "--target",
    "target_share",
    callback=_as_share,
    default="80%",
    show_default=True,
    metavar="P",
    help="Share of the calls to answer in time.",
)
@click.option(
    "--within",
    "within_s",
    type=float,
    default=20.0,
    show_default=True,
    metavar="S",
    help="Seconds to answer them in.",
)
@click.option("--aht", "aht_s", type=float, metavar="S", help="Handling time; else that of the last weeks.")
@click.option("--patience", "patience_s", type=float, metavar="S", help="By Erlang A; see report staffing.")
@click.option(
    "--shrinkage",
    "shrinkage_share",
    callback=_as_share,
    default="0",
    metavar="P",
    help="See report staffing.",
)
@click.option(
    "--max-occupancy", "max_occupancy_share", callback=_as_share, metavar="P", help="At most so busy."
)
@_zone
@click.option("--csv", "as_csv", is_flag=True, help="The half hours as a table for other programs.")
@_json
@click.pass_obj
def roster(
    terminal: Terminal,
    /,
    query: tuple[str, ...],
    weeks: int,
    zone: str,
    as_csv: bool,
    as_json: bool,
    **wanted: float | None,
) -> None:
    """Say how many agents each coming half hour takes for the calls that answer QUERY."""
    table = terminal.one("report.roster", query=" ".join(query), weeks=weeks, timezone=zone, **wanted)
    if as_json:
        click.echo(json.dumps(table, ensure_ascii=False))
    elif as_csv:
        _write_csv(table)
    else:
        _print_roster(terminal.out, table)


_CSV = (
    "at",
    "calls",
    "low",
    "high",
    "agents",
    "scheduled",
    "service_level",
    "occupancy",
    "asa_s",
    "logged_in",
)


def _write_csv(table: dict[str, Any]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_CSV)
    for row in table["rows"]:
        writer.writerow(["" if row[name] is None else row[name] for name in _CSV])


def _print_roster(out: Console, table: dict[str, Any]) -> None:
    zone = table["forecast"]["zone"]
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("half hour", "calls", "agents", "schedule", "in time", "busy", "logged in lately"):
        shown.add_column(name, justify="left" if name == "half hour" else "right", no_wrap=True)
    for row in table["rows"]:
        if row["agents"]:
            there = row["logged_in"]
            short = there is not None and there < row["agents"]
            shown.add_row(
                clock(row["at"], zone)[:16],
                f"{row['calls']:,.1f}",
                f"{row['agents']:,}",
                f"{row['scheduled']:,}",
                f"{row['service_level']:.0%}",
                f"{row['occupancy']:.0%}",
                "?" if there is None else f"{there:,.1f}{' ✘ too few' if short else ''}",
            )
    if table["rows"]:
        out.print(shown)
        out.print("[dim]Half hours in which nobody is needed are left out.[/]")
    if table["aht_s"] is not None:
        out.print(f"handling time: {table['aht_s']:.0f} s ({table['aht_from']})", style="dim")
    _print_basis(out, table["forecast"])
    for note in table["notes"]:
        if note not in table["forecast"]["notes"] and note != table["forecast"]["needed"]:
            out.print(safe(f"note: {note}"), style="dim", soft_wrap=True)


@click.command()
@click.argument("query", nargs=-1)
@click.option(
    "--period", "during", default="last-28-days", show_default=True, metavar="P", help="Which days."
)
@_zone
@_json
@click.pass_obj
def people(terminal: Terminal, query: tuple[str, ...], during: str, zone: str, as_json: bool) -> None:
    """Show what each agent did on calls that answer QUERY, beside the spread of all of them."""
    told = terminal.one("report.people", query=" ".join(query), during=during, timezone=zone)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    terminal.out.print(_people(told))
    for note in told["notes"]:
        terminal.out.print(safe(f"note: {note}"), style="dim", soft_wrap=True)


_SHOWN = {
    "handled": ("handled", "{:,.0f}"),
    "mean_talk_s": ("talk", ""),
    "mean_hold_s": ("hold", ""),
    "transfer_share": ("transferred", "{:.1%}"),
    "not_taken_share": ("not taken", "{:.1%}"),
    "paused_s": ("paused", ""),
    "wrap_up_s": ("wrap-up", ""),
    "occupancy": ("occupancy", "{:.0%}"),
    "not_again_share": ("not again", "{:.0%}"),
    "resolved_share": ("resolved", "{:.0%}"),
    "satisfied_share": ("satisfied", "{:.0%}"),
}
_QUARTILES = {
    "lowest_quarter": "a quarter has less than",
    "median": "half",
    "highest_quarter": "three quarters",
}


def _people(told: dict[str, Any]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("agent", no_wrap=True)
    for heading, _ in _SHOWN.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for row in told["rows"]:
        who = " ".join(dict.fromkeys(part for part in (row["agent"], row["name"]) if part))
        table.add_row(safe(who), *(_measured(name, row[name]) for name in _SHOWN))
    for key, words in _QUARTILES.items():
        values = [_measured(name, spread[key]) if spread else "" for name, spread in told["spread"].items()]
        if any(values):
            table.add_row(words, *values, style="dim")
    return table


def _measured(name: str, value: float | None) -> str:
    form = _SHOWN[name][1]
    if value is None:
        return "?"
    return form.format(value) if form else span(value)
