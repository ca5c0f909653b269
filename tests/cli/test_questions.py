"""A question may begin with a dash."""

from __future__ import annotations

import click
import pytest

from ringbook.cli.app import app
from ringbook.cli.calls import calls


def made(name: str, typed: list[str]) -> click.Context:
    """What a command makes of what is typed."""
    above = click.Context(app, **app.context_settings)
    return calls.commands[name].make_context(name, typed, parent=above)


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
    context = made("list", typed)
    assert " ".join(context.params["query"]) == question


def test_an_option_keeps_its_value() -> None:
    context = made("list", ["--cursor", "-AQAG", "outcome:missed"])
    assert context.params["cursor"] == "-AQAG"
    assert context.params["query"] == ("outcome:missed",)


def test_an_unknown_option_is_one_all_the_same() -> None:
    with pytest.raises(click.NoSuchOption):
        made("count", ["--limt", "3"])


def test_help_is_help() -> None:
    with pytest.raises(click.exceptions.Exit):
        made("count", ["-h"])
