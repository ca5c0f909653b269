"""The phone systems that the guided form knows: the ways in which their records arrive, and the lines to put into each.

In the lines, ``{url}``, ``{token}``, ``{host}``, ``{port}`` and ``{name}`` stand for those of this very installation.
"""

from __future__ import annotations

import msgspec

from ringbook.config.settings import Kind


class Lines(msgspec.Struct, frozen=True):
    """Lines for one file, dialog or terminal of the phone system."""

    label: str
    text: str


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which records arrive."""

    key: str
    kind: Kind | None  # None: files that are uploaded
    format: str = "auto"
    best: bool = False
    asks_zone: bool = True  # its records do not say their zone
    paths: tuple[str, ...] = ()
    port: int = 0
    lines: tuple[Lines, ...] = ()


class System(msgspec.Struct, frozen=True):
    """A phone system, or a family of them."""

    key: str
    name: str
    ways: tuple[Way, ...]


_CEL_LINE = (
    "Master.csv => ${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},${CSV_QUOTE(${CALLERID(name)})},"
    "${CSV_QUOTE(${CALLERID(num)})},${CSV_QUOTE(${CALLERID(ANI)})},${CSV_QUOTE(${CALLERID(RDNIS)})},"
    "${CSV_QUOTE(${CALLERID(DNID)})},${CSV_QUOTE(${CHANNEL(exten)})},${CSV_QUOTE(${CHANNEL(context)})},"
    "${CSV_QUOTE(${CHANNEL(channame)})},${CSV_QUOTE(${CHANNEL(appname)})},${CSV_QUOTE(${CHANNEL(appdata)})},"
    "${CSV_QUOTE(${CHANNEL(amaflags)})},${CSV_QUOTE(${CHANNEL(accountcode)})},${CSV_QUOTE(${CHANNEL(uniqueid)})},"
    "${CSV_QUOTE(${CHANNEL(linkedid)})},${CSV_QUOTE(${BRIDGEPEER})},${CSV_QUOTE(${CHANNEL(userfield)})},"
    "${CSV_QUOTE(${userdeftype})},${CSV_QUOTE(${eventextra})}"
)

_ASTERISK = (
    Lines(
        "/etc/asterisk/cdr.conf",
        "[general]\nenable=yes\nunanswered=yes\ncongestion=yes\n\n[csv]\nloguniqueid=yes\nnewcdrcolumns=yes\nloguserfield=yes",
    ),
    Lines(
        "/etc/asterisk/cel.conf",
        "[general]\nenable=yes\n"
        "apps=dial,queue,voicemail,confbridge,park,parkedcall,background,playback,read,waitexten,chanspy,pickup,pickupchan\n"
        "events=CHAN_START,CHAN_END,ANSWER,HANGUP,APP_START,APP_END,BRIDGE_ENTER,BRIDGE_EXIT,PARK_START,PARK_END,"
        "BLINDTRANSFER,ATTENDEDTRANSFER,PICKUP,FORWARD,LOCAL_OPTIMIZE,LINKEDID_END,STREAM_BEGIN,STREAM_END",
    ),
    Lines("/etc/asterisk/cel_custom.conf", f"[mappings]\n{_CEL_LINE}"),
    Lines(
        "Terminal",
        'asterisk -rx "module reload cdr"\nasterisk -rx "module reload cel"\nasterisk -rx "module reload cel_custom"',
    ),
)


def _freeswitch(form: str, more: str = "") -> str:
    return (
        f'<configuration name="{form}_cdr.conf">\n  <settings>\n    <param name="log-b-leg" value="true"/>\n'
        '    <param name="url" value="{url}"/>\n    <param name="cred" value="ringbook:{token}"/>\n'
        f'    <param name="err-log-dir" value="/var/log/freeswitch/{form}_cdr_failed"/>\n'
        '    <param name="retries" value="2"/>\n    <param name="delay" value="5"/>\n'
        f"{more}  </settings>\n</configuration>"
    )


_THREECX_FIELDS = (
    "historyid, callid, duration, time_start, time_answered, time_end, reason_terminated, from_no, to_no, from_dn, to_dn, "
    "dial_no, reason_changed, final_number, final_dn, bill_code, bill_rate, bill_cost, bill_name, chain, from_type, to_type, "
    "final_type, from_dispname, to_dispname, final_dispname, missed_queue_calls"
)
CURL = Lines(
    "Terminal",
    "curl --user 'ringbook:{token}' --data-binary @records {url}",
)

SYSTEMS: tuple[System, ...] = (
    System(
        "asterisk",
        "Asterisk",
        (
            Way(
                key="files",
                kind=Kind.FILE,
                best=True,
                paths=(
                    "/var/log/asterisk/cdr-csv/Master.csv",
                    "/var/log/asterisk/cel-custom/Master.csv",
                    "/var/log/asterisk/queue_log",
                ),
                lines=_ASTERISK,
            ),
        ),
    ),
    System(
        "freepbx",
        "FreePBX",
        (
            Way(
                key="upload",
                kind=None,
                best=True,
                lines=(
                    Lines(
                        "Terminal",
                        'mysql --batch asteriskcdrdb -e "select * from cdr" > cdr.tsv\n'
                        'mysql --batch asteriskcdrdb -e "select * from cel order by id" > cel.tsv',
                    ),
                ),
            ),
            Way(key="files", kind=Kind.FILE, paths=("/var/log/asterisk/queue_log",)),
        ),
    ),
    System(
        "freeswitch",
        "FreeSWITCH",
        (
            Way(
                key="json",
                kind=Kind.HTTP_POST,
                format="freeswitch_json_cdr",
                best=True,
                asks_zone=False,
                lines=(
                    Lines("/etc/freeswitch/autoload_configs/json_cdr.conf.xml", _freeswitch("json")),
                    Lines("Terminal", 'fs_cli -x "reload mod_json_cdr"'),
                ),
            ),
            Way(
                key="xml",
                kind=Kind.HTTP_POST,
                format="freeswitch_xml_cdr",
                asks_zone=False,
                lines=(
                    Lines(
                        "/etc/freeswitch/autoload_configs/xml_cdr.conf.xml",
                        _freeswitch("xml", '    <param name="encode" value="textxml"/>\n'),
                    ),
                    Lines("Terminal", 'fs_cli -x "reload mod_xml_cdr"'),
                ),
            ),
            Way(
                key="files",
                kind=Kind.FILE,
                format="freeswitch_cdr_csv",
                paths=("/var/log/freeswitch/cdr-csv/Master.csv",),
                lines=(
                    Lines(
                        "/etc/freeswitch/autoload_configs/cdr_csv.conf.xml", '<param name="legs" value="ab"/>'
                    ),
                    Lines("Terminal", 'fs_cli -x "reload mod_cdr_csv"'),
                ),
            ),
        ),
    ),
    System(
        "ipoffice",
        "Avaya IP Office",
        (
            Way(
                key="listen",
                kind=Kind.TCP_LISTEN,
                format="avaya_ipoffice_smdr",
                best=True,
                port=5000,
                lines=(
                    Lines(
                        "Manager → System → SMDR",
                        "Output             SMDR Only\nIP Address         {host}\nTCP Port           {port}\n"
                        "Records to Buffer  3000",
                    ),
                ),
            ),
            Way(
                key="connect",
                kind=Kind.TCP_CONNECT,
                format="avaya_ipoffice_smdr",
                port=1150,
                lines=(
                    Lines(
                        "Manager → System → SMDR",
                        "Output             SMDR Only\nIP Address         0.0.0.0\nTCP Port           {port}\n"
                        "Records to Buffer  3000",
                    ),
                ),
            ),
        ),
    ),
    System(
        "threecx",
        "3CX",
        (
            Way(
                key="listen",
                kind=Kind.TCP_LISTEN,
                format="threecx_cdr",
                best=True,
                asks_zone=False,
                port=5010,
                lines=(
                    Lines(
                        "Settings → CDR",
                        "Mode     3CX CDR Service is client / Active Socket\nAddress  {host}\nPort     {port}\nFields   "
                        + _THREECX_FIELDS,
                    ),
                ),
            ),
            Way(
                key="upload",
                kind=None,
                asks_zone=False,
                lines=(
                    Lines(
                        "Terminal",
                        'psql -d database_single -c "copy (select * from cdroutput) to stdout csv header" > cdroutput.csv',
                    ),
                ),
            ),
        ),
    ),
    System(
        "cucm",
        "Cisco Unified CM",
        (
            Way(
                key="files",
                kind=Kind.FILE,
                format="cisco_cucm",
                best=True,
                asks_zone=False,
                paths=("/srv/cucm/cdr_*", "/srv/cucm/cmr_*"),
                lines=(
                    Lines(
                        "Unified Serviceability → Tools → CDR Management",
                        "Add a billing application server\nProtocol   SFTP\nHost name  {host}\nDirectory  /srv/cucm",
                    ),
                    Lines(
                        "System → Service Parameters → Cisco CallManager",
                        "CDR Enabled Flag                      True\nCDR Log Calls with Zero Duration Flag True\n"
                        "Call Diagnostics Enabled              Enabled Only When CDR Enabled Flag is True",
                    ),
                ),
            ),
        ),
    ),
    System(
        "vcon",
        "vCon",
        (Way(key="post", kind=Kind.HTTP_POST, format="vcon", best=True, asks_zone=False, lines=(CURL,)),),
    ),
    System(
        "android",
        "Android",
        (Way(key="upload", kind=None, best=True, asks_zone=False),),
    ),
)

BY_KEY = {system.key: system for system in SYSTEMS}


def way_of(system: str, key: str) -> tuple[System, Way] | None:
    """A system and a way of it."""
    found = BY_KEY.get(system)
    way = next((way for way in found.ways if way.key == key), None) if found else None
    return (found, way) if found and way else None


def way_for(kind: str, format_slug: str, paths: list[str]) -> tuple[System, Way] | None:
    """The system that an input is most likely of: for the lines on its page."""
    for system in SYSTEMS:
        for way in system.ways:
            same = way.kind is not None and way.kind.value == kind and way.format == format_slug
            if same and (format_slug != "auto" or any("asterisk" in path for path in paths)):
                return system, way
    return None


def filled(lines: Lines, **values: str) -> Lines:
    """The lines with the values of this installation in their places."""
    text = lines.text
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return Lines(lines.label, text)
