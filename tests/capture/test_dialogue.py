"""Asterisk and FreeSWITCH are logged in to, what they tell of recording is on the spool, and a lost one is called again.

No phone system runs here: a peer speaks its protocol, with blocks that our own Asterisk and FreeSWITCH sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.capture.ami import UNTIMED, Ami
from ringbook.capture.blocks import LONGEST, Blocks
from ringbook.capture.dialogue import Begun, Dialogue, Keep, Refused, Send, Turns, Warn
from ringbook.capture.esl import Esl
from ringbook.capture.health import State
from ringbook.capture.spool import Limits, Spool
from ringbook.capture.tcp import Backoff
from ringbook.capture.wire import Place
from ringbook.config.secret import Secret

FORMATS = Path(__file__).parents[1] / "formats"
SECRET = "not-Sent-5551"
ASTERISK = Place("office", "ami", "asterisk_ami")
FREESWITCH = Place("office", "esl", "freeswitch_esl")
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def blocks(slug: str, fixture: str) -> list[bytes]:
    data = (FORMATS / slug / f"{fixture}.in").read_bytes()
    mark = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
    return [block + mark for block in data.split(mark) if block]


MUTED = blocks("asterisk_ami", "01-muted-and-unmuted")
"""Newchannel, MixMonitorStart, MixMonitorMute on and off, Hangup."""


class Asterisk:
    """A peer that speaks AMI: what it is asked, and, for each connection after its log-in, what it tells."""

    def __init__(self, *tells: list[bytes], secret: str = SECRET, answers: bool = True) -> None:
        self.asked: list[dict[str, str]] = []
        self.connections = 0
        self._tells = list(tells)
        self._secret = secret
        self._answers = answers

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        while block := await block_of(reader, b"\r\n\r\n"):
            told = dict(line.split(": ", 1) for line in block.decode().strip().splitlines())
            self.asked.append(told)
            if not self._answers and told["Action"] == "Ping":
                continue
            writer.write(self._answer(told))
            if told["Action"] == "Login" and self._accepted(told):
                for part in self._tells.pop(0) if self._tells else []:
                    if part == b"hang up":
                        writer.close()
                        return
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.01)

    def _answer(self, told: dict[str, str]) -> bytes:
        head = f"ActionID: {told['ActionID']}\r\n" if "ActionID" in told else ""
        match told["Action"]:
            case "Challenge":
                return f"Response: Success\r\n{head}Challenge: 230151\r\n\r\n".encode()
            case "Login" if not self._accepted(told):
                return f"Response: Error\r\n{head}Message: Authentication failed\r\n\r\n".encode()
            case _:
                return f"Response: Success\r\n{head}\r\n".encode()

    def _accepted(self, told: dict[str, str]) -> bool:
        digest = hashlib.md5(f"230151{self._secret}".encode(), usedforsecurity=False).hexdigest()
        return told["Username"] == "ringbook" and told["Key"] == digest


class FreeSwitch:
    """A peer that speaks ESL."""

    def __init__(self, tells: list[bytes], password: str = SECRET) -> None:
        self.asked: list[str] = []
        self._tells = tells
        self._password = password

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Content-Type: auth/request\n\n")
        while block := await block_of(reader, b"\n\n"):
            asked = block.decode().strip()
            self.asked.append(asked)
            well = not asked.startswith("auth ") or asked == f"auth {self._password}"
            writer.write(
                b"Content-Type: command/reply\nReply-Text: %s\n\n" % (b"+OK" if well else b"-ERR invalid")
            )
            if not well:
                writer.write(b"Content-Type: text/disconnect-notice\nContent-Length: 0\n\n")
                writer.close()
                return
            if asked.startswith("event "):
                writer.write(b"".join(self._tells))
                self._tells = []


async def block_of(reader: asyncio.StreamReader, mark: bytes) -> bytes:
    try:
        return await reader.readuntil(mark)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@asynccontextmanager
async def standing(peer: Peer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A phone system at a port of this machine."""
    server = await asyncio.start_server(peer, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def running(dialogue: Dialogue) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(dialogue.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)
        assert dialogue.status.state is State.STOPPED


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def asterisk(spool: Spool, port: int, secret: str = SECRET, **more: object) -> Dialogue:
    speech = partial(Ami, "ringbook", Secret(secret))
    given = {"ping_s": 5.0, "refused_s": 0.01, "backoff": Backoff(0.01, 0.02), **more}
    return Dialogue(ASTERISK, spool, speech, kind="ami", host="127.0.0.1", port=port, **given)  # type: ignore[arg-type]


def freeswitch(spool: Spool, port: int, password: str = SECRET) -> Dialogue:
    speech = partial(Esl, Secret(password))
    return Dialogue(
        FREESWITCH,
        spool,
        speech,
        kind="esl",
        host="127.0.0.1",
        port=port,
        refused_s=0.01,
        backoff=Backoff(0.01, 0.02),
    )


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool.sqlite", Limits(keep_free_bytes=0))


def kept(spool: Spool) -> list[bytes]:
    """What each connection brought."""
    joined: dict[str, bytes] = {}
    for chunk in spool.take():
        assert len(joined.get(chunk.origin, b"")) == chunk.offset
        joined[chunk.origin] = joined.get(chunk.origin, b"") + chunk.data
    return list(joined.values())


def test_asterisk_is_logged_in_to_by_a_challenge_and_only_what_tells_of_recording_is_kept(
    spool: Spool,
) -> None:
    peer = Asterisk([b"".join(MUTED)])

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = asterisk(spool, port)
            async with running(dialogue):
                await until(lambda: dialogue.status.bytes == len(MUTED[2] + MUTED[3]))
                assert dialogue.status.state is State.CONNECTED
                assert (dialogue.status.problem, dialogue.status.connections) == ("", 1)
                assert dialogue.status.last_received_at is not None

    with spool:
        asyncio.run(story())
        assert kept(spool) == [MUTED[2] + MUTED[3]]
    assert [told["Action"] for told in peer.asked] == ["Challenge", "Login"]
    assert peer.asked[1]["Events"] == "call,user"
    assert SECRET not in str(peer.asked)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_where_the_stream_is_cut_does_not_matter(size: int) -> None:
    speech = Ami("ringbook", Secret(SECRET))
    answers = b"".join(blocks("asterisk_ami", "05-greeting-and-answers")[:2])
    stream = answers + b"".join(MUTED)
    turns = [turn for at in range(0, len(stream), size) for turn in speech.hear(stream[at : at + size])]
    assert [turn.data for turn in turns if isinstance(turn, Keep)] == MUTED[2:4]
    assert [turn.data.split(b"\r\n")[0] for turn in turns if isinstance(turn, Send)] == [
        b"Action: Challenge",
        b"Action: Login",
    ]


def test_a_refused_log_in_says_what_to_do_and_is_tried_again(
    spool: Spool, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    peer = Asterisk([MUTED[2]], secret="another")

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = asterisk(spool, port)
            async with running(dialogue):
                await until(lambda: peer.connections > 2)
                assert dialogue.status.state is State.WAITING
                assert "refused the log-in of 'ringbook'" in dialogue.status.problem
                assert "manager.conf" in dialogue.status.problem
                peer._secret = SECRET
                await until(lambda: dialogue.status.bytes > 0)
                assert (dialogue.status.state, dialogue.status.problem) == (State.CONNECTED, "")

    with spool:
        asyncio.run(story())
        assert kept(spool) == [MUTED[2]]
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


def test_a_stream_cut_in_the_middle_is_called_again_and_what_was_cut_off_is_kept(spool: Spool) -> None:
    peer = Asterisk([MUTED[2], MUTED[3][:100], b"hang up"], [MUTED[3]])

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = asterisk(spool, port)
            async with running(dialogue):
                await until(lambda: dialogue.status.bytes == len(MUTED[2]) + 100 + len(MUTED[3]))
                assert dialogue.status.state is State.CONNECTED

    with spool:
        asyncio.run(story())
        assert kept(spool) == [MUTED[2] + MUTED[3][:100], MUTED[3]]
    assert peer.connections == 2


def test_what_is_damaged_is_kept_to_be_rejected_and_what_is_sound_and_of_no_use_is_not() -> None:
    speech = begun_ami()
    damaged = [
        b"Event: Newchannel\r\nChannel\r\n\r\n",
        b"Variable: X\r\n\r\n",
        b"\xff\x00\r\n\r\n",
        b"x" * LONGEST,
    ]
    useless = [
        MUTED[0],
        b"Event: FullyBooted\r\nTimestamp: 1.0\r\n\r\n",
        b"Response: Success\r\nPing: Pong\r\n\r\n",
    ]
    turns = [turn for block in [*damaged[:3], *useless, damaged[3]] for turn in speech.hear(block)]
    assert [turn.data for turn in turns if isinstance(turn, Keep)] == damaged
    assert not [turn for turn in turns if not isinstance(turn, Keep)]


def begun_ami() -> Ami:
    speech = Ami("ringbook", Secret(SECRET))
    for block in blocks("asterisk_ami", "05-greeting-and-answers")[:2]:
        list(speech.hear(block))
    return speech


def test_events_without_times_are_kept_and_somebody_is_told(spool: Spool) -> None:
    untimed = blocks("asterisk_ami", "04-without-times")
    peer = Asterisk([b"".join(untimed)])

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = asterisk(spool, port)
            async with running(dialogue):
                await until(lambda: dialogue.status.bytes == len(b"".join(untimed)))
                assert (dialogue.status.state, dialogue.status.problem) == (State.CONNECTED, UNTIMED)

    with spool:
        asyncio.run(story())
    assert [turn for turn in begun_ami().hear(b"".join(untimed)) if isinstance(turn, Warn)] == [Warn(UNTIMED)]


def test_a_silent_phone_system_is_asked_whether_it_is_there_and_given_up_when_it_is_not(spool: Spool) -> None:
    peer, deaf = Asterisk(), Asterisk(answers=False)

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = asterisk(spool, port, ping_s=0.03)
            async with running(dialogue):
                await until(lambda: [told["Action"] for told in peer.asked].count("Ping") > 2)
                assert dialogue.status.state is State.CONNECTED
        assert peer.connections == 1
        async with standing(deaf) as port:
            dialogue = asterisk(spool, port, ping_s=0.03)
            async with running(dialogue):
                await until(lambda: deaf.connections > 1)

    with spool:
        asyncio.run(story())


def test_another_program_at_the_port_is_told_from_the_phone_system(spool: Spool) -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    async def story() -> None:
        async with standing(web) as port:
            for dialogue in (asterisk(spool, port), freeswitch(spool, port)):
                async with running(dialogue):
                    await until(lambda one=dialogue: "this is no" in one.status.problem)  # type: ignore[misc]

    with spool:
        asyncio.run(story())
        assert kept(spool) == []


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(spool: Spool, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run(
        [*made, "-subj", "/CN=pbx", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    peer = Asterisk([MUTED[2]])

    async def story() -> None:
        async with standing(peer, context) as port:
            stranger = asterisk(spool, port, tls=ssl.create_default_context)
            async with running(stranger):
                await until(lambda: "CERTIFICATE_VERIFY_FAILED" in stranger.status.problem)
            assert peer.asked == []
            known = asterisk(spool, port, tls=partial(ssl.create_default_context, cafile=str(cert)))
            async with running(known):
                await until(lambda: known.status.bytes == len(MUTED[2]))

    with spool:
        asyncio.run(story())


def test_freeswitch_is_asked_for_what_tells_of_recording_and_nothing_else(spool: Spool) -> None:
    told = (
        blocks("freeswitch_esl", "01-masked-by-the-api")
        + blocks("freeswitch_esl", "04-log-in-and-heartbeat")[2:4]
    )
    peer = FreeSwitch(told)
    wanted = told[1:10:2]

    async def story() -> None:
        async with standing(peer) as port:
            dialogue = freeswitch(spool, port)
            async with running(dialogue):
                await until(lambda: dialogue.status.bytes == len(b"".join(wanted)))
                assert dialogue.status.state is State.CONNECTED

    with spool:
        asyncio.run(story())
        assert kept(spool) == [b"".join(wanted)]
    assert peer.asked[0] == f"auth {SECRET}"
    assert "filter API-Command uuid_record" in peer.asked
    assert "filter Application record_session_mask" in peer.asked
    assert peer.asked[-1].startswith("event plain HEARTBEAT API CHANNEL_EXECUTE CUSTOM ringbook::card-begins")


def test_freeswitch_that_refuses_says_why(spool: Spool) -> None:
    async def story() -> None:
        async with standing(FreeSwitch([], "another")) as port:
            dialogue = freeswitch(spool, port)
            async with running(dialogue):
                await until(lambda: "event_socket.conf.xml" in dialogue.status.problem)

    with spool:
        asyncio.run(story())
    rude = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"
    [turn] = Esl(Secret(SECRET)).hear(rude)
    assert isinstance(turn, Refused)
    assert "apply-inbound-acl" in turn.why


def test_blocks_are_cut_after_either_kind_of_blank_line() -> None:
    cut = Blocks()
    assert list(cut.feed(b"a: 1\r\n\r\nb: 2\n\nc")) == [b"a: 1\r\n\r\n", b"b: 2\n\n"]
    assert list(cut.feed(b": 3\n")) == []
    assert cut.rest() == b"c: 3\n"
    assert list(cut.feed(b"\r\n")) == [b"c: 3\n\r\n"]
    flood = list(cut.feed(b"\n\n" * 100_000))
    assert (len(flood), b"".join(flood)) == (100_000, b"\n\n" * 100_000)
    assert cut.rest() == b""


def test_a_mark_of_the_dialplan_is_kept_whatever_else_it_says() -> None:
    mark = b"Event: UserEvent\r\nUserEvent: card-begins\r\nUniqueid: 1.1\r\nTimestamp: 1.0\r\nResponse: Success\r\n\r\n"
    assert list(begun_ami().hear(mark)) == [Keep(mark)]


@given(
    st.sampled_from(["ami", "esl"]),
    st.lists(
        st.sampled_from(
            [
                *(b"\n", b"\r\n", b"\r", b":", b"\0", b"\xff", b"x" * 300),
                *(b"Asterisk Call Manager/9\r\n", b"Response: Success\r\n", b"ActionID: challenge\r\n"),
                *(
                    b"Challenge: 1\r\n",
                    b"ActionID: login\r\n",
                    b"Event: MixMonitorMute\r\n",
                    b"Response: Error\r\n",
                ),
                *(
                    b"Content-Type: auth/request\n\n",
                    b"Content-Type: command/reply\n",
                    b"Reply-Text: +OK\n\n",
                ),
                *(b"Reply-Text: -ERR\n\n", b"Content-Length: 9\nContent-Type: text/event-plain\n\n"),
                *(b"Event-Name: API\n\n", b"Content-Type: text/disconnect-notice\n\n"),
            ]
        )
        | st.binary(max_size=30),
        max_size=30,
    ),
)
def test_no_bytes_break_a_dialogue_and_a_mark_behind_a_log_in_is_not_lost(
    kind: str, parts: list[bytes]
) -> None:
    speech = Ami("ringbook", Secret(SECRET)) if kind == "ami" else Esl(Secret(SECRET))
    kept: list[bytes] = []
    begun = False
    for part in parts:
        for turn in speech.hear(part):
            if isinstance(turn, Refused):
                assert SECRET not in turn.why
                return
            begun = begun or isinstance(turn, Begun)
            kept += [turn.data] if isinstance(turn, Keep) else []
    mark = b"Event: MixMonitorMute\n\n" if kind == "ami" else b"Event-Name: API\n\n"
    after = [turn.data for turn in speech.hear(b"\n\n" + mark) if isinstance(turn, Keep)]
    assert (mark in b"".join(after)) is begun
    assert begun or kept == []
    assert speech.rest() == b""


@pytest.mark.parametrize("sent", [b"Event: X\r\n\r\n", b"", b"junk"])
def test_a_log_in_that_does_not_come_is_given_up_however_much_is_said(spool: Spool, sent: bytes) -> None:
    async def chatters(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(sent * 1_000)
                await writer.drain()
                await asyncio.sleep(0)

    async def story() -> None:
        async with standing(chatters) as port:
            dialogue = asterisk(spool, port, login_s=0.2)
            async with running(dialogue):
                await until(lambda: "no log-in in" in dialogue.status.problem)

    with spool:
        asyncio.run(story())
        assert kept(spool) == []


def test_one_that_never_stops_talking_can_be_stopped(spool: Spool) -> None:
    async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for block in blocks("asterisk_ami", "05-greeting-and-answers")[:2]:
            writer.write(block)
        with suppress(ConnectionError):
            while True:
                writer.write(b"Event: Newchannel\r\nTimestamp: 1.0\r\n\r\n" * 1_000)
                await writer.drain()

    async def story() -> None:
        async with standing(floods) as port:
            dialogue = asterisk(spool, port)
            async with running(dialogue):
                await until(lambda: dialogue.status.state is State.CONNECTED)

    with spool:
        asyncio.run(story())
        assert all(
            b"Event: Newchannel".startswith(part[:17]) for part in kept(spool)
        )  # at most one cut in two


class Talkative:
    """A protocol in which we say more than fits on the way."""

    def hear(self, data: bytes) -> Turns:
        yield Begun()
        yield Send(b"x" * 100_000_000)

    def ping(self) -> bytes:
        return b""

    def rest(self) -> bytes:
        return b""


def test_one_that_never_listens_is_given_up(spool: Spool) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await asyncio.sleep(60)

    async def story() -> None:
        async with standing(deaf) as port:
            where = {"kind": "ami", "host": "127.0.0.1", "port": port}
            dialogue = Dialogue(ASTERISK, spool, Talkative, login_s=0.2, **where)  # type: ignore[arg-type]
            async with running(dialogue):
                await until(lambda: "took nothing" in dialogue.status.problem)

    with spool:
        asyncio.run(story())


@pytest.mark.parametrize("host", ["pbx..example", "x" * 64 + ".example", ".example"])
def test_a_host_that_can_be_none_is_said_and_nothing_ends(spool: Spool, host: str) -> None:
    async def story() -> None:
        speech = partial(Ami, "ringbook", Secret(SECRET))
        dialogue = Dialogue(ASTERISK, spool, speech, kind="ami", host=host, port=5038)
        async with running(dialogue):
            await until(lambda: f"{host!r} is no name" in dialogue.status.problem)

    with spool:
        asyncio.run(story())
