"""The reference page of the query language, made from the field definitions."""

from __future__ import annotations

from ringbook.search.fields import FIELDS
from ringbook.search.kinds import Field
from ringbook.search.language import DEEPEST, LONGEST, MOST_CLUES
from ringbook.search.pages import MOST

_INTRODUCTION = f"""\
# The query language

The same in `ringbook calls list`, `calls count` and everywhere else where calls are looked for. This page is made from the
field definitions in `src/ringbook/search/fields.py`.

    from:+15125550101 outcome:missed last:7d
    queue:sales wait:>2m (outcome:abandoned or hangup:caller)
    anna -has:recording weekday:mon-fri hour:9-17

## How a question is put together

| write | to find calls |
| --- | --- |
| nothing | every call |
| `anna` | with the word in a name, a number, the queue, the account or the cause, in any case; digits are a number or its end |
| `"anna berg"` | with the text as it is; a `"` or `\\` inside is written `\\"`, `\\\\` |
| `field:value` | whose field has the value; no space after the colon |
| `field:one,two` | whose field has one of the values |
| `field:"two words"` | whose field has the value as it is: `*` and `?` in quotes are no wildcards |
| `one two`, `one and two` | that match both |
| `one or two` | that match one of them, or both; `or` joins less tightly than a space: `a b or c` is `(a b) or c` |
| `-one`, `not one` | that do not match |
| `(…)` | brackets, as usual |

- `-x` is exactly what `x` is not. A call whose duration is unknown is not found by `duration:>60`, so it is found by
  `-duration:>60`; add `has:duration` to leave it out. Unknown is never taken for zero.
- Days, hours and weekdays are those of the viewer's time zone, over changes of the clocks too. A time may name its own
  zone: `2026-11-21T14:00Z`, `2026-11-21T14:00+01:00`.
- The newest call comes first. A page has at most {MOST:,} calls; the cursor with it leads to the next page and belongs to
  its question. On every page, `today` and `last:` mean what they meant on the first one.
- A word or value that does not exist is an error that points at it. A question has at most {LONGEST:,} characters,
  {MOST_CLUES} words and values, and {DEEPEST} levels of brackets that mean something.

## Fields
"""


def markdown() -> str:
    """The whole page."""
    return (
        "\n".join([_INTRODUCTION, _table(), *(_section(field) for field in FIELDS.values())]).rstrip() + "\n"
    )


def _table() -> str:
    rows = [f"| [`{field.name}:`](#{field.name}) | {field.help} |" for field in FIELDS.values()]
    return "\n".join(["| field | finds calls by |", "| --- | --- |", *rows, ""])


def _section(field: Field) -> str:
    lines = [f"### {field.name}", "", field.help, "", f"Value: {_in_a_sentence(field.values)}.", ""]
    if field.choices:
        lines += ["Words: " + ", ".join(f"`{choice}`" for choice in field.choices) + ".", ""]
    lines += [f"    {example}" for example in field.examples]
    return "\n".join([*lines, ""])


def _in_a_sentence(values: str) -> str:
    # Wildcards would be read as emphasis.
    return values.replace("*", "\\*")
