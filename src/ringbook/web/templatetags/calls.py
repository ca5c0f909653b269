"""How calls are told on pages: ``{% load calls %}``. Pure Python formatting stays here, so that tables can be built fast."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import phonenumbers
from django import template
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, gettext_noop, override, pgettext
from django.utils.translation import gettext as _

from ringbook.model.instant import to_datetime
from ringbook.web.country import country_of_now
from ringbook.web.templatetags.ui import icon

register = template.Library()

UNKNOWN = "–"
"""What stands where the sources cannot tell."""

DIRECTIONS: dict[str, tuple[str, Any]] = {
    "inbound": ("arrow-down-left", gettext_lazy("Inbound")),
    "outbound": ("arrow-up-right", gettext_lazy("Outbound")),
    "internal": ("repeat", gettext_lazy("Internal")),
    "unknown": ("circle-dashed", gettext_lazy("Unknown direction")),
}
"""Icon and word of each direction."""

OUTCOMES: dict[str, tuple[str, str, Any]] = {
    "answered": ("circle-check", "good", gettext_lazy("Answered")),
    "voicemail": ("voicemail", "info", gettext_lazy("Voicemail")),
    "machine": ("bot", "quiet", gettext_lazy("Machine")),
    "abandoned": ("door-open", "bad", gettext_lazy("Abandoned")),
    "missed": ("phone-missed", "bad", gettext_lazy("Missed")),
    "busy": ("circle-minus", "warn", gettext_lazy("Busy")),
    "rejected": ("ban", "warn", gettext_lazy("Rejected")),
    "cancelled": ("phone-off", "quiet", gettext_lazy("Cancelled")),
    "failed": ("triangle-alert", "bad", gettext_lazy("Failed")),
    "unknown": ("circle-dashed", "quiet", gettext_lazy("Unknown outcome")),
}
"""Icon, tone and word of each outcome: shapes differ, so that none is told by colour alone."""

HANGUPS: dict[str, Any] = {
    "caller": gettext_lazy("Caller"),
    "callee": gettext_lazy("Called party"),
    "system": gettext_lazy("System"),
    "unknown": UNKNOWN,
}


@register.simple_tag
def direction(value: str, icon_only: bool = False) -> SafeString:
    """A direction as icon and word; ``icon_only`` leaves the word to screen readers and the tooltip."""
    shape, word = DIRECTIONS.get(str(value), DIRECTIONS["unknown"])
    return _told("direction", shape, str(word), icon_only)


@register.simple_tag
def outcome(value: str, icon_only: bool = False) -> SafeString:
    """An outcome as icon and word, in the tone of its meaning."""
    shape, tone, word = OUTCOMES.get(str(value), OUTCOMES["unknown"])
    return _told(f"outcome {tone}", shape, str(word), icon_only)


@register.filter
def outcome_word(value: str) -> str:
    """The word of an outcome."""
    return str(OUTCOMES.get(str(value), OUTCOMES["unknown"])[2])


@register.filter
def direction_word(value: str) -> str:
    """The word of a direction."""
    return str(DIRECTIONS.get(str(value), DIRECTIONS["unknown"])[1])


@register.filter
def hangup_word(value: str) -> str:
    """Who ended the call, as a word."""
    return str(HANGUPS.get(str(value), UNKNOWN))


@lru_cache(maxsize=256)
def _told(classes: str, shape: str, word: str, icon_only: bool) -> SafeString:
    if icon_only:
        return format_html(
            '<span class="{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
            *(classes, word, icon(shape), word),
        )
    return format_html('<span class="{}">{}<span>{}</span></span>', classes, icon(shape), word)


# --- people and numbers ----------------------------------------------------------------------------------------------


@register.simple_tag
def party(side: Mapping[str, Any], link: bool = True) -> SafeString:
    """Who one side is: the contact (with a link) or name, and the number as people write it."""
    return who(side, link=link)


def who(side: Mapping[str, Any], *, link: bool = True) -> SafeString:
    """As the tag ``party``."""
    contact = side.get("contact")
    number = side.get("number") or side.get("raw") or ""
    spelled = phone(number) if number else ""
    name = contact["name"] if contact else (side.get("name") or "")
    if not name:
        return _number(spelled) if spelled else format_html('<span class="quiet">{}</span>', _("Unknown"))
    shown = _named(contact, name, link) if contact else format_html("<span>{}</span>", name)
    if not spelled or spelled == name:
        return format_html('<span class="party">{}</span>', shown)
    return format_html('<span class="party">{} <span class="quiet num">{}</span></span>', shown, spelled)


def _number(spelled: str) -> SafeString:
    return format_html('<span class="party num">{}</span>', spelled)


def _named(contact: Mapping[str, str], name: str, link: bool) -> SafeString:
    told = f"{name}, {contact['company']}" if contact.get("company") else name
    place = _contact_place(contact["id"]) if link else ""
    if not place:
        return format_html('<b title="{}">{}</b>', told, name)
    return format_html('<a href="{}" title="{}">{}</a>', place, told, name)


def _contact_place(contact_id: str) -> str:
    try:
        return reverse("contact", args=[contact_id])
    except NoReverseMatch:
        return ""


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@register.filter
def phone(number: object) -> str:
    """A number as people write it: nationally within the organisation's country, else internationally; others as they are."""
    text = str(number or "")
    return spelled_number(text, country_of_now()) if _E164.fullmatch(text) else text


