"""``ringbook recordings``: add, list, join, missing, verify, new-key, rewrap."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from ringbook.analyse.completeness import Verdict
from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe, span
from ringbook.model.instant import from_datetime
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def recordings() -> None:
    """Keep recordings in the vault, see which call each is of, prove that they are unchanged."""


@recordings.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--source", default="pbx", show_default=True, help="Name of the phone system whose calls they are of."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per recording, one per line.")
@click.pass_context
def add(context: click.Context, paths: tuple[str, ...], source: str, as_json: bool) -> None:
    """Take recordings into the vault: files, or folders with all audio files in them. The files stay where they are."""
    terminal: Terminal = context.obj
    new = there = joined = failed = 0
    whole = [str(Path(path).absolute()) for path in paths]
    for answer in terminal.run("recordings.add", paths=whole, source=source):
        if as_json:
            click.echo(json.dumps(answer))
        if "problem" in answer:
            failed += 1
            terminal.err.print(f"{answer['path']}: {answer['problem']}", markup=False, soft_wrap=True)
            continue
        recording = answer["recording"]
        new += answer["new"]
        there += not answer["new"]
        joined += bool(recording["call"])
        if recording["problem"]:
            told = f"{recording['name']}: kept, but it cannot be played ({recording['problem']})"
            terminal.err.print(told, markup=False, soft_wrap=True)
    if not as_json:
        terminal.out.print(
            f"{new:,} new, {there:,} there before; {joined:,} joined to their call"
            + (f"; {failed:,} could not be read" if failed else "")
        )
    if failed:
        context.exit(1)


@recordings.command("list")
@click.option("--unmatched", is_flag=True, help="Only those that were joined to no call yet.")
@click.option("--problems", is_flag=True, help="Only those that cannot be played.")
@click.option("--source", metavar="NAME", default="", help="Only of this phone system.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@click.option("--cursor", metavar="C", default="", help="Go on where an earlier list stopped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per recording, one per line.")
@click.pass_obj
def list_(
    terminal: Terminal, unmatched: bool, problems: bool, source: str, limit: int, cursor: str, as_json: bool
) -> None:
    """List recordings, the last received first, with their call and how that is known."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("received", "source", "name", "length", "call", "evidence", "why"):
        table.add_column(name, no_wrap=name != "why")
    following, count = None, 0
    for answer in terminal.run(
        "recordings.list", unmatched=unmatched, problems=problems, source=source, limit=limit, cursor=cursor
    ):
        if "recording" not in answer:
            following = answer["next_cursor"]
            continue
        one = answer["recording"]
        count += 1
        if as_json:
            click.echo(json.dumps(one))
            continue
        sure = "" if one["confidence"] is None else f" {one['confidence']:.2f}"
        table.add_row(
            clock(one["received_at"], machine_zone()),
            safe(one["source"]),
            safe(one["name"]),
            span(one["duration_s"]),
            (one["call"] or "")[:18],
            f"{one['evidence'] or 'none'}{sure}",
            safe(one["problem"] or one["why"] or ""),
        )
    if not as_json:
        terminal.out.print(table if count else "There are no such recordings.")
    if following:
        terminal.err.print(f"more: add --cursor {following}", style="dim", soft_wrap=True, markup=False)


@recordings.command()
@click.argument("id_", metavar="ID")
@click.argument("call")
@click.pass_obj
def join(terminal: Terminal, id_: str, call: str) -> None:
    """Join the recording ID to CALL, because you know that it is of that call."""
    one = terminal.one("recordings.join", id=id_, call=call)["recording"]
    terminal.out.print(f"{one['name']} is of call {one['call']}", markup=False)


