"""``ringbook serve``."""

from __future__ import annotations

import threading

import click

from ringbook.cli.app import Terminal


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.  [default: 8420]")
@click.pass_obj
def serve(terminal: Terminal, host: str | None, port: int | None) -> None:
    """Take in the records of the configured sources, until stopped.

    Answers /healthz and /metrics. Every other command works through it while it runs.
    """
    from ringbook.runtime.logging import start_logging
    from ringbook.runtime.serve import serve as run

    start_logging(terminal.home)

    def ready(address: str) -> None:
        terminal.err.print(f"Ringbook serves {terminal.home} at {address} (stop with Ctrl-C)", soft_wrap=True)
        threading.Thread(target=_invite, args=(terminal, address), name="set-up-link", daemon=True).start()

    run(terminal.home, host, port, ready)


def _invite(terminal: Terminal, address: str) -> None:
    """While nobody can sign in, say how the first owner does."""
    from ringbook.config import load
    from ringbook.runtime.people import set_up_link

    link = set_up_link(load(terminal.home), address)
    if link:
        terminal.err.print(
            f"Nobody can sign in yet. Set Ringbook up in a browser; the link works once, for a day:\n  {link}",
            soft_wrap=True,
            markup=False,
        )
