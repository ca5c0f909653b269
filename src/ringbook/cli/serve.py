"""``ringbook serve``."""

from __future__ import annotations

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

    run(terminal.home, host, port, ready)
