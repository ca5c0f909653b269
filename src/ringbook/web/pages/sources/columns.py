"""What the columns of a sample are: as they are guessed, or as somebody said with the form's selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ringbook.model.call import Direction
from ringbook.model.statement import PathResult
from ringbook.parse.mapping import Choices
from ringbook.parse.mapping_columns import Column
from ringbook.parse.mapping_model import FIELDS
from ringbook.parse.mapping_proposal import Found, assigned
from ringbook.parse.mapping_words import direction_of, result_of
from ringbook.web.pages.sources.wording import DIRECTIONS, MAPPED_FIELDS, RESULTS

MOST_WORDS = 12
MOST_COLUMNS = 100
EXAMPLES = 3


class Columns:
    """The columns of a file, each with what it is; ``given`` is what the form sent, None the first time."""

    def __init__(self, found: Found, given: Mapping[str, Any] | None) -> None:
        self._found = found
        self._given = given
        self.columns = found.columns[:MOST_COLUMNS]
        self._fields = self._guessed() if given is None else self._said(given)

    def choices(self) -> Choices:
        """What the mapping is made of."""
        columns: dict[str, list[Column]] = {}
        for one, field in zip(self.columns, self._fields, strict=True):
            if field:
                columns.setdefault(field, []).append(one)
        columns = {field: _dates_first(some) for field, some in columns.items()}
        start = columns.get("start")
        if start and self.form in start[0].formats:
            others = tuple(form for form in start[0].formats if form != self.form)
            start[0] = msgspec.structs.replace(start[0], formats=(self.form, *others))
        words = {
            field: {row["word"]: row["value"] for row in self.words(field)}
            for field in ("direction", "result")
        }
        always = {"direction": self.always} if self.always else {}
        return Choices(columns, words, always)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The columns as the page shows them."""
        return [
            {
                "number": number,
                "name": one.name,
                "examples": list(dict.fromkeys(one.values))[:EXAMPLES],
                "field": field,
            }
            for number, (one, field) in enumerate(zip(self.columns, self._fields, strict=True))
        ]

    @property
    def fields(self) -> list[tuple[str, Any]]:
        """What a column can be."""
        return [(field, MAPPED_FIELDS.get(field, FIELDS[field])) for field in FIELDS]

    @property
    def forms(self) -> list[tuple[str, str]]:
        """The ways in which the times can be read, with the first time so read; of interest where there are several."""
        start = self._of("start")
        several = start.formats if start and len(start.formats) > 1 else ()
        return [
            (form, form.replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY")) for form in several
        ]

    @property
    def form(self) -> str:
        """The way in which the times are read."""
        start = self._of("start")
        forms = start.formats if start else ()
        said = str(self._given.get("time", "")) if self._given else ""
        return said if said in forms else next(iter(forms), "")

    @property
    def always(self) -> str:
        """The direction that all calls have, where no column says it."""
        said = str(self._given.get("always", "")) if self._given else ""
        return said if said in DIRECTIONS and not self._of("direction") else ""

    @property
    def directions(self) -> list[tuple[str, Any]]:
        """What a word of direction can mean."""
        return list(DIRECTIONS.items())

    @property
    def results(self) -> list[tuple[str, Any]]:
        """What a word of the result can mean."""
        return list(RESULTS.items())

    @property
    def has_direction(self) -> bool:
        """Whether a column says the direction."""
        return self._of("direction") is not None

    @property
    def direction_words(self) -> list[dict[str, Any]]:
        """The words of the column that says the direction."""
        return self.words("direction")

    @property
    def result_words(self) -> list[dict[str, Any]]:
        """The words of the column that says how calls ended."""
        return self.words("result")

    def words(self, field: str) -> list[dict[str, Any]]:
        """The different words of a column, with what each means."""
        one = self._of(field)
        guess = direction_of if field == "direction" else result_of
        allowed = {str(each.value) for each in (Direction if field == "direction" else PathResult)}
        rows = []
        for number, word in enumerate(one.words[:MOST_WORDS] if one else []):
            said = self._given.get(f"{field}-word-{number}") if self._given else None
            same = self._given is not None and self._given.get(f"{field}-text-{number}") == word
            value = said if same and said is not None and said in {"", *allowed} else guess(word)
            rows.append({"number": number, "word": word, "value": value})
        return rows

    def _of(self, field: str) -> Column | None:
        return next((c for c, is_ in zip(self.columns, self._fields, strict=True) if is_ == field), None)

    def _guessed(self) -> list[str]:
        chosen = assigned(self._found)
        fields = {one.name: field for field, some in chosen.items() for one in some}
        return [fields.get(one.name, "") for one in self.columns]

    def _said(self, given: Mapping[str, Any]) -> list[str]:
        said = [str(given.get(f"column-{number}", "")) for number in range(len(self.columns))]
        return [field if field in FIELDS else "" for field in said]


def _dates_first(columns: list[Column]) -> list[Column]:
    """Columns that are one field together: a date before its time of day."""
    return sorted(columns, key=lambda one: not one.dates) if len(columns) > 1 else columns
