"""cdr_custom files whose columns are declared."""

from __future__ import annotations

import pytest

from ringbook.model.statement import Path, PathResult
from ringbook.parse.format import FormatSettingError, Piece, Rejected, Stated
from ringbook.parse.formats.asterisk_cdr_custom import FORMAT


def test_any_order_is_read_once_it_is_declared() -> None:
    form = FORMAT.configure({"columns": "disposition, uniqueid, -, start, src, dst, billsec"})
    told = form.parse(Piece(b'"ANSWERED","1795282136.13","what","2026-11-21 12:28:56","101","102",6\n'))
    assert isinstance(told, Stated)
    [path] = told.statements
    assert isinstance(path, Path)
    assert (path.src, path.dst, path.result, path.billed_s) == ("101", "102", PathResult.ANSWERED, 6.0)
    assert path.keys == ("u:1795282136.13",)


def test_a_row_without_ids_and_channels_is_a_call_by_itself() -> None:
    form = FORMAT.configure({"columns": "start,src,disposition"})
    one, two = (
        form.parse(Piece(f'2026-11-21 12:28:5{second},"2125550100",BUSY\n'.encode())) for second in (6, 7)
    )
    assert isinstance(one, Stated)
    assert isinstance(two, Stated)
    assert one.statements[0].keys
    assert one.statements[0].keys != two.statements[0].keys


def test_another_number_of_fields_is_a_reject() -> None:
    form = FORMAT.configure({"columns": "start,src,disposition"})
    told = form.parse(Piece(b"2026-11-21 12:28:56,2125550100,BUSY,more\n"))
    assert told == Rejected("wrong-columns", "4 fields; the setting 'columns' names 3")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"columns": "start,disposition,nonsense"}, "'nonsense' is no CDR column"),
        ({"columns": "src,dst"}, "must name 'start'"),
        ({"colums": "start"}, "no setting 'colums'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(FormatSettingError, match=complaint):
        FORMAT.configure(settings)
