"""The examples in the pages run, and give what the pages say they give.

All commands go through one running ``ringbook serve``, in order of the pages, each page with sources of its own. A block
``console`` is a command with the output it must have, in which ``…`` stands for anything; a block ``sh`` must run. Files that the
pages take as given (Asterisk's logs, exports) are those of the scenarios and fixtures. Everyday programs are run as well; those
of a phone system or of the machine's administrator are not.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringbook.cli.app import main
from ringbook.parse.format import Noise, Rejected, Stated
from tests.docs.pages import PAGES, ROOT, Block, blocks, name

SCENARIOS = ROOT / "tests" / "scenarios"
FIXTURES = ROOT / "tests" / "formats"
QUEUE = SCENARIOS / "asterisk" / "queue_rna_then_second_agent"

GIVEN = {
    "var/log/asterisk/cdr-csv/Master.csv": QUEUE / "Master.csv",
    "var/log/asterisk/cel-custom/Master.csv": QUEUE / "cel.csv",
    "var/log/asterisk/queue_log": QUEUE / "queue_log",
    "var/log/asterisk/cdr-custom/Master.csv": QUEUE / "cdr-custom-Master.csv",
    "var/log/freeswitch/json_cdr_failed": SCENARIOS / "freeswitch" / "inbound_answered" / "json_cdr",
    "srv/cucm/cdr_cluster_01_202611201015_1": FIXTURES / "cisco_cucm" / "01-inbound-answered.in",
    "srv/cucm/cmr_cluster_01_202611201015_2": FIXTURES / "cisco_cucm" / "13-quality-of-the-first-call.in",
    "cdr.tsv": FIXTURES / "freepbx_cdr" / "04-table-of-freepbx-16-tab-separated.in",
    "cel.tsv": FIXTURES / "asterisk_cel" / "07-table-export-with-header.in",
    "smdr.log": FIXTURES / "avaya_ipoffice_smdr" / "01-inbound-answered.in",
    "cdroutput.csv": FIXTURES / "threecx_cdr_v20" / "01-inbound-answered.in",
    "calls-20261120.xml": FIXTURES / "android_call_log" / "01-every-kind-of-call.in",
    "conversations/one.vcon": FIXTURES / "vcon" / "01-core-03-recording.in",
    "srv/old-recordings": SCENARIOS / "recordings" / "same_caller_five_calls",
    "tests/scenarios/asterisk": SCENARIOS / "asterisk",
}
"""Files that pages take as given, by where they say these are."""

EXPORT = """\
Datum;Uhrzeit;Art;Anrufer;Name;Ziel;Nebenstelle;Mitarbeiter;Dauer;Status;Kosten
20.11.2026;09:15:02;eingehend;+442079460018;Smith;+442079460100;201;Anna;00:02:05;angenommen;
20.11.2026;09:17:40;eingehend;+442079460019;;+442079460100;201;Anna;00:00:00;verpasst;
20.11.2026;09:20:00;ausgehend;201;;+442079460116;202;Bernd;00:01:00;angenommen;0,12
"""
"""What another phone system exported; numbers are set aside for fiction."""

EVERYDAY = {"printf", "sed"}
"""Programs that are run as they are written."""

ELSEWHERE = {
    "make", "mysql", "psql", "curl", "openssl", "chmod", "systemctl", "tar", "useradd", "sudo", "python3", "export",
    "/opt/ringbook/bin/pip",
}  # fmt: skip
"""Programs that belong to a phone system, to the machine's administrator, or take long; not run here."""

LONG = {"serve", "demo", "bench"}
"""Commands of Ringbook that go on and on; other tests run them."""

APART = {"tokens", "people", "audit"}
"""Commands of Ringbook that take a process of their own: Django is set up for one home a process."""

AT_REST = {"backup-and-restore.md"}
"""Pages whose commands are for a Ringbook that is not running."""

FIRST_HOUR = ROOT / "docs" / "tutorial" / "first-hour.md"
"""A page that begins with an empty home."""

EXAMPLES = [
    page
    for page in PAGES
    if page.name not in AT_REST and page != FIRST_HOUR and list(blocks(page, "sh", "console"))
]


class Desk:
    """Where the examples are typed: a folder with the files that pages take as given, and a home that is served."""

    def __init__(self, folder: Path, home: Path, address: str) -> None:
        self.folder = folder
        self.home = home
        self.address = address

    def type(self, line: str) -> tuple[int, str]:
        """What a command exits with and prints."""
        words = [self._here(word) for word in shlex.split(line, comments=True)]
        sink = self.folder / words.pop() if len(words) > 2 and words[-2] == ">" else None
        if sink:
            words.pop()
        program, *arguments = [found for word in words for found in self._spread(word)]
        if program in EVERYDAY:
            subprocess.run(line, shell=True, check=True, cwd=self.folder)
            return 0, ""
        if program != "ringbook" or arguments[0] in LONG:
            assert program in {"ringbook", *ELSEWHERE}, f"{line}: neither run nor known as somebody else's"
            return 0, ""
        status, said = self._ringbook(arguments)
        if sink:
            sink.write_text(said)
        return status, said

    def _here(self, word: str) -> str:
        return str(self.folder / word[1:]) if word.startswith(("/var/log/", "/srv/")) else word

    def _spread(self, word: str) -> list[str]:
        """A word as a shell would hand it over: ``*`` between slashes and dots is a pattern."""
        if not re.fullmatch(r"[\w./-]*/\*\.\w+", word):
            return [word]
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(word)) or [word]

    def _ringbook(self, arguments: list[str]) -> tuple[int, str]:
        arguments = [self._id(arguments) if word == "ID" else word for word in arguments]
        if arguments[0] in APART:
            command = [sys.executable, "-m", "ringbook", *arguments]
            ran = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd=self.folder,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
            )
            return ran.returncode, ran.stdout + ran.stderr
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        before = sys.argv
        sys.argv = ["ringbook", *arguments]
        status = 0
        try:
            with (
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
                contextlib.chdir(self.folder),
            ):
                main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        finally:
            sys.argv = before
        said.flush()
        assert isinstance(said.buffer, io.BytesIO)
        return status, said.buffer.getvalue().decode("utf-8", "replace")

    def _id(self, arguments: list[str]) -> str:
        """Some reject's id, or some call's or import's, as the command asks for."""
        limit = [] if arguments[0] == "imports" else ["--limit", "1"]
        _, said = self._ringbook([arguments[0], "list", "--json", *limit])
        found = re.search(r'"id": "([^"]+)"', said)
        assert found, f"nothing to show: {said}"
        return found[1]


