"""``ringbook calls``: list, count, show."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable
from typing import Any

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.story import print_call
from ringbook.cli.words import DIRECTION, OUTCOME, clock, safe, span, who
from ringbook.model.public import FLAT_COLUMNS
from ringbook.runtime.machine_zone import machine_zone

_zone = click.option(
    "--zone",
    metavar="IANA",
    default=machine_zone,
    help="Time zone to show times and read dates in.  [default: this machine's]",
)


class Question(click.Command):
    """A command that asks a question, in which ``-word`` means *not*, whatever comes first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``-has:talk`` for a part of the question, unless it is an option's value."""
        options = [p for p in self.params if isinstance(p, click.Option) and not p.is_flag]
        valued = {name for option in options for name in option.opts}
        pairs = zip(["", *args], args, strict=False)
        told = [_negated(word) if before not in valued else word for before, word in pairs]
        return super().parse_args(ctx, told)


def _negated(word: str) -> str:
    return f"not {word[1:]}" if re.match(r"-[^-\s]{2}", word) else word


@click.group()
def calls() -> None:
    """Find calls, count them, look at one."""


@calls.command("list", cls=Question)
@click.argument("query", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Calls at most."
)
@click.option("--cursor", metavar="C", help="Go on where an earlier list stopped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per call, one per line.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header.")
@_zone
@click.pass_obj
def list_(
    terminal: Terminal,
    query: tuple[str, ...],
    limit: int,
    cursor: str | None,
    as_json: bool,
    as_csv: bool,
    zone: str,
) -> None:
    """List the calls that answer QUERY, newest first; all of them without one.

    For example: ringbook calls list 'outcome:missed last:7d -queue:support'
    """
    shape = "flat" if as_csv else "public"
    answers = terminal.run(
        "calls.list", query=_text(query), limit=limit, cursor=cursor, timezone=zone, shape=shape
    )
    if as_json:
        _lines(answers)
        return
    if as_csv:
        _csv(answers)
        return
    found, following = [], None
    for answer in answers:
        if "call" in answer:
            found.append(answer["call"])
        else:
            following = answer["next_cursor"]
    _table(terminal, found, zone)
    if following:
        terminal.err.print(f"more: add --cursor {following}", style="dim", soft_wrap=True, markup=False)


@calls.command(cls=Question)
@click.argument("query", nargs=-1)
@_zone
@click.pass_obj
def count(terminal: Terminal, query: tuple[str, ...], zone: str) -> None:
    """Print how many calls answer QUERY."""
    click.echo(terminal.one("calls.count", query=_text(query), timezone=zone)["count"])


@calls.command()
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="The call and its evidence as one JSON object.")
@_zone
@click.pass_obj
def show(terminal: Terminal, id_: str, as_json: bool, zone: str) -> None:
    """Show one call as a timeline, and where each value came from, down to the raw record.

    ID may be the beginning of an id, eight characters or more.
    """
    answer = terminal.one("calls.show", id=id_)
    if as_json:
        click.echo(json.dumps({**answer["call"], "evidence": answer["evidence"]}))
    else:
        print_call(terminal.out, answer["call"], answer["evidence"], zone)


def _text(query: tuple[str, ...]) -> str:
    """The query as text; bytes of the command line that are no text match nothing."""
    return " ".join(query).encode("utf-8", errors="replace").decode()


def _lines(answers: Iterable[dict[str, Any]]) -> None:
    for answer in answers:
        if "call" in answer:
            click.echo(json.dumps(answer["call"], ensure_ascii=False))
        elif answer["next_cursor"]:
            click.echo(f"more: add --cursor {answer['next_cursor']}", err=True)


def _csv(answers: Iterable[dict[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, FLAT_COLUMNS)
    writer.writeheader()
    for answer in answers:
        if "call" in answer:
            writer.writerow(answer["call"])
        elif answer["next_cursor"]:
            click.echo(f"more: add --cursor {answer['next_cursor']}", err=True)


def _table(terminal: Terminal, found: list[dict[str, Any]], zone: str) -> None:
    if not found:
        terminal.out.print("No calls answer this.")
        return
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("when", "", "from", "to", "agents", "queue"):
        table.add_column(name, no_wrap=True)
    table.add_column("wait", justify="right")
    table.add_column("talk", justify="right")
    table.add_column("id", style="dim", no_wrap=True)
    for call in found:
        sign, colour = OUTCOME[call["outcome"]]
        table.add_row(
            clock(call["started_at"], zone),
            f"[{colour}]{DIRECTION[call['direction']]} {sign} {call['outcome']}[/]",
            who(call["from"]),
            who(call["to"]) if call["to"]["number"] or call["to"]["name"] else safe(call["dialled"] or ""),
            safe(", ".join(agent["name"] or agent["extension"] for agent in call["agents"])),
            safe(call["queue"] or ""),
            span(call["wait_s"]),
            span(call["talk_s"]),
            call["id"][:18],  # the first 13 say no more than the time
        )
    terminal.out.print(table)
