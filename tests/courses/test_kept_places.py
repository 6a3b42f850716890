"""Places kept for an agency or a kind of agency until a moment."""

from datetime import datetime, timedelta

import pytest

from academy.lib import registry
from courses.actions import places
from courses.models import Booking, KeptPlaces, Run
from partners.models import Agency, AgencyKind, AuditEvent
from tests.courses.steps import ask, leave, state
from tests.factories import NOW, AgencyFactory, planned_run

pytestmark = pytest.mark.django_db
State = Booking.State
UNTIL = NOW + timedelta(days=10)


@pytest.fixture
def school() -> Agency:
    return AgencyFactory(name="Brook Lane Primary", kind=AgencyKind.SCHOOL)


def kept(run: Run, places: int, *, agency: Agency | None = None, kind: str = "", until: datetime = UNTIL) -> None:
    KeptPlaces.objects.create(run=run, agency=agency, agency_kind=kind, places=places, until=until)


def test_others_do_not_get_a_place_that_is_kept(school):
    run = planned_run(capacity=3)
    kept(run, 2, kind="school")
    assert [ask(run).state for _ in range(2)] == [State.BOOKED, State.QUEUED]
    assert [ask(run, agency=school).state for _ in range(3)] == [State.BOOKED, State.BOOKED, State.QUEUED]
    assert run.bookings.booked().count() == 3


def test_those_for_whom_places_are_kept_may_have_others_too(school):
    run = planned_run(capacity=3)
    kept(run, 1, kind="school")
    assert [ask(run, agency=school).state for _ in range(3)] == [State.BOOKED] * 3
    assert ask(run).state == State.QUEUED


def test_somebody_may_have_a_kept_place_although_others_wait(school):
    run = planned_run(capacity=2)
    kept(run, 1, agency=school)
    ask(run)
    waiting = ask(run)
    assert ask(run, agency=school).state == State.BOOKED
    assert state(waiting) == State.QUEUED


def test_an_agencys_people_take_its_own_kept_places_before_those_of_its_kind(school):
    run = planned_run(capacity=3)
    kept(run, 1, kind="school")
    kept(run, 1, agency=school)
    ask(run, agency=school)
    other = AgencyFactory(kind=AgencyKind.SCHOOL)
    assert [ask(run, agency=other).state for _ in range(3)] == [State.BOOKED, State.BOOKED, State.QUEUED]


def test_places_are_anybodys_from_the_moment_until_which_they_were_kept(school):
    run = planned_run(capacity=2)
    kept(run, 1, kind="school", until=UNTIL - timedelta(days=1))
    kept(run, 1, kind="health")
    assert ask(run, at=UNTIL - timedelta(hours=1)).state == State.BOOKED


def test_a_place_that_comes_up_goes_to_the_first_who_may_have_it(school):
    run = planned_run(capacity=2)
    kept(run, 1, kind="school")
    ask(run)
    teacher = ask(run, agency=school)
    other, colleague = ask(run), ask(run, agency=school)
    leave(teacher)
    assert (state(other), state(colleague)) == (State.QUEUED, State.BOOKED)


def test_when_their_time_is_over_kept_places_go_to_those_who_wait_in_order():
    run = planned_run(capacity=3)
    kept(run, 2, kind="school")
    ask(run)
    first, second, third = ask(run), ask(run), ask(run)
    assert places.release_kept_places(UNTIL - timedelta(minutes=1)) == 0
    assert places.release_kept_places(UNTIL) == 1
    assert [state(booking) for booking in (first, second, third)] == [State.BOOKED, State.BOOKED, State.QUEUED]
    assert AuditEvent.objects.get(kind="run.places_released").details == {"whom": "School or college"}
    assert places.release_kept_places(UNTIL) == 0


def test_from_then_on_anybody_has_them_even_before_anything_has_run():
    run = planned_run(capacity=1)
    kept(run, 1, kind="school")
    assert ask(run, at=UNTIL - timedelta(minutes=1)).state == State.QUEUED
    assert ask(planned_run(capacity=1), at=UNTIL).state == State.BOOKED


def test_an_agencys_own_places_and_its_kinds_are_not_counted_twice(school):
    run = planned_run(capacity=4)
    kept(run, 1, agency=school)
    kept(run, 2, kind="school")
    assert ask(run, agency=school).state == State.BOOKED  # the agency's own
    assert [ask(run).state for _ in range(2)] == [State.BOOKED, State.QUEUED]  # 1 of 4 is for anybody
    other_school = AgencyFactory(kind=AgencyKind.SCHOOL)
    assert [ask(run, agency=other_school).state for _ in range(3)] == [State.BOOKED, State.BOOKED, State.QUEUED]


def test_who_waits_beside_a_place_kept_for_others_is_no_fault_and_beside_their_own_is(school):
    run = planned_run(capacity=2)
    kept(run, 1, kind="school")
    ask(run), ask(run)
    assert registry.broken_invariants() == []
    Booking.objects.filter(run=run, state=State.BOOKED).update(state=State.GIVEN_UP)
    assert len(registry.broken_invariants()) == 1
