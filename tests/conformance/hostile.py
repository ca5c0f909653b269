"""Bytes that nobody who writes call records would send, and damage that happens to those who do."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

SHAPES: dict[str, Callable[[int], bytes]] = {
    "one long line": lambda n: b"a" * n,
    "NULs": lambda n: b"\0" * n,
    "lone CRs": lambda n: b"\r" * n,
    "line ends": lambda n: b"\r\n" * (n // 2),
    "blanks": lambda n: b" " * n,
    "blanks in a tag": lambda n: b"<call " + b" " * n,
    "commas": lambda n: b"," * n,
    "quotes": lambda n: b'"' * n,
    "unclosed quotes on every line": lambda n: b'"a,b\n' * (n // 5),
    "escaped quotes": lambda n: b'"' + b'\\"' * (n // 2),
    "marks": lambda n: b"<" * n,
    "ends of elements": lambda n: b">" * n,
    "deep XML": lambda n: b"<a>" * (n // 3),
    "attributes": lambda n: b"<call " + b'a="1" ' * (n // 6),
    "entities": lambda n: b'<call number="' + b"&lt;" * (n // 4) + b'" />',
    "deep JSON arrays": lambda n: b"[" * n,
    "deep JSON objects": lambda n: b'{"a":' * (n // 5),
    "many JSON members": lambda n: b'{"vcon":"0.0.1"' + b',"a":1' * (n // 6) + b"}",
    "a huge number": lambda n: b"9" * n,
    "a huge JSON number": lambda n: b'{"duration":' + b"9" * n + b"}",
    "a huge exponent": lambda n: b'{"duration":1e' + b"9" * n + b"}",
    "digits in columns": lambda n: b"9999999999," * (n // 11),
    "percent signs": lambda n: b"%" * n,
    "form fields": lambda n: b"a=%41&" * (n // 6),
    "colons": lambda n: b":" * n,
    "pipes": lambda n: b"|" * n,
    "dashes": lambda n: b"-" * n,
    "bytes over 127": lambda n: b"\xff\xfe" * (n // 2),
    "half characters": lambda n: b"\xe2\x82" * (n // 2),
}
"""Ways to make ``n`` bytes of trouble, by name."""

DAMAGE = (b'"', b"\0", b"\xff", b"<", b">", b"}", b",", b"\r", b"\n", b"'", b"\\", b"")
"""What takes the place of one byte of a record."""


def damaged(data: bytes, at: int, by: bytes) -> bytes:
    """The bytes with the one at that position replaced (or taken away)."""
    return data[:at] + by + data[at + 1 :]


def mutations(seed: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with some parts replaced, doubled, taken away or swapped."""
    seed = seed[:20_000]

    def apply(edits: list[tuple[int, int, bytes, int]]) -> bytes:
        data = seed
        for at, length, junk, times in edits:
            start = at % (len(data) + 1)
            part = data[start : start + length]
            data = data[:start] + part * times + junk + data[start + length :]
        return data

    edit = st.tuples(
        st.integers(0, len(seed)), st.integers(0, 40), st.binary(max_size=12), st.sampled_from([0, 1, 2, 3])
    )
    return st.lists(edit, min_size=1, max_size=6).map(apply)
