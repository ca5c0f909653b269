"""What a record says cannot command the terminal it is printed in."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ringbook.cli.story import print_call
from ringbook.cli.words import safe, who
from ringbook.model.call import AgentTalk, Call, CallId, Cause, Leg, Recording, Step, StepKind, Transfer
from ringbook.model.party import Party
from ringbook.model.public import public

HOSTILE = "\x1b]0;mine\x07\x1b[2J\x9b31m\u202e[/bold][link=http://192.0.2.1]\r\x08name"
FORBIDDEN = "\x1b\x07\x9b\u202e\r\x08"


def printed(text: str) -> str:
    """What a console makes of a text."""
    console = Console(file=io.StringIO(), width=400, highlight=False)
    console.print(text)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("text", ["Ann [x] Example", "tab\tand\nline", "Zoë 😊 Müller", ""])
def test_ordinary_text_is_printed_as_it_is(text: str) -> None:
    assert printed(safe(text)).replace(" ", "") == f"{text}\n".replace("\t", "").replace(" ", "")


def test_controls_are_shown_not_obeyed() -> None:
    said = printed(safe(HOSTILE))
    assert not set(said) & set(FORBIDDEN)
    assert "\\x1b]0;mine\\x07" in said
    assert "[/bold][link=http://192.0.2.1]" in said


def test_a_party_cannot_command() -> None:
    assert not set(printed(who({"number": HOSTILE, "name": HOSTILE}))) & set(FORBIDDEN)


def test_a_call_cannot_command_wherever_the_text_stands() -> None:
    party = Party(number=HOSTILE, raw=HOSTILE, name=HOSTILE)
    call = Call(
        id=CallId("01a1ff4e-b658-8019-860f-cca114e934f1"),
        tenant="main",
        started_at=1_795_284_711_000_000,
        caller=party,
        called=party,
        dialled=HOSTILE,
        queue=HOSTILE,
        trunks=(HOSTILE, "PJSIP/carrier-a", "gateway/other"),
        cause=Cause(text=HOSTILE),
        agents=(AgentTalk(extension=HOSTILE, name=HOSTILE),),
        transfers=(Transfer(kind=HOSTILE, by=HOSTILE, to=HOSTILE),),
        legs=(Leg(number=HOSTILE, name=HOSTILE, channel=HOSTILE),),
        steps=(Step(kind=StepKind.NOTED, who=HOSTILE, name=HOSTILE, detail=HOSTILE),),
        recordings=(Recording(name=HOSTILE),),
        sources=("pbx",),
    )
    record = {"number": 1, "format": "vcon", "where": HOSTILE, "frame": "00", "text": HOSTILE}
    console = Console(file=io.StringIO(), width=400, highlight=False)
    print_call(console, public(call), {"why": {}, "records": [record]}, "UTC")
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert "mine" in said
    assert ", PJSIP/carrier-a, gateway/other" in said
    assert not set(said) & set(FORBIDDEN)
