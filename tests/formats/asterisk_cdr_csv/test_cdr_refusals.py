"""cdr_csv, cdr_custom and FreeSWITCH's "asterisk" template lie in files of one name; each format refuses the others' rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fold import pieces

from ringbook.parse.format import Piece, Rejected, Stated
from ringbook.parse.formats.asterisk_cdr_csv import FORMAT as CSV
from ringbook.parse.formats.asterisk_cdr_custom import FORMAT as CUSTOM
from ringbook.parse.formats.freepbx_cdr import FORMAT as FREEPBX

SCENARIO = Path(__file__).parents[2] / "scenarios" / "asterisk" / "queue_local_members_answered"
FREESWITCH = (
    b'"acct","2125550100","101","default","""X"" <2125550100>","sofia/internal/2125550100@192.0.2.7","sofia/internal/101",'
    b'"bridge","user/101","2026-11-21 12:28:56","2026-11-21 12:28:59","2026-11-21 12:29:05","9","6","NORMAL_CLEARING",'
    b'"DOCUMENTATION","4c1b6a2e-3d0f-4f0e-9a51-2f6d8c1e7b11",""\n'
)


@pytest.mark.parametrize(
    ("name", "own", "others"),
    [
        ("Master.csv", CSV, (CUSTOM, FREEPBX)),
        ("cdr-custom-Master.csv", CUSTOM, (CSV, FREEPBX)),
        ("cdr-custom-Epoch.csv", CUSTOM, (CSV, FREEPBX)),
        ("cel.csv", None, (CSV, CUSTOM, FREEPBX)),
        ("queue_log", None, (CSV, CUSTOM, FREEPBX)),
    ],
)
def test_each_file_is_recognised_by_its_own_format_alone(
    name: str, own: object, others: tuple[object, ...]
) -> None:
    data = (SCENARIO / name).read_bytes()
    for form in (CSV, CUSTOM, FREEPBX):
        assert (form.sniff(data, "Master.csv") > 0.5) is (form is own)
        if form in others:
            assert form.sniff(data, "Master.csv") == 0
            assert not any(isinstance(form.parse(piece), Stated) for piece in pieces(form, data))


@pytest.mark.parametrize("form", [CSV, CUSTOM, FREEPBX], ids=lambda form: form.about.slug)
def test_a_hangup_cause_where_the_disposition_stands_is_no_asterisk_record(form: object) -> None:
    assert isinstance(form, type(CSV) | type(CUSTOM) | type(FREEPBX))
    [piece] = pieces(form, FREESWITCH)
    assert isinstance(form.parse(piece), Rejected)
    assert form.sniff(FREESWITCH * 5, "Master.csv") == 0


def test_a_field_longer_than_asterisk_writes_is_a_reject() -> None:
    record = (SCENARIO / "Master.csv").read_bytes().splitlines(keepends=True)[0]
    told = CSV.parse(Piece(record.replace(b"LOCAL MEMBER", b"X" * 100_000)))
    assert told == Rejected("oversize", "a field is longer than Asterisk writes")
