"""A proposal is a valid mapping that reads the file it was made from, in several languages and layouts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.model.call import Direction
from ringbook.model.instant import iso
from ringbook.model.statement import PathResult, Segment
from ringbook.parse.format import Rejected, Stated
from ringbook.parse.mapping import FIELDS, Choices, MappingError, mapping_of, propose, read_mapping
from ringbook.parse.mapping_columns import Column
from ringbook.parse.mapping_proposal import look
from ringbook.parse.registry import named
from tests.fold import pieces

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"

GERMAN = """Telefonanlage Musterfirma, Anrufliste
Datum;Uhrzeit;Richtung;Rufnummer Anrufer;Name Anrufer;Zielrufnummer;Nebenstelle;Mitarbeiter;Gesprächsdauer;Ergebnis;Kostenstelle
20.11.2026;09:15:02;eingehend;+44 20 7946 0018;"Müller; Söhne";+1 512 555 0100;201;Anna;00:02:05;angenommen;K1
21.11.2026;10:17:40;eingehend;+44 20 7946 0019;;+1 512 555 0100;201;Anna;00:00:00;verpasst;
22.11.2026;11:20:00;ausgehend;201;;+1 512 555 0116;202;Bernd;00:01:00;angenommen;K2
"""
SPANISH = """Fecha y hora,Tipo de llamada,Número origen,Número destino,Duración,Estado,Agente,Cola
20/11/2026 9:15:02,Entrante,+442079460018,201,125,Contestada,Ana,Ventas
21/11/2026 10:17:40,Entrante,+442079460019,201,0,No contestada,,Ventas
22/11/2026 11:20:00,Saliente,201,+15125550116,60,Contestada,Bruno,
"""
FRENCH = """Date\tHeure\tSens\tAppelant\tAppelé\tDurée de conversation\tTemps d'attente\tStatut
20/11/2026\t09:15\tentrant\t+442079460018\t201\t2 min 5 s\t12\trépondu
21/11/2026\t10:17\tentrant\t+442079460019\t201\t0 s\t40\tmanqué
22/11/2026\t11:20\tsortant\t201\t+15125550116\t1 min 0 s\t0\toccupé
"""
AMERICAN = """Call Date|Caller|Callee|Direction|Call Duration|Disposition|Extension
11/20/2026 09:15:02 AM|(512) 555-0115|201|Inbound|0:02:05|Answered|201
11/21/2026 05:17:40 PM|(512) 555-0116|201|Inbound|0:00:00|No Answer|201
11/22/2026 11:20:00 AM|202|(512) 555-0117|Outbound|0:01:00|Voicemail|202
"""
BARE = """+442079460018,201,2026-11-20 09:15:02,125,ANSWERED
+442079460019,201,2026-11-21 10:17:40,0,NO ANSWER
201,+15125550116,2026-11-22 11:20:00,60,ANSWERED
"""
PHONE = """Type;Number;Name;Date;Duration
Incoming;+442079460018;Ada;2026-11-20T09:15:02Z;125
Missed;+442079460019;;2026-11-21T10:17:40Z;0
Outgoing;+15125550116;Bob;2026-11-22T11:20:00Z;60
"""
LINES = "".join(
    f'{{"id":"{name}","start":{start},"from":{{"number":"{caller}"}},"to":{{"number":"{called}"}},"talk_ms":{talk},"direction":"{way}"}}\n'
    for name, start, caller, called, talk, way in (
        ("a", 1795252502000, "+442079460018", "201", 125_000, "inbound"),
        ("b", 1795342660000, "+442079460019", "201", 0, "inbound"),
        ("c", 1795432800000, "201", "+15125550116", 60000, "outbound"),
    )
)
FILES = {
    "german": GERMAN,
    "spanish": SPANISH,
    "french": FRENCH,
    "american": AMERICAN,
    "without a header": BARE,
    "a phone's list": PHONE,
    "json lines": LINES,
}


def read(data: bytes, name: str = "file.csv") -> tuple[dict[str, object], list[Segment], list[Rejected]]:
    """The proposal's fields, and what it makes of the file."""
    text = propose(data, name)
    read_mapping(text)
    form = named("mapped").configure({"mapping": text})
    told = [form.parse(piece) for piece in pieces(form, data)]
    segments = [
        s for one in told if isinstance(one, Stated) for s in one.statements if isinstance(s, Segment)
    ]
    return tomllib.loads(text)["fields"], segments, [one for one in told if isinstance(one, Rejected)]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_proposal_reads_the_file_it_was_made_from(text: str) -> None:
    _, segments, rejects = read(text.encode())
    assert not rejects
    assert [iso(s.at)[:10] for s in segments] == [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
    ] or "talk_ms" in text
    assert [s.talk_s for s in segments] in ([125.0, None, 60.0], [125.0, None, None], [125.0, 0.0, 60.0])


