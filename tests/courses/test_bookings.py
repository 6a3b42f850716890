"""Booking a place, queueing for one, giving it up."""

from datetime import date, timedelta

import pytest

from academy.lib import registry
from courses.actions.bookings import CapacityTooLow, NotEligible, TooLate, book, change_capacity, give_up
from courses.models import Booking, Run
from courses.models.states import WrongState
from partners import outbox
from partners.models import AuditEvent, OutboxMessage, Person
from tests.factories import NOW, AgencyFactory, PersonFactory, booked, employ, employed, planned_run

pytestmark = pytest.mark.django_db
State = Booking.State


def ask(run: Run, person: Person | None = None) -> Booking:
    """Somebody books for themselves, as the page does."""
    person = person or employed()
    return book(run=run, person=person, by=person, at=NOW)


def leave(booking: Booking) -> Booking:
    return give_up(booking=booking, by=booking.person, at=NOW)


def queue_of(run: Run) -> list[Person]:
    return [booking.person for booking in run.bookings.waiting_in_queue().select_related("person")]


def told(person: Person) -> list[str]:
    """The kinds of message waiting for someone, oldest first."""
    return list(OutboxMessage.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


# --- Getting a place ---------------------------------------------------------------------------------------------


def test_a_free_place_is_given_at_once_and_the_person_is_told():
    run = planned_run(capacity=1)
    booking = ask(run)
    assert (booking.state, booking.booked_at, booking.queue_position) == (State.BOOKED, NOW, None)
    assert told(booking.person) == ["courses.place_booked"]


def test_when_the_places_are_taken_people_queue_in_the_order_they_asked():
    run = planned_run(capacity=1)
    ask(run)
    asked = [ask(run).person for _ in range(3)]
    assert queue_of(run) == asked
    assert [booking.place_in_queue() for booking in run.bookings.waiting_in_queue()] == [1, 2, 3]
    assert told(asked[0]) == ["courses.place_in_queue"]


def test_nobody_overtakes_a_queue_even_while_a_place_is_free():
    run = planned_run(capacity=1)
    holder, waiting = ask(run), ask(run)
    Booking.objects.filter(pk=holder.pk).update(state=State.GIVEN_UP)  # freed behind the software's back
    assert ask(run).state == State.QUEUED
    assert queue_of(run)[0] == waiting.person


def test_asking_again_gives_the_booking_one_has():
    run, person = planned_run(), employed()
    assert ask(run, person) == ask(run, person)
    assert (run.bookings.count(), told(person)) == (1, ["courses.place_booked"])


def test_asking_again_while_waiting_keeps_ones_place_in_the_queue():
    run, person = planned_run(capacity=1), employed()
    ask(run)
    first = ask(run, person)
    ask(run)
    assert ask(run, person) == first
    assert first.place_in_queue() == 1


def test_one_who_gave_up_can_book_again_at_the_end_of_the_queue():
    run, person = planned_run(capacity=1), employed()
    first = ask(run, person)
    others = [ask(run).person for _ in range(2)]
    leave(first)
    again = ask(run, person)
    assert again != first
    assert queue_of(run) == [others[1], person]


def test_the_agency_one_works_for_that_day_stays_on_the_booking():
    old, new = AgencyFactory(name="Old Trust"), AgencyFactory(name="New Trust")
    person = employed(agency=old, end_date=date(2026, 11, 30))
    employ(person, agency=new, start=date(2026, 12, 1))
    assert ask(planned_run(), person).agency == old
    elsewhere = planned_run(starts_at=NOW + timedelta(days=40))
    later = book(run=elsewhere, person=person, by=person, at=NOW + timedelta(days=10))
    assert later.agency == new


def test_a_booking_is_written_down_with_who_did_it():
    booking = ask(planned_run())
    event = AuditEvent.objects.get(kind="booking.booked")
    assert (event.by, event.person, event.object_id) == (booking.person, booking.person, booking.pk)


# --- Who may book ------------------------------------------------------------------------------------------------


def why_refused(run: Run, person: Person, at=NOW) -> list[str]:
    with pytest.raises(NotEligible) as refusal:
        book(run=run, person=person, by=person, at=at)
    assert not run.bookings.exists()
    assert not OutboxMessage.objects.exists()
    return refusal.value.reasons


def test_a_run_that_has_started_cannot_be_booked():
    assert why_refused(planned_run(starts_at=NOW), employed()) == ["This run has already started."]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Run.State.CANCELLED, "This run was cancelled."),
        (Run.State.DRAFT, "This run is not open for booking."),
        (Run.State.COMPLETED, "This run is not open for booking."),
    ],
)
def test_a_run_that_is_not_open_says_why(state, reason):
    run = planned_run()
    Run.objects.filter(pk=run.pk).update(state=state)
    assert why_refused(run, employed()) == [reason]


