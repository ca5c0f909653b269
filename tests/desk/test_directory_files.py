"""Files of contacts: spreadsheets as Outlook, Google and others write them, and vCards of every age; hostile ones, too."""

from __future__ import annotations

import csv
import io

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.desk.directory.drafts import ContactDraft, NumberDraft
from ringbook.desk.directory.errors import FileError
from ringbook.desk.directory.spreadsheets import Parsed, Problem, guessed, read_sheet, text_of
from ringbook.desk.directory.taking import Options, alike, read
from ringbook.desk.directory.vcards import Card, written


def drafts(data: bytes, **options: object) -> list[ContactDraft]:
    items = read(data, Options(**options)).items  # type: ignore[arg-type]
    assert all(isinstance(item, Parsed) for item in items), items
    return [item.draft for item in items if isinstance(item, Parsed)]


def table(*rows: list[str], delimiter: str = ",") -> bytes:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter).writerows(rows)
    return sink.getvalue().encode()


GOOGLE = {
    "First Name": "Ann",
    "Last Name": "Reed",
    "Organization Name": "Reed & Co",
    "Organization Title": "Buyer",
    "E-mail 1 - Label": "Work",
    "E-mail 1 - Value": "ann@example.com ::: a@example.com",
    "Phone 1 - Label": "Mobile",
    "Phone 1 - Value": "+1 512 555 0101 ::: +1 512 555 0102",
    "Phone 2 - Label": "Work",
    "Phone 2 - Value": "+44 20 7946 0101",
    "Labels": "* myContacts ::: VIP",
}


def test_google_names_its_columns_so() -> None:
    [one] = drafts(table(list(GOOGLE), list(GOOGLE.values())))
    assert (one.name, one.company, one.title) == ("Ann Reed", "Reed & Co", "Buyer")
    assert one.emails == ("ann@example.com", "a@example.com")
    assert one.numbers == (
        NumberDraft("+1 512 555 0101", "mobile"),
        NumberDraft("+1 512 555 0102", "mobile"),
        NumberDraft("+44 20 7946 0101", "work"),
    )
    assert one.labels == ("VIP",)


def test_outlook_names_its_columns_so_in_english_and_german() -> None:
    english = [
        "First Name",
        "Last Name",
        "Company",
        "Job Title",
        "Business Phone",
        "Mobile Phone",
        "Home Phone",
    ]
    english += [
        "Business Fax",
        "E-mail Address",
        "E-mail 2 Address",
        "E-mail Type",
        "Notes",
        "Business Street",
    ]
    assert guessed(english) == [
        *("first", "last", "company", "title", "number:work", "number:mobile", "number:home"),
        *("number:fax", "email", "email", "", "note", ""),
    ]
    german = [
        "Vorname",
        "Nachname",
        "Firma",
        "Position",
        "Telefon geschäftlich",
        "Mobiltelefon",
        "Telefon (privat)",
    ]
    german += ["E-Mail-Adresse", "Notizen", "Kategorien"]
    assert guessed(german) == [
        *("first", "last", "company", "title", "number:work", "number:mobile", "number:home"),
        *("email", "note", "labels"),
    ]


@pytest.mark.parametrize(
    "encoded",
    [
        "Name;Phone\nZoë Ångström;+15125550101\n".encode(),
        "\ufeffName;Phone\nZoë Ångström;+15125550101\n".encode(),
        "Name;Phone\nZoë Ångström;+15125550101\n".encode("utf-16"),
        "Name;Phone\nZoë Ångström;+15125550101\n".encode("cp1252"),
        "sep=;\nName;Phone\nZoë Ångström;+15125550101\n".encode(),
        "Name\tPhone\nZoë Ångström\t+15125550101\n".encode(),
    ],
)
def test_encodings_and_delimiters_are_found_out(encoded: bytes) -> None:
    [one] = drafts(encoded)
    assert (one.name, one.numbers[0].raw if one.numbers else "") == ("Zoë Ångström", "+15125550101")


def test_a_chosen_encoding_wins_or_says_that_it_does_not_fit() -> None:
    data = "Name,Phone\nŠime €,+15125550101\n".encode("iso-8859-15")
    assert drafts(data, encoding="iso-8859-15")[0].name == "Šime €"
    with pytest.raises(FileError, match="not written in utf-8"):
        read(data, Options(encoding="utf-8"))


