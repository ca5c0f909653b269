"""One call, told in a terminal: the story, the facts, the timeline, the legs, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from ringbook.analyse.story import Telling, story
from ringbook.cli.words import DIRECTION, OUTCOME, clock, safe, span, who

FACTS = (
    "answered_at",
    "ended_at",
    "wait_s",
    "ring_s",
    "talk_s",
    "hold_s",
    "duration_s",
    "queue",
    "trunks",
    "hangup_by",
)


def print_call(out: Console, call: dict[str, Any], evidence: dict[str, Any], zone: str) -> None:
    """Print a call and its evidence."""
    sign, colour = OUTCOME[call["outcome"]]
    out.print(f"[bold]Call {call['id']}[/]  revision {call['revision']}  {', '.join(call['sources'])}")
    to = who(call["to"])
    dialled = f" (dialled {safe(call['dialled'])})" if call["dialled"] else ""
    out.print(f"{DIRECTION[call['direction']]} {call['direction']}: {who(call['from'])} → {to}{dialled}")
    out.print(f"[{colour}]{sign} {call['outcome']}[/] {_cause(call['cause'])}")
    out.print(safe(" ".join(story(call, _telling(zone)))))
    out.print()
    _facts(out, call, evidence, zone)
    _steps(out, call, zone)
    _legs(out, call, zone)
    _records(out, evidence)


def _telling(zone: str) -> Telling:
    def name(side: Mapping[str, Any]) -> str:
        return str(side.get("name") or side.get("number") or side.get("raw") or "")

    def when(at: str) -> str:
        return f"on {clock(at, zone)[:16]}"

    return Telling(str, name, when, span)


def _cause(cause: dict[str, Any]) -> str:
    said = [f"Q.850 {cause['q850']}" if cause["q850"] is not None else "", cause["text"] or ""]
    said.append(f"SIP {cause['sip']}" if cause["sip"] is not None else "")
    return safe(", ".join(part for part in said if part))


def _facts(out: Console, call: dict[str, Any], evidence: dict[str, Any], zone: str) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim")
    table.add_column()
    table.add_column(style="dim")
    names = ("started_at", *FACTS)
    for name in names:
        value = call[name]
        if name.endswith("_at"):
            text = clock(value, zone, decimals=True) or "unknown"
        elif name.endswith("_s"):
            text = span(value) if value is not None else "unknown"
        else:
            text = safe(", ".join(value) if isinstance(value, list) else str(value or "none"))
        table.add_row(name, text, _because(name, evidence))
    for agent in call["agents"]:
        label = " ".join(part for part in (agent["extension"], agent["name"]) if part)
        table.add_row("agent", safe(f"{label}, talked {span(agent['talk_s'])}"), _because("agents", evidence))
    for transfer in call["transfers"]:
        text = f"{transfer['kind']} by {transfer['by'] or '?'} to {transfer['to'] or '?'} {clock(transfer['at'], zone)}"
        table.add_row("transfer", safe(text), _because("transfers", evidence))
    for recording in call["recordings"]:
        table.add_row("recording", safe(recording["name"]), "")
    out.print(table)


def _because(name: str, evidence: dict[str, Any]) -> str:
    why = evidence["why"].get(name)
    if why is None:
        return ""
    record = f", record {why['record']}" if why["record"] else ""
    return f"from {why['view']}{record}"


def _steps(out: Console, call: dict[str, Any], zone: str) -> None:
    if not call["steps"]:
        return
    out.print("\n[bold]Timeline[/]")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for step in call["steps"]:
        label = " ".join(part for part in (step["who"], step["name"]) if part)
        table.add_row(
            clock(step["at"], zone, decimals=True),
            step["kind"].replace("_", " "),
            safe(label),
            safe(step["detail"] or ""),
        )
    out.print(table)


def _legs(out: Console, call: dict[str, Any], zone: str) -> None:
    if not call["legs"]:
        return
    out.print("\n[bold]Legs[/]")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("party", "as", "outcome", "from", "to", "rang", "talked", "held"):
        table.add_column(name)
    for leg in call["legs"]:
        label = " ".join(part for part in (leg["number"], leg["name"]) if part)
        table.add_row(
            safe(label) or leg["kind"],
            leg["role"] or leg["kind"],
            leg["outcome"],
            clock(leg["started_at"], zone)[11:],
            clock(leg["ended_at"], zone)[11:],
            span(leg["ring_s"]),
            span(leg["talk_s"]),
            span(leg["hold_s"]),
        )
    out.print(table)


def _records(out: Console, evidence: dict[str, Any]) -> None:
    out.print("\n[bold]Records[/]")
    for record in evidence["records"]:
        out.print(
            f"[dim]{record['number']}  {safe(record['format'])}  {safe(record['where'])}  {record['frame']}[/]"
        )
        out.print(f"   {safe(record['text'])}", soft_wrap=True)
