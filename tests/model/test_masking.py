"""A reader from whom numbers are hidden finds none anywhere in a call, and everything else as it is."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.model.call import AgentTalk, Call, CallId, Cause, Leg, Recording, Step, StepKind, Transfer
from ringbook.model.masking import keys_hidden, masked, masked_number, masked_text
from ringbook.model.party import EndpointKind, Party
from ringbook.model.public import flat, public

ID = CallId("019ab3f2-77c1-8000-8000-000000000001")
AT = 1_795_283_050_453_000


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+12125550112", "+1 •••• ••12"),
        ("+442079460101", "+44 •••• ••01"),
        ("+44 20 7946 0101", "+44 •••• ••01"),
        ("2125550112", "•••• ••12"),
        ("5550112", "•••• ••12"),
        ("101", "101"),
        ("123456", "123456"),
        ("1234567", "•••• ••67"),
        ("@anna", "@anna"),
        ("anonymous", "anonymous"),
        ("*97", "*97"),
        ("", ""),
    ],
)
def test_a_number_keeps_its_country_and_its_end(number: str, shown: str):
    assert masked_number(number) == shown
    assert masked_text(number) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call Anna at (512) 555-0101 or 101", "call Anna at •••• ••01 or 101"),
        ("sip:+15125550101@example.org", "sip:+1 •••• ••01@example.org"),
        ("PJSIP/5125550101-0000002a", "PJSIP/•••• ••02a"),
        ("rec_512-555-01.01.wav", "rec_•••• ••01.wav"),
        ("blind:101>+15125550101", "blind:101>+1 •••• ••01"),
        ("101;102;103", "101;102;103"),
        ("waited 12.5 s, then 3", "waited 12.5 s, then 3"),
        ("٠٥١٢٥٥٥٠١٠١", "•••• ••01"),
    ],
)
def test_numbers_in_text_are_hidden(text: str, shown: str):
    assert masked_text(text) == shown


OUTSIDE = st.builds(
    lambda plus, digits: f"{plus}{digits}",
    st.sampled_from(["+", "", "00"]),
    st.from_regex(r"[2-9]\d{6,13}", fullmatch=True),
)


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, str]:
    """A number's digits, and a text that has it in some spelling."""
    number = draw(OUTSIDE)
    separators = st.sampled_from(["", "", "", " ", "-", ".", " (", ") ", "/", "_"])
    text = number[0] + "".join(draw(separators) + char for char in number[1:])
    around = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=6)
    return re.sub(r"\D", "", number), f"{draw(around)}{text}{draw(around)}"


@given(st.lists(spelled(), min_size=1, max_size=4), st.data())
@settings(max_examples=150)
def test_no_outside_number_is_left_anywhere(numbers: list[tuple[str, str]], data: st.DataObject):
    def some() -> str:
        return data.draw(st.sampled_from([text for _, text in numbers]))

    call = Call(
        id=ID,
        tenant="main",
        started_at=AT,
        caller=Party(some(), some(), some(), EndpointKind.OUTSIDE),
        called=Party("101", some(), some(), EndpointKind.PERSON),
        dialled=some(),
        agents=(AgentTalk("101", some(), 1.5),),
        queue=some(),
        account=some(),
        cost=some(),
        cause=Cause(16, 200, some()),
        legs=(Leg(EndpointKind.OUTSIDE, some(), some(), "called", channel=some(), cause=Cause(text=some())),),
        steps=(Step(StepKind.STARTED, AT, some(), some(), some(), "00112233445566778899aabbccddeeff"),),
        transfers=(Transfer("blind", some(), some()),),
        recordings=(Recording(some(), some(), AT, 1.0, 2, "ab" * 32, some(), 0.5),),
        sources=(some(),),
        keys=(some(),),
        frames=(b"0123456789abcdef",),
    )
    for shape in (public(call), flat(call)):
        shape = {**shape, "annotations": {"notes": [{"text": some()}], "fields": {"phone": some()}}}
        left = masked(shape)
        assert set(left) == set(shape)
        written = json.dumps({k: v for k, v in left.items() if k != "id"}, ensure_ascii=False)
        bare = re.sub(r"[\s()/._\-]", "", written)
        for digits, _ in numbers:
            for start in range(len(digits) - 6):
                assert digits[start : start + 7] not in bare


def test_what_is_no_number_stays_as_it_is():
    call = Call(
        id=ID,
        tenant="main",
        started_at=AT,
        answered_at=AT + 1,
        caller=Party("102", "102", "Bo", EndpointKind.PERSON),
        called=Party("101", "101", "Anna 2", EndpointKind.PERSON),
        agents=(AgentTalk("101", "Anna 2", 1.5),),
        queue="Sales 24",
        duration_s=1234567.25,
        transfers=(Transfer("blind", "101", "102", AT),),
        recordings=(Recording("a.wav", sha256="1234567" * 9 + "a"),),
        sources=("office-2",),
    )
    shape = public(call)
    assert masked(shape) == shape
    assert masked({**shape, "keys": ["k"], "frames": ["00"]}) == shape
    assert masked(flat(call)) == flat(call)


def test_all_hidden_numbers_are_as_long():
    assert len({len(masked_number("+1" + "5" * digits)) for digits in range(7, 14)}) == 1


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (
            '"DTMF","1795284785.5","","101","{""digit"":""4"",""duration_ms"":""100""}"',
            '"DTMF","1795284785.5","","101","{""digit"":""•"",""duration_ms"":""100""}"',
        ),
        (
            '{"variables": {"digits_dialed": "4111", "uuid": "4111"}}',
            '{"variables": {"digits_dialed": "••••", "uuid": "4111"}}',
        ),
        ("<digits_dialed>41*#</digits_dialed><x>41</x>", "<digits_dialed>••••</digits_dialed><x>41</x>"),
        ('"APP_START","SendDTMF","4111","3"', '"APP_START","SendDTMF","••••","3"'),
        ('{"digits": 12, "to": "101"}', '{"digits": ••, "to": "101"}'),
        ('"Dial","PJSIP/101"', '"Dial","PJSIP/101"'),
    ],
)
def test_keys_that_somebody_pressed_are_hidden_in_records(record: str, shown: str) -> None:
    assert keys_hidden(record) == shown
    assert keys_hidden(shown) == shown
