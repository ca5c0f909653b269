"""How the process is doing: ``/healthz`` for whoever restarts it, ``/metrics`` for whoever draws curves (Prometheus)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ringbook import __version__
from ringbook.capture.chunk import Chunk
from ringbook.capture.health import InputStatus
from ringbook.capture.spool import Spool
from ringbook.model.instant import SECOND, iso
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.result import Result


class Inputs(Protocol):
    """Something whose inputs can be asked how they are."""

    def statuses(self) -> list[InputStatus]:
        """How each is doing."""
        ...


class Watches(Protocol):
    """Something that knows which sources are silent for too long."""

    watched: tuple[str, ...]
    silent: dict[str, float]


class Tends(Protocol):
    """Something that knows how taking recordings, or applying the rules of retention, goes."""

    def told(self) -> dict[str, Any]:
        """The particulars."""
        ...

    def metrics(self) -> Iterable[GaugeMetricFamily]:
        """The same as numbers."""
        ...


class Gauge(Collector):
    """Counts what happens and knows what is wrong. Reads nothing from the ledger, so that it answers while the ledger is down."""

    def __init__(
        self,
        home: Home,
        spool: Spool,
        inputs: Inputs,
        alarms: Watches,
        recordings: Tends,
        retention: Tends,
    ) -> None:
        self._home = home
        self._recordings = recordings
        self._retention = retention
        self._alarms = alarms
        self._spool = spool
        self._inputs = inputs
        self._problems: dict[str, str] = {}
        self._began = time.time()
        self.registry = CollectorRegistry()
        self._frames = Counter(
            "ringbook_frames", "Frames taken in since start.", ["kind"], registry=self.registry
        )
        self._calls = Counter(
            "ringbook_calls", "Calls written since start.", ["change"], registry=self.registry
        )
        self._commit_s = Histogram(
            "ringbook_commit_seconds", "Time to fold and commit a batch.", registry=self.registry
        )
        self._lag_s = Histogram(
            "ringbook_received_to_searchable_seconds",
            "Time from the arrival of the oldest bytes of a batch to its calls being searchable.",
            buckets=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0),
            registry=self.registry,
        )
        self.registry.register(self)

    @contextlib.contextmanager
    def committing(self, chunks: Sequence[Chunk]) -> Iterator[None]:
        """Measure one commit."""
        oldest = min((chunk.received_at for chunk in chunks if chunk.received_at), default=0)
        with self._commit_s.time():
            yield
        if oldest:
            self._lag_s.observe(max(0, now() - oldest) / SECOND)

    def count(self, result: Result) -> None:
        """Count what a batch changed."""
        counts = {"stated": result.stated, "rejected": sum(result.rejected.values()), "noise": result.noise}
        for kind, count in counts.items():
            self._frames.labels(kind).inc(count)
        self._calls.labels("new").inc(result.calls_new)
        self._calls.labels("updated").inc(result.calls_updated)

    def problem(self, what: str, text: str) -> None:
        """Remember that something is wrong."""
        self._problems[what] = text

    def solved(self, what: str) -> None:
        """Remember that it no longer is."""
        self._problems.pop(what, None)

    def problems(self) -> dict[str, str]:
        """What is wrong with taking records in."""
        problem = self._spool.status().problem
        return {**self._problems, "spool": problem} if problem else dict(self._problems)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The state at this moment, for Prometheus."""
        spool = self._spool.status()
        yield GaugeMetricFamily(
            "ringbook_spool_bytes", "Bytes received and not yet in the ledger.", spool.bytes
        )
        yield GaugeMetricFamily(
            "ringbook_spool_rows", "Chunks received and not yet in the ledger.", spool.rows
        )
        up = GaugeMetricFamily(
            "ringbook_input_up", "1 while an input works.", labels=["source", "input", "kind"]
        )
        last = GaugeMetricFamily(
            "ringbook_input_last_received_timestamp_seconds",
            "When an input last brought anything.",
            labels=["source", "input"],
        )
        for status in self._inputs.statuses():
            up.add_metric([status.source, status.input, status.kind], 0 if status.problem else 1)
            if status.last_received_at is not None:
                last.add_metric([status.source, status.input], status.last_received_at / SECOND)
        yield up
        yield last
        silent = GaugeMetricFamily(
            "ringbook_source_silent",
            "1 while a source with a silence alarm has brought nothing for longer than it may.",
            labels=["source"],
        )
        for name in self._alarms.watched:
            silent.add_metric([name], 1 if name in self._alarms.silent else 0)
        yield silent
        yield from self._recordings.metrics()
        yield from self._retention.metrics()

    def health(self) -> tuple[bool, dict[str, object]]:
        """Whether records are being taken in, and the particulars."""
        spool = self._spool.status()
        problems = self.problems()
        oldest = None if spool.oldest_at is None else max(0.0, (now() - spool.oldest_at) / SECOND)
        inputs = [
            {
                "source": status.source,
                "input": status.input,
                "kind": status.kind,
                "state": status.state.value,
                "last_received_at": iso(status.last_received_at),
                "problem": status.problem or None,
            }
            for status in self._inputs.statuses()
        ]
        return not problems, {
            "status": "ok" if not problems else "failing",
            "version": __version__,
            "up_s": round(time.time() - self._began),
            "problems": problems,
            "spool": {
                "rows": spool.rows,
                "bytes": spool.bytes,
                "oldest_s": oldest,
                "large": spool.over_warning,
            },
            "inputs": inputs,
            "recordings": self._recordings.told(),
            "retention": self._retention.told(),
            "silent": {name: round(span) for name, span in self._alarms.silent.items()},
        }


def application(gauge: Gauge, routes: Sequence[BaseRoute]) -> Starlette:
    """The HTTP application: health, metrics, and what else there is (the intake, the pages)."""

    async def healthz(request: Request) -> Response:  # noqa: ARG001
        well, told = gauge.health()
        return JSONResponse(msgspec.to_builtins(told), status_code=200 if well else 503)

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(generate_latest(gauge.registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics), *routes])
