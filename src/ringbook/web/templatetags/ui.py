"""The design system's template tags: ``{% load ui %}``. Each is shown in every state on the style page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from django import template
from django.forms import BaseForm, BoundField
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from ringbook.desk.people.roles import Right
from ringbook.web.navigation import Entry, entries
from ringbook.web.words import script_words

register = template.Library()

ICONS = Path(__file__).parent.parent / "static" / "vendor" / "lucide"

ALIASES = {
    "alert": "triangle-alert",
    "building": "building-2",
    "chart": "chart-column",
    "columns": "columns-3",
    "edit": "pencil",
    "help": "circle-help",
    "more": "ellipsis",
    "note": "sticky-note",
    "queue": "list-ordered",
    "trash": "trash-2",
    "undo": "undo-2",
    "sort": "arrow-down",
}
"""Names that pages may use beside Lucide's own."""

TONE_ICONS = {
    "good": "circle-check",
    "bad": "circle-x",
    "warn": "triangle-alert",
    "info": "info",
    "accent": "circle-dot",
    "quiet": "circle-minus",
}
"""Each tone's own shape, so that no state is told by colour alone."""

CALLOUT_ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "bad": "octagon-alert"}
TREND_ICONS = {"up": "arrow-up-right", "down": "arrow-down-right", "same": "move-right"}

_SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class UnknownIconError(template.TemplateSyntaxError):
    """A template names an icon that is not in static/vendor/lucide."""


# --- icons -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """The icons there are, by the names that `icon` takes."""
    return frozenset(path.stem for path in ICONS.glob("*.svg")) | frozenset(ALIASES)


@lru_cache(maxsize=1)
def _sprite() -> SafeString:
    symbols = []
    for path in sorted(ICONS.glob("*.svg")):
        found = _SHAPES.search(path.read_text(encoding="utf-8"))
        shapes = " ".join(found.group(1).split()).replace("> <", "><") if found else ""
        symbols.append(f'<symbol id="i-{path.stem}" viewBox="0 0 24 24">{shapes}</symbol>')
    # The files are ours, vendored and reviewed: nothing of a user's is in them.
    return mark_safe(
        f'<svg class="sprite" aria-hidden="true" focusable="false" width="0" height="0">{"".join(symbols)}</svg>'
    )


@register.simple_tag
def sprite() -> SafeString:
    """All icons as one hidden SVG, put once at the top of a page; `icon` refers to it."""
    return _sprite()


@register.simple_tag
def icon(name: str, label: str = "", size: str = "", **more: str) -> SafeString:
    """One icon: hidden from screen readers unless it has a label. Sizes: s 14 px, none 16, l 20, xl 32."""
    if name not in icon_names():
        raise UnknownIconError(
            f"There is no icon {name!r}: add its file from lucide-static to static/vendor/lucide"
        )
    classes = f"icon icon-{size}" if size else "icon"
    if more.get("class"):
        classes = f"{classes} {more['class']}"
    shape = ALIASES.get(name, name)
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="#i-{}"/></svg>', classes, label, shape
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', classes, shape
    )


# --- words and shapes ------------------------------------------------------------------------------------------------


@register.simple_tag
def badge(
    text: object, tone: str = "quiet", icon: str = "", plain: bool = False, title: str = ""
) -> SafeString:
    """A state as shape and word."""
    shape = _icon(icon or TONE_ICONS.get(tone, "circle-minus"))
    classes = f"badge tone-{tone} plain" if plain else f"badge tone-{tone}"
    if title:
        return format_html('<span class="{}" title="{}">{}{}</span>', classes, title, shape, text)
    return format_html('<span class="{}">{}{}</span>', classes, shape, text)


_icon = icon


@register.simple_tag
def tag(name: object, color: object = "8", href: str = "", remove: str = "", target: str = "") -> SafeString:
    """A tag with its colour (1 to 8) and word; ``remove`` posts there, ``target`` is what the answer replaces."""
    hue = f"hue-{color}" if str(color) in "12345678" else "hue-8"
    if href:
        return format_html('<a class="tag {}" href="{}"><span>{}</span></a>', hue, href, name)
    if not remove:
        return format_html('<span class="tag {}"><span>{}</span></span>', hue, name)
    return format_html(
        '<span class="tag {}"><span>{}</span><button type="button" hx-post="{}"{} aria-label="{}">{}</button></span>',
        hue,
        name,
        remove,
        format_html(' hx-target="{}"', target) if target else "",
        gettext("Remove %(name)s") % {"name": name},
        icon("x", size="s"),
    )


@register.simple_tag
def avatar(name: object, size: str = "") -> SafeString:
    """The initials of somebody in a circle; decoration, the name stands beside it."""
    parts = [part for part in re.split(r"[\s@._-]+", str(name or "")) if part[:1].isalnum()]
    initials = (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper() if parts else "?"
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        f"avatar avatar-{size}" if size else "avatar",
        initials,
    )


