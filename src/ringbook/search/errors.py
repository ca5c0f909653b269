"""What can be wrong with a question.

::

    SearchError (AskError)     something about the search that the person who asked can put right
    ├── QuestionError          the text is not a question that the language has; points at the place
    ├── CursorError            the page marker is not one of ours, or belongs to another question
    ├── AmbiguousIdError       the beginning of an id fits several calls
    └── UnknownCallError       no call has that id
        └── RemovedCallError   the call of that id was removed for good
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ringbook.ledger.erased import Erasure
from ringbook.model.errors import AskError
from ringbook.model.instant import iso

_WINDOW = 72
"""Characters of a long question shown around the place that is wrong."""


class SearchError(AskError):
    """Base of all errors about a search; its text is made for the person who asked."""


class QuestionError(SearchError):
    """A question that cannot be understood: what is wrong, the question with a mark under the place, what may be meant."""

    def __init__(self, problem: str, question: str, start: int, stop: int, hint: str = "") -> None:
        self.problem = problem
        self.question = question
        self.start = start
        self.stop = max(stop, start + 1)
        self.hint = hint
        super().__init__(problem)

    @property
    def column(self) -> int:
        """The first column of the place, counted from 1."""
        return self.start + 1

    def __str__(self) -> str:
        shown, mark = _excerpt(self.question, self.start, self.stop)
        lines = [self.problem, f"  {shown}", f"  {mark}"]
        return "\n".join([*lines, self.hint] if self.hint else lines)


class CursorError(SearchError):
    """A page marker that cannot be used; ask for the first page again."""


class UnknownCallError(SearchError):
    """No call has that id, or none that this reader may see."""


class RemovedCallError(UnknownCallError):
    """The call of that id was removed for good; ``removed`` says when, and under what."""

    def __init__(self, removed: Erasure) -> None:
        self.removed = removed
        day = (iso(removed.at) or "")[:10]
        super().__init__(f"This call was removed on {day}: {removed.ground} ({removed.reference}).")


class AmbiguousIdError(SearchError):
    """The beginning of an id fits several calls; ``ids`` are the first of them."""

    def __init__(self, beginning: str, ids: tuple[str, ...]) -> None:
        self.ids = ids
        super().__init__(f'Several calls have an id that begins with "{beginning}": {", ".join(ids)}.')


class BadValueError(Exception):
    """Raised by readers of values, which do not know the place; becomes a QuestionError on the way up."""

    def __init__(self, problem: str, hint: str = "") -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(problem)


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A sentence that suggests the nearest of the known words, or else lists what ``otherwise`` says."""
    names = list(known)
    close = difflib.get_close_matches(word.lower()[:40], names, n=1, cutoff=0.5)
    if not close and len(word) >= _TELLING:
        close = [name for name in names if name.startswith(word.lower())][:1]
    if close:
        return f"Did you mean {close[0]}?"
    return otherwise or f"Known: {', '.join(names)}."


_TELLING = 2
"""Letters from which the beginning of a word is taken as a clue."""


def _excerpt(question: str, start: int, stop: int) -> tuple[str, str]:
    """The question in one line, cut around the place if it is long, and the carets below it."""
    line = "".join(char if char.isprintable() else " " for char in question)
    first = max(0, start - _WINDOW // 2) if len(line) > _WINDOW else 0
    shown = line[first : first + _WINDOW]
    head = "…" if first else ""
    tail = "…" if first + _WINDOW < len(line) else ""
    width = max(1, min(stop - start, _WINDOW - (start - first)))
    return f"{head}{shown}{tail}", " " * (len(head) + start - first) + "^" * width
