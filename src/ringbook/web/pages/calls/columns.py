"""The columns of the table of calls: what each shows of a call's shape, and which are shown until somebody chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ringbook.web.templatetags import calls as told
from ringbook.web.templatetags.ui import icon, tag

Shape: TypeAlias = Mapping[str, Any]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: ``cell`` gives the escaped content of a call's cell; ``opens`` may carry the link to the call."""

    key: str
    label: Any
    cell: Callable[[Shape], str]
    css: str = ""
    shown: bool = False
    opens: bool = False
    quiet_head: bool = False  # the heading is for screen readers only: the cells are icons


def _party(side: str) -> Callable[[Shape], str]:
    return lambda call: told.who(call[side], link=False)


def _text(key: str) -> Callable[[Shape], str]:
    return lambda call: conditional_escape(call[key] or "")


def _span(key: str) -> Callable[[Shape], str]:
    return lambda call: told.span(call[key]) if call[key] else _quiet(told.span(call[key]))


def _time(key: str) -> Callable[[Shape], str]:
    return lambda call: told.moment(call[key])


def _quiet(text: str) -> SafeString:
    return format_html('<span class="faint">{}</span>', text)


def _agents(call: Shape) -> str:
    names = [agent["name"] or agent["extension"] or "" for agent in call["agents"]]
    if len(names) < 2:
        return conditional_escape(names[0] if names else "")
    return format_html(
        '<span title="{}">{} <span class="count">+{}</span></span>',
        ", ".join(names),
        names[0],
        len(names) - 1,
    )


def _recording(call: Shape) -> str:
    if not call["recordings"]:
        return ""
    if not any(one["id"] for one in call["recordings"]):
        return icon("mic", label=_("Recorded"), size="s")
    place = f"{reverse('call', args=[call['id']])}#call-recordings"
    word = _("Play the recording")
    return format_html(
        '<a href="{}" aria-label="{}" title="{}">{}</a>', place, word, word, icon("play", size="s")
    )


def _transfers(call: Shape) -> str:
    return str(len(call["transfers"])) if call["transfers"] else ""


def _tags(call: Shape) -> str:
    tags = call["annotations"]["tags"]
    return format_html_join(" ", "{}", ((tag(one["name"], one["colour"]),) for one in tags))


def _notes(call: Shape) -> str:
    count = call["annotations"]["notes"]
    if not count:
        return ""
    label = ngettext("%(count)d note", "%(count)d notes", count) % {"count": count}
    return format_html(
        '<span class="notes" title="{}">{} {}<span class="visually-hidden"> {}</span></span>',
        *(label, icon("note", size="s"), count, ngettext("note", "notes", count)),
    )


def _outcome_code(call: Shape) -> str:
    code = call["annotations"]["outcome_code"]
    return conditional_escape(code["label"]) if code else ""


def _assigned(call: Shape) -> str:
    return conditional_escape(", ".join(f"@{handle}" for handle in call["annotations"]["assigned"]))


def _cause(call: Shape) -> str:
    cause = call["cause"]
    known = [str(value) for value in (cause["q850"], cause["sip"], cause["text"]) if value]
    return conditional_escape(" · ".join(known))


def _number(key: str) -> Callable[[Shape], str]:
    return lambda call: conditional_escape(told.phone(call[key] or ""))


def _mos(call: Shape) -> str:
    value = call["quality"]["mos"]
    return "" if value is None else f"{value:.1f}"


def _id(call: Shape) -> str:
    return format_html('<span class="mono" title="{}">{}</span>', call["id"], call["id"][:13])


