"""What becomes of a place that comes up: given well before the run, offered near it, nothing just before it."""

from datetime import timedelta

import pytest

from academy.lib import clock, registry
from courses.actions import approvals, interests, offers, places
from courses.actions.bookings import change_capacity, give_up
from courses.actions.offers import OfferGone
from courses.models import Booking, Interest, Run
from tests.courses.steps import ask, decline, leave, state, take, told, waits_for
from tests.factories import NOW, CourseFactory, employed, planned_run

pytestmark = pytest.mark.django_db
State = Booking.State
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def full_run(waiting: int = 2, **facts):
    """A run of one place that is taken, and who waits for it."""
    run = planned_run(capacity=1, **facts)
    holder = ask(run)
    return run, holder, [ask(run) for _ in range(waiting)]


def test_well_before_the_run_the_place_is_the_next_ones():
    run, holder, (first, _) = full_run()
    leave(holder, at=run.starts_at - 8 * DAY)
    assert state(first) == State.BOOKED


def test_near_the_run_the_place_is_offered_for_a_day_and_held_meanwhile():
    run, holder, (first, second) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    first.refresh_from_db()
    assert (first.state, first.offer_until) == (State.OFFERED, at + DAY)
    assert told(first.person) == ["place_in_queue", "place_offered"]
    assert ask(run, at=at).state == State.QUEUED  # nobody else gets what is held
    assert state(second) == State.QUEUED


def test_an_offer_is_taken_in_time_and_they_are_told():
    run, holder, (first, _) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    assert take(first, at=at + 23 * HOUR).state == State.BOOKED
    assert told(first.person)[-1] == "place_booked"


def test_a_declined_place_goes_to_the_next():
    run, holder, (first, second) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    decline(first, at=at)
    assert (state(first), state(second)) == (State.DECLINED, State.OFFERED)


def test_an_offer_that_runs_out_goes_to_the_next_and_both_are_told():
    run, holder, (first, second) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    assert offers.lapse_offers(at + DAY - HOUR) == 0
    assert offers.lapse_offers(at + DAY) == 1
    assert (state(first), state(second)) == (State.LAPSED, State.OFFERED)
    assert told(first.person)[-1] == "offer_ran_out"
    assert told(second.person)[-1] == "place_offered"
    assert offers.lapse_offers(at + DAY) == 0


def test_an_offer_can_be_taken_only_while_it_lasts():
    run, holder, (first, _) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    with pytest.raises(OfferGone, match="run out"):
        take(first, at=at + DAY)
    offers.lapse_offers(at + DAY)
    with pytest.raises(OfferGone, match="offer ran out"):
        take(first, at=at + DAY)


def test_no_offer_lasts_into_the_last_day_before_the_run():
    run, holder, (first, _) = full_run()
    leave(holder, at=run.starts_at - 30 * HOUR)
    first.refresh_from_db()
    assert first.offer_until == run.starts_at - DAY


@pytest.mark.parametrize("hours", [26, 23, 1])
def test_inside_the_cut_off_nothing_happens_by_itself(hours):
    run, holder, (first, _) = full_run()
    at = run.starts_at - hours * HOUR
    leave(holder, at=at)
    assert state(first) == State.QUEUED
    with clock.standing_at(at):
        assert registry.broken_invariants() == []


def test_inside_the_cut_off_whoever_asks_first_has_the_place():
    run, holder, (first, second) = full_run()
    at = run.starts_at - 2 * HOUR
    leave(holder, at=at)
    assert ask(run, second.person, at=at).state == State.BOOKED
    assert ask(run, first.person, at=at).state == State.QUEUED


def test_a_newcomer_does_not_overtake_the_queue_while_places_are_handed_on():
    run, holder, _ = full_run()
    Booking.objects.filter(pk=holder.pk).update(state=State.GIVEN_UP)  # freed behind the software's back
    assert ask(run, at=run.starts_at - 3 * DAY).state == State.QUEUED


def test_more_places_are_offered_near_the_run_to_as_many_as_wait():
    run, _, waiting = full_run(waiting=3)
    change_capacity(run=run, capacity=3, by=employed(), at=run.starts_at - 4 * DAY)
    assert [state(booking) for booking in waiting] == [State.OFFERED, State.OFFERED, State.QUEUED]


def test_giving_up_an_offer_is_declining_it():
    run, holder, (first, second) = full_run()
    at = run.starts_at - 5 * DAY
    leave(holder, at=at)
    first.refresh_from_db()
    assert give_up(booking=first, by=first.person, at=at).state == State.DECLINED
    assert state(second) == State.OFFERED


# --- The queue of a course -----------------------------------------------------------------------------------------


def test_who_waits_for_a_course_is_held_a_place_on_the_next_date_in_the_order_in_which_they_asked():
    course = CourseFactory()
    first, second, third = (waits_for(course, at=NOW + n * HOUR) for n in range(3))
    run = planned_run(course=course, capacity=2)
    places.fill_places(places.lock(run), by=None, at=NOW)
    held = run.bookings.filter(state=State.OFFERED).order_by("pk")
    assert [booking.person for booking in held] == [first.person, second.person]
    third.refresh_from_db()
    assert third.state == Interest.State.WAITING


def test_a_place_on_a_date_that_is_near_is_held_until_a_day_before_it():
    course = CourseFactory()
    waits_for(course)
    run = planned_run(course=course, starts_at=NOW + 2 * DAY)
    (offered,) = places.fill_places(places.lock(run), by=None, at=NOW)
    assert offered.offer_until == run.starts_at - DAY


