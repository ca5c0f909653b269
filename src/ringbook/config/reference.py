"""The reference page of all settings, made from their definitions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from ringbook.config.secret import Secret
from ringbook.config.settings import REQUIRED, Desk, Input, Settings, SingleSignOn, SourceSettings

_HEAD = """# Settings

<!-- Made from src/ringbook/config/settings.py by ringbook.config.reference; edit the definitions, not this page. -->

Ringbook reads `ringbook.toml` in its home directory: the one named by `--home`, else by `RINGBOOK_HOME`, else
`$XDG_DATA_HOME/ringbook` or `~/.local/share/ringbook`. Every setting has a default, so the file may be missing. A setting
that does not exist, or a value that cannot be used, stops the start with a message that names file, line, setting and value, and
says what is allowed: all such mistakes at once.

**Environment.** `RINGBOOK_SECTION__KEY` goes before the file: `RINGBOOK_SERVER__PORT=9000`,
`RINGBOOK_SOURCES__PBX__TIMEZONE=Europe/London`, `RINGBOOK_SOURCES__PBX__INPUTS__0__TOKEN_FILE=/run/secrets/pbx` (an input is
meant by its number or its name). Two underscores part the names, a dash in a name is written as an underscore, a list is a
JSON array. Variables without two underscores, other than `RINGBOOK_HOME`, are not settings.

**Secrets.** Each secret may stand in a file instead: `token_file` for `token`, `password_file` for `password`, `address_file`
for `address`, `client_secret_file` for `client_secret`. White space around it is not part of it. Secrets are never logged or
shown.

**Paths** may begin with `~`; others are relative to the home directory.

```toml
[sources.office]                       # one phone system with one input
kind = "tcp-listen"
port = 5000
allow = ["192.0.2.0/24"]
format = "avaya_ipoffice_smdr"
timezone = "Europe/London"
region = "GB"

[sources.pbx]                          # one phone system with several: their records join into the same calls
timezone = "Europe/Berlin"
region = "DE"

[[sources.pbx.inputs]]
kind = "file"
path = "/var/log/asterisk/cdr-csv/Master.csv"

[[sources.pbx.inputs]]
kind = "file"
path = "/var/log/asterisk/queue_log"

[sources.switch]
kind = "http-post"                     # POST http://HOST:8420/intake/switch
format = "freeswitch_json_cdr"
token_file = "switch.token"
```
"""

_INPUTS = """
A source with one input has the input's settings in its own table `[sources.NAME]`; one with several has a table
`[[sources.NAME.inputs]]` for each. A source without inputs is only described, for `ringbook import --source NAME`.
"""


def markdown() -> str:
    """The page."""
    return "\n".join([_HEAD.rstrip("\n"), *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    hints = get_type_hints(Settings)
    for field in msgspec.structs.fields(Settings):
        kind = hints[field.name]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _section(f"[{field.name}]", kind, leave=("oidc",))
            if kind is Desk:
                yield from _section("[desk.oidc.NAME]", SingleSignOn)
    yield from _section("[sources.NAME]", SourceSettings, leave=("inputs",))
    yield from _section("[[sources.NAME.inputs]]", Input, extra=_INPUTS)


def _section(
    title: str, kind: type[msgspec.Struct], leave: tuple[str, ...] = (), extra: str = ""
) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    yield f"\n## `{title}`\n\n{(kind.__doc__ or '').strip().replace(chr(10) + '    ', chr(10))}\n{extra}"
    yield "| setting | type | default | what it does |\n| --- | --- | --- | --- |"
    for field in msgspec.structs.fields(kind):
        if field.name not in leave:
            hint = hints[field.name]
            description = "; ".join(
                m.description or "" for m in hint.__metadata__ if isinstance(m, msgspec.Meta)
            )
            words = (description + _needed(kind, field.name)).replace("|", "\\|")
            yield f"| `{field.name}` | {_type(hint)} | {_default(field)} | {words} |"


def _needed(kind: type[msgspec.Struct], name: str) -> str:
    kinds = [f"`{k}`" for k, names in REQUIRED.items() if name in names] if kind is Input else []
    return f" Needed by {', '.join(kinds)}." if kinds else ""


def _type(hint: Any) -> str:
    plain, *meta = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    bounds = next((m for m in meta if isinstance(m, msgspec.Meta)), msgspec.Meta())
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return " · ".join(f"`{value}`" for value in plain)
    name = {int: "whole number", float: "number", str: "text", bool: "true or false", Secret: "secret"}.get(
        plain
    )
    if name is None:
        name = "table of texts" if get_origin(plain) is dict else "text or list of texts"
    limits = [f"from {bounds.ge}"] if bounds.ge is not None else []
    limits += [f"over {bounds.gt}"] if bounds.gt is not None else []
    limits += [f"to {bounds.le}"] if bounds.le is not None else []
    return " ".join([name, *limits])


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "must be given"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if not value and not isinstance(value, int | float):
        return "none"
    return f"`{value.value if isinstance(value, StrEnum) else value}`"


if __name__ == "__main__":  # python -m ringbook.config.reference docs/reference/settings.md
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")
