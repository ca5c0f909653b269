"""``ringbook report``: list, figure, staffing."""

from __future__ import annotations

import json
import shlex
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.outlook import forecast, people, roster
from ringbook.cli.sending import send
from ringbook.cli.staffing import staffing
from ringbook.cli.words import clock, safe, span
from ringbook.runtime.machine_zone import machine_zone

_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = " ░▒▓█"
_MOST_SHOWN = 200
"""Rows printed; ``--json`` has all."""


@click.group()
def report() -> None:
    """Figures about calls, each with its definition and the calls behind it."""


for command in (staffing, forecast, roster, people, send):
    report.add_command(command)


@report.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per figure, one per line.")
@click.pass_obj
def list_(terminal: Terminal, as_json: bool) -> None:
    """List the figures there are, with their formulas."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("figure", "what", "formula"):
        table.add_column(name)
    for found in terminal.run("report.list"):
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        for variant, formula in found["formula"].items():
            first = variant in ("", next(iter(found["formula"])))
            usual = " (usual)" if variant and variant == found["variant"] else ""
            table.add_row(
                found["figure"] if first else "",
                found["title"] if first else "",
                (f"{variant}{usual}: " if variant else "") + _limits(found, formula),
            )
    if not as_json:
        terminal.out.print(table)


@report.command()
@click.argument("name", metavar="NAME")
@click.argument("query", nargs=-1)
@click.option("--by", metavar="DIMENSION", help="Parts to show: day, queue, agent…")
@click.option(
    "--zone",
    metavar="IANA",
    default=machine_zone,
    help="Time zone of days and hours, and to read dates in.  [default: this machine's]",
)
@click.option("--variant", metavar="A|B|C|D", help="Which of the figure's formulas.")
@click.option(
    "--threshold", type=float, metavar="S", help="Seconds; what they mean, the figure's formula says."
)
@click.option(
    "--short",
    type=float,
    metavar="S",
    help="Seconds up to which an abandoned call gave up at once (variant D).",
)
@click.option(
    "--period", default="", metavar="P", help="today, last-week, last-30-days, 2026-11-01..2026-11-30…"
)
@click.option(
    "--hours", type=click.Choice(["open", "closed"]), help="Only calls begun in business hours, or outside."
)
@click.option(
    "--against", metavar="P", help="Compare with another period: before, year-before, or one by name."
)
@click.option("--json", "as_json", is_flag=True, help="The figure with its definition as one JSON object.")
@click.pass_obj
def figure(
    terminal: Terminal,
    name: str,
    query: tuple[str, ...],
    by: str | None,
    zone: str,
    variant: str | None,
    threshold: float | None,
    short: float | None,
    period: str,
    hours: str | None,
    against: str | None,
    as_json: bool,
) -> None:
    """Show the figure NAME for the calls that answer QUERY; for all calls without one.

    For example: ringbook report figure service-level 'queue:sales last:30d' --by day --threshold 30
    """
    asked: dict[str, Any] = {
        "name": name,
        "query": " ".join(query),
        "by": by,
        "variant": variant,
        "threshold_s": threshold,
        "short_s": short,
        "timezone": zone,
        "period": period,
        "hours": hours or "",
    }
    compared = {} if against is None else {"other": against}
    answer = terminal.one("report.compare" if compared else "report.figure", **compared, **asked)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif compared:
        print_comparison(terminal.out, answer)
    else:
        print_answer(terminal.out, answer)


def _limits(found: dict[str, Any], formula: str) -> str:
    for mark, value in (("{T}", found["threshold_s"]), ("{short}", found["short_s"])):
        formula = formula.replace(mark, f"{value:g}" if value is not None else "")
    return formula


def print_answer(out: Console, answer: dict[str, Any]) -> None:
    """Write a figure as a table with bars, and what it was made of below."""
    variant = f", variant {answer['variant']}" if answer["variant"] else ""
    out.print(f"[bold]{answer['title']}[/]{variant}")
    if not answer["sample"]:
        out.print(_nothing(answer))
    elif answer["figure"] == "heat-map":
        out.print(_heat(answer))
    elif answer["by"]:
        out.print(_parts(answer))
        left = len(answer["rows"]) - _MOST_SHOWN
        if left > 0 or answer["more"]:
            out.print("[dim]There are more rows; --json gives more of them.[/]")
    else:
        out.print(_whole(answer))
    _print_definition(out, answer)


def print_comparison(out: Console, answer: dict[str, Any]) -> None:
    """Write a figure of two periods side by side, and what it was made of below."""
    this, other, headline = answer["this"], answer["other"], answer["headline"]
    kind = next(column["kind"] for column in this["columns"] if column["name"] == headline)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", title_justify="left")
    table.add_column(this["by"] or "")
    for name in (answer["this_label"], answer["other_label"], "change"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in answer["rows"][:_MOST_SHOWN]:
        table.add_row(_part(row["label"], this), *_change(row["change"], kind, this["zone"]))
    table.add_row("all", *_change(answer["change"], kind, this["zone"]), style="bold")
    out.print(f"[bold]{this['title']}[/]: {_heading(headline)}")
    out.print(table)
    _print_definition(out, this)
    if not answer["change"]["enough"]:
        out.print("one of both rests on under 30 calls: the change may be chance", style="dim")
    out.print(safe(f"compared with: {_command(other)}"), style="dim", soft_wrap=True)


def _change(change: dict[str, Any], kind: str, zone: str) -> list[str]:
    ratio = change["ratio"]
    sign = "" if ratio is None else ("▲ " if ratio > 0 else "▼ " if ratio < 0 else "")
    shown = "" if ratio is None else f"{sign}{ratio:+.1%}"
    return [*(_value(change[side], kind, zone) for side in ("this", "other")), shown]


def _nothing(answer: dict[str, Any]) -> str:
    if any(answer["excluded"].values()):
        return "Not known: every call that it is about lacks what it needs."
    return "No calls answer this, so there is no figure."


def _print_definition(out: Console, answer: dict[str, Any]) -> None:
    lines = [f"formula: {answer['formula']} (version {answer['version']})"]
    if answer.get("chosen") is not None:
        lines.append(
            f"chosen here: variant or threshold by the organisation's choices, version {answer['chosen']}"
        )
    if answer.get("hours"):
        lines.append(f"hours: calls begun while it was {answer['hours']}, by the organisation's clock")
    first, last = (clock(at, answer["zone"]) for at in answer["period"])
    rests = f"rests on: {answer['sample']:,} calls"
    lines.append(
        f"{rests}, begun {first} to {last} {answer['zone']}" if first else f"{rests}; {answer['zone']}"
    )
    if answer["small_sample"] and answer["sample"]:
        lines.append("few calls: under 30, a rate or a mean says little")
    lines += [f"left out: {count:,} ({reason})" for reason, count in answer["excluded"].items() if count]
    lines += [f"note: {note}" for note in answer["notes"]]
    lines.append(f"calls behind it: {_command(answer)}")
    for line in lines:
        out.print(safe(line), style="dim", soft_wrap=True)


def _command(answer: dict[str, Any]) -> str:
    """What lists the calls behind a figure; ``--`` keeps a leading minus from being taken for an option."""
    query = answer["calls_query"]
    words = ["ringbook", "calls", "list", "--zone", answer["zone"]]
    return shlex.join(words + (["--"] if query.startswith("-") else []) + ([query] if query else []))


def _whole(answer: dict[str, Any]) -> Table:
    """The one row, a value on each line."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for column in answer["columns"]:
        value = answer["total"][column["name"]]
        shown = _bar(value, 1.0) if column["kind"] == "share" and value is not None else ""
        table.add_row(_heading(column["name"]), _value(value, column["kind"], answer["zone"]), shown)
    return table