def test_a_place_is_held_only_on_days_and_in_places_that_suit():
    course = CourseFactory()
    run = planned_run(course=course)  # a Wednesday
    monday = waits_for(course, days=[1])
    midweek = waits_for(course, days=[3])
    places.fill_places(places.lock(run), by=None, at=NOW)
    assert [booking.person for booking in run.bookings.all()] == [midweek.person]
    monday.refresh_from_db()
    assert monday.state == Interest.State.WAITING


def test_who_declines_a_date_goes_on_waiting_where_they_stood_and_is_not_asked_again_about_it():
    course = CourseFactory()
    wish = waits_for(course)
    run = planned_run(course=course)
    (offered,) = places.fill_places(places.lock(run), by=None, at=NOW)
    decline(offered)
    wish.refresh_from_db()
    assert (wish.state, wish.asked_at) == (Interest.State.WAITING, NOW)
    assert run.bookings.count() == 1


def test_who_lets_a_date_pass_without_a_word_no_longer_waits():
    course = CourseFactory()
    wish = waits_for(course)
    run = planned_run(course=course)
    (offered,) = places.fill_places(places.lock(run), by=None, at=NOW)
    offers.lapse_offers(offered.offer_until)
    wish.refresh_from_db()
    assert wish.state == Interest.State.ENDED


def test_a_date_whose_booking_opens_later_is_looked_at_as_it_opens():
    course = CourseFactory()
    wish = waits_for(course)
    run = planned_run(course=course)
    Run.objects.update(books_from=NOW + 2 * DAY)
    interests.tell(run, NOW)
    assert not run.bookings.exists()
    assert places.serve_opened(NOW + 2 * DAY - HOUR) == 0
    registry.run_due(NOW + 2 * DAY + HOUR)
    assert run.bookings.get().person == wish.person
    assert places.serve_opened(NOW + 2 * DAY + 2 * HOUR) == 0


def test_who_joins_while_a_date_that_suits_has_a_place_is_held_one_on_the_first_of_those():
    course = CourseFactory()
    later, full, sooner = (planned_run(course=course, starts_at=NOW + n * DAY, capacity=1) for n in (40, 20, 30))
    ask(full)
    wish = waits_for(course)
    assert wish.state == Interest.State.MET
    assert [run.bookings.filter(person=wish.person).count() for run in (full, sooner, later)] == [0, 1, 0]


def test_who_has_a_place_held_through_the_course_needs_the_approval_that_everyone_needs():
    course = CourseFactory(needs_approval=True)
    manager = employed()
    person = employed(manager=manager, agency=manager.employments.get().agency)
    waits_for(course, person)
    run = planned_run(course=course)
    (offered,) = places.fill_places(places.lock(run), by=None, at=NOW)
    assert not offered.approvals.exists()
    taken = take(offered)
    assert [approval.state for approval in taken.approvals.all()] == ["waiting"]
    assert "approval_wanted" in told(manager)


def test_what_was_approved_while_one_waited_is_not_asked_again():
    manager = employed()
    agency = manager.employments.get().agency
    run = planned_run(capacity=1, needs_approval=True)
    holder, waits = (
        ask(run, employed(agency=agency, manager=manager)),
        ask(run, employed(agency=agency, manager=manager)),
    )
    approvals.decide(approval=waits.approvals.get(), give=True, by=manager, at=NOW)
    leave(holder, at=run.starts_at - 5 * DAY)
    assert [item.state for item in take(waits, at=run.starts_at - 5 * DAY).approvals.all()] == ["given"]


def test_nobody_is_asked_to_approve_a_place_whose_offer_has_run_out():
    manager = employed()
    agency = manager.employments.get().agency
    run = planned_run(capacity=1, needs_approval=True)
    holder, waits = (ask(run, employed(agency=agency, manager=manager)) for _ in range(2))
    leave(holder, at=run.starts_at - 5 * DAY)
    offers.lapse_offers(run.starts_at - 4 * DAY)
    assert (state(waits), waits.approvals.get().state) == (State.LAPSED, "dropped")


# --- Two at the same time ------------------------------------------------------------------------------------------


def test_a_place_that_comes_up_beside_other_training_is_offered_and_not_given():
    _, holder, (first, second) = full_run()
    other = ask(planned_run(title="Thresholds"), first.person)
    leave(holder)
    first.refresh_from_db()
    assert (first.state, first.offer_until, state(second)) == (State.OFFERED, NOW + DAY, State.QUEUED)
    with pytest.raises(offers.Clash, match="‘Thresholds’ at the same time"):
        take(first)
    assert state(first) == State.OFFERED
    leave(other)
    assert take(first).state == State.BOOKED


def test_training_at_another_time_keeps_nobody_from_the_place():
    run, holder, (first, _) = full_run()
    ask(planned_run(starts_at=run.starts_at + DAY), first.person)
    leave(holder)
    assert state(first) == State.BOOKED


def test_the_runs_own_queue_comes_before_the_courses():
    course = CourseFactory()
    run = planned_run(course=course, capacity=1)
    holder, queued = ask(run), ask(run)
    wish = waits_for(course)
    leave(holder)
    assert state(queued) == State.BOOKED
    assert not run.bookings.filter(person=wish.person).exists()


def test_who_may_not_book_a_date_is_not_held_a_place_on_it():
    course, first = CourseFactory(), CourseFactory(title="Neglect: the basics")
    course.requires.add(first)
    waits_for(course)
    run = planned_run(course=course)
    assert places.fill_places(places.lock(run), by=None, at=NOW) == []
