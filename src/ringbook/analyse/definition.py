"""What the definition of a figure consists of; all figures are in ``figures``."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What the values of a column are."""

    COUNT = "count"
    SHARE = "share"  # 0 to 1
    SECONDS = "seconds"
    NUMBER = "number"
    INSTANT = "instant"
    TEXT = "text"


class Column(msgspec.Struct, frozen=True):
    """One value of a row."""

    name: str
    kind: Kind


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way to compute a figure. All texts but ``formula`` and ``sql`` are questions."""

    formula: str
    sql: str
    of: str = ""
    known: str = ""
    left_out: dict[str, str] = {}  # why → which calls of `of`; each call for one reason only
    counted: dict[str, str] = {}  # mark `{…}` of the statement → which calls it stands for
    scores: str = ""  # the field whose numbers are joined to the calls, at `{scores}` of the statement


class Group(StrEnum):
    """What a figure is about."""

    TRAFFIC = "traffic"
    QUEUES = "queues"
    LINES = "lines"
    PEOPLE = "people"
    RESOLUTION = "resolution"
    SATISFACTION = "satisfaction"
    MISSED = "missed"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. ``headline`` is the column that is drawn; ``by`` are the dimensions allowed, None all of them.

    ``better`` says whether more of the headline is better (``up``), worse (``down``) or neither.
    """

    name: str
    title: str
    group: Group = Group.TRAFFIC
    better: str = ""
    version: int = 1
    columns: tuple[Column, ...]
    headline: str
    variants: dict[str, Variant]
    variant: str = ""  # the usual one
    threshold_s: float | None = None
    threshold_means: str = ""
    short_s: float | None = None
    by: tuple[str, ...] | None = None
    usual_by: str = ""
    key: str = ""  # what its statement calls a part, if not what the dimension does
    top: int = 0  # only so many parts, the largest first
    notes: tuple[str, ...] = ()


CALLS = Column("calls", Kind.COUNT)
"""The first value of every figure: how many calls it rests on."""

MEANS = (Column("mean_s", Kind.SECONDS), Column("median_s", Kind.SECONDS), Column("p90_s", Kind.SECONDS))
NO_OUTCOME = {"outcome not known": "outcome:unknown"}
EXTERNAL = "direction:inbound,outbound"


def counted(*names: str) -> tuple[Column, ...]:
    """Columns that are numbers of something."""
    return tuple(Column(name, Kind.COUNT) for name in names)
