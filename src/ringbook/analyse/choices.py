"""What an organisation chose where a figure can be counted in several ways."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """How one figure is counted here; None: as it usually is."""

    variant: str | None = None
    threshold_s: float | None = None
    short_s: float | None = None


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """All choices of an organisation under the number of their version; 0: nothing was ever chosen.

    ``resolved`` and ``not_resolvable`` are the outcome codes that say so, and ``figures`` the choices by the figure's name.
    Without any code that says ``resolved``, that figure cannot be told.
    """

    version: int = 0
    figures: Mapping[str, Choice] = {}
    resolved: tuple[str, ...] = ("resolved",)
    not_resolvable: tuple[str, ...] = ("not-resolvable",)

    def of(self, figure: str) -> Choice:
        """The choice for a figure; a blank one where there is none."""
        return self.figures.get(figure, _NONE)


_NONE = Choice()

NOTHING_CHOSEN = Choices()
