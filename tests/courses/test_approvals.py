"""Approval is separate from having a place."""

from datetime import date, timedelta

import pytest

from courses.actions import approvals, bookings
from courses.actions.bookings import book
from courses.models import Approval, Booking, Run
from courses.models.states import WrongState
from partners import outbox
from partners.models import Deputy, Person
from tests.courses.steps import ask, leave, state, told
from tests.factories import NOW, TODAY, AgencyFactory, employed, granted, holding, planned_run

pytestmark = pytest.mark.django_db
State, Booked = Approval.State, Booking.State
DAY = timedelta(days=1)


@pytest.fixture
def manager() -> Person:
    return employed(agency=AgencyFactory(name="Alderbrook Council"))


def worker(manager: Person) -> Person:
    return employed(agency=manager.employment(TODAY).agency, manager=manager)


def decide(approval: Approval, by: Person, *, give: bool = True, reason: str = "", at=NOW) -> Approval:
    return approvals.decide(approval=approval, give=give, by=by, at=at, reason=reason)


def approval_run(**facts) -> Run:
    return planned_run(needs_approval=True, **facts)


def test_a_place_is_held_while_the_manager_is_asked(manager):
    person = worker(manager)
    booking = ask(approval_run(), person)
    (approval,) = booking.approvals.all()
    assert (booking.state, approval.state, approval.step) == (Booked.BOOKED, State.WAITING, "manager")
    assert (told(manager), told(person)) == (["approval_wanted"], ["place_booked"])


def test_most_courses_ask_nobody(manager):
    assert not ask(planned_run(), worker(manager)).approvals.exists()


def test_an_approved_booking_stands_and_the_person_is_told(manager):
    person = worker(manager)
    booking = ask(approval_run(), person)
    assert decide(booking.approvals.get(), manager).state == State.GIVEN
    assert state(booking) == Booked.BOOKED
    assert told(person)[-1] == "booking_approved"


def test_a_refused_booking_ends_with_the_reason_and_its_place_goes_to_the_next(manager, mailoutbox):
    run = approval_run(capacity=1, title="Thresholds")
    person = worker(manager)
    booking, waiting = ask(run, person), ask(run, worker(manager))
    decide(booking.approvals.get(), manager, give=False, reason="We need you that week.")
    assert (state(booking), state(waiting)) == (Booked.REFUSED, Booked.BOOKED)
    outbox.send_due(NOW)
    (mail,) = [mail for mail in mailoutbox if mail.to == [person.email] and "Not approved" in mail.subject]
    assert "We need you that week." in mail.body


def test_somebody_in_the_queue_is_approved_before_a_place_comes_up(manager):
    run = approval_run(capacity=1)
    holder, waiting = ask(run, worker(manager)), ask(run, worker(manager))
    decide(waiting.approvals.get(), manager)
    assert state(waiting) == Booked.QUEUED
    leave(holder)
    assert state(waiting) == Booked.BOOKED
    assert holder.approvals.get().state == State.DROPPED


def test_what_a_manager_books_for_their_people_needs_no_further_word(manager):
    booking = book(run=approval_run(), person=worker(manager), by=manager, at=NOW)
    assert booking.approvals.get().state == State.GIVEN
    assert told(manager) == []


def test_a_deputy_is_asked_and_decides_in_the_managers_place(manager):
    deputy, person = employed(), worker(manager)
    Deputy.objects.create(manager=manager, deputy=deputy, from_date=TODAY, until=TODAY, named_by=manager, named_at=NOW)
    booking = ask(approval_run(), person)
    assert told(deputy) == ["approval_wanted"]
    visible = Approval.objects.visible_to(deputy, TODAY)
    assert list(visible) == [booking.approvals.get()]
    assert not Approval.objects.visible_to(deputy, TODAY + DAY).exists()


def test_nobody_decides_about_themselves():
    lead = holding("lead")
    ask(approval_run(), lead)
    assert not Approval.objects.visible_to(lead, TODAY).exists()


def test_a_stranger_has_no_say(manager):
    ask(approval_run(), worker(manager))
    assert not Approval.objects.visible_to(employed(), TODAY).exists()
    assert not Approval.objects.visible_to(holding("coordinator", scoped=True), TODAY).exists()