@register.simple_tag
def count(number: object) -> SafeString:
    """A quiet small number."""
    return format_html('<span class="count">{}</span>', number)


@register.simple_tag
def keys(words: str) -> SafeString:
    """Keys to press, as `g c` or `?`; hidden from screen readers, which have the help card."""
    caps = mark_safe("".join(format_html("<kbd>{}</kbd>", word) for word in words.split()))
    return format_html('<span class="keys" aria-hidden="true">{}</span>', caps)


# --- the viewer ------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def may(context: Mapping[str, Any], right: str) -> bool:
    """Whether the viewer has the right of that name, as in ``{% may "ANNOTATE" as may_annotate %}``."""
    viewer = getattr(context.get("request"), "viewer", None)
    return bool(viewer is not None and viewer.may(Right[right]))


@register.simple_tag(takes_context=True)
def theme(context: Mapping[str, Any]) -> str:
    """The theme to draw: what the person chose, else what this browser chose; empty is the machine's."""
    request = context.get("request")
    person = getattr(getattr(request, "viewer", None), "person", None)
    chosen = getattr(person, "theme", "") or (request.COOKIES.get("theme", "") if request else "")
    return chosen if chosen in ("light", "dark") else ""


@register.simple_tag(takes_context=True)
def navigation(context: Mapping[str, Any]) -> list[Entry]:
    """Where the viewer may go, and where they are."""
    request = context.get("request")
    return entries(getattr(request, "viewer", None), request.path) if request else []


@register.simple_tag
def language() -> str:
    """The language that the page is in."""
    return get_language() or "en"


@register.inclusion_tag("components/words.html")
def words() -> dict[str, object]:
    """What the scripts say, in the viewer's language."""
    return {"words": script_words()}


# --- forms -----------------------------------------------------------------------------------------------------------

_SINGLE_CHECK = {"checkbox"}
_GROUPS = {"checkboxselectmultiple", "radioselect"}


@register.simple_tag
def field(
    bound: BoundField, label: str = "", hint: str = "", optional: bool = True, **more: str
) -> SafeString:
    """A form's field: label, control, help and error, tied together for screen readers."""
    kind = bound.widget_type
    if bound.is_hidden:
        return SafeString(bound)
    return render_to_string(
        "components/field.html",
        {
            "field": bound,
            "label": label or bound.label,
            "hint": hint or bound.help_text,
            "optional": optional and not bound.field.required and kind not in _SINGLE_CHECK,
            "class": more.get("class", ""),
            "check": kind in _SINGLE_CHECK,
            "group": kind in _GROUPS,
            "password": kind == "password",
        },
    )


@register.simple_tag
def form(of: BaseForm) -> SafeString:
    """All of a form: what is wrong with it as a whole, hidden fields, then each field."""
    return render_to_string("components/form.html", {"form": of})


@register.simple_tag
def errors(of: BaseForm) -> SafeString:
    """What is wrong with a form, in one place, each a link to its field."""
    return render_to_string("components/errors.html", {"form": of})


# --- tables and lists ------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def sort_head(context: Mapping[str, Any], key: str, label: str, current: str = "", **more: str) -> SafeString:
    """A column's head that sorts by it; a second press turns the order around."""
    ascending, descending = current == key, current == f"-{key}"
    first = more.get("first", "-" if "num" in more.get("class", "") else "")
    follow = f"-{key}" if ascending else key if descending else f"{first}{key}"
    sort = ' aria-sort="ascending"' if ascending else ' aria-sort="descending"' if descending else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}{}</a></th>',
        more.get("class", ""),
        mark_safe(sort),
        query_string(context, sort=follow, cursor=None),
        label,
        icon("arrow-down", size="s"),
    )


@register.simple_tag(takes_context=True)
def query_string(context: Mapping[str, Any], **changes: object) -> str:
    """The address's parameters with these changes; None takes one away."""
    request: HttpRequest | None = context.get("request")
    parameters = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    return f"?{parameters.urlencode()}"


@register.inclusion_tag("components/more.html")
def pages_more(next_url: str, columns: int = 0) -> dict[str, object]:
    """What fetches the next page when one scrolls to it; a link for those without scripts."""
    return {"next_url": next_url, "columns": columns, "rows": range(3)}


