"""SQL of our own in a queryset means the row of that queryset, wherever the queryset stands."""

import pytest

from courses.models import Booking, Course, Run
from partners.models import Person
from partners.permissions import AccessRole
from tests.factories import TODAY, AgencyFactory, CourseFactory, booked, employed, granted, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return employed()


@pytest.fixture
def open_and_shut(person) -> tuple[Run, Run]:
    """A run of a course that is for everyone, and one of a course for another agency's people alone."""
    shut = CourseFactory(open_to="owner", owner=AgencyFactory())
    return planned_run(), planned_run(course=shut)


def test_courses_within_a_list_of_courses_are_judged_each_by_itself(person, open_and_shut):
    seen = Course.objects.visible_to(person, TODAY)
    assert [course.pk for course in Course.objects.filter(pk__in=seen)] == [open_and_shut[0].course_id]
    assert list(Course.objects.exclude(pk__in=seen)) == [open_and_shut[1].course]


def test_runs_are_judged_within_a_list_of_runs_and_of_bookings(person, open_and_shut):
    bookings = [booked(run, employed()) for run in open_and_shut]
    seen = Run.objects.visible_to(person, TODAY)
    assert list(Run.objects.filter(pk__in=seen)) == [open_and_shut[0]]
    assert list(Booking.objects.filter(run__in=seen)) == bookings[:1]


def test_people_are_judged_within_a_list_of_people():
    lead, other = granted(employed(), "lead"), employed()
    leads = Person.objects.holding([AccessRole.LEAD], TODAY)
    assert list(Person.objects.filter(pk__in=leads)) == [lead]
    assert other in Person.objects.exclude(pk__in=leads)


def test_what_is_asked_of_different_values_differs(person):
    one, same, another = (Course.objects.visible_to(who, TODAY) for who in (person, person, employed()))
    where = [query.query.where.children[0] for query in (one, same, another)]
    assert where[0] == where[1] != where[2]
