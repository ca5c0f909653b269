"""A report as PDF, set by Typst: in this process, without the network."""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ringbook.desk.delivery import charts
from ringbook.desk.delivery.content import Content, Figure, more, table_of

FONTS = ("Libertinus Serif", "DejaVu Sans", "Noto Sans")
"""The first comes with Typst, so that pages look alike everywhere; the others for letters that it does not have."""

COLUMNS = 9
"""Most columns of a table on paper, beside the one of the parts."""

_TEMPLATE = "report.typ"


def pdf(content: Content) -> bytes:
    """The report as PDF, A4."""
    return _set(content, "pdf")[0]


def pages(content: Content, ppi: float = 96.0) -> list[bytes]:
    """The pages of the PDF as PNG."""
    return _set(content, "png", ppi)


def _set(content: Content, form: Literal["pdf", "png"], ppi: float = 96.0) -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="ringbook-report-") as name:
        folder = Path(name)
        figures = [_figure(folder, n, one) for n, one in enumerate(content.figures)]
        (folder / "data.json").write_text(json.dumps(_told(content, figures), ensure_ascii=False))
        source = folder / _TEMPLATE
        source.write_text(files(__package__).joinpath(_TEMPLATE).read_text())
        made: Any = typst.compile(str(source), root=name, format=form, ppi=ppi)
    return list(made) if isinstance(made, list) else [made]


def _told(content: Content, figures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": content.title,
        "organisation": content.organisation,
        "days": content.days,
        "intro": content.intro,
        "lead": lead(content),
        "figures": figures,
        "foot": f"{content.organisation} · {content.title} · {content.days}",
        "fonts": FONTS,
        "lang": (get_language() or "en")[:2],
    }


def lead(content: Content) -> list[str]:
    """The lines under the title: what it is compared with, whose view it is, and what was left out of it."""
    lines = [_("Times in %(zone)s") % {"zone": content.zone}]
    if content.other_days:
        lines.insert(0, _("Beside %(days)s") % {"days": content.other_days})
    if content.hours:
        lines.append(content.hours)
    if content.query:
        lines.append(_("Only calls that answer: %(query)s") % {"query": content.query})
    lines.append(content.seen_as)
    if content.late:
        lines.append(content.late)
    return lines


def _figure(folder: Path, number: int, one: Figure) -> dict[str, Any]:
    chart = charts.pdf(one)
    if chart is not None:
        (folder / f"chart-{number}.pdf").write_bytes(chart)
    table = table_of(one, COLUMNS)
    return {
        "title": one.title,
        "value": one.value,
        "other": one.other,
        "change": one.change,
        "before": beside(one),
        "mood": one.mood,
        "problem": one.problem,
        "small": one.small,
        "chart": f"chart-{number}.pdf" if chart is not None else "",
        "alt": _("%(title)s as a chart; the table has the numbers.") % {"title": one.title},
        "heads": table.heads,
        "rows": table.rows,
        "named": bool(one.by),
        "more": more(one, table),
        "definition": one.definition,
    }


def beside(one: Figure) -> str:
    """What the value was in the time before; empty where nothing is compared."""
    return _("%(value)s before") % {"value": one.other} if one.other else ""
