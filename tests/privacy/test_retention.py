"""The nightly run: who and what is past its time, once, whatever dies or runs beside it."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from academy.lib import registry
from academy.privacy import erasing, holds, ledger, retention, schedule
from academy.privacy.models import ERASED_NAME, LEASE, Erasure, RetentionRun, held_people
from courses.models import Booking
from partners import audit
from partners.actions.grants import give as grant
from partners.models import AuditEvent, EmploymentVersion, OutboxMessage, Person
from tests.factories import LONG_AGO, NOW, TODAY, PersonFactory, booked, employ, employed, planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SIX_YEARS = schedule.Period("leaving", "they left", years=6)
LONG_GONE = date(2020, 11, 22)  # six years and a day before


def who() -> set[Person]:
    return set(retention.leavers(SIX_YEARS, NOW))


def said(*options: str) -> str:
    call_command("retention", *options, stdout=(out := StringIO()))
    return out.getvalue()


@pytest.fixture
def leaver() -> Person:
    return employed(start=date(2016, 1, 4), end_date=LONG_GONE)


# --- Who has left -------------------------------------------------------------------------------------------------


def test_a_leaver_is_someone_whose_last_employment_ended_more_than_the_period_ago(leaver):
    employed(start=date(2016, 1, 4), end_date=LONG_GONE + DAY)
    employed()
    assert who() == {leaver}


def test_someone_who_came_back_or_left_again_later_is_none(leaver):
    employ(leaver, start=date(2021, 1, 4), end_date=date(2024, 1, 4), employee_number="2")
    assert who() == set()


def test_what_counts_is_what_is_known_now(leaver):
    spell = leaver.employments.get()
    spell.versions.update(is_current=False)
    EmploymentVersion.objects.create(identity=spell, recorded_at=NOW, source="put right", end_date=None)
    assert who() == set()


def test_a_spell_that_was_withdrawn_does_not_count(leaver):
    employ(leaver, start=date(2022, 1, 3), employee_number="2", retracted=True)
    assert who() == {leaver}


def test_someone_never_employed_counts_from_when_the_record_was_made():
    old = PersonFactory(created_at=LONG_AGO)
    PersonFactory(created_at=NOW - DAY)
    assert who() == {old}


def test_nobody_with_a_place_to_come_is_a_leaver(leaver):
    booked(planned_run(), leaver)
    assert who() == set()


def test_a_place_on_a_run_that_is_over_keeps_nobody(leaver):
    booked(planned_run(starts_at=NOW - 9 * DAY), leaver)
    assert who() == {leaver}


def test_nobody_with_an_access_role_is_a_leaver(leaver):
    grant(person=leaver, access_role="lead", by=None, at=NOW, reason="stands in")
    assert who() == set()


# --- What is taken ------------------------------------------------------------------------------------------------


def test_the_run_erases_leavers_and_nobody_else(leaver):
    stays = employed()
    assert registry.run_due(NOW)["people_erased"] == 1
    assert Erasure.objects.get().person == leaver
    assert Erasure.objects.get().rule == Erasure.Rule.SCHEDULE
    assert [line.person for line in ledger.read().values()] == [leaver.pk]
    stays.refresh_from_db()
    assert stays.name != ERASED_NAME


def test_needs_are_erased_a_year_after_the_last_training_and_the_rest_stays():
    long_ago, lately, coming, waits, never = (employed(start=date(2016, 1, 4)) for _ in range(5))
    for person, days in ((long_ago, -367), (lately, -360), (coming, -400), (coming, 30), (waits, 40)):
        booked(planned_run(starts_at=NOW + days * DAY), person)
    Booking.objects.filter(person=waits).update(state="queued", queue_position=1)
    Person.objects.update(access_needs="A hearing loop", created_at=NOW - 400 * DAY)
    retention.run(NOW)
    kept = dict(Person.objects.values_list("pk", "access_needs"))
    assert [bool(kept[person.pk]) for person in (long_ago, lately, coming, waits)] == [False, True, True, True]
    assert not kept[never.pk]
    assert not Erasure.objects.exists()


def test_what_was_answered_for_a_day_of_training_goes_a_month_after_it():
    over, lately = (booked(planned_run(starts_at=NOW - days * DAY)) for days in (32, 28))
    Booking.objects.update(answers={"1": "I am vegan"})
    retention.run(NOW)
    kept = dict(Booking.objects.values_list("pk", "answers"))
    assert (kept[over.pk], kept[lately.pk]) == ({}, {"1": "I am vegan"})


def test_messages_go_a_year_after_they_were_due_and_audit_events_after_six():
    person = employed()
    for number, at in enumerate((NOW - 364 * DAY, NOW - 367 * DAY)):
        OutboxMessage.objects.create(kind="x", key=str(number), person=person, due_at=at, created_at=at, state="sent")
    for at in (NOW - 365 * 5 * DAY, NOW - 365 * 7 * DAY):
        audit.record("person.access_needs", by=None, at=at, about=person)
    retention.run(NOW)
    assert OutboxMessage.objects.get().key == "0"
    assert AuditEvent.objects.filter(kind="person.access_needs").count() == 1


def a_session(left: timedelta) -> str:
    store = SessionStore()
    store.save()
    Session.objects.filter(pk=store.session_key).update(expire_date=timezone.now() + left)
    return store.session_key


def test_sessions_go_when_they_expire_by_the_machines_clock_even_where_the_try_outs_is_ahead():
    a_session(-timedelta(minutes=1))
    running = a_session(timedelta(minutes=1))
    retention.run(timezone.now() + 90 * DAY)
    assert Session.objects.get().pk == running


# --- Once a day, safe to repeat and to kill -----------------------------------------------------------------------


def test_it_runs_once_a_day_and_again_the_next():
    registry.run_due(NOW)
    run = RetentionRun.objects.get()
    assert run.finished_at == NOW
    late = employed(start=date(2016, 1, 4), end_date=LONG_GONE)
    registry.run_due(NOW + timedelta(hours=2))
    late.refresh_from_db()
    assert late.name != ERASED_NAME
    assert registry.run_due(NOW + DAY)["people_erased"] == 1
    assert RetentionRun.objects.count() == 2


def test_a_second_run_finds_nothing_to_do(leaver):
    assert retention.run(NOW).total() == 1
    assert retention.run(NOW).total() == 0
    assert AuditEvent.objects.filter(kind="person.erased").count() == 1


def test_when_time_is_up_the_next_tick_goes_on_from_there(monkeypatch):
    people = [employed(start=date(2016, 1, 4), end_date=LONG_GONE) for _ in range(3)]
    monkeypatch.setattr(retention, "PEOPLE_AT_A_TIME", 1)
    moments = iter([0, 1, 99, *[200] * 99])
    monkeypatch.setattr(retention.time, "monotonic", lambda: next(moments))
    assert retention.run(NOW, seconds=20).total() == 1
    assert RetentionRun.objects.get().finished_at is None
    monkeypatch.setattr(retention.time, "monotonic", lambda: 0)
    registry.run_due(NOW + timedelta(seconds=5))
    assert Erasure.objects.count() == len(people)
    assert RetentionRun.objects.get().did == {"People: erased 6 years after the last employment ended": 3}


def test_what_a_killed_run_had_done_stays_and_the_rest_follows_once_its_lease_is_over(monkeypatch):
    people = [employed(start=date(2016, 1, 4), end_date=LONG_GONE) for _ in range(3)]
    monkeypatch.setattr(retention, "PEOPLE_AT_A_TIME", 1)
    RetentionRun.claim(TODAY, NOW)  # by a worker that dies after the first batch
    erasing.erase_leavers(Person.objects.filter(pk=people[0].pk), at=NOW)
    assert retention.run(NOW + LEASE / 2).total() == 0
    assert retention.run(NOW + LEASE).total() == 2


def test_a_worker_whose_time_is_up_stops_and_lets_go_of_the_run(monkeypatch, leaver):
    def time_is_up(leavers, *, at):
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase_leavers", time_is_up)
        with pytest.raises(SoftTimeLimitExceeded):
            retention.run(NOW)
    assert retention.run(NOW).total() == 1


def test_one_who_cannot_be_erased_keeps_none_of_the_others(monkeypatch, caplog):
    people = [employed(start=date(2016, 1, 4), end_date=LONG_GONE) for _ in range(3)]
    erase = erasing.erase_leavers

    def fails_for_the_second(leavers, *, at):
        if people[1] in leavers:
            raise ValueError(people[1].name)
        return erase(leavers, at=at)

    monkeypatch.setattr(erasing, "erase_leavers", fails_for_the_second)
    assert retention.run(NOW).total() == 2
    assert "ValueError" in caplog.text
    assert people[1].name not in caplog.text
    assert RetentionRun.objects.get().finished_at


def test_a_day_on_which_nothing_is_past_its_time_takes_few_queries(django_assert_max_num_queries):
    registry.run_due(NOW)
    with django_assert_max_num_queries(2):
        retention.due(NOW + timedelta(seconds=5))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_two_workers_erase_nobody_twice_and_wait_for_nobody():
    people = Person.objects.filter(pk__in=[employed(start=date(2016, 1, 4), end_date=LONG_GONE).pk for _ in range(6)])
    gate, done = threading.Barrier(3), []

    def work():
        gate.wait(20)
        done.append(erasing.erase_leavers(people.filter(erasure=None), at=NOW))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == Erasure.objects.count() == len(ledger.read()) == 6
    assert AuditEvent.objects.filter(kind="person.erased").count() == 6


def test_somebody_who_came_back_between_being_found_and_being_locked_is_left(leaver, monkeypatch):
    """The question is asked again under the lock."""
    locked = erasing._locked

    def and_then_they_are_back(people):
        found = locked(people)
        employ(leaver, start=TODAY, employee_number="2")
        return found

    monkeypatch.setattr(erasing, "_locked", and_then_they_are_back)
    assert retention.run(NOW).total() == 0


# --- Holds --------------------------------------------------------------------------------------------------------


def hold(on, **facts):
    facts = {"by": employed(), "at": NOW, "reason": "a claim", "review_on": TODAY + 90 * DAY} | facts
    return holds.place(on=on, **facts)


def everything_of(person: Person) -> Counter:
    return Counter({record.model: record.rows_of([person.pk]).count() for record in schedule.load().in_use})


def test_a_held_person_and_their_rows_are_left_by_the_run(leaver):
    Person.objects.update(access_needs="A hearing loop")
    audit.record("person.access_needs", by=leaver, at=LONG_AGO, about=leaver)
    OutboxMessage.objects.create(kind="x", key="1", person=leaver, due_at=LONG_AGO, created_at=LONG_AGO, state="sent")
    held = hold(leaver)
    before = everything_of(leaver)
    assert retention.would_do(NOW)["People: erased 6 years after the last employment ended"] == 0
    retention.run(NOW)
    retention.run(NOW)
    leaver.refresh_from_db()
    assert (leaver.access_needs, everything_of(leaver)) == ("A hearing loop", before)
    holds.end(hold=held, by=employed(), at=NOW)
    retention.run(NOW)
    leaver.refresh_from_db()
    assert leaver.name == ERASED_NAME


@pytest.mark.parametrize("how", ["employment", "booking", "membership"])
def test_a_held_agency_keeps_everyone_whom_its_records_name(leaver, how):
    from tests.factories import AgencyFactory, asye_cohort, enrolled

    agency = AgencyFactory()
    if how == "employment":
        agency = leaver.employments.get().agency
    elif how == "booking":
        made = booked(planned_run(starts_at=NOW - 900 * DAY), leaver)
        made.agency = agency
        made.save()
    else:
        enrolled(asye_cohort(), leaver, agency, start=date(2016, 1, 4))
    hold(agency)
    assert list(held_people()) == [leaver]
    retention.run(NOW)
    leaver.refresh_from_db()
    assert leaver.name != ERASED_NAME
    with pytest.raises(erasing.CannotErase, match="keeps all records of people of"):
        erasing.erase(person=leaver, by=None, at=NOW, reason="asked")


def test_a_request_under_a_hold_is_refused_with_a_sentence(leaver):
    hold(leaver)
    with pytest.raises(erasing.CannotErase, match="legal hold of 23 November 2026 keeps this person’s records"):
        erasing.erase(person=leaver, by=None, at=NOW, reason="asked")


def test_a_hold_is_placed_once_and_ended_once_and_both_are_audited(leaver):
    held = hold(leaver)
    with pytest.raises(holds.CannotHold, match="already"):
        hold(leaver)
    holds.end(hold=held, by=employed(), at=NOW)
    with pytest.raises(holds.CannotHold, match="already"):
        holds.end(hold=held, by=employed(), at=NOW)
    assert [e.kind for e in AuditEvent.objects.order_by("pk")] == ["hold.placed", "hold.ended"]
    hold(leaver)


def test_the_day_to_review_a_hold_is_to_come(leaver):
    with pytest.raises(holds.CannotHold, match="day to come"):
        hold(leaver, review_on=TODAY)


# --- The command --------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_each_rule_would_take_and_takes_nothing(leaver):
    text = said("--dry-run")
    assert "      1  People: erased 6 years after the last employment ended" in text
    assert "      0  Messages: deleted 12 months after it was sent or should have been" in text
    assert "Nothing was changed." in text
    leaver.refresh_from_db()
    assert leaver.name != ERASED_NAME


def test_the_command_does_what_the_dry_run_said_and_then_finds_nothing(leaver):
    promised = [line for line in said("--dry-run").splitlines() if not line.startswith("Nothing")]
    assert set(promised) < set(said().splitlines())
    assert "      1  People: erased 6" not in said()


def test_the_command_tells_of_another_day(leaver):
    assert "      0  People: erased" in said("--dry-run", "--at", "2026-11-22")
    assert "      1  People: erased" in said("--dry-run", "--at", "2026-11-23T00:30")
    with pytest.raises(CommandError, match="is not a moment"):
        said("--at", "tomorrow")


def test_a_period_counts_from_the_start_of_the_day_so_that_nothing_goes_too_early():
    at = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
    assert SIX_YEARS.moment(at) == datetime(2020, 11, 23, tzinfo=UTC)
