"""Messages as they leave: plain text and HTML, charts within, PDF and XLSX attached."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from ringbook.desk.delivery import charts
from ringbook.desk.delivery.content import Content, Figure, more, table_of
from ringbook.desk.delivery.paper import beside, lead

COLUMNS = 4
"""Most columns of a table in a message, beside the one of the parts."""


class File(msgspec.Struct, frozen=True):
    """Something attached."""

    name: str
    kind: str  # application/pdf …
    data: bytes


class Words(msgspec.Struct, frozen=True):
    """A message before it is addressed. ``pictures`` are by the name that the HTML calls them by."""

    subject: str
    text: str
    html: str
    pictures: Mapping[str, bytes] = {}
    files: Sequence[File] = ()


def words_of(content: Content, files: Sequence[File]) -> Words:
    """The message of a report."""
    pictures = {
        f"chart-{n}": made for n, one in enumerate(content.figures) if (made := charts.png(one)) is not None
    }
    told = {
        **_told(content),
        "files": [one.name for one in files],
        "figures": [
            _figure(one, f"cid:chart-{n}" if f"chart-{n}" in pictures else "")
            for n, one in enumerate(content.figures)
        ],
    }
    return Words(
        subject=f"{content.title} · {content.days}",
        text=render_to_string("reports/mail.txt", told),
        html=render_to_string("reports/mail.html", told),
        pictures=pictures,
        files=files,
    )


def page_of(content: Content) -> str:
    """The message of a report as a page of its own, with its pictures within."""
    figures = []
    for one in content.figures:
        made = charts.png(one)
        source = f"data:image/png;base64,{base64.b64encode(made).decode()}" if made else ""
        figures.append(_figure(one, source))
    return render_to_string("reports/mail.html", {**_told(content), "figures": figures, "files": []})


def addressed(words: Words, address: str, message_id: str) -> bytes:
    """The message to one recipient, as bytes for the mail server."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(words.subject)
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = address
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{message_id}@{_domain()}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    shown = list(message.iter_parts())[-1]
    assert isinstance(shown, EmailMessage)
    for name, data in words.pictures.items():
        shown.add_related(data, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
    for one in words.files:
        main, _, sub = one.kind.partition("/")
        message.add_attachment(one.data, main, sub, filename=one.name)
    return message.as_bytes()


def one_line(text: str) -> str:
    """A text that fits in a header."""
    return " ".join(text.split())[:250]


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "ringbook.invalid"


def _told(content: Content) -> dict[str, Any]:
    return {
        "content": content,
        "lead": lead(content),
        "intro": [line for line in content.intro.splitlines() if line.strip()],
        "lang": (get_language() or "en")[:2],
    }


def _figure(one: Figure, picture: str) -> dict[str, Any]:
    table = table_of(one, COLUMNS)
    return {
        "one": one,
        "before": beside(one),
        "picture": picture,
        "width": charts.WIDTH,
        "table": table,
        "rows": [
            {"label": cells[0] if one.by else "", "cells": cells[1:] if one.by else cells, "url": row.url}
            for cells, row in zip(table.rows, one.rows, strict=False)
        ],
        "more": more(one, table),
    }
