"""What formats claim about themselves is true: their facts, their description, their standing, their linear time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from ringbook.parse.format import About, Clock, FormatSettingError, Stated, Stream, Transport
from ringbook.parse.registry import formats, sniff
from ringbook.parse.tiers import Tier
from ringbook.parse.tiers import standing as shown
from tests.conformance.facts import PUBLIC, known
from tests.conformance.hostile import SHAPES
from tests.fold import fold, pieces
from tests.formats import evidence
from tests.formats.golden import Fixture, fixtures

FORMATS = formats()
FIXTURES = fixtures()
every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
every_fixture = pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture.id for fixture in FIXTURES])


@every_format
def test_it_says_what_it_is(form: Stream) -> None:
    about = form.about
    assert isinstance(about, About)
    assert FORMATS[about.slug] is form
    for name in ("vendor", "product", "versions", "reference", "keys", "connect"):
        assert getattr(about, name).strip(), f"{about.slug}: about.{name} is empty"
    assert about.transports, f"{about.slug}: how do its records reach us?"
    assert all(isinstance(transport, Transport) for transport in about.transports)
    assert isinstance(about.clock, Clock)
    assert (type(form).__doc__ or "").strip(), f"{about.slug}: its class has no docstring"
    assert all(setting.name and setting.help for setting in about.settings)


@every_format
def test_it_declares_facts_by_the_names_of_the_public_call(form: Stream) -> None:
    unheard = form.about.facts - PUBLIC
    assert not unheard, (
        f"{form.about.slug}: {sorted(unheard)} are no fields of a call; those are {sorted(PUBLIC)}"
    )


@every_format
def test_its_settings_are_checked(form: Stream) -> None:
    with pytest.raises(FormatSettingError, match="no_such_setting"):
        form.configure({"no_such_setting": "1"})


@every_fixture
def test_calls_state_only_declared_facts(fixture: Fixture) -> None:
    declared = FORMATS[fixture.slug].about.facts
    for call in fold([(fixture.slug, fixture.data)], fixture.source()):
        beyond = known(call) - declared
        assert not beyond, f"{fixture.id}: {sorted(beyond)} is told but not among about.facts: {call}"


@every_format
def test_each_declared_fact_is_told_by_a_fixture(form: Stream) -> None:
    slug = form.about.slug
    told: set[str] = set()
    for fixture in fixtures(slug):
        for call in fold([(slug, fixture.data)], fixture.source()):
            told |= known(call)
    untold = form.about.facts - told
    assert not untold, f"{slug}: about.facts has {sorted(untold)}, but no fixture's calls tell it"


@every_format
def test_its_standing_is_what_the_evidence_says(form: Stream) -> None:
    slug = form.about.slug
    proved = evidence.standing(slug)
    hint = "run python -m tests.formats.evidence"
    if proved is None:
        assert shown(slug).tier is Tier.SPECIFICATION, f"{slug}: no evidence for {shown(slug)}; {hint}"
    else:
        assert shown(slug) == proved, f"{slug}: {hint}"


@every_format
def test_real_captures_are_read(form: Stream) -> None:
    claimed = evidence.captures(form.about.slug)
    if not claimed or not evidence.SAMPLES.exists():
        pytest.skip("no real captures, or other people's samples are not here")
    for capture in claimed:
        data = (evidence.SAMPLES / capture.sample).read_bytes()
        assert sniff(data[:65_536], capture.sample)[0][1] is form, capture.sample
        assert any(isinstance(form.parse(piece), Stated) for piece in pieces(form, data)), capture.sample


SMALL, TIMES = 8_000, 16
TOO_MUCH = 6
"""How much more than in proportion the work may grow: quadratic work over 16 times the bytes grows 16 times too much."""

QUICK_S = 0.02
"""Work over the larger input that is too little to be measured."""


@every_format
@pytest.mark.parametrize("shape", SHAPES)
def test_work_is_linear_in_hostile_bytes(form: Stream, shape: str) -> None:
    _assert_linear(form, SHAPES[shape], f"{form.about.slug}: {shape}")


@every_fixture
def test_work_is_linear_in_records(fixture: Fixture) -> None:
    data = fixture.data + b"\n"
    _assert_linear(fixture.form(), lambda size: data * max(1, size // len(data)), fixture.id)


def _assert_linear(form: Stream, make: Callable[[int], bytes], name: str) -> None:
    """The processor's time over 16 times the bytes is not much more than 16 times as much; no limit on the time itself."""
    small, large = make(SMALL), make(SMALL * TIMES)
    for _attempt in range(3):
        longest = _work(form, large)
        if longest < QUICK_S:
            return
        growth = longest / max(_work(form, small), 1e-6) / (len(large) / len(small))
        if growth < TOO_MUCH:
            return
    raise AssertionError(f"{name}: {len(large)} bytes took {growth:.0f} times more than in proportion")


def _work(form: Stream, data: bytes) -> float:
    gc.disable()
    try:
        began = time.process_time()
        for piece in pieces(form, data):
            form.parse(piece)
        form.sniff(data[:65_536], "hostile")
        return time.process_time() - began
    finally:
        gc.enable()
