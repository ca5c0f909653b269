"""Contacts as a file: CSV that no spreadsheet computes, or vCards; all that were found, or those chosen."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from ringbook.desk.directory.models import Contact
from ringbook.desk.directory.vcards import Card, written
from ringbook.desk.governance.audit import record
from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.contacts.lists import Wanted, chosen
from ringbook.web.pages.contacts.numbers import contact_shown, number_shown
from ringbook.web.pages.contacts.views import wanted_of
from ringbook.web.viewer import Asking, Viewer

COLUMNS = ("Name", "Company", "Title", "E-mail", "Labels", "Note")
MOST_NUMBERS = 5
_CHUNK = 1_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@needs(Right.SEE_CONTACTS, Right.EXPORT_CALLS)
def export(request: Asking) -> HttpResponseBase:
    """The file, streamed: ``?format=csv|vcf``, the list's own question, or ``?id=`` of each that was chosen."""
    viewer = request.viewer
    kind = "vcf" if request.GET.get("format") == "vcf" else "csv"
    ids = _ids(request)
    found = chosen(viewer, Wanted()) if ids else chosen(viewer, wanted_of(request))
    if ids:
        found = Contact.objects.within(viewer.scope).filter(pk__in=ids)
    contacts = found.select_related("company").prefetch_related("numbers").order_by("sort_name", "id")
    record(viewer.actor, "contacts:exported", "", format=kind, count=contacts.count())
    rows = (contact_shown(viewer, one) for one in contacts.iterator(chunk_size=_CHUNK))
    body = _cards(viewer, rows) if kind == "vcf" else _table(viewer, rows)
    response = StreamingHttpResponse(
        body, content_type="text/vcard; charset=utf-8" if kind == "vcf" else "text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="contacts.{kind}"'
    return response


def _ids(request: Asking) -> list[uuid.UUID]:
    found = []
    for text in request.GET.getlist("id")[:500]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _table(viewer: Viewer, contacts: Iterator[Contact]) -> Iterator[bytes]:
    """The CSV, a mark for spreadsheets first that it is UTF-8."""
    numbers = [
        name
        for place in range(1, MOST_NUMBERS + 1)
        for name in (f"Phone {place} - Value", f"Phone {place} - Type")
    ]
    yield b"\xef\xbb\xbf" + _line([*COLUMNS, *numbers])
    for one in contacts:
        cells = [
            one.name,
            one.company.name if one.company else "",
            one.title,
            ", ".join(one.emails),
            ", ".join(one.labels),
            one.note,
        ]
        for line in list(one.numbers.all())[:MOST_NUMBERS]:
            cells += [number_shown(viewer, line.number), line.label]
        yield _line(cells)


def _line(cells: list[str]) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerow([neutral(cell) for cell in cells])
    return sink.getvalue().encode()


def neutral(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would compute; numbers with a plus among it."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _cards(viewer: Viewer, contacts: Iterator[Contact]) -> Iterator[bytes]:
    for one in contacts:
        # A masked number is none: a phone that took it in would ring somebody else.
        numbers = (
            () if viewer.scope.masked else tuple((line.number, line.label) for line in one.numbers.all())
        )
        yield written(
            Card(
                uid=f"urn:uuid:{one.pk}",
                name=one.name,
                company=one.company.name if one.company else "",
                title=one.title,
                emails=tuple(one.emails),
                note=one.note,
                labels=tuple(one.labels),
                numbers=numbers,
            )
        )
