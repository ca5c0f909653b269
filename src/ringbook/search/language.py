"""The query language: text to tree and back.

What names and values mean is checked in :mod:`ringbook.search.plan`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from ringbook.search.errors import QuestionError
from ringbook.search.fields import NUMBER_FIELDS
from ringbook.search.tree import EVERYTHING, And, Node, Not, Or, Term, Value, Word

LONGEST = 2_000
"""Characters of a question."""

DEEPEST = 24
"""Levels of brackets that mean something (brackets around one thing do not count)."""

MOST_CLUES = 200
"""Words and values of a question, together."""


@lru_cache(maxsize=2_048)
def parse(question: str) -> Node:
    """The tree of a question; empty text is every call. A page asks for the same ones again and again: they are remembered.

    :raises QuestionError: pointing at the place that cannot be understood.
    """
    if len(question) > LONGEST:
        raise QuestionError(
            f"The question is {len(question)} characters long; {LONGEST} are allowed.",
            question,
            LONGEST,
            LONGEST,
        )
    question = question.translate(_STRAIGHT)
    _check_quotes(question)
    try:
        tree: Node = _parser().parse(question)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _explain(error, question) from None
    _check_size(tree, question)
    return tree


def text(node: Node) -> str:
    """The shortest text that parses to this tree."""
    match node:
        case And(parts):
            return _beside([_inside(part, Or) for part in parts])
        case Or(parts):
            return " or ".join(_inside(part) for part in parts)
        case Not(part):
            return "-" + _inside(part, Or, And, Not)
        case Word(word, quoted):
            return _quote(word) if quoted else word
        case Term(field, values):
            return f"{field}:" + ",".join(_value_text(value) for value in values)


_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"'})


def _inside(node: Node, *bracketed: type) -> str:
    return f"({text(node)})" if isinstance(node, bracketed) else text(node)


def _beside(texts: list[str]) -> str:
    """The parts one after the other, kept apart by "and" where digits would run together into one number."""
    found = texts[:1]
    for before, after in pairwise(texts):
        together = before[-1:].isdigit() or before.endswith(")")
        found.append("and " + after if together and after[:1] in "0123456789(" else after)
    return " ".join(found)


def _value_text(value: Value) -> str:
    return value.op + (_quote(value.text) if value.quoted else value.text)


def _quote(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquote(token: str) -> str:
    found = []
    escaped = False
    for char in token[1:-1]:
        if char == "\\" and not escaped:
            escaped = True
            continue
        found.append(char)
        escaped = False
    return "".join(found)


class _Build(Transformer[Token, Node]):
    """Builds the tree while the parser runs, so that nothing recurses over the text's own depth."""

    def start(self, parts: list[Node]) -> Node:
        return parts[0] if parts else EVERYTHING

    def either(self, parts: list[Node]) -> Node:
        return Or(_spread(parts, Or))

    def both(self, parts: list[Node]) -> Node:
        return And(_spread(parts, And))

    def without(self, parts: list[Node]) -> Node:
        return Not(parts[0])

    def phrase(self, tokens: list[Token]) -> Node:
        [token] = tokens
        return Word(_unquote(token), True, *_place(token))

    def word(self, tokens: list[Token]) -> Node:
        [token] = tokens
        start, _ = _place(token)
        kept = str(token).rstrip(",;") or str(token)
        return Word(kept, False, start, start + len(kept))

    def value(self, tokens: list[Token]) -> Value:
        *ops, token = tokens
        quoted = token.type == "QUOTED"
        start = _place(tokens[0])[0]
        written = _unquote(token) if quoted else str(token)
        return Value(written, quoted, str(ops[0]) if ops else "", start, _place(token)[1])

    def term(self, parts: list[Any]) -> Node:
        name, *values = parts
        return Term(str(name)[:-1].lower(), tuple(values), _place(name)[0])


