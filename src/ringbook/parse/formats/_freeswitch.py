"""A FreeSWITCH channel's variables and callflow → its record, whichever module wrote them (mod_json_cdr, mod_xml_cdr).

``Document`` is what both modules say of one channel: its variables, the *flows* (one caller profile after another, each with
its own times: a transfer begins a new one) and the applications that ran, with their times. Written from the modules' sources
(FreeSWITCH 1.10) and from records of a real 1.10.12; 1.2 to 1.8 write fewer of the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ringbook.model.call import Cause, HangupBy, Transfer
from ringbook.model.instant import SECOND, Instant, plausible
from ringbook.model.party import Endpoint, EndpointKind, Number
from ringbook.model.statement import Bridge, ChannelRecord, Quality
from ringbook.parse.format import Parsed, Reasons, Rejected, Stated
from ringbook.parse.formats._freeswitch_document import Document, Flow, chan_user, side, uuids, whole

FACTS = frozenset(
    {
        "started_at", "answered_at", "ended_at", "direction", "outcome", "hangup_by", "cause", "from", "to", "dialled",
        "agents", "queue", "trunks", "duration_s", "wait_s", "ring_s", "talk_s", "hold_s", "transfers", "legs", "steps",
        "recordings", "quality", "account",
    }
)  # fmt: skip
"""What mod_json_cdr and mod_xml_cdr can state."""


def parsed(document: Document) -> Parsed:
    """The statements of a channel's record, or why there are none."""
    channel = _Channel(document)
    if not channel.uuid:
        return Rejected(Reasons.MISSING, "no uuid: neither a variable nor in a caller profile")
    if channel.started_at is None:
        return Rejected(
            Reasons.TIME, "no start: neither start_uepoch, start_epoch nor created_time is a time"
        )
    for at in (channel.started_at, channel.answered_at, channel.ended_at):
        if at is not None and not plausible(at):
            return Rejected(Reasons.IMPLAUSIBLE, f"{at // SECOND} seconds after 1970")
    if channel.ended_at is not None and channel.ended_at < channel.started_at - SECOND:
        return Rejected(Reasons.NEGATIVE, "the channel ends before it starts")
    record = channel.record()
    quality = channel.quality(record.keys)
    return Stated((record, quality) if quality else (record,))


