"""The dialogue with Asterisk's manager interface (AMI), without a socket: what is heard in, what is to be done out.

The secret is proved by an MD5 challenge and never sent. Events of the classes *call* and *user* are asked for; nothing is
ever commanded. What tells of recording is handed on, and what is damaged too; other events are passed over.
"""

from __future__ import annotations

import hashlib

from ringbook.capture.blocks import Blocks, fields
from ringbook.capture.dialogue import Begun, Keep, Refused, Send, Turns, Warn
from ringbook.config.secret import Secret

_GREETING = b"Asterisk Call Manager/"
_LONGEST_GREETING = 200
_TAKEN = (b"mixmonitormute", b"userevent")

UNTIMED = (
    "Asterisk's events bear no time: put timestampevents = yes under [general] in manager.conf, then 'manager reload'; "
    "until then a call is silent from its first mark to its end"
)


class Ami:
    """One connection to Asterisk."""

    def __init__(self, login: str, secret: Secret) -> None:
        self._login = login
        self._secret = secret
        self._blocks = Blocks()
        self._head = b""  # of the greeting, a line by itself
        self._greeted = False
        self._begun = False
        self._warned = False

    def hear(self, data: bytes) -> Turns:
        """What is to be done about what Asterisk sent."""
        if not self._greeted:
            self._head += data
            greeting, line_end, data = self._head.partition(b"\n")
            if not line_end and len(greeting) < _LONGEST_GREETING:
                return
            if not greeting.startswith(_GREETING):
                yield Refused("this is no Asterisk manager interface; see host and port in manager.conf")
                return
            self._greeted = True
            yield Send(_action("Challenge", AuthType="MD5", ActionID="challenge"))
        for block in self._blocks.feed(data):
            yield from self._block(block)

    def ping(self) -> bytes:
        """What Asterisk answers if it is there."""
        return _action("Ping")

    def rest(self) -> bytes:
        """What was cut off by the end of the connection."""
        return self._blocks.rest() if self._begun else b""

    def _block(self, block: bytes) -> Turns:
        told = fields(block)
        if told is not None and b"response" in told and b"event" not in told:
            yield from self._response(told)
        elif self._begun:
            yield from self._event(block, told)

    def _response(self, told: dict[bytes, bytes]) -> Turns:
        well = told[b"response"].lower() == b"success"
        match told.get(b"actionid"):
            case b"challenge" if well and told.get(b"challenge"):
                proof = told[b"challenge"] + self._secret.reveal().encode()
                digest = hashlib.md5(proof, usedforsecurity=False).hexdigest()  # what AMI's log-in is made of
                mask = {"Events": "call,user", "ActionID": "login"}
                yield Send(_action("Login", AuthType="MD5", Username=self._login, Key=digest, **mask))
            case b"challenge":
                yield Refused("Asterisk offers no MD5 challenge; see 'manager show settings'")
            case b"login" if well:
                self._begun = True
                yield Begun()
            case b"login":
                yield Refused(
                    f"Asterisk refused the log-in of {self._login!r}: see its section in manager.conf (secret, permit, deny), "
                    "then 'manager reload'"
                )

    def _event(self, block: bytes, told: dict[bytes, bytes] | None) -> Turns:
        if told is not None and not self._warned and b"event" in told and b"timestamp" not in told:
            self._warned = True
            yield Warn(UNTIMED)
        if told is None or b"event" not in told or told[b"event"].lower() in _TAKEN:
            yield Keep(block)


def _action(name: str, **values: str) -> bytes:
    lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in values.items()), "", ""]
    return "\r\n".join(lines).encode()
