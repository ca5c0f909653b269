"""``ringbook demo``."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from ringbook.cli.app import Terminal
from ringbook.cli.importing import bar

_LOOK = """
[bold]Ringbook is running[/] at {address}  (health: {address}/healthz, metrics: {address}/metrics)
A simulated company, Northwind Dental: {calls:,} calls so far, new ones arriving all the time. Stop with Ctrl-C.

[bold]Open it in a browser[/] (each link signs you in once):
{links}

[bold]Look at it[/] from another terminal:
  {ringbook} calls list
  {ringbook} calls list 'outcome:missed,abandoned last:7d'
  {ringbook} calls list 'queue:sales wait:>60'
  {ringbook} calls show {example}
  {ringbook} sources status
  {ringbook} verify

[bold]Connect a real Asterisk instead[/] (its CDR, CEL and queue log join into the same calls):
  ringbook import /var/log/asterisk/cdr-csv/Master.csv /var/log/asterisk/queue_log --timezone Europe/Berlin --region DE
  ringbook serve   # follows the files named in ringbook.toml; see docs/howto/asterisk.md
"""

_WHO = {"owner": "the owner", "supervisor": "a supervisor", "agent": "an agent"}


@click.command()
@click.option("--days", type=click.IntRange(1, 3_650), default=90, show_default=True, help="Days of history.")
@click.option(
    "--calls", type=click.IntRange(1, 100_000), default=120, show_default=True, help="Calls on a weekday."
)
@click.option(
    "--every", type=click.FloatRange(0.01), default=6.0, show_default=True, help="Seconds between new calls."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=8420, show_default=True)
@click.pass_context
def demo(context: click.Context, days: int, calls: int, every: float, host: str, port: int) -> None:
    """Show Ringbook at work: a simulated company, months of calls, new ones arriving live.

    Lives in a home of its own (…-demo) unless --home names one; nothing of yours is touched.
    """
    from ringbook.runtime.demo import Demo
    from ringbook.runtime.importing import Done, Progress
    from ringbook.runtime.logging import start_logging
    from ringbook.runtime.serve import serve

    terminal: Terminal = context.obj
    named = context.find_root().params["home"] is not None
    home = terminal.home if named else terminal.home.with_name("ringbook-demo")
    show = Demo(home, days, calls)
    terminal.err.print(f"Preparing {days} days of calls in {home} …", soft_wrap=True, markup=False)
    with bar(terminal, quiet=False) as progress:
        task = progress.add_task("importing", total=None, speed="")
        for told in show.prepare():
            if isinstance(told, Progress):
                progress.update(
                    task, total=told.total or None, completed=told.done, speed=f"{told.frames:,} records"
                )
            elif isinstance(told, Done):
                terminal.err.print(f"{told.result.frames:,} records in {told.seconds:.1f} s")
    start_logging(home, quiet=True)
    stop = threading.Event()

    def ready(address: str) -> None:
        show.go_on(stop, every)
        threading.Thread(target=_say, args=(terminal, home, address), daemon=True).start()

    try:
        serve(home, host, port, ready)
    finally:
        stop.set()


def _say(terminal: Terminal, home: Path, address: str) -> None:
    from ringbook.runtime.demo_desk import furnish
    from ringbook.runtime.people import demo_links

    address = address.replace("127.0.0.1", "localhost")
    there = Terminal(home)
    count = there.one("calls.count", query="", timezone="UTC")["count"]
    newest = there.run(
        "calls.list", query="outcome:answered has:transfer", limit=1, cursor=None, timezone="UTC"
    )
    example = next((answer["call"]["id"] for answer in newest if "call" in answer), "ID")
    links = "\n".join(f"  as {_WHO[role]}: {link}" for role, link in demo_links(address).items())
    command = f".venv/bin/ringbook --home {home}"
    terminal.out.print(
        _LOOK.format(address=address, calls=count, ringbook=command, example=example, links=links),
        soft_wrap=True,
    )
    furnish()  # after the links: somebody may look at once, and sees the desk filling
