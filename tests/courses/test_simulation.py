"""Any order of what people and time can do to a run: places, queue, offers, kept places, swaps, colleagues.

After every step: never more holders than places, nobody waits beside a place that should be theirs, the order in which
people asked is kept, and nobody holds two places on one run.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from academy.lib import clock, registry
from courses.actions import bookings, interests, offers
from courses.actions.bookings import NotEligible, TooLate
from courses.actions.offers import OfferGone
from courses.due import places_handed_on, queues_ended
from courses.models import Booking, KeptPlaces
from courses.models.states import WrongState
from partners.models import AgencyKind
from tests.factories import NOW, AgencyFactory, CourseFactory, employed, planned_run

State = Booking.State
REFUSED = (NotEligible, TooLate, WrongState, OfferGone, bookings.CapacityTooLow)
PEOPLE = st.integers(0, 7)
DATES = st.integers(0, 1)


class Academy(RuleBasedStateMachine):
    """Two dates of a course, eight people of two agencies, and time, which only moves on."""

    @initialize(capacity=st.integers(1, 3), kept=st.integers(0, 2), days=st.integers(3, 20))
    def begin(self, capacity: int, kept: int, days: int) -> None:
        self.at = NOW
        agencies = [AgencyFactory(kind=AgencyKind.SCHOOL), AgencyFactory(kind=AgencyKind.HEALTH)]
        self.people = [employed(agency=agencies[number % 2]) for number in range(8)]
        self.course = CourseFactory()
        self.runs = [
            planned_run(course=self.course, capacity=capacity, starts_at=NOW + timedelta(days=days + 3 * number))
            for number in range(2)
        ]
        if kept:
            until = NOW + timedelta(days=days / 2)
            KeptPlaces.objects.create(run=self.runs[0], agency_kind="school", places=min(kept, capacity), until=until)

    def attempt(self, what, **arguments) -> None:
        """Do it as a page does: in one transaction, where a refusal changes nothing."""
        try:
            with transaction.atomic():
                what(at=self.at, **arguments)
        except REFUSED:
            pass

    def booking(self, person: int, date: int) -> Booking | None:
        return Booking.objects.live().filter(person=self.people[person], run=self.runs[date]).first()

    @rule(person=PEOPLE, date=DATES)
    def ask(self, person: int, date: int) -> None:
        someone = self.people[person]
        self.attempt(bookings.book, run=self.runs[date], person=someone, by=someone)

    @rule(person=PEOPLE, date=DATES)
    def give_up(self, person: int, date: int) -> None:
        if held := self.booking(person, date):
            self.attempt(bookings.give_up, booking=held, by=held.person)

    @rule(person=PEOPLE, date=DATES, takes=st.booleans())
    def answer(self, person: int, date: int, takes: bool) -> None:
        if held := self.booking(person, date):
            self.attempt(offers.take_offer if takes else offers.decline_offer, booking=held, by=held.person)

    @rule(person=PEOPLE, date=DATES)
    def swap(self, person: int, date: int) -> None:
        if held := self.booking(person, date):
            self.attempt(bookings.swap, booking=held, run=self.runs[1 - date], by=held.person)

    @rule(person=PEOPLE, to=PEOPLE, date=DATES)
    def hand_over(self, person: int, to: int, date: int) -> None:
        if (held := self.booking(person, date)) and person != to:
            self.attempt(bookings.hand_over, booking=held, to=self.people[to], by=held.person)

    @rule(date=DATES, capacity=st.integers(1, 4))
    def change_capacity(self, date: int, capacity: int) -> None:
        self.attempt(bookings.change_capacity, run=self.runs[date], capacity=capacity, by=self.people[0])

    @rule(person=PEOPLE)
    def wait_for_the_course(self, person: int) -> None:
        wish = {"wants_place": True, "days": [], "areas": []}
        interests.ask(course=self.course, person=self.people[person], at=self.at, **wish)

    @rule(hours=st.sampled_from([1, 7, 25, 49]))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        places_handed_on(self.at)
        queues_ended(self.at)

    @invariant()
    def nothing_is_broken(self) -> None:
        with clock.standing_at(self.at):
            assert registry.broken_invariants() == []
        for run in self.runs:
            capacity = type(run).objects.get(pk=run.pk).capacity
            assert run.bookings.holding().count() <= capacity

    @invariant()
    def whoever_waits_has_asked_before_those_behind(self) -> None:
        for run in self.runs:
            asked = list(run.bookings.waiting_in_queue().values_list("asked_at", "pk"))
            assert asked == sorted(asked)


@pytest.mark.django_db
def test_no_order_of_events_breaks_a_promise(django_db_blocker):
    class Rolled(Academy):
        """Each example in a transaction of its own, taken back at its end."""

        def __init__(self) -> None:
            super().__init__()
            self._savepoint = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self._savepoint)

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Rolled, settings=settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )
