"""Connecting phone systems while Ringbook runs: sources added, changed, paused, removed and put back.

What is added here is kept in a file of its own (``config.added``) and is checked as ``ringbook.toml`` is; what an operator wrote
there is never touched. Calls that a source has brought stay when it is removed.
"""

from __future__ import annotations

import glob
import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Any

import msgspec

from ringbook.config import added, load
from ringbook.config.added import Added
from ringbook.config.settings import Input, Kind, Settings, SourceSettings
from ringbook.config.tree import NAME
from ringbook.model.errors import AskError, StopError
from ringbook.model.instant import iso
from ringbook.parse.registry import formats
from ringbook.runtime.home import Home

Answer = dict[str, Any]

TOKEN_BYTES = 24

_NAMING_FILES = frozenset(key for key in Input.__struct_fields__ if key.endswith("_file")) | {"mapping"}
"""Settings of an input that have a file read whatever it is: for whoever may write ``ringbook.toml``."""


class SourceNameError(AskError):
    """A source cannot be called that: the name is taken, or holds what a name cannot."""


class NotAddedError(AskError):
    """The source was not added in the desk, or is not there any more."""


class SourceChangedError(AskError):
    """Somebody else changed the source meanwhile."""


class PathNotAllowedError(AskError):
    """A path leads where sources added in the desk may not read."""


class PortTakenError(AskError):
    """Another source listens on that port."""


class AddedUnwritableError(StopError):
    """What is added cannot be kept."""


def inputs(home: Home) -> Iterator[Answer]:
    """How each input is doing, then what is wrong with taking records in. Nothing runs without ``serve``."""
    there = added.read(home.folder).sources
    live = {(s.source, s.input): s for s in home.serving.statuses()} if home.serving else {}
    for name, source in home.settings.sources.items():
        for entry in source.inputs:
            status = live.get((name, entry.name))
            yield {
                "source": name,
                "input": entry.name,
                "kind": entry.kind.value,
                "format": entry.format,
                "added": name in there,
                "paused": source.paused,
                "place": status.place if status else _place(entry),
                "state": status.state.value if status else "stopped",
                "since": iso(status.since) if status else None,
                "connections": status.connections if status else 0,
                "bytes": status.bytes if status else 0,
                "last_received_at": iso(status.last_received_at) if status else None,
                "behind_bytes": status.behind_bytes if status else 0,
                "problem": status.problem if status else "",
            }
    yield {
        "serving": home.serving is not None,
        "problems": home.serving.problems() if home.serving else {},
        "configured": sorted(home.settings.sources),
        "added": sorted(there),
        "removed": sorted(added.read(home.folder).removed),
    }


def settings_of(home: Home, name: str) -> Answer:
    """A source's settings as they hold; the token of one that was added here, to be shown to whoever may manage sources."""
    there = added.read(home.folder).sources
    source = home.settings.sources.get(name)
    if source is None:
        raise NotAddedError(f"no source {name!r} is connected")
    own = there.get(name)
    return {
        "name": name,
        "added": own is not None,
        "version": _version(own) if own is not None else "",
        "settings": own if own is not None else _public(source),
        "inputs": [_public_input(entry, tell=own is not None) for entry in source.inputs],
    }


def add(home: Home, name: str, settings: dict[str, Any]) -> Answer:
    """The source, added: it takes records when this returns, and after every start."""
    if not NAME.fullmatch(name):
        raise SourceNameError(
            f"{name!r} cannot name a source; use letters, digits, dots and dashes, such as 'berlin-office'"
        )

    def change(there: Added) -> Added:
        if name in home.settings.sources or name in there.sources:
            raise SourceNameError(f"a source is called {name!r} already; choose another name")
        removed = {key: value for key, value in there.removed.items() if key != name}
        return Added({**there.sources, name: _completed(settings)}, removed)

    _same_clock(home, name, str(settings.get("timezone", "")))
    _change(home, change, name)
    return settings_of(home, name)


def change(home: Home, name: str, settings: dict[str, Any], version: str) -> Answer:
    """The source with other settings, if it still has those of ``version``."""

    def changed(there: Added) -> Added:
        before = _own(there, name)
        if _version(before) != version:
            raise SourceChangedError(f"somebody changed {name!r} meanwhile; look at it again, then change it")
        return Added({**there.sources, name: _completed(settings)}, there.removed)

    _change(home, changed, name)
    return settings_of(home, name)


def pause(home: Home, name: str, *, paused: bool) -> Answer:
    """The source with its inputs at rest, or at work again."""

    def changed(there: Added) -> Added:
        return Added({**there.sources, name: {**_own(there, name), "paused": paused}}, there.removed)

    _change(home, changed, name)
    return settings_of(home, name)


def remove(home: Home, name: str) -> Answer:
    """Take a source away; its calls stay, and :func:`restore` puts it back as it was."""

    def changed(there: Added) -> Added:
        before = _own(there, name)
        return Added({k: v for k, v in there.sources.items() if k != name}, {**there.removed, name: before})

    _change(home, changed, name)
    return {"removed": name}


