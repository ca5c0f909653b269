"""What a file would bring, before it is imported: its format, and the first calls as they would be read. Nothing is written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from ringbook.correlate.assemble import assemble
from ringbook.correlate.components import components
from ringbook.correlate.identity import call_id
from ringbook.model.frame import FrameKind
from ringbook.model.public import public
from ringbook.model.scope import Scope
from ringbook.model.source import Source
from ringbook.normalise.clocks import zone
from ringbook.parse.format import Clock, Piece
from ringbook.parse.registry import named, sniff
from ringbook.runtime.files import DAMAGE, Opened, UnreadableFileError, UnrecognisedFileError, format_of
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.sources import Described, region_of
from ringbook.runtime.understand import Block, Reader, Understood
from ringbook.runtime.zoning import zoned

LOOKED_AT = 1 << 20
"""Bytes of a file, unpacked, that are looked at."""

MOST_PIECES = 2_000
SHOWN = 5


def preview(
    home: Home,
    path: str,
    name: str,
    source: str,
    format: str,  # noqa: A002  # the public name
    timezone: str,
    region: str,
    settings: dict[str, str] | None = None,
) -> dict[str, Any]:
    """What the beginning of a file would bring to a source. What cannot be read is told as ``problem``.

    Raises ``AskError`` for a time zone or country that there is not.
    """
    if timezone:
        zone(timezone)
    described = _described(home, source, timezone, region_of(region))
    if settings:  # of the format that is named
        described = msgspec.structs.replace(described, formats={**described.formats, format: settings})
    try:
        opened = Opened(Path(path))
    except UnreadableFileError as unreadable:
        return {"problem": "unreadable", "detail": str(unreadable.__cause__ or ""), "size": 0}
    try:
        size = Path(path).stat().st_size
        if not opened.head:
            return {"problem": "empty", "detail": "", "size": size}
        try:
            slug = format or format_of(opened.head, name)
        except UnrecognisedFileError:
            bids = [form.about.slug for _, form in sniff(opened.head, name)]
            return {"problem": "unrecognised", "detail": "", "size": size, "likely": bids[:3]}
        return {"problem": "", "size": size, "compressed": opened.compressed} | _told(opened, described, slug)
    finally:
        opened.close()


def measured(path: str, most: int) -> dict[str, Any]:
    """How many bytes a file has unpacked; looked at no further than ``most``, so that no small file becomes a huge one unseen."""
    try:
        opened = Opened(Path(path))
    except UnreadableFileError:
        return {"bytes": 0, "over": False}
    try:
        total = 0
        for chunk in opened.chunks(0, 1 << 20):
            total += len(chunk)
            if total > most:
                return {"bytes": total, "over": True}
    except (OSError, *DAMAGE):
        pass  # the import reads up to there, and says so
    finally:
        opened.close()
    return {"bytes": total, "over": False}


def _described(home: Home, source: str, timezone: str, region: str) -> Described:
    known = home.sources.get(source)
    return msgspec.structs.replace(known, timezone=timezone or known.timezone, region=region or known.region)


def _told(opened: Opened, described: Described, slug: str) -> dict[str, Any]:
    settled, notice = zoned(described, slug, opened.head)
    reader = Reader(_source(settled, slug), slug)
    pieces, whole = _pieces(opened, reader)
    block = Block(source=reader.source, format=slug, origin="", start=0, pieces=pieces, received_at=now())
    understood = reader.block(block)
    kinds = Counter(row.kind for row in understood.rows)
    rejected = Counter(row.reason for row in understood.rows if row.kind is FrameKind.REJECTED)
    about = named(slug).about
    calls = _calls(understood, settled.name)
    return {
        "format": slug,
        "vendor": about.vendor,
        "product": about.product,
        "asks_timezone": about.clock is Clock.LOCAL and described.timezone is None and bool(notice),
        "timezone": settled.timezone or "",
        "timezone_inferred": bool(notice),
        "region": settled.region,
        "records": kinds[FrameKind.STATED],
        "noise": kinds[FrameKind.NOISE],
        "rejected": dict(rejected),
        "whole": whole,
        "calls_found": len(calls),
        "calls": calls[:SHOWN],
    }


def _source(described: Described, slug: str) -> Source:
    blank = Source(described.name)
    return Source(
        name=described.name,
        timezone=described.timezone or "",
        region=described.region,
        extensions=described.extensions or blank.extensions,
        trunks=described.trunks,
        settings=described.formats.get(slug, {}),
    )


def _pieces(opened: Opened, reader: Reader) -> tuple[list[Piece], bool]:
    """The first pieces, and whether they are all there are."""
    framer = reader.form.framer(b"")
    found: list[Piece] = []
    seen = 0
    try:
        for chunk in opened.chunks(0, 1 << 18):
            seen += len(chunk)
            found += framer.feed(chunk)
            if seen >= LOOKED_AT or len(found) >= MOST_PIECES:
                return found[:MOST_PIECES], False
        found += framer.finish()
    except (OSError, *DAMAGE):
        return found[:MOST_PIECES], False  # the import says so, and reads up to there
    return found[:MOST_PIECES], len(found) <= MOST_PIECES


def _calls(understood: Understood, source: str) -> list[dict[str, Any]]:
    tenant = Scope().tenant
    said = [statement for _, statement in understood.statements if statement.keys]
    groups = [[said[index] for index in group] for group in components([s.keys for s in said])]
    calls = [assemble(tenant, source, call_id(tenant, source, group), group) for group in groups]
    return [public(call) for call in sorted(calls, key=lambda call: call.started_at)]
