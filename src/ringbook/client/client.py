"""Carrying out the operations: over HTTP, with patience."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx
import msgspec
import pyarrow as pa

from ringbook.client._generated import Call, Change, Company, Contact, Export, Operations, Reject
from ringbook.client.errors import ConnectionLostError, NotThereError, ProblemError, RingbookClientError

T = TypeVar("T")

_PAGE = 500
_ARROW = "application/vnd.apache.arrow.stream"
_AGAIN = frozenset({409, 429, 503})
_LONGEST_WAIT_S = 60.0
_BLOCK = 1 << 16


class Ringbook(Operations):
    """A Ringbook at an address, asked with a token.

    ``attempts`` is how often a request is sent at most, ``timeout_s`` how long each may take. A context manager: it closes its
    connections at the end.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        attempts: int = 4,
        timeout_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._attempts = attempts
        self._http = httpx.Client(
            base_url=address.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "User-Agent": "ringbook-client"},
            timeout=timeout_s,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def calls(self, query: str = "", *, zone: str = "") -> Iterator[Call]:
        """All calls that answer a query, newest first, fetched a page at a time."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.search_calls(query=query, zone=zone, limit=_PAGE, cursor=cursor, total=False)
            yield from page.items
            cursor = page.next_cursor

    def count(self, query: str = "", *, zone: str = "") -> int:
        """How many calls answer a query."""
        return self.search_calls(query=query, zone=zone, limit=1).total or 0

    def changes(self, since: str = "") -> Iterator[tuple[Change, str]]:
        """What changed since a cursor, up to now, each with the cursor to go on from once it and those before are dealt with."""
        more = True
        while more:
            found = self.list_changes(since=since, limit=_PAGE)
            for place, change in enumerate(found.items, 1):
                yield change, found.next_cursor if place == len(found.items) else since
            since, more = found.next_cursor, found.more

    def sql(self, statement: str, *, rows: int = 1_000_000, time_s: float = 30.0) -> pa.Table:
        """The rows of a SELECT over the documented views, as an Arrow table.

        ``table.to_pandas()`` makes a data frame of pandas of it, ``polars.from_arrow(table)`` one of Polars. The table's metadata
        say under ``cut`` whether there are more rows than were asked for.
        """
        request = self._http.build_request(
            "POST",
            "/api/v1/sql",
            content=msgspec.json.encode({"statement": statement, "rows": rows, "time_s": time_s}),
            headers={"Content-Type": "application/json", "Accept": _ARROW},
            timeout=time_s + 30,
        )
        response = self._send(request, repeatable=True)
        if response.is_error:
            raise _problem(response)
        table: pa.Table = pa.ipc.open_stream(response.content).read_all()
        return table.replace_schema_metadata({"cut": response.headers.get("X-Cut", "false")})

    def figure_table(self, name: str, query: str = "", *, by: str = "", zone: str = "") -> pa.Table:
        """The parts of a figure as an Arrow table, a row for each; without ``by`` the one row of the whole."""
        found = self.get_figure(name, query=query, by=by, zone=zone)
        return pa.Table.from_pylist(found.rows if by else [found.total])

    def contacts(self, query: str = "") -> Iterator[Contact]:
        """All contacts that fit, by name."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.list_contacts(query=query, limit=_PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor

    def companies(self, query: str = "") -> Iterator[Company]:
        """All companies that fit, by name."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.list_companies(query=query, limit=_PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor

    def rejects(self, *, source: str = "", reason: str = "") -> Iterator[Reject]:
        """All records that could not be understood, the last received first."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.list_rejects(source=source, reason=reason, limit=_PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor

    def export(
        self,
        query: str,
        place: Path,
        *,
        format: Literal["csv", "xlsx", "jsonl", "parquet"] = "csv",  # noqa: A002  # the public name
        bom: bool = False,
        poll_s: float = 0.5,
    ) -> Export:
        """Have all calls that answer a query written into a file here.

        :raises RingbookClientError: the export failed or was cancelled.
        """
        export = self.begin_export(query=query, format=format, bom=bom)
        while export.state in ("queued", "running"):
            time.sleep(poll_s)
            export = self.get_export(export.id)
        if export.file is None:
            raise RingbookClientError(
                f"the export is {export.state}: {export.detail or 'no reason was given'}"
            )
        self._fetch(export.file, place)
        return export

    def _fetch(self, path: str, place: Path) -> None:
        draft = place.with_name(f"{place.name}.part")
        try:
            with self._http.stream("GET", path) as response, draft.open("wb") as sink:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise _problem(response)
                for block in response.iter_bytes(_BLOCK):
                    sink.write(block)
        except httpx.TransportError as error:
            raise ConnectionLostError(f"the file did not come whole: {error}") from error
        draft.replace(place)

    def _ask(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        version: int | None = None,
        once: bool = False,
        idempotency_key: str | None = None,
    ) -> T:
        headers: dict[str, str] = {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if once:
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        request = self._http.build_request(
            method,
            path,
            params={name: _plain(value) for name, value in (params or {}).items() if value not in (None, "")},
            content=None if body is None else msgspec.json.encode(_sent(body)),
            headers={**headers, **({} if body is None else {"Content-Type": "application/json"})},
        )
        response = self._send(request, repeatable=once or method in ("GET", "PUT"))
        if response.is_error:
            raise _problem(response)
        if kind is bytes:
            return response.content  # type: ignore[return-value]
        if kind is type(None):
            return None
        return msgspec.json.decode(response.content, type=kind)

    def _send(self, request: httpx.Request, *, repeatable: bool) -> httpx.Response:
        """The answer, after as many attempts as it takes and is sensible."""
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                if last or not (repeatable or isinstance(error, httpx.ConnectError)):
                    raise ConnectionLostError(f"no answer from {request.url.host}: {error}") from error
                time.sleep(min(0.25 * 2**attempt, _LONGEST_WAIT_S))
                continue
            wait_s = response.headers.get("Retry-After", "")
            if last or response.status_code not in _AGAIN or not wait_s.isdecimal():
                return response
            time.sleep(min(float(wait_s), _LONGEST_WAIT_S))
        raise AssertionError("there is always a last attempt")


def _sent(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not msgspec.UNSET}


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(response: httpx.Response) -> ProblemError:
    try:
        told = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        told = {"title": f"HTTP {response.status_code}", "detail": response.text[:200]}
    kind = NotThereError if response.status_code == httpx.codes.NOT_FOUND else ProblemError
    return kind(response.status_code, told)
