"""What can go wrong with a request.

::

    RingbookClientError
    ├── ProblemError           the server answered with a problem: it says which, and what to do
    │   └── NotThereError      there is no such thing, or none that this token may see
    └── ConnectionLostError    no answer came
"""

from __future__ import annotations

from typing import Any


class RingbookClientError(Exception):
    """Base of all errors of the client."""


class ProblemError(RingbookClientError):
    """The server answered with a problem (RFC 9457). ``more`` are the keys that only some kinds have, such as ``position``."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        self.kind = self.type.rpartition("#problem-")[2]
        self.title = str(problem.get("title", f"HTTP {status}"))
        self.detail = str(problem.get("detail", ""))
        self.more = {name: value for name, value in problem.items() if name not in _USUAL}
        super().__init__(f"{self.title}: {self.detail}" if self.detail else self.title)


class NotThereError(ProblemError):
    """There is no such thing, or none that this token may see."""


class ConnectionLostError(RingbookClientError):
    """No answer came."""


_USUAL = ("type", "title", "status", "detail")
