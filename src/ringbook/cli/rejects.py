"""``ringbook rejects``: list, show, replay."""

from __future__ import annotations

import base64
import json
import sys

import click
from rich.table import Table

from ringbook.cli.app import Terminal
from ringbook.cli.words import clock, safe
from ringbook.runtime.machine_zone import machine_zone

_source = click.option("--source", metavar="NAME", help="Only of this phone system.")
_reason = click.option("--reason", metavar="CODE", help="Only those rejected for this reason.")


@click.group()
def rejects() -> None:
    """See what could not be understood, and try again after a fix."""


@rejects.command("list")
@_source
@_reason
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--cursor", metavar="C", help="Go on where an earlier list stopped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per reject, one per line.")
@click.pass_obj
def list_(
    terminal: Terminal, source: str | None, reason: str | None, limit: int, cursor: str | None, as_json: bool
) -> None:
    """List rejected records with their reason and first bytes."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("received", "source", "format", "reason", "bytes", "id"):
        table.add_column(name)
    following, count = None, 0
    for answer in terminal.run("rejects.list", source=source, reason=reason, limit=limit, cursor=cursor):
        if "reject" not in answer:
            following = answer["next_cursor"]
            continue
        reject = answer["reject"]
        count += 1
        if as_json:
            click.echo(json.dumps(reject))
            continue
        begin = safe(repr(base64.b64decode(reject["data"])[:60])[2:-1])
        table.add_row(
            clock(reject["received_at"], machine_zone()),
            reject["source"],
            reject["format"],
            reject["reason"],
            begin,
            f"[dim]{reject['id']}[/]",
        )
    if not as_json:
        terminal.out.print(table if count else "Nothing was rejected.")
    if following:
        terminal.err.print(f"more: add --cursor {following}", style="dim", soft_wrap=True, markup=False)


@rejects.command()
@click.argument("id_", metavar="ID")
@click.option("--raw", is_flag=True, help="Write the record's bytes and nothing else.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(terminal: Terminal, id_: str, raw: bool, as_json: bool) -> None:
    """Show one rejected record: where it came from, why it was rejected, and its bytes."""
    reject = terminal.one("rejects.show", id=id_)
    data = base64.b64decode(reject["data"])
    if raw:
        sys.stdout.buffer.write(data)
        return
    if as_json:
        click.echo(json.dumps(reject))
        return
    for name in ("id", "source", "format", "origin", "offset", "reason", "detail"):
        terminal.out.print(f"[dim]{name:9}[/]{safe(str(reject[name]))}")
    terminal.out.print(f"[dim]received [/]{clock(reject['received_at'], machine_zone())}")
    terminal.out.print(f"[dim]bytes    [/]{len(data)}\n")
    for start in range(0, min(len(data), 1024), 16):
        row = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        terminal.out.print(f"{start:08x}  {row.hex(' '):47}  {safe(text)}", soft_wrap=True)
    if len(data) > 1024:
        terminal.out.print(f"… {len(data) - 1024} more bytes; all of them with --raw")


@rejects.command()
@_source
@_reason
@click.option("--id", "id_", metavar="ID", help="Only this one.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def replay(
    terminal: Terminal, source: str | None, reason: str | None, id_: str | None, as_json: bool
) -> None:
    """Parse rejected records again, after a parser or a setting was mended."""
    outcome: dict[str, int] = {}
    for answer in terminal.run("rejects.replay", source=source, reason=reason, id=id_):
        outcome = answer
    if as_json:
        click.echo(json.dumps(outcome))
        return
    terminal.out.print(
        f"{outcome['tried']:,} tried: {outcome['understood']:,} now understood, {outcome['still_rejected']:,} still rejected; "
        f"calls: {outcome['calls_new']:,} new, {outcome['calls_updated']:,} updated"
    )
