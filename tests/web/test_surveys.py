"""Asking customers about a call: by a link that says nothing of it, and by keys that the records tell.

All numbers are fictitious (555-01xx).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ringbook.desk.governance.audit import Actor
from ringbook.desk.governance.models import AuditEntry
from ringbook.desk.insight import digits, figures, links, surveys
from ringbook.desk.insight.models import DigitRule, Survey, SurveyAnswer, SurveyLink
from ringbook.desk.insight.surveys import SurveyError
from ringbook.desk.people.access import scope_of
from ringbook.desk.people.models import Person
from ringbook.desk.people.roles import Role
from ringbook.desk.tokens import keys
from ringbook.desk.wiring import ledger
from ringbook.desk.workspace import runner
from ringbook.model.scope import Scope
from ringbook.runtime.home import Home
from ringbook.runtime.importing import now
from ringbook.runtime.keypad import Keypad, named
from ringbook.runtime.service import Service
from ringbook.search.pages import iterate
from ringbook.web.pace import Pace, Policy
from ringbook.web.pages.survey import views

from ..house import People, write_calls
from ..search.calls import HAND_MADE

pytestmark = pytest.mark.django_db

As = Callable[[Person], Client]
CALL = str(HAND_MADE["sales"].id)


@pytest.fixture
def survey(house: Home, people: People) -> Survey:
    write_calls(house, [HAND_MADE["sales"]])
    made: Survey = Survey.objects.create(on=True, kind="csat", questions={"de": "Wie war es?"})
    return made


def asked(client: Client) -> str:
    """The path of a link that somebody made on the page of the call."""
    answer = client.post(f"/calls/{CALL}/survey/ask", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return re.findall(r'data-copy="http://testserver(/survey/[^"]+)"', answer.content.decode())[0]  # type: ignore[no-any-return]


def test_a_customer_answers_by_link_and_thinks_again(
    survey: Survey, as_: As, people: People, house: Home
) -> None:
    path = asked(as_(people.supervisor))
    link = SurveyLink.objects.get()
    assert path.split("/")[2] not in str(vars(link))  # only its hash is kept
    customer = Client()
    page = customer.get(path)
    text = page.content.decode()
    assert "Northwind" in text
    assert link.day.strftime("%Y") in text
    for told in (CALL, "555", "sales", "Sales", "+1"):
        assert told not in text.replace(path, "")
    assert "Wie war es?" in customer.get(path, headers={"Accept-Language": "de"}).content.decode()
    assert not customer.cookies
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]

    sent = Client(enforce_csrf_checks=True).post(path, {"score": "2", "comment": "Long wait"})
    assert (sent.status_code, sent.headers["Location"]) == (302, f"{path}?thanks")
    assert "Thank you" in customer.get(f"{path}?thanks").content.decode()
    assert customer.post(path, {"score": "4", "comment": "Solved after all"}).status_code == 302
    [answer] = surveys.answers_of(Scope(), CALL)
    assert (answer.score, answer.via, answer.comment, answer.version) == (4, "link", "Solved after all", 2)
    assert 'value="4" required checked' in customer.get(path).content.decode()

    answer = figures.figure(Scope(), "csat", f"id:{CALL}", variant="B", zone="UTC", now=now())
    assert (answer.total["asked"], answer.total["calls"], answer.total["response_rate"]) == (1, 1, 1)
    assert AuditEntry.objects.filter(action="survey:answered", actor=f"survey-link:{link.pk}").count() == 2
    shown = as_(people.owner).get(f"/calls/{CALL}/survey").content.decode()
    assert "Solved after all" in shown
    assert "by link" in shown


def test_who_was_asked_and_said_nothing_counts(survey: Survey, as_: As, people: People, house: Home) -> None:
    SurveyAnswer.objects.all().delete()
    asked(as_(people.owner))
    answer = figures.figure(Scope(), "csat", f"id:{CALL}", variant="B", zone="UTC", now=now())
    assert (answer.total["asked"], answer.total["calls"]) == (1, 0)


def test_programs_are_told_who_was_asked(survey: Survey, as_: As, people: People, house: Home) -> None:
    other = next(call for call in HAND_MADE.values() if call.id != CALL)
    write_calls(house, [other])
    path = asked(as_(people.owner))
    links.make(Actor("x", "Olga Orr"), other)
    Client().post(path, {"score": "5"})
    made = keys.make(Actor("x"), name="x", role=Role.OWNER, person=people.owner)
    program = Client(headers={"Authorization": f"Bearer {made.text}"})

    def told(**asked: str) -> dict[str, Any]:
        answer = program.get("/api/v1/survey-links", asked)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    first = told(limit="1")
    [one] = first["items"]
    assert (one["call"], one["kind"], one["asked_by"]) == (CALL, "csat", "Olga Orr")
    assert one["answered_at"] is not None
    assert path.split("/")[2] not in str(first), "the secret of a link is told once"
    second = told(limit="1", cursor=first["next_cursor"])
    assert [(one["call"], one["answered_at"]) for one in second["items"]] == [(other.id, None)]
    assert second["next_cursor"] is None
    assert told(since="2099-01-01T00:00:00Z")["items"] == []
    assert program.get("/api/v1/survey-links", {"since": "2026-11-21T10:00:00"}).status_code == 422
    assert program.get("/api/v1/survey-links", {"cursor": "x"}).status_code == 400
    made = keys.make(Actor("x"), name="x", role=Role.INTEGRATION, person=people.other)
    theirs = Client(headers={"Authorization": f"Bearer {made.text}"}).get("/api/v1/survey-links").json()
    seen = {one["call"] for one in theirs["items"]}
    scope = scope_of(people.other)
    assert seen == {one.id for one in (HAND_MADE["sales"], other) if ledger().calls(scope, [one.id])}


@pytest.mark.parametrize(
    "sent", [{}, {"score": ""}, {"score": "6"}, {"score": "-1"}, {"score": "two"}, {"score": "99999"}]
)
def test_what_is_no_answer_is_said_and_loses_nothing(
    survey: Survey, as_: As, people: People, sent: dict[str, str]
) -> None:
    path = asked(as_(people.owner))
    answer = Client().post(path, {**sent, "comment": "Kept <b>"})
    assert answer.status_code == 422
    assert "Kept &lt;b&gt;" in answer.content.decode()
    assert not SurveyAnswer.objects.filter(via="link").exists()


def test_unknown_expired_and_removed_are_the_same(
    survey: Survey, as_: As, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = Client().get("/survey/nothing/")
    assert unknown.status_code == 404
    assert "This link opens nothing" in unknown.content.decode()
    path = asked(as_(people.owner))
    assert Client().get(path).status_code == 200
    SurveyLink.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    expired = Client().post(path, {"score": "5"})
    assert (expired.status_code, expired.content) == (404, unknown.content)
    SurveyLink.objects.update(expires_at=datetime.now(UTC) + timedelta(days=1), call_id="0" * 8 + CALL[8:])
    removed = Client().get(path)
    assert (removed.status_code, removed.content) == (404, unknown.content)
    monkeypatch.setattr(views, "paces", Pace(Policy(2, 60)))
    assert [Client().get("/survey/guess/").status_code for _ in range(3)] == [404, 404, 429]


def test_who_may_not_see_a_call_asks_nobody_about_it(survey: Survey, as_: As, people: People) -> None:
    client = as_(people.other)  # at 102, who was not on this call
    assert client.post(f"/calls/{CALL}/survey/ask").status_code == 404
    assert as_(people.auditor).post(f"/calls/{CALL}/survey/ask").status_code == 403
    Survey.objects.update(on=False)
    assert as_(people.owner).get(f"/calls/{CALL}/survey").status_code in (200, 204)
    assert as_(people.owner).post(f"/calls/{CALL}/survey/ask").status_code == 422


def test_the_organisation_switches_it_on(house: Home, as_: As, people: People) -> None:
    client = as_(people.owner)
    form = {"on": "on", "kind": "nps", "expires_days": "7", "version": "1", "question_en": " Would you? "}
    assert "Customers may be asked" in client.get("/settings/surveys/").content.decode()
    assert client.post("/settings/surveys/", form).status_code == 302
    kept = links.survey_of("main")
    assert (kept.on, kept.kind, kept.expires_days, kept.questions) == (True, "nps", 7, {"en": "Would you?"})
    assert client.post("/settings/surveys/", form).status_code == 409
    assert client.post("/settings/surveys/", {**form, "expires_days": "0"}).status_code == 422
    assert as_(people.supervisor).get("/settings/surveys/").status_code == 403


# --- keys -------------------------------------------------------------------------------------------------------------


def rule(pattern: str, score: int | None = None, kind: str = "csat", field: str = "userfield") -> DigitRule:
    return DigitRule(field=field, pattern=pattern, kind=kind, score=score)


@pytest.mark.parametrize(
    ("rules", "fields", "found"),
    [
        ([rule(r"csat=([1-5])")], {"userfield": ["csat=4"]}, {"csat": 4}),
        ([rule(r"csat=([1-5])")], {"userfield": ["xcsat=4"]}, {}),
        ([rule(r"csat=(\d+)")], {"userfield": ["csat=9"]}, {}),  # no score of this kind
        ([rule("happy", 5), rule("sad", 1)], {"userfield": ["sad"]}, {"csat": 1}),
        ([rule(r"(\d)", field="Survey_NPS", kind="nps")], {"survey_nps": ["0"]}, {"nps": 0}),
        ([rule(r"(\d)")], {"userfield": ["2", "5"]}, {"csat": 5}),
        ([rule(r"(\d)?x")], {"userfield": ["x"]}, {}),
    ],
)
def test_rules_read_scores(
    rules: list[DigitRule], fields: dict[str, list[str]], found: dict[str, int]
) -> None:
    assert digits.scores(rules, fields) == found


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+([1-5])", "(?:x|xx)*y([1-5])", "(a{2}){3,}", ".*.*.*.*([1-5])"),
        *(
            "a?" * 30 + "a" * 30 + "([1-5])",
            "(?:a|a)" * 30 + "([1-5])",
            "(a|a)?" * 20,
            r"[]*]*[^]+]+\w*x{2,}(.)",
        ),
    ],
)
def test_patterns_that_could_take_for_ever_are_refused(pattern: str) -> None:
    with pytest.raises(SurveyError, match="leaves too much open"):
        digits.check(pattern, "csat", None)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            r".*csat=([1-5]).*",
            r"csat\s*[:=]\s*([1-5])",
            r"(?i:nps|csat|ces)=([1-5])",
            r"[*+?|]{3}(?:a|b)?([1-5])",
        ),
        *(r"(?P<digit>[1-5])x{2}", r"[0-9]+?;([1-5])", r"one|two|three|four|([1-5])"),
    ],
)
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    digits.check(pattern, "csat", None)


@pytest.mark.parametrize(
    "pattern", ["x{99999999999999999999}([1-5])", "(" * 5_000 + ")" * 5_000, "[", "(?P<1>x)"]
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(SurveyError, match="no regular expression"):
        digits.check(pattern, "csat", None)


def test_brackets_and_signs_may_be_looked_for() -> None:
    digits.check(r"\(csat\)\++ ?([0-9]{1,2})", "csat", None)
    found = digits.scores([rule(r"\(csat\)\++ ?([0-9]{1,2})")], {"userfield": ["(csat)++ 4"]})
    assert found == {"csat": 4}
    assert digits.scores([rule("x*([1-5])")], {"userfield": ["x" * 64 + "5"]}) == {}, "longer than any answer"


@pytest.mark.parametrize(("pattern", "score"), [("(", None), ("x", None), ("(a)(b)", None), ("x", 6)])
def test_rules_that_can_never_answer_are_refused(pattern: str, score: int | None) -> None:
    with pytest.raises(SurveyError):
        digits.check(pattern, "csat", score)


def test_fields_of_records() -> None:
    nested = '{"variables": {"csat_digit": "4", "name": "A%20B"}, "callflow": [{"times": {"n": 1}}]}'
    assert dict(named(nested)) == {"csat_digit": "4", "name": "A B", "n": "1"}
    xml = "<cdr><variables><csat_digit>4</csat_digit></variables></cdr>"
    assert dict(named(xml)) == {"csat_digit": "4"}
    assert ("csat", "4") in list(named("Event: VarSet\r\nVariable: csat=4\r\nUserField: x\r\n"))
    assert list(named("{broken")) == []


LINE = (
    '"","5125550101","101","from-trunk","""A"" <5125550101>","PJSIP/trunk-{n}","PJSIP/101-{n}","Dial","PJSIP/101",'
    '"2026-11-19 10:0{n}:00","2026-11-19 10:0{n}:05","2026-11-19 10:01:00",60,55,"ANSWERED","DOCUMENTATION",'
    '"17955000{n}.1","{userfield}"\n'
)