class _Channel:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self._doc = document
        self._var = document.variables
        self._flows = document.flows
        self.first = self._flows[0].profile if self._flows else {}
        self._times = self._flows[-1].times if self._flows else {}
        self.uuid = self._var.get("uuid", "") or self.first.get("uuid", "")
        self.direction = self._direction()
        created = self._flows[0].times.get("created_time") if self._flows else None
        self.started_at = self._instant("start") or created or None
        self.answered_at = self._instant("answer") or self._times.get("answered_time") or None
        self.ended_at = self._instant("end") or self._times.get("hangup_time") or None

    def record(self) -> ChannelRecord:
        """What the document says."""
        var = self._var
        caller, bridges = self._caller(), self._bridges()
        return ChannelRecord(
            keys=self._keys(),
            identity=self.uuid,
            at=self.started_at,
            channel=self.uuid,
            originated=None if not self.direction else self.direction == "outbound",
            end=self._end(caller),
            caller=caller,
            dialled="" if self.direction == "outbound" else self._dialled(),
            rang_at=self._rang_at(),
            answered_at=self.answered_at,
            bridged_at=self._instant("bridge"),
            ended_at=self.ended_at,
            originator=self._originator(),
            peers=tuple(dict.fromkeys(b.peer for b in bridges if b.from_at is not None and b.peer)),
            bridges=bridges,
            hold_s=self._hold_s(),
            holds=_holds(var.get("hold_events", "")),
            app=var.get("last_app", "") or (self._doc.apps[-1].name if self._doc.apps else ""),
            queue=var.get("cc_queue", "").partition("@")[0],
            queue_side=var.get("cc_side", ""),
            queue_joined_at=self._queue_joined_at(),
            queue_answered_at=self._instant("cc_queue_answered"),
            queue_left_at=self._instant("cc_queue_canceled") or self._instant("cc_queue_terminated"),
            queue_result=":".join(filter(None, (var.get("cc_cause"), var.get("cc_cancel_reason")))),
            agent=var.get("cc_agent", "").partition("@")[0],
            transfers=self._transfers(bridges),
            cause=Cause(
                whole(var.get("hangup_cause_q850", "")), self._sip_status(), var.get("hangup_cause", "")
            ),
            hangup_by=self._hangup_by(),
            account=var.get("accountcode", ""),
            recording=self._recording(),
            extra=self._extra(),
        )

    def quality(self, keys: tuple[str, ...]) -> Quality | None:
        """What the switch measured of the audio it received, if any came."""
        if not whole(self._var.get("rtp_audio_in_media_packet_count", "")):
            return None
        mos = _decimal(self._var.get("rtp_audio_in_mos", ""))
        if mos is None or not 1 <= mos <= 5:
            return None
        return Quality(keys=keys, identity=self.uuid, at=self.started_at, mos=mos)

    def _direction(self) -> str:
        told = (self._doc.direction or self._var.get("direction", "")).strip()
        if told:
            return told
        if self._var.get("originator") or self._var.get("originating_leg_uuid"):
            return "outbound"
        return "inbound" if self._var.get("sip_via_host") and self._var.get("sip_req_user") else ""

    def _instant(self, name: str) -> Instant | None:
        """A time by its variables: microseconds, else seconds; None when it never came."""
        micros = whole(self._var.get(f"{name}_uepoch", ""))
        if micros:
            return micros
        seconds = whole(self._var.get(f"{name}_epoch", ""))
        return seconds * SECOND if seconds else None

    def _rang_at(self) -> Instant | None:
        """When it rang: the provisional answer of the phone called, or the one given to the caller."""
        rang = self._instant("progress") or self._times.get("progress_time")
        if not rang and self.direction == "outbound":
            rang = self._instant("progress_media") or self._times.get("progress_media_time")
        return rang or None

    def _caller(self) -> Endpoint:
        """Who called, as first known: a transfer or pick-up later writes others into the caller id."""
        first, var = self.first, self._var
        number = (
            first.get("caller_id_number") or var.get("caller_id_number", "") or var.get("sip_from_user", "")
        )
        name = first.get("caller_id_name") or var.get("caller_id_name", "")
        origin = first.get("ani", "") or var.get("sip_from_user_stripped", "") or var.get("sip_from_user", "")
        inbound = self.direction != "outbound"
        if inbound and origin and number != origin and not self._identity_asserted():
            number, name = origin, var.get("sip_from_display", "")
        if not inbound and origin.isdigit() and len(origin) <= _SHORT < len(number):
            number, name = origin, ""  # one of our phones, shown to the other side as the company's number
        if not name and inbound:
            name = var.get("sip_from_display", "")
        number = "" if number in _NO_NUMBER else number
        kind = self._side() if inbound else EndpointKind.UNKNOWN
        name = "" if name in (number, _PLACEHOLDER) else name
        return Endpoint(
            kind,
            Number(number),
            name or (self._own_name(number) if inbound else ""),
            number if kind is EndpointKind.PERSON else "",
            self.uuid if inbound else "",
            self._device() if inbound else "",
        )

    def _identity_asserted(self) -> bool:
        """Whether the number came from a trusted header (P-Asserted-Identity), beside a From that withholds it."""
        first, var = self.first, self._var
        flipped = (
            len(self._flows) > 1 or var.get("channel_cid_flipped") or var.get("original_caller_id_number")
        )
        return not flipped and first.get("ani", "") in ("", first.get("caller_id_number", ""))

    def _end(self, caller: Endpoint) -> Endpoint:
        """Who is on this channel."""
        if self.direction != "outbound":
            return caller
        var = self._var
        name = var.get("channel_name", "") or self.first.get("chan_name", "")
        kind = self._side()
        number = self.first.get("destination_number", "") or chan_user(name)
        if kind is not EndpointKind.OUTSIDE and var.get("presence_id"):
            number = var["presence_id"].partition("@")[0]
        if kind is EndpointKind.PLUMBING:
            return Endpoint(kind, Number(number), channel=self.uuid, device=name)
        extension = number if kind is EndpointKind.PERSON else ""
        return Endpoint(kind, Number(number), self._own_name(number), extension, self.uuid, self._device())

    def _side(self) -> EndpointKind:
        """Whether this channel is a phone of ours or leads outside, as far as the switch's own words tell."""
        var = self._var
        name = var.get("channel_name", "") or self.first.get("chan_name", "")
        if var.get("sip_gateway_name") or var.get("sip_gateway"):
            return EndpointKind.OUTSIDE
        known = side(name)
        if known is not EndpointKind.UNKNOWN:
            return known
        if self.direction == "outbound":
            ours = bool(var.get("presence_id")) or var.get("originate_endpoint") == "user"
        else:
            ours = bool(var.get("user_name") or var.get("sip_auth_username"))
            if not ours and self.first.get("context") == _PUBLIC:
                return EndpointKind.OUTSIDE
        return EndpointKind.PERSON if ours else EndpointKind.UNKNOWN

    def _device(self) -> str:
        name = self._var.get("channel_name", "") or self.first.get("chan_name", "")
        gateway = self._var.get("sip_gateway_name", "") or self._var.get("sip_gateway", "")
        return f"gateway/{gateway}" if gateway else name

    def _own_name(self, number: str) -> str:
        """The directory's name for the phone on this channel; a dialplan may have put the company's there instead."""
        var = self._var
        if number and var.get("effective_caller_id_number") == number:
            return var.get("effective_caller_id_name", "")
        return ""

    def _dialled(self) -> str:
        """What the caller dialled; transfers rewrite the newer profiles' destination."""
        return (
            self.first.get("destination_number")
            or self._var.get("sip_req_user", "")
            or self._var.get("sip_to_user", "")
        )

    def _originator(self) -> str:
        var = self._var
        own = (self.uuid, "")
        for name in ("originator", "originating_leg_uuid", "cc_member_session_uuid"):
            if var.get(name, "") not in own:
                return var[name]
        return ""

    def _keys(self) -> tuple[str, ...]:
        """This channel and all that it names as having been on the same call, its leading channel first."""
        var = self._var
        named = [self._originator(), self.uuid]
        for name in _LINKS:
            named += uuids(var.get(name, ""))
        for entry in _entries(var.get("transfer_history", "")):
            named += uuids(entry.partition(":uuid_br:")[2]) + uuids(entry.partition(":att_xfer:")[2])
        if var.get("last_app") == "intercept":
            named += uuids(var.get("last_arg", ""))
        for flow in self._flows:
            named += [one.get("uuid", "") for one in (*flow.originators, *flow.originatees)]
        keys = [f"ch:{uuid}" for uuid in dict.fromkeys(named) if uuid]
        if var.get("cc_member_uuid"):
            keys.append(f"cc:{var['cc_member_uuid']}")
        if var.get("conference_uuid"):
            keys.append(f"conf:{var['conference_uuid']}")
        return tuple(keys)

    def _bridges(self) -> tuple[Bridge, ...]:
        """With whom the channel was connected, by the flows; then those that it only rang."""
        found: list[Bridge] = []
        for index, flow in enumerate(self._flows):
            since, until = flow.times.get("bridged_time"), flow.times.get("transfer_time")
            if since:
                last = index == len(self._flows) - 1
                found.append(_bridge(self._peer(flow, last), since, until or self.ended_at))
        if not found and self._var.get("bridge_uuid") and self._instant("bridge"):
            peer = {"uuid": self._var["bridge_uuid"], "chan_name": self._var.get("bridge_channel", "")}
            found.append(_bridge(peer, self._instant("bridge"), self.ended_at))
        met = {bridge.peer for bridge in found}
        rang = dict(self._rung())
        return (*found, *(Bridge(peer, end) for peer, end in rang.items() if peer not in met))

    def _peer(self, flow: Flow, last: bool) -> dict[str, str]:
        peers = [*flow.originators[-1:], *flow.originatees[-1:]]
        latest = self._var.get("last_bridge_to", "") or self._var.get("bridge_uuid", "")
        if last:
            for peer in peers:
                if peer.get("uuid") == latest:
                    return peer
        return peers[-1] if peers else ({"uuid": latest} if last else {})

    def _rung(self) -> Iterator[tuple[str, Endpoint]]:
        """The channels that this one had placed (``originated_legs``: uuid;name;number)."""
        outside = {target for data in self._bridged() for target in _OUTWARD.findall(data)}
        for entry in _entries(self._var.get("originated_legs", "")):
            uuid, _, rest = entry.partition(";")
            name, _, number = rest.rpartition(";")
            kind = EndpointKind.OUTSIDE if number in outside else EndpointKind.UNKNOWN
            yield uuid, Endpoint(kind, Number(number), "" if name == _PLACEHOLDER else name, channel=uuid)

    def _bridged(self) -> list[str]:
        """What the dialplan had the channel connected with, as it is written there."""
        return [app.data for app in self._doc.apps if app.name == "bridge"]

    def _hold_s(self) -> float | None:
        micros = whole(self._var.get("hold_accum_usec", "")) or self._times.get("hold_accum_time")
        if micros is not None:
            return round(micros / SECOND, 3)
        return _decimal(self._var.get("hold_accum_seconds", ""))

    def _queue_joined_at(self) -> Instant | None:
        """When the queue was entered, by the application's own start where that is finer."""
        joined = self._instant("cc_queue_joined")
        if joined is None:
            return None
        near = [app.at for app in self._doc.apps if app.name == "callcenter" and app.at is not None]
        return next((at for at in near if abs(at - joined) <= 1.5 * SECOND), joined)

    def _transfers(self, bridges: tuple[Bridge, ...]) -> tuple[Transfer, ...]:
        """Hand-overs of this channel to a new destination while it was connected with somebody.

        ``transfer_history`` also holds the dialplan's own ``transfer`` and the queue's connections; of those, nobody handed
        the call over.
        """
        found = []
        own = [app.at for app in self._doc.apps if app.name == "transfer" and app.at is not None]
        for entry in _entries(self._var.get("transfer_history", "")):
            stamp, _, rest = entry.partition(":")
            kind, _, target = rest.partition(":")[2].partition(":")
            at = (whole(stamp) or 0) * SECOND
            to = target.partition("/")[0]
            if kind != "bl_xfer" or not at or any(abs(app - at) <= SECOND for app in own):
                continue
            left = [b for b in bridges if b.to_at is not None and abs(b.to_at - at) <= 2 * SECOND]
            if left:
                found.append(Transfer("blind", left[0].peer, to, left[0].to_at))
        return tuple(found)

    def _sip_status(self) -> int | None:
        for name in ("sip_term_status", "sip_invite_failure_status"):
            status = whole(self._var.get(name, ""))
            if status:
                return status
        text = self._var.get("proto_specific_hangup_cause", "")
        return whole(text.removeprefix("sip:")) if text.startswith("sip:") else None

    def _hangup_by(self) -> HangupBy:
        """Who ended *this* channel: its own far end (CALLEE when the switch had called it), or the switch."""
        how = self._var.get("sip_hangup_disposition", "")
        if how in ("recv_bye", "recv_cancel", "recv_refuse"):
            return HangupBy.CALLEE if self.direction == "outbound" else HangupBy.CALLER
        return HangupBy.SYSTEM if how else HangupBy.UNKNOWN

    def _recording(self) -> str:
        """The name of the file that the switch recorded the call into, if audio can have gone there."""
        var = self._var
        if self.answered_at is None:
            return ""
        path = (
            var.get("cc_record_filename", "") or var.get("recording_file", "") or var.get("record_name", "")
        )
        for app in self._doc.apps:
            if app.name == "record_session" and not path:
                path = _ARGUMENTS.sub("", app.data)
        path = path or var.get("voicemail_file_path", "")  # the message's id in its name is no channel's
        named = _FILE_NAME.search(path)
        return named[1] if named else path.rstrip().rpartition("/")[2]

    def _extra(self) -> dict[str, str]:
        """What the view asks for beside the shared fields."""
        var = self._var
        extra = {name: var[name] for name in _KEPT if var.get(name)}
        extra["apps"] = " ".join(dict.fromkeys(app.name for app in self._doc.apps))
        last = self._doc.apps[-1] if self._doc.apps else None
        if last is not None and last.name == "voicemail" and last.data.startswith("check"):
            extra["mailbox_check"] = "true"
        gateway = next((found[1] for found in map(_GATEWAY, self._bridged()) if found), "")
        extra["gateway"] = f"gateway/{gateway}" if gateway else ""
        met = [app.at for app in self._doc.apps if app.name == "conference" and app.at is not None]
        if met:
            extra["conference_at"] = str(met[-1])
        return {name: value for name, value in extra.items() if value}


