"""``ringbook evidence``: make, verify, key."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click

from ringbook.cli.app import Terminal
from ringbook.desk.evidence_pack import verify as verifier
from ringbook.desk.evidence_pack.key import FILE, SigningKey
from ringbook.desk.evidence_pack.verify import Fault, Verdict
from ringbook.runtime.machine_zone import machine_zone


@click.group()
def evidence() -> None:
    """Put calls with everything behind them into one signed archive, and verify such archives."""


@evidence.command()
@click.argument("query")
@click.option("-o", "--output", metavar="FILE", required=True, type=click.Path(dir_okay=False, exists=False))
@click.option("--without-audio", is_flag=True, help="Leave the recordings out.")
@click.option("--reason", default="", help="What it is for: stands in the pack and in the audit log.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def make(
    terminal: Terminal, query: str, output: str, without_audio: bool, reason: str, as_json: bool
) -> None:
    """Make a pack of the calls that answer QUERY."""
    made = terminal.one(
        "evidence.make",
        query=query,
        path=str(Path(output).absolute()),
        audio=not without_audio,
        reason=reason,
        by=getpass.getuser(),
        timezone=machine_zone(),
    )
    if as_json:
        click.echo(json.dumps(made))
        return
    terminal.out.print(
        f"{output}: {made['calls']:,} calls, {made['recordings']:,} recordings, {made['files']:,} files, "
        f"{made['bytes']:,} bytes\nsigned with the key {made['public_key']}",
        markup=False,
        soft_wrap=True,
    )


@evidence.command()
@click.argument("file", type=click.Path(exists=True))
@click.option(
    "--key", metavar="HEX", default="", help="The public key it must be signed with; this home's by default."
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, file: str, key: str, as_json: bool) -> None:
    """Verify a pack: every file that was changed, is missing or was added is named. Ends with 1 if there is one."""
    terminal: Terminal = context.obj
    try:
        verdict = verifier.verified(verifier.opened(file))
    except verifier.Unreadable as error:
        raise click.ClickException(str(error)) from error
    ours = SigningKey(terminal.home).public if (terminal.home / FILE).exists() else ""
    wanted = "".join(key.lower().split()) or ours
    faults = list(verdict.faults)
    if wanted and verdict.key and wanted != verdict.key:
        faults.append(Fault(verifier.MANIFEST, f"is signed with another key: {verdict.key}"))
    if as_json:
        told = {"faults": [fault._asdict() for fault in faults], "files": verdict.files, "key": verdict.key}
        click.echo(json.dumps({**told, "key_known": bool(wanted)}))
    else:
        _tell(terminal, verdict, faults, known=bool(wanted))
    if faults:
        context.exit(1)


def _tell(terminal: Terminal, verdict: Verdict, faults: list[Fault], *, known: bool) -> None:
    for fault in faults:
        terminal.out.print(f"{fault.file or 'archive'}: {fault.problem}", markup=False, soft_wrap=True)
    if faults:
        terminal.err.print(f"The pack is not as it was made: {len(faults)} faults.")
        return
    made = verdict.manifest
    terminal.out.print(
        f"{verdict.files:,} files, all as they were made by {made.get('made_by')} on {made.get('made_at')}.",
        markup=False,
        soft_wrap=True,
    )
    if not known:
        told = f"Signed with {verdict.key}: ask its maker for their key, and compare it (--key)."
        terminal.err.print(told, markup=False, soft_wrap=True)


@evidence.command()
@click.pass_obj
def key(terminal: Terminal) -> None:
    """Print the public key that this home's packs are signed with; it is made now if there is none yet."""
    click.echo(SigningKey(terminal.home).public)
