"""Asterisk's dialplan as its records name it: what an application does, whom a Dial asks for, what a channel's name says.

Parsing needs these words to say who stands at an end, and folding to say what a record means for a person.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from ringbook.model.party import EndpointKind


class AppKind(StrEnum):
    """What a dialplan application does to the channel it runs on."""

    DIAL = "dial"
    QUEUE = "queue"
    CALLED = "called"  # AppDial, AppQueue: the mark of a channel that was dialled ("(Outgoing Line)")
    VOICEMAIL = "voicemail"
    IVR = "ivr"
    ANNOUNCEMENT = "announcement"
    CONFERENCE = "conference"
    PARK = "park"
    PARKED = "parked"  # takes a parked call back
    PICKUP = "pickup"
    SPY = "spy"
    BRIDGE = "bridge"
    CONTROL = "control"  # dialplan housekeeping: Hangup, NoOp, Set, Goto, Wait…
    OTHER = "other"
    NONE = "none"


_APPS: dict[AppKind, str] = {
    AppKind.DIAL: "dial retrydial followme dialplanexec",
    AppKind.QUEUE: "queue",
    AppKind.CALLED: "appdial appdial2 appqueue",
    AppKind.VOICEMAIL: "voicemail minivmrecord minivmgreet comedianmail vmrecord",
    AppKind.IVR: "background backgrounddetect waitexten read readexten directory dbget speechbackground getcpeid",
    AppKind.ANNOUNCEMENT: (
        "playback controlplayback saydigits saynumber sayalpha sayphonetic sayunixtime datetime sayalphacase sayordinal "
        "echo milliwatt musiconhold playtones busy congestion ringing morsecode festival swift picotts googletts receivefax "
        "sendfax fax rxfax txfax record dictate voicemailmain vmauthenticate vmsayname mailboxexists jack zapateller "
        "sendimage sendtext sendurl adsiprog alarmreceiver speakingclock answermachine amd streamecho externalivr mp3player "
        "nbscat ices testserver testclient waitmusiconhold startmusiconhold agentlogin agentrequest disa privacymanager "
        "addqueuemember removequeuemember pausequeuemember unpausequeuemember sayrole saycountedadj saycountednoun"
    ),
    AppKind.CONFERENCE: "confbridge meetme meetmecount meetmechannel konference page slastation slatrunk",
    AppKind.PARK: "park parkandannounce valetparking",
    AppKind.PARKED: "parkedcall",
    AppKind.PICKUP: "pickup pickupchan pickup2",
    AppKind.SPY: "chanspy extenspy mixmonitorspy zapscan dahdiscan dahdibarge zapbarge",
    AppKind.BRIDGE: "bridge bridgewait bridgeadd channelredirect",
    AppKind.CONTROL: (
        "hangup noop set goto gotoif gotoiftime gosub gosubif macro macroif macroexit macroexclusive return answer wait "
        "waituntil execif exec tryexec progress proceeding resetcdr nocdr forkcdr mixmonitor stopmixmonitor monitor "
        "stopmonitor verbose log dumpchan system trysystem agi eagi deadagi fastagi stasis while endwhile exitwhile "
        "continuewhile random setcalleridpres settransfercapability authenticate dbdel dbdeltree softhangup stackpop "
        "sipaddheader sipremoveheader mset importvar userevent celgenuserevent queuelog senddtmf retry channelstate "
        "blindtransfer transfer attendedtransfer originate waitforsilence waitfornoise waitforring waitforcondition "
        "raiseexception incomplete setamaflags setcallerid lookupcidname lookupblacklist dumpvars"
    ),
}
_KIND_OF = {name: kind for kind, names in _APPS.items() for name in names.split()}

_ENDS: dict[AppKind, EndpointKind] = {
    AppKind.QUEUE: EndpointKind.QUEUE,
    AppKind.VOICEMAIL: EndpointKind.VOICEMAIL,
    AppKind.IVR: EndpointKind.IVR,
    AppKind.ANNOUNCEMENT: EndpointKind.ANNOUNCEMENT,
    AppKind.SPY: EndpointKind.ANNOUNCEMENT,
    AppKind.CONFERENCE: EndpointKind.CONFERENCE,
    AppKind.PARK: EndpointKind.PARK,
    AppKind.PARKED: EndpointKind.PARK,
}

ARTEFACTS = frozenset({"", "s", "h", "i", "t", "T", "o", "a", "e", "hang", "hangup", "failed", "~~s~~"})
"""Extensions that are places in a dialplan, never numbers anybody dialled."""


@lru_cache(maxsize=4096)
def app_kind(app: str) -> AppKind:
    """What the application of that name does; OTHER for one that is not known, NONE for no application."""
    if not app:
        return AppKind.NONE
    return _KIND_OF.get(app.lower(), AppKind.OTHER)


def app_end(app: str) -> EndpointKind:
    """What a channel that runs the application is talking to; UNKNOWN where it dials, or does housekeeping."""
    return _ENDS.get(app_kind(app), EndpointKind.UNKNOWN)


def split_channel(name: str) -> tuple[str, int]:
    """The device of a channel name, and which half of a Local channel it is (0 if it is none)."""
    if name[-9:-8] == "-":  # SIP and PJSIP: eight hexadecimal digits
        cut = len(name) - 9
        if name[cut + 1 :].isalnum() and not name.startswith(_MOVED):
            return name[:cut], 0
    if not name:
        return "", 0
    if name[-1] == ">":  # "SIP/101-00000001<ZOMBIE>", "…<MASQ>"
        name = name.partition("<")[0]
    half = 0
    if name[-2:] in (";1", ",1"):
        name, half = name[:-2], 1
    elif name[-2:] in (";2", ",2"):
        name, half = name[:-2], 2
    while name.startswith(_MOVED):  # what a channel is renamed to while it is being moved
        name = name.partition("/")[2]
    cut = name.rfind("-")
    if cut > 0 and (_SUFFIX(name, cut + 1) or not name[cut + 1 :]):
        name = name[:cut]
    return name, half


@lru_cache(maxsize=4096)
def targets(data: str) -> dict[str, str]:
    """Devices in a Dial's data with the number asked of each, ``""`` for none: ``PJSIP/5551234@carrier,20`` → one trunk."""
    found: dict[str, str] = {}
    for target in re.split(r"[,|]", data, maxsplit=1)[0].split("&"):
        technology, slash, resource = target.strip().partition("/")
        if not slash or technology == "Local":
            continue
        head, at, host = resource.rpartition("@")
        if at and technology in ("PJSIP", "SIP") and "sip:" not in head:
            device, number = host.partition("/")[0], head.partition("/")[0].partition(":")[0]
        else:
            device, _, number = host.partition("/") if at else resource.partition("/")
            number = "" if "sip:" in number else number.partition("/")[0]
        found[f"{technology}/{device}"] = number
    return found


_MOVED = ("AsyncGoto/", "Transfered/", "Parked/", "Masqueraded/", "Bridge/")
_SUFFIX = re.compile(r"(?:[0-9a-f]{1,16}|[a-z]\d+|pseudo)$", re.ASCII).match
