"""A post is answered with 200 only when its body is on the disk; everything else says what to do."""

from __future__ import annotations

import base64
import gzip
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ringbook.capture.chunk import Signal
from ringbook.capture.health import State
from ringbook.capture.http import Endpoint, HttpIntake
from ringbook.capture.spool import Limits, Spool
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret

TOKEN = "correct-horse-battery"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}
ENDPOINTS = [
    Endpoint(Place("switch", "post", "freeswitch_json_cdr"), Secret(TOKEN)),
    Endpoint(Place("pbx", "cdr", "asterisk_cdr_csv"), Secret("cdr-token")),
    Endpoint(Place("pbx", "cel", "asterisk_cel"), Secret("cel-token")),
]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=0)) as spool:
        yield spool


def client(spool: Spool, **limits: Any) -> TestClient:
    return TestClient(Starlette(routes=HttpIntake(spool, ENDPOINTS, **limits).routes()))


def test_an_accepted_body_is_on_the_disk_as_one_whole_stream(spool: Spool) -> None:
    body = b'{"variables": {"uuid": "a"}}\x00\xff'
    answer = client(spool).post("/intake/switch?uuid=a_1", content=body, headers=ALLOWED)
    assert (answer.status_code, answer.json()) == (200, {"received": len(body), "row": 1})
    (chunk,) = spool.take()
    assert (chunk.source, chunk.input, chunk.format) == ("switch", "post", "freeswitch_json_cdr")
    assert (chunk.offset, chunk.data, chunk.signal) == (0, body, Signal.END)


def test_a_form_goes_through_as_it_is(spool: Spool) -> None:
    client(spool).post("/intake/switch", data={"cdr": "<cdr/>"}, headers=ALLOWED)
    assert spool.take()[0].data == b"cdr=%3Ccdr%2F%3E"


def test_the_same_body_again_is_acknowledged_and_kept_once(spool: Spool) -> None:
    posts = client(spool)
    answers = [posts.post("/intake/switch", content=b"{1}", headers=ALLOWED).json()["row"] for _ in range(3)]
    posts.post("/intake/switch", content=b"{2}", headers=ALLOWED)
    assert answers[0] == 1
    assert [chunk.data for chunk in spool.take()] == [b"{1}", b"{2}"]


def test_basic_authentication_shows_the_token_as_the_password(spool: Spool) -> None:
    shown = base64.b64encode(f"freeswitch:{TOKEN}".encode()).decode()
    answer = client(spool).post("/intake/switch", content=b"x", headers={"Authorization": f"Basic {shown}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/intake/switch", {}),
        ("/intake/switch", {"Authorization": "Bearer wrong"}),
        ("/intake/switch", {"Authorization": "Bearer "}),
        ("/intake/switch", {"Authorization": "Basic !!!"}),
        ("/intake/switch", {"Authorization": "Digest x"}),
        ("/intake/switch", {"Authorization": "Bearer cdr-token"}),
        (f"/intake/switch?token={TOKEN}", {}),
        ("/intake/nowhere", ALLOWED),
        ("/intake/", ALLOWED),
        ("/intake/nowhere", {}),
        ("/intake/switch/other", ALLOWED),
        ("/intake/pbx/cel", {"Authorization": "Bearer cdr-token"}),
    ],
)
def test_whoever_may_not_post_learns_nothing(spool: Spool, path: str, headers: dict[str, str]) -> None:
    answer = client(spool).post(path, content=b"x", headers=headers)
    if path == "/intake/":
        assert answer.status_code == 404
    else:
        reference = client(spool).post("/intake/none", content=b"x")
        assert answer.status_code == 401
        assert answer.content == reference.content
        assert answer.headers["www-authenticate"] == reference.headers["www-authenticate"]
    assert spool.take() == []


def test_the_token_tells_the_inputs_of_one_source_apart(spool: Spool) -> None:
    posts = client(spool)
    posts.post("/intake/pbx", content=b"1", headers={"Authorization": "Bearer cel-token"})
    posts.post("/intake/pbx", content=b"2", headers={"Authorization": "Bearer cdr-token"})
    posts.post("/intake/pbx/cel", content=b"3", headers={"Authorization": "Bearer cel-token"})
    assert [(c.input, c.data) for c in spool.take()] == [("cel", b"1"), ("cdr", b"2"), ("cel", b"3")]


def test_an_input_without_a_token_takes_nothing(spool: Spool) -> None:
    intake = HttpIntake(spool, [Endpoint(Place("open", "post", "x"), Secret(""))])
    posts = TestClient(Starlette(routes=intake.routes()))
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic Og=="}):
        assert posts.post("/intake/open", content=b"x", headers=headers).status_code == 401


