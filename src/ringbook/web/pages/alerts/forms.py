"""The forms of the three kinds of alerts: each asks for what its kind needs, and no more."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ringbook.analyse.catalogue import Listed
from ringbook.analyse.definition import Kind
from ringbook.desk.delivery.edit import try_figure, watchable
from ringbook.desk.delivery.looking import MINUTES, unit_of
from ringbook.desk.delivery.models import Alert, AlertKind, Webhook
from ringbook.desk.insight.words import column_word
from ringbook.model.errors import AskError
from ringbook.web.pages.reports.forms import OutgoingForm, outgoing_of
from ringbook.web.pages.reports.words import GROUPS
from ringbook.web.viewer import Viewer

SENSITIVITIES = (
    ("3", _("Soon: 3 times the usual spread")),
    ("4", _("Usual: 4 times the usual spread")),
    ("6", _("Late: 6 times the usual spread")),
)
SIDES = (("below", _("is below")), ("above", _("is above")))
STRANGE = (
    ("either", _("more or less than usual")),
    ("below", _("less than usual")),
    ("above", _("more than usual")),
)
_LARGEST = 1e12


def _stretches() -> list[tuple[int, str]]:
    told = []
    for minutes in MINUTES:
        if not minutes:
            told.append((0, gettext("Today so far")))
        elif minutes % 60:
            told.append((minutes, ngettext("Last minute", "Last %(n)d minutes", minutes) % {"n": minutes}))
        else:
            told.append(
                (minutes, ngettext("Last hour", "Last %(n)d hours", minutes // 60) % {"n": minutes // 60})
            )
    return told


class AlertForm(OutgoingForm):
    """What all kinds ask for."""

    in_hours = forms.BooleanField(label=_("Only look in business hours"), required=False)
    every_minutes = forms.IntegerField(label=_("Look every … minutes"), min_value=1, max_value=1_440)
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    remind_hours = forms.IntegerField(label=_("Remind every … hours"), min_value=0, max_value=168)
    tell_end = forms.BooleanField(label=_("Tell when it is over"), required=False)
    webhooks = forms.ModelMultipleChoiceField(
        label=_("Webhooks"),
        queryset=Webhook.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, viewer: Viewer, known: dict[str, Listed], *arguments: Any, **named: Any) -> None:
        super().__init__(viewer, *arguments, **named)
        self.known = known
        webhooks = self.fields["webhooks"]
        assert isinstance(webhooks, forms.ModelMultipleChoiceField)
        webhooks.queryset = Webhook.objects.within(viewer.scope).filter(removed_at=None)

    def clean(self) -> dict[str, Any]:
        """What was given, if it goes together."""
        told = super().clean() or {}
        if (told.get("quiet_from") is None) != (told.get("quiet_until") is None):
            self.add_error("quiet_until", gettext("Give both times, or none."))
        if not any(told.get(name) for name in ("people", "addresses", "webhooks")) and not self.errors:
            self.add_error("people", gettext("Choose somebody who is to be told."))
        return told

    def told(self) -> dict[str, Any]:
        """The fields of the alert."""
        given = {name: told for name, told in self.cleaned_data.items() if name not in ("people", "webhooks")}
        for name in ("quiet_from", "quiet_until"):
            given[name] = _minute(given[name])
        return given


class FigureForm(AlertForm):
    """What alerts on figures ask for."""

    watch = forms.ChoiceField(label=_("Figure"))
    window_minutes = forms.TypedChoiceField(label=_("Over the"), coerce=int)
    at_least = forms.IntegerField(
        label=_("Say nothing under … calls"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("A rate of three calls says little."),
    )

    def __init__(self, viewer: Viewer, known: dict[str, Listed], *arguments: Any, **named: Any) -> None:
        super().__init__(viewer, known, *arguments, **named)
        watch, window = self.fields["watch"], self.fields["window_minutes"]
        assert isinstance(watch, forms.ChoiceField)
        assert isinstance(window, forms.TypedChoiceField)
        watch.choices = _watched(known)
        window.choices = _stretches()

    @property
    def unit(self) -> Kind:
        """What the values of the chosen figure are."""
        figure, column = self.cleaned_data["watch"].split(":", 1)
        return unit_of(self.known[figure], column)

    def clean(self) -> dict[str, Any]:
        """What was given, if the figure can be computed so."""
        told = super().clean()
        if told.get("watch") and not self.errors:
            figure = told["watch"].split(":", 1)[0]
            try:
                try_figure(self.person, {"figure": figure}, told["query"], told["zone"])
            except AskError as error:
                self.add_error("watch", str(error))
        return told

    def told(self) -> dict[str, Any]:
        """The fields of the alert."""
        given = super().told()
        figure, column = given.pop("watch").split(":", 1)
        headline = self.known[figure].headline
        return {**given, "figure": figure, "column": "" if column == headline else column}


class ThresholdForm(FigureForm):
    """A limit."""

    side = forms.ChoiceField(label=_("Tell when it"), choices=SIDES)
    limit = forms.CharField(
        label=_("Limit"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Shares in percent, times in seconds."),
    )

    def clean(self) -> dict[str, Any]:
        """What was given, with the limit as a number."""
        told = super().clean()
        if told.get("limit") and told.get("watch"):
            text = str(told["limit"]).replace("%", "").replace(",", ".").strip()
            try:
                found = float(text)
            except ValueError:
                found = float("nan")
            if not abs(found) <= _LARGEST:  # nor is NaN
                self.add_error("limit", gettext("Write a number: 80"))
            elif self.unit is Kind.SHARE and not 0 <= found <= 100:
                self.add_error("limit", gettext("A share lies between 0 and 100 percent."))
            else:
                told["limit"] = found / 100 if self.unit is Kind.SHARE else found
        return told

    def told(self) -> dict[str, Any]:
        """The fields of the alert."""
        given = super().told()
        return {**given, "above": given.pop("side") == "above"}


class AnomalyForm(FigureForm):
    """Out of the ordinary."""

    side = forms.ChoiceField(label=_("Tell when it is"), choices=STRANGE)
    sensitivity = forms.ChoiceField(label=_("How soon"), choices=SENSITIVITIES)
    weeks = forms.IntegerField(label=_("Weeks to compare with"), min_value=4, max_value=26)

    def told(self) -> dict[str, Any]:
        """The fields of the alert."""
        given = super().told()
        side = given.pop("side")
        given["sensitivity"] = float(given["sensitivity"])
        return {**given, "above": side == "above", "either": side == "either"}


class SilenceForm(AlertForm):
    """Silence of a source."""

    query = None  # type: ignore[assignment]
    source = forms.ChoiceField(label=_("Phone system"), required=False)
    within_minutes = forms.IntegerField(
        label=_("Minutes without anything"),
        min_value=1,
        max_value=43_200,
        help_text=_("With business hours only, only those count."),
    )

    def __init__(
        self, viewer: Viewer, known: dict[str, Listed], *arguments: Any, sources: list[str], **named: Any
    ) -> None:
        super().__init__(viewer, known, *arguments, **named)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [("", gettext("Any of them")), *((name, name) for name in sources)]


FORMS: dict[str, type[AlertForm]] = {
    AlertKind.THRESHOLD: ThresholdForm,
    AlertKind.ANOMALY: AnomalyForm,
    AlertKind.SILENCE: SilenceForm,
}


def _watched(known: dict[str, Listed]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The figures and columns to choose from, by group; the headline of each first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for about, column in sorted(watchable(known), key=lambda one: one[1] != one[0].headline):
        title = gettext(about.title)
        label = title if column == about.headline else f"{title}, {column_word(column)}"
        group = str(GROUPS.get(str(about.group), about.group))
        found.setdefault(group, []).append((f"{about.figure}:{column}", label))
    return [(group, sorted(choices, key=lambda one: one[1])) for group, choices in found.items()]


def _minute(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute


def _time(minute: int | None) -> time | None:
    return None if minute is None else time(minute // 60, minute % 60)


def initial_of(alert: Alert, known: dict[str, Listed]) -> dict[str, Any]:
    """What the form of an alert shows."""
    names = ("in_hours", "every_minutes", "remind_hours", "tell_end", "window_minutes", "at_least", "weeks")
    about = known.get(alert.figure)
    limit = alert.limit
    if about is not None and limit is not None and unit_of(about, alert.column) is Kind.SHARE:
        limit *= 100
    return {
        **outgoing_of(alert),
        **{name: getattr(alert, name) for name in names},
        "source": alert.source,
        "within_minutes": alert.within_minutes,
        "watch": f"{alert.figure}:{alert.column or (about.headline if about else '')}",
        "limit": "" if limit is None else f"{limit:g}",
        "side": "either" if alert.either else "above" if alert.above else "below",
        "sensitivity": f"{alert.sensitivity:g}",
        "quiet_from": _time(alert.quiet_from),
        "quiet_until": _time(alert.quiet_until),
        "webhooks": [one.pk for one in alert.webhooks.all()],
    }


def fresh(viewer: Viewer, kind: str) -> dict[str, Any]:
    """What the form of a new alert shows."""
    return {
        "zone": viewer.zone_name,
        "people": [viewer.person.pk] if viewer.person else [],
        "every_minutes": 5,
        "remind_hours": 0,
        "tell_end": True,
        "window_minutes": 60,
        "at_least": 1 if kind == AlertKind.ANOMALY else 10,
        "weeks": 8,
        "within_minutes": 60,
        "sensitivity": "4",
        "side": "either" if kind == AlertKind.ANOMALY else "below",
        "watch": "calls:calls" if kind == AlertKind.ANOMALY else "service-level:service_level",
    }
