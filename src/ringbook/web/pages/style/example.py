"""What the style page fills its components with: made up, and the same for everybody."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ringbook.web.templatetags.ui import TONE_ICONS, icon_names

FIELDS = (
    "agent:",
    "begun:",
    "outcome:",
    "outcome:abandoned",
    "outcome:answered",
    "queue:",
    "tag:",
    "talk:>5m",
    "wait:>30s",
)


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As colleagues know them."))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    password = forms.CharField(label=gettext_lazy("Password"), widget=forms.PasswordInput)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("agent", gettext_lazy("Agent")), ("owner", gettext_lazy("Owner"))],
    )
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    masked = forms.BooleanField(
        label=gettext_lazy("Hide numbers"),
        required=False,
        help_text=gettext_lazy("All but the first digits."),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days"),
        required=False,
        choices=[
            ("mo", gettext_lazy("Monday")),
            ("tu", gettext_lazy("Tuesday")),
            ("we", gettext_lazy("Wednesday")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[("in", gettext_lazy("Inbound")), ("out", gettext_lazy("Outbound"))],
        widget=forms.RadioSelect,
        initial="in",
    )


class ShortForm(forms.Form):
    """Two fields, sent with mistakes."""

    name = forms.CharField(label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"))


def example_context(request: HttpRequest) -> dict[str, Any]:
    """What the style page is drawn with."""
    wrong = ShortForm({"name": "", "email": "anna(at)example.org"})
    wrong.is_valid()
    return {
        "form": ExampleForm(),
        "wrong": wrong,
        "tones": list(TONE_ICONS.items()),
        "icons": sorted(icon_names()),
        "hues": [(n, word) for n, word in enumerate(_HUES, start=1)],
        "colours": _COLOURS,
        "rows": range(4),
        "sort": request.GET.get("sort", "-when"),
        "jobs": [
            {"id": "1", "label": "Export, 48,210 calls", "state": "running", "done": 31_200, "total": 48_210},
            {"id": "2", "label": "Import of march.csv", "state": "queued", "done": 0, "total": None},
            {
                "id": "3",
                "label": "Export, 1,204 calls",
                "state": "done",
                "result_url": "#",
                "detail": "XLSX, 212 kB",
            },
            {
                "id": "4",
                "label": "Import of april.csv",
                "state": "failed",
                "detail": "Line 12 is no call record.",
            },
        ],
    }


_HUES = ("vip", "refund", "new customer", "complaint", "callback", "sales", "partner", "other")
_COLOURS = {
    "surfaces": ("bg", "bg-sunken", "bg-raised", "bg-hover", "bg-active", "bg-selected", "bg-inverse"),
    "lines": ("line", "line-strong", "line-control"),
    "text": ("text", "text-quiet", "text-faint", "accent-text"),
    "states": ("accent", "good", "bad", "warn", "info"),
    "soft": ("accent-soft", "good-soft", "bad-soft", "warn-soft", "info-soft", "quiet-soft"),
    "hues": tuple(f"hue-{n}" for n in range(1, 9)),
    "timeline": ("tl-ring", "tl-queue", "tl-talk", "tl-hold", "tl-ivr", "tl-voicemail", "tl-transfer"),
}


def suggestions(text: str, caret: str) -> dict[str, Any]:
    """Completions for the word that the caret stands in, as the search box wants them."""
    at = min(int(caret), len(text)) if caret.isdecimal() and len(caret) < 6 else len(text)
    found = re.search(r"\S*$", text[:at])
    start = found.start() if found else at
    options = [
        {"value": field, "label": field, "hint": str(40 + n)}
        for n, field in enumerate(FIELDS)
        if field.startswith(text[start:at])
    ]
    return {"start": start, "end": at, "options": options}
