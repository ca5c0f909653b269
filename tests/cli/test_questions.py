"""A question may begin with a dash."""

from __future__ import annotations

import click
import pytest

from ringbook.cli.calls import calls


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        (["-has:talk"], "not has:talk"),
        (["-has:talk last:7d"], "not has:talk last:7d"),
        (["last:7d", "-queue:sales", "--limit", "3"], "last:7d not queue:sales"),
        (["-(a or b)"], "not (a or b)"),
        (["--", "-has:talk"], "not has:talk"),
        (["last:7d -queue:sales"], "last:7d -queue:sales"),
    ],
)
def test_a_dash_is_a_negation(typed: list[str], question: str) -> None:
    command = calls.commands["list"]
    context = command.make_context("list", typed)
    assert " ".join(context.params["query"]) == question


def test_an_option_keeps_its_value() -> None:
    context = calls.commands["list"].make_context("list", ["--cursor", "-AQAG", "outcome:missed"])
    assert context.params["cursor"] == "-AQAG"
    assert context.params["query"] == ("outcome:missed",)


def test_an_unknown_option_is_one_all_the_same() -> None:
    with pytest.raises(click.NoSuchOption):
        calls.commands["count"].make_context("count", ["--limt", "3"])


def test_help_is_help() -> None:
    with pytest.raises(click.exceptions.Exit):
        calls.commands["count"].make_context("count", ["--help"])
