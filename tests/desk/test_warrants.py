"""Warrants are written down and audited before anybody has them in hand."""

from __future__ import annotations

import uuid

import pytest

from ringbook.desk.governance import audit
from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.retention import warrants
from ringbook.desk.retention.models import WarrantIssued
from ringbook.model.warrant import Ground

pytestmark = pytest.mark.django_db


def test_a_warrant_is_written_down_audited_and_found_again() -> None:
    olga = Actor("person:1", "Olga Orr")
    issued = warrants.issue("main", Ground.UNDO, "import:1", "the wrong file", "1", actor=olga)
    assert warrants.again("main", issued.id) == issued
    assert (issued.ground, issued.reason, issued.by) == (Ground.UNDO, "the wrong file", "1")
    entry = AuditEntry.objects.get(action="warrant:issued")
    assert entry.subject == f"warrant:{issued.id}"
    assert entry.actor == "person:1"
    assert "wrong file" not in entry.detail
    assert list(audit.verify()) == []


def test_a_warrant_that_was_not_issued_is_not_found() -> None:
    issued = warrants.issue("main", Ground.RETENTION, "rule:1", "", "rule")
    for tenant, text in (("other", issued.id), ("main", str(uuid.uuid4())), ("main", "x")):
        with pytest.raises(warrants.WarrantError):
            warrants.again(tenant, text)


@pytest.mark.parametrize(("reference", "by"), [("", "1"), ("rule:1", ""), ("x" * 201, "1")])
def test_a_warrant_says_what_it_rests_on_and_who_decided(reference: str, by: str) -> None:
    with pytest.raises(warrants.WarrantError):
        warrants.issue("main", Ground.BY_HAND, reference, "", by)
    assert not WarrantIssued.objects.exists()
    assert not AuditEntry.objects.exists()
