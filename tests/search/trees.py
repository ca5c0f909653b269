"""Random questions for hypothesis: any tree that can be written, and trees whose words and values mean something."""

from __future__ import annotations

from hypothesis import strategies as st

from ringbook.search import added
from ringbook.search.fields import FIELDS, NUMBER_FIELDS
from ringbook.search.tree import EVERYTHING, And, Node, Not, Or, Term, Value, Word

_RESERVED = {"or", "and", "not"}
_printable = st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))

_quoted = st.text(_printable | st.just(" "), min_size=1, max_size=12).filter(
    lambda text: text.strip() and not set(text) & set("“”„")
)


def _plain(forbidden: str, first: str) -> st.SearchStrategy[str]:
    def allowed(text: str) -> bool:
        return (
            not set(text) & set(forbidden + "“”„")
            and text[0] not in first
            and not any(map(str.isspace, text))
        )

    return st.text(_printable, min_size=1, max_size=10).filter(allowed)


_values = st.one_of(
    st.builds(Value, _quoted, st.just(True), st.sampled_from(["", ">", ">=", "<", "<=", "="])),
    st.builds(Value, _plain('(),"', "<>="), st.just(False), st.sampled_from(["", ">", "<="])),
)
_phones = st.sampled_from(
    ["+1 (512) 555-0101", "(512) 555-0101", "020 7946 0101", "512 555 0101", "+44 20 7946 0101"]
)
_words = st.one_of(
    st.builds(Word, _quoted, st.just(True)),
    st.builds(Word, _plain('(),":', "-<>="), st.just(False)).filter(
        lambda word: word.text.lower() not in _RESERVED and word.text == (word.text.rstrip(",;") or word.text)
    ),
    st.builds(Word, st.sampled_from(["+1 (512) 555-0101", "12:30", "a,b"])),
)
_terms = st.one_of(
    st.builds(
        Term,
        st.from_regex(r"[a-z_]{1,9}", fullmatch=True).filter(lambda name: name not in NUMBER_FIELDS),
        st.lists(_values, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Term,
        st.sampled_from(NUMBER_FIELDS),
        st.lists(st.builds(Value, _phones), min_size=1, max_size=3).map(tuple),
    ),
)


def combined(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Trees over leaves, in the shape that parsing gives: no And in And, no Or in Or, no list of one."""
    return st.recursive(leaves, _combine, max_leaves=8)


def _combine(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def many(kind: type[And] | type[Or]) -> st.SearchStrategy[Node]:
        parts = st.lists(inner.filter(lambda node: not isinstance(node, kind)), min_size=2, max_size=3)
        return parts.map(lambda nodes: kind(tuple(nodes)))

    return st.one_of(st.builds(Not, inner), many(And), many(Or))


written = st.one_of(st.just(EVERYTHING), combined(st.one_of(_words, _terms)))
"""Any tree that can be written."""

_SENSIBLE: dict[str, list[str]] = {
    "from": [
        "+15125550101",
        "5125550101",
        "0101",
        "101",
        "(512) 555-0102",
        "0015125550101",
        "512*",
        "*01??",
        "anna",
        "020 7946 0101",
    ],
    "to": ["101", "102", "0199", "+15125550199", "bo", "sales", "1*"],
    "number": [
        "101",
        "555-0101",
        "+1 512 555 0101",
        "15125550102",
        "*0199",
        "9999",
        "7946 0101",
        "+442079460101",
        "?????0101",
    ],
    "dialled": ["0199", "+15125550199", "*97", "9", "95125550101"],
    "extension": ["101", "102", "1*", "10?"],
    "name": ["anna", "Berg", "anna*berg", "ö", "100%", "_", "\\"],
    "agent": ["101", "bo", "Bo", "c?", "102"],
    "queue": ["sales", "SALES", "s*", "support", "?upport"],
    "trunk": ["SIP/a", "sip/*", "*b", "50%", "none"],
    "account": ["acme", "ac*", "none"],
    "source": ["office", "off*", "branch"],
    "direction": list(FIELDS["direction"].choices),
    "outcome": list(FIELDS["outcome"].choices),
    "hangup": list(FIELDS["hangup"].choices),
    "cause": ["16", "17", "486", "127", "busy", "normal", "100%"],
    "after": ["2026-11-01", "2026-10", "2026-11-01T01:30", "yesterday"],
    "before": ["2026-11-01", "today", "2027", "2026-11-01T07:00Z"],
    "on": ["2026-11-01", "2026-10..2026-11", "2026-11-01T01", "2026", "yesterday"],
    "last": ["7d", "2w", "12h", "1y", "30m"],
    "hour": ["9", "9-17", "22-6", "0", "1:30-2:15", "23-24"],
    "weekday": ["mon", "mon-fri", "sat-mon", "sunday"],
    "has": [word for word in FIELDS["has"].choices if word not in added.HAS],
}
_LENGTHS = [
    (">", "60"),
    ("", "10..60"),
    ("<=", "1m"),
    ("<", "5"),
    (">=", "1h30m"),
    ("", "60"),
    ("", "..20"),
    ("", "0.5s.."),
    ("=", "0"),
]


_EXACT = {
    "from": ["+15125550101", "5125550101", "(512) 555-0101", "anonymous", ""],
    "dialled": ["+15125550199", "95125550101", "*97", ""],
    "agent": ["101", "Bo Dahl", "anna", "Anna Berg", "?"],
    "queue": ["Sales", "sales", "Support", ""],
    "trunk": ["SIP/a", "sip/a", "PJSIP/carrier-a"],
    "account": ["ACME", "acme", ""],
    "source": ["office", "Office"],
}
"""As it stands in the records, or in others' spelling."""


def _sensible_terms() -> list[Node]:
    plain = [Term(name, (Value(text),)) for name, texts in _SENSIBLE.items() for text in texts]
    several = [
        Term(name, tuple(Value(text) for text in texts[:2]))
        for name, texts in _SENSIBLE.items()
        if len(texts) > 1
    ]
    lengths = [
        Term(name, (Value(text, op=op),))
        for name in ("duration", "talk", "wait", "ring", "hold")
        for op, text in _LENGTHS
    ]
    literal = [Term(name, (Value("a*", quoted=True),)) for name in ("name", "queue", "account", "source")]
    exact = [
        Term(name, (Value(text, quoted=True, op="="),)) for name, texts in _EXACT.items() for text in texts
    ]
    return plain + several + lengths + literal + exact


_SENSIBLE_WORDS = [
    "anna",
    "Berg",
    "0101",
    "101",
    "555-0101",
    "+1 512 555 0101",
    "sales",
    "acme",
    "busy",
    "100%",
    "_",
    "ö",
    "nobody",
]

single: list[Node] = _sensible_terms()
"""Every value by itself."""

sensible = combined(
    st.one_of(
        st.sampled_from(single),
        st.builds(Word, st.sampled_from(_SENSIBLE_WORDS), st.booleans()),
    )
)
"""Trees that every field understands."""