def _bridge(peer: Mapping[str, str], since: Instant | None, until: Instant | None) -> Bridge:
    name = peer.get("chan_name", "")
    number = chan_user(name)
    if not _DIGITS.fullmatch(number):
        number = peer.get("destination_number", "") or peer.get("caller_id_number", "")
    uuid = peer.get("uuid", "")
    return Bridge(uuid, Endpoint(side(name), Number(number), channel=uuid, device=name), since, until)


def _entries(text: str) -> list[str]:
    """The members of a variable that may be an array (``ARRAY::one|:two``)."""
    return [one for one in text.removeprefix("ARRAY::").split("|:") if one]


def _holds(text: str) -> tuple[tuple[Instant, Instant], ...]:
    """The spans of ``hold_events`` (``{{from,to},{from,to}}``)."""
    return tuple((int(a), int(b)) for a, b in _SPAN.findall(text) if int(b) >= int(a))


def _decimal(text: str) -> float | None:
    return float(text) if _DECIMAL.fullmatch(text) else None


_DIGITS = re.compile(r"\+?[0-9*#]{2,}")
_SPAN = re.compile(r"\{(\d{1,17}),(\d{1,17})\}")
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?")
_OUTWARD = re.compile(r"sofia/(?:gateway/[^/|,]+|external[^/|,]*)/([^@|,;\s]+)")
_GATEWAY = re.compile(r"(?:[\[{<][^\]}>]*[\]}>])*sofia/gateway/([^/|,]+)/").match
_ARGUMENTS = re.compile(r"\s+\+?\d+\s*$")
_FILE_NAME = re.compile(r"[({,]name=([^,)}]+)")
_PUBLIC = "public"
_SHORT = 6
_PLACEHOLDER = "Outbound Call"
_NO_NUMBER = ("0000000000", "unknown", "Unknown")
_LINKS = (
    "signal_bond",
    "originate_signal_bond",
    "bridge_uuid",
    "last_bridge_to",
    "originating_leg_uuid",
    "cc_member_session_uuid",
    "cc_agent_uuid",
    "call_uuid",
    "originated_legs",
    "transfer_to",
    "other_loopback_leg_uuid",
    "other_loopback_from_uuid",
    "att_xfer_peer_uuid",
)
"""Variables that name channels of the same call. Not among them: ``sip_call_id`` (a call that leaves and returns has one),
the second field of ``transfer_history`` (the id of the transfer itself), the target of ``eavesdrop`` (another call)."""

_KEPT = (
    "sip_hangup_disposition",
    "last_bridge_hangup_cause",
    "last_bridge_proto_specific_hangup_cause",
    "originate_disposition",
    "originate_failed_cause",
    "endpoint_disposition",
    "call_direction",
    "voicemail_message_len",
    "conference_name",
    "last_arg",
    "transfer_destination",
    "sip_refer_to",
    "origination_caller_id_number",
)
