"""vCon: the IETF's container for conversations, as input. One vCon is one call.

Read are all drafts from before 0.0.1 to core-03 (syntax 0.4.0 and without one): ``mimetype`` and ``mediatype``,
``transfer-target`` and ``transfer_target``, ``session_id`` as text, object or list, ``appended`` and ``amended``, files
without ``uuid`` or ``created_at``. A signed vCon (JWS) is read without its signatures being checked, and says so; an
encrypted one (JWE) is a reject.

A *recording* with two parties or more is a conversation between them; an *incomplete* dialog says why there was none; a
*transfer* names who sent whom to whom. *Text* (mail, chat) is no call. What is recorded stays where it is: the audio inside or
behind the URL is neither decoded nor copied.
"""

from __future__ import annotations

import hashlib
import re
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ringbook.model.call import HangupBy
from ringbook.model.instant import SECOND, Instant, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import AnyStatement, PathResult, RecordingMade, Segment
from ringbook.parse.format import (
    About,
    Clock,
    Framer,
    Noise,
    Parsed,
    Piece,
    Reasons,
    Rejected,
    Stated,
    Transport,
    without_settings,
)
from ringbook.parse.formats._vcon_shape import Dialog, Envelope, PartyShape, Vcon, instant, payload, seconds
from ringbook.parse.framing import WholeFramer

ENCRYPTED = "encrypted"
"""Reject reason: the vCon is encrypted. Decrypt it with its recipient's key and import what comes out."""

_DISPOSITIONS = {
    "no-answer": PathResult.NO_ANSWER,
    "congestion": PathResult.CONGESTION,
    "failed": PathResult.FAILED,
    "busy": PathResult.BUSY,
    "hung-up": PathResult.CANCELLED,
    "voicemail-no-message": PathResult.VOICEMAIL,
}
_OURS = frozenset({"agent", "employee", "supervisor", "representative", "staff", "sales", "support", "host"})
_THEIRS = frozenset({"customer", "client", "contact", "caller", "consumer", "prospect", "patient", "guest"})
_CALLS = frozenset({"recording", "recording-set", "incomplete"})
_MAX_TEXT = 200
_FACTS = (
    "started_at answered_at ended_at duration_s direction outcome hangup_by from to agents ring_s talk_s hold_s transfers legs "
    "steps recordings"
)


class VconFormat:
    """vCon documents, each one call."""

    about = About(
        slug="vcon",
        vendor="IETF",
        product="vCon (JSON container for conversations)",
        versions="0.0.1 to 0.4.0, draft-ietf-vcon-vcon-core-03",
        reference="draft-ietf-vcon-vcon-core-03, sections 4.1 to 4.3",
        transports=(Transport.FILE, Transport.HTTP_POST),
        clock=Clock.ZONED,
        facts=frozenset(_FACTS.split()),
        keys="The vCon's uuid, and that of the vCon it amends or redacts; without one, its content",
        connect=(
            "ringbook import conversations/*.vcon --source contact-centre\n"
            "# or let the conversation server post each vCon to Ringbook's HTTP intake as application/vcon"
        ),
    )

    def configure(self, settings: Mapping[str, str]) -> VconFormat:
        """The same: it has no settings."""
        without_settings(self.about.slug, settings)
        return self

    def sniff(self, head: bytes, name: str) -> float:
        """Certain where the members of a vCon or of its signed or encrypted form stand at the beginning."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not text.startswith(b"{"):
            return 0.0
        if re.search(rb'"vcon"\s*:\s*"\d', text) or (b'"parties"' in text and b'"dialog"' in text):
            return 0.95
        if re.search(rb'"(?:ciphertext|signatures)"\s*:', text) and re.search(
            rb'"(?:payload|protected)"', text
        ):
            return 0.9 if name.endswith(".vcon") or b'"uuid"' in text else 0.7
        signed = re.search(rb'"payload"\s*:\s*"([A-Za-z0-9_\-]{40,})', text)
        if signed and b'"parties"' in payload(signed[1][: len(signed[1]) // 4 * 4].decode()):
            return 0.9
        return 0.6 if name.endswith(".vcon") else 0.0

    def framer(self, context: bytes = b"") -> Framer:
        """One piece: the document."""
        return WholeFramer(context)

    def parse(self, piece: Piece) -> Parsed:
        """The call that the vCon is about."""
        if piece.flaw:
            return Rejected(piece.flaw)
        data = piece.data.removeprefix(b"\xef\xbb\xbf").strip()
        if not data:
            return Noise("blank")
        try:
            return _opened(data)
        except UnicodeDecodeError:
            return Rejected(Reasons.ENCODING, "not UTF-8")
        except (msgspec.DecodeError, Base64Error) as error:
            truncated = "truncated" in str(error)
            return Rejected(Reasons.TRUNCATED if truncated else Reasons.SYNTAX, str(error)[:_MAX_TEXT])
        except RecursionError:
            return Rejected(Reasons.SYNTAX, "nested too deeply")
        except _UnreadableError as error:
            return Rejected(error.reason, error.detail)


FORMAT = VconFormat()


class _UnreadableError(Exception):
    """Something in the vCon cannot be what it should be."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


