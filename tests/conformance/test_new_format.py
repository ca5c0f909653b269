"""Adding a format touches no file that is there: one new file in the folder, or a package of somebody else's with an entry point.

Each case runs in a process of its own, on a copy or with an added path, so that what this process has loaded proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ringbook

PACKAGE = Path(ringbook.__file__).parent

NEW_FORMAT = '''
"""Calls of the Example PBX: ``CALL|<epoch>|<from>|<to>|<seconds>``."""

from __future__ import annotations

from ringbook.model.party import Endpoint, Number
from ringbook.model.statement import PathResult, Segment
from ringbook.parse.format import About, Clock, Noise, Rejected, Stated, Transport, without_settings
from ringbook.parse.framing import LineFramer


class ExamplePbx:
    """Lines of the Example PBX."""

    about = About(
        slug="SLUG",
        vendor="Example",
        product="PBX",
        versions="1",
        reference="the Example PBX manual",
        transports=(Transport.FILE,),
        clock=Clock.UTC,
        facts=frozenset({"started_at", "from", "to", "talk_s", "outcome"}),
        keys="each line is a call",
        connect="print the lines",
    )

    def configure(self, settings):
        """The same: it has no settings."""
        without_settings("SLUG", settings)
        return self

    def sniff(self, head, name):
        """Certain for its own lines."""
        return 1.0 if head.startswith(b"CALL|") else 0.0

    def framer(self, context=b""):
        """Lines."""
        return LineFramer(context)

    def parse(self, piece):
        """One call."""
        parts = piece.data.decode("latin-1").strip().split("|")
        if parts == [""]:
            return Noise("blank")
        if len(parts) != 5 or not parts[1].isdecimal():
            return Rejected("wrong-columns")
        said = Segment(
            keys=(f"line:{piece.data.hex()}",),
            at=int(parts[1]) * 1_000_000,
            caller=Endpoint(number=Number(parts[2])),
            reached=Endpoint(number=Number(parts[3])),
            result=PathResult.ANSWERED,
            talk_s=float(parts[4]),
        )
        return Stated((said,))


FORMAT = ExamplePbx()
'''

ASK = """
import json, sys
from ringbook.parse.registry import formats, named, sniff
from tests.fold import fold
from ringbook.model.source import Source
data = b"CALL|1795252502|+15125550115|201|7\\njunk\\n"
form = sniff(data, "calls.txt")[0][1]
[call] = fold([(form.about.slug, data)], Source("x"))
print(json.dumps({"slugs": sorted(formats()), "won": form.about.slug, "from": call.caller.number,
                  "to": call.called.number, "talk_s": call.talk_s}))
"""


def ask(*paths: Path, code: str = ASK) -> subprocess.CompletedProcess[str]:
    """What a process of its own says that sees these paths first."""
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*paths, root])),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=paths[0],
        check=False,
    )


def prints(folder: Path) -> dict[str, str]:
    """A fingerprint of each file under a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of Ringbook's own code; the folder that holds the package."""
    shutil.copytree(PACKAGE, tmp_path / "copy" / "ringbook", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def plug_in(folder: Path, slug: str) -> Path:
    """A package of somebody else's that brings a format through an entry point, as pip would install it."""
    folder.mkdir()
    (folder / "example_pbx.py").write_text(NEW_FORMAT.replace("SLUG", slug))
    info = folder / "example_pbx-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example-pbx\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ringbook.formats]\nexample = example_pbx:FORMAT\n")
    return folder


EXPECTED = {"won": "example_pbx", "from": "+15125550115", "to": "201", "talk_s": 7.0}


def test_a_new_file_in_the_folder_is_a_new_format_and_no_other_file_changes(copy: Path) -> None:
    before = prints(copy)
    new = copy / "ringbook" / "parse" / "formats" / "example_pbx.py"
    new.write_text(NEW_FORMAT.replace("SLUG", "example_pbx"))
    result = ask(copy)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert "example_pbx" in answer["slugs"]
    assert {name: answer[name] for name in EXPECTED} == EXPECTED
    after = prints(copy)
    assert set(after) - set(before) == {"ringbook/parse/formats/example_pbx.py"}
    assert all(after[name] == mark for name, mark in before.items())


def test_a_package_with_an_entry_point_brings_a_format(tmp_path: Path) -> None:
    result = ask(plug_in(tmp_path / "site", "example_pbx"))
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert {name: answer[name] for name in EXPECTED} == EXPECTED


def test_two_claims_on_one_slug_stop_the_start(tmp_path: Path) -> None:
    result = ask(plug_in(tmp_path / "site", "vcon"))
    assert result.returncode != 0
    assert "FormatClashError" in result.stderr
    assert "ringbook.parse.formats.vcon" in result.stderr
    assert "example_pbx:FORMAT" in result.stderr


def test_two_files_with_one_slug_stop_the_start(copy: Path) -> None:
    new = copy / "ringbook" / "parse" / "formats" / "another_vcon.py"
    new.write_text(NEW_FORMAT.replace("SLUG", "vcon"))
    result = ask(copy)
    assert result.returncode != 0
    assert "FormatClashError" in result.stderr
    assert "another_vcon" in result.stderr


def test_a_format_of_somebody_elses_that_cannot_be_loaded_says_which(tmp_path: Path) -> None:
    site = plug_in(tmp_path / "site", "example_pbx")
    (site / "example_pbx.py").write_text("import a_module_that_nobody_has\n")
    result = ask(site)
    assert result.returncode != 0
    assert "example_pbx:FORMAT" in result.stderr
    assert "a_module_that_nobody_has" in result.stderr


def test_an_entry_point_that_is_no_format_says_so(tmp_path: Path) -> None:
    site = plug_in(tmp_path / "site", "example_pbx")
    (site / "example_pbx.py").write_text("FORMAT = object()\n")
    result = ask(site)
    assert result.returncode != 0
    assert "BadFormatError" in result.stderr
    assert "example_pbx:FORMAT" in result.stderr


def test_an_unknown_format_is_named_with_the_nearest() -> None:
    from ringbook.parse.registry import UnknownFormatError, named

    with pytest.raises(UnknownFormatError, match="Did you mean 'android_call_log'"):
        named("android_calllog")
