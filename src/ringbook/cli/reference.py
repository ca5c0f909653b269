"""The reference pages, written from the code: ``python -m ringbook.cli.reference docs/reference``.

A test compares each page with what this gives, so that a page cannot go out of date.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import django
import msgspec

import ringbook
import ringbook.config.reference
import ringbook.search.reference
from ringbook.cli.app import app
from ringbook.correlate.assemble import ORDER, RULES
from ringbook.ledger.engines.engine import Migration
from ringbook.ledger.statements import migrations
from ringbook.model import call as shapes
from ringbook.model import errors
from ringbook.model.public import FLAT_COLUMNS
from ringbook.parse.format import Reasons
from ringbook.parse.registry import formats
from ringbook.parse.tiers import standing

_WRITTEN = "<!-- Written from the code by `make docs`; change the code, not this page. -->\n\n"


def formats_page() -> str:
    """Every format: what it reads, how it is proven, what it can tell, how to connect the phone system."""
    lines = [
        "# Formats\n",
        _WRITTEN,
        "Ringbook recognises a file's format from its content; `--format SLUG` names one.\n",
    ]
    for slug, form in formats().items():
        about, proof = form.about, standing(slug)
        ways = ", ".join(transport.value for transport in about.transports)
        lines += [
            f"\n## `{slug}`: {about.vendor} {about.product}\n",
            "| | |\n| --- | --- |",
            f"| versions | {about.versions} |",
            f"| proof | **{proof.tier}**: {proof.evidence} |",
            f"| arrives by | {ways} |",
            f"| clock | {about.clock.value} |",
            f"| joins by | {about.keys} |",
            f"| can tell | {', '.join(f'`{fact}`' for fact in sorted(about.facts))} |",
            f"| reference | {about.reference} |",
        ]
        for setting in about.settings:
            default = f" (default `{setting.default}`)" if setting.default else ""
            lines.append(f"| setting `{setting.name}` | {setting.help}{default} |")
        if about.connect:
            lines.append(f"\n```\n{about.connect.strip()}\n```")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = ["# Commands\n", _WRITTEN]
    context = click.Context(app, info_name="ringbook", **app.context_settings)
    lines.append(_help(app, context))
    for path, command, inner in _commands(app, context):
        lines.append(f"## `ringbook {path}`\n\n{_help(command, inner)}")
    return "\n".join(lines)


def errors_page() -> str:
    """Every error that is raised on purpose, by what to do about it, and the reasons for which records are rejected."""
    lines = [
        "# Errors\n",
        _WRITTEN,
        "Errors are grouped by what you do about them; the exit status follows the group.\n",
    ]
    status = {errors.AskError: 2, errors.SettingsError: 78, errors.WaitError: 75, errors.StopError: 74}
    kinds = sorted(_errors(), key=lambda kind: (kind.__name__, kind.__module__))
    for group, code in status.items():
        lines.append(f"\n## {group.__name__} (exit status {code})\n\n{_first(group)}\n")
        lines += [
            f"- `{kind.__name__}`: {_first(kind)}"
            for kind in kinds
            if issubclass(kind, group) and kind is not group
        ]
    other = [kind for kind in kinds if not issubclass(kind, tuple(status)) and not kind.__subclasses__()]
    if other:
        lines.append("\n## Others (exit status 74)\n\nMistakes in Ringbook: please report them.\n")
        lines += [f"- `{kind.__name__}`: {_first(kind)}" for kind in other]
    lines.append(
        "\n## Why records are rejected\n\nA rejected record is kept with its bytes: `ringbook rejects list`.\n"
    )
    source = inspect.getsource(Reasons)
    for name, code_text in vars(Reasons).items():
        if not name.startswith("_"):
            said = next(line for line in source.splitlines() if line.strip().startswith(f"{name} ="))
            lines.append(f"- `{code_text}`: {said.partition('#')[2].strip()}")
    return "\n".join(lines) + "\n"


def data_model_page() -> str:
    """The public shape of a call, the CSV columns, the order of evidence and the tables of the store."""
    lines = ["# Data model\n", _WRITTEN, "## The public shape of a call\n"]
    lines.append(
        "`--json` prints one object per call with these fields; `from` and `to` are `caller` and `called` in the code.\n"
    )
    for kind in (
        shapes.Call,
        shapes.AgentTalk,
        shapes.Transfer,
        shapes.Leg,
        shapes.Step,
        shapes.Recording,
        shapes.CallQuality,
    ):
        lines.append(f"### {kind.__name__}\n\n{_text(kind)}\n")
        lines += [f"- `{field.name}`: {_type(field.type)}" for field in msgspec.structs.fields(kind)] + [""]
    for words in (shapes.Direction, shapes.Outcome, shapes.HangupBy, shapes.StepKind):
        lines.append(
            f"### {words.__name__}\n\n{_text(words)} {', '.join(f'`{word.value}`' for word in words)}\n"
        )
    lines.append(f"## CSV columns\n\n{', '.join(f'`{name}`' for name in FLAT_COLUMNS)}\n")
    order = ", ".join(f"`{view}`" for view in ORDER)
    lines.append(
        f"## Evidence\n\nRules version {RULES}. Where sources differ, the stronger view decides: {order}.\n"
    )
    lines.append("## Tables\n")
    for migration in migrations():
        lines.append(f"### {migration.name}\n\n```sql\n{_sql(migration)}\n```\n")
    return "\n".join(lines)


def api_page() -> str:
    """Every operation of the API."""
    _set_up()
    from ringbook.web.api.reference import markdown

    return markdown()


PAGES: dict[str, Callable[[], str]] = {
    "formats.md": formats_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "data-model.md": data_model_page,
    "settings.md": ringbook.config.reference.markdown,
    "query-language.md": ringbook.search.reference.markdown,
    "api.md": api_page,
}


def _commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield inner.command_path.partition(" ")[2], command, inner
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _help(command: click.Command, context: click.Context) -> str:
    context.terminal_width = context.max_content_width = 100
    return f"```\n{command.get_help(context)}\n```\n"


def _set_up() -> None:
    """Have Django ready: the modules of the desk and the pages cannot be loaded without."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ringbook.desk.tooling")
    django.setup()


def _errors() -> set[type[errors.RingbookError]]:
    _set_up()
    for module in pkgutil.walk_packages(ringbook.__path__, "ringbook."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[errors.RingbookError]] = set()
    ahead = [errors.RingbookError]
    while ahead:
        kinds = ahead.pop().__subclasses__()
        found.update(kinds)
        ahead += kinds
    return {kind for kind in found if kind.__module__.startswith("ringbook.")}


def _first(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")


def _text(kind: type) -> str:
    return (inspect.getdoc(kind) or "").replace("``", "`")


def _sql(migration: Migration) -> str:
    return "\n\n".join(f"{text.strip()};" for text in migration.statements)


def _type(kind: object) -> str:
    name = getattr(kind, "__name__", None) if not getattr(kind, "__args__", None) else None
    text = name or str(kind)
    for part in (
        "ringbook.model.call.",
        "ringbook.model.party.",
        "ringbook.model.",
        "<class '",
        "'>",
        "typing.",
    ):
        text = text.replace(part, "")
    return text


def main() -> None:
    """Write all pages into the folder that is given."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