def test_gzip_is_unpacked_also_in_several_members(spool: Spool) -> None:
    packed = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    answer = client(spool).post(
        "/intake/switch", content=packed, headers={**ALLOWED, "Content-Encoding": "gzip"}
    )
    assert answer.status_code == 200
    assert spool.take()[0].data == b"one\ntwo\n"


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert len(body["detail"]) > 20
    return answer.status_code, body["type"].removeprefix("urn:ringbook:problem:")


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"x" * 1_001, {}, (413, "body-too-long")),
        (gzip.compress(bytes(10_000_000), mtime=0), {"Content-Encoding": "gzip"}, (413, "body-too-long")),
        (b"not gzip", {"Content-Encoding": "gzip"}, (400, "bad-gzip")),
        (gzip.compress(b"x" * 500, mtime=0)[:-9], {"Content-Encoding": "gzip"}, (400, "bad-gzip")),
        (b"x", {"Content-Encoding": "br"}, (415, "unknown-encoding")),
        (b"x", {"Content-Type": "multipart/form-data; boundary=x"}, (415, "not-records")),
        (b"x", {"Content-Type": "Image/PNG"}, (415, "not-records")),
        (b"", {}, (400, "empty-body")),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    spool: Spool, content: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = client(spool, max_body_bytes=1_000).post(
        "/intake/switch", content=content, headers={**ALLOWED, **headers}
    )
    assert problem(answer) == expected
    assert spool.take() == []


def test_a_body_without_a_length_is_cut_off_at_the_limit(spool: Spool) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    answer = client(spool, max_body_bytes=1_000).post("/intake/switch", content=endless(), headers=ALLOWED)
    assert problem(answer) == (413, "body-too-long")


def test_a_body_of_just_the_limit_is_taken(spool: Spool) -> None:
    posts = client(spool, max_body_bytes=1_000)
    assert posts.post("/intake/switch", content=b"x" * 1_000, headers=ALLOWED).status_code == 200


def test_a_full_disk_is_answered_with_503_and_when_to_come_again(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=1 << 60)) as spool:
        intake = HttpIntake(spool, ENDPOINTS)
        answer = TestClient(Starlette(routes=intake.routes())).post(
            "/intake/switch", content=b"x", headers=ALLOWED
        )
        assert problem(answer) == (503, "spool-full")
        assert answer.headers["retry-after"] == "30"
        assert intake.statuses[0].state is State.PAUSED
        assert str(tmp_path) not in answer.text
        assert spool.take() == []


def test_a_stopping_ringbook_is_answered_with_503(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=0))
    posts = client(spool)
    spool.close()
    answer = posts.post("/intake/switch", content=b"x", headers=ALLOWED)
    assert problem(answer) == (503, "stopping")
    assert answer.headers["retry-after"] == "5"


def test_too_many_bodies_at_once_are_held_off_and_counted_down_again(spool: Spool) -> None:
    posts = client(spool, max_body_bytes=1_000, held_bytes=500)
    for _ in range(3):
        assert problem(posts.post("/intake/switch", content=b"x" * 600, headers=ALLOWED)) == (503, "busy")
    assert posts.post("/intake/switch", content=b"x" * 400, headers=ALLOWED).status_code == 200


def test_other_methods_are_not_answered(spool: Spool) -> None:
    assert client(spool).get("/intake/switch", headers=ALLOWED).status_code == 405


async def asked(intake: HttpIntake, parts: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the application sends for a request whose body arrives in the given messages."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/intake/switch",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
    }
    await Starlette(routes=intake.routes())(scope, parts.__anext__, send)
    return sent


def test_a_sender_that_leaves_within_its_body_leaves_nothing(spool: Spool) -> None:
    import asyncio

    async def leaving() -> AsyncIterator[dict[str, Any]]:
        yield {"type": "http.request", "body": b"half of a rec", "more_body": True}
        yield {"type": "http.disconnect"}

    asyncio.run(asked(HttpIntake(spool, ENDPOINTS), leaving()))
    assert spool.take() == []


def test_a_sender_that_dawdles_is_told_so(spool: Spool) -> None:
    import asyncio

    async def dawdling() -> AsyncIterator[dict[str, Any]]:
        yield {"type": "http.request", "body": b"half", "more_body": True}
        await asyncio.sleep(60)

    sent = asyncio.run(asked(HttpIntake(spool, ENDPOINTS, body_s=0.05), dawdling()))
    assert sent[0]["status"] == 408
    assert spool.take() == []


def test_no_token_and_no_record_is_logged(spool: Spool) -> None:
    with structlog.testing.capture_logs() as events:
        client(spool).post("/intake/switch", content=b"+44 20 7946 0123", headers=ALLOWED)
        client(spool).post(
            "/intake/+442079460123", content=b"+44 20 7946 0123", headers={"Authorization": "Bearer oops"}
        )
    assert [event["event"] for event in events] == ["http.refused"]
    assert "7946" not in str(events)
    assert "oops" not in str(events)
    assert logging.getLogger("ringbook").handlers == []
