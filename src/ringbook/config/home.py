"""Where a Ringbook lives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "ringbook.toml"
"""The settings file, in the home directory."""


def home_folder(option: str | Path | None, environ: Mapping[str, str]) -> Path:
    """The home directory: the ``--home`` option, else ``RINGBOOK_HOME``, else ``ringbook`` in the user's data directory."""
    chosen = str(option or environ.get("RINGBOOK_HOME") or "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    data = environ.get("XDG_DATA_HOME", "")
    base = Path(data) if data.startswith("/") else Path("~/.local/share").expanduser()
    return base / "ringbook"
