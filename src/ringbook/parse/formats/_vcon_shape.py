"""The members of a vCon that tell of calls, in all drafts' spellings; what is not named here (bodies, analyses) is skipped."""

from __future__ import annotations

import base64
import re
from binascii import Error as Base64Error
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from ringbook.model.instant import SECOND, Instant, from_datetime


class Envelope(msgspec.Struct, frozen=True):
    """What tells a signed (JWS) or encrypted (JWE) vCon from a plain one."""

    payload: Any = None
    signatures: Any = None
    signature: Any = None
    ciphertext: Any = None


class PartyShape(msgspec.Struct, frozen=True):
    """Somebody who took part."""

    tel: Any = None
    sip: Any = None
    mailto: Any = None
    name: Any = None
    role: Any = None


class Dialog(msgspec.Struct, frozen=True):
    """A stretch of the conversation."""

    type: Any = None
    start: Any = None
    duration: Any = None
    parties: Any = None
    originator: Any = None
    recording_set: Any = None
    url: Any = None
    filename: Any = None
    disposition: Any = None
    party_history: Any = None
    transferee: Any = None
    transferor: Any = None
    transfer_target: Any = None
    transfer_target_old: Any = msgspec.field(default=None, name="transfer-target")
    original: Any = None
    consultation: Any = None
    target_new: Any = msgspec.field(default=None, name="target_dialog")
    target_old: Any = msgspec.field(default=None, name="target-dialog")
    campaign: Any = None
    skill: Any = None
    interaction_id: Any = None
    application: Any = None

    @property
    def kind(self) -> str:
        """Its type, as text."""
        return self.type if isinstance(self.type, str) else ""

    @property
    def target(self) -> Any:
        """The party to whom the call was transferred."""
        return self.transfer_target_old if self.transfer_target is None else self.transfer_target

    @property
    def target_dialog(self) -> Any:
        """The dialog that began with the transfer."""
        return self.target_old if self.target_new is None else self.target_new


class Vcon(msgspec.Struct, frozen=True):
    """One conversation."""

    uuid: Any = None
    parties: tuple[PartyShape, ...] | None = None
    dialog: tuple[Dialog, ...] | None = None
    redacted: Any = None
    appended: Any = None
    amended: Any = None

    def earlier(self) -> Any:
        """The uuid of the vCon of which this is a later or redacted version; None if it is the first."""
        for reference in (self.amended, self.appended, self.redacted):
            if isinstance(reference, dict) and reference.get("uuid"):
                return reference["uuid"]
        return None


def payload(text: str) -> bytes:
    """The bytes of base64url text without its padding; none if it is not that."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        return b""


def instant(value: Any) -> Instant | None:
    """The instant of an RFC 3339 time, of the mail date of the first drafts, or of an epoch; None if it is none of them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        if not 0 < value < 1e14:
            return None
        return round(value * SECOND) if value < 1e11 else round(value * 1000)
    if not isinstance(value, str) or len(value) > 60:
        return None
    try:
        if re.match(r"\d{4}-?\d\d", value):
            moment = datetime.fromisoformat(value)
        else:
            moment = parsedate_to_datetime(value)
            if value.rstrip().endswith("-0000"):  # UTC, said by a writer without a zone
                moment = moment.replace(tzinfo=_UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if moment.tzinfo is None else from_datetime(moment)


def seconds(value: Any) -> float | None:
    """A span in seconds where the value is one; None if not."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LONGEST_S:
        return None
    return round(float(value), 3)


_UTC = datetime.fromisoformat("1970-01-01T00:00:00Z").tzinfo
_LONGEST_S = 366 * 86_400