@pytest.mark.parametrize("text", [GERMAN, SPANISH, FRENCH, AMERICAN, PHONE, LINES])
def test_it_knows_who_called_whom_and_which_way(text: str) -> None:
    _, segments, _ = read(text.encode())
    inbound, _, outbound = segments
    assert inbound.direction is Direction.INBOUND
    assert outbound.direction is Direction.OUTBOUND
    assert inbound.caller.number.raw.replace(" ", "") in ("+442079460018", "(512)555-0115")
    assert outbound.reached.number.raw.replace(" ", "") in ("+15125550116", "(512)555-0117")


@pytest.mark.parametrize("text", [GERMAN, SPANISH, FRENCH, AMERICAN, BARE, PHONE])
def test_it_knows_what_became_of_the_calls(text: str) -> None:
    _, segments, _ = read(text.encode())
    assert [s.result for s in segments[:2]] == [PathResult.ANSWERED, PathResult.NO_ANSWER]


def test_columns_are_found_by_their_names_in_german() -> None:
    fields, segments, _ = read(GERMAN.encode())
    assert fields == {
        "start": ["Datum", "Uhrzeit"],
        "talk": "Gesprächsdauer",
        "from": "Rufnummer Anrufer",
        "from_name": "Name Anrufer",
        "to": "Zielrufnummer",
        "direction": "Richtung",
        "result": "Ergebnis",
        "extension": "Nebenstelle",
        "agent": "Mitarbeiter",
        "account": "Kostenstelle",
    }
    assert segments[0].caller.name == "Müller; Söhne"


def test_a_file_in_latin_1_is_read_as_such() -> None:
    _, segments, rejects = read(GERMAN.encode("latin-1"))
    assert not rejects
    assert segments[0].caller.name == "Müller; Söhne"


def test_day_and_month_are_told_apart_by_what_is_possible_and_then_by_order() -> None:
    days = "start,from\n" + "".join(
        f"0{month}/0{day}/2026 10:00,201\n" for month, day in [(3, 1), (3, 2), (3, 4), (4, 1)]
    )
    text = propose(days.encode(), "a.csv")
    assert '"%m/%d/%Y %H:%M"' in text
    assert "other way round" in text


def test_the_beginning_of_a_long_document_is_enough() -> None:
    record = '{"sid":"%d","start_time":"2026-11-20T10:00:00Z","from":"+15125550115","to":"201","note":"a } in \\"text\\""}'
    document = '{"page":1,"calls":[' + ",".join(record % number for number in range(50)) + "]}"
    text = propose(document[:2000].encode(), "calls.json")
    assert 'records = "calls"' in text
    assert re.search(r"[12]\d records read, 0 not", text)
    mapping = named("mapped").configure({"mapping": text})
    [told] = [mapping.parse(piece) for piece in pieces(mapping, document.encode())]
    assert isinstance(told, Stated)
    assert len(told.statements) == 50


def test_ten_digits_are_a_number_where_the_name_says_so() -> None:
    data = b"when,to\n2026-11-20 10:00:00,1512555011\n2026-11-20 11:00:00,1512555012\n"
    assert read(data)[0] == {"start": "when", "to": "to"}


def test_milliseconds_and_paths_of_json() -> None:
    fields, _, _ = read(LINES.encode())
    assert fields["talk"] == {"column": "talk_ms", "unit": "ms"}
    assert fields["from"] == "from.number"
    assert fields["to"] == "to.number"


