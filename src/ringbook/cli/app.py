"""The command line's frame: where the home is, how errors are told, which commands there are."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ringbook import __version__
from ringbook.model.errors import AskError, RingbookError, SettingsError, WaitError

EXITS: dict[type[RingbookError], int] = {AskError: 2, SettingsError: 78, WaitError: 75}
"""Exit status by error group, after sysexits.h; 74 for what has to be mended, 1 for differences found, 130 for Ctrl-C."""


_WIDE = 200
"""Columns to write where there is no terminal to ask."""


_NEW_OBJECTS = 100_000
"""New objects before Python looks for rubbish: starting makes many and hardly any rubbish, and to look at every 700 is dear."""


class _Lines(Console):
    """A console whose broken pipe is told like any other's."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Terminal:
    """Where a command's words go: results to stdout, everything else to stderr."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.out = _Lines(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
        self.err = Console(stderr=True, highlight=False)

    def run(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The answers to an operation of the home, through ``serve`` if it runs."""
        from ringbook.runtime.door import reach

        with reach(self.home) as answers:
            yield from answers.run(operation, arguments)

    def one(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """The one answer of an operation that gives one."""
        [answer] = self.run(operation, **arguments)
        return answer


class Commands(click.Group):
    """The top group: commands are imported when asked for, and errors are told in one way."""

    modules = {
        "import": ("ringbook.cli.importing", "import_"),
        "imports": ("ringbook.cli.imports", "imports"),
        "calls": ("ringbook.cli.calls", "calls"),
        "report": ("ringbook.cli.report", "report"),
        "sql": ("ringbook.cli.sql", "sql"),
        "rejects": ("ringbook.cli.rejects", "rejects"),
        "recordings": ("ringbook.cli.recordings", "recordings"),
        "evidence": ("ringbook.cli.evidence", "evidence"),
        "retention": ("ringbook.cli.retention", "retention"),
        "sources": ("ringbook.cli.sources", "sources"),
        "verify": ("ringbook.cli.verify", "verify"),
        "rederive": ("ringbook.cli.rederive", "rederive"),
        "serve": ("ringbook.cli.serve", "serve"),
        "people": ("ringbook.cli.people", "people"),
        "tokens": ("ringbook.cli.tokens", "tokens"),
        "audit": ("ringbook.cli.audit", "audit"),
        "demo": ("ringbook.cli.demo", "demo"),
        "bench": ("ringbook.cli.bench", "bench"),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of a first acquaintance."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        import importlib

        where = self.modules.get(name)
        return getattr(importlib.import_module(where[0]), where[1]) if where else None

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command; a reader who has seen enough (``| head``) is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()
            raise click.exceptions.Exit(0) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    envvar="RINGBOOK_HOME",
    help="Folder in which this Ringbook lives.  [default: ~/.local/share/ringbook]",
)
@click.version_option(__version__, prog_name="ringbook")
@click.pass_context
def app(context: click.Context, home: Path | None) -> None:
    """One true call out of any phone system's scattered records."""
    from ringbook.config import home_folder

    context.obj = Terminal(home_folder(home, os.environ))


def main() -> None:
    """Run the command line; errors end it with a message and a status, never a traceback."""
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
    try:
        status = app.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(status or 0)  # what a command ended with by its own decision, such as 1 for differences
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"ringbook: {error.strerror or error}{where}", err=True)
        _drop_output()
        sys.exit(74)
    except RingbookError as error:
        click.echo(f"ringbook: {error}", err=True)
        sys.exit(next((code for kind, code in EXITS.items() if isinstance(error, kind)), 74))


def _drop_output() -> None:
    """Write what is left of the output nowhere: nobody can take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