def test_someone_without_a_job_is_told_whom_to_ask():
    assert why_refused(planned_run(), PersonFactory()) == [
        "We have no current job for you in our records. Ask your agency’s coordinator to add it, then book."
    ]


def test_someone_whose_last_day_has_come_has_no_current_job():
    (reason,) = why_refused(planned_run(), employed(end_date=date(2026, 11, 23)))
    assert "no current job" in reason


def test_a_trainer_does_not_book_the_own_run():
    trainer = employed()
    assert why_refused(planned_run(trainers=[trainer]), trainer) == ["You teach this run."]


def test_a_trainer_books_what_another_teaches():
    trainer, other = employed(), employed()
    planned_run(trainers=[trainer])
    assert ask(planned_run(trainers=[other]), trainer).state == State.BOOKED


def test_every_reason_is_given_at_once():
    trainer = PersonFactory()
    run = planned_run(starts_at=NOW - timedelta(days=1), trainers=[trainer])
    assert len(why_refused(run, trainer)) == 3


# --- Giving up ---------------------------------------------------------------------------------------------------


def test_a_place_given_up_goes_to_the_first_in_the_queue(mailoutbox):
    run = planned_run(capacity=1, title="Neglect: noticing and acting")
    holder, first, second = ask(run), ask(run), ask(run)
    assert leave(holder).state == State.GIVEN_UP
    first.refresh_from_db()
    assert (first.state, first.queue_position, first.booked_at) == (State.BOOKED, None, NOW)
    assert queue_of(run) == [second.person]
    outbox.send_due(NOW)
    (mail,) = [mail for mail in mailoutbox if mail.to == [first.person.email]]
    assert mail.subject == "You now have a place: Neglect: noticing and acting"
    assert "A place came up and it is yours." in mail.body
    assert f"/bookings/{first.reference}/" in mail.body
    assert "Wednesday 23 December 2026, 10am to 4pm" in mail.body


def test_one_who_gives_up_is_told_so(mailoutbox):
    booking = ask(planned_run(title="Thresholds"))
    outbox.send_due(NOW)
    leave(booking)
    outbox.send_due(NOW)
    assert [mail.subject for mail in mailoutbox] == ["Booked: Thresholds", "Place given up: Thresholds"]


def test_one_who_leaves_the_queue_is_told_that_and_not_of_a_place(mailoutbox):
    run = planned_run(capacity=1, title="Thresholds")
    ask(run)
    waiting = ask(run)
    leave(waiting)
    outbox.send_due(NOW)
    (mail,) = [mail for mail in mailoutbox if mail.to == [waiting.person.email]]
    assert mail.subject == "You left the queue: Thresholds"
    assert "You are no longer in the queue" in mail.body


def test_leaving_the_queue_closes_the_gap_and_frees_no_place():
    run = planned_run(capacity=1)
    ask(run)
    first, second, third = ask(run), ask(run), ask(run)
    assert leave(second).state == State.LEFT_QUEUE
    assert (first.place_in_queue(), third.place_in_queue()) == (1, 2)
    assert queue_of(run) == [first.person, third.person]
    assert run.bookings.booked().count() == 1


