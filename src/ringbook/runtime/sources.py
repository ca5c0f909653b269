"""The sources of this home: those in the configuration, and those that imports have described."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import phonenumbers

from ringbook.model.errors import AskError, StopError
from ringbook.model.scope import MAIN_TENANT
from ringbook.model.source import Source


class SourceConflictError(AskError):
    """An import describes a source otherwise than it was described when its records came in."""


class SourceDescriptionError(AskError):
    """A source is described by something that cannot be: a name of no letters, a country that there is not."""


class SourcesUnwritableError(StopError):
    """What was told of a source cannot be remembered: the home is full or cannot be written."""


class SourcesDamagedError(StopError):
    """The file of what was told of the sources is not as it was written."""


def check_name(name: str) -> None:
    """Raise :class:`SourceDescriptionError` for what cannot name a source."""
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise SourceDescriptionError(
            f"{name!r} cannot name a source; use letters, such as 'pbx' or 'berlin office'"
        )


def region_of(code: str) -> str:
    """The country's code in capitals, empty for none; raises :class:`SourceDescriptionError` for an unknown one."""
    region = code.upper()
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise SourceDescriptionError(
            f"{code!r} is not a country; write its two letters of ISO 3166, such as 'GB'"
        )
    return region


class Described(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a phone system. ``timezone`` is None until a format with a local clock needs it."""

    name: str
    timezone: str | None = None
    region: str = ""
    extensions: str = ""
    trunks: str = ""
    formats: dict[str, dict[str, str]] = {}  # each format's own settings
    inferred: bool = False  # the time zone was inferred, not told


class Sources:
    """The described sources, kept in ``sources.json`` of the home; what the configuration says goes before."""

    def __init__(self, file: Path, configured: Mapping[str, Described]) -> None:
        self._file = file
        self._configured = dict(configured)
        self._told = self._load()

    def names(self) -> list[str]:
        """The names of all sources."""
        return sorted({*self._configured, *self._told})

    def get(self, name: str) -> Described:
        """What is known of a source; an unknown one is described by nothing but its name."""
        told = self._told.get(name, Described(name))
        configured = self._configured.get(name)
        if configured is None:
            return told
        if configured.timezone is None and told.timezone is not None:
            return msgspec.structs.replace(configured, timezone=told.timezone, inferred=told.inferred)
        return configured

    def configure(self, configured: Mapping[str, Described]) -> None:
        """Go by another configuration from now on."""
        self._configured = dict(configured)

    def configured(self, name: str) -> bool:
        """Whether the configuration describes the source."""
        return name in self._configured

    def source(self, name: str, format_slug: str) -> Source:
        """The description that parsing and normalising need, with the settings for one format."""
        known = self.get(name)
        blank = Source(name)
        return Source(
            name=name,
            tenant=MAIN_TENANT,
            timezone=known.timezone or "",
            region=known.region,
            extensions=known.extensions or blank.extensions,
            trunks=known.trunks,
            settings=known.formats.get(format_slug, {}),
        )

    def tell(self, described: Described) -> None:
        """Remember a description; durable when this returns. Raises :class:`SourceConflictError` for a configured one."""
        if described == self.get(described.name):
            return
        configured = self._configured.get(described.name)
        if configured is not None:
            settled = msgspec.structs.replace(
                described, timezone=configured.timezone, inferred=configured.inferred
            )
            if settled != configured or configured.timezone is not None:
                raise SourceConflictError(
                    f"source {described.name!r} is described in ringbook.toml; change its time zone, region and settings there"
                )
            described = Described(described.name, timezone=described.timezone, inferred=described.inferred)
        told = {**self._told, described.name: described}
        try:
            self._keep(sorted(told.values(), key=lambda d: d.name))
        except OSError as error:
            raise SourcesUnwritableError(
                f"what is known of source {described.name!r} cannot be kept: {error.strerror} in {self._file.parent}; "
                "make room or mend its permissions, then go on; nothing acknowledged is lost"
            ) from error
        self._told = told

    def _keep(self, told: list[Described]) -> None:
        draft = self._file.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(told)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)

    def _load(self) -> dict[str, Described]:
        if not self._file.exists():
            return {}
        try:
            told = msgspec.json.decode(self._file.read_bytes(), type=list[Described])
        except msgspec.DecodeError as error:
            raise SourcesDamagedError(
                f"{self._file} cannot be read ({error}); it says what imports told of the phone systems: mend it, or move it "
                "away and name time zone and region again"
            ) from error
        return {described.name: described for described in told}
