"""What the configuration says of the sources, in the words of ``runtime.sources``."""

from __future__ import annotations

from ringbook.config.settings import Settings
from ringbook.runtime.sources import Described


def described(settings: Settings) -> dict[str, Described]:
    """The configured sources by name."""
    return {
        name: Described(
            name,
            timezone=source.timezone or None,
            region=source.region,
            extensions=source.extensions,
            trunks=source.trunks,
            formats={i.format: dict(i.settings) for i in source.inputs if i.settings},
        )
        for name, source in settings.sources.items()
    }
