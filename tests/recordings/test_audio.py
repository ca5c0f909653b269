"""Audio files are looked at, drawn, copied, silenced, cut and put together; hostile ones harm nothing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ringbook.recordings.decoder import Task, decode
from ringbook.recordings.errors import UndecodableError

RATE = 8_000
FORMATS = {
    "pcm.wav": ("WAV", "PCM_16"),
    "ulaw.wav": ("WAV", "ULAW"),
    "alaw.wav": ("WAV", "ALAW"),
    "gsm.wav": ("WAV", "GSM610"),
    "speech.flac": ("FLAC", "PCM_16"),
    "speech.ogg": ("OGG", "OPUS"),
    "speech.mp3": ("MP3", "MPEG_LAYER_III"),
}


def tone(seconds: float, hertz: float = 440, loud: float = 0.5) -> Any:
    moments = np.arange(round(seconds * RATE)) / RATE
    return (loud * np.sin(2 * np.pi * hertz * moments)).astype(np.float32)


def made(folder: Path, name: str, samples: Any) -> Path:
    container, codec = FORMATS[name]
    soundfile.write(folder / name, samples, RATE, codec, format=container)
    return folder / name


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_file_is(name: str, tmp_path: Path) -> None:
    found = decode(Task(do="probe", file=str(made(tmp_path, name, tone(2.5)))))
    assert (found["container"], found["codec"]) == FORMATS[name]
    assert found["channels"] == 1
    assert found["duration_s"] == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_drawn_and_made_into_one_that_browsers_play(name: str, tmp_path: Path) -> None:
    file, peaks = made(tmp_path, name, tone(2.5)), tmp_path / "peaks"
    decode(Task(do="look", file=str(file), to=str(peaks)))
    outline = np.frombuffer(peaks.read_bytes(), np.int8).reshape(-1, 2)
    assert len(outline) == pytest.approx(50, abs=3)
    assert outline[10:40, 1].min() > 50
    told = decode(Task(do="write", file=str(file), to=str(tmp_path / "copy"), form="opus"))
    assert told["duration_s"] == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize("form", ["opus", "flac", "wav", "mp3"])
def test_a_copy_sounds_the_same(form: str, tmp_path: Path) -> None:
    file = made(tmp_path, "ulaw.wav", np.stack([tone(3), tone(3, 1000)], axis=1))
    told = decode(Task(do="write", file=str(file), to=str(tmp_path / "copy"), form=form))
    assert told["channels"] == 2
    assert told["duration_s"] == pytest.approx(3, abs=0.15)
    samples, rate = soundfile.read(tmp_path / "copy", always_2d=True)
    for side, hertz in enumerate((440, 1000)):
        spectrum = np.abs(np.fft.rfft(samples[rate // 2 : 2 * rate, side]))
        assert np.argmax(spectrum) * rate / (1.5 * rate) == pytest.approx(hertz, rel=0.02)


def test_opus_takes_about_eleven_megabytes_an_hour(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (RATE * 60, 2)).astype(np.float32)
    file = made(tmp_path, "ulaw.wav", noise)
    decode(Task(do="write", file=str(file), to=str(tmp_path / "copy"), form="opus"))
    assert (tmp_path / "copy").stat().st_size * 60 < 14e6


def test_the_outline_is_twenty_pairs_a_second_for_each_channel(tmp_path: Path) -> None:
    file = made(tmp_path, "pcm.wav", np.stack([tone(2, loud=0.5), tone(2, loud=0.0)], axis=1))
    decode(Task(do="peaks", file=str(file), to=str(tmp_path / "peaks")))
    outline = np.frombuffer((tmp_path / "peaks").read_bytes(), np.int8).reshape(-1, 2, 2)
    assert len(outline) == 40
    assert outline[:, 0, 1].max() == pytest.approx(64, abs=2)
    assert outline[:, 0, 0].min() == pytest.approx(-64, abs=2)
    assert not outline[:, 1].any()


def test_what_is_silenced_is_silent_and_nothing_else(tmp_path: Path) -> None:
    file = made(tmp_path, "pcm.wav", tone(3))
    decode(
        Task(
            do="write", file=str(file), to=str(tmp_path / "copy"), form="wav", spans=[(1.0, 1.5), (2.9, 9.0)]
        )
    )
    before, _ = soundfile.read(file)
    after, _ = soundfile.read(tmp_path / "copy")
    assert len(after) == len(before)
    assert not after[RATE : RATE * 3 // 2].any()
    assert not after[round(2.9 * RATE) :].any()
    assert np.allclose(after[:RATE], before[:RATE], atol=1e-4)


def test_a_clip_is_the_part_that_was_asked_for(tmp_path: Path) -> None:
    file = made(tmp_path, "pcm.wav", np.arange(3 * RATE, dtype=np.float32) / (3 * RATE))
    decode(Task(do="write", file=str(file), to=str(tmp_path / "copy"), form="wav", cut=(1.0, 2.0)))
    samples, _ = soundfile.read(tmp_path / "copy")
    assert len(samples) == RATE
    assert samples[0] == pytest.approx(1 / 3, abs=1e-3)


def test_two_sides_become_one_stereo_file(tmp_path: Path) -> None:
    left, right = made(tmp_path, "pcm.wav", tone(2)), made(tmp_path, "alaw.wav", tone(3, 1000))
    told = decode(
        Task(do="together", file=str(left), second=str(right), to=str(tmp_path / "both"), form="flac")
    )
    assert (told["channels"], told["duration_s"]) == (2, pytest.approx(3, abs=0.01))
    samples, _ = soundfile.read(tmp_path / "both")
    assert not samples[2 * RATE + 10 :, 0].any()
    assert samples[2 * RATE + 10 :, 1].any()


def test_a_wav_whose_recorder_died_has_the_length_of_what_is_there(tmp_path: Path) -> None:
    data = bytearray(made(tmp_path, "pcm.wav", tone(2)).read_bytes())
    data[4:8] = data[40:44] = b"\0\0\0\0"
    (tmp_path / "cut.wav").write_bytes(data)
    assert decode(Task(do="probe", file=str(tmp_path / "cut.wav")))["duration_s"] == 2.0


@pytest.mark.parametrize("kind", ["empty", "text", "noise", "cut", "lying"])
def test_a_hostile_file_is_refused_with_a_reason(kind: str, tmp_path: Path) -> None:
    good = made(tmp_path, "pcm.wav", tone(1)).read_bytes()
    chance = random.Random(3)
    data = {
        "empty": b"",
        "text": b"<html>not audio</html>" * 50,
        "noise": chance.randbytes(5_000),
        "cut": good[:30],
        "lying": good[:22] + b"\xff\xff" + good[24:34] + b"\x00\x00" + good[36:],
    }[kind]
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(UndecodableError) as refused:
        decode(Task(do="probe", file=str(tmp_path / "bad")))
    assert str(refused.value)


def test_a_decoder_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    file = made(tmp_path, "pcm.wav", tone(1))
    with pytest.raises(UndecodableError, match="longer"):
        decode(Task(do="probe", file=str(file)), timeout_s=0.001)
