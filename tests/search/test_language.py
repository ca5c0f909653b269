"""Text to tree and back, and what is said about text that is not a question."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringbook.search.errors import QuestionError
from ringbook.search.language import LONGEST, parse, text
from ringbook.search.tree import EVERYTHING, And, Node, Not, Or, Term, Value, Word

from .trees import written


def bare(node: Node) -> Node:
    """The tree without positions."""
    match node:
        case And(parts):
            return And(tuple(bare(part) for part in parts))
        case Or(parts):
            return Or(tuple(bare(part) for part in parts))
        case Not(part):
            return Not(bare(part))
        case Term(name, values):
            return Term(name, tuple(msgspec.structs.replace(value, at=0, end=0) for value in values))
        case Word(word, quoted):
            return Word(word, quoted)


def term(name: str, *values: str) -> Term:
    return Term(name, tuple(Value(value) for value in values))


@given(written)
@settings(max_examples=300, deadline=None)
def test_a_tree_written_and_parsed_is_the_same_tree(tree: Node):
    assert bare(parse(text(tree))) == tree


_pieces = st.lists(
    st.sampled_from([*'ab:,-()"\\ >=<.1+*', " or ", "from:", " not ", "number:"]), max_size=30
).map("".join)


@given(_pieces)
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_tree_or_an_error_that_points_into_it(question: str):
    try:
        tree = parse(question)
    except QuestionError as error:
        assert 0 <= error.start <= len(question)
        assert "^" in str(error)
    else:
        assert bare(parse(text(tree))) == bare(tree)


@pytest.mark.parametrize(
    ("question", "tree"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("anna", Word("anna")),
        ('"anna berg"', Word("anna berg", True)),
        ("“anna berg”", Word("anna berg", True)),
        (r'"say \"hi\" \\"', Word(r'say "hi" \ '.strip(), True)),
        ("Berg, Anna", And((Word("Berg"), Word("Anna")))),
        ("FROM:101", term("from", "101")),
        ("outcome:missed, abandoned", term("outcome", "missed", "abandoned")),
        ("-outcome:missed", Not(term("outcome", "missed"))),
        ("not from:101", Not(term("from", "101"))),
        ("a b or c", Or((And((Word("a"), Word("b"))), Word("c")))),
        ("a (b or c)", And((Word("a"), Or((Word("b"), Word("c")))))),
        ("a and b OR c", Or((And((Word("a"), Word("b"))), Word("c")))),
        ("-(a b)", Not(And((Word("a"), Word("b"))))),
        ("-(-a)", Not(Not(Word("a")))),
        ("a (b (c d))", And((Word("a"), Word("b"), Word("c"), Word("d")))),
        (
            "ordinary orange android nothing",
            And(tuple(map(Word, ["ordinary", "orange", "android", "nothing"]))),
        ),
        ("duration:>=60", Term("duration", (Value("60", op=">="),))),
        ("number:+1 (512) 555-0101 anna", And((term("number", "+1 (512) 555-0101"), Word("anna")))),
        ("number:512 555 0101 to:300", And((term("number", "512 555 0101"), term("to", "300")))),
        ("number:+1 512 555 ???? x", And((term("number", "+1 512 555 ????"), Word("x")))),
        ("from:101 -102", And((term("from", "101"), Not(Word("102"))))),
        ("from:101 (102 or 103)", And((term("from", "101"), Or((Word("102"), Word("103")))))),
        ("from:101 5125550101", And((term("from", "101"), Word("5125550101")))),
        ("+1 (512) 555-0101", Word("+1 (512) 555-0101")),
        ("hour:9:30-17:15", term("hour", "9:30-17:15")),
        ("12:30", Word("12:30")),
    ],
)
def test_questions_mean_what_they_seem_to(question: str, tree: Node):
    assert bare(parse(question)) == tree


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("a or", 'Something is missing after "or".\n  a or\n    ^^'),
        ("(a or) b", 'Something is missing after "or".\n  (a or) b\n     ^^'),
        (
            "or a",
            '"or" wants something on both sides.\n  or a\n  ^^\nTo look for the word, quote it: "or".',
        ),
        ("a (b", "This bracket is not closed.\n  a (b\n    ^\nEnd it with )."),
        ("a) b", "This bracket closes nothing.\n  a) b\n   ^"),
        ("a ()", "There is nothing between these brackets.\n  a ()\n    ^^"),
        ('name:"anna', 'This quote is not closed.\n  name:"anna\n       ^\nEnd it with ".'),
        ('a ""', 'There is nothing between these quotes.\n  a ""\n    ^^'),
        ("a from:", "A value is missing after from:\n  a from:\n    ^^^^^"),
        ("from: 101", "from: wants its value right after the colon.\n  from: 101\n  ^^^^^"),
        ("from:101,", "A value is missing after from:101,\n  from:101,\n  ^^^^^^^^^"),
        (
            "a - b",
            "- stands directly before the one thing it excludes.\n  a - b\n    ^\nAs in: -outcome:missed",
        ),
        (
            "a ,b",
            '"," cannot stand here.\n  a ,b\n    ^\nPut text in quotes to look for it as it is.',
        ),
    ],
)
def test_what_cannot_be_understood_is_pointed_at(question: str, said: str):
    with pytest.raises(QuestionError) as raised:
        parse(question)
    assert str(raised.value) == said


def test_a_long_question_shows_the_part_that_is_wrong():
    with pytest.raises(QuestionError) as raised:
        parse("word " * 30 + "a) " + "word " * 30)
    _, shown, mark = str(raised.value).splitlines()
    assert shown[mark.index("^")] == ")"
    assert shown.strip().startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 80


@pytest.mark.parametrize(
    "question",
    [
        "a" * (LONGEST + 1),
        "-(" * 900 + "a" + ")" * 900,
        "a " * 999,
        "(a or (b " * 200 + ")" * 400,
        "outcome:" + ",".join(["missed"] * 280),
    ],
)
def test_hostile_questions_are_refused(question: str):
    with pytest.raises(QuestionError):
        parse(question)


@pytest.mark.parametrize(
    "question",
    ["(" * 900 + "a" + ")" * 900, "number:" + "1 " * 900 + "x", "+1" + " 22" * 600, '"' + "\\" * 998 + '"'],
)
def test_odd_but_harmless_questions_get_an_answer(question: str):
    try:
        parse(question)
    except QuestionError as error:
        assert error.problem
