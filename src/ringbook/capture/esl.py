"""The dialogue with FreeSWITCH's event socket (ESL), without a socket: what is heard in, what is to be done out.

After the log-in filters are set, so that FreeSWITCH sends its heartbeat and what tells of recording, and nothing else. No
command is ever given that changes anything. The password crosses the wire as it is: the protocol knows no other way.
"""

from __future__ import annotations

from ringbook.capture.blocks import Blocks, fields
from ringbook.capture.dialogue import Begun, Keep, Refused, Send, Turns, Warn
from ringbook.config.secret import Secret

_APPLICATIONS = ("mask", "unmask", "pause", "resume")
_CARD = ("ringbook::card-begins", "ringbook::card-ends")
_FILTERS = (
    ("Event-Name", "HEARTBEAT"),
    ("API-Command", "uuid_record"),
    *(("Application", f"record_session_{one}") for one in _APPLICATIONS),
    *(("Event-Subclass", one) for one in _CARD),
)
_WANTED = f"event plain HEARTBEAT API CHANNEL_EXECUTE CUSTOM {' '.join(_CARD)}"


class Esl:
    """One connection to FreeSWITCH."""

    def __init__(self, password: Secret) -> None:
        self._password = password
        self._blocks = Blocks()
        self._envelope = False  # one has come, and what stands in it is next
        self._asked = False
        self._begun = False

    def hear(self, data: bytes) -> Turns:
        """What is to be done about what FreeSWITCH sent."""
        for block in self._blocks.feed(data):
            yield from self._block(block)

    def ping(self) -> bytes:
        """What FreeSWITCH answers if it is there: the events wanted, asked for once more."""
        return f"{_WANTED}\n\n".encode()

    def rest(self) -> bytes:
        """What was cut off by the end of the connection."""
        return self._blocks.rest() if self._begun else b""

    def _block(self, block: bytes) -> Turns:
        told = fields(block)
        kind = b"" if told is None else told.get(b"content-type", b"")
        if self._envelope:
            self._envelope = False
            if told is None or told.get(b"event-name") != b"HEARTBEAT":
                yield Keep(block)
        elif kind == b"text/event-plain" and self._begun:
            self._envelope = True
        elif told is not None and kind == b"auth/request":
            self._asked = True
            yield Send(f"auth {self._password.reveal()}\n\n".encode())
        elif told is not None and kind == b"command/reply":
            yield from self._reply(told.get(b"reply-text", b""))
        elif kind == b"text/rude-rejection":
            yield Refused(
                "FreeSWITCH lets nobody in from this machine: see apply-inbound-acl in event_socket.conf.xml and acl.conf.xml"
            )
        elif kind == b"text/disconnect-notice":
            pass  # the end of the connection says the same
        elif self._begun:
            yield Keep(block)
        elif not self._asked:
            yield Refused("this is no FreeSWITCH event socket; see host and port in event_socket.conf.xml")

    def _reply(self, text: bytes) -> Turns:
        well = text.startswith(b"+OK")
        if self._begun:
            if not well:
                yield Warn("FreeSWITCH does not let us ask for its events: see event_socket.conf.xml")
            return
        if not well:
            yield Refused(
                "FreeSWITCH refused the password: see password in event_socket.conf.xml, then 'reload mod_event_socket'"
            )
            return
        self._begun = True
        yield Begun()
        for name, value in _FILTERS:
            yield Send(f"filter {name} {value}\n\n".encode())
        yield Send(f"{_WANTED}\n\n".encode())