def test_a_place_cannot_be_given_up_once_the_run_has_started():
    booking = booked(planned_run(starts_at=NOW))
    with pytest.raises(TooLate, match="already started"):
        leave(booking)
    booking.refresh_from_db()
    assert booking.state == State.BOOKED


def test_giving_up_twice_hands_on_one_place():
    run = planned_run(capacity=1)
    holder = ask(run)
    ask(run), ask(run)
    leave(holder)
    with pytest.raises(WrongState):
        leave(holder)
    assert (run.bookings.booked().count(), len(queue_of(run))) == (1, 1)


def test_a_booking_moves_only_as_the_table_says():
    booking = ask(planned_run())
    with pytest.raises(WrongState):
        booking.move_to(State.LEFT_QUEUE)


def test_the_second_of_two_who_change_a_booking_is_told():
    booking = ask(planned_run())
    seen_before = Booking.objects.get(pk=booking.pk)
    leave(booking)
    with pytest.raises(WrongState, match="Someone else changed"):
        seen_before.move_to(State.GIVEN_UP)


# --- Capacity ----------------------------------------------------------------------------------------------------


def test_new_places_go_to_those_who_wait_in_order():
    run = planned_run(capacity=1)
    ask(run)
    first, second, third = ask(run), ask(run), ask(run)
    change_capacity(run=run, capacity=3, by=employed(), at=NOW)
    assert set(run.bookings.booked().values_list("pk", flat=True)) >= {first.pk, second.pk}
    assert queue_of(run) == [third.person]
    assert told(second.person) == ["courses.place_in_queue", "courses.place_came_up"]


def test_capacity_is_not_lowered_below_the_places_held():
    run = planned_run(capacity=3)
    ask(run), ask(run)
    with pytest.raises(CapacityTooLow, match="2 people hold a place"):
        change_capacity(run=run, capacity=1, by=employed(), at=NOW)
    run.refresh_from_db()
    assert run.capacity == 3
    assert change_capacity(run=run, capacity=2, by=employed(), at=NOW).capacity == 2


@pytest.mark.parametrize("state", [Run.State.CANCELLED, Run.State.COMPLETED])
def test_a_queue_does_not_move_on_a_run_that_is_not_open(state):
    run = planned_run(capacity=1)
    ask(run)
    waiting = ask(run)
    Run.objects.filter(pk=run.pk).update(state=state)
    change_capacity(run=run, capacity=5, by=employed(), at=NOW)
    waiting.refresh_from_db()
    assert waiting.state == State.QUEUED


def test_a_queue_does_not_move_once_the_run_has_started():
    run = planned_run(capacity=1, starts_at=NOW + timedelta(hours=1))
    ask(run)
    waiting = ask(run)
    change_capacity(run=run, capacity=5, by=employed(), at=NOW + timedelta(hours=1))
    waiting.refresh_from_db()
    assert waiting.state == State.QUEUED


# --- What must always be true ------------------------------------------------------------------------------------


def test_an_overbooked_run_is_found():
    run = planned_run(capacity=1)
    booked(run), booked(run)
    assert registry.broken_invariants() == [f"Run {run.pk} has 2 people booked on 1 places."]


def test_people_who_wait_beside_a_free_place_are_found():
    run = planned_run(capacity=1)
    holder = ask(run)
    ask(run)
    Booking.objects.filter(pk=holder.pk).update(state=State.GIVEN_UP)
    assert registry.broken_invariants() == [f"Run {run.pk} has 1 people waiting beside 1 free places."]


def test_someone_who_waits_behind_a_later_asker_is_found():
    run = planned_run(capacity=1)
    ask(run), ask(run)
    behind = ask(run)
    Booking.objects.filter(pk=behind.pk).update(asked_at=NOW - timedelta(hours=1))
    (problem,) = registry.broken_invariants()
    assert behind.reference in problem
