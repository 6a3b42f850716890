"""Another date, a colleague instead, coming unbooked."""

from datetime import timedelta

import pytest

from academy.lib import registry
from academy.lib.dates import end_of_day, start_of_day
from courses.actions import bookings, places
from courses.actions.bookings import NotEligible, TooLate, hand_over, swap, walk_in
from courses.models import Booking, Course, Run
from courses.models.states import WrongState
from partners.models import AgencyKind, Person
from tests.courses.steps import ask, leave, state, told
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    CourseFactory,
    JobRoleFactory,
    PersonFactory,
    employed,
    planned_run,
)

pytestmark = pytest.mark.django_db
State = Booking.State
DAY = timedelta(days=1)


def dates(*capacities: int) -> list[Run]:
    """Runs of one course, a week apart."""
    course = CourseFactory()
    return [
        planned_run(course=course, capacity=capacity, starts_at=NOW + timedelta(days=30 + 7 * n))
        for n, capacity in enumerate(capacities)
    ]


def change(booking: Booking, to: Run, at=NOW) -> Booking:
    return swap(booking=booking, run=to, by=booking.person, at=at)


# --- Another date --------------------------------------------------------------------------------------------------


def test_a_place_is_swapped_for_a_free_one_and_the_old_one_goes_to_the_next():
    first, second = dates(1, 5)
    mine = ask(first)
    waiting = ask(first)
    new = change(mine, second)
    assert (new.state, new.run, state(mine), state(waiting)) == (State.BOOKED, second, State.GIVEN_UP, State.BOOKED)


def test_where_the_other_date_is_full_one_queues_and_keeps_the_place_meanwhile():
    first, second = dates(1, 1)
    mine, holder, waiting = ask(first), ask(second), ask(first)
    new = change(mine, second)
    assert (new.state, state(mine)) == (State.QUEUED, State.BOOKED)
    leave(holder)
    assert state(new) == State.BOOKED
    assert bookings.give_up_replaced(NOW) == 1
    assert (state(mine), state(waiting)) == (State.GIVEN_UP, State.BOOKED)
    assert not mine.charges.exists()
    assert bookings.give_up_replaced(NOW) == 0


def test_a_place_is_swapped_only_for_another_date_of_the_same_course():
    mine = ask(planned_run())
    with pytest.raises(NotEligible, match="same course"):
        change(mine, planned_run(starts_at=NOW + 60 * DAY))
    assert state(mine) == State.BOOKED


def test_a_place_is_not_swapped_once_its_run_has_started():
    first, second = dates(5, 5)
    mine = ask(first)
    with pytest.raises(TooLate):
        change(mine, second, at=first.starts_at)


def test_a_place_in_a_queue_is_not_swapped():
    first, second = dates(1, 5)
    ask(first)
    with pytest.raises(WrongState):
        change(ask(first), second)


def test_one_place_on_each_course_is_enough():
    first, second = dates(5, 5)
    person = ask(first).person
    with pytest.raises(NotEligible, match="Swap it for this one"):
        ask(second, person)


def test_one_waits_for_three_dates_of_a_course_at_most():
    runs = dates(1, 1, 1, 1)
    person = employed()
    for run in runs:
        ask(run)
    for run in runs[:3]:
        assert ask(run, person).state == State.QUEUED
    with pytest.raises(NotEligible, match="wait for 3 dates"):
        ask(runs[3], person)


def test_whoever_gets_a_place_leaves_the_queues_of_other_dates():
    first, second = dates(1, 1)
    holder, _ = ask(first), ask(second)
    person = employed()
    here, there = ask(first, person), ask(second, person)
    leave(holder)
    assert state(here) == State.BOOKED
    assert places.leave_other_queues(NOW) == 1
    assert state(there) == State.LEFT_QUEUE


def test_nobody_is_given_a_second_date_and_the_place_goes_to_the_one_behind_them():
    first, second = dates(1, 1)
    holders = ask(first), ask(second)
    person = employed()
    here, there = ask(first, person), ask(second, person)
    behind = ask(second)
    for holder in holders:
        leave(holder)
    assert (state(here), state(there), state(behind)) == (State.BOOKED, State.LEFT_QUEUE, State.BOOKED)
    assert registry.broken_invariants() == []


# --- Eligibility ---------------------------------------------------------------------------------------------------


def why_not(run: Run, person: Person, at=NOW) -> str:
    with pytest.raises(NotEligible) as refusal:
        ask(run, person, at=at)
    return " ".join(refusal.value.reasons)


def test_two_places_at_the_same_time_are_refused_with_the_name_of_the_other():
    person = employed()
    ask(planned_run(title="Thresholds"), person)
    assert "‘Thresholds’ at the same time" in why_not(planned_run(), person)


def test_two_runs_whose_sessions_alternate_do_not_clash():
    person = employed()
    ask(planned_run(sessions=2), person)
    assert ask(planned_run(starts_at=NOW + timedelta(days=33)), person).state == State.BOOKED


def test_what_must_be_completed_first_is_named():
    run = planned_run()
    run.course.requires.add(CourseFactory(title="Neglect: the basics"))
    assert why_not(run, employed()) == "Complete ‘Neglect: the basics’ first: this course builds on it."


def test_a_course_for_other_agencies_can_be_neither_found_nor_booked():
    school, nursery = AgencyFactory(kind=AgencyKind.SCHOOL), AgencyFactory(kind=AgencyKind.EARLY_YEARS)
    run = planned_run(open_to="chosen", open_to_kinds=["school"])
    teacher, nurse = employed(agency=school), employed(agency=nursery)
    assert "not open to people of your agency" in why_not(run, nurse)
    assert ask(run, teacher).state == State.BOOKED
    assert [Course.objects.visible_to(who, NOW.date()).count() for who in (teacher, nurse)] == [1, 0]


