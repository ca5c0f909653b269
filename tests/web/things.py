"""One of everything that has an id, for a tenant: for tests that ask with somebody else's ids."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from ringbook.desk.annotations.models import (
    CallTag,
    Change,
    CustomField,
    Mention,
    Note,
    OutcomeCode,
    Tag,
    Task,
)
from ringbook.desk.dashboards.models import Dashboard, WallboardLink
from ringbook.desk.delivery.models import Alert, AlertEpisode, Delivery, Report, ReportRun, Webhook
from ringbook.desk.directory.models import Company, Contact, ContactChange, Import
from ringbook.desk.insight.models import DigitRule, SurveyAnswer, SurveyLink
from ringbook.desk.listening.models import Clip
from ringbook.desk.organisation.models import ExtensionName, Holiday, OurNumber, QueueName, Upload
from ringbook.desk.people.models import Person, Seat, Team
from ringbook.desk.recording_policy.models import Consent, CountryRule, DoNotRecord, RecordingRule
from ringbook.desk.requests.models import PersonRequest
from ringbook.desk.retention.models import Hold, RetentionRule, RetentionRun
from ringbook.desk.tokens.models import ApiToken
from ringbook.desk.workspace.models import Job, JobState, SavedView
from ringbook.ledger.batch import Batch
from ringbook.ledger.recordings import Catalogue
from ringbook.model.call import Call, Direction, Outcome, Recording
from ringbook.model.recording import KeptRecording, RecordingId
from ringbook.runtime.home import Home

from ..search.calls import at, identity, inside, outside

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

IN_PLACE = {
    "call_id": "call",
    "recording_id": "recording",
    "clip_id": "clip",
    "note_id": "note",
    "task_id": "task",
    "tag_id": "tag",
    "batch": "batch",
    "job_id": "job",
    "view_id": "view",
    "mention_id": "mention",
    "dashboard_id": "dashboard",
    "link_id": "wallboard-link",
    "team_id": "team",
    "person_id": "person",
    "token_id": "api-token",
    "report_id": "report",
    "alert_id": "alert",
    "delivery_id": "delivery",
    "webhook_id": "webhook",
    "request_id": "person-request",
    "hold_id": "hold",
    "run_id": "run",
    "rule_id": "rule",
    "episode_id": "episode",
    "session_id": "session",
}
"""What stands in each part of an address; ``pk`` stands for what the page is about: see ``OF_PAGE``."""

OF_PAGE = {
    "contacts-import": "import",
    "contact-undo": "contact-change",
    "contact": "contact",
    "company": "company",
    "source-": "upload",
    "settings-do-not-record": "do-not-record",
    "settings-recording-earlier": "do-not-record",
    "settings-extension": "extension",
    "settings-field": "field",
    "settings-holiday": "holiday",
    "settings-number": "number",
    "settings-outcome": "outcome",
    "settings-queue": "queue",
    "settings-recording-country": "country",
    "settings-recording-rule": "recording-rule",
    "settings-seat": "seat",
    "settings-survey-rule": "digit-rule",
    "settings-tag": "tag",
    "mfa_": "passkey",
}
"""What ``pk`` stands for, by how the name of the page begins; the first that fits."""


def kind_of(parameter: str, page: str) -> str:
    """The kind of thing whose id stands in a part of a page's address; empty for what is no id."""
    if parameter == "pk":
        return next(kind for start, kind in OF_PAGE.items() if page.startswith(start))
    return IN_PLACE.get(parameter, "")


def made(house: Home, tenant: str, person: Person, mark: str) -> dict[str, Any]:
    """The records and kept things by kind, one of each; every name and text in them is ``mark``."""
    call = _call(tenant, mark)
    house.ledger.write(Batch(tenant=tenant, calls=[call]))
    recording = RecordingId(str(uuid.uuid4()))
    kept = KeptRecording(
        id=recording, tenant=tenant, source="office", name=f"{mark}.wav", received_at=0, call=call.id
    )
    Catalogue(house.ledger).keep(tenant, [kept])
    found: dict[str, Any] = {"call": call.id, "recording": recording, "person": person}
    found |= _on_call(tenant, person, mark, call.id, recording)
    found |= _of_directory(tenant, person, mark)
    found |= _of_settings(tenant, person, mark)
    found |= _of_desk(tenant, person, mark)
    return found | _of_keeping(tenant, person, mark)


