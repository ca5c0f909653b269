"""An analyst's statement, made safe: one SELECT over the views, every text of it a bound value.

What is not known to be harmless is refused. The parser's tree decides (kinds of nodes, tables, functions); then the text
that the engine will get is read again, word by word, for names that are called. Tables are led to CTEs named ``view_…``, the
statement's own CTEs to ``cte_…``: no table of the engine has such a name, so a name out of its place is unknown, never a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
import sqlglot
from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from ringbook.analyse.door.errors import LONGEST, SqlError
from ringbook.analyse.door.functions import SYNTAX, allowed
from ringbook.analyse.door.views import VIEWS

MOST_VALUES = 500

_SELECT = frozenset(
    "expressions from_ joins where group having order limit offset with_ distinct windows kind operation_modifiers".split()
)
_NODES = (
    exp.Select, exp.SetOperation, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join, exp.Table, exp.TableAlias, exp.Where,
    exp.Group, exp.Rollup, exp.Cube, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Alias,
    exp.Column, exp.Identifier, exp.Literal, exp.Star, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.Array, exp.Struct,
    exp.Bracket, exp.Case, exp.If, exp.In, exp.Between, exp.Like, exp.ILike, exp.Is, exp.Not, exp.Neg, exp.And, exp.Or, exp.Xor,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe,
    exp.Interval, exp.Var, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Lambda, exp.Window, exp.WindowSpec,
    exp.Dot, exp.Exists, exp.Func, exp.Escape, exp.Slice, exp.PropertyEQ, exp.AtTimeZone,
)  # fmt: skip
_NAME = re.compile(r"[^\W\d][\w .:/%()+-]{0,63}", re.ASCII)
_IN_TYPE = re.compile(r"[\w/+-]{1,40}", re.ASCII)
_UNIT = re.compile(r"-?\d{1,6}", re.ASCII)


class Statement(msgspec.Struct, frozen=True):
    """A statement as the engine may have it, over CTEs named ``view_…`` for the views it reads, with its values."""

    sql: str
    views: tuple[str, ...]
    values: dict[str, object]


def prepared(text: str) -> Statement:
    """The statement made safe.

    :raises SqlError: it is no single SELECT over the views, or calls what it may not.
    """
    tree = _parsed(text)
    _look_at(tree)
    _lead_ctes(tree)
    views = _lead_tables(tree)
    values = _bind(tree)
    sql = tree.sql(dialect="clickhouse", comments=False, identify=False)
    _read_again(sql)
    return Statement(sql, tuple(sorted(views)), values)


def _parsed(text: str) -> exp.Query:
    if not text.strip():
        raise SqlError("Write a SELECT over the views: calls, annotations, numbers, recordings.")
    if len(text) > LONGEST or "\x00" in text:
        raise SqlError(f"A statement has at most {LONGEST:,} characters, none of them NUL.")
    try:
        trees = [tree for tree in sqlglot.parse(text, read="clickhouse") if tree is not None]
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        where = f"line {found.get('line')}, column {found.get('col')}: " if found else ""
        raise SqlError(f"{where}{found.get('description', 'this is no SQL')}") from error
    except (TokenError, SqlglotError, RecursionError, ValueError) as error:
        raise SqlError(
            "This cannot be read as SQL: look for a quote or bracket that is not closed."
        ) from error
    if len(trees) != 1:
        raise SqlError("One statement at a time.")
    if not isinstance(trees[0], exp.Query):
        raise SqlError("Only SELECT is taken here: nothing can be changed through this door.")
    return trees[0]


def _look_at(tree: exp.Query) -> None:
    """Refuse what is not known to be harmless."""
    for node in tree.walk():
        kind = type(node).__name__
        if not isinstance(node, _NODES):
            raise SqlError(f"{kind} is not taken here.")
        if isinstance(node, exp.Select):
            if not node.expressions:
                raise SqlError("Say after SELECT what to show: columns, or * for all.")
            for part, value in node.args.items():
                if value and part not in _SELECT:
                    raise SqlError(f"{part.strip('_').upper()} is not taken here.")
        if isinstance(node, exp.Identifier) and not _NAME.fullmatch(node.name):
            raise SqlError(f"Choose another name than {node.name[:40]!r}: letters, digits and _.")
        if isinstance(node, (exp.Column, exp.Table)) and (node.args.get("db") or node.args.get("catalog")):
            raise SqlError(f"{node.sql()[:80]} is not among the views: {', '.join(VIEWS)}.")
        if isinstance(node, exp.In):
            _look_at_in(node)
        if isinstance(node, (exp.Anonymous, exp.AnonymousAggFunc)) and not allowed(node.name):
            raise SqlError(
                f"The function {node.name[:60]!r} is not taken here; the page of this door lists those that are."
            )


def _look_at_in(node: exp.In) -> None:
    """``x IN name`` would read a table of that name."""
    field = node.args.get("field")
    listed = [*node.expressions, *([field] if field is not None else [])]
    if any(one.find(exp.Column, exp.Table) for one in listed if not isinstance(one, exp.Query)):
        raise SqlError("IN takes a list of values, or a SELECT in brackets.")


def _lead_ctes(tree: exp.Query) -> None:
    """Have the statement's own CTEs go by names that nothing else has."""
    names = set()
    for cte in tree.find_all(exp.CTE):
        if not isinstance(cte.this, exp.Query) or not cte.alias:
            raise SqlError("WITH takes name AS (SELECT …).")
        names.add(cte.alias)
        cte.set("alias", exp.TableAlias(this=exp.to_identifier(f"cte_{cte.alias}", quoted=True)))
    for table in tree.find_all(exp.Table):
        if table.name in names and isinstance(table.this, exp.Identifier):
            _rename(table, f"cte_{table.name}")


