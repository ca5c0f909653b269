"""Prepares a home for the browser tests: calls, people of every role, and what the other pages need to show.

Run as ``python -m tests.web.browser.prepare_home FOLDER`` in a process of its own: Django is set up for one home a process.
Pages that need more add a function to ``tests/web/browser/furnish_<page>.py`` named ``furnish(home, people)``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ringbook.runtime import desk
from ringbook.runtime.home import Home


def main(folder: Path) -> None:
    """Prepare the home in a folder."""
    with Home.open(folder) as home:
        desk.start(home)
        house = import_module("tests.house")
        people = house.settle(home)
        for module in iter_modules([str(Path(__file__).parent)]):
            if module.name.startswith("furnish_"):
                import_module(f"{__package__}.{module.name}").furnish(home, people)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
