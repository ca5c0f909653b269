"""FreeSWITCH mod_json_cdr: one JSON document per channel, from its files or its HTTP posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ringbook.parse.format import (
    About,
    Clock,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Transport,
    without_settings,
)
from ringbook.parse.formats._freeswitch import FACTS, parsed
from ringbook.parse.formats._freeswitch_bodies import BodyFramer, json_splitter, text_of, unwrapped
from ringbook.parse.formats._freeswitch_document import App, Document, Flow, decoded, instants

ABOUT = About(
    slug="freeswitch_json_cdr",
    vendor="SignalWire",
    product="FreeSWITCH mod_json_cdr",
    versions="1.2 to 1.10",
    reference="https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_json_cdr_6586955/",
    transports=(Transport.FILE, Transport.HTTP_POST),
    clock=Clock.UTC,
    facts=FACTS,
    keys="uuid, and every channel that a record names: originator, signal_bond, bridge_uuid, cc_member_session_uuid …",
    connect="""\
In json_cdr.conf.xml, and `reload mod_json_cdr`:
  <param name="log-b-leg" value="true"/>
  <param name="url" value="http://ringbook.example:8420/intake/SOURCE"/>
  <param name="cred" value="ringbook:TOKEN"/>""",
)


class JsonCdr:
    """The format."""

    about = ABOUT

    def configure(self, settings: Mapping[str, str]) -> JsonCdr:
        """It has no settings."""
        without_settings(ABOUT.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002 -- the contract's
        """Certain of a document with a core's id and channel variables."""
        text = unwrapped(head.lstrip()[:65536])
        if not text.lstrip().startswith(b"{"):
            return 0.0
        marks = sum(
            mark in text for mark in (b'"core-uuid"', b'"channel_data"', b'"variables"', b'"callflow"')
        )
        return (0.0, 0.4, 0.9, 0.97, 1.0)[marks]

    def framer(self, context: bytes = b"") -> Framer:
        """Cuts between documents."""
        return BodyFramer(context, json_splitter)

    def parse(self, piece: Piece) -> Parsed:
        """What one document says."""
        if piece.flaw:
            return Rejected(piece.flaw, "the document has no end" if piece.flaw == Reasons.TRUNCATED else "")
        body = unwrapped(piece.data).strip(_BLANK)
        if not body:
            return Noise("blank")
        if not body.startswith(b"{"):
            return Rejected(Reasons.SYNTAX, "no JSON object")
        try:
            content = json.loads(text_of(body))
        except (ValueError, RecursionError) as error:
            reason = Reasons.SYNTAX if body.endswith(b"}") else Reasons.TRUNCATED
            return Rejected(reason, f"no JSON: {type(error).__name__}: {error}"[:200])
        if not isinstance(content, dict) or not isinstance(content.get("variables"), dict):
            return Rejected(Reasons.MISSING, "no channel variables: not a record of mod_json_cdr")
        return parsed(_document(content))


def _document(content: Mapping[str, Any]) -> Document:
    flows = content.get("callflow")
    if isinstance(flows, dict):
        flows = [flows]
    if not isinstance(flows, list) or not flows:
        flows = [{"times": content.get("times"), "caller_profile": content.get("caller_profile")}]
    data = _mapping(content.get("channel_data"))
    log = _mapping(content.get("app_log")).get("applications")
    apps = [one for one in log if isinstance(one, dict)] if isinstance(log, list) else []
    return Document(
        decoded(_strings(content["variables"])),
        str(data.get("direction", "")).strip(),
        tuple(_flow(_mapping(flow)) for flow in reversed(flows)),
        tuple(_app(app) for app in apps),
    )


def _flow(flow: Mapping[str, Any]) -> Flow:
    profile = _mapping(flow.get("caller_profile"))
    return Flow(
        decoded(_strings(profile)),
        instants(_mapping(flow.get("times")).items()),
        _others(profile, "originator"),
        _others(profile, "originatee"),
    )


def _others(profile: Mapping[str, Any], role: str) -> tuple[dict[str, str], ...]:
    """The profiles of other channels, as they were then."""
    listed = _mapping(profile.get(role)).get(f"{role}_caller_profiles")
    return (
        tuple(decoded(_strings(one)) for one in listed if isinstance(one, dict))
        if isinstance(listed, list)
        else ()
    )


def _app(app: Mapping[str, Any]) -> App:
    texts = _strings(app)
    at = instants([("at", texts.get("app_stamp", ""))]).get("at")
    return App(texts.get("app_name", ""), texts.get("app_data", ""), at)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The plain values; FreeSWITCH writes texts, older ones also numbers. Several values are one text, as it shows them."""
    texts = {}
    for name, value in mapping.items():
        if isinstance(value, list):
            texts[name] = "ARRAY::" + "|:".join(one for one in value if isinstance(one, str))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            texts[name] = str(value)
    return texts


_BLANK = b" \t\r\n\0\xef\xbb\xbf"

FORMAT = JsonCdr()