@pytest.mark.parametrize("open_to", ["owner", "chosen"])
def test_a_course_is_open_to_the_agency_that_offers_it(open_to):
    agency = AgencyFactory()
    run = planned_run(owner=agency, open_to=open_to)
    assert ask(run, employed(agency=agency)).state == State.BOOKED
    assert "not open" in why_not(run, employed())


def test_a_course_is_open_to_agencies_that_were_chosen():
    agency = AgencyFactory()
    run = planned_run(open_to="chosen")
    run.course.open_to_agencies.add(agency)
    assert ask(run, employed(agency=agency)).state == State.BOOKED


def test_a_course_for_some_job_roles_is_not_for_others():
    nurse, teacher = JobRoleFactory(name="Nurse"), JobRoleFactory(name="Teacher")
    run = planned_run()
    run.course.job_roles.add(nurse)
    assert ask(run, employed(job_role=nurse)).state == State.BOOKED
    assert "other job roles" in why_not(run, employed(job_role=teacher))


def test_booking_opens_and_closes():
    run = planned_run()
    run.books_from, run.books_until = NOW + DAY, NOW + 2 * DAY
    run.save()
    assert why_not(run, employed()) == "Booking opens on 24 November 2026 at 10am."
    assert why_not(run, employed(), at=NOW + 2 * DAY) == "Booking closed on 25 November 2026 at 10am."


def test_booking_that_opens_and_closes_by_whole_days_is_said_without_an_hour():
    run = planned_run()
    run.books_from, run.books_until = start_of_day(TODAY + DAY), end_of_day(TODAY + 2 * DAY)
    run.save()
    assert why_not(run, employed()) == "Booking opens on 24 November 2026."
    assert why_not(run, employed(), at=NOW + 3 * DAY) == "Booking closed on 25 November 2026."
    assert ask(run, at=NOW + DAY).state == State.BOOKED


# --- A colleague instead -------------------------------------------------------------------------------------------


def colleagues(count: int = 2) -> list[Person]:
    agency = AgencyFactory()
    return [employed(agency=agency) for _ in range(count)]


def test_a_place_is_handed_to_a_colleague_who_passes_nobody_in_the_queue():
    run = planned_run(capacity=1)
    giver, taker = colleagues()
    mine, waiting = ask(run, giver), ask(run)
    new = hand_over(booking=mine, to=taker, by=giver, at=NOW)
    assert (state(mine), new.state, new.handed_from, state(waiting)) == (
        State.HANDED_ON,
        State.BOOKED,
        mine,
        State.QUEUED,
    )
    assert (told(giver)[-1], told(taker)) == ("place_handed_on", ["place_handed_to_you"])


def test_the_rules_are_checked_again_for_the_colleague():
    run = planned_run()
    giver, taker = colleagues()
    run.trainers.add(taker)
    mine = ask(run, giver)
    with pytest.raises(NotEligible, match=f"{taker.name} teaches this run"):
        hand_over(booking=mine, to=taker, by=giver, at=NOW)
    assert state(mine) == State.BOOKED


def test_a_colleague_who_waited_leaves_the_queue_for_the_place():
    run = planned_run(capacity=1)
    giver, taker = colleagues()
    mine, waiting = ask(run, giver), ask(run, taker)
    hand_over(booking=mine, to=taker, by=giver, at=NOW)
    assert state(waiting) == State.LEFT_QUEUE
    assert run.bookings.live().get().person == taker


def test_a_colleague_with_a_place_does_not_get_another():
    run = planned_run()
    giver, taker = colleagues()
    mine, _ = ask(run, giver), ask(run, taker)
    with pytest.raises(NotEligible, match="has a place on this run already"):
        hand_over(booking=mine, to=taker, by=giver, at=NOW)


def test_a_place_is_handed_on_until_the_start_and_by_a_trainer_at_the_door():
    run = planned_run()
    giver, taker = colleagues()
    mine = ask(run, giver)
    with pytest.raises(TooLate):
        hand_over(booking=mine, to=taker, by=giver, at=run.starts_at)
    assert hand_over(booking=mine, to=taker, by=employed(), at=run.starts_at, at_door=True).state == State.BOOKED


# --- Coming unbooked -----------------------------------------------------------------------------------------------


def test_who_comes_unbooked_takes_no_place_from_those_booked():
    run = planned_run(capacity=1)
    ask(run)
    guest = walk_in(run=run, person=employed(), by=employed(), at=run.starts_at)
    assert (guest.state, guest.walk_in, run.bookings.holding().count()) == (State.BOOKED, True, 1)
    assert registry.broken_invariants() == []


def test_who_waits_and_comes_all_the_same_has_come_unbooked():
    run = planned_run(capacity=1)
    ask(run)
    waiting = ask(run)
    assert walk_in(run=run, person=waiting.person, by=employed(), at=run.starts_at) == waiting
    waiting.refresh_from_db()
    assert (waiting.state, waiting.walk_in, waiting.queue_position) == (State.BOOKED, True, None)


def test_nobody_comes_unbooked_before_the_day():
    run = planned_run()
    with pytest.raises(NotEligible, match="an hour before the start"):
        walk_in(run=run, person=employed(), by=employed(), at=run.starts_at - DAY)


def test_who_has_a_place_does_not_come_unbooked():
    run = planned_run()
    mine = ask(run)
    assert walk_in(run=run, person=mine.person, by=employed(), at=run.starts_at) == mine


def test_somebody_without_a_job_in_our_records_may_come_all_the_same():
    run = planned_run()
    assert walk_in(run=run, person=PersonFactory(), by=employed(), at=run.starts_at).agency is None