def ids(things: dict[str, Any]) -> dict[str, str]:
    """The ids of what was made."""
    return {kind: one if isinstance(one, str) else str(one.pk) for kind, one in things.items()}


def _call(tenant: str, mark: str) -> Call:
    began = at("2026-11-18T15:00")
    return Call(
        id=identity(began, uuid.uuid4().int % 2**40),
        tenant=tenant,
        started_at=began,
        answered_at=began + 5_000_000,
        ended_at=began + 65_000_000,
        direction=Direction.INBOUND,
        outcome=Outcome.ANSWERED,
        caller=outside("+441632960778", mark),
        called=inside("101", mark),
        queue=mark,
        talk_s=60.0,
        duration_s=65.0,
        recordings=(Recording(f"{mark}.wav"),),
        sources=("office",),
    )


def _on_call(tenant: str, person: Person, mark: str, call: str, recording: str) -> dict[str, Any]:
    of = {"tenant": tenant, "call_id": call}
    who = {"author_actor": f"person:{person.pk}", "author_name": mark}
    note = Note.objects.create(**of, **who, author=person, text=mark, made_at=NOW, changed_at=NOW)
    tag = Tag.objects.create(tenant=tenant, name=mark)
    on_call = CallTag.objects.create(**of, tag=tag, added_at=NOW, added_by_name=mark)
    batch = uuid.uuid4()
    change = {"kind": "tag", "object_id": on_call.pk, "verb": "added", "batch": batch}
    Change.objects.create(**of, **change, at=NOW, by_actor=f"person:{person.pk}", by_name=mark)
    asked = {"kind": "csat", "by": "x"}
    party = {"party": "caller", "by_actor": "x", "by_name": mark}
    return {
        "survey-answer": SurveyAnswer.objects.create(
            **of, **asked, score=4, via="link", comment=mark, answered_at=NOW
        ),
        "survey-link": SurveyLink.objects.create(
            **of, **asked, day=NOW.date(), secret_hash=uuid.uuid4().hex, made_at=NOW, expires_at=NOW
        ),
        "consent": Consent.objects.create(
            **of, **party, state="announced", evidence="hand", at=NOW, detail=mark
        ),
        "note": note,
        "tag": tag,
        "batch": str(batch),
        "task": Task.objects.create(**of, text=mark, made_at=NOW, made_by_name=mark, owner=person),
        "mention": Mention.objects.create(tenant=tenant, note=note, person=person, at=NOW, told=True),
        "clip": Clip.objects.create(
            tenant=tenant,
            recording=recording,
            start_s=1.0,
            stop_s=2.0,
            title=mark,
            shared=True,
            maker=person,
            maker_actor=f"person:{person.pk}",
            maker_name=mark,
            made_at=NOW,
        ),
    }


def _of_directory(tenant: str, person: Person, mark: str) -> dict[str, Any]:
    company = Company.objects.create(tenant=tenant, name=mark)
    contact = Contact.objects.create(tenant=tenant, name=mark, company=company)
    change = {"contact": contact, "kind": "changed", "by": person}
    return {
        "company": company,
        "contact": contact,
        "contact-change": ContactChange.objects.create(tenant=tenant, **change),
        "import": Import.objects.create(tenant=tenant, file_name=mark, by=person),
    }


