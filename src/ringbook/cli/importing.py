"""``ringbook import``."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from ringbook.cli.app import Terminal

_FOLLOW_S = 1.0


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--source", default="pbx", show_default=True, help="Name of the phone system the records come from."
)
@click.option(
    "--format", "format_", metavar="SLUG", help="The records' format; recognised from the file unless named."
)
@click.option(
    "--timezone", metavar="IANA", help="Time zone of the phone system's clock, such as Europe/Berlin."
)
@click.option("--region", metavar="CC", help="Country whose dialling rules the numbers follow, such as US.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Mapping for format 'mapped'.",
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the format; may be repeated."
)
@click.option("--follow", is_flag=True, help="Go on reading what is added to the files, until Ctrl-C.")
@click.option("--strict", is_flag=True, help="Exit with status 1 if anything was rejected.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one JSON object.")
@click.pass_obj
def import_(
    terminal: Terminal,
    paths: tuple[str, ...],
    source: str,
    format_: str | None,
    timezone: str | None,
    region: str | None,
    mapping: Path | None,
    settings: tuple[str, ...],
    follow: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Import call records from files, folders, globs or - (standard input).

    The same file again changes nothing; an interrupted import goes on where it was.
    """
    asked: dict[str, Any] = {"source": source, "settings": _settings(settings, mapping)}
    if format_ or mapping:
        asked["format"] = format_ or "mapped"
    if timezone is not None:
        asked["timezone"] = timezone
    if region is not None:
        asked["region"] = region
    with tempfile.TemporaryDirectory(prefix="ringbook-") as scratch:
        asked["paths"] = [_path(text, Path(scratch)) for text in paths]
        outcome = _once(terminal, asked, final=not follow)
        while follow:
            _say(terminal, outcome, as_json=as_json)
            outcome = _wait_for_more(terminal, asked)
    _say(terminal, outcome, as_json=as_json)
    if strict and outcome["result"]["rejected"]:
        raise click.exceptions.Exit(1)


def _settings(pairs: tuple[str, ...], mapping: Path | None) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--set")
        settings[name] = value
    if mapping is not None:
        settings["mapping"] = mapping.read_text(encoding="utf-8")
    return settings


def _path(text: str, scratch: Path) -> str:
    path = Path(text).expanduser().absolute()
    if text == "-":
        return _copied(sys.stdin.buffer, scratch / "standard-input")
    if path.is_fifo() or path.is_char_device():  # <(zcat …) of a shell: only this process can read it
        with path.open("rb") as stream:
            return _copied(stream, scratch / path.name)
    return str(path)


def _copied(stream: IO[bytes], file: Path) -> str:
    with file.open("wb") as sink:
        shutil.copyfileobj(stream, sink)
    return str(file)


def _once(terminal: Terminal, asked: dict[str, Any], *, final: bool, quiet: bool = False) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    with bar(terminal, quiet=quiet) as shown:
        task = shown.add_task("reading", total=None, speed="")
        began = time.monotonic()
        for told in _told(terminal, asked, final=final):
            if told["type"] == "progress":
                speed = told["frames"] / max(time.monotonic() - began, 1e-6)
                shown.update(
                    task, total=told["total"] or None, completed=told["done"], speed=f"{speed:,.0f} records/s"
                )
            elif told["type"] == "notice" and not quiet:
                shown.console.print(told["text"], style="yellow", markup=False)
            elif told["type"] == "done":
                outcome = told
    return outcome


def _told(terminal: Terminal, asked: dict[str, Any], *, final: bool) -> Iterator[dict[str, Any]]:
    return terminal.run("import", final=final, **asked)


def _wait_for_more(terminal: Terminal, asked: dict[str, Any]) -> dict[str, Any]:
    """The outcome of the next round that brought anything."""
    while True:
        time.sleep(_FOLLOW_S)
        outcome = _once(terminal, asked, final=False, quiet=True)
        if outcome["result"]["frames"]:
            return outcome


def bar(terminal: Terminal, *, quiet: bool) -> Progress:
    """A progress bar on standard error; silent where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        console=terminal.err,
        transient=True,
        disable=quiet or not terminal.err.is_terminal,
    )


def _say(terminal: Terminal, outcome: dict[str, Any], *, as_json: bool) -> None:
    result = outcome["result"]
    seconds = outcome["seconds"]
    rate = result["frames"] / seconds if seconds else 0.0
    if as_json:
        flat = {
            **result,
            "rejected": sum(result["rejected"].values()),
            "rejected_by_reason": result["rejected"],
        }
        flat |= {k: outcome[k] for k in ("files", "files_unchanged", "skipped")}
        flat |= {"seconds": round(seconds, 3), "records_per_s": round(rate)}
        click.echo(json.dumps(flat))
        return
    out = terminal.out
    out.print(
        f"{result['frames']:,} records: {result['stated']:,} understood, "
        f"{sum(result['rejected'].values()):,} rejected, {result['noise']:,} noise"
        + (f"; {result['repeated']:,} of them known already" if result["repeated"] else "")
    )
    out.print(
        f"calls: {result['calls_new']:,} new, {result['calls_updated']:,} updated, {result['calls_unchanged']:,} unchanged"
    )
    for reason, count in sorted(result["rejected"].items(), key=lambda pair: -pair[1]):
        out.print(f"  rejected {count:,} × {reason}")
    if result["rejected"]:
        out.print("  look at them with: ringbook rejects list")
    files = f"{outcome['files']} file{'s' if outcome['files'] != 1 else ''}"
    unchanged = f", {outcome['files_unchanged']} with nothing new" if outcome["files_unchanged"] else ""
    skipped = f", {len(outcome['skipped'])} skipped" if outcome["skipped"] else ""
    out.print(f"{files}{unchanged}{skipped} in {seconds:.1f} s ({rate:,.0f} records/s)")
