"""Every setting there is: its name, type, default, bounds and what it does, defined once.

The loader, the error messages and ``docs/reference/settings.md`` are made from these definitions.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from ringbook.config.secret import Secret
from ringbook.model.source import Source


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How log events are written."""

    AUTO = "auto"  # text on a terminal, JSON elsewhere
    TEXT = "text"
    JSON = "json"


class Kind(StrEnum):
    """How records reach Ringbook."""

    FILE = "file"
    TCP_LISTEN = "tcp-listen"
    TCP_CONNECT = "tcp-connect"
    HTTP_POST = "http-post"
    AMI = "ami"  # a dialogue with Asterisk's manager interface
    ESL = "esl"  # a dialogue with FreeSWITCH's event socket


class Safety(StrEnum):
    """How the way to a mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where `ringbook serve` answers over HTTP: health, metrics and the intake of `http-post` inputs."""

    host: Annotated[
        str,
        Meta(
            description="Address to listen on. The default is reachable from this machine only; "
            "`0.0.0.0` or `::` from everywhere, which belongs behind a TLS proxy."
        ),
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="TCP port; 0 takes any free one.")] = 8420
    max_body_mb: Annotated[
        int,
        Meta(
            ge=1,
            le=1_024,
            description="Largest body that an HTTP intake takes, unpacked, in MiB; larger ones get 413.",
        ),
    ] = 16


class Ledger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The store of calls, frames and rejects."""

    address: Annotated[
        str,
        Meta(
            description="Where the ledger is: empty for the embedded store in the home directory, `chdb:///path` for an "
            "embedded one elsewhere, `http://` or `https://` for a ClickHouse server or cluster."
        ),
    ] = ""
    address_file: Annotated[
        str, Meta(description="File that holds the address, for one that carries a password.")
    ] = ""


class SingleSignOn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service with which people sign in instead of a password: any that speaks OpenID Connect.

    Only people who exist in Ringbook get in, found by an e-mail address that the service calls verified, unless `default_role`
    says otherwise. Register `PUBLIC_URL/sign-in/with/NAME/back/` there as the address to come back to.
    """

    server: Annotated[
        str,
        Meta(
            description="Address of the service: its issuer, `https://login.example.com/realms/office`, or of its "
            "`.well-known/openid-configuration`."
        ),
    ]
    client_id: Annotated[str, Meta(description="What Ringbook is called there.")]
    client_secret: Annotated[Secret, Meta(description="With what Ringbook proves itself there.")] = Secret()
    client_secret_file: Annotated[str, Meta(description="File that holds the client's secret.")] = ""
    title: Annotated[
        str, Meta(description="What the button says after “Sign in with”; the section's name unless given.")
    ] = ""
    default_role: Annotated[
        str,
        Meta(
            description="Role that people get who sign in with this service for the first time and were not invited: `agent`, "
            "`supervisor` or `auditor`. Empty: they do not get in."
        ),
    ] = ""


class Mail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail server for invitations and links for forgotten passwords; without one, whoever invites is shown the link."""

    host: Annotated[str, Meta(description="The mail server. Empty: no mail is sent.")] = ""
    port: Annotated[int, Meta(ge=1, le=65_535, description="Its port.")] = 587
    safety: Annotated[Safety, Meta(description="How the way to it is protected.")] = Safety.STARTTLS
    user: Annotated[str, Meta(description="Name to sign in there with, if it asks.")] = ""
    password: Annotated[Secret, Meta(description="Password to sign in there with.")] = Secret()
    password_file: Annotated[str, Meta(description="File that holds the password.")] = ""
    sender: Annotated[str, Meta(description="Address that messages come from.")] = ""


class Desk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pages and the API, and the store of people, notes and contacts behind them."""

    public_url: Annotated[
        str,
        Meta(
            description="Address under which people reach the pages, when it is not this machine: `https://calls.example.com`. "
            "Cookies are then sent over TLS only."
        ),
    ] = ""
    hosts: Annotated[
        tuple[str, ...],
        Meta(
            description="Host names that the pages answer to; empty for that of `public_url` and this machine's own names."
        ),
    ] = ()
    database: Annotated[
        str,
        Meta(
            description="Where people, notes and contacts are kept: empty for SQLite in the home directory, or "
            "`postgresql://user:password@host:port/name`."
        ),
    ] = ""
    database_file: Annotated[
        str, Meta(description="File that holds the address of the database, for one that carries a password.")
    ] = ""
    source_folders: Annotated[
        tuple[str, ...],
        Meta(
            description="Folders in which sources that are added on the pages may read files: who may add sources "
            "may not thereby read the whole machine."
        ),
    ] = ("/var/log", "/srv")
    session_idle_h: Annotated[
        float,
        Meta(gt=0, le=720, description="Hours without use after which people have to sign in again."),
    ] = 12.0
    session_days: Annotated[
        int, Meta(ge=1, le=365, description="Days after which people have to sign in again in any case.")
    ] = 14
    oidc: Annotated[dict[str, SingleSignOn], Meta(description="Services to sign in with.")] = {}
    webhook_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Private networks (`192.0.2.0/24`) in which webhooks may lead, also over plain HTTP; all others "
            "must lead to an address of the Internet over HTTPS."
        ),
    ] = ()


