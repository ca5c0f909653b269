"""Only one module makes warrants, and nothing is removed for good without one."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import ringbook
from ringbook.ledger import erasing
from ringbook.ledger.erasing import Plan
from ringbook.model.warrant import Warrant
from ringbook.recordings.vault import Vault
from ringbook.runtime import purging, undoing
from ringbook.runtime.intake import Intake

SOURCE = Path(ringbook.__file__).parent
MAKES = "desk/retention/warrants.py"
KEEPS = {"runtime/journal.py"}
"""Keeps, with the work that a warrant allowed and a crash interrupted, the warrant itself."""


def _trees() -> Iterator[tuple[str, ast.AST]]:
    for file in sorted(SOURCE.rglob("*.py")):
        yield file.relative_to(SOURCE).as_posix(), ast.parse(file.read_text())


def _named(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def _made(tree: ast.AST, name: str) -> list[int]:
    """The lines on which an instance is made of a class of that name: called, copied with changes, or read from bytes."""
    found = []
    aliases = {name}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            aliases |= {one.asname for one in node.names if one.name == name and one.asname}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = any(_named(node.func, alias) for alias in aliases)
        given = [*node.args, *(word.value for word in node.keywords if word.arg in ("type", "into"))]
        decoded = any(_named(node.func, how) for how in ("convert", "decode", "Decoder")) and any(
            _named(one, alias) for one in given for alias in aliases
        )
        if called or decoded:
            found.append(node.lineno)
    return found


def test_only_one_module_makes_warrants() -> None:
    makers = {path: lines for path, tree in _trees() if (lines := _made(tree, "Warrant"))}
    assert set(makers) == {MAKES}


def test_the_look_for_makers_sees_each_way_there_is() -> None:
    for text in (
        "Warrant(id='1')",
        "model.warrant.Warrant(id='1')",
        "from ringbook.model.warrant import Warrant as W\nW(id='1')",
        "msgspec.convert(told, Warrant)",
        "msgspec.json.decode(data, type=Warrant)",
        "msgspec.msgpack.Decoder(Warrant)",
    ):
        assert _made(ast.parse(text), "Warrant"), text
    assert not _made(ast.parse("def destroy(warrant: Warrant) -> Warrant: return warrant"), "Warrant")


def test_no_warrant_is_copied_with_changes() -> None:
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _named(node.func, "replace") and node.args:
                assert not _named(node.args[0], "warrant"), f"{path}:{node.lineno}"


@pytest.mark.parametrize(
    "removes",
    [
        *(erasing.remove, erasing.planned, erasing.purge, Intake.remove),
        *(Vault.destroy, Vault.destroy_original, purging.purge_home, undoing.undo),
    ],
    ids=lambda removes: removes.__qualname__,
)
def test_what_removes_cannot_be_called_without_a_warrant(removes: Callable[..., Any]) -> None:
    [asked] = [one for one in inspect.signature(removes).parameters.values() if one.name == "warrant"]
    assert asked.annotation == "Warrant"
    assert asked.default is inspect.Parameter.empty


def test_what_is_carried_out_later_carries_its_warrant() -> None:
    [field] = [field for field in msgspec.structs.fields(Plan) if field.name == "warrant"]
    assert field.type is Warrant
    assert field.required


def test_statements_that_remove_stand_and_are_used_in_one_place() -> None:
    removing = ("DELETE FROM", "TRUNCATE", "DROP PARTITION", "DROP PART ", "DROP TABLE")
    statements = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.sql")
        if any(word in file.read_text() for word in removing)
    }
    assert statements == {
        "ledger/sql/erasing.sql",
        # They make a table anew and let go of the old one when all of it stands in the new one.
        "ledger/sql/migrations/0004_whole_calls.sql",
        "ledger/sql/migrations/0009_annotations_in_time.sql",
    }
    asking = {
        path
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and str(node.value).startswith("delete_")
        and path.startswith("ledger/")
    }
    assert asking == {"ledger/erasing.py"}
    said = {
        path
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and any(word in str(node.value) for word in removing)
        and path.startswith("ledger/")
    }
    assert said == {"ledger/probe.py"}  # a table of its own


def test_keys_of_recordings_are_destroyed_by_the_vault_alone() -> None:
    destroying = {
        path
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "destroy" and _named(node.value, "_keys")
    }
    assert destroying == {"recordings/vault.py"}
