"""The pages that people read, and what stands in them: fenced blocks, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "tests" / "scenarios" / "README.md",
    ]
)

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


class Block(msgspec.Struct, frozen=True):
    """A fenced block: what kind, the line it begins on, and its text without indentation."""

    kind: str
    line: int
    text: str


def name(page: Path) -> str:
    """A page's path from the root, to call it by."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, *kinds: str) -> Iterator[Block]:
    """The fenced blocks of a page of some kinds, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if found["kind"] in kinds:
            indent = len(found["indent"])
            body = "".join(line[indent:] for line in found["text"].splitlines(keepends=True))
            yield Block(found["kind"], text.count("\n", 0, found.start()) + 1, body)


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead."""
    return _LINK.findall(_CODE.sub("", prose(page)))


def code(page: Path) -> list[str]:
    """The words in code spans of a page's running text."""
    return _CODE.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as usual sites make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}
