"""The words of the sources' pages: how a source stands, why a record was not understood, how records arrive."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from ringbook.desk.organisation.standing import Standing


class Said(msgspec.Struct, frozen=True):
    """A word with a shape and a tone, and what to do."""

    word: Any
    tone: str
    icon: str
    advice: Any = ""


STANDINGS = {
    Standing.CONNECTED: Said(_("Connected"), "good", "circle-check"),
    Standing.WAITING: Said(
        _("Waiting"),
        "info",
        "hourglass",
        _("Nothing has arrived yet. Place a call, then look at the lines for the phone system below."),
    ),
    Standing.SILENT: Said(
        _("Silent"),
        "warn",
        "bell",
        _(
            "It has brought nothing for longer than it should. See whether the phone system runs and still sends."
        ),
    ),
    Standing.FAILING: Said(_("Failing"), "bad", "triangle-alert"),
    Standing.PAUSED: Said(
        _("Paused"),
        "quiet",
        "circle-pause",
        _(
            "Nothing is taken in. What is posted is answered so that senders keep it; a file is read from where it was."
        ),
    ),
    Standing.IMPORTED: Said(
        _("Files"), "quiet", "file", _("Its records came from files; nothing more is expected.")
    ),
}

FAILING = {
    "file": _("See whether the files are there and whether Ringbook's user may read them."),
    "tcp-listen": _(
        "See whether another program has the port; choose another one by adding the source anew."
    ),
    "tcp-connect": _(
        "The phone system does not answer at that address and port. See whether it sends its records there, and what a "
        "firewall between the two does. Ringbook tries again and again."
    ),
    "ami": _(
        "Asterisk does not let us in. See host, port, user and secret in manager.conf, and what a firewall between the two does."
    ),
    "esl": _(
        "FreeSWITCH does not let us in. See address, port and password in event_socket.conf.xml, and its access list."
    ),
    "http-post": _("What is posted cannot be kept just now; senders are told to send again."),
}
"""What to do about an input that cannot do its work, by its kind."""

KINDS = {
    "file": _("Follows files"),
    "tcp-listen": _("Phone system connects to us"),
    "tcp-connect": _("We connect to the phone system"),
    "http-post": _("Records are posted"),
    "ami": _("We talk with Asterisk's manager interface"),
    "esl": _("We talk with FreeSWITCH's event socket"),
}

INPUTS = {
    "file": _("Files on this machine that the phone system writes, or that are put there"),
    "tcp-listen": _("It sends its records to a port of this machine, as most SMDR does"),
    "tcp-connect": _("It waits for us on a port of its own, and may ask for a log-in"),
    "http-post": _("It posts each record to an address of ours, with a token"),
    "ami": _("Tells what of a recorded call nobody may hear. Beside the CDR of the same Asterisk"),
    "esl": _("Tells what of a recorded call nobody may hear. Beside the CDR of the same FreeSWITCH"),
}
"""When to choose a kind of input."""

WAYS = {
    ("asterisk", "files"): _("From its files on this machine"),
    ("freepbx", "upload"): _("From its database, as files to upload"),
    ("freepbx", "files"): _("Queue log, from its file on this machine"),
    ("freeswitch", "json"): _("mod_json_cdr posts each call: tells the most"),
    ("freeswitch", "xml"): _("mod_xml_cdr posts each call"),
    ("freeswitch", "files"): _("mod_cdr_csv, from its files on this machine"),
    ("ipoffice", "listen"): _("SMDR: the IP Office connects to us"),
    ("ipoffice", "connect"): _("SMDR: we connect to the IP Office"),
    ("threecx", "listen"): _("Versions 15 to 18: the CDR service connects to us"),
    ("threecx", "upload"): _("Version 20: its table, as a file to upload"),
    ("cucm", "files"): _("CDR and CMR files that it puts on this machine"),
    ("vcon", "post"): _("Conversations are posted to us"),
    ("android", "upload"): _("A backup of the call log, as a file to upload"),
}

STATES = {
    "starting": _("starting"),
    "waiting": _("waiting"),
    "listening": _("listening"),
    "connected": _("connected"),
    "following": _("following"),
    "paused": _("held off: the disk is full"),
    "stopped": _("stopped"),
}

MAPPED_FIELDS = {
    "id": _("Its own id"),
    "start": _("Began at"),
    "answer": _("Answered at"),
    "end": _("Ended at"),
    "duration": _("Duration, ringing included"),
    "talk": _("Talk"),
    "ring": _("Ringing"),
    "wait": _("Wait in a queue"),
    "hold": _("On hold"),
    "from": _("Number that called"),
    "from_name": _("Name of the caller"),
    "to": _("Number that was called"),
    "to_name": _("Name of the called"),
    "number": _("The other side's number, either way"),
    "name": _("The other side's name, either way"),
    "own": _("Our own number, either way"),
    "dialled": _("Digits as dialled"),
    "direction": _("Direction"),
    "result": _("How it ended"),
    "cause": _("Cause (Q.850)"),
    "extension": _("Our extension"),
    "agent": _("Name of our agent"),
    "queue": _("Queue or group"),
    "hangup_by": _("Who hung up"),
    "cost": _("Cost"),
    "account": _("Account, project, cost centre"),
    "recording": _("Name of its recording"),
}
"""What a column of somebody's own file can be."""

DIRECTIONS = {
    "inbound": _("inbound"),
    "outbound": _("outbound"),
    "internal": _("internal"),
}
"""What a word in a column of directions can mean."""

RESULTS = {
    "answered": _("answered"),
    "no_answer": _("nobody answered"),
    "busy": _("busy"),
    "rejected": _("rejected"),
    "cancelled": _("given up by the caller"),
    "failed": _("failed"),
    "voicemail": _("voicemail"),
    "transferred": _("transferred"),
    "elsewhere": _("answered by somebody else"),
    "congestion": _("no free line"),
    "unknown": _("not known"),
}
"""What a word in a column of results can mean."""
