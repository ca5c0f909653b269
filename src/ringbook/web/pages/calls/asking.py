"""Asking the ledger as a viewer: every question within the viewer's scope, zone and time."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ringbook.desk.wiring import ledger
from ringbook.model.call import Call, CallId
from ringbook.model.instant import LATEST, SECOND, Instant
from ringbook.search import pages
from ringbook.search.errors import CursorError
from ringbook.web.viewer import Viewer

PAGE = 50
MOVING_S = 24 * 3600.0
"""For how long after its start a call's row is watched for changes."""

MOST_WATCHED = 120


class Question(msgspec.Struct, frozen=True):
    """A question, by whom it is asked."""

    viewer: Viewer
    text: str

    def page(self, cursor: str | None = None, limit: int = PAGE) -> pages.Page:
        """The next calls that answer it."""
        return pages.list_calls(
            ledger(), self.viewer.scope, self.text, limit=limit, cursor=cursor or None, **self._how
        )

    def count(self) -> int:
        """How many calls answer it."""
        return pages.count_calls(ledger(), self.viewer.scope, self.text, **self._how)

    def all(self) -> Iterator[Call]:
        """All calls that answer it, a chunk at a time."""
        return pages.iterate(ledger(), self.viewer.scope, self.text, **self._how)

    def facets(self, fields: list[str], limit: int) -> pages.Facets:
        """How many of the calls that answer it have each value of some fields."""
        return pages.facets(ledger(), self.viewer.scope, self.text, tuple(fields), limit=limit, **self._how)

    def news(self, seen: Seen) -> pages.News:
        """What came, changed or went since a list was looked at."""
        return pages.news(
            ledger(),
            self.viewer.scope,
            self.text,
            since=seen.at,
            known=seen.known,
            oldest_at=seen.oldest_at,
            limit=PAGE,
            **self._how,
        )

    @property
    def _how(self) -> dict[str, Any]:
        viewer = self.viewer
        return {"zone": viewer.zone_name, "now": viewer.now, "me": viewer.handle}


class Seen(msgspec.Struct, frozen=True):
    """What a list showed: when it was read, where it ends, and the calls that may still change, with their revisions."""

    at: Instant
    oldest_at: Instant
    known: Mapping[CallId, int]

    def seal(self) -> str:
        """As text to ask with for what is new. It grants nothing: what may be seen is decided by the scope of each read."""
        known = [(uuid.UUID(call).bytes, revision) for call, revision in self.known.items()]
        raw = msgspec.msgpack.encode((self.at, self.oldest_at, known))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def after(self, news: pages.News) -> Seen:
        """What the list shows once the news are in it."""
        known = {call: revision for call, revision in self.known.items() if call not in news.gone}
        known |= {call.id: call.revision for call in (*news.newer, *news.changed)}
        newest = sorted(known.items(), reverse=True)[:MOST_WATCHED]
        return Seen(news.seen_at, self.oldest_at, dict(newest))


def seen(page: pages.Page, now: Instant) -> Seen:
    """What a page of calls showed."""
    since = now - int(MOVING_S * SECOND)
    moving = [call for call in page.items if call.started_at >= since][:MOST_WATCHED]
    oldest = page.items[-1].started_at if page.items and page.next_cursor else 0
    return Seen(page.seen_at, oldest, {call.id: call.revision for call in moving})


def unseal(text: str) -> Seen:
    """What a list showed.

    :raises CursorError: the text is not one of ours.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        at, oldest, known = msgspec.msgpack.decode(raw, type=tuple[int, int, list[tuple[bytes, int]]])
        ids = {CallId(str(uuid.UUID(bytes=call))): revision for call, revision in known[:MOST_WATCHED]}
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise CursorError("The mark of what was seen is damaged. Load the page again.") from None
    if not all(0 <= instant < LATEST for instant in (at, oldest)):
        raise CursorError("The mark of what was seen is damaged. Load the page again.")
    return Seen(at, oldest, ids)
