"""Simulated calls as an Asterisk 20 writes them: CDR (with the new columns), CEL and queue_log.

The shape of each call's records was taken from calls placed through a real Asterisk (``tests/scenarios/asterisk``).
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from ringbook.runtime.simulation.company import Company, Contact, Person, Queue
from ringbook.runtime.simulation.rhythm import Zipf, pick

CDR, CEL, QUEUE_LOG = "Master.csv", "cel.csv", "queue_log"

INBOUND = (
    ("direct_answered", 20.0),
    ("direct_voicemail", 6.0),
    ("direct_given_up", 5.0),
    ("queue_answered", 33.0),
    ("queue_abandoned", 6.0),
    ("direct_transferred", 3.0),
)
OUTBOUND = (
    ("outbound_answered", 17.0),
    ("outbound_no_answer", 5.0),
    ("outbound_busy", 2.0),
    ("internal_answered", 4.0),
)


class Line(msgspec.Struct, frozen=True, order=True):
    """A line that the phone system writes at an instant (epoch seconds) to one of its files."""

    at: float
    file: str
    text: str


class Channel(msgspec.Struct, frozen=True):
    """A channel of the phone system."""

    name: str
    uniqueid: str
    linkedid: str
    number: str
    caller_name: str
    account: str


class Exchange:
    """The phone system: turns a start time into a whole call and the lines it leaves behind in those of its files."""

    def __init__(
        self, company: Company, seed: int = 7, files: frozenset[str] = frozenset((CDR, CEL, QUEUE_LOG))
    ) -> None:
        self._company = company
        self._detailed = CEL in files
        self._queue_logged = QUEUE_LOG in files
        self._random = Random(seed)
        self._zone = ZoneInfo(company.zone)
        self._zipf = Zipf(len(company.contacts))
        self._ids = 0
        self._channels = 0
        self._sequence = 0
        self._lines: list[Line] = []

    def call(self, at: float) -> list[Line]:
        """The lines of a call that begins at that instant, in the order in which they are written."""
        self._lines = []
        hour = datetime.fromtimestamp(at, self._zone).hour
        kind = pick(self._random, INBOUND + OUTBOUND)
        contact = self._company.contacts[self._zipf.draw(self._random)]
        if not 8 <= hour < 18 and kind in ("direct_answered", "queue_answered", "direct_transferred"):
            kind = "direct_voicemail"
        getattr(self, f"_{kind}")(at, contact)
        return sorted(self._lines, key=lambda line: line.at)

    # -- kinds of calls -------------------------------------------------------------------------------------------

    def _direct_answered(self, at: float, contact: Contact) -> None:
        did, person = self._direct()
        ring, talk = self._ring(), self._talk()
        caller, phone = self._incoming(at, contact, did), None
        phone = self._phone(at + 0.01, person, caller)
        self._app(at + 0.005, at + ring + talk, caller, did, "Dial", f"{person.device},20,tk")
        self._talked(at + ring, at + ring + talk, caller, phone, did, "AppDial")
        self._hang_up(at + ring + talk, (phone, caller), by=self._either(caller, phone), dialled="ANSWER")
        self._cdr(
            caller, did, phone, "Dial", f"{person.device},20,tk", at, at + ring, at + ring + talk, "ANSWERED"
        )

    def _direct_transferred(self, at: float, contact: Contact) -> None:
        did, person = self._direct()
        other = self._random.choice([p for p in self._company.people if p is not person])
        ring, talk, ring_two, talk_two = self._ring(), self._talk() / 4, self._ring(), self._talk()
        caller = self._incoming(at, contact, did)
        phone = self._phone(at + 0.01, person, caller)
        handed = at + ring + talk
        self._talked(at + ring, handed, caller, phone, did, "AppDial", extra=True)
        said = f'{{"extension":"{other.extension}","context":"from-internal","bridge_id":"{self._uuid()}"}}'
        self._cel(handed - 0.001, "BLINDTRANSFER", phone, "", "AppDial", "(Outgoing Line)", caller.name, said)
        self._hang_up(handed, (phone,), by=phone, dialled="")
        second = self._phone(handed + 0.01, other, caller)
        answered, over = handed + ring_two, handed + ring_two + talk_two
        self._app(
            handed + 0.005, over, caller, other.extension, "Dial", f"{other.device},15,tTkK", "from-internal"
        )
        self._talked(answered, over, caller, second, other.extension, "AppDial")
        self._hang_up(over, (second, caller), by=self._either(caller, second), dialled="ANSWER")
        app = (other.extension, phone, "Dial", f"{person.device},20,tk")
        self._cdr(
            caller, *app, at, at + ring, handed, "ANSWERED", context="from-internal", written=handed + 0.01
        )
        self._cdr(
            caller,
            other.extension,
            second,
            "Dial",
            f"{other.device},15,tTkK",
            handed,
            handed,
            over,
            "ANSWERED",
        )

    def _direct_voicemail(self, at: float, contact: Contact) -> None:
        did, person = self._direct()
        rang, spoke = 15.0, self._random.uniform(6, 40)
        caller = self._incoming(at, contact, did)
        phone = self._phone(at + 0.01, person, caller)
        self._app(at + 0.005, at + rang, caller, did, "Dial", f"{person.device},15,tk")
        self._hang_up(at + rang, (phone,), by=None, dialled="")
        box = f"{person.extension}@default,u"
        self._cel(at + rang + 0.2, "ANSWER", caller, did, "VoiceMail", box)
        self._app(at + rang + 0.1, at + rang + spoke, caller, did, "VoiceMail", box)
        self._hang_up(at + rang + spoke, (caller,), by=caller, dialled="NOANSWER")
        self._cdr(caller, did, phone, "Dial", f"{person.device},15,tk", at, None, at + rang, "NO ANSWER")
        over = at + rang + spoke
        self._cdr(caller, did, None, "VoiceMail", box, at + rang, at + rang, over, "ANSWERED")

    def _direct_given_up(self, at: float, contact: Contact) -> None:
        did, person = self._direct()
        rang = self._random.uniform(3, 19)
        caller = self._incoming(at, contact, did)
        phone = self._phone(at + 0.01, person, caller)
        self._app(at + 0.005, at + rang, caller, did, "Dial", f"{person.device},20,tk")
        self._hang_up(at + rang, (phone, caller), by=caller, dialled="CANCEL")
        self._cdr(caller, did, phone, "Dial", f"{person.device},20,tk", at, None, at + rang, "NO ANSWER")

    def _queue_answered(self, at: float, contact: Contact) -> None:
        queue = self._queue()
        agents = self._random.sample(queue.members, 2)
        data = f"{queue.name},tk,,,60"
        caller = self._into_queue(at, contact, queue, data)
        begin = at
        if self._random.random() < 0.2:
            phone = self._phone(at + 0.01, agents[1], caller)
            self._hang_up(at + 8, (phone,), by=None, dialled="", app="AppQueue")
            self._queued(at + 8, caller, queue, agents[1].name, "RINGNOANSWER", "8000")
            self._cdr(caller, queue.name, phone, "Queue", data, at, at, at + 8, "NO ANSWER", context="queues")
            begin = at + 10
        ring, talk = self._ring(), self._talk()
        answered, over = begin + ring, begin + ring + talk
        phone = self._phone(begin + 0.01, agents[0], caller)
        self._cel(
            answered - 0.001,
            "STREAM_END",
            caller,
            queue.name,
            "Queue",
            data,
            kind="MOH_STREAM_END",
            context="queues",
        )
        self._talked(answered, over, caller, phone, queue.name, "AppQueue", context="queues", data=data)
        wait = int(answered) - int(at)
        self._queued(answered, caller, queue, agents[0].name, "CONNECT", wait, phone.uniqueid, int(ring))
        ender = self._either(caller, phone)
        verdict = "COMPLETECALLER" if ender is caller else "COMPLETEAGENT"
        self._queued(over, caller, queue, agents[0].name, verdict, wait, int(over) - int(answered), 1)
        self._hang_up(over, (phone, caller), by=ender, dialled="ANSWER")
        self._cdr(caller, queue.name, phone, "Queue", data, begin, begin, over, "ANSWERED", context="queues")

    def _queue_abandoned(self, at: float, contact: Contact) -> None:
        queue = self._queue()
        data = f"{queue.name},tk,,,60"
        waited = self._random.expovariate(1 / 40) + 2
        caller = self._into_queue(at, contact, queue, data)
        phone = self._phone(at + 0.01, self._random.choice(queue.members), caller)
        over = at + waited
        self._queued(over, caller, queue, "NONE", "ABANDON", 1, 1, int(over) - int(at))
        self._hang_up(over, (phone, caller), by=caller, dialled="")
        self._cdr(caller, queue.name, phone, "Queue", data, at, at, over, "NO ANSWER", context="queues")

    def _outbound_answered(self, at: float, contact: Contact) -> None:
        ring, talk = self._ring() + 2, self._talk()
        self._outbound(at, contact, at + ring, at + ring + talk, "ANSWERED", "ANSWER", 16)

    def _outbound_no_answer(self, at: float, contact: Contact) -> None:
        self._outbound(at, contact, None, at + 20, "NO ANSWER", "NOANSWER", 19)

    def _outbound_busy(self, at: float, contact: Contact) -> None:
        self._outbound(at, contact, None, at + 2, "BUSY", "BUSY", 17)

    def _outbound(
        self,
        at: float,
        contact: Contact,
        answered: float | None,
        over: float,
        result: str,
        dialled: str,
        cause: int,
    ) -> None:
        person = self._random.choice(self._company.people)
        digits = "9" + contact.number
        own = self._channel(person.device, self._company.number, self._company.name, person.account, at)
        self._cel(at, "CHAN_START", own, digits, context="from-internal")
        trunk = self._channel("PJSIP/carrier-a", contact.number, "", "trunk-a", at, own)
        data = f"PJSIP/{contact.number}@carrier-a,20,TK"
        self._cel(at + 0.01, "CHAN_START", trunk, "s", context="from-trunk")
        self._app(at + 0.005, over, own, digits, "Dial", data, "from-internal")
        if answered is not None:
            self._talked(answered, over, own, trunk, digits, "AppDial", context="from-internal", data=data)
        ender = self._either(own, trunk) if answered is not None else None
        self._hang_up(over, (trunk, own), by=ender, dialled=dialled, cause=cause)
        self._cdr(own, digits, trunk, "Dial", data, at, answered, over, result, context="from-internal")

    def _internal_answered(self, at: float, contact: Contact) -> None:
        del contact
        one, two = self._random.sample(self._company.people, 2)
        ring, talk = self._ring(), self._talk() / 3
        own = self._channel(one.device, one.extension, one.name, one.account, at)
        self._cel(at, "CHAN_START", own, two.extension, context="from-internal")
        phone = self._phone(at + 0.01, two, own)
        data = f"{two.device},15,tTkK"
        self._app(at + 0.005, at + ring + talk, own, two.extension, "Dial", data, "from-internal")
        self._talked(
            at + ring, at + ring + talk, own, phone, two.extension, "AppDial", context="from-internal"
        )
        self._hang_up(at + ring + talk, (phone, own), by=self._either(own, phone), dialled="ANSWER")
        over = at + ring + talk
        self._cdr(
            own, two.extension, phone, "Dial", data, at, at + ring, over, "ANSWERED", context="from-internal"
        )

    # -- what calls are made of -----------------------------------------------------------------------------------

    def _direct(self) -> tuple[str, Person]:
        return self._random.choice(list(self._company.direct.items()))

    def _queue(self) -> Queue:
        return self._random.choice(self._company.queues)

    def _ring(self) -> float:
        return 2 + self._random.expovariate(1 / 5)

    def _talk(self) -> float:
        return min(3_600.0, self._random.lognormvariate(4.6, 1.0))

    def _either(self, one: Channel, two: Channel) -> Channel:
        return one if self._random.random() < 0.6 else two

    def _uuid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _channel(
        self, device: str, number: str, name: str, account: str, at: float, parent: Channel | None = None
    ) -> Channel:
        self._ids += 1
        self._channels += 1
        uniqueid = f"{int(at)}.{self._ids}"
        linked = parent.linkedid if parent else uniqueid
        return Channel(f"{device}-{self._channels:08x}", uniqueid, linked, number, name, account)

    def _incoming(self, at: float, contact: Contact, did: str) -> Channel:
        caller = self._channel("PJSIP/carrier-a", contact.number, contact.name, "trunk-a", at)
        self._cel(at, "CHAN_START", caller, did, context="from-trunk")
        return caller

    def _into_queue(self, at: float, contact: Contact, queue: Queue, data: str) -> Channel:
        caller = self._incoming(at, contact, queue.did)
        self._cel(at + 0.002, "ANSWER", caller, queue.name, "Answer", "", context="queues", dnid=queue.did)
        self._cel(
            at + 0.004, "APP_START", caller, queue.name, "Queue", data, context="queues", dnid=queue.did
        )
        begin = "MOH_STREAM_BEGIN"
        self._cel(at + 0.005, "STREAM_BEGIN", caller, queue.name, "Queue", data, kind=begin, context="queues")
        self._queued(at, caller, queue, "NONE", "ENTERQUEUE", "", caller.number, 1)
        return caller

    def _phone(self, at: float, person: Person, caller: Channel) -> Channel:
        phone = self._channel(person.device, person.extension, person.name, person.account, at, caller)
        self._cel(at, "CHAN_START", phone, "s", context="from-internal")
        return phone

    def _app(
        self,
        start: float,
        end: float,
        channel: Channel,
        exten: str,
        app: str,
        data: str,
        context: str = "did",
    ) -> None:
        if not self._detailed:
            return
        self._cel(start, "APP_START", channel, exten, app, data, context=context, dnid=exten)
        self._cel(end, "APP_END", channel, exten, app, data, context=context, dnid=exten)

    def _talked(
        self,
        start: float,
        end: float,
        caller: Channel,
        phone: Channel,
        exten: str,
        app: str,
        *,
        context: str = "did",
        data: str = "",
        extra: bool = False,
    ) -> None:
        """Both channels in one bridge from start to end; ``extra`` if the bridge is left by a transfer, not a hang-up."""
        if not self._detailed:
            return
        bridge = f'{{"bridge_id":"{self._uuid()}","bridge_technology":"simple_bridge"}}'
        out = "(Outgoing Line)"
        self._cel(start, "ANSWER", phone, "", app, out, context="from-internal")
        if app == "AppDial":
            self._cel(start + 0.0002, "ANSWER", caller, exten, "Dial", data, context=context, dnid=exten)
        self._cel(start + 0.001, "BRIDGE_ENTER", phone, "", app, out, "", bridge, context="from-internal")
        own = app.replace("App", "")
        self._cel(
            start + 0.002, "BRIDGE_ENTER", caller, exten, own, data, phone.name, bridge, context=context
        )
        first, second = (phone, caller) if extra else (caller, phone)
        self._cel(end - 0.002, "BRIDGE_EXIT", first, exten, own, data, second.name, bridge, context=context)
        self._cel(end - 0.001, "BRIDGE_EXIT", second, "", app, out, "", bridge, context="from-internal")

    def _hang_up(
        self,
        at: float,
        channels: tuple[Channel, ...],
        *,
        by: Channel | None,
        dialled: str,
        cause: int = 16,
        app: str = "",
    ) -> None:
        if not self._detailed:
            return
        for index, channel in enumerate(channels):
            own = index == len(channels) - 1
            source = by.name if by else ""
            said = (
                f'{{"hangupcause":{cause},"hangupsource":"{source}","dialstatus":"{dialled if own else ""}"}}'
            )
            self._cel(at + 0.001 * index, "HANGUP", channel, "", app, "", "", said)
            self._cel(at + 0.001 * index, "CHAN_END", channel, "", app)
        if channels[-1].uniqueid == channels[-1].linkedid:
            self._cel(at + 0.001 * len(channels), "LINKEDID_END", channels[-1], "")

    def _cel(
        self,
        at: float,
        event: str,
        channel: Channel,
        exten: str,
        app: str = "",
        data: str = "",
        peer: str = "",
        extra: str = "",
        *,
        kind: str = "",
        context: str = "did",
        dnid: str = "",
    ) -> None:
        if not self._detailed:
            return
        party = (channel.caller_name, channel.number, channel.number if dnid else "", "", dnid)
        place = (exten, context, channel.name, app, data)
        ids = ("3", channel.account, channel.uniqueid, channel.linkedid, peer, "", kind, extra)
        self._line(at, CEL, ",".join(_quoted(field) for field in (event, f"{at:.6f}", *party, *place, *ids)))

    def _queued(
        self, at: float, caller: Channel, queue: Queue, agent: str, event: str, *data: object
    ) -> None:
        if not self._queue_logged:
            return
        fields = (int(at), caller.uniqueid, queue.name, agent, event, *data)
        self._line(at, QUEUE_LOG, "|".join(str(field) for field in fields))

    def _cdr(
        self,
        caller: Channel,
        exten: str,
        other: Channel | None,
        app: str,
        data: str,
        start: float,
        answered: float | None,
        end: float,
        result: str,
        *,
        context: str = "did",
        written: float | None = None,
    ) -> None:
        self._sequence += 1
        clid = f'"{caller.caller_name}" <{caller.number}>'
        fields = (
            caller.account,
            caller.number,
            exten,
            context,
            clid,
            caller.name,
            other.name if other else "",
            app,
            data,
        )
        times = (self._local(start), self._local(answered) if answered else "", self._local(end))
        spans = f"{int(end - start)},{int(end - answered) if answered else 0}"
        text = ",".join(_quoted(field) for field in fields)
        stamps = ",".join(_quoted(stamp) if stamp else "" for stamp in times)
        tail = (result, "DOCUMENTATION", caller.uniqueid, "", other.account if other else "", caller.linkedid)
        ends = ",".join(_quoted(field) for field in tail)
        self._line(written or end, CDR, f"{text},{stamps},{spans},{ends},{self._sequence}")

    def _local(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _line(self, at: float, file: str, text: str) -> None:
        self._lines.append(Line(at, file, text + "\n"))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
