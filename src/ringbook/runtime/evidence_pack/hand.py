"""Making a pack because somebody at the terminal asked for it; the key that packs of a home are signed with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ringbook.model.errors import AskError
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now


def make(
    home: Home, scope: Scope, query: str, path: str, *, audio: bool, reason: str, by: str, zone: str
) -> Iterator[dict[str, Any]]:
    """Write the pack; gives what was made. A file that is there already is not touched.

    :raises AskError: no or too many calls, or the file cannot be written.
    """
    from ringbook.runtime import desk  # it imports what imports this

    place = Path(path)
    if place.exists():
        raise AskError(f"{path} is there already; choose another name")
    draft = place.with_name(f".{place.name}.draft")
    try:
        draft.touch(mode=0o600)
        with desk.at_hand(home):
            made = _written(draft, scope, query, audio=audio, reason=reason, by=by, zone=zone)
        draft.rename(place)
    except OSError as error:
        raise AskError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    yield {**made, "bytes": place.stat().st_size}


def _written(
    draft: Path, scope: Scope, query: str, *, audio: bool, reason: str, by: str, zone: str
) -> dict[str, Any]:
    from ringbook.desk.evidence_pack import making  # only once Django is set up
    from ringbook.desk.governance.audit import Actor

    ask = making.Ask(query=query, audio=audio, reason=reason, zone=zone, now=now())
    made = making.make(draft, scope, Actor("system", f"{by} (terminal)"), ask, lambda _done, _total: None)
    told: dict[str, Any] = msgspec.to_builtins(made)
    return told
