"""``ringbook verify``."""

from __future__ import annotations

import json

import click

from ringbook.cli.app import Terminal


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per check and difference, one per line."
)
@click.pass_obj
def verify(terminal: Terminal, as_json: bool) -> None:
    """Check the accounts: every byte in a frame, every frame counted, every statement in exactly one call.

    Prints each difference; exits with status 1 if there is any.
    """
    differences = 0
    for answer in terminal.run("verify"):
        if as_json:
            click.echo(json.dumps(answer))
        if "difference" in answer:
            differences += 1
            if not as_json:
                terminal.out.print(f"✘ {answer['difference']}", markup=False)
        elif not as_json:
            terminal.out.print(f"✔ {answer['checked']}", markup=False)
    if not as_json:
        count = (
            "no difference"
            if differences == 0
            else f"{differences} difference{'s' if differences > 1 else ''}"
        )
        terminal.out.print(count)
    if differences:
        raise click.exceptions.Exit(1)
