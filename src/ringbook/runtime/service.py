"""The operations that commands ask for: plain arguments in, plain values out, one after the other.

Commands reach them through ``runtime.door``. They hold no rule of their own: each asks the package whose matter it is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

import msgspec

from ringbook.analyse.door.answer import answer, plain
from ringbook.desk.annotations.entry import entry_of
from ringbook.model.errors import AskError
from ringbook.model.public import flat, public
from ringbook.model.recording import RecordingId
from ringbook.model.scope import Scope
from ringbook.runtime import (
    accounts,
    by_hand,
    connecting,
    evidence,
    insight,
    keypad,
    preview,
    replay,
    undoing,
)
from ringbook.runtime.delivery import sending
from ringbook.runtime.evidence_pack import hand as packs
from ringbook.runtime.home import Home
from ringbook.runtime.importing import Ask, Done, Importer, now
from ringbook.runtime.recordings import arriving, discarding, fetching, hand, policy, room, silencing
from ringbook.runtime.rederive import rederive
from ringbook.runtime.retention import asked
from ringbook.search import pages

Answer = dict[str, Any]


class Service:
    """The operations of one opened home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._scope = Scope()
        self._operations: dict[str, Callable[..., Iterator[Answer]]] = {
            "import": self._import,
            "calls.list": self._calls_list,
            "calls.count": self._calls_count,
            "calls.show": self._calls_show,
            "calls.log": self._calls_log,
            "rejects.list": self._rejects_list,
            "rejects.show": self._rejects_show,
            "rejects.replay": self._rejects_replay,
            "sources.status": self._sources_status,
            "import.preview": self._import_preview,
            "imports.list": self._imports_list,
            "imports.preview": self._imports_preview,
            "imports.undo": self._imports_undo,
            "import.measure": self._import_measure,
            "sources.inputs": self._sources_inputs,
            "sources.throughput": self._sources_throughput,
            "sources.files": self._sources_files,
            "sources.settings": self._sources_settings,
            "sources.add": self._sources_add,
            "sources.change": self._sources_change,
            "sources.pause": self._sources_pause,
            "sources.remove": self._sources_remove,
            "sources.restore": self._sources_restore,
            **insight.operations(home, self._scope),
            "surveys.read": self._surveys_read,
            "sql.answer": self._sql_answer,
            "report.send": self._report_send,
            "verify": self._verify,
            "rederive": self._rederive,
            "recordings.add": self._recordings_add,
            "recordings.list": self._recordings_list,
            "recordings.join": self._recordings_join,
            "recordings.silence": self._recordings_silence,
            "recordings.unsilence": self._recordings_unsilence,
            "recordings.finish_silencing": self._recordings_finish_silencing,
            "recordings.policy": self._recordings_policy,
            "recordings.room": self._recordings_room,
            "recordings.discard": self._recordings_discard,
            "recordings.take_uploads": self._recordings_take_uploads,
            "recordings.may_fetch": self._recordings_may_fetch,
            "recordings.fetch": self._recordings_fetch,
            "evidence.make": self._evidence_make,
            "requests.erase": self._requests_erase,
            "recordings.missing": self._recordings_missing,
            "recordings.destroy_refused": self._recordings_destroy_refused,
            "recordings.enforce": self._recordings_enforce,
            "recordings.begin_marks": self._recordings_begin_marks,
            "recordings.verify": self._recordings_verify,
            "recordings.rewrap": self._recordings_rewrap,
            "retention.plan": self._retention_plan,
            "retention.run": self._retention_run,
            "retention.status": self._retention_status,
        }

    def run(self, operation: str, arguments: Mapping[str, Any]) -> Generator[Answer]:
        """The answers to an operation, as they come. Raises ``RingbookError`` with what to do about it."""
        carry_out = self._operations.get(operation)
        if carry_out is None:
            raise AskError(
                f"the running 'ringbook serve' does not know {operation!r}; restart it after an upgrade"
            )
        yield from carry_out(**arguments)

    def _import(self, *, final: bool = True, **asked: Any) -> Iterator[Answer]:
        importer = Importer(self._home, msgspec.convert(asked, Ask))
        with self._home.importing:
            for told in importer.run(final=final):
                if isinstance(told, Done):
                    hand.joined(self._home, str(asked.get("source", "")))
                yield msgspec.to_builtins(told)

    def _imports_list(self) -> Iterator[Answer]:
        yield from undoing.listed(self._home, self._scope)

    def _imports_preview(self, *, ids: list[str]) -> Iterator[Answer]:
        yield undoing.previewed(self._home, self._scope, ids)

    def _imports_undo(self, *, ids: list[str], reason: str = "", by: str = "") -> Iterator[Answer]:
        yield from undoing.undone(self._home, self._scope, ids, reason, by)

    def _calls_list(
        self, *, query: str, limit: int, cursor: str | None, timezone: str, shape: str = "public"
    ) -> Iterator[Answer]:
        form = flat if shape == "flat" else public
        while True:
            ask = min(limit, pages.MOST)
            page = pages.list_calls(
                self._home.ledger, self._scope, query, limit=ask, cursor=cursor, zone=timezone, now=now()
            )
            for call in page.items:
                yield {"call": form(call)}
            limit, cursor = limit - ask, page.next_cursor
            if cursor is None or limit <= 0:
                yield {"next_cursor": cursor}
                return

    def _calls_count(self, *, query: str, timezone: str) -> Iterator[Answer]:
        yield {"count": pages.count_calls(self._home.ledger, self._scope, query, zone=timezone, now=now())}

    def _calls_show(self, *, id: str) -> Iterator[Answer]:  # noqa: A002  # the public name
        call = pages.show_call(self._home.ledger, self._scope, id)
        yield {"call": public(call), "evidence": evidence.of(self._home, self._scope, call)}

    def _calls_log(
        self,
        *,
        record: Mapping[str, Any],
        by: str,
        idempotency_key: str = "",
        corrects: str = "",
        version: int | None = None,
    ) -> Iterator[Answer]:
        entry = entry_of(record)
        yield from by_hand.log(self._home, entry, by, key=idempotency_key, record=corrects, version=version)

    def _rejects_list(
        self, *, source: str | None, reason: str | None, limit: int, cursor: str | None
    ) -> Iterator[Answer]:
        yield from replay.listed(self._home, self._scope, source, reason, limit, cursor)

    def _rejects_show(self, *, id: str) -> Iterator[Answer]:  # noqa: A002  # the public name
        yield replay.shown(self._home, self._scope, id)

    def _rejects_replay(self, *, source: str | None, reason: str | None, id: str | None) -> Iterator[Answer]:  # noqa: A002
        with self._home.intake.writing:
            yield from replay.replayed(self._home, self._scope, source, reason, id)

    def _sources_status(self) -> Iterator[Answer]:
        yield from accounts.sources(self._home, self._scope)

    def _import_preview(
        self,
        *,
        path: str,
        name: str,
        source: str,
        format: str = "",  # noqa: A002  # the public name
        timezone: str = "",
        region: str = "",
        settings: dict[str, str] | None = None,
    ) -> Iterator[Answer]:
        yield preview.preview(self._home, path, name, source, format, timezone, region, settings)

    def _import_measure(self, *, path: str, most: int) -> Iterator[Answer]:
        yield preview.measured(path, most)

    def _sources_inputs(self) -> Iterator[Answer]:
        yield from connecting.inputs(self._home)

    def _sources_throughput(self, *, since: int, step_s: int) -> Iterator[Answer]:
        yield from accounts.throughput(self._home, self._scope, since, step_s)

    def _sources_files(self, *, source: str) -> Iterator[Answer]:
        yield from accounts.files(self._home, self._scope, source)

    def _sources_settings(self, *, name: str) -> Iterator[Answer]:
        yield connecting.settings_of(self._home, name)

    def _sources_add(self, *, name: str, settings: dict[str, Any]) -> Iterator[Answer]:
        yield connecting.add(self._home, name, settings)

    def _sources_change(self, *, name: str, settings: dict[str, Any], version: str) -> Iterator[Answer]:
        yield connecting.change(self._home, name, settings, version)

    def _sources_pause(self, *, name: str, paused: bool) -> Iterator[Answer]:
        yield connecting.pause(self._home, name, paused=paused)

    def _sources_remove(self, *, name: str) -> Iterator[Answer]:
        yield connecting.remove(self._home, name)

    def _sources_restore(self, *, name: str) -> Iterator[Answer]:
        yield connecting.restore(self._home, name)

    def _report_send(self, *, name: str) -> Iterator[Answer]:
        yield from sending.send(self._home, self, name)

    def _sql_answer(self, *, statement: str, rows: int, time_s: float) -> Iterator[Answer]:
        found = answer(self._home.ledger, self._scope, statement, rows=rows, time_s=time_s)
        yield {"columns": found.table.column_names, "cut": found.cut}
        for row in found.rows():
            yield {"row": [plain(value) for value in row.values()]}

    def _verify(self) -> Iterator[Answer]:
        with self._home.intake.writing:
            yield from accounts.verified(self._home, self._scope)

    def _rederive(
        self,
        *,
        since: str | None,
        until: str | None,
        source: str | None,
        timezone: str | None,
        region: str | None,
        zone_shown: str,
    ) -> Iterator[Answer]:
        with self._home.intake.writing:
            yield from rederive(self._home, self._scope, since, until, source, timezone, region, zone_shown)

    def _surveys_read(self) -> Iterator[Answer]:
        yield from keypad.read_all(self._home, self._scope)

    def _recordings_add(self, *, paths: list[str], source: str) -> Iterator[Answer]:
        yield from hand.add(self._home, paths, source)

    def _recordings_list(
        self, *, unmatched: bool, problems: bool, source: str, limit: int, cursor: str
    ) -> Iterator[Answer]:
        yield from hand.listed(self._home, unmatched, problems, source, limit, cursor)

    def _recordings_join(self, *, id: str, call: str) -> Iterator[Answer]:  # noqa: A002  # the public name
        yield hand.join(self._home, id, call)

    def _recordings_silence(
        self,
        *,
        id: str,  # noqa: A002  # the public name
        spans: list[tuple[float, float]],
        by: str,
        reason: str,
        origin: str = "hand",
    ) -> Iterator[Answer]:
        """Says so; ``recordings.finish_silencing`` makes the copy."""
        row = silencing.begin(self._home, RecordingId(id), spans, by=by, reason=reason, origin=origin)
        yield {"recording": hand.shape(row)}

    def _recordings_unsilence(self, *, id: str, silences: list[str] | None = None) -> Iterator[Answer]:  # noqa: A002
        row = silencing.begin_unsilence(self._home, RecordingId(id), silences)
        yield {"recording": hand.shape(row)}

    def _recordings_finish_silencing(self, *, id: str) -> Iterator[Answer]:  # noqa: A002  # the public name
        yield {"recording": hand.shape(silencing.finish(self._home, RecordingId(id)))}

    def _recordings_policy(self) -> Iterator[Answer]:
        settings = self._home.settings.recordings
        yield {
            "destroys_original": settings.destroy_original_when_masked,
            "max_upload_bytes": settings.max_upload_mb << 20,
        }

    def _recordings_room(self) -> Iterator[Answer]:
        yield msgspec.to_builtins(room.room(self._home))

    def _recordings_discard(self, *, id: str, by: str, reason: str) -> Iterator[Answer]:  # noqa: A002
        row = discarding.discard(self._home, RecordingId(id), by=by, reason=reason)
        yield {"recording": hand.shape(row)}

    def _recordings_take_uploads(self) -> Iterator[Answer]:
        yield from arriving.take_complete(self._home)

    def _recordings_may_fetch(self, *, url: str) -> Iterator[Answer]:
        fetching.check(url, frozenset(self._home.settings.recordings.fetch_hosts))
        yield {"url": url}

    def _recordings_fetch(self, **asked: Any) -> Iterator[Answer]:
        yield from arriving.fetched(self._home, **asked)

    def _requests_erase(self, *, request: str, job: str = "") -> Iterator[Answer]:
        from ringbook.runtime.requests import erasing  # it imports what imports this

        yield from erasing.erase(self._home, request, job)

    def _evidence_make(
        self, *, query: str, path: str, audio: bool, reason: str, by: str, timezone: str
    ) -> Iterator[Answer]:
        yield from packs.make(
            self._home, self._scope, query, path, audio=audio, reason=reason, by=by, zone=timezone
        )

    def _recordings_missing(self, **asked: Any) -> Iterator[Answer]:
        yield from hand.missing(self._home, **asked)

    def _recordings_destroy_refused(self, *, ids: list[str], by: str) -> Iterator[Answer]:
        yield msgspec.to_builtins(policy.destroy_refused(self._home, ids, by))

    def _recordings_enforce(self) -> Iterator[Answer]:
        yield msgspec.to_builtins(policy.enforce(self._home))

    def _recordings_begin_marks(self, *, call: str) -> Iterator[Answer]:
        yield {"recordings": policy.begin_marks(self._home, call)}

    def _recordings_verify(self) -> Iterator[Answer]:
        yield from hand.verify(self._home)

    def _recordings_rewrap(self) -> Iterator[Answer]:
        yield from hand.rewrap(self._home)

    def _retention_plan(self) -> Iterator[Answer]:
        yield from asked.plan(self._home)

    def _retention_run(self) -> Iterator[Answer]:
        yield from asked.run(self._home)

    def _retention_status(self) -> Iterator[Answer]:
        yield from asked.status(self._home)
