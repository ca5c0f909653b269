"""How segment-writing systems spell times, spans, counts and fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringbook.model.instant import DAY, iso
from ringbook.parse.formats._fields import FieldError, cells, count, days, span_s, stamp, text


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("2026/03/02 09:15:00", "2026-03-02T09:15:00Z"),
        ("2026/03/02 09:15", "2026-03-02T09:15:00Z"),
        ("2026-02-10 09:41:57.554 +0100", "2026-02-10T08:41:57.554Z"),
        ("2025-12-08 21:32:26.70634+00", "2025-12-08T21:32:26.70634Z"),
        ("2026-02-10T09:41:57Z", "2026-02-10T09:41:57Z"),
        ("2026/3/2 1:02:03 PM", "2026-03-02T13:02:03Z"),
        ("2026/3/2 12:02:03 am", "2026-03-02T00:02:03Z"),
    ],
)
def test_times_are_read_in_every_spelling(words: str, instant: str) -> None:
    assert iso(stamp(words, "start")) == instant


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "bad-time"),
        ("soon", "bad-time"),
        ("2026/13/02 09:15:00", "bad-time"),
        ("2026/02/29 09:15:00", "bad-time"),
        ("2026/02/28 25:15:00", "bad-time"),
        ("2026-02-10 09:41:57+99:00", "bad-time"),
        ("1970/01/01 00:00:00", "implausible-time"),
        ("2099/01/01 00:00:00", "implausible-time"),
        ("0001/01/01 00:00:00", "implausible-time"),
    ],
)
def test_times_that_cannot_be_are_refused(words: str, reason: str) -> None:
    with pytest.raises(FieldError) as caught:
        stamp(words, "start")
    assert caught.value.rejected.reason == reason
    assert "start" in caught.value.rejected.detail


def test_spans_and_counts() -> None:
    assert span_s("00:01:02", "talk") == 62.0
    assert span_s("100:00:00.5", "talk") == 360_000.5
    assert span_s("1.00:00:01", "talk") == 86_401.0
    assert count(" 42 ", "ring") == 42
    for words, reason in (
        ("-00:00:01", "negative-duration"),
        ("00:60:00", "bad-number"),
        ("x", "bad-number"),
    ):
        with pytest.raises(FieldError) as caught:
            span_s(words, "talk")
        assert caught.value.rejected.reason == reason
    for words, reason in (
        ("-1", "negative-duration"),
        ("1.5", "bad-number"),
        ("٣", "bad-number"),
        ("", "bad-number"),
    ):
        with pytest.raises(FieldError) as caught:
            count(words, "ring")
        assert caught.value.rejected.reason == reason


def test_text_and_fields() -> None:
    assert text(b"\0\0\xef\xbb\xbfa,b\r\n") == "a,b"
    assert text("Dürr".encode("latin-1")) == "Dürr"
    assert cells('a,"b, c","d ""e"""') == ["a", "b, c", 'd "e"']
    assert cells("a;b", ";") == ["a", "b"]
    for line in ('a,"b', 'a,"b"c'):
        with pytest.raises(FieldError) as caught:
            cells(line)
        assert caught.value.rejected.reason == "bad-syntax"
    with pytest.raises(FieldError) as caught:
        text(b"a\0b")
    assert caught.value.rejected.reason == "bad-encoding"
    with pytest.raises(FieldError) as caught:
        text(b"a" * 70_000)
    assert caught.value.rejected.reason == "oversize"


@given(st.integers(0, 2**52), st.integers(0, 5 * DAY))
def test_spans_of_days_are_shared_when_near_and_never_when_far(at: int, gap: int) -> None:
    shared = bool(set(days(at)) & set(days(at + gap)))
    assert shared or gap >= DAY
    assert not shared or gap < 2 * DAY
    assert days(None, at) == days(at)