def test_keys_in_records_become_answers_once(house: Home, as_: As, people: People, tmp_path: Path) -> None:
    def arrive(name: str, *told: tuple[int, str]) -> None:
        file = tmp_path / name
        file.write_text("".join(LINE.format(n=n, userfield=userfield) for n, userfield in told))
        asking: dict[str, Any] = {"paths": [str(file)], "source": "keys", "timezone": "UTC"}
        list(Service(house).run("import", {**asking, "region": "US", "format": "asterisk_cdr_csv"}))

    def answers() -> list[tuple[int, str]]:
        return sorted(SurveyAnswer.objects.filter(call_id__in=ids()).values_list("score", "via"))

    def ids() -> list[str]:
        return [str(call.id) for call in iterate(house.ledger, Scope(), "source:keys", now=now())]

    client = as_(people.owner)
    arrive("a.csv", (1, "csat=2"), (2, ""))
    refused = client.post(
        "/settings/survey-rule/new/", {"field": "userfield", "pattern": "(", "kind": "csat"}
    )
    assert refused.status_code == 422
    made = {"field": "userfield", "pattern": "csat=([1-5])", "kind": "csat", "score": ""}
    assert client.post("/settings/survey-rule/new/", made).status_code == 302
    assert client.post("/settings/surveys/read/").status_code == 302
    assert runner.run_waiting() == 1
    assert "1 answers are new" in client.get("/settings/surveys/").content.decode()
    assert answers() == [(2, "ivr")]

    keypad = Keypad(house)
    assert keypad.look() == 0  # read already
    arrive("b.csv", (3, "csat=5"))
    assert (keypad.look(), keypad.look()) == (1, 0)
    assert answers() == [(2, "ivr"), (5, "ivr")]
    found = figures.figure(Scope(), "csat", "source:keys", zone="UTC", now=now())
    assert (found.total["calls"], found.total["mean_score"]) == (2, 3.5)

    better = SurveyAnswer.objects.get(score=2, call_id__in=ids())
    SurveyAnswer.objects.filter(pk=better.pk).update(
        score=3, via="link"
    )  # the customer's own later word stays
    assert Keypad(house).look() == 0
    assert answers() == [(3, "link"), (5, "ivr")]