_ENVELOPE = msgspec.json.Decoder(Envelope)
_VCON = msgspec.json.Decoder(Vcon)


def _opened(data: bytes) -> Parsed:
    envelope = _ENVELOPE.decode(data)
    if envelope.ciphertext is not None:
        return Rejected(
            ENCRYPTED, "encrypted (JWE): decrypt it with its recipient's key and import the decrypted vCon"
        )
    if isinstance(envelope.payload, str) and (
        envelope.signatures is not None or envelope.signature is not None
    ):
        inner = payload(envelope.payload)
        if not inner:
            return Rejected(Reasons.SYNTAX, "signed, but its payload is not base64url")
        return _told(inner, signed=True)
    return _told(data, signed=False)


def _told(data: bytes, *, signed: bool) -> Parsed:
    vcon = _VCON.decode(data)
    if vcon.parties is None and vcon.dialog is None:
        return Rejected(Reasons.MISSING, "neither parties nor dialog: not a vCon")
    dialogs = vcon.dialog or ()
    if not dialogs:
        return Noise("a vCon without a dialog")
    kinds = {dialog.kind for dialog in dialogs}
    if not kinds & (_CALLS | {"transfer"}):
        unknown = kinds - {"text"}
        if unknown:
            return Rejected(Reasons.UNKNOWN, f"dialog type {sorted(unknown)[0][:40]!r}")
        return Noise("messages, no call")
    reading = _Reading(vcon, data, signed=signed)
    statements = reading.statements()
    if all(statement.at is None for statement in statements):
        return Rejected(Reasons.MISSING, "no dialog says when it started")
    return Stated(statements)


