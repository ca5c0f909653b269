"""What the pages name exists: links, settings, commands, formats, metrics, libraries, make targets."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from ringbook.cli.app import app
from ringbook.config import load
from ringbook.config.settings import Files, Input, Ledger, Log, Server, SourceSettings, Spool
from ringbook.model.call import AgentTalk, Call, CallId, Leg, Outcome, Recording, Step, StepKind, Transfer
from ringbook.model.errors import AskError, RingbookError, SettingsError, StopError, WaitError
from ringbook.model.public import public
from ringbook.parse.format import Reasons
from ringbook.parse.mapping_model import FIELDS, read_mapping
from ringbook.parse.registry import formats
from ringbook.parse.tiers import Tier, standing
from ringbook.search.fields import FIELDS as FIELDS_OF_CALLS
from tests.docs.pages import PAGES, ROOT, anchors, blocks, code, links, name, prose

HOWTO = ROOT / "docs" / "howto"
GENERATED = ROOT / "docs" / "reference"
GROUPS = (AskError, SettingsError, WaitError, StopError)
WRITTEN = [page for page in PAGES if GENERATED not in page.parents]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


def test_every_page_can_be_reached_from_the_readme() -> None:
    ahead, seen = [ROOT / "README.md"], set()
    while ahead:
        page = ahead.pop()
        if page in seen:
            continue
        seen.add(page)
        ahead += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in links(page)
            if "://" not in link and link.partition("#")[0].endswith(".md")
        ]
    kept = ROOT / "docs" / "decisions"  # listed by their folder too
    assert [name(page) for page in PAGES if page not in seen and page.parent != kept] == []


@pytest.mark.parametrize("page", [page for page in WRITTEN if list(blocks(page, "toml"))], ids=name)
def test_toml_is_read_by_what_it_is_for(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "toml"):
        if "[fields]" in block.text:
            read_mapping(block.text)
            continue
        for named in re.findall(r'_file = "([^"]+)"', block.text):
            (tmp_path / named).write_text(
                "http://clickhouse.example:8123" if "address" in named else "secret"
            )
        for named in re.findall(r'\bmapping = "([^"]+)"', block.text, re.MULTILINE):
            (tmp_path / named).write_text('[fields]\nstart = "Started"\n')
        (tmp_path / "ringbook.toml").write_text(block.text)
        settings = load(tmp_path, {}, formats=formats())
        for source in settings.sources.values():
            for item in source.inputs:
                assert not (item.settings and item.format == "auto"), "settings need the format's name"
                if item.format != "auto":
                    formats()[item.format].configure(item.settings)


def test_formats_in_the_readme_exist_and_claim_no_more_than_is_proven() -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    claimed = {
        slug: tier for _, slugs, tier in rows if tier in set(Tier) for slug in re.findall(r"`(\w+)`", slugs)
    }
    assert len(claimed) > 10
    assert {slug: str(standing(slug).tier) for slug in claimed} == claimed
    assert set(claimed) <= set(formats())


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_commands_that_are_mentioned_exist(page: Path) -> None:
    for span in code(page):
        if span.startswith("ringbook ") and not span.startswith("ringbook."):
            words = [word for word in span.split()[1:] if not word.startswith(("-", "…"))]
            command: click.Command | None = app
            while isinstance(command, click.Group) and words:
                command = command.get_command(click.Context(command), words.pop(0))
            assert command is not None, span
            options = {option for parameter in command.params for option in parameter.opts}
            given = {word for word in span.split() if re.fullmatch(r"--[a-z]+", word)}
            assert given <= options | {"--home", "--version"}, span


def test_the_reference_has_every_format_command_setting_error_and_field() -> None:
    def page(title: str) -> str:
        return (GENERATED / f"{title}.md").read_text(encoding="utf-8")

    named = {f"## `{slug}`" for slug in formats()}
    named |= {f"setting `{setting.name}`" for form in formats().values() for setting in form.about.settings}
    assert [text for text in named if text not in page("formats")] == []
    assert [path for path in _commands(app, "ringbook") if f"## `{path}`" not in page("commands")] == []
    settings = {
        found for kind in (Server, Ledger, Spool, Files, Log, SourceSettings, Input) for found in _names(kind)
    }
    assert [setting for setting in settings if f"`{setting}`" not in page("settings")] == []
    assert [kind for kind in _errors(RingbookError) if f"`{kind}`" not in page("errors")] == []
    assert [field for field in FIELDS_OF_CALLS if f"### {field}" not in page("query-language")] == []


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for word in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), word)
        yield f"{path} {word}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {word}")


def _names(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)} - {"inputs"}


def _errors(base: type) -> Iterator[str]:
    for kind in base.__subclasses__():
        between = kind.__subclasses__() and not issubclass(kind, GROUPS)
        if kind.__module__.startswith("ringbook.") and kind not in GROUPS and not between:
            yield kind.__name__
        yield from _errors(kind)


def test_make_targets_that_are_mentioned_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in WRITTEN:
        shown = "\n".join(block.text for block in blocks(page, "sh"))
        named = {span[5:] for span in code(page) if re.fullmatch(r"make [a-z]+", span)}
        named |= set(re.findall(r"^make ([a-z]+)", shown, re.MULTILINE))
        assert named <= targets, name(page)


def test_the_mapping_page_lists_every_field() -> None:
    spans = set(code(HOWTO / "any-csv.md"))
    assert set(FIELDS) <= spans


def test_the_rejects_page_names_reasons_that_exist() -> None:
    reasons = {text for key, text in vars(Reasons).items() if not key.startswith("_")}
    table = re.findall(
        r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", (HOWTO / "verify-and-rejects.md").read_text(), re.M
    )
    named = {word for row in table for word in re.findall(r"`([a-z-]+)`", row)}
    assert named
    assert named <= reasons


def test_the_glossary_has_every_outcome() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    assert re.findall(r"^- \*\*(\w+)\*\*", text.partition("## Outcome")[2].partition("##")[0], re.M) == list(
        Outcome
    )


def test_libraries_are_those_of_the_project_with_their_licences() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", text)[0] for text in project["dependencies"]}  # type: ignore[index]
    page = (ROOT / "docs" / "decisions" / "libraries.md").read_text()
    rows = dict(re.findall(r"^\| ([\w-]+) \| .+ \| ([^|]+) \|$", page, re.MULTILINE))
    assert {row for row in rows if row not in ("library", "---")} == needed
    for library in needed:
        licence = rows[library]
        declared = _declared(library)
        assert licence.partition(" ")[0].partition("-")[0] in declared, f"{library} declares {declared}"


def _declared(library: str) -> str:
    told = importlib.metadata.metadata(library)
    names = [told.get("License-Expression") or "", (told.get("License") or "")[:100]]
    return " ".join(names + [c for c in told.get_all("Classifier") or [] if "License" in c])


def test_nothing_that_is_installed_to_run_is_under_the_gpl() -> None:
    pinned = re.findall(r"^([\w-]+)==", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE)
    for library in sorted(set(pinned)):
        try:
            declared = _declared(library)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another Python or system
        chosen = re.sub(r"\bEPL-2\.0 OR GPL-2\.0-or-later", "EPL-2.0", declared)  # ours to choose
        assert not re.search(r"\bA?GPL|GNU (Affero )?General", chosen), f"{library}: {declared}"


def test_pages_spell_in_british_and_keep_to_their_width() -> None:
    american = re.compile(
        r"\b(color|behavior|center|normaliz|recogniz|organiz|license[sd]? under|catalog)\w*", re.IGNORECASE
    )
    for page in WRITTEN:
        if "tests" not in page.parts:
            assert american.findall(prose(page)) == [], name(page)


def test_the_call_shown_as_json_has_the_public_shape() -> None:
    [block] = blocks(HOWTO / "use-calls-elsewhere.md", "json")
    call = Call(
        id=CallId("01a1ff4e-b658-8019-860f-cca114e934f1"),
        tenant="main",
        started_at=0,
        agents=(AgentTalk(),),
        trunks=("PJSIP/carrier-a",),
        transfers=(Transfer(),),
        legs=(Leg(),),
        steps=(Step(kind=StepKind.NOTED),),
        recordings=(Recording(name="one.wav"),),
        sources=("office",),
        keys=("u:1",),
        frames=(b"",),
    )
    assert _shape(json.loads(block.text)) == _shape(public(call))


def _shape(value: object) -> object:
    """The keys of an object and of what is in it, in order."""
    if isinstance(value, dict):
        return [(key, _shape(inner)) for key, inner in value.items()]
    return [_shape(inner) for inner in value] if isinstance(value, list) else ""


def test_pictures_fetch_nothing_from_elsewhere() -> None:
    pictures = sorted((ROOT / "docs" / "screenshots").glob("*.svg"))
    assert pictures
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert not re.search(r"@import|@font-face|<image|href=|url\(['\"]?http", text), picture.name