@recordings.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Read every recording and compare its hash; damaged chunks are named. Ends with 1 if anything is wrong."""
    terminal: Terminal = context.obj
    damaged, told = 0, {"recordings": 0, "bytes": 0}
    for answer in terminal.run("recordings.verify"):
        if "damage" not in answer:
            told = answer
            continue
        damaged += 1
        found = answer["damage"]
        if as_json:
            click.echo(json.dumps(found))
            continue
        chunks = f", chunks {', '.join(map(str, found['chunks']))}" if found["chunks"] else ""
        terminal.out.print(
            f"{found['recording']} {found['name']} ({found['form']}): {found['problem']}{chunks}",
            markup=False,
            soft_wrap=True,
        )
    if as_json:
        click.echo(json.dumps(told))
    else:
        terminal.out.print(
            f"{told['recordings']:,} recordings, {told['bytes']:,} bytes read: {damaged:,} forms damaged"
        )
    if damaged:
        context.exit(1)


@recordings.command()
@click.option(
    "--days", type=click.IntRange(1, 3_660), default=7, show_default=True, help="Whole days, up to now."
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice([one.value for one in Verdict]),
    help="Only calls that came out so; without it, all that are missing.",
)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True)
@click.option("--cursor", metavar="C", default="", help="Go on where an earlier list stopped.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per line: the figures, then the calls."
)
@click.pass_obj
def missing(
    terminal: Terminal, days: int, reasons: tuple[str, ...], limit: int, cursor: str, as_json: bool
) -> None:
    """List the calls that should have been recorded and were not, newest first, with the reason."""
    zone = machine_zone()
    until = datetime.now(ZoneInfo(zone))
    since = datetime.combine(until.date() - timedelta(days=days - 1), datetime.min.time(), until.tzinfo)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("began", "call", "from", "to", "queue", "talked", "reason"):
        table.add_column(name, no_wrap=True)
    told: dict[str, Any] = {}
    following, count = None, 0
    for answer in terminal.run(
        "recordings.missing",
        since=from_datetime(since),
        until=from_datetime(until),
        reasons=list(reasons),
        zone=zone,
        limit=limit,
        cursor=cursor,
    ):
        if "next_cursor" in answer:
            following = answer["next_cursor"]
        elif as_json:
            click.echo(json.dumps(answer))
        elif "completeness" in answer:
            told = answer["completeness"]
        else:
            one = answer["call"]
            count += 1
            table.add_row(
                clock(one["started_at"], zone),
                one["id"][:18],
                safe(one["from"] or ""),
                safe(one["to"] or ""),
                safe(one["queue"] or ""),
                span(one["talk_s"]),
                _reason(one),
            )
    if not as_json:
        terminal.out.print(table if count else "No call came out so.")
        terminal.out.print(_complete(told), soft_wrap=True)
    if following:
        terminal.err.print(f"more: add --cursor {following}", style="dim", soft_wrap=True, markup=False)


def _reason(one: dict[str, Any]) -> str:
    if one["reason"] == Verdict.TOO_SHORT:
        return f"{one['reason']} ({span(one['kept_s'])})"
    if one["reason"] == Verdict.NO_FILE and one["named"]:
        return f"{one['reason']} (its records name one)"
    return str(one["reason"])


def _complete(told: dict[str, Any]) -> str:
    if not told["rules"]:
        return "No rule says yet which calls are to be recorded: make one on the page Settings, Recording."
    if told["rate"] is None:
        return "No call of this time was to be recorded."
    return (
        f"{told['recorded']:,} of {told['expected']:,} calls were recorded: {told['rate'] * 100:.1f} %; "
        f"{told['missing']:,} are missing"
    )


@recordings.command("new-key")
def new_key() -> None:
    """Print a line with a new master key, to be added as the last line to those there are."""
    from ringbook.recordings.master import fresh

    click.echo(fresh(), nl=False)


@recordings.command()
@click.pass_obj
def rewrap(terminal: Terminal) -> None:
    """Wrap the keys of all recordings by the newest master key; afterwards older ones are no longer needed."""
    done = 0
    for answer in terminal.run("recordings.rewrap"):
        done = answer["rewrapped"]
    terminal.out.print(f"{done:,} keys wrapped anew")