class _Reading:
    """One vCon being read: its names, parties and dialogs."""

    def __init__(self, vcon: Vcon, data: bytes, *, signed: bool) -> None:
        names = [n for n in (vcon.uuid, vcon.earlier()) if isinstance(n, str) and n]
        self._keys = tuple(f"vcon:{name.lower()[:80]}" for name in names) or (_content_key(data),)
        self._root = self._keys[-1]
        self._people = [_endpoint(shape) for shape in vcon.parties or ()]
        self._dialogs = vcon.dialog or ()
        self._signed = signed
        self._transfers = [d for d in self._dialogs if d.kind == "transfer"]

    def statements(self) -> tuple[AnyStatement, ...]:
        """Segments for what was said or tried, and the recordings that were made of it."""
        found: list[AnyStatement] = []
        for index, dialog in enumerate(self._dialogs):
            if dialog.kind in ("recording", "recording-set", "incomplete"):
                at, span = self._when(index, dialog)
                if not self._in_set(dialog):
                    found.append(self._segment(index, dialog, at, span))
                if dialog.kind == "recording":
                    found.append(self._recording(index, dialog, at, span))
            elif dialog.kind == "transfer" and self._index(dialog.target_dialog) is None:
                found.append(self._transfer(index, dialog))
        return tuple(found)

    def _in_set(self, dialog: Dialog) -> bool:
        whole = self._index(dialog.recording_set)
        return whole is not None and self._dialogs[whole].kind == "recording-set"

    def _when(self, index: int, dialog: Dialog) -> tuple[Instant | None, float | None]:
        at = instant(dialog.start)
        if at is None and dialog.start not in (None, ""):
            raise _UnreadableError(Reasons.TIME, f"dialog {index} starts at {str(dialog.start)[:60]!r}")
        if at is not None and not plausible(at):
            raise _UnreadableError(
                Reasons.IMPLAUSIBLE, f"dialog {index} starts at {str(dialog.start)[:60]!r}"
            )
        span = seconds(dialog.duration)
        if span is None and dialog.duration not in (None, ""):
            raise _UnreadableError(Reasons.NUMBER, f"dialog {index} lasts {str(dialog.duration)[:60]!r}")
        if span is not None and span < 0:
            raise _UnreadableError(Reasons.NEGATIVE, f"dialog {index} lasts {span} seconds")
        return at, span or None  # writers that do not know how long it was say 0

    def _segment(self, index: int, dialog: Dialog, at: Instant | None, span: float | None) -> Segment:
        talkers = self._talkers(dialog)
        result = self._result(dialog, len(talkers))
        talked = result is PathResult.ANSWERED
        sent = next((t for t in self._transfers if self._index(t.target_dialog) == index), None)
        caller = self._people[talkers[0]] if talkers else _NOBODY
        reached = self._people[talkers[1]] if len(talkers) > 1 else _NOBODY
        if sent is not None:
            caller = self._party(sent.transferee) or caller
            reached = self._party(sent.target) or reached
        return Segment(
            keys=self._keys,
            identity=f"{self._root}/{index}",
            order=index,
            at=at,
            caller=caller,
            reached=reached,
            result=result,
            from_talk=talked,
            answered_at=at if talked else None,
            ended_at=at + round(span * SECOND) if at is not None and span is not None else None,
            talk_s=span if talked else None,
            hold_s=self._hold_s(dialog) if talked else None,
            transferred_by=(self._party(sent.transferor) or _NOBODY) if sent else _NOBODY,
            transfer_kind=self._transfer_kind(sent) if sent else "",
            continues=True if self._goes_on(index) else None,
            hangup_by=HangupBy.CALLER if result is PathResult.CANCELLED else HangupBy.UNKNOWN,
            extra=self._extra(dialog, talkers),
        )

    def _transfer(self, index: int, dialog: Dialog) -> Segment:
        """A transfer whose new conversation the vCon does not hold: who was sent where is all that is known."""
        at, _ = self._when(index, dialog)
        return Segment(
            keys=self._keys,
            identity=f"{self._root}/{index}",
            order=index,
            at=at,
            caller=self._party(dialog.transferee) or _NOBODY,
            reached=self._party(dialog.target) or _NOBODY,
            transferred_by=self._party(dialog.transferor) or _NOBODY,
            transfer_kind=self._transfer_kind(dialog),
            extra=self._extra(dialog, []),
        )

    def _recording(self, index: int, dialog: Dialog, at: Instant | None, span: float | None) -> RecordingMade:
        url = dialog.url if isinstance(dialog.url, str) else ""
        name = dialog.filename if isinstance(dialog.filename, str) else ""
        return RecordingMade(
            keys=self._keys,
            identity=f"{self._root}/{index}",
            order=index,
            at=at,
            name=(name or url.partition("?")[0].rpartition("/")[2] or f"dialog-{index}")[:_MAX_TEXT],
            path=url[:1000],
            started_at=at,
            duration_s=span,
        )

    def _talkers(self, dialog: Dialog) -> list[int]:
        """Indexes of those who took part, the originator first, nobody twice."""
        listed = [i for i in _flat(dialog.parties) if 0 <= i < len(self._people)]
        origin = dialog.originator
        if isinstance(origin, int) and 0 <= origin < len(self._people):
            listed.insert(0, origin)
        return list(dict.fromkeys(listed))

    def _result(self, dialog: Dialog, talkers: int) -> PathResult:
        if dialog.kind == "incomplete":
            word = str(dialog.disposition or "").lower().replace("_", "-").strip()
            return _DISPOSITIONS.get(word, PathResult.UNKNOWN)
        return PathResult.ANSWERED if talkers > 1 else PathResult.UNKNOWN

    def _hold_s(self, dialog: Dialog) -> float | None:
        """How long somebody was on hold, where the parties' history says it from beginning to end."""
        events = dialog.party_history if isinstance(dialog.party_history, list) else []
        since: dict[object, Instant] = {}
        held = 0
        seen = False
        for event in events:
            if not isinstance(event, dict) or event.get("event") not in ("hold", "unhold"):
                continue
            at, who = instant(event.get("time")), str(event.get("party"))
            if at is None:
                return None
            seen = True
            if event["event"] == "hold":
                since.setdefault(who, at)
            elif who in since:
                held += max(0, at - since.pop(who))
        return round(held / SECOND, 3) if seen and not since else None

    def _goes_on(self, index: int) -> bool:
        return any(self._index(transfer.original) == index for transfer in self._transfers)

    def _transfer_kind(self, transfer: Dialog) -> str:
        return "attended" if self._index(transfer.consultation) is not None else "blind"

    def _party(self, index: Any) -> Endpoint | None:
        return self._people[index] if isinstance(index, int) and 0 <= index < len(self._people) else None

    def _index(self, value: Any) -> int | None:
        """A dialog's index where the value is one; writers without one say -1, null or an empty list."""
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return value if isinstance(value, int) and 0 <= value < len(self._dialogs) else None

    def _extra(self, dialog: Dialog, talkers: Sequence[int]) -> dict[str, str]:
        extra = {"signature": "not verified"} if self._signed else {}
        others = [self._people[i] for i in talkers[2:12]]
        if others:
            extra["also"] = ", ".join(end.name or end.number.raw for end in others)[:_MAX_TEXT]
        for name in ("campaign", "skill", "interaction_id", "application"):
            value = getattr(dialog, name)
            if isinstance(value, str) and value:
                extra[name] = value[:_MAX_TEXT]
        return extra


