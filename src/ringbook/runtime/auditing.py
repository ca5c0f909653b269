"""The audit log for the command line; works beside a running ``serve`` and without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringbook.config import load
from ringbook.parse.registry import formats
from ringbook.runtime import desk

if TYPE_CHECKING:
    from ringbook.desk.governance.audit import Broken


class Auditing:
    """The audit log of a home."""

    def __init__(self, folder: Path) -> None:
        desk.prepare(folder, load(folder, formats=formats()))

    def latest(self, limit: int) -> Iterator[dict[str, Any]]:
        """The latest entries, newest first."""
        from ringbook.desk.governance.audit import told
        from ringbook.desk.governance.models import AuditEntry

        for entry in AuditEntry.objects.order_by("-seq")[:limit]:
            yield told(entry)

    def faults(self) -> Iterator[Broken]:
        """What is not as it was written."""
        from ringbook.desk.governance import audit

        yield from audit.faults()

    def count(self) -> int:
        """How many entries there are."""
        from ringbook.desk.governance.models import AuditEntry

        return AuditEntry.objects.count()