def test_quoted_newlines_keep_the_lines_of_problems_right() -> None:
    data = b'Name,Note,Phone\nA,"one\ntwo\nthree",1\nB,x,2,too,many\n"C,unclosed,3\n'
    found = read(data, Options()).items
    assert next((item.line, type(item)) for item in found if isinstance(item, Parsed)) == (2, Parsed)
    [bad] = [item for item in found if isinstance(item, Problem)]
    assert bad.line == 5 and "5 cells" in bad.reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\x00\x01\x02 binary", "no text file"),
        (b"PK\x03\x04" + b"\x00" * 40, "no text file"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"x," * 400 + b"\n", "header"),
    ],
)
def test_what_is_no_list_of_contacts_is_said_so(data: bytes, said: str) -> None:
    with pytest.raises(FileError, match=said):
        read(data, Options())


OLD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=85ngstr=C3=B6m;Zo=C3=AB\r\n"
    b"TEL;CELL;PREF:+15125550101\r\nTEL;WORK;FAX:+15125550102\r\n"
    b"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r\ntwo\r\nEND:VCARD\r\n"
)
THREE = (
    b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\\, Reed\nN:Reed;Ann;;;\nORG:Reed & Co;Buying\nitem1.TEL;type=CELL:(512) 555-0101\n"
    b"EMAIL;TYPE=INTERNET:ann@example.com\nNOTE:folded he\n re\\nand there\nCATEGORIES:VIP,Press\n"
    b"PHOTO;ENCODING=b;TYPE=JPEG:AAAA\nEND:VCARD\n"
)
FOUR = (
    b'BEGIN:VCARD\nVERSION:4.0\nFN:Ann Reed\nTEL;VALUE=uri;TYPE="voice,home":tel:+1-512-555-0101;ext=12\n'
    b"TEL:tel:+15125550102\nROLE:Buyer\nEND:VCARD\n"
)


def test_cards_of_every_age() -> None:
    [old] = drafts(OLD)
    assert (old.name, [one.label for one in old.numbers or ()], old.note) == (
        "Zoë Ångström",
        ["mobile", "fax"],
        "one\r\ntwo",
    )
    [three] = drafts(THREE)
    assert (three.name, three.company, three.note) == ("Ann, Reed", "Reed & Co", "folded here\nand there")
    assert three.numbers == (NumberDraft("(512) 555-0101", "mobile"),) and three.labels == ("VIP", "Press")
    [four] = drafts(FOUR)
    assert four.title == "Buyer"
    assert four.numbers == (NumberDraft("+1-512-555-0101", "home"), NumberDraft("+15125550102", "other"))


def test_one_bad_card_does_not_cost_the_others() -> None:
    data = b"BEGIN:VCARD\nFN:Lost\nBEGIN:VCARD\nFN:Kept\nTEL:+15125550101\nEND:VCARD\nBEGIN:VCARD\nFN:Cut"
    found = read(data, Options()).items
    assert [(type(item), item.line) for item in found] == [(Problem, 1), (Parsed, 3), (Problem, 7)]


def test_what_we_write_another_program_reads() -> None:
    note = "line one\nline two; with, marks \\ and a long tail " + "ä" * 120
    data = written(
        Card(
            uid="urn:uuid:1",
            name="Zoë, Reed",
            company="A; B",
            emails=("z@example.com",),
            note=note,
            numbers=(("+15125550101", "mobile"),),
        )
    )
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    card = vobject.readOne(data.decode())
    assert (card.fn.value, card.note.value, card.tel.value) == ("Zoë, Reed", note, "+15125550101")
    [back] = drafts(data)
    assert (back.name, back.company, back.note) == ("Zoë, Reed", "A; B", note)


def test_names_that_mean_the_same_are_alike() -> None:
    assert alike("Reed, Ann") == alike("ANN REED") == alike("Ánn  Reed")
    assert alike("Ann Reed") != alike("Ann Reid")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_contacts_or_problems_or_no_file(data: bytes) -> None:
    for prefix in (b"", b"BEGIN:VCARD\n", b"Name,Phone\n"):
        try:
            found = read(prefix + data, Options()).items
        except FileError as error:
            assert str(error)
        else:
            assert all(isinstance(item, Parsed | Problem) and item.line >= 1 for item in found)


def test_a_table_says_what_its_columns_are_taken_for() -> None:
    sheet = read_sheet(text_of(b"Who,Number\nA,1\n"), ("name", "number:work"))
    assert sheet.mapping == ["name", "number:work"]
    assert read_sheet("Name,Phone\nA,1\n", ("nonsense", "name")).mapping == ["", "name"]
