"""FreeSWITCH mod_xml_cdr: one XML document per channel, from its files or its HTTP posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

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
from ringbook.parse.formats._freeswitch_bodies import BodyFramer, text_of, unwrapped, xml_splitter
from ringbook.parse.formats._freeswitch_document import App, Document, Flow, decoded, instants

ABOUT = About(
    slug="freeswitch_xml_cdr",
    vendor="SignalWire",
    product="FreeSWITCH mod_xml_cdr",
    versions="1.0 to 1.10",
    reference="https://developer.signalwire.com/freeswitch/FreeSWITCH-Explained/Modules/mod_xml_cdr_1049001/",
    transports=(Transport.FILE, Transport.HTTP_POST),
    clock=Clock.UTC,
    facts=FACTS,
    keys="uuid, and every channel that a record names: originator, signal_bond, bridge_uuid, cc_member_session_uuid …",
    connect="""\
In xml_cdr.conf.xml, and `reload mod_xml_cdr`:
  <param name="log-b-leg" value="true"/>
  <param name="url" value="http://ringbook.example:8420/intake/SOURCE"/>
  <param name="cred" value="ringbook:TOKEN"/>
  <param name="encode" value="textxml"/>""",
)

DEEPEST = 24
"""Elements within one another; real records have eight, more is an attack on whoever reads them."""


class XmlCdr:
    """The format."""

    about = ABOUT

    def configure(self, settings: Mapping[str, str]) -> XmlCdr:
        """It has no settings."""
        without_settings(ABOUT.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:  # noqa: ARG002 -- the contract's
        """Certain of a ``cdr`` element with channel data or variables."""
        text = unwrapped(head.lstrip()[:65536])
        if not text.lstrip(_BLANK).startswith(b"<") or b"<cdr" not in text:
            return 0.0
        return 1.0 if b"<channel_data>" in text or b"<variables>" in text else 0.5

    def framer(self, context: bytes = b"") -> Framer:
        """Cuts between documents."""
        return BodyFramer(context, xml_splitter)

    def parse(self, piece: Piece) -> Parsed:
        """What one document says."""
        if piece.flaw:
            return Rejected(piece.flaw, "the document has no end" if piece.flaw == Reasons.TRUNCATED else "")
        body = unwrapped(piece.data).strip(_BLANK)
        if not body:
            return Noise("blank")
        if not body.startswith(b"<"):
            return Rejected(Reasons.SYNTAX, "no XML document")
        if _too_deep(body):
            return Rejected(Reasons.SYNTAX, f"elements nested deeper than {DEEPEST}")
        try:
            root = fromstring(_declared(text_of(body)), forbid_dtd=True)
        except (DefusedXmlException, ParseError, ValueError) as error:
            cut = not body.endswith(b">") or b"</cdr>" not in body
            reason = (
                Reasons.TRUNCATED if cut and not isinstance(error, DefusedXmlException) else Reasons.SYNTAX
            )
            return Rejected(reason, f"no XML: {type(error).__name__}: {error}"[:200])
        if root.tag != "cdr" or root.find("variables") is None:
            return Rejected(Reasons.MISSING, "no cdr element with channel variables")
        return parsed(_document(root))


def _declared(text: str) -> str:
    """The text without its declaration: it is decoded already, whatever encoding it declares."""
    if text.startswith("<?xml"):
        end = text.find("?>")
        return text[end + 2 :].lstrip() if end >= 0 else text
    return text


def _too_deep(body: bytes) -> bool:
    """Whether elements are nested deeper than any record's, told without building them."""
    depth = 0
    position = body.find(b"<")
    while position >= 0:
        following = body[position + 1 : position + 2]
        if following == b"/":
            depth -= 1
        elif following not in (b"?", b"!"):
            close = body.find(b">", position)
            depth += 0 if close > 0 and body[close - 1 : close] == b"/" else 1
            if depth > DEEPEST:
                return True
            position = close if close > 0 else position
        position = body.find(b"<", position + 1)
    return False


def _document(root: Element) -> Document:
    flows = root.findall("callflow")
    if not flows:
        flows = [root] if root.find("times") is not None or root.find("caller_profile") is not None else []
    return Document(
        _variables(root),
        (root.findtext("channel_data/direction") or "").strip(),
        tuple(_flow(flow) for flow in reversed(flows)),
        tuple(_apps(root)),
    )


def _variables(root: Element) -> dict[str, str]:
    """The channel's variables; one with several values, an element each, is written as FreeSWITCH shows it elsewhere."""
    flat = {
        f"{place}:{child.tag}": (child.text or "").strip()
        for place, child in enumerate(root.findall("variables/*"))
    }
    several: dict[str, list[str]] = {}
    for name, value in decoded(flat).items():
        several.setdefault(name.partition(":")[2], []).append(value)
    return {
        name: all_[0] if len(all_) == 1 else "ARRAY::" + "|:".join(all_) for name, all_ in several.items()
    }


def _flow(flow: Element) -> Flow:
    profile = flow.find("caller_profile")
    return Flow(
        decoded(_texts(profile)),
        instants(_texts(flow.find("times")).items()),
        _others(profile, "originator"),
        _others(profile, "originatee"),
    )


def _others(profile: Element | None, role: str) -> tuple[dict[str, str], ...]:
    """The profiles of other channels, as they were then."""
    listed = [] if profile is None else profile.findall(f"{role}/{role}_caller_profile")
    return tuple(decoded(_texts(one)) for one in listed)


def _apps(root: Element) -> Iterator[App]:
    for app in root.iterfind("app_log/application"):
        at = instants([("at", app.get("app_stamp", ""))]).get("at")
        yield App(app.get("app_name", ""), app.get("app_data", ""), at)


def _texts(parent: Element | None) -> dict[str, str]:
    """The children that hold text only; blanks and line ends around it are the writer's."""
    if parent is None:
        return {}
    return {child.tag: (child.text or "").strip() for child in parent if not len(child)}


_BLANK = b" \t\r\n\0\xef\xbb\xbf"

FORMAT = XmlCdr()
