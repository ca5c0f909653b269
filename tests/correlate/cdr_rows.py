"""CDR rows as ``cdr_csv`` writes them, for tests: seconds after a call began in, calls out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringbook.model.call import Call
from ringbook.model.instant import SECOND
from ringbook.model.source import Source
from tests.fold import fold

EPOCH = 1795282136
"""2026-11-21 17:28:56 UTC."""


def row(
    a: str,
    b: str = "",
    *,
    at: int = 0,
    up: int | None = None,
    end: int = 0,
    src: str = "2125550100",
    dst: str = "3125550101",
    app: str = "Dial",
    data: str = "",
    result: str = "ANSWERED",
    uid: str = "1",
    linked: str = "1",
    seq: int = 0,
    context: str = "did",
    ids: bool = True,
) -> str:
    """One cdr_csv record; times are seconds after the call began, ``up`` when channel A was up."""
    billed = end - up if up is not None else 0
    when = [_text(at), "" if up is None else f'"{_text(up)}"', _text(end)]
    text = (
        f'"acct","{src}","{dst}","{context}","""X"" <{src}>","{a}","{b}","{app}","{data}",'
        f'"{when[0]}",{when[1]},"{when[2]}",{end - at},{billed},"{result}","DOCUMENTATION"'
    )
    if ids:
        text += f',"{EPOCH + at}.{uid}","","","{EPOCH}.{linked}",{seq}'
    return text + "\n"


def _text(second: int) -> str:
    moment = datetime(2026, 11, 21, 17, 28, 56, tzinfo=UTC) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def calls(*rows: str, **source: str) -> list[Call]:
    """The calls that the records tell."""
    told = Source("pbx", timezone="UTC", region="US", **source)
    return fold([("asterisk_cdr_csv", "".join(rows).encode())], told)


def call(*rows: str, **source: str) -> Call:
    """The one call that the records tell."""
    [only] = calls(*rows, **source)
    return only


def seconds(one: Call) -> tuple[float | None, float | None]:
    """Answer and end, in seconds after the call began."""
    answered = None if one.answered_at is None else one.answered_at / SECOND - EPOCH
    return answered, None if one.ended_at is None else one.ended_at / SECOND - EPOCH


def agents(one: Call) -> list[tuple[str, float | None]]:
    """Who talked, and how long."""
    return [(agent.extension, agent.talk_s) for agent in one.agents]


def moves(one: Call) -> list[tuple[str, str, str]]:
    """The hand-overs."""
    return [(transfer.kind, transfer.by, transfer.to) for transfer in one.transfers]


TRUNK, PHONE, OTHER = "PJSIP/carrier-00000001", "PJSIP/101-00000002", "PJSIP/102-00000003"