class KeepAs(StrEnum):
    """In which form audio is kept."""

    ORIGINAL = "original"  # bit for bit
    FLAC = "flac"  # sample for sample
    OPUS = "opus"  # 24 kbit/s: about 11 MB an hour


class RecordingFolder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder into which a phone system writes recordings."""

    source: Annotated[str, Meta(min_length=1, description="The phone system whose calls are recorded there.")]
    path: Annotated[
        str,
        Meta(
            min_length=1,
            description="The folder, with all folders in it; relative to the home directory. `s3://bucket/folder` (`gs://`, "
            "`az://`) or `sftp://user@host/folder` for one somewhere else.",
        ),
    ]
    template: Annotated[
        str,
        Meta(
            description="Where things stand in a path, if they are not found by themselves: "
            "`{year}/{month}/{day}/{from}-{to}-{date}-{time}-{id}`."
        ),
    ] = ""
    settle_s: Annotated[
        float, Meta(ge=0, description="Seconds without growth after which a recording is complete.")
    ] = 5.0
    delete_after: Annotated[
        bool, Meta(description="Whether a file is deleted there once it is safe in the vault.")
    ] = False
    endpoint: Annotated[
        str, Meta(description="`s3://`: address of an object store that speaks S3 and is not Amazon's.")
    ] = ""
    identity_file: Annotated[str, Meta(description="`sftp://`: file with the private key.")] = ""
    password_file: Annotated[str, Meta(description="`sftp://`: file with the password.")] = ""
    host_keys: Annotated[
        str,
        Meta(
            description="`sftp://`: file with the keys that machines prove, as `ssh-keyscan` writes it; "
            "`~/.ssh/known_hosts` unless given. A machine that proves another key is not spoken to."
        ),
    ] = ""


class Recordings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vault: where audio is kept, under which key, and where it comes from."""

    place: Annotated[
        str,
        Meta(
            description="Where sealed audio lies: empty for a folder in the home directory, or `s3://bucket/prefix`, "
            "`gs://…`, `az://…` (credentials from the environment, as those clouds' own tools read them)."
        ),
    ] = ""
    endpoint: Annotated[
        str, Meta(description="Address of an object store that speaks S3 and is not Amazon's.")
    ] = ""
    key: Annotated[
        Secret,
        Meta(description="The master key: a line as `ringbook recordings new-key` prints it, or several."),
    ] = Secret()
    key_file: Annotated[
        str,
        Meta(
            description="File that holds the master key; without any of these three, `vault.key` in the home, made at the start."
        ),
    ] = ""
    key_command: Annotated[str, Meta(description="Command that prints the master key.")] = ""
    keep_as: Annotated[
        KeepAs, Meta(description="`original` bit for bit, `flac` without loss, `opus` at 24 kbit/s.")
    ] = KeepAs.ORIGINAL
    keep_free_mb: Annotated[
        int,
        Meta(
            ge=0, description="MiB of the disk that recordings never fill; below it they wait where they are."
        ),
    ] = 1_024
    quota_gb: Annotated[
        float,
        Meta(
            ge=0,
            description="Most GiB that recordings may take; 0 for no limit. Beyond it they wait where they are.",
        ),
    ] = 0.0
    warn_at: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="Share of the quota, or of the room there is, from which pages and metrics warn.",
        ),
    ] = 0.8
    destroy_original_when_masked: Annotated[
        bool,
        Meta(
            description="Whether the original of a recording is destroyed, with its key, when a span of it is silenced. "
            "Otherwise it stays sealed, out of reach of pages, API and downloads, and the silence can be taken back."
        ),
    ] = False
    max_upload_mb: Annotated[
        int,
        Meta(ge=1, description="MiB of the largest recording that is uploaded by a program, or fetched."),
    ] = 2_048
    fetch_hosts: Annotated[
        tuple[str, ...],
        Meta(
            description="Hosts (`pbx.lan`, `pbx.lan:8080`) from which recordings may be fetched although they are in a private "
            "network, also without TLS. Everything else has to be public, and https."
        ),
    ] = ()
    folders: Annotated[tuple[RecordingFolder, ...], Meta(description="Where recordings come from.")] = ()


