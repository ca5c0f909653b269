"""Files with recordings: which there are in folders, and which two of them are the sides of one conversation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from ringbook.model.errors import AskError
from ringbook.recordings.names import Template, facts, without_ending


class Item(msgspec.Struct, frozen=True):
    """What becomes one recording: a file, or the two of a pair, what was received first. ``alone``: one without its other."""

    files: tuple[Path, ...]
    alone: bool = False


def named(paths: Sequence[str]) -> list[Path]:
    """The files that paths name: a file whatever it is, a folder for the audio files in it and in the folders within.

    :raises AskError: there is nothing under a path.
    """
    files: list[Path] = []
    for text in paths:
        path = Path(text)
        if not path.exists():
            raise AskError(f"there is no file or folder {text}")
        files += sorted(within(path)) if path.is_dir() else [path]
    return list(dict.fromkeys(files))


def within(folder: Path) -> Iterator[Path]:
    """The audio files in a folder and the folders in it; links are not followed, hidden files are somebody's work."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(parent, name)
            if not name.startswith(".") and without_ending(name) != name and not path.is_symlink():
                yield path


def items(files: Iterable[Path], template: Template | None = None) -> list[Item]:
    """The recordings that files are: the two sides of a conversation, in one folder under one name, are one."""
    sides: dict[tuple[Path, str, str], dict[str, Path]] = {}
    found: list[Item] = []
    for file in files:
        told = facts(str(file), template)
        if not told.side:
            found.append(Item((file,)))
            continue
        both = sides.setdefault((file.parent, told.stem, file.suffix.lower()), {})
        if told.side in both:  # two of the same side: they are no pair
            found.append(Item((file,)))
        else:
            both[told.side] = file
    for both in sides.values():
        pair = tuple(both[side] for side in ("in", "out") if side in both)
        found.append(Item(pair, alone=len(pair) == 1))
    return sorted(found, key=lambda item: item.files)
