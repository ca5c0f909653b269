"""Work in the background: asked for, run, stopped, interrupted, done again, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ringbook.desk.people.access import scope_of
from ringbook.desk.people.roles import Right, Role
from ringbook.desk.workspace import jobs, runner
from ringbook.desk.workspace.errors import JobStateError, UnknownKindError, WorkspaceError
from ringbook.desk.workspace.jobs import KINDS, Kind, Work, enqueue, exports_folder
from ringbook.desk.workspace.models import Job, JobState
from ringbook.model.scope import Reach, Scope
from ringbook.runtime.home import Home

from ..house import People


@pytest.fixture
def kinds() -> Iterator[dict[str, Kind]]:
    """The kinds of jobs, as they were before when the test is over."""
    before = dict(KINDS)
    yield KINDS
    KINDS.clear()
    KINDS.update(before)


def _write(work: Work) -> None:
    work.progress(1, 2)
    work.result("numbers.txt", "text/plain").write_text(work.params["text"])
    work.note("two numbers")


def _asked(people: People, kind: str = "write") -> Job:
    return enqueue(
        people.owner, kind, {"text": "1 2"}, title="Numbers", scope=scope_of(people.owner), total=2
    )


def test_a_job_leaves_its_result_under_a_name_that_nobody_can_guess(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    kinds["write"] = Kind("write", _write, Right.EXPORT_CALLS)
    row = _asked(people)
    assert row.state == JobState.QUEUED
    assert runner.run_waiting() == 1
    row.refresh_from_db()
    assert (row.state, row.done, row.total, row.message) == ("done", 1, 2, "two numbers")
    assert (row.result_name, row.result_bytes) == ("numbers.txt", 3)
    place = exports_folder() / row.result_file
    assert place.read_text() == "1 2"
    assert len(row.result_file) == len(f"{row.pk}-") + 32
    assert place.stat().st_mode & 0o077 == 0
    assert row.expires_at is not None
    assert timedelta(days=6) < row.expires_at - datetime.now(UTC) <= jobs.KEPT
    assert not list(exports_folder().glob("work-*"))


def test_what_a_person_may_is_looked_at_when_the_job_begins(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    kinds["write"] = Kind("write", _write, Right.EXPORT_CALLS)
    row = _asked(people)
    people.owner.role = Role.AGENT
    people.owner.save()
    runner.run_waiting()
    row.refresh_from_db()
    assert (row.state, row.message) == ("failed", "Your role does not allow this any more.")
    assert row.result_file == ""


def test_a_job_of_somebody_switched_off_does_not_run(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    kinds["write"] = Kind("write", _write, None)
    row = _asked(people)
    people.owner.is_active = False
    people.owner.save()
    runner.run_waiting()
    row.refresh_from_db()
    assert row.state == JobState.FAILED


def test_the_scope_is_that_of_the_moment_when_it_runs(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    seen = []
    kinds["look"] = Kind("look", lambda work: seen.append(work.scope), None)
    row = enqueue(people.owner, "look", {}, title="Look", scope=scope_of(people.owner))
    people.owner.role = Role.AGENT
    people.owner.save()
    runner.run_waiting()
    row.refresh_from_db()
    assert seen[0].restricted
    assert jobs.same_scope(row, seen[0])
    assert not jobs.same_scope(row, scope_of(people.administrator))


def test_a_job_of_a_token_sees_what_the_token_sees_not_what_its_maker_does(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    seen = []
    kinds["look"] = Kind("look", lambda work: seen.append((work.scope, work.actor.id)), Right.EXPORT_CALLS)
    narrow = Scope("main", (Reach(extensions=("101",)),), masked=True)
    enqueue(people.owner, "look", {}, title="Look", scope=narrow, token="t-1")
    runner.run_waiting()
    assert seen == [(narrow, "token:t-1")]


def test_a_cancelled_job_stops_at_its_next_step_and_leaves_nothing(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    def endless(work: Work) -> None:
        work.result("half.txt", "text/plain").write_text("half")
        jobs.cancel(Job.objects.get(pk=work.job.pk))
        work.progress(1)
        raise AssertionError("it went on")

    kinds["endless"] = Kind("endless", endless, None)
    row = _asked(people, "endless")
    runner.run_waiting()
    row.refresh_from_db()
    assert (row.state, row.result_file) == ("cancelled", "")
    assert not list(exports_folder().glob("work-*"))


def test_a_waiting_job_that_is_cancelled_never_runs(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    kinds["write"] = Kind("write", _write, None)
    row = _asked(people)
    jobs.cancel(row)
    assert runner.run_waiting() == 0
    assert row.state == JobState.CANCELLED


def test_what_ran_when_the_process_died_says_so_and_can_be_done_again(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    kinds["write"] = Kind("write", _write, None)
    row = _asked(people)
    Job.objects.filter(pk=row.pk).update(state=JobState.RUNNING, done=1)
    (exports_folder() / "work-left").mkdir()
    assert runner.mark_interrupted() == 1
    row.refresh_from_db()
    assert (row.state, row.interrupted) == ("failed", True)
    assert "start it again" in row.message
    assert not (exports_folder() / "work-left").exists()
    jobs.retry(row)
    assert (row.state, row.interrupted, row.done) == ("queued", False, 0)
    runner.run_waiting()
    row.refresh_from_db()
    assert row.state == JobState.DONE
    with pytest.raises(JobStateError):
        jobs.retry(row)


def test_a_job_that_is_stopped_with_the_process_waits_for_the_next_one(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    stopping = threading.Event()

    def slow(work: Work) -> None:
        stopping.set()
        work.progress(1)

    kinds["slow"] = Kind("slow", slow, None)
    row = _asked(people, "slow")
    Job.objects.filter(pk=row.pk).update(state=JobState.RUNNING)
    runner.run(row, stopping)
    row.refresh_from_db()
    assert (row.state, row.done) == ("queued", 0)


def test_a_mistake_in_a_job_is_told_without_its_secrets(
    house: Home, people: People, kinds: dict[str, Kind]
) -> None:
    def wrong(work: Work) -> None:
        raise RuntimeError("+15125550101")

    def refused(work: Work) -> None:
        raise WorkspaceError("The disk is full.")

    kinds["wrong"] = Kind("wrong", wrong, None)
    kinds["refused"] = Kind("refused", refused, None)
    rows = [_asked(people, "wrong"), _asked(people, "refused")]
    runner.run_waiting()
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["failed", "failed"]
    assert "5550101" not in rows[0].message
    assert rows[1].message == "The disk is full."


def test_an_unknown_kind_is_refused(house: Home, people: People) -> None:
    with pytest.raises(UnknownKindError):
        _asked(people, "no-such-kind")


def test_results_are_swept_away_when_they_expire(house: Home, people: People, kinds: dict[str, Kind]) -> None:
    kinds["write"] = Kind("write", _write, None)
    row = _asked(people)
    runner.run_waiting()
    row.refresh_from_db()
    place = exports_folder() / row.result_file
    runner.sweep()
    assert place.exists()
    Job.objects.filter(pk=row.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    runner.sweep()
    row.refresh_from_db()
    assert not place.exists()
    assert not row.downloadable
    Job.objects.filter(pk=row.pk).update(finished_at=datetime.now(UTC) - timedelta(days=31))
    runner.sweep()
    assert not Job.objects.filter(pk=row.pk).exists()