def restore(home: Home, name: str) -> Answer:
    """The source that was removed, put back."""

    def changed(there: Added) -> Added:
        if name not in there.removed:
            raise NotAddedError(f"{name!r} was not removed, or is back already")
        if name in home.settings.sources:
            raise SourceNameError(f"another source is called {name!r} by now")
        removed = {key: value for key, value in there.removed.items() if key != name}
        return Added({**there.sources, name: there.removed[name]}, removed)

    _change(home, changed, name)
    return settings_of(home, name)


def _change(home: Home, change: Callable[[Added], Added], name: str) -> None:
    """Check the changed sources as settings are checked, keep them, and have them take effect."""
    with home.changing:
        there = added.read(home.folder)
        wanted = change(there)
        wanted = msgspec.structs.replace(wanted, text=added.toml(wanted))
        loaded = load(home.folder, formats=formats(), others=wanted)
        _check(home, loaded, name)
        try:
            added.write(home.folder, wanted)
        except OSError as error:
            raise AddedUnwritableError(
                f"the source cannot be kept: {error.strerror} in {home.folder}; make room or mend its permissions"
            ) from error
        configured = {k: v for k, v in home.settings.sources.items() if k not in there.sources}
        now = {k: loaded.sources[k] for k in wanted.sources}
        home.describe(msgspec.structs.replace(home.settings, sources={**configured, **now}))


def _check(home: Home, loaded: Settings, name: str) -> None:
    """What holds for sources added here beyond what holds for all: where they may read and listen."""
    source = loaded.sources.get(name)
    if source is None:
        return
    for entry in source.inputs:
        for path in entry.path:
            _check_path(home, path)
    taken = {e.port: n for n, s in loaded.sources.items() if n != name for e in s.inputs if _listens(e)}
    for entry in source.inputs:
        if _listens(entry) and entry.port in taken:
            raise PortTakenError(f"source {taken[entry.port]!r} listens on port {entry.port}; choose another")


def _check_path(home: Home, text: str) -> None:
    """Who may add sources here may not thereby read what else this machine has."""
    parts = PurePath(text).parts
    literal = Path(*[part for index, part in enumerate(parts) if not _magic_before(parts, index)])
    folders = [Path(folder).expanduser().resolve() for folder in home.settings.desk.source_folders]
    there = literal.resolve()
    if ".." in parts or not any(there.is_relative_to(folder) for folder in folders):
        raise PathNotAllowedError(
            f"{text} is not in a folder that sources added here may read: {', '.join(map(str, folders)) or 'none'}; "
            "whoever runs Ringbook can allow others in ringbook.toml: [desk] source_folders"
        )


def _magic_before(parts: tuple[str, ...], index: int) -> bool:
    return any(glob.has_magic(part) for part in parts[: index + 1])


def _listens(entry: Input) -> bool:
    return entry.kind is Kind.TCP_LISTEN


def _same_clock(home: Home, name: str, timezone: str) -> None:
    """Records of a source that were imported already were read on some clock; the new ones join them."""
    told = home.sources.get(name)
    if told.timezone and timezone and told.timezone != timezone:
        raise SourceNameError(
            f"records of {name!r} were imported and read in time zone {told.timezone}; choose that zone, or another name"
        )


def _completed(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with a token for each input that is posted to and has none."""
    entries = [dict(entry) for entry in settings.get("inputs", [])]
    for entry in entries:
        if named := sorted(_NAMING_FILES & entry.keys()):
            raise PathNotAllowedError(
                f"{named[0]} names a file, which a source added here cannot; give what stands in it"
            )
        if entry.get("kind") == Kind.HTTP_POST and not entry.get("token"):
            entry["token"] = secrets.token_urlsafe(TOKEN_BYTES)
    return {**settings, "inputs": entries}


def _own(there: Added, name: str) -> dict[str, Any]:
    if name not in there.sources:
        raise NotAddedError(
            f"{name!r} was not added here; what ringbook.toml describes is changed there, with a restart"
        )
    return there.sources[name]


def _version(settings: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(settings, order="deterministic")).hexdigest()[:16]


def _public(source: SourceSettings) -> dict[str, Any]:
    return {
        "timezone": source.timezone,
        "region": source.region,
        "extensions": source.extensions,
        "trunks": source.trunks,
        "paused": source.paused,
    }


def _public_input(entry: Input, *, tell: bool) -> Answer:
    shown: Answer = {"settings": dict(entry.settings), "path": list(entry.path), "allow": list(entry.allow)}
    for key in ("name", "format", "host", "port", "login", "tls"):
        shown[key] = getattr(entry, key)
    shown["kind"] = entry.kind.value
    shown["token"] = entry.token.reveal() if tell else ""
    shown["password"] = bool(entry.password)  # whether there is one
    return shown


def _place(entry: Input) -> str:
    match entry.kind:
        case Kind.FILE:
            return ", ".join(entry.path)
        case Kind.HTTP_POST:
            return "/intake"
        case _:
            return f"{entry.host}:{entry.port}"
