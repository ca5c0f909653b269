"""The built wheel, installed into a fresh environment, does the main job."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from ringbook import __version__

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ringbook"
SCENARIO = ROOT / "tests" / "scenarios" / "asterisk" / "queue_rna_then_second_agent"


class Installed:
    """Ringbook in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of the installed program, in a folder where no source of ours is."""
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "RINGBOOK_"))
        }
        command = [str(self.folder / "bin" / "ringbook"), "--home", str(self.folder / "home"), *arguments]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what stands here."""
    out = tmp_path_factory.mktemp("dist")
    _call([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], ROOT)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A fresh environment with the wheel in it. It sees the packages that Ringbook needs where they are installed here."""
    folder = tmp_path_factory.mktemp("environment")
    _call([sys.executable, "-m", "venv", "--without-pip", str(folder)], ROOT)
    there = Installed(folder)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    _call(
        [
            sys.executable, "-m", "pip", "--python", str(there.python), "install", "--quiet", "--no-deps", "--no-index",
            "--disable-pip-version-check", str(wheel),
        ],
        ROOT,
    )  # fmt: skip
    neighbours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    appended = (
        f"import sys; sys.path.extend({sorted(neighbours)!r})\n"  # not .pth files in them: no editable copy
    )
    (packages / "neighbours.pth").write_text(appended)
    return there


def _call(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_everything_in_the_package_and_nothing_else(wheel: Path) -> None:
    here = {
        f"ringbook/{path.relative_to(SOURCE)}"
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    packed = {entry for entry in names if ".dist-info/" not in entry}
    assert packed == here
    assert any(entry.endswith(".sql") for entry in packed)
    assert any(entry.endswith(".lark") for entry in packed)
    assert any(re.fullmatch(r"ringbook/parse/standings/\w+\.json", entry) for entry in packed)
    assert "ringbook/py.typed" in packed
    assert any(entry.endswith("licenses/LICENSE") for entry in names)


def test_it_is_the_installed_copy_that_runs(installed: Installed) -> None:
    where = subprocess.run(
        [str(installed.python), "-I", "-c", "import ringbook; print(ringbook.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=installed.folder,
    ).stdout
    assert where.startswith(str(installed.folder))


def test_it_says_its_version(installed: Installed) -> None:
    assert __version__ in installed.run("--version").stdout


def test_it_lists_its_formats_with_their_proof(installed: Installed) -> None:
    listed = installed.run("sources", "list", "--json")
    tiers = {row["format"]: row["tier"] for row in map(json.loads, listed.stdout.splitlines())}
    assert tiers["asterisk_cel"] == "proven with ground truth"
    assert len(tiers) > 10


def test_it_makes_one_call_of_a_scenario_and_its_accounts_add_up(installed: Installed) -> None:
    logs = [str(SCENARIO / file) for file in ("Master.csv", "queue_log", "cel.csv")]
    asked = ["--source", "office", "--timezone", "America/New_York", "--region", "US"]
    taken = installed.run("import", *logs, *asked, "--strict", "--json")
    assert taken.returncode == 0, taken.stderr
    assert json.loads(taken.stdout)["rejected"] == 0
    found = installed.run("calls", "list", "queue:sales outcome:answered", "--json")
    [call] = [json.loads(line) for line in found.stdout.splitlines()]
    assert call["from"]["number"] == "+13035550106"
    assert [agent["extension"] for agent in call["agents"]] == ["102"]
    verified = installed.run("verify")
    assert verified.returncode == 0
    assert "no difference" in verified.stdout
