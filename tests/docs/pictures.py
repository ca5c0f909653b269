"""The terminal pictures in ``docs/screenshots``, made by the commands themselves: ``python -m tests.docs.pictures``.

A simulated company is made in a temporary home, as ``ringbook demo`` would, and its calls are listed and shown.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from ringbook.cli.app import Terminal
from ringbook.cli.calls import list_, show
from ringbook.runtime.demo import Demo

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
ZONE = "America/Chicago"
QUERY = "weekday:mon-fri hour:10-11 last:7d"
EXAMPLE = "has:queue outcome:answered wait:>15 last:3d"
LINES = 46
"""Lines of a call's story that are shown; its records go on."""


class Screen(Terminal):
    """A terminal whose words become a picture."""

    def __init__(self, home: Path, width: int) -> None:
        super().__init__(home)
        with Path(os.devnull).open("w") as nowhere:
            sink = os.fdopen(os.dup(nowhere.fileno()), "w")
        self.out = Console(
            highlight=False,
            record=True,
            width=width,
            file=sink,
            force_terminal=True,
            color_system="truecolor",
        )
        self.err = Console(quiet=True)

    def type(self, command: click.Command, *arguments: str) -> None:
        """Run a command as if it had been typed here."""
        words = " ".join(f"'{word}'" if " " in word else word for word in arguments)
        self.out.print(f"[green]$[/] ringbook calls {command.name} {words}", soft_wrap=True)
        command.main([*arguments, "--zone", ZONE], obj=self, standalone_mode=False)

    def head(self, lines: int) -> None:
        """Keep what stands on the first lines."""
        text = Text.from_ansi(self.out.export_text(styles=True))
        for line in text.split()[:lines]:
            self.out.print(line, soft_wrap=True)

    def save(self, name: str, title: str) -> None:
        """Write the picture."""
        text = self.out.export_svg(title=title, theme=MONOKAI)
        text = re.sub(
            r"@font-face \{.*?\}\s*", "", text, flags=re.DOTALL
        )  # nothing is fetched from elsewhere
        text = text.replace("Fira Code", "DejaVu Sans Mono").replace("<svg ", '<svg xml:space="preserve" ', 1)
        (FOLDER / f"{name}.svg").write_text(text.replace("\xa0", "&#160;"), encoding="utf-8")


def example(home: Path) -> str:
    """The id of a call of the last days, which channel events tell, in whose queue somebody rang in vain."""
    there = Terminal(home)
    answers = there.run("calls.list", query=EXAMPLE, limit=200, cursor=None, timezone=ZONE)
    calls = [answer["call"] for answer in answers if "call" in answer]
    calls = [call for call in calls if any(step["kind"] == "rang_no_answer" for step in call["steps"])]
    calls = [call for call in calls if call["hold_s"] is not None]
    if not calls:
        sys.exit("the simulated company has no such call; make the pictures again")
    return str(min(calls, key=lambda call: (len(call["frames"]), call["id"]))["id"])


def draw(home: Path) -> None:
    """Both pictures, from the calls of a home."""
    listed = Screen(home, 138)
    listed.type(list_, QUERY, "--limit", "14")
    listed.save("calls-list", "ringbook calls list")
    shown = Screen(home, 128)
    shown.type(show, example(home))
    shown.head(LINES)
    shown.save("calls-show", "ringbook calls show")


def main() -> None:
    """Make a simulated company and draw it; or draw the home that is named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory(prefix="northwind-") as scratch:
        home = Path(scratch)
        for told in Demo(home, 10, 120).prepare():
            del told
        draw(home)
    sys.stdout.write(json.dumps({"written": sorted(path.name for path in FOLDER.glob("*.svg"))}) + "\n")


if __name__ == "__main__":
    main()