@contextlib.contextmanager
def served(folder: Path, home: Path) -> Iterator[Desk]:
    """A desk with a home of its own, served by a process of its own."""
    for path, given in GIVEN.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(given, target_is_directory=given.is_dir())
    for exported in ("export.csv", "lines.csv"):
        (folder / exported).write_text(EXPORT)
    (folder / "broken.csv").write_bytes(b'"","201","5550115"\n')
    command = [sys.executable, "-m", "ringbook", "--home", str(home), "serve", "--port", "0"]
    log = home / "serve.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, stderr=sink, stdout=sink, text=True, env={**os.environ, "COLUMNS": "300"}
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RINGBOOK_HOME", str(home))
        patch.setenv("COLUMNS", "200")
        try:
            yield Desk(folder, home, _address(process, log))
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk that most pages share."""
    with served(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("home")) as found:
        yield found


def _address(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"at (http://\S+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("page", EXAMPLES, ids=name)
def test_examples_run(page: Path, desk: Desk) -> None:
    if page.name == "verify-and-rejects.md":
        desk.type("ringbook import broken.csv --source asterisk --format asterisk_cdr_csv")
    run(page, desk)


def test_the_first_hour_runs(tmp_path: Path) -> None:
    folder, home = tmp_path / "desk", tmp_path / "home"
    home.mkdir()
    with served(folder, home) as own:
        run(FIRST_HOUR, own)


def run(page: Path, desk: Desk) -> None:
    """Type a page's commands, and look whether they give what the page says."""
    for block in blocks(page, "sh", "console"):
        where = f"{name(page)}:{block.line}"
        for line, expected in _typed(block):
            status, said = desk.type(line)
            if block.kind == "sh":
                assert status == 0, f"{where}: {line}\n{said}"
            else:
                assert _fits(expected, said), f"{where}: {line}\nexpected:\n{expected}\ngot:\n{said}"


def _typed(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a block with the output that it must have."""
    if block.kind == "sh":
        for line in block.text.splitlines():
            if line.strip() and not line.startswith("#"):
                yield line, ""
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, expected = part.partition("\n")
        yield line, expected


def _fits(expected: str, said: str) -> bool:
    """Whether an output is the expected one; a line of ``…`` is any lines, ``…`` within a line any text."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        if line == "…":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r" *\n"
    return re.fullmatch(pattern, said.rstrip("\n") + "\n") is not None


def test_what_does_not_fit_does_not_pass() -> None:
    assert _fits("a … c\n…\nz\n", "a b c\nmore\nand more\nz\n")
    assert _fits("a\n…\n", "a\n")
    assert not _fits("a … c\nz\n", "a b c\nmore\nz\n")
    assert not _fits("a\n", "a\nb\n")


def test_the_monitoring_page_names_the_metrics_that_there_are(desk: Desk) -> None:
    page = (ROOT / "docs" / "howto" / "monitoring.md").read_text()
    named = set(re.findall(r"`(ringbook_\w+)", page.partition("## Metrics")[2]))
    with urllib.request.urlopen(f"{desk.address}/metrics") as answer:
        text = answer.read().decode()
    there = {
        family.removesuffix("_total") for family in re.findall(r"^# TYPE (\w+) \w+$", text, re.MULTILINE)
    }
    there = {family for family in there if not family.endswith("_created")}
    assert {metric.removesuffix("_total") for metric in named} == there


def test_the_monitoring_page_shows_health_as_it_is(desk: Desk) -> None:
    [block] = blocks(ROOT / "docs" / "howto" / "monitoring.md", "json")
    with urllib.request.urlopen(f"{desk.address}/healthz") as answer:
        there = answer.read().decode()
    names = set(re.findall(r'"(\w+)":', block.text)) - {"ledger"}
    outside = names - set(re.findall(r'"(\w+)":', there))
    assert outside <= {"source", "input", "kind", "state", "last_received_at", "problem"}, "those of an input"


def test_the_format_in_contributing_reads_its_example() -> None:
    page = ROOT / "CONTRIBUTING.md"
    [source] = [block.text for block in blocks(page, "python")]
    [example] = [block.text.encode() for block in blocks(page, "text") if block.text.startswith("CALL")]
    module: dict[str, object] = {"__name__": "example_pbx"}
    exec(compile(source, "example_pbx.py", "exec"), module)
    form = module["FORMAT"]
    assert form.sniff(example, "calls.log") == 1.0  # type: ignore[attr-defined]
    framer = form.framer()  # type: ignore[attr-defined]
    told = [form.parse(piece) for piece in [*framer.feed(example), *framer.finish()]]  # type: ignore[attr-defined]
    assert [type(one) for one in told] == [Stated, Stated, Rejected]
    assert not any(isinstance(one, Noise) for one in told)
    assert [one.statements[0].talk_s for one in told[:2]] == [7.0, None]
