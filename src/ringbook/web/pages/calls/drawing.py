"""The rows of the table of calls as they are sent: fifty rows of a dozen cells are drawn in plain Python, which a template takes
three times as long for.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ringbook.web.pages.calls.columns import Cell, Row


def drawn(rows: Iterable[Row]) -> SafeString:
    """The rows, escaped."""
    notes = conditional_escape(_("Notes"))
    heads: dict[tuple[str, str], str] = {}
    parts = [_row(row, notes, heads) for row in rows]
    return mark_safe("".join(parts))  # all of it was escaped


def _row(row: Row, notes: str, heads: dict[tuple[str, str], str]) -> str:
    url = conditional_escape(row.url)
    start = format_html(
        '<tr data-item class="linked" id="call-{id}"><td class="select"><label><input type="checkbox" data-select'
        ' name="call" value="{id}" aria-label="{title}"></label></td>',
        id=row.id,
        title=row.title,
    )
    return f"{start}{''.join([_cell(cell, url, notes, heads) for cell in row.cells])}</tr>\n"


def _cell(cell: Cell, url: str, notes: str, heads: dict[tuple[str, str], str]) -> str:
    key = (cell.css, cell.label)
    head = heads.get(key)
    if head is None:
        head = heads[key] = format_html('<td class="{}" data-label="{}">', *key)
    html = conditional_escape(cell.html)
    if not cell.opens:
        return f"{head}{html}</td>"
    return (
        f'{head}<a data-open href="{url}">{html}</a><a class="visually-hidden" tabindex="-1" aria-hidden="true"'
        f' data-item-key="n" href="{url}#notes">{notes}</a></td>'
    )