_NOBODY = Endpoint()


def _content_key(data: bytes) -> str:
    """The key of a vCon from before there were uuids."""
    return f"vcon:{hashlib.blake2b(data, digest_size=12).hexdigest()}"


def _endpoint(shape: PartyShape) -> Endpoint:
    """A party of the conversation: by telephone number, else by SIP address."""
    number = _text(shape.tel).removeprefix("tel:").partition(";")[0].strip()
    if not number:
        address = re.sub(r"^sips?:", "", _text(shape.sip)).partition(";")[0].strip()
        user = address.partition("@")[0]
        number = user if re.fullmatch(r"\+?\d+", user) else address
    role = _text(shape.role).lower().strip()
    kind = EndpointKind.UNKNOWN
    if role in _OURS:
        kind = EndpointKind.PERSON
    elif role in _THEIRS:
        kind = EndpointKind.OUTSIDE
    name = _text(shape.name) or _text(shape.mailto).removeprefix("mailto:")
    return Endpoint(kind, Number(number[:80]), name[:_MAX_TEXT])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _flat(parties: Any) -> list[int]:
    """Party indexes, whether given alone, as a list, or as a list for each channel; null channels left out."""
    if isinstance(parties, bool):
        return []
    if isinstance(parties, int):
        return [parties]
    if not isinstance(parties, list):
        return []
    return [
        i
        for part in parties[:1000]
        for i in (part if isinstance(part, list) else [part])
        if isinstance(i, int) and not isinstance(i, bool)
    ]
