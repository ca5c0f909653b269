"""Each setting's line is found, in whatever way TOML lets it be written."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.config.places import KeyPath, line_of, lines

TEXT = """# a comment
top = 1

[server]  # with a comment
host = "x"   # [not.a.table]
"port" = 2

[sources.main-pbx]
timezone = "UTC"

[[sources.main-pbx.inputs]]
kind = "file"
[sources.main-pbx.inputs.settings]
quote = "="
[[sources.main-pbx.inputs]]
path = [
  "a",
  "b = c",
]
[ sources . "a b" ]
region = "GB"
spool.warn_mb = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("server",), 4),
        (("server", "host"), 5),
        (("server", "port"), 6),
        (("sources", "main-pbx", "timezone"), 9),
        (("sources", "main-pbx", "inputs", 0), 11),
        (("sources", "main-pbx", "inputs", 0, "kind"), 12),
        (("sources", "main-pbx", "inputs", 0, "settings", "quote"), 14),
        (("sources", "main-pbx", "inputs", 1, "path"), 16),
        (("sources", "main-pbx", "inputs", 1, "port"), 15),  # not there: its table
        (("sources", "a b", "region"), 21),
        (("sources", "a b", "spool", "warn_mb"), 22),
        (("elsewhere",), 0),
    ],
)
def test_where_a_setting_stands(path: KeyPath, line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(lines(TEXT), path) == line


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_looked_through(text: str) -> None:
    assert all(1 <= number <= text.count("\n") + len(text) + 1 for number in lines(text).values())