def _parts(answer: dict[str, Any]) -> Table:
    """A line for each part, with a bar for the headline, and the whole below."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    by, headline = answer["by"], answer["headline"]
    table.add_column(by, no_wrap=True)
    for column in answer["columns"]:
        table.add_column(_heading(column["name"]), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    rows = answer["rows"][:_MOST_SHOWN]
    kind = next(column["kind"] for column in answer["columns"] if column["name"] == headline)
    top = 1.0 if kind == "share" else max((row[headline] or 0 for row in rows), default=0)
    for row in rows:
        few = " few" if row["small_sample"] and row["calls"] else ""
        bar = _bar(row[headline], top) if row[headline] is not None else ""
        table.add_row(_part(row[by], answer), *_values(row, answer), f"{bar}[dim]{few}[/]")
    table.add_row("all", *_values(answer["total"], answer), "", style="bold")
    return table


def _part(label: str | int, answer: dict[str, Any]) -> str:
    if answer["by"] in ("hour", "half-hour", "quarter-hour"):
        return clock(str(label), answer["zone"])[:16]
    return safe(str(label)) if label != "" else "(none)"


def _values(row: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    return [_value(row[column["name"]], column["kind"], answer["zone"]) for column in answer["columns"]]


def _value(value: Any, kind: str, zone: str) -> str:
    if value is None:
        return "" if kind == "text" else "?"
    match kind:
        case "count":
            return f"{value:,}"
        case "share":
            return f"{value:.1%}"
        case "seconds":
            return f"{value:.1f} s" if value < 60 else span(value)
        case "number":
            return f"{value:,.2f}"
        case "instant":
            return clock(value, zone)
        case _:
            return safe(str(value))


def _heading(name: str) -> str:
    return name.removesuffix("_s").replace("_", " ")


def _bar(value: float, top: float) -> str:
    """A bar of up to 24 characters, to an eighth of one."""
    eighths = round(min(value / top, 1.0) * _BAR * 8) if top else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _heat(answer: dict[str, Any]) -> Table:
    """Weekdays down, hours across; the darkest is the most."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("")
    for hour in range(24):
        table.add_column(f"{hour:02}", justify="right")
    top = max(row["calls"] for row in answer["rows"])
    days: dict[str, list[str]] = {}
    for row in answer["rows"]:
        shade = _SHADES[-(-row["calls"] * (len(_SHADES) - 1) // top)]
        days.setdefault(row["weekday"], []).append(f"{row['calls']}{shade}" if row["calls"] else "·")
    for day, cells in days.items():
        table.add_row(day, *cells)
    return table