_ALL = (
    Column(
        key="direction",
        label=gettext_lazy("Direction"),
        cell=lambda call: told.direction(call["direction"], icon_only=True),
        css="shrink direction-cell",
        shown=True,
        quiet_head=True,
    ),
    Column(
        key="outcome",
        label=gettext_lazy("Outcome"),
        cell=lambda call: told.outcome(call["outcome"]),
        css="shrink outcome-cell",
        shown=True,
    ),
    Column(key="from", label=gettext_lazy("From"), cell=_party("from"), css="who", shown=True, opens=True),
    Column(key="to", label=gettext_lazy("To"), cell=_party("to"), css="who", shown=True, opens=True),
    Column(key="agent", label=gettext_lazy("Agent"), cell=_agents, css="label", shown=True),
    Column(key="queue", label=gettext_lazy("Queue"), cell=_text("queue"), css="label", shown=True),
    Column(
        key="started",
        label=gettext_lazy("Started"),
        cell=lambda call: told.when(call["started_at"]),
        css="shrink started-cell",
        shown=True,
        opens=True,
    ),
    Column(key="wait", label=gettext_lazy("Wait"), cell=_span("wait_s"), css="num", shown=True),
    Column(key="talk", label=gettext_lazy("Talk"), cell=_span("talk_s"), css="num", shown=True),
    Column(
        key="recording",
        label=gettext_lazy("Recording"),
        cell=_recording,
        css="shrink mark-cell",
        shown=True,
        quiet_head=True,
    ),
    Column(key="tags", label=gettext_lazy("Tags"), cell=_tags, css="tags-cell", shown=True),
    Column(key="notes", label=gettext_lazy("Notes"), cell=_notes, css="shrink", shown=True, quiet_head=True),
    Column(key="outcome-code", label=gettext_lazy("Outcome code"), cell=_outcome_code, css="label"),
    Column(key="assigned", label=gettext_lazy("Assigned to"), cell=_assigned, css="label"),
    Column(key="duration", label=gettext_lazy("Duration"), cell=_span("duration_s"), css="num"),
    Column(key="ring", label=gettext_lazy("Ring"), cell=_span("ring_s"), css="num"),
    Column(key="hold", label=gettext_lazy("Hold"), cell=_span("hold_s"), css="num"),
    Column(key="answered", label=gettext_lazy("Answered at"), cell=_time("answered_at"), css="shrink"),
    Column(key="ended", label=gettext_lazy("Ended at"), cell=_time("ended_at"), css="shrink"),
    Column(
        key="hangup",
        label=gettext_lazy("Ended by"),
        cell=lambda call: conditional_escape(told.hangup_word(call["hangup_by"])),
        css="label",
    ),
    Column(key="cause", label=gettext_lazy("Cause"), cell=_cause, css="label"),
    Column(key="dialled", label=gettext_lazy("Dialled"), cell=_number("dialled"), css="label num-left"),
    Column(key="transfers", label=gettext_lazy("Transfers"), cell=_transfers, css="num"),
    Column(
        key="trunk",
        label=gettext_lazy("Trunk"),
        cell=lambda call: conditional_escape(", ".join(call["trunks"] or ())),
        css="label",
    ),
    Column(key="account", label=gettext_lazy("Account"), cell=_text("account"), css="label"),
    Column(key="cost", label=gettext_lazy("Cost"), cell=_text("cost"), css="num"),
    Column(key="quality", label=gettext_lazy("Quality (MOS)"), cell=_mos, css="num"),
    Column(
        key="source",
        label=gettext_lazy("Source"),
        cell=lambda call: conditional_escape(", ".join(call["sources"])),
        css="label",
    ),
    Column(key="id", label=gettext_lazy("Id"), cell=_id, css="shrink"),
)

COLUMNS: dict[str, Column] = {column.key: column for column in _ALL}
"""All columns by key, in the order in which they are offered."""

DEFAULT = tuple(column.key for column in _ALL if column.shown)


def known(keys: Iterable[str]) -> list[str]:
    """Those of the keys that are columns, each once, in the order given."""
    return [key for key in dict.fromkeys(keys) if key in COLUMNS]


class Cell(msgspec.Struct, frozen=True):
    """One cell, ready for the template."""

    html: str
    css: str
    label: str
    opens: bool


class Row(msgspec.Struct, frozen=True):
    """One call in the table."""

    id: str
    url: str
    title: str
    cells: list[Cell]


def rows(shapes: Iterable[Shape], keys: Iterable[str]) -> list[Row]:
    """The rows of calls under these columns."""
    columns = [COLUMNS[key] for key in keys]
    opening = next((column for column in columns if column.opens), columns[0]).key
    heads = [(column, _css(column, opening), str(column.label), column.key == opening) for column in columns]
    return [
        Row(
            id=shape["id"],
            url=_place(shape["id"]),
            title=_title(shape),
            cells=[Cell(column.cell(shape), css, label, opens) for column, css, label, opens in heads],
        )
        for shape in shapes
    ]


def _place(call_id: str) -> str:
    return reverse("call", args=[call_id])


def _css(column: Column, opening: str) -> str:
    return f"{column.css} title c-{column.key}" if column.key == opening else f"{column.css} c-{column.key}"


def _title(shape: Shape) -> str:
    side = shape["from"]
    contact = side.get("contact")
    name = contact["name"] if contact else side["name"] or told.phone(side["number"] or "") or _("unknown")
    return _("Choose the call from %(name)s, %(time)s") % {
        "name": name,
        "time": told.clock(shape["started_at"]),
    }