def _lead_tables(tree: exp.Query) -> set[str]:
    """The views that are read, each by the name of its CTE."""
    views = set()
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and table.name.startswith("cte_"):
            continue
        name = table.name if isinstance(table.this, exp.Identifier) else ""
        if name.lower() not in VIEWS:
            raise SqlError(f"There is no view {table.sql()[:60]!r}. There are: {', '.join(VIEWS)}.")
        if {key for key, value in table.args.items() if value} - {"this", "alias"}:
            raise SqlError(f"Nothing but a name stands after the view {name}.")
        views.add(name.lower())
        _rename(table, f"view_{name.lower()}")
    return views


def _rename(table: exp.Table, name: str) -> None:
    if not table.args.get("alias"):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    table.set("this", exp.to_identifier(name))


def _bind(tree: exp.Query) -> dict[str, object]:
    """Put a bound value for each text."""
    values: dict[str, object] = {}
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string:
            continue
        text = str(literal.this)
        if literal.find_ancestor(exp.DataType):
            if not _IN_TYPE.fullmatch(text):
                raise SqlError(f"{text[:40]!r} is no time zone.")
            continue
        if isinstance(literal.parent, exp.Interval):
            if not _UNIT.fullmatch(text):
                raise SqlError(f"{text[:40]!r} is no length of an interval.")
            continue
        name = f"v{len(values)}"
        values[name] = text
        literal.replace(
            exp.Placeholder(
                this=exp.to_identifier(name), kind=exp.DataType.build("String", dialect="clickhouse")
            )
        )
    if len(values) > MOST_VALUES:
        raise SqlError(f"A statement has at most {MOST_VALUES} texts in quotes.")
    return values


def _read_again(sql: str) -> None:
    """Refuse a name that is called in the very text for the engine, unless it may be."""
    for name, quoted in _called(ClickHouse().tokenize(sql)):
        if allowed(name) or (not quoted and name.lower() in SYNTAX) or name.startswith(("view_", "cte_")):
            continue
        raise SqlError(
            f"The function {name[:60]!r} is not taken here; the page of this door lists those that are."
        )


def _called(tokens: Sequence[Token]) -> Iterator[tuple[str, bool]]:
    for token, following in pairwise(tokens):
        worded = token.text[:1].isalpha() or token.text[:1] == "_" or token.token_type is TokenType.IDENTIFIER
        if following.token_type is TokenType.L_PAREN and worded:
            yield token.text, token.token_type is TokenType.IDENTIFIER