def _place(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def _spread(parts: list[Node], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """The parts, those of the same kind in their place: ``a (b c)`` is ``a b c``."""
    found: list[Node] = []
    for part in parts:
        found += part.parts if isinstance(part, kind) else (part,)
    return tuple(found)


@cache
def _parser() -> Lark:
    grammar = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    return Lark(
        grammar.replace("@NUMBER_FIELDS@", "|".join(NUMBER_FIELDS)),
        parser="lalr",
        lexer="contextual",
        transformer=_Build(),
    )


def _check_quotes(question: str) -> None:
    """Unbalanced quotes are said to be that, before the parser stumbles over something far behind them."""
    opened = -1
    escaped = False
    for place, char in enumerate(question):
        if escaped:
            escaped = False
        elif char == "\\" and opened >= 0:
            escaped = True
        elif char == '"':
            opened = place if opened < 0 else -1
    if opened >= 0:
        raise QuestionError("This quote is not closed.", question, opened, opened + 1, 'End it with ".')


def _check_size(tree: Node, question: str) -> None:
    """Bounds depth, which everything behind us recurses over, and the number of clues."""
    level, depth, clues = [tree], 0, 0
    while level:
        below: list[Node] = []
        for node in level:
            match node:
                case And(parts) | Or(parts):
                    below += parts
                case Not(part):
                    below.append(part)
                case Term(values=values, at=at):
                    clues += len(values)
                    _gap(node, question)
                case Word(at=at):
                    clues += 1
                    _lonely(node, question)
            if clues > MOST_CLUES:
                raise QuestionError(f"A question may have {MOST_CLUES} words and values.", question, at, at)
        depth += 1
        if depth > DEEPEST:
            raise QuestionError(f"Brackets may be {DEEPEST} levels deep.", question, 0, 1)
        level = below


def _gap(term: Term, question: str) -> None:
    colon = question.find(":", term.at)
    if question[colon + 1 : colon + 2].isspace():
        raise QuestionError(
            f"{term.field}: wants its value right after the colon.", question, term.at, colon + 1
        )


def _lonely(word: Word, question: str) -> None:
    if not word.text.strip():
        raise QuestionError("There is nothing between these quotes.", question, word.at, word.end)
    if not word.quoted and word.text.lower() in {"or", "and", "not"}:
        raise QuestionError(
            f'"{word.text}" wants something on both sides.'
            if word.text.lower() != "not"
            else '"not" wants something after it.',
            question,
            word.at,
            word.end,
            f'To look for the word, quote it: "{word.text}".',
        )


def _explain(error: UnexpectedInput, question: str) -> QuestionError:
    """The parser's complaint in words about the question."""
    if isinstance(error, UnexpectedCharacters):
        return _stray(question, error.pos_in_stream or 0)
    token = error.token if isinstance(error, UnexpectedToken) else None
    if token is None or token.type == "$END":
        return _unfinished(question)
    return _stray(question, token.start_pos or 0, len(token))


def _unfinished(question: str) -> QuestionError:
    """What is missing at the end."""
    kept = question.rstrip()
    last = kept.split()[-1] if kept else ""
    start = len(kept) - len(last)
    if last.endswith((":", ",")) and not kept.endswith("("):
        return QuestionError(f"A value is missing after {last}", question, start, len(kept))
    if last.lower() in {"or", "and", "not"}:
        return QuestionError(f'Something is missing after "{last}".', question, start, len(kept))
    opened = _unclosed(question)
    if opened >= 0:
        return QuestionError("This bracket is not closed.", question, opened, opened + 1, "End it with ).")
    return QuestionError("The question is not finished.", question, start, len(kept))


def _unclosed(question: str) -> int:
    """The last bracket that is not closed, quotes aside; -1 if there is none."""
    opened: list[int] = []
    quoted = False
    for place, char in enumerate(question):
        if char == '"' and question[place - 1 : place] != "\\":
            quoted = not quoted
        elif char == "(" and not quoted:
            opened.append(place)
        elif char == ")" and not quoted and opened:
            opened.pop()
    return opened[-1] if opened else -1


def _stray(question: str, at: int, width: int = 1) -> QuestionError:
    """What stands where it cannot stand."""
    lead = len(question[at:]) - len(question[at:].lstrip())
    at, width = at + lead, max(1, width - lead)
    before = question[:at].rstrip()
    char = question[at : at + 1]
    if before.endswith((":", ",")) and not before.endswith(" ,"):
        start = max(before.rfind(" "), before.rfind("("), before.rfind("-")) + 1
        return QuestionError(f"A value is missing after {before[start:]}", question, start, len(before))
    if char == ")":
        if before.endswith("("):
            return QuestionError(
                "There is nothing between these brackets.", question, len(before) - 1, at + 1
            )
        if before.lower().endswith((" or", " and")):
            start = before.rfind(" ") + 1
            return QuestionError(
                f'Something is missing after "{before[start:]}".', question, start, len(before)
            )
        return QuestionError("This bracket closes nothing.", question, at, at + 1)
    if char == "-":
        return QuestionError(
            "- stands directly before the one thing it excludes.",
            question,
            at,
            at + 1,
            "As in: -outcome:missed",
        )
    written = question[at : at + width].strip() or char
    return QuestionError(
        f'"{written}" cannot stand here.',
        question,
        at,
        at + width,
        "Put text in quotes to look for it as it is.",
    )