@lru_cache(maxsize=20_000)
def spelled_number(number: str, country: str) -> str:
    """An E.164 number as people in a country write it."""
    try:
        known = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(known):
        return number
    home = country and phonenumbers.country_code_for_region(country) == known.country_code
    way = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(known, way)


# --- times -----------------------------------------------------------------------------------------------------------


@register.filter
def when(value: object) -> SafeString:
    """When something happened: exact, and how long ago, in the viewer's zone. Takes an Instant, ISO text or a datetime."""
    at = _moment(value)
    if at is None:
        return format_html('<span class="quiet">{}</span>', UNKNOWN)
    local = timezone.localtime(at)
    iso = _iso(at)
    return format_html(
        '<span class="when"><time datetime="{}" title="{}">{}</time>'
        ' <time class="quiet" datetime="{}" data-relative>{}</time></span>',
        *(iso, exact(local), short(local), iso, relative(at)),
    )


@register.filter
def moment(value: object) -> SafeString:
    """When something happened, exact only."""
    at = _moment(value)
    if at is None:
        return format_html('<span class="quiet">{}</span>', UNKNOWN)
    local = timezone.localtime(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', _iso(at), exact(local), short(local))


@register.filter
def clock(value: object) -> str:
    """The time of day, with seconds: 14:05:09."""
    at = _moment(value)
    return UNKNOWN if at is None else timezone.localtime(at).strftime("%H:%M:%S")


def exact(local: datetime) -> str:
    """A local time to the second, with its zone: Saturday 21 November 2026, 14:05:09 EST."""
    return f"{_day(local.date(), pgettext('form of a date', 'l j F Y'), get_language())}, {local:%H:%M:%S} {local.tzname()}"


@lru_cache(maxsize=2_000)
def _day(day: date, form: str, language: str | None) -> str:
    """A day in words; a page of calls tells the same few days a hundred times."""
    with override(language):
        return str(date_format(day, form))


def short(local: datetime) -> str:
    """A local time in as few words as tell it: Today 14:05, Thu 19 Nov 14:05, 3 Mar 2019 14:05."""
    today = timezone.localtime().date()
    day = local.date()
    time_of_day = f"{local:%H:%M}"
    if day == today:
        return _("Today %(time)s") % {"time": time_of_day}
    if day == today - timedelta(days=1):
        return _("Yesterday %(time)s") % {"time": time_of_day}
    near = timedelta(0) <= today - day < timedelta(days=300)
    form = pgettext("form of a date", "D j M") if near else pgettext("form of a date", "j M Y")
    return f"{_day(day, form, get_language())} {time_of_day}"


_STEPS = ((3600, 60), (86_400, 3600), (30 * 86_400, 86_400), (365 * 86_400, 30 * 86_400))

_STEP_TEXTS = (
    gettext_noop("%(n)d min"),
    gettext_noop("%(n)d h"),
    gettext_noop("%(n)d d"),
    gettext_noop("%(n)d mo"),
)


def relative(at: datetime) -> str:
    """How long ago: now, 5 min ago, 3 h ago, 2 d ago; what lies ahead is told as such."""
    ahead = (at - datetime.now(UTC)).total_seconds()
    ago = abs(ahead)
    if ago < 60:
        return _("now")
    for (most, unit), text in zip(_STEPS, _STEP_TEXTS, strict=True):
        if ago < most:
            told = _(text) % {"n": int(ago // unit)}
            break
    else:
        told = _("%(n)d y") % {"n": int(ago // (365 * 86_400))}
    return (_("in %(span)s") if ahead > 0 else _("%(span)s ago")) % {"span": told}


@register.filter
def span(seconds: float | str | None) -> str:
    """How long something took: 0:09, 1:05, 1 h 02 min; unknown is a dash, never zero."""
    if seconds is None or isinstance(seconds, str):
        return UNKNOWN
    if 0 < seconds < 0.5:
        return "<0:01"
    whole = int(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return _("%(hours)d h %(minutes)02d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}


@register.filter
def short_number(number: int) -> str:
    """A count in few characters: 128, 83,120, 825k, 1.4M."""
    if number < 100_000:
        return number_format(number, use_l10n=True, force_grouping=True)
    return f"{number // 1000}k" if number < 1_000_000 else f"{number // 100_000 / 10:g}M"


@register.filter
def calls_url(query: str) -> str:
    """Where the calls that answer a question are listed."""
    return f"{_calls_place(get_script_prefix())}?{_asked(query)}" if query else reverse("calls")


@lru_cache(maxsize=8)
def _calls_place(prefix: str) -> str:
    return prefix + reverse("calls").removeprefix(prefix)


@lru_cache(maxsize=4_000)
def _asked(query: str) -> str:
    return urlencode({"q": query})


def _moment(value: object) -> datetime | None:
    match value:
        case None | "":
            return None
        case datetime():
            return value
        case int():
            return to_datetime(value)
        case str():
            return datetime.fromisoformat(value)
    raise TypeError(f"no time: {value!r}")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
