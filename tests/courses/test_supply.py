"""Who waits against what is to come, what places cost, and what trainers gave; and a team's coordinator."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Booking, Interest, Run
from courses.stats import supply, trainers
from courses.stats.attendance import Asked
from courses.stats.within import Within
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    CourseFactory,
    TeamFactory,
    booked,
    employ,
    employed,
    granted,
    holding,
    planned_run,
)
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db
ENDED = NOW - timedelta(days=30)
REPORT = f"/reports/training/?first={ENDED.date()}"
PEOPLE = f"/reports/training/people/?first={ENDED.date()}"


def waiting(run: Run, person, place: int) -> None:
    booked(run, person)
    Booking.objects.filter(run=run, person=person).update(state="queued", queue_position=place)


def test_whoever_waits_in_two_queues_and_for_a_date_is_one_person_who_waits():
    course, person = CourseFactory(), employed()
    runs = [planned_run(course=course, capacity=1) for _ in range(2)]
    for run in runs:
        booked(run)
        waiting(run, person, 1)
    Interest.objects.create(course=course, person=person, asked_at=NOW)
    Interest.objects.create(course=course, person=employed(), asked_at=NOW)
    Interest.objects.create(course=course, person=employed(), asked_at=NOW, state="ended")
    (found,) = supply.demand(NOW)
    assert (found.in_queues, found.for_a_date, found.people) == (1, 2, 2)
    assert (found.runs, found.places, found.left, found.short) == (2, 2, 0, 2)


def test_places_to_come_are_those_nobody_holds_or_is_offered():
    run = planned_run(capacity=5)
    booked(run)
    Booking.objects.filter(pk=booked(run).pk).update(state="offered", offer_until=NOW + timedelta(days=1))
    Booking.objects.filter(pk=booked(run).pk).update(state="given_up")
    planned_run(course=run.course, starts_at=ENDED)
    (found,) = supply.demand(NOW)
    assert (found.places, found.left) == (5, 3)


def test_the_page_draws_a_course_of_which_some_who_wait_find_a_place_and_others_do_not(as_person):
    run = planned_run(capacity=2)
    booked(run)
    for _ in range(3):
        Interest.objects.create(course=run.course, person=employed(), asked_at=NOW)
    page = as_person(holding("lead")).get("/reports/training/demand/")
    assert page.status_code == 200
    assert [(segment.value, segment.key.text) for segment in page.context["chart"].rows[0].segments] == [
        (1, "A place is to be had"),
        (2, "No place for them yet"),
    ]


def test_within_an_agency_only_own_people_wait():
    agency, run = AgencyFactory(), planned_run(capacity=1)
    own, other = employed(agency=agency), employed()
    for place, person in enumerate((own, other), start=1):
        waiting(run, person, place)
        Interest.objects.create(course=run.course, person=person, asked_at=NOW)
    Booking.objects.filter(person=own).update(agency=agency)
    (found,) = supply.demand(NOW, Within(False, frozenset({agency.pk})))
    assert (found.in_queues, found.for_a_date, found.people) == (1, 1, 1)


def test_the_people_behind_the_figure_are_as_many_as_it_says_and_named_to_who_may_open_their_record(as_person):
    agency, run = AgencyFactory(), planned_run(capacity=1)
    other_date = planned_run(course=run.course, starts_at=NOW + timedelta(days=40))
    own, other = employed(agency=agency), employed()
    for place, person in enumerate((own, other), start=1):
        waiting(run, person, place)
    waiting(other_date, own, 1)
    Booking.objects.filter(person=own).update(agency=agency)
    Interest.objects.create(course=run.course, person=own, asked_at=NOW, wants_place=True, days=[2], areas=["North"])
    Interest.objects.create(course=run.course, person=employed(), asked_at=NOW)
    page = f"/reports/training/demand/{run.course_id}/"
    for who, count, names in (
        (holding("lead"), 3, [own.name, other.name]),
        (granted(employed(), "coordinator", agency=agency), 1, [own.name]),
        (holding("director"), 3, []),
    ):
        seen = " ".join(as_person(who).get(page).content.decode().split())
        assert f"People who wait: {count}<" in seen
        assert [name for name in (own.name, other.name) if name in seen] == names
    coordinators = supply.who_waits(run.course_id, NOW, Within(False, frozenset({agency.pk})))
    assert [(each.person, len(each.queues), each.wants_place, each.days) for each in coordinators] == [
        (own.pk, 2, True, [2])
    ]
    assert len(supply.who_waits(run.course_id, NOW)) == supply.demand(NOW)[0].people


def test_the_list_of_who_waits_asks_no_more_for_three_than_for_one(as_person):
    run, browser, counts = planned_run(), as_person(holding("lead")), []
    for more in (1, 2):
        for _ in range(more):
            Interest.objects.create(course=run.course, person=employed(), asked_at=NOW)
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/reports/training/demand/{run.course_id}/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_place_costs_what_runs_with_a_known_cost_did():
    course = CourseFactory()
    dear, unknown = (planned_run(course=course, starts_at=ENDED, capacity=10) for _ in range(2))
    Run.objects.filter(pk=dear.pk).update(cost=Decimal("250.00"))
    for run in (dear, dear, unknown):
        Booking.objects.filter(pk=booked(run).pk).update(walk_in=True)
    (found,) = supply.costs(Asked(None, TODAY, NOW))
    assert (found.runs, found.known, found.a_place, found.an_attended_place) == (
        2,
        1,
        Decimal("25.00"),
        Decimal("125.00"),
    )
    Run.objects.update(cost=None)
    (found,) = supply.costs(Asked(None, TODAY, NOW))
    assert (found.a_place, found.an_attended_place) == (None, None)


def test_a_day_counts_once_for_each_trainer_and_for_the_main_agency_of_that_day():
    before, after = AgencyFactory(), AgencyFactory()
    trainer = employed(agency=before, end_date=date(2026, 6, 30))
    employ(trainer, agency=after, start=date(2026, 7, 1))
    colleague = employed(agency=after)
    for starts_at, people in [
        (NOW.replace(month=6), [trainer]),
        (NOW.replace(month=8), [trainer, colleague]),
        (NOW.replace(month=8, hour=14), [trainer]),
        (NOW + timedelta(days=5), [trainer]),
    ]:
        planned_run(starts_at=starts_at, trainers=people)
    given = trainers.days_given(Asked(date(2026, 4, 1), TODAY, NOW))
    assert given == {before.pk: (1, 1), after.pk: (2, 2)}
    loads = {load.person: load for load in trainers.loads(date(2026, 4, 1), NOW)}
    one = loads[trainer.pk]
    assert (one.days, one.runs, one.days_to_come, one.runs_to_come) == (2, 3, 1, 1)


# --- Pages --------------------------------------------------------------------------------------------------------


def test_a_teams_coordinator_sees_the_teams_people_alone():
    agency = AgencyFactory()
    team = TeamFactory(agency=agency)
    own, other = employed(agency=agency, team=team), employed(agency=agency)
    run = planned_run(starts_at=ENDED)
    for person in (own, other):
        booked(run, person)
    Booking.objects.update(agency=agency)
    coordinator = granted(employed(agency=agency), "coordinator", agency=agency, team=team)
    page = signed_in(coordinator.user).get(f"{PEOPLE}&figure=booked").content.decode()
    assert own.name in page
    assert other.name not in page
    assert ": 1</h1>" in page


@pytest.mark.parametrize("address", [f"{REPORT}&agency=", f"{PEOPLE}&figure=booked"])
def test_the_pages_take_as_many_queries_for_three_people_as_for_one(address):
    lead = holding("lead")
    browser, taken = Client(), []
    signed_in(lead.user, client=browser)
    for _ in range(2):
        booked(planned_run(starts_at=ENDED), employed())
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        taken.append(len(asked))
        booked(planned_run(starts_at=ENDED), employed())
        booked(planned_run(starts_at=ENDED), employed())
    assert taken[0] == taken[1]
