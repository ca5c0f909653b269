"""What a definition alone cannot say: settings that need each other, exclude each other, or name things outside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
import phonenumbers

from ringbook.config.places import KeyPath
from ringbook.config.problems import Problem, nearest
from ringbook.config.secret import Secret
from ringbook.config.settings import (
    DIALOGUES,
    INPUT_KEYS,
    REQUIRED,
    Desk,
    Input,
    Kind,
    Mail,
    Recordings,
    Settings,
    SingleSignOn,
    SourceSettings,
)
from ringbook.config.tree import written

MAPPED = "mapped"
"""The format that a ``mapping`` file describes."""

NEWCOMERS = ("agent", "supervisor", "auditor")
"""Roles that somebody may get whom nobody invited."""

_OFFSET = re.compile(r"UTC([+-](\d|0\d|1[0-4])(:?[0-5]\d)?)?")


class Checker:
    """Completes and checks settings, adding what is wrong to the problems."""

    def __init__(
        self,
        home: Path,
        where: Callable[[KeyPath], str],
        problems: list[Problem],
        formats: Collection[str] | None,
    ) -> None:
        self._home = home
        self._where = where
        self._problems = problems
        self._formats = formats

    def checked(self, settings: Settings) -> Settings:
        """The settings with secrets read, paths made absolute and inputs named."""
        sources = {name: self._source(name, source) for name, source in settings.sources.items()}
        return msgspec.structs.replace(
            settings,
            ledger=self._ledger(settings),
            desk=self._desk(settings.desk),
            mail=self._mail(settings.mail),
            recordings=self._recordings(settings.recordings),
            sources=sources,
        )

    def _desk(self, desk: Desk) -> Desk:
        if desk.database_file:
            text = self._one_of(desk.database, desk.database_file, ("desk", "database_file"))
            desk = msgspec.structs.replace(desk, database=text)
        if desk.database and not re.match(r"postgres(ql)?://[^/]*/.", desk.database):
            self._problem(
                ("desk", "database"), "has to be postgresql://user:password@host:port/name, or empty"
            )
        if desk.public_url and not re.fullmatch(r"https?://[^/\s]+/?", desk.public_url):
            why = "has to be an address such as https://calls.example.com, without a path"
            self._problem(("desk", "public_url"), why, desk.public_url)
        services = {name: self._single_sign_on(name, service) for name, service in desk.oidc.items()}
        return msgspec.structs.replace(desk, oidc=services)

    def _recordings(self, recordings: Recordings) -> Recordings:
        path: KeyPath = ("recordings",)
        if recordings.key_file:
            text = self._one_of(recordings.key.reveal(), recordings.key_file, (*path, "key_file"))
            recordings = msgspec.structs.replace(recordings, key=Secret(text))
        if recordings.key.reveal() and recordings.key_command:
            self._problem(
                (*path, "key_command"),
                "stands beside another place that the key comes from; give one of them",
            )
        if recordings.place and not re.match(r"(s3|gs|az)://[^/]+", recordings.place):
            why = "has to begin with s3://, gs:// or az:// and name a bucket, or be empty"
            self._problem((*path, "place"), why, recordings.place)
        folders = tuple(
            folder
            if re.match(r"(s3|gs|az|sftp)://", folder.path)
            else msgspec.structs.replace(folder, path=str(self._home / folder.path))
            for folder in recordings.folders
        )
        return msgspec.structs.replace(recordings, folders=folders)

    def _single_sign_on(self, name: str, service: SingleSignOn) -> SingleSignOn:
        path: KeyPath = ("desk", "oidc", name)
        if service.client_secret_file:
            given = service.client_secret.reveal()
            text = self._one_of(given, service.client_secret_file, (*path, "client_secret_file"))
            service = msgspec.structs.replace(service, client_secret=Secret(text))
        if not re.fullmatch(r"https?://[^\s]+", service.server):
            self._problem((*path, "server"), "has to begin with https://", service.server)
        if service.default_role not in ("", *NEWCOMERS):
            why = f"has to be one of {', '.join(NEWCOMERS)}, or empty"
            self._problem((*path, "default_role"), why, service.default_role)
        return service

    def _mail(self, mail: Mail) -> Mail:
        if mail.password_file:
            text = self._one_of(mail.password.reveal(), mail.password_file, ("mail", "password_file"))
            mail = msgspec.structs.replace(mail, password=Secret(text))
        if mail.host and "@" not in mail.sender:
            why = "has to be the e-mail address that messages come from, because [mail] host is given"
            self._problem(("mail", "sender"), why, mail.sender)
        return mail

    def _ledger(self, settings: Settings) -> msgspec.Struct:
        ledger = settings.ledger
        if ledger.address_file:
            path: KeyPath = ("ledger", "address_file")
            text = self._one_of(ledger.address, ledger.address_file, path)
            ledger = msgspec.structs.replace(ledger, address=text)
        if ledger.address and not re.match(r"(chdb|https?|clickhouse)://", ledger.address):
            why = "has to begin with chdb://, http:// or https://"
            self._problem(("ledger", "address"), why)
        return ledger

    def _source(self, name: str, source: SourceSettings) -> SourceSettings:
        path: KeyPath = ("sources", name)
        self._zone(source.timezone, (*path, "timezone"))
        region = source.region.upper()
        if region and region not in phonenumbers.SUPPORTED_REGIONS:
            why = "is not a country; write its two letters of ISO 3166, such as 'GB'"
            self._problem((*path, "region"), why, source.region)
        for key in ("extensions", "trunks"):
            self._pattern(getattr(source, key), (*path, key))
        inputs = [self._input(item, (*path, "inputs", number)) for number, item in enumerate(source.inputs)]
        self._apart(inputs, path)
        return msgspec.structs.replace(source, region=region, inputs=tuple(inputs))

    def _input(self, item: Input, path: KeyPath) -> Input:
        if item.mapping and item.format == "auto":
            item = msgspec.structs.replace(item, format=MAPPED)
        self._belongs(item, path)
        item = self._dialogue(self._secrets(item, path), path)
        self._needs(item, path)
        self._one_line(item, path)
        self._format(item, (*path, "format"))
        if item.settings and item.format == "auto":
            self._problem((*path, "settings"), "are a format's own: name the format that they belong to")
        for network in item.allow:
            self._network(network, (*path, "allow"))
        return msgspec.structs.replace(
            item,
            name=item.name or _name(item),
            path=tuple(self._absolute(text) for text in item.path),
            host=item.host or ("127.0.0.1" if item.kind is Kind.TCP_LISTEN else ""),
            settings=self._format_settings(item, path),
        )

    def _belongs(self, item: Input, path: KeyPath) -> None:
        """A setting of another kind of input is a mistake, not something to pass over."""
        own = INPUT_KEYS[item.kind]
        for key in sorted({key for keys in INPUT_KEYS.values() for key in keys} - set(own)):
            if getattr(item, key) != getattr(_BLANK, key):
                kinds = " and ".join(kind for kind, keys in INPUT_KEYS.items() if key in keys)
                self._problem(
                    (*path, key), f"kind {item.kind.value!r} has no such setting; it belongs to {kinds}"
                )

    def _dialogue(self, item: Input, path: KeyPath) -> Input:
        """An input that speaks a protocol of its own, with that protocol's format and port."""
        own = DIALOGUES.get(item.kind)
        if own is None:
            return item
        if item.format not in ("auto", own):
            self._problem(
                (*path, "format"), f"of kind {item.kind.value!r} is {own!r}; leave it out", item.format
            )
        if item.ca_file and not item.tls:
            self._problem((*path, "ca_file"), "is of use with tls = true only")
        port = item.port or (_ESL_PORT if item.kind is Kind.ESL else _AMI_TLS_PORT if item.tls else _AMI_PORT)
        ca_file = self._absolute(item.ca_file) if item.ca_file else ""
        return msgspec.structs.replace(item, format=own, port=port, ca_file=ca_file)

    def _needs(self, item: Input, path: KeyPath) -> None:
        for key in REQUIRED[item.kind]:
            value = getattr(item, key)
            if not value or (key == "format" and value == "auto"):
                self._problem((*path, key), f"kind {item.kind.value!r} needs it{_HOW.get(key, '')}")

    def _one_line(self, item: Input, path: KeyPath) -> None:
        """What is sent to a phone system as a line must be one, or its rest would be a command."""
        for key, value in (("login", item.login), ("password", item.password.reveal()), ("host", item.host)):
            if any(letter < " " or letter == "\x7f" for letter in value):
                self._problem((*path, key), "holds a line end or another control character; take it out")

    def _secrets(self, item: Input, path: KeyPath) -> Input:
        for key in ("password", "token"):
            file = getattr(item, f"{key}_file")
            if file:
                text = self._one_of(getattr(item, key).reveal(), file, (*path, f"{key}_file"))
                item = msgspec.structs.replace(item, **{key: Secret(text)})
        return item

    def _one_of(self, text: str, file: str, path: KeyPath) -> str:
        """What the file holds, unless the setting itself is given too."""
        if text:
            plain = str(path[-1]).removesuffix("_file")
            self._problem(path, f"{plain} is given as well; keep one of the two")
        return self._content(file, path).strip()

    def _content(self, file: str, path: KeyPath) -> str:
        try:
            text = Path(self._absolute(file)).read_text(encoding="utf-8-sig")
        except OSError as error:
            self._problem(path, f"cannot be read: {error.strerror}", file)
            return ""
        except UnicodeDecodeError:
            self._problem(path, "is not UTF-8 text", file)
            return ""
        if not text.strip():
            self._problem(path, "is empty", file)
        return text

    def _format_settings(self, item: Input, path: KeyPath) -> dict[str, str]:
        if not item.mapping:
            return item.settings
        if item.format != MAPPED:
            self._problem((*path, "mapping"), f"belongs to the format {MAPPED!r}, not to {item.format!r}")
        return {**item.settings, "mapping": self._content(item.mapping, (*path, "mapping"))}

    def _format(self, item: Input, path: KeyPath) -> None:
        if self._formats is not None and item.format != "auto" and item.format not in self._formats:
            self._problem(path, "there is no such format", item.format, nearest(item.format, self._formats))

    def _apart(self, inputs: list[Input], path: KeyPath) -> None:
        """Inputs of one source have names of their own, for their streams, and tokens of their own, for what is posted."""
        seen: set[str] = set()
        tokens: set[Secret] = set()
        for number, item in enumerate(inputs):
            if item.name in seen:
                why = f"another input of this source is called {item.name!r} too; give each a name of its own"
                self._problem((*path, "inputs", number, "name"), why)
            seen.add(item.name)
            if item.token and item.token in tokens:
                why = "another input of this source has the same token; give each its own, so that it is told which is meant"
                self._problem((*path, "inputs", number, "token"), why)
            tokens.add(item.token)

    def _zone(self, name: str, path: KeyPath) -> None:
        if not name or _OFFSET.fullmatch(name):
            return
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            why = (
                "is no time zone; write an IANA name such as 'Europe/Berlin' or an offset such as 'UTC+05:30'"
            )
            near = get_close_matches(name, available_timezones(), n=1)
            self._problem(path, why, name, f"did you mean {near[0]!r}?" if near else "")

    def _pattern(self, text: str, path: KeyPath) -> None:
        try:
            re.compile(text)
        except re.error as error:
            self._problem(path, f"is not a regular expression: {error}", text)

    def _network(self, text: str, path: KeyPath) -> None:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            self._problem(path, "is not an address or network, such as 192.0.2.7 or 192.0.2.0/24", text)

    def _absolute(self, text: str) -> str:
        return str(self._home.absolute() / Path(text).expanduser())

    def _problem(self, path: KeyPath, why: str, value: str = "", suggestion: str = "") -> None:
        self._problems.append(
            Problem(
                where=self._where(path),
                key=written(path),
                why=why,
                value=repr(value) if value else "",
                suggestion=suggestion,
            )
        )


_BLANK = Input(kind=Kind.FILE)
_AMI_PORT, _AMI_TLS_PORT, _ESL_PORT = 5038, 5039, 8021

_HOW = {
    "token": "; make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'",
    "format": "; 'ringbook sources list' shows the formats",
}


def _name(item: Input) -> str:
    """A name from what an input is, so that it stays when inputs are put in another order."""
    match item.kind:
        case Kind.FILE:
            last = item.path[0].rsplit("/", 1)[-1] if item.path else ""
            return _slug(last) or "file"
        case Kind.TCP_LISTEN:
            return f"listen-{item.port}"
        case Kind.TCP_CONNECT:
            return _slug(f"{item.host}-{item.port}")
        case Kind.AMI | Kind.ESL:
            return item.kind.value
        case Kind.HTTP_POST:
            return "post"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:63]
