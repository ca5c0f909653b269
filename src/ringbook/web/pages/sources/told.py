"""What the pages of the sources show: the operations' answers put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import number_format

from ringbook.desk.organisation.hours import hours_of
from ringbook.desk.organisation.models import SilenceAlarm
from ringbook.desk.organisation.silence import silence
from ringbook.desk.organisation.standing import Standing, Stands, stands
from ringbook.desk.wiring import operations
from ringbook.model.instant import SECOND, Instant, from_datetime
from ringbook.parse.registry import formats
from ringbook.parse.tiers import standing as tier_of
from ringbook.web.pages.sources.wording import FAILING, KINDS, STANDINGS, STATES
from ringbook.web.viewer import Viewer

MINUTES = 60
HOURS = 48


def asked(operation: str, **arguments: Any) -> list[dict[str, Any]]:
    """All answers to an operation of the home. The viewer's right was looked at before."""
    return list(operations().run(operation, arguments))


def all_sources(viewer: Viewer) -> dict[str, Any]:
    """Every source with how it stands, and what is wrong with taking records in at all."""
    *inputs, whole = asked("sources.inputs")
    recent = _steps(viewer.now - MINUTES * 60 * SECOND, 60, MINUTES)
    alarms = {alarm.source: alarm for alarm in SilenceAlarm.objects.filter(tenant=viewer.scope.tenant)}
    hours = hours_of(viewer.scope.tenant)
    rows = []
    for status in asked("sources.status"):
        name = status["source"]
        own = [_input(entry) for entry in inputs if entry["source"] == name]
        alarm = alarms.get(name)
        last = instant_of(status["last_record_at"])
        quiet = silence(alarm, last, viewer.now, hours) if alarm else None
        stand = stands(status, own, quiet, alarmed=alarm is not None)
        steps = recent.get(name, [0] * MINUTES)
        rows.append(
            {
                **status,
                "inputs": own,
                "added": any(entry["added"] for entry in own),
                "alarm": alarm,
                "stand": _said(stand, own),
                "formats_told": [_format(slug) for slug in status["formats"]],
                "points": points(steps),
                "minutes": sum(steps),
                "minute_told": number_format(round(sum(steps) / MINUTES, 1), 1) if any(steps) else "0",
            }
        )
    return {"rows": rows, "whole": whole}


def one_source(viewer: Viewer, name: str) -> dict[str, Any] | None:
    """One source with all there is to know of it; None if there is none of that name."""
    told = all_sources(viewer)
    row = next((row for row in told["rows"] if row["source"] == name), None)
    if row is None:
        return None
    by_hour = _steps(viewer.now - HOURS * 3_600 * SECOND, 3_600, HOURS).get(name, [0] * HOURS)
    most = max(by_hour) or 1
    bars = [
        {
            "x": n * 10,
            "height": round(60 * count / most, 2),
            "y": round(60 - 60 * count / most, 2),
            "count": count,
        }
        for n, count in enumerate(by_hour)
    ]
    return {
        "row": row,
        "whole": told["whole"],
        "bars": bars,
        "bars_most": max(by_hour),
        "bars_sum": sum(by_hour),
        "files": asked("sources.files", source=name),
        "reasons": sorted(row["rejected_by_reason"].items(), key=lambda pair: -pair[1]),
    }


def instant_of(text: str | None) -> Instant | None:
    """An instant as the operations write it."""
    return from_datetime(datetime.fromisoformat(text)) if text else None


def points(steps: list[int]) -> str:
    """A sparkline, 120 wide and 24 high, as the points of a polyline."""
    most = max(steps) or 1
    width = 120 / max(1, len(steps) - 1)
    return " ".join(f"{n * width:.1f},{22 - 20 * count / most:.1f}" for n, count in enumerate(steps))


def _steps(since: Instant, step_s: int, count: int) -> dict[str, list[int]]:
    """Records of each source by step, the oldest first."""
    found: dict[str, list[int]] = {}
    first = since // SECOND // step_s + 1
    for row in asked("sources.throughput", since=since, step_s=step_s):
        at = instant_of(row["at"])
        place = (at or 0) // SECOND // step_s - first
        if 0 <= place < count:
            found.setdefault(row["source"], [0] * count)[place] += row["frames"]
    return found


def _said(stand: Stands, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    said = STANDINGS[stand.standing]
    failing = next((entry["kind"] for entry in inputs if entry["problem"] == stand.reason), "")
    return {
        "standing": stand.standing.value,
        "word": said.word,
        "tone": said.tone,
        "icon": said.icon,
        "advice": FAILING.get(failing, "") if stand.standing is Standing.FAILING else said.advice,
        "reason": re.sub(r"^\[Errno -?\d+\] ", "", stand.reason),
    }


def _input(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **entry,
        "kind_told": KINDS.get(entry["kind"], entry["kind"]),
        "state_told": STATES.get(entry["state"], entry["state"]),
        "format_told": _format(entry["format"]) if entry["format"] != "auto" else None,
    }


def _format(slug: str) -> dict[str, str]:
    known = formats().get(slug)
    if known is None:
        return {"slug": slug, "name": slug, "tier": ""}
    about = known.about
    return {"slug": slug, "name": f"{about.vendor} {about.product}", "tier": str(tier_of(slug).tier)}
