"""What the name of a recording's file says: ids of the call, numbers, when it began, and which side is heard.

Phone systems put these into names and folders in many orders:

- FreePBX ``in-3125550101-5125550101-20261121-131103-1795284663.113.wav``; Asterisk's MixMonitor whatever the dial plan says
- FreeSWITCH and FusionPBX ``archive/2026/Nov/21/<uuid>.wav``
- 3CX ``[Doe, Jane]_102-+13125550101_20261121131103(412).wav``

Each kind of fact has a shape that is hardly taken for another, so they are found wherever they stand; a template says it exactly
where that is not enough.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from ringbook.model.errors import SettingsError

MOST_NAME = 1_000


class TemplateError(SettingsError):
    """A template for the names of recordings cannot be read."""


class NameFacts(msgspec.Struct, frozen=True):
    """What a name says. ``began`` is what a clock there showed, without a zone; ``side`` is ``in`` or ``out`` for one of a pair.

    ``stem`` is the name without side and ending: the two of a pair have the same.
    """

    stem: str
    ids: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    began: datetime | None = None
    side: str = ""


_UUID = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-fA-F])")
_UNIQUEID = re.compile(r"(?<![\d.])(1\d{9}\.\d{1,9})(?![\d.])")
"""Asterisk's: epoch seconds (ten digits from 2001 on, until 2033), a dot, a counter; a system name may stand before."""

_MOMENT = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
    r"[-_. T]?([01]\d|2[0-3])[-_.:h]?([0-5]\d)[-_.:m]?([0-5]\d)(?!\d)"
)
_NUMBER = re.compile(r"(?<![\w.])\+?\d{2,16}(?![\w.])")
_ENDING = re.compile(
    r"(\.(wav|wav49|gsm|mp3|ogg|oga|opus|flac|webm|mka|mkv|m4a|mp4|ulaw|alaw|au|aiff?|sln\d*))+$",
    re.IGNORECASE,
)
_SIDE = re.compile(r"[-_.](in|out|rx|tx|r|t|left|right|caller|callee|read|write)$", re.IGNORECASE)
_SIDES = {
    **dict.fromkeys(("in", "rx", "r", "left", "caller", "read"), "in"),
    **dict.fromkeys(("out", "tx", "t", "right", "callee", "write"), "out"),
}


def facts(path: str, template: Template | None = None) -> NameFacts:
    """What the path of a recording says; by a template, if it fits, else by the shapes of what stands in the name."""
    name = PurePosixPath(path.replace("\\", "/")).name[-MOST_NAME:]
    stem = without_ending(name)
    paired = _SIDE.search(stem)
    side = _SIDES[paired[1].lower()] if paired else ""
    plain = stem[: paired.start()] if paired else stem
    told = template.read(path, plain) if template else None
    return told or _by_shape(plain, side)


def without_ending(name: str) -> str:
    """The name of a file without the endings that audio files have."""
    return _ENDING.sub("", name)


def _by_shape(stem: str, side: str) -> NameFacts:
    ids = [*_UUID.findall(stem), *_UNIQUEID.findall(stem)]
    rest = _UNIQUEID.sub(" ", _UUID.sub(" ", stem))
    moment = _MOMENT.search(rest)
    began = _moment("".join(moment.groups())) if moment else None
    if moment:
        rest = f"{rest[: moment.start()]} {rest[moment.end() :]}"
    numbers = _NUMBER.findall(re.sub(r"[-_()\[\]@~,;]", " ", rest))
    return NameFacts(stem, tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(numbers)), began, side)


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007  # a clock on the wall there
    except ValueError:
        return None


class Template:
    """Where things stand in a path: ``{year}/{month}/{day}/{from}-{to}-{date}-{time}-{id}``.

    Fields are ``id``, ``from``, ``to``, ``number``, ``date`` (20261121), ``time`` (131103), ``year``, ``month``, ``day``,
    ``side`` and ``any``; what stands between them is taken as it is; endings (``.wav``) are left out.

    :raises TemplateError: an unknown field, or none that tells of the call.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        fields = re.findall(r"\{([^}]*)\}", text)
        unknown = [field for field in fields if field not in _FIELDS]
        if unknown:
            raise TemplateError(
                f"the template {text!r} has an unknown field {{{unknown[0]}}}; there are {', '.join(_FIELDS)}"
            )
        if not {"id", "from", "to", "number"} & set(fields):
            raise TemplateError(
                f"the template {text!r} tells nothing of a call: put in {{id}}, {{from}}, {{to}} or {{number}}"
            )
        parts = re.split(r"(\{[^}]*\})", text)
        pattern = "".join(
            f"(?P<{part[1:-1]}_{at}>{_FIELDS[part[1:-1]]})" if part.startswith("{") else re.escape(part)
            for at, part in enumerate(parts)
        )
        self._pattern = re.compile(rf"(?:^|/){pattern}$")

    def read(self, path: str, stem: str) -> NameFacts | None:
        """What the path says by this template; None if it does not fit."""
        whole = without_ending(path.replace("\\", "/"))[-MOST_NAME:]
        found = self._pattern.search(whole)
        if not found:
            return None
        told: dict[str, list[str]] = {}
        for name, value in found.groupdict().items():
            told.setdefault(name.rpartition("_")[0], []).append(value)
        numbers = [number for field in ("from", "to", "number") for number in told.get(field, [])]
        side = told.get("side", [""])[0].lower()
        if "side" in told:
            stem = whole[: found.start("side_" + self._at("side"))].rstrip("-_.").rpartition("/")[2]
        return NameFacts(stem, tuple(told.get("id", [])), tuple(numbers), _began(told), _SIDES.get(side, ""))

    def _at(self, field: str) -> str:
        return next(
            name.rpartition("_")[2] for name in self._pattern.groupindex if name.startswith(f"{field}_")
        )


def _began(told: dict[str, list[str]]) -> datetime | None:
    def one(field: str) -> str:
        return told.get(field, [""])[0]

    date = one("date") or one("year") + one("month") + one("day")
    return _moment(re.sub(r"\D", "", date + one("time")))


_FIELDS = {
    "id": r"[^/]+?",
    "from": r"\+?[\d*#]+|[A-Za-z]\w*",
    "to": r"\+?[\d*#]+|[A-Za-z]\w*",
    "number": r"\+?[\d*#]+",
    "date": r"\d{4}[-.]?\d\d[-.]?\d\d",
    "time": r"\d\d[-.:]?\d\d[-.:]?\d\d",
    "year": r"\d{4}",
    "month": r"\d\d",
    "day": r"\d\d",
    "side": r"in|out|rx|tx|r|t|left|right",
    "any": r"[^/]*?",
}


def harmless(name: str) -> str:
    """The last part of a name that came from outside, without letters that mean something to a file system."""
    last = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name.replace("\\", "/").rpartition("/")[2])
    return last.encode("utf-8", "replace").decode()[-120:].lstrip(".") or "recording"
