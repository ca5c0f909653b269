"""The audit log: it only grows, and whatever else is done to it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, connection, transaction

from ringbook.desk.governance import audit, head
from ringbook.desk.governance.audit import Actor, Broken
from ringbook.desk.governance.models import AuditEntry

from .postgres import create

BO = Actor("person:1", "Bo Dahl", address="192.0.2.7")
pytestmark = pytest.mark.django_db


def _three() -> list[AuditEntry]:
    return [audit.record(BO, "call:seen", f"call:{n}", query=f"from:{n}") for n in range(3)]


def _unprotected(statement: str, *values: object) -> None:
    """Do to the table what somebody could who has taken its protection away."""
    with connection.cursor() as cursor:
        for trigger in ("audit_stays", "audit_unchanged", "audit_not_emptied"):
            of_table = " ON governance_auditentry" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{of_table}")
        cursor.execute(statement, values)


def test_entries_as_they_were_written_verify() -> None:
    entries = _three()
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert list(audit.verify()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM governance_auditentry",
        "UPDATE governance_auditentry SET action = 'call:unseen'",
        "UPDATE governance_auditentry SET detail = 'another'",
        "UPDATE governance_auditentry SET detail = '', salt = '', actor = 'nobody'",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(statement: str) -> None:
    _three()
    with pytest.raises(Error, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 3


def test_a_detail_can_be_erased_and_the_chain_holds() -> None:
    entry = _three()[1]
    assert AuditEntry.objects.filter(pk=entry.pk).update(detail="", salt="") == 1
    assert list(audit.verify()) == []


@pytest.mark.parametrize("column", ["actor", "actor_name", "action", "subject", "address", "tenant"])
def test_a_changed_entry_is_named(column: str) -> None:
    entry = _three()[1]
    _unprotected(f"UPDATE governance_auditentry SET {column} = 'other' WHERE seq = %s", entry.seq)
    assert [fault.seq for fault in audit.verify()] == [entry.seq]


def test_a_changed_detail_is_named() -> None:
    entry = _three()[1]
    _unprotected("UPDATE governance_auditentry SET detail = '{}' WHERE seq = %s", entry.seq)
    assert list(audit.verify()) == [Broken(entry.seq, "its detail was changed after it was written")]


def test_an_entry_taken_out_is_missed_by_the_one_after_it() -> None:
    entries = _three()
    _unprotected("DELETE FROM governance_auditentry WHERE seq = %s", entries[1].seq)
    assert [fault.seq for fault in audit.verify()] == [entries[2].seq]


def test_an_entry_of_a_change_that_was_taken_back_is_none() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(BO, "call:seen")
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


_WRITE = """
import sys, threading
from pathlib import Path
from ringbook.config import load
from ringbook.runtime import desk
home = Path(sys.argv[1])
desk.prepare(home, load(home))
from ringbook.desk.governance import audit, head
def write(name):
    for n in range(int(sys.argv[3])):
        audit.record(audit.Actor(name), "call:seen", f"call:{n}", n=n)
threads = [threading.Thread(target=write, args=(f"{sys.argv[2]}-{t}",)) for t in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
_FAULTS = """
import sys
from pathlib import Path
from ringbook.runtime.auditing import Auditing
a = Auditing(Path(sys.argv[1]))
print(a.count()); [print(f.seq, f.problem) for f in a.faults()]
"""


def _python(code: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": ""}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home), *arguments],
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _said(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err[-2000:]
    return out.splitlines()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home, in the database that the tests run with."""
    server = os.environ.get("RINGBOOK_TEST_DATABASE", "").rpartition("/")[0]
    if server:
        address = create(server, f"audit_{os.urandom(6).hex()}")
        (tmp_path / "ringbook.toml").write_text(f'[desk]\ndatabase = "{address}"\n')
    return tmp_path


def test_many_who_write_at_once_make_one_chain(home: Path) -> None:
    _said(_python(_WRITE, home, "first", "1"))
    both = [_python(_WRITE, home, name, "20") for name in ("a", "b")]
    for process in both:
        _said(process)
    assert _said(_python(_FAULTS, home)) == ["164"]


@pytest.fixture
def kept(tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any) -> Path:
    """Three entries, as after they were committed; the file that says where the log ends."""
    settings.RINGBOOK_HOME = str(tmp_path)
    with django_capture_on_commit_callbacks(execute=True):
        _three()
    assert list(audit.faults()) == []
    return tmp_path / "audit.head"


def test_a_log_that_was_cut_off_at_its_end_is_found(kept: Path) -> None:
    last = AuditEntry.objects.latest("seq").seq
    _unprotected("DELETE FROM governance_auditentry WHERE seq = %s", last)
    assert list(audit.verify()) == []
    assert [fault.seq for fault in audit.faults()] == [last]


def test_a_log_that_was_written_anew_is_found(kept: Path) -> None:
    _unprotected("DELETE FROM governance_auditentry")
    for _ in range(5):
        audit.record(BO, "call:seen")
    assert "another stands in its place" in next(audit.faults()).problem


def test_the_end_cannot_be_moved_without_the_key_of_the_home(kept: Path) -> None:
    seq = AuditEntry.objects.latest("seq").seq
    kept.write_text(kept.read_text().replace(f'"seq":{seq}', f'"seq":{seq - 1}'))
    assert "was changed" in next(audit.faults()).problem


def test_the_end_is_not_made_up_again(kept: Path, django_capture_on_commit_callbacks: Any) -> None:
    kept.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        audit.record(BO, "call:seen")
    assert "is missing" in next(audit.faults()).problem


def test_a_late_writer_does_not_move_the_end_back(kept: Path) -> None:
    first = AuditEntry.objects.earliest("seq")
    head.advance(first.seq, first.hash, first=True)
    assert list(audit.faults()) == []
