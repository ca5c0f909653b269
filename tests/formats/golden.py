"""Golden output of a format's fixtures: what each piece of ``NN-what-happened.in`` says, one JSON line a piece.

``python -m tests.formats.golden SLUG…`` writes ``NN-what-happened.out.jsonl`` beside each fixture of the formats named (of all
formats without a name); ``--check`` only says which differ. Read the difference before committing it: the golden file is the
claim of what the record means.

A fixture that needs the format's settings has them beside it as ``NN-what-happened.settings.toml`` (a flat table of texts), and a
time zone or region for folding it into calls in ``NN-what-happened.source.toml`` (``timezone``, ``region``, ``extensions``,
``trunks``); either may be missing. ``settings.toml`` and ``source.toml`` without a number are for all of the folder.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ringbook.model.instant import Instant, iso
from ringbook.model.source import Source
from ringbook.model.statement import Statement
from ringbook.parse.format import Noise, Parsed, Piece, Rejected, Stated, Stream
from ringbook.parse.registry import named
from tests.fold import pieces

HERE = Path(__file__).parent


class Fixture(msgspec.Struct, frozen=True):
    """One fixture of one format."""

    slug: str
    path: Path

    @property
    def id(self) -> str:
        """Its name in test reports."""
        return f"{self.slug}/{self.path.stem}"

    @property
    def golden(self) -> Path:
        """Where its golden output stands."""
        return self.path.with_suffix(".out.jsonl")

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    def form(self) -> Stream:
        """Its format, with the fixture's settings applied."""
        return named(self.slug).configure(self._table("settings"))

    def source(self) -> Source:
        """The source its records are folded for."""
        return Source("fixture", settings=self._table("settings"), **self._table("source"))

    def _table(self, kind: str) -> dict[str, str]:
        for path in (self.path.with_suffix(f".{kind}.toml"), self.path.parent / f"{kind}.toml"):
            if path.exists():
                return tomllib.loads(path.read_text())
        return {}


def fixtures(slug: str = "") -> list[Fixture]:
    """The fixtures of one format or, without a name, of all of them, in order."""
    pattern = f"{slug or '*'}/[0-9][0-9]-*.in"
    return [Fixture(path.parent.name, path) for path in sorted(HERE.glob(pattern))]


def lines(form: Stream, data: bytes) -> Iterator[str]:
    """The golden lines of a stream: what each of its pieces says, in order."""
    for piece in pieces(form, data):
        yield line(piece, form.parse(piece))


def line(piece: Piece, parsed: Parsed) -> str:
    """What one piece says as one line of JSON. Instants are text, so that a person can read the claim."""
    shape: dict[str, object] = {"bytes": len(piece.data)}
    match parsed:
        case Stated(statements):
            shape["stated"] = [_readable(statement) for statement in statements]
        case Noise(what):
            shape["noise"] = what
        case Rejected(reason, detail):
            shape["rejected"] = reason
            shape["detail"] = detail
    return msgspec.json.encode(shape).decode()


def _readable(statement: Statement) -> object:
    built = msgspec.to_builtins(statement)
    for name, value in built.items():
        if name == "at" or name.endswith("_at"):
            built[name] = _time(value)
    for transfer in built.get("transfers", ()):
        if "at" in transfer:
            transfer["at"] = _time(transfer["at"])
    return built


def _time(value: Instant | None) -> object:
    try:
        return iso(value)
    except (ValueError, OverflowError):
        return value


def main(arguments: list[str]) -> int:
    """Write (or with ``--check`` compare) the golden files of the formats named; 1 when a comparison fails."""
    check = "--check" in arguments
    slugs = [word for word in arguments if not word.startswith("-")] or [""]
    chosen = [fixture for slug in slugs for fixture in fixtures(slug)]
    differing = 0
    for fixture in chosen:
        text = "".join(f"{told}\n" for told in lines(fixture.form(), fixture.data))
        if fixture.golden.exists() and fixture.golden.read_text() == text:
            continue
        differing += 1
        sys.stdout.write(f"{'differs' if check else 'written'}: {fixture.golden.relative_to(HERE)}\n")
        if not check:
            fixture.golden.write_text(text)
    sys.stdout.write(f"{len(chosen)} fixtures, {differing} {'differ' if check else 'written'}\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
