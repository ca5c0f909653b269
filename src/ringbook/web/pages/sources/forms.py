"""The form of one input of a source: how its records arrive, and from where."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ringbook.config.settings import Kind
from ringbook.parse.format import FormatSettingError
from ringbook.parse.formats.mapped import MappedFormat

FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.FILE: ("paths",),
    Kind.TCP_LISTEN: ("allow", "port"),
    Kind.TCP_CONNECT: ("host", "port", "login", "password"),
    Kind.HTTP_POST: (),
    Kind.AMI: ("host", "port", "login", "password", "tls"),
    Kind.ESL: ("host", "port", "password"),
}
"""The fields of each kind of input, in the order in which they are asked for."""

_LOGGED_IN = (Kind.AMI, Kind.ESL)
_PORTS = {Kind.AMI: gettext_lazy("Empty: 5038, or 5039 with TLS"), Kind.ESL: gettext_lazy("Empty: 8021")}


class InputForm(forms.Form):
    """How the records of one input arrive. A password that is kept is never shown: leaving it empty keeps it."""

    paths = forms.CharField(
        label=gettext_lazy("Files"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: a file, a folder, or a pattern with *. Rotated files are followed; missing ones are waited for."
        ),
    )
    host = forms.CharField(label=gettext_lazy("Address of the phone system"), max_length=255)
    allow = forms.CharField(
        label=gettext_lazy("Address of the phone system"),
        max_length=255,
        help_text=gettext_lazy(
            "Only it may connect: an address such as 192.0.2.10, or a network such as 192.0.2.0/24"
        ),
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65_535)
    login = forms.CharField(
        label=gettext_lazy("Log-in"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("What it wants to hear once connected, if it does"),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    tls = forms.BooleanField(label=gettext_lazy("Speak TLS with it"), required=False)
    mapping = forms.CharField(
        label=gettext_lazy("Mapping"),
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false", "wrap": "off"}),
        help_text=gettext_lazy("Which column is which part of a call"),
    )

    def __init__(self, kind: Kind | None, *args: Any, has: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        wanted = FIELDS[kind] if kind else ()
        mapped = bool((self.initial or {}).get("mapping"))
        for name in InputForm.base_fields:
            if name not in wanted and not (name == "mapping" and mapped):
                del self.fields[name]
        if kind in _LOGGED_IN:
            self.fields["port"].required = False
            self.fields["port"].help_text = _PORTS[kind]
            self.fields["password"].required = not has
            if "login" in self.fields:
                self.fields["login"].required = True
                self.fields["login"].help_text = gettext_lazy("The user in manager.conf")
        if has and "password" in self.fields:
            self.fields["password"].help_text = gettext_lazy("One is kept. Empty: it stays.")

    def clean_allow(self) -> list[str]:
        """Addresses and networks."""
        try:
            parts = str(self.cleaned_data["allow"]).replace(",", " ").split()
            return [str(ipaddress.ip_network(part, strict=False)) for part in parts]
        except ValueError:
            raise forms.ValidationError(_("Write an address such as 192.0.2.10.")) from None

    def clean_mapping(self) -> str:
        """A mapping that can be used."""
        text = str(self.cleaned_data["mapping"]).replace("\r\n", "\n")
        try:
            MappedFormat().configure({"mapping": text})
        except FormatSettingError as error:
            raise forms.ValidationError(str(error)) from None
        return text

    def entry(self, before: dict[str, Any]) -> dict[str, Any]:
        """The input's settings, as they are kept: those there were, with what the form says."""
        values = self.cleaned_data
        assert self.kind is not None
        entry = {**before, "kind": self.kind.value}
        if "paths" in values:
            entry["path"] = [line.strip() for line in values["paths"].splitlines() if line.strip()]
        if "allow" in values:
            entry |= {"host": "0.0.0.0", "allow": values["allow"]}  # only these addresses may connect
        for name in ("host", "port", "login", "tls"):
            if name in values:
                entry[name] = values[name]
                if not values[name]:
                    del entry[name]
        if values.get("password"):
            entry["password"] = values["password"]
        if "mapping" in values:
            entry["settings"] = {**entry.get("settings", {}), "mapping": values["mapping"]}
        return entry


def as_it_is(entry: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of an input that is there."""
    return {
        "paths": "\n".join(entry["path"]),
        "host": entry["host"],
        "allow": ", ".join(entry["allow"]),
        "port": entry["port"] or None,
        "login": entry["login"],
        "tls": entry.get("tls", False),
        "mapping": entry["settings"].get("mapping", ""),
    }


def tell(form: forms.Form, text: str) -> None:
    """Say what is wrong at the field that it is about."""
    for name, words in (
        ("name", ("name",)),
        ("paths", ("[desk] source_folders",)),
        ("port", ("listens on port",)),
    ):
        if name in form.fields and any(word in text for word in words):
            form.add_error(name, text)
            return
    for line in text.splitlines():
        form.add_error(None, line.partition(": ")[2] or line)
