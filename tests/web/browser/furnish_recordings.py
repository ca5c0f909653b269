"""Recordings of calls that were made up: a voice on each side that is only tones, with silence between."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile

from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import AgentTalk, Call, CallId, Direction, Leg, Outcome
from ringbook.model.party import EndpointKind
from ringbook.model.recording import Joined, KeptRecording
from ringbook.runtime.home import Home
from ringbook.runtime.recordings.opening import open_vault
from ringbook.runtime.recordings.taking import Taker

from ...house import People, write_calls
from ...search.calls import at, identity, inside, outside

RATE = 8_000
LENGTH_S = 12.0
STEREO = "conversation.wav"
WAITING = "in-2025550147-20261121-093000.wav"
BROKEN = "broken.wav"
OF_A_BROWSER = Path(__file__).parent.parent.parent / "recordings" / "webm" / "browser.webm"


def tones(file: Path, seconds: float = LENGTH_S, channels: int = 2, pitch: float = 220.0) -> Path:
    """A WAV file in which the sides take turns; nobody says anything between its fourth and its eighth second."""
    at = np.arange(round(seconds * RATE)) / RATE
    sides = []
    for side in range(channels):
        turn = (np.floor(at / 2) % 2 == side) & ~((at >= 4) & (at < 8))
        shape = 0.35 + 0.25 * np.sin(2 * np.pi * 3.1 * at + side)
        sides.append(np.where(turn, shape * np.sin(2 * np.pi * (pitch + 110 * side) * at), 0.0))
    soundfile.write(str(file), np.stack(sides, axis=1), RATE, subtype="PCM_16", format="WAV")
    return file


def keep(home: Home, file: Path, call: str = "", source: str = "office", name: str = "") -> KeptRecording:
    """The file taken into the vault and, if there is a call, joined to it."""
    recording = Taker(home, open_vault(home)).take(file, source, name=name or file.name).recording
    joined = msgspec.structs.replace(
        recording,
        call=CallId(call) if call else None,
        joined=Joined.HAND if call else Joined.NONE,
        version=recording.version + 1,
    )
    Catalogue(home.ledger).keep("main", [joined])
    return joined


def recorded_call(home: Home) -> str:
    """The call of which there is a recording, written: one of Bo's with somebody from outside."""
    began = at("2026-11-18T16:05")
    call = Call(
        id=identity(began, 0x4713),
        tenant="main",
        started_at=began,
        answered_at=began + 4_000_000,
        ended_at=began + 16_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside("+15125550147", "Vera Lund"),
        called=inside("101", "Bo Dahl"),
        agents=(AgentTalk("101", "Bo Dahl", LENGTH_S),),
        talk_s=LENGTH_S,
        ring_s=4.0,
        duration_s=16.0,
        legs=(
            Leg(kind=EndpointKind.OUTSIDE, number="+15125550147", name="Vera Lund", role="caller"),
            Leg(kind=EndpointKind.PERSON, number="101", name="Bo Dahl", role="agent"),
        ),
        sources=("office",),
    )
    write_calls(home, [call])
    return call.id


def second_call(home: Home) -> str:
    """Another recorded call of Bo's, for those who silence parts of it and make clips."""
    began = at("2026-11-18T17:05")
    call = Call(
        id=identity(began, 0x4715),
        tenant="main",
        started_at=began,
        answered_at=began + 4_000_000,
        ended_at=began + 16_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside("+15125550148", "Nils Berg"),
        called=inside("101", "Bo Dahl"),
        agents=(AgentTalk("101", "Bo Dahl", LENGTH_S),),
        talk_s=LENGTH_S,
        duration_s=16.0,
        sources=("office",),
    )
    write_calls(home, [call])
    return call.id


def furnish(home: Home, people: People) -> None:  # what every page's furnishing is given
    """A stereo recording of one of Bo's calls, some that wait for their call, and one that is no audio."""
    with tempfile.TemporaryDirectory() as folder:
        room: Any = Path(folder)
        keep(home, tones(room / STEREO), recorded_call(home))
        keep(home, tones(room / "second.wav", pitch=260.0), second_call(home))
        keep(home, tones(room / WAITING, 6.0, 1, 330.0))
        (room / BROKEN).write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt nothing that is audio")
        keep(home, room / BROKEN)
    keep(home, OF_A_BROWSER)