def test_a_duration_that_reaches_from_start_to_end_is_the_whole_call() -> None:
    data = b"start,end,duration\n2026-11-20 10:00:00,2026-11-20 10:01:00,60\n2026-11-20 11:00:00,2026-11-20 11:00:30,30\n"
    fields, _, _ = read(data)
    assert fields == {"start": "start", "end": "end", "duration": "duration"}


def test_words_that_nobody_knows_are_shown() -> None:
    data = b"start,from,status\n2026-11-20 10:00:00,201,answered\n2026-11-20 11:00:00,202,blue moon\n"
    assert '# what do these mean? "blue moon"' in propose(data, "a.csv")


def test_a_title_above_the_header_is_skipped() -> None:
    assert (
        read_mapping(propose(GERMAN.encode(), "a.csv"))
        .skip[0]
        .search("Telefonanlage Musterfirma, Anrufliste")
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"name,number\nAda,5\n", "looks like the time of a call; there are: name, number"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"a\0b", "NUL"),
        (b"just a letter\nto somebody\n", "no columns"),
    ],
)
def test_what_cannot_be_proposed_is_explained(data: bytes, says: str) -> None:
    with pytest.raises(MappingError, match=says):
        propose(data, "a.csv")


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet='ab,;\t|"\n1:2026-[]{}', max_size=200).map(str.encode)
    )
)
def test_any_bytes_give_a_valid_mapping_or_an_explanation(data: bytes) -> None:
    try:
        text = propose(data, "x")
    except MappingError:
        return
    read_mapping(text)


@pytest.mark.skipif(not SAMPLES.exists(), reason="other people's samples are not here")
@pytest.mark.parametrize(
    "path",
    [
        "generic_csv_import/cdrstats_import.csv",
        "generic_csv_import/cdrstats_import_cdr_100.txt",
        "twilio/calls_get_readFullPage1.json",
        "plivo/callListResponse.json",
        "vonage/list_calls.json",
        "ringcentral/calllog_sync_2.json.txt",
        "freeswitch_cdr_csv/fs_Master_custom.csv",
        "siprec/assurance_expected_recorded_calls.csv",
    ],
)
def test_real_files_are_proposed_and_read(path: str) -> None:
    file = SAMPLES / path
    if not file.exists():
        pytest.skip("this sample is not here")
    _, segments, rejects = read(file.read_bytes(), file.name)
    assert segments
    assert len(rejects) * 10 <= len(segments)
    assert all(s.caller.number.raw or s.reached.number.raw for s in segments)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([GERMAN, SPANISH, FRENCH, AMERICAN]), st.data())
def test_whatever_somebody_says_of_columns_is_a_mapping_or_says_why_it_is_none(
    text: str, data: st.DataObject
) -> None:
    found = look(text.encode())
    chosen: dict[str, list[Column]] = {}
    for one in found.columns:
        field = data.draw(st.sampled_from(["", "start", *FIELDS]))
        if field:
            chosen.setdefault(field, []).append(one)
    words = {"direction": {"eingehend": data.draw(st.sampled_from(["", "inbound"]))}}
    try:
        mapping = mapping_of(
            found, Choices(chosen, words, data.draw(st.sampled_from([{}, {"direction": "inbound"}])))
        )
    except MappingError as error:
        assert "time" in str(error)
        return
    told = named("mapped").configure({"mapping": mapping})
    for piece in pieces(told, text.encode()):
        told.parse(piece)


def test_a_time_that_cannot_be_read_is_named() -> None:
    found = look(GERMAN.encode())
    columns = {one.name: one for one in found.columns}
    start = [columns["Datum"], columns["Uhrzeit"]]
    for wrong in ("Mitarbeiter", "Datum"):
        with pytest.raises(MappingError, match=f"{wrong} holds no times"):
            mapping_of(found, Choices({"start": start, "answer": [columns[wrong]]}))
    assert "answer = { column" in mapping_of(found, Choices({"start": start, "answer": [columns["Uhrzeit"]]}))