def test_without_a_manager_the_agencys_coordinator_is_asked_and_without_one_a_lead():
    agency, lead = AgencyFactory(), holding("lead")
    ask(approval_run(), employed(agency=agency))
    assert told(lead) == ["approval_wanted"]
    coordinator = granted(employed(agency=agency), "coordinator", agency=agency)
    ask(approval_run(), employed(agency=agency))
    assert (told(coordinator), told(lead)) == (["approval_wanted"], ["approval_wanted"])


def test_where_a_fee_is_due_the_manager_agrees_first_and_the_coordinator_to_the_fee_after(manager):
    agency = manager.employment(TODAY).agency
    coordinator = granted(employed(agency=agency), "coordinator", agency=agency)
    person = worker(manager)
    booking = ask(planned_run(fee=120), person)
    assert told(coordinator) == []
    decide(booking.approvals.get(step="manager"), manager)
    assert told(coordinator) == ["approval_wanted"]
    assert told(person) == ["place_booked"]
    decide(booking.approvals.get(step="fee"), coordinator)
    assert told(person)[-1] == "booking_approved"


def test_a_manager_alone_does_not_agree_to_a_fee(manager):
    booking = ask(planned_run(fee=120), worker(manager))
    decide(booking.approvals.get(step="manager"), manager)
    assert not Approval.objects.visible_to(manager, TODAY).filter(step="fee").exists()


def test_the_second_of_two_who_decide_is_told(manager):
    booking = ask(approval_run(), worker(manager))
    approval = booking.approvals.get()
    decide(approval, manager)
    with pytest.raises(WrongState, match="decided before"):
        decide(approval, manager, give=False, reason="No.")
    assert state(booking) == Booked.BOOKED


@pytest.mark.parametrize(
    ("days_before", "due"),
    [
        (60, date(2026, 12, 7)),  # ten working days from a Monday
        (9, date(2026, 11, 30)),  # two working days before the run
        (1, date(2026, 11, 24)),  # at least a day, but not after the start
    ],
)
def test_there_is_a_day_by_which_to_decide(manager, days_before, due):
    run = approval_run(starts_at=NOW + days_before * DAY)
    approval = ask(run, worker(manager)).approvals.get()
    assert approval.due_at.date() == due


def test_a_manager_who_has_not_decided_is_reminded_once_after_three_working_days(manager):
    ask(approval_run(), worker(manager))
    assert [approvals.remind(NOW + days * DAY) for days in (2, 4, 5)] == [0, 1, 0]
    assert told(manager) == ["approval_wanted", "approval_still_wanted"]


def test_if_nobody_decides_in_time_the_place_goes_to_the_next_and_the_person_is_told_why(manager):
    run = approval_run(capacity=1)
    person = worker(manager)
    booking, waiting = ask(run, person), book(run=run, person=worker(manager), by=manager, at=NOW)
    due = booking.approvals.get().due_at
    assert approvals.lapse(due - timedelta(seconds=1)) == 0
    assert approvals.lapse(due) == 1
    assert (state(booking), state(waiting)) == (Booked.REFUSED, Booked.BOOKED)
    assert booking.approvals.get().reason == "Nobody decided in time."
    assert told(person)[-1] == "not_approved"
    assert approvals.lapse(due) == 0


def test_an_approval_goes_with_a_place_that_is_handed_on(manager):
    run, person, colleague = approval_run(), worker(manager), worker(manager)
    booking = ask(run, person)
    decide(booking.approvals.get(), manager)
    new = bookings.hand_over(booking=booking, to=colleague, by=person, at=NOW)
    assert new.approvals.get().state == State.GIVEN
    assert told(colleague) == ["place_handed_to_you"]


def test_what_was_not_decided_is_asked_of_the_colleagues_manager(manager):
    run, person = approval_run(), worker(manager)
    boss = employed(agency=manager.employment(TODAY).agency)
    booking = ask(run, person)
    new = bookings.hand_over(booking=booking, to=worker(boss), by=person, at=NOW)
    assert (booking.approvals.get().state, new.approvals.get().state) == (State.DROPPED, State.WAITING)
    assert told(boss) == ["approval_wanted"]
