"""Prepares a home for the tests of the client, in a process of its own: Django is set up for one home a process."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from ringbook.runtime import desk
from ringbook.runtime.home import Home


def main(folder: Path) -> None:
    """Prepare the home in a folder."""
    with Home.open(folder) as home:
        desk.start(home)
        import_module("tests.house").settle(home)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
