"""The time zone of a source whose records have a local clock, when nobody has named it."""

from __future__ import annotations

import msgspec

from ringbook.model.statement import AnyStatement
from ringbook.normalise.clocks import offset_evidence
from ringbook.parse.format import Clock, Stated, Stream
from ringbook.parse.registry import named
from ringbook.runtime.machine_zone import machine_zone, offset_now
from ringbook.runtime.sources import Described

_SAMPLE = 2_000
"""Pieces looked at."""


def zoned(known: Described, slug: str, head: bytes) -> tuple[Described, str]:
    """The source with its time zone settled, and what to tell the person if it had to be inferred; else an empty text.

    Ids that carry an epoch show the offset; failing that the phone system is taken to stand in this machine's zone.
    """
    form = named(slug).configure(known.formats.get(slug, {}))
    if form.about.clock is not Clock.LOCAL or known.timezone is not None:
        return known, ""
    said = _said(form, head)
    if said and all(statement.utc for statement in said if statement.at is not None):
        return (
            known,
            "",
        )  # this file writes epochs, though the format may write text: the zone stays open for one that does
    name, text = _infer(said)
    advice = f"if that is wrong: ringbook rederive --source {known.name} --timezone Europe/Berlin (or whichever it is)"
    return msgspec.structs.replace(
        known, timezone=name, inferred=True
    ), f"no time zone was given: {text}; {advice}"


def _said(form: Stream, head: bytes) -> list[AnyStatement]:
    said: list[AnyStatement] = []
    for count, piece in enumerate(form.framer().feed(head)):
        if count >= _SAMPLE:
            break
        parsed = form.parse(piece)
        if isinstance(parsed, Stated):
            said += parsed.statements
    return said


def _infer(said: list[AnyStatement]) -> tuple[str, str]:
    local = machine_zone()
    shown = offset_evidence(said)
    if not shown:
        return local, f"took this machine's, {local}"
    first = next(s.at for s in said if s.at is not None)
    if offset_now(local, first) == shown:
        return local, f"took this machine's, {local}, which agrees with the records' ids"
    return shown, f"the records' ids show {shown}, which stays the same in summer"