def _of_settings(tenant: str, person: Person, mark: str) -> dict[str, Any]:
    of = {"tenant": tenant}
    key = re.sub(r"\W", "", mark).lower()
    return {
        "team": Team.objects.create(**of, name=mark),
        "seat": Seat.objects.create(**of, extension=f"9{uuid.uuid4().int % 10**5:05}", person=person),
        "extension": ExtensionName.objects.create(
            **of, extension=f"8{uuid.uuid4().int % 10**5:05}", name=mark
        ),
        "number": OurNumber.objects.create(**of, number=f"+1512{uuid.uuid4().int % 10**7:07}", label=mark),
        "queue": QueueName.objects.create(**of, queue=key, name=mark),
        "holiday": Holiday.objects.create(**of, date=a_day(), name=mark),
        "outcome": OutcomeCode.objects.create(**of, key=key, label=mark),
        "field": CustomField.objects.create(**of, key=key, label=mark, kind="text"),
        "digit-rule": DigitRule.objects.create(**of, field=mark, pattern="x"),
        "do-not-record": DoNotRecord.objects.create(**of, kind="number", value=key, reason=mark, made_at=NOW),
        "country": CountryRule.objects.create(**of, country="SE", area=key, needs="all_parties", basis=mark),
        "recording-rule": RecordingRule.objects.create(**of, name=mark, query="queue:x"),
        "api-token": ApiToken.objects.create(
            **of, name=mark, role="agent", secret_hash=uuid.uuid4().hex, made_by="x", made_by_name=mark
        ),
        "upload": Upload.objects.create(
            **of, source=mark, zone="UTC", region="GB", format="", person=person, files=[]
        ),
        "passkey": Authenticator.objects.create(
            user=person, type="webauthn", data={"name": mark, "credential": {"clientExtensionResults": {}}}
        ),
        "session": UserSession.objects.create(
            user=person, ip="127.0.0.1", session_key=uuid.uuid4().hex, user_agent=mark, data={}
        ),
    }


def a_day() -> date:
    """Some day of the next years."""
    return NOW.date() + timedelta(days=uuid.uuid4().int % 3_000)


def _of_desk(tenant: str, person: Person, mark: str) -> dict[str, Any]:
    own = {"tenant": tenant, "name": mark, "owner": person}
    sent = {"tenant": tenant, "name": mark, "made_by": person, "sender": person}
    report = Report.objects.create(figures=[{"figure": "calls"}], **sent)
    alert = Alert.objects.create(figure="calls", limit=1, **sent)
    run = ReportRun.objects.create(tenant=tenant, report=report, due_at=NOW)
    return {
        "view": SavedView.objects.create(query="x", **own),
        "dashboard": Dashboard.objects.create(panels=[{"figure": "calls"}], **own),
        "wallboard-link": WallboardLink.objects.create(secret_hash=uuid.uuid4().hex, **own),
        "job": Job.objects.create(
            tenant=tenant,
            kind="export-calls",
            title=mark,
            owner=person,
            state=JobState.DONE,
            result_file="x",
        ),
        "report": report,
        "alert": alert,
        "episode": AlertEpisode.objects.create(tenant=tenant, alert=alert, opened_at=NOW),
        "delivery": Delivery.objects.create(
            tenant=tenant, run=run, address=f"{mark}@example.com", occasion="report", state="failed"
        ),
        "webhook": Webhook.objects.create(tenant=tenant, name=mark, url="https://hooks.example.com/x"),
    }


def _of_keeping(tenant: str, person: Person, mark: str) -> dict[str, Any]:
    by = {"placed_by": f"person:{person.pk}", "placed_by_name": mark}
    due = NOW.date() + timedelta(days=30)
    return {
        "hold": Hold.objects.create(
            tenant=tenant, name=mark, reason=mark, query="queue:x", review_on=due, fixed_at=NOW, **by
        ),
        "rule": RetentionRule.objects.create(tenant=tenant, name=mark, kind="calls", days=4_000),
        "run": RetentionRun.objects.create(tenant=tenant, as_of=0, by="x", by_name=mark, state="paused"),
        "person-request": PersonRequest.objects.create(
            tenant=tenant,
            kind="erasure",
            subject=mark,
            received_on=NOW.date(),
            due_on=due,
            made_by=person,
            made_by_name=mark,
        ),
    }


def as_it_is(things: dict[str, Any]) -> bytes:
    """Everything as the store has it now."""
    rows = {
        kind: list(type(one).objects.filter(pk=one.pk).values())
        for kind, one in things.items()
        if not isinstance(one, str)
    }
    return msgspec.json.encode(rows)