@register.inclusion_tag("components/skeleton.html")
def skeleton(rows: int = 3, columns: int = 0) -> dict[str, object]:
    """Quiet placeholders of what is being fetched: lines, or rows of a table."""
    widths = ("w1", "w2", "w3", "w4", "w5")
    lines = [widths[n % 5] for n in range(rows)]
    return {"lines": lines, "cells": [[widths[(n + m) % 5] for m in range(columns)] for n in range(rows)]}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: str) -> dict[str, object]:
    """Where one is: label, address, label, address …, and the last label."""
    pairs = [(parts[n], parts[n + 1]) for n in range(0, len(parts) - 1, 2)]
    return {"crumbs": pairs, "here": parts[-1] if len(parts) % 2 else ""}


@register.inclusion_tag("components/tabs.html")
def tabs(current: str, *parts: str) -> dict[str, object]:
    """Links between the parts of a page: the current key, then key, label, address of each."""
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {
        "current": current,
        "tabs": [{"key": key, "label": label, "url": url} for key, label, url in triples],
    }


@register.inclusion_tag("components/tabs.html")
def tabs_list(entries: Sequence[Mapping[str, object]], current: str) -> dict[str, object]:
    """The same from a list of key, label, url and, where wanted, count."""
    return {"current": current, "tabs": entries}


@register.inclusion_tag("components/facet_row.html")
def facet_row(
    label: object, count: object, href: str, active: bool = False, icon: str = "", share: float | None = None
) -> dict[str, object]:
    """A value to narrow by, with how many there are; ``share`` (0 to 1) draws a bar behind it."""
    percent = "" if share is None else f"{min(max(share, 0.0), 1.0) * 100:.1f}%"
    return {"label": label, "count": count, "href": href, "active": active, "icon": icon, "width": percent}


# --- figures ---------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/stat.html")
def stat(**figure: object) -> dict[str, object]:
    """One figure: label, value, unit, href, delta, trend (up, down, same), mood (good, bad), formula, note."""
    trend = str(figure.get("trend") or "")
    return {**figure, "trend_icon": TREND_ICONS.get(trend, "")}


@register.inclusion_tag("components/meter.html")
def meter(
    value: float, most: float = 1, label: str = "", tone: str = "", text: str = ""
) -> dict[str, object]:
    """How much of a whole, as a bar and in words."""
    return {"value": value, "most": most or 1, "label": label, "tone": tone, "text": text}


@register.inclusion_tag("components/progress.html")
def progress(done: float, total: float | None = None, label: str = "", text: str = "") -> dict[str, object]:
    """How far something has come; without a total it only says that it is going on."""
    return {"done": done, "total": total, "label": label, "text": text}


# --- blocks ----------------------------------------------------------------------------------------------------------


def _block(name: str, content: str, **more: object) -> SafeString:
    return render_to_string(f"components/{name}.html", {"content": SafeString(content), **more})


@register.simple_block_tag
def empty(content: str, title: str = "", icon: str = "inbox") -> SafeString:
    """What stands where there is nothing yet: it says what would be here, and how to get it."""
    return _block("empty", content, title=title, icon=icon)


@register.simple_block_tag
def callout(content: str, kind: str = "info", title: str = "", icon: str = "", role: str = "") -> SafeString:
    """A remark that stands out: info, good, warn or bad."""
    return _block("callout", content, kind=kind, title=title, icon=icon or CALLOUT_ICONS[kind], role=role)


@register.simple_block_tag
def dialog(content: str, id: str, title: str = "", size: str = "", open: bool = False) -> SafeString:  # noqa: A002
    """A dialog; with ``open`` it opens as it arrives and leaves the page when it is closed."""
    return _block("dialog", content, id=id, title=title, size=size, open=open)


@register.simple_block_tag
def menu(
    content: str, label: str = "", icon: str = "", text: str = "", align: str = "start", **more: str
) -> SafeString:
    """A button with a menu behind it; the content is its items."""
    identity = more.get("id") or f"menu-{crc32(f'{label}{text}{content}'.encode()):08x}"
    look = more.get("class") or ("button" if text else "button icon-only quiet")
    return _block("menu", content, label=label, icon=icon, text=text, align=align, id=identity, look=look)


@register.simple_block_tag
def disclosure(content: str, summary: str, open: bool = False) -> SafeString:  # noqa: A002
    """Something to unfold: a formula, details."""
    return _block("disclosure", content, summary=summary, open=open)


@register.simple_block_tag
def codeblock(content: str, label: str = "") -> SafeString:
    """Lines to be copied exactly, with a button that does."""
    return _block("codeblock", content.strip("\n"), label=label)


@register.simple_block_tag
def facet(content: str, title: str, open: bool = True) -> SafeString:  # noqa: A002
    """A group of values to narrow by."""
    return _block("facet", content, title=title, open=open)


@register.simple_block_tag
def section(content: str, title: str, id: str = "", count: object = None, lead: str = "") -> SafeString:  # noqa: A002
    """A part of a page under its own heading."""
    return _block("section", content, title=title, id=id, count=count, lead=lead)
