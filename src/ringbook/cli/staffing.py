"""``ringbook report staffing``."""

from __future__ import annotations

import json

import click
import msgspec
from rich.table import Table

from ringbook.analyse.staffing import (
    Option,
    Plan,
    StaffingAnswer,
    StaffingError,
    StaffingQuestion,
    share,
    staff,
)
from ringbook.cli.app import Terminal

_BAR = 12
"""Cells of a bar that stand for 100 %."""

_NAMES = {"erlang_a": "Erlang A", "erlang_c": "Erlang C"}


def _as_share(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """A percentage or a fraction as a share from 0 to 1."""
    try:
        return None if value is None else share(value)
    except StaffingError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option("--calls", type=float, required=True, metavar="N", help="Calls expected in the interval.")
@click.option(
    "--interval",
    "interval_s",
    type=float,
    required=True,
    metavar="S",
    help="The interval in seconds, such as 1800.",
)
@click.option(
    "--aht",
    "aht_s",
    type=float,
    required=True,
    metavar="S",
    help="Average handling time in seconds: talk, hold and after-call work.",
)
@click.option(
    "--target",
    "target_share",
    callback=_as_share,
    required=True,
    metavar="P",
    help="Share of the offered calls to answer in time: 80, 80% or 0.8.",
)
@click.option(
    "--within", "within_s", type=float, required=True, metavar="S", help="Seconds in which to answer them."
)
@click.option(
    "--patience",
    "patience_s",
    type=float,
    metavar="S",
    help="Seconds after which a waiting caller hangs up, on average; the answer is then by Erlang A.",
)
@click.option(
    "--shrinkage",
    "shrinkage_share",
    callback=_as_share,
    default="0",
    metavar="P",
    help="Share of the paid time in which agents are not available.",
)
@click.option(
    "--max-occupancy",
    "max_occupancy_share",
    callback=_as_share,
    metavar="P",
    help="Share of the time for which agents may be busy at most.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the shares from 0 to 1.")
@click.pass_obj
def staffing(terminal: Terminal, /, as_json: bool, **asked: float | None) -> None:
    """How many agents a service level takes, by Erlang C and, with the callers' patience, by Erlang A."""
    answer = staff(msgspec.convert(asked, StaffingQuestion))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(answer), ensure_ascii=False))
        return
    print_answer(terminal, answer)


def print_answer(terminal: Terminal, answer: StaffingAnswer) -> None:
    """Write the answer in a sentence, what a few more or fewer agents give, and the formulas."""
    headline = answer.erlang_a or answer.erlang_c
    terminal.out.print(_sentence(answer, headline))
    if headline.agents > headline.agents_for_target:
        terminal.out.print(
            f"[dim]The target alone takes {headline.agents_for_target:,}; the occupancy cap takes the others.[/]"
        )
    for plan in (answer.erlang_a, answer.erlang_c):
        if plan is not None:
            terminal.out.print()
            terminal.out.print(_table(answer.question, plan))
    terminal.out.print()
    for caution in answer.cautions:
        terminal.out.print(f"[yellow]⚠ {caution}[/]")
    for line in answer.formulas:
        terminal.out.print(line, style="dim", markup=False)


def _sentence(answer: StaffingAnswer, plan: Plan) -> str:
    """The answer, as one would say it."""
    asked, given = answer.question, plan.answer.outcome
    schedule = f" (schedule [bold]{plan.scheduled_agents:,}[/])" if asked.shrinkage_share else ""
    agents = "1 agent[/]" if plan.agents == 1 else f"{plan.agents:,} agents[/]"
    verb = "answers" if plan.agents == 1 else "answer"
    hang_up = "" if given.abandonment_share is None else f", {_percent(given.abandonment_share)} hang up"
    return (
        f"[bold green]{agents}{schedule} {verb} {_percent(given.service_level_share)} of the calls within "
        f"{_plain(asked.within_s)} s (target {_plain(asked.target_share * 100)} %), by {_NAMES[plan.model]}: "
        f"average wait {_seconds(given.asa_s)}, busy {_percent(given.occupancy_share)}{hang_up}."
    )


def _table(asked: StaffingQuestion, plan: Plan) -> Table:
    """A few more and fewer agents than the answer, each with a bar for the service level; fits 80 columns."""
    patient = (
        "nobody hangs up"
        if plan.model == "erlang_c"
        else f"callers hang up after {_plain(asked.patience_s or 0)} s on average"
    )
    table = Table(
        box=None,
        padding=(0, 1, 0, 0),
        header_style="bold",
        title=f"{_NAMES[plan.model]} [dim]({patient})[/]",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    table.add_column("agents", justify="right", no_wrap=True)
    if asked.shrinkage_share:
        table.add_column("to\nschedule", justify="right", no_wrap=True)
    table.add_column(f"answered\nwithin {_plain(asked.within_s)} s", no_wrap=True)
    for name in ("average\nwait", "must\nwait", "busy", *(["hang\nup"] if plan.model == "erlang_a" else [])):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for option in plan.options:
        table.add_row(*_row(asked, plan, option), style="bold" if option.agents == plan.agents else None)
    return table


def _row(asked: StaffingQuestion, plan: Plan, option: Option) -> list[str]:
    given = option.outcome
    level, overload = given.service_level_share, not option.stable
    cells = ["▶" if option.agents == plan.agents else "", f"{option.agents:,}"]
    if asked.shrinkage_share:
        cells.append(f"{option.scheduled_agents:,}")
    cells += [
        f"{_bar(level)} {_percent(level, exact=overload):>7}",
        _seconds(given.asa_s),
        _percent(given.wait_share, exact=overload),
        _percent(given.occupancy_share, exact=overload),
    ]
    if given.abandonment_share is not None:
        cells.append(_percent(given.abandonment_share))
    return [*cells, _verdict(option)]


def _verdict(option: Option) -> str:
    """A sign and a word: whether this many are enough, and if not, what for."""
    if not option.stable:
        return "[red]✘ overload[/]"
    if not option.target_reached:
        return "[red]✘ too few[/]"
    return "[green]✔ enough[/]" if option.cap_kept else "[red]✘ too busy[/]"


def _bar(level: float) -> str:
    """A bar of whole cells, rounded down: only 100 % is full."""
    full = int(level * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _percent(value: float, *, exact: bool = False) -> str:
    """One decimal; never 100.0 % or 0.0 % for what is only nearly so, as every share of a steady state is."""
    shown = f"{100 * value:.1f}"
    if shown == "100.0" and not exact:
        return ">99.9 %"
    if shown == "0.0" and not exact:
        return "<0.1 %"
    return f"{shown} %"


def _seconds(value: float | None) -> str:
    """Seconds with one decimal; ``∞`` for a wait without bound."""
    if value is None:
        return "∞"
    return "<0.1 s" if 0 < value < 0.05 else f"{value:,.1f} s"


def _plain(value: float) -> str:
    return f"{value:,.10g}"
