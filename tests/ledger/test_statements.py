"""SQL by name, and the steps of the schema."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from ringbook.ledger.statements import described, migrations, statement

FILES = ["accounts", "calls", "changes", "erasing", "frames", "recordings", "verify"]


@pytest.mark.parametrize("file", FILES)
def test_every_statement_is_described_and_scoped(file: str) -> None:
    for name, about in described(file).items():
        assert len(about.split()) > 3, f"{file}.sql: {name} needs a description"
        sql = statement(file, name)
        assert "{tenant:String}" in sql or "{scope}" in sql, f"{file}.sql: {name} reads without a scope"


OF_THE_TENANT = {"last_revisions"}
"""Statements over calls that only those ask who see the whole tenant."""


def test_every_statement_over_calls_that_readers_ask_is_restricted() -> None:
    for name in described("calls"):
        sql = statement("calls", name)
        if name not in OF_THE_TENANT:
            assert sql.count("FROM calls") == sql.count("{scope}"), f"calls.sql: {name} reads without a scope"


def test_all_files_are_known() -> None:
    folder = resources.files("ringbook.ledger") / "sql"
    assert sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".sql")) == FILES


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        statement("calls", "nothing")


def test_steps_are_numbered_without_a_gap_and_can_be_repeated() -> None:
    steps = migrations()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        assert step.statements
        copy = re.search(r"DROP TABLE IF EXISTS (\w+_next)\b", step.statements[0])  # begun again each time
        for text in step.statements:
            repeatable = any(sign in text for sign in ("IF NOT EXISTS", "IF EXISTS", "MODIFY SETTING"))
            repeatable = repeatable or (copy is not None and copy[1] in text)
            assert repeatable, f"{step.name} cannot be repeated"