class Spool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place where received bytes are durable before they are acknowledged, until the ledger has them."""

    warn_mb: Annotated[
        int,
        Meta(
            ge=1,
            description="Size in MiB from which a warning is logged and shown; nothing is dropped at any size.",
        ),
    ] = 1_024
    keep_free_mb: Annotated[
        int,
        Meta(
            ge=0,
            description="MiB of the disk that must stay free; below it senders are held off "
            "(TCP waits, HTTP answers 503) until there is room again.",
        ),
    ] = 16
    batch_rows: Annotated[int, Meta(ge=1, description="Most chunks that share one write to the disk.")] = (
        2_000
    )
    batch_mb: Annotated[int, Meta(ge=1, description="Most MiB that share one write to the disk.")] = 8
    queue_mb: Annotated[
        int,
        Meta(ge=1, description="Most MiB that wait in memory for the disk; beyond it senders are held off."),
    ] = 64


class Files(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How files are followed."""

    poll_s: Annotated[
        float, Meta(gt=0, le=3_600, description="Seconds between two looks at followed files.")
    ] = 1.0
    settle_s: Annotated[
        float,
        Meta(
            ge=0,
            description="Seconds without growth after which a file that is one whole document (JSON, XML) is complete. "
            "An unfinished line waits without limit.",
        ),
    ] = 5.0
    linger_s: Annotated[
        float,
        Meta(ge=0, description="Seconds without growth after which a rotated file is no longer followed."),
    ] = 60.0


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Ringbook says about itself. Numbers, names and secrets are not logged above `debug`."""

    level: Annotated[LogLevel, Meta(description="Least important events that are written.")] = LogLevel.INFO
    format: Annotated[
        LogFormat, Meta(description="`auto` writes text on a terminal and JSON lines elsewhere.")
    ] = LogFormat.AUTO


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in which a phone system's records arrive."""

    kind: Annotated[
        Kind,
        Meta(
            description="`file`, `tcp-listen`, `tcp-connect`, `http-post`, or a dialogue: `ami` with Asterisk's manager "
            "interface, `esl` with FreeSWITCH's event socket. A dialogue brings marks of what may not be heard, not the calls."
        ),
    ]
    name: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,62})?$",
            description="Tells the inputs of one source apart; made from kind and place when it is not given.",
        ),
    ] = ""
    format: Annotated[
        str,
        Meta(
            description="Slug of the format (`ringbook sources list` shows them). A `file` input may leave it `auto`: "
            "each file's format is then told from its content. `ami` and `esl` have one of their own."
        ),
    ] = "auto"
    path: Annotated[
        tuple[str, ...],
        Meta(
            description="`file`: a file, a folder (the files directly in it) or a glob (`**` for folders within), or a list of "
            "these; relative to the home directory. Files that do not exist yet are waited for."
        ),
    ] = ()
    host: Annotated[
        str,
        Meta(
            description="`tcp-connect`, `ami`, `esl`: the phone system's address. `tcp-listen`: the address to listen on, "
            "this machine only unless told."
        ),
    ] = ""
    port: Annotated[
        int,
        Meta(
            ge=0,
            le=65_535,
            description="The TCP port. `ami`: 5038, or 5039 with `tls`, unless given; `esl`: 8021.",
        ),
    ] = 0
    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="`tcp-listen`: addresses or networks (`192.0.2.0/24`) that may connect; "
            "empty for all that reach the port."
        ),
    ] = ()
    max_connections: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="`tcp-listen`: connections held at the same time; further ones are closed.",
        ),
    ] = 64
    idle_s: Annotated[
        float,
        Meta(
            ge=0,
            description="`tcp-listen`, `tcp-connect`: seconds of silence after which a connection is closed; 0 for never, "
            "which suits phone systems that are silent at night.",
        ),
    ] = 0.0
    login: Annotated[
        str,
        Meta(
            description="`tcp-connect`: line to send once connected (`SMDR` for Panasonic); `password` follows it. "
            "`ami`: the user's name in `manager.conf`."
        ),
    ] = ""
    password: Annotated[
        Secret,
        Meta(
            description="`tcp-connect`: line to send after `login`. `ami`: the user's `secret`; it is proved by a challenge and "
            "does not cross the wire. `esl`: the event socket's password."
        ),
    ] = Secret()
    password_file: Annotated[str, Meta(description="File that holds the password.")] = ""
    tls: Annotated[bool, Meta(description="`ami`: whether to speak TLS (`tlsenable` in `manager.conf`).")] = (
        False
    )
    ca_file: Annotated[
        str,
        Meta(
            description="`ami` with `tls`: file with the certificate that the phone system's has to be signed by; those of the "
            "operating system unless given."
        ),
    ] = ""
    token: Annotated[
        Secret,
        Meta(
            description="`http-post`: what senders must show, as `Authorization: Bearer …` or as the password of Basic "
            "authentication. Never taken from the address."
        ),
    ] = Secret()
    token_file: Annotated[str, Meta(description="File that holds the token.")] = ""
    mapping: Annotated[
        str,
        Meta(
            description="File that describes the records for the format `mapped` (`ringbook sources map` proposes one); "
            "relative to the home directory."
        ),
    ] = ""
    settings: Annotated[
        dict[str, str], Meta(description="The format's own settings; the page of each format lists them.")
    ] = {}


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One phone system: what all its records share, and the inputs that bring them.

    Records of all inputs of a source (CDR, CEL, queue log …) join into the same calls.
    """

    timezone: Annotated[
        str,
        Meta(
            description="Zone of the phone system's clock, for records that do not say: an IANA name "
            "(`Europe/Berlin`) or an offset (`UTC+05:30`)."
        ),
    ] = ""
    region: Annotated[
        str,
        Meta(description="Country (ISO 3166, two letters) in which numbers without a country code are read."),
    ] = ""
    extensions: Annotated[
        str, Meta(description="Regular expression that a number matches in full when it is one of ours.")
    ] = r"\d{2,6}"
    trunks: Annotated[
        str,
        Meta(
            description="Regular expression that a channel or device matches in full when it leads outside."
        ),
    ] = ""
    paused: Annotated[
        bool,
        Meta(
            description="Whether its inputs rest: files are not read, ports not opened, posts answered 503 so that senders "
            "keep their records."
        ),
    ] = False
    inputs: Annotated[tuple[Input, ...], Meta(description="How the records arrive.")] = ()

    def source(self, name: str, settings: dict[str, str] | None = None) -> Source:
        """The description that parsing and normalising need."""
        return Source(
            name=name,
            timezone=self.timezone,
            region=self.region,
            extensions=self.extensions,
            trunks=self.trunks,
            settings=settings or {},
        )


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one home."""

    home: Path
    server: Server = Server()
    ledger: Ledger = Ledger()
    desk: Desk = Desk()
    recordings: Recordings = Recordings()
    mail: Mail = Mail()
    spool: Spool = Spool()
    files: Files = Files()
    log: Log = Log()
    sources: dict[str, SourceSettings] = {}


INPUT_KEYS: dict[Kind, tuple[str, ...]] = {
    Kind.FILE: ("path",),
    Kind.TCP_LISTEN: ("host", "port", "allow", "max_connections", "idle_s"),
    Kind.TCP_CONNECT: ("host", "port", "login", "password", "password_file", "idle_s"),
    Kind.HTTP_POST: ("token", "token_file"),
    Kind.AMI: ("host", "port", "login", "password", "password_file", "tls", "ca_file"),
    Kind.ESL: ("host", "port", "password", "password_file"),
}
"""The settings of an input that only some kinds have; all others suit every kind."""

REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.FILE: ("path",),
    Kind.TCP_LISTEN: ("port", "format"),
    Kind.TCP_CONNECT: ("host", "port", "format"),
    Kind.HTTP_POST: ("token", "format"),
    Kind.AMI: ("host", "login", "password"),
    Kind.ESL: ("host", "password"),
}
"""The settings of an input that each kind must have."""

DIALOGUES: dict[Kind, str] = {Kind.AMI: "asterisk_ami", Kind.ESL: "freeswitch_esl"}
"""The kinds of input that speak a protocol of their own, and the format of what is told there."""
