"""What the columns of a file are, by the shape of what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from ringbook.model.instant import DAY, SECOND, plausible
from ringbook.parse import mapped_values as values
from ringbook.parse.mapping_model import EMPTY, Unit

_ENOUGH = 0.9
"""Share of a column's values that must have a shape for the column to have it."""

_FORMATS = (
    "iso",
    "rfc2822",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%d.%m.%y %H:%M",
    "%d.%m.%Y, %H:%M:%S",
    "%d.%m.%Y, %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%m-%d-%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%d %b %Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M:%S %p",
    "%b %d %Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a %d %b %Y %H:%M:%S %Z",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H%M%S",
)
_DATES = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%y",
    "%d-%m-%Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%Y%m%d",
)
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_SOONEST, _LATEST = 946_684_800, 2_208_988_800
"""Seconds of the years 2000 to 2040: ten digits outside them are a telephone number rather than an epoch."""

_WIDEST_EPOCHS_S = 5 * 366 * 86_400


class Column(msgspec.Struct, frozen=True):
    """One column and the shape of its values. ``formats`` are the time formats in which all of it can be read."""

    name: str
    values: tuple[str, ...]
    formats: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    span: bool = False
    number: bool = False
    outside: bool = False
    distinct: float = 0.0

    @property
    def example(self) -> str:
        """A value to show."""
        return self.values[0] if self.values else ""

    @property
    def words(self) -> list[str]:
        """Its different values, the commonest first."""
        return [word for word, _ in Counter(self.values).most_common()]


def column(name: str, cells: Sequence[str]) -> Column:
    """The column of that name with its shape."""
    filled = tuple(cell.strip() for cell in cells if cell.strip().casefold() not in EMPTY)
    timed = tuple(text for text in filled if not values.is_nothing(text))
    return Column(
        name,
        filled,
        _time_formats(timed, _FORMATS) or _epochs(timed),
        _time_formats(timed, _DATES),
        _time_formats(timed, _CLOCKS),
        span=_share(filled, lambda text: values.span(text, Unit.SECONDS) is not None),
        number=_share(
            filled,
            lambda text: re.fullmatch(r"(?:tel:|sips?:)?\+?[\d*#() ./\-]{2,24}(?:@.*)?", text) is not None,
        ),
        outside=bool(filled) and sum(_long_number(text) for text in filled) * 2 > len(filled),
        distinct=len(set(filled)) / len(filled) if filled else 0.0,
    )


def _long_number(text: str) -> bool:
    digits = re.sub(r"[() ./\-]", "", text)
    return re.fullmatch(r"\+?\d{7,15}", digits) is not None


def _share(cells: Sequence[str], test: object) -> bool:
    return bool(cells) and sum(bool(test(cell)) for cell in cells) >= _ENOUGH * len(cells)  # type: ignore[operator]


def _time_formats(cells: Sequence[str], formats: Sequence[str]) -> tuple[str, ...]:
    """The formats in which the column can be read, the likeliest first: in its own order its times lie closest together."""
    if not cells or not any(
        ":" in c or "/" in c or "-" in c or "." in c or len(c) >= _COMPACT for c in cells
    ):
        return ()
    found: list[tuple[int, int, str]] = []
    for rank, pattern in enumerate(formats):
        read = [values.time(cell, (pattern,)) for cell in cells]
        times = [one.wall for one in read if one is not None and (one.clock_only or plausible(one.wall))]
        if len(times) >= _ENOUGH * len(cells):
            if (
                pattern == "iso"
                and all(wall % DAY == 0 for wall in times)
                and not any(":" in c for c in cells)
            ):
                continue  # dates alone
            spread = sum(abs(one - two) for one, two in pairwise(times))
            found.append((spread if "%" in pattern else 0, rank, pattern))
    return tuple(pattern for _, _, pattern in sorted(found))


_COMPACT = 8


def _epochs(cells: Sequence[str]) -> tuple[str, ...]:
    for pattern, unit in (("epoch", 1), ("epoch_ms", 1000), ("epoch_us", SECOND)):
        found = [re.fullmatch(r"(\d{10,16})(\.\d+)?", cell) for cell in cells]
        if not cells or not all(found):
            return ()
        seconds = [int(one[1]) / unit for one in found if one]
        if all(_SOONEST <= s < _LATEST for s in seconds) and max(seconds) - min(seconds) < _WIDEST_EPOCHS_S:
            return (pattern,)
    return ()
