"""Who had a place and who came: what each booking counts as."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.models import Attendance, Booking, PracticeTheme, Run
from courses.stats.attendance import Asked, Row, attendance
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, booked, employed, planned_run

pytestmark = pytest.mark.django_db
ENDED = NOW - timedelta(days=30)


def total(**narrowed) -> Row:
    return attendance(Asked(None, TODAY, NOW, **narrowed)).total


def a_booking(*marks: str, state: str = "booked", run: Run | None = None, **facts) -> Booking:
    """On a run that has ended, of one session for each mark ('' where nobody was marked)."""
    run = run or planned_run(starts_at=ENDED, sessions=max(1, len(marks)))
    booking = booked(run, employed())
    Booking.objects.filter(pk=booking.pk).update(state=state, **facts)
    for session, mark in zip(run.sessions.all(), marks, strict=False):
        if mark:
            Attendance.objects.create(booking=booking, session=session, mark=mark, marked_at=NOW)
    return booking


# --- What each booking counts as ----------------------------------------------------------------------------------

CAME, ALL = {"booked": 1, "booked_attended": 1, "attended": 1}, ("booked", "in_time", "late", "no_show", "excused")
ALL += ("not_marked", "walk_in", "booked_attended", "attended")
CASES = [
    ("present", ["present"], {}, CAME),
    ("late", ["late"], {}, CAME),
    ("there for part of it", ["part"], {}, CAME),
    ("present once of twice", ["absent", "present"], {}, CAME),
    ("late, where that is absent", ["late"], {"late_is_absent": True}, {"booked": 1, "no_show": 1}),
    ("absent", ["absent", "absent"], {}, {"booked": 1, "no_show": 1}),
    ("excused", ["excused"], {}, {"booked": 1, "no_show": 1, "excused": 1}),
    ("not marked", [""], {}, {"booked": 1, "not_marked": 1}),
    ("came unbooked", ["present"], {"walk_in": True}, {"walk_in": 1, "attended": 1}),
    ("came unbooked, not marked", [""], {"walk_in": True}, {"walk_in": 1, "attended": 1}),
    ("said to have come unbooked, and absent", ["absent"], {"walk_in": True}, {}),
    ("waited", [""], {"state": "queued", "queue_position": 1}, {}),
    ("was offered a place", [""], {"state": "offered", "offer_until": NOW}, {}),
    ("let an offer lapse", [""], {"state": "lapsed"}, {}),
    ("not approved", [""], {"state": "refused"}, {}),
    ("handed the place on", [""], {"state": "handed_on"}, {}),
    ("no place came up", [""], {"state": "no_place"}, {}),
]


@pytest.mark.parametrize(("marks", "facts", "counted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_booking_counts_as_what_it_came_to(marks, facts, counted):
    a_booking(*marks, **facts)
    assert {name: total().count(name) for name in ALL} == dict.fromkeys(ALL, 0) | counted


def test_attended_is_always_booked_less_who_was_not_there_and_more_who_came_unbooked():
    for _, marks, facts, _ in CASES:
        a_booking(*marks, **facts)
    a_booking(state="given_up", ended_at=ENDED)
    row = total()
    away = sum(map(row.count, ("in_time", "late", "no_show", "not_marked")))
    assert row.count("attended") == row.count("booked") - away + row.count("walk_in")


START = datetime(2026, 1, 5, 9, tzinfo=UTC)  # a Monday, after New Year


@pytest.mark.parametrize("days", [0, 1, 3, 5, 10])
def test_late_is_what_the_bookings_own_page_calls_late(days):
    for before in range(40):
        run = planned_run(starts_at=START)
        a_booking(run=run, state="given_up", free_until_days=days, ended_at=START - timedelta(days=before, hours=1))
    given_up = Booking.objects.select_related("run")
    late = sum(booking.is_late(booking.ended_at) for booking in given_up)
    row = total()
    assert (row.count("late"), row.count("in_time")) == (late, 40 - late)


def test_a_run_counts_once_it_has_ended_and_not_if_it_was_cancelled():
    planned_run(starts_at=NOW + timedelta(days=1))
    cancelled = planned_run(starts_at=ENDED)
    Run.objects.filter(pk=cancelled.pk).update(state=Run.State.CANCELLED)
    held = planned_run(starts_at=ENDED, sessions=2, capacity=7)
    assert (total().runs, total().sessions, total().capacity) == (1, 2, 7)
    day = held.last_day
    for start, end, counted in [(day, day, 1), (day + timedelta(days=1), TODAY, 0), (None, day - timedelta(days=1), 0)]:
        assert attendance(Asked(start, end, NOW)).total.runs == counted


def test_a_course_with_two_themes_is_under_both_and_once_in_the_total():
    themes = [PracticeTheme.objects.create(name=name, slug=name) for name in ("a", "b")]
    course = CourseFactory()
    course.themes.set(themes)
    a_booking("present", run=planned_run(course=course, starts_at=ENDED))
    found = attendance(Asked(None, TODAY, NOW))
    assert [row.count("attended") for row in found.themes] == [1, 1]
    assert found.total.count("attended") == 1


def test_narrowed_to_a_theme_or_a_course_the_rest_is_left_out():
    a_booking("present")
    theme = PracticeTheme.objects.create(name="a", slug="a")
    course = CourseFactory()
    course.themes.add(theme)
    a_booking("present", run=planned_run(course=course, starts_at=ENDED, capacity=9))
    for narrowed in ({"theme": theme.pk}, {"course": course.pk}):
        assert (total(**narrowed).count("attended"), total(**narrowed).capacity) == (1, 9)


def test_a_booking_belongs_to_the_agency_of_then():
    agency = AgencyFactory()
    a_booking("present", agency=agency)
    a_booking("present")
    assert total(agency=agency.pk).count("attended") == 1
    assert total(agency=agency.pk).capacity is None
    assert {row.label for row in attendance(Asked(None, TODAY, NOW)).agencies} == {agency.name, "Agency not known"}


def test_it_takes_as_many_queries_for_three_courses_as_for_one():
    taken = []
    for _ in range(2):
        a_booking("present", agency=AgencyFactory())
        with CaptureQueriesContext(connection) as asked:
            attendance(Asked(None, TODAY, NOW))
        taken.append(len(asked))
        for _ in range(2):
            a_booking("present", agency=AgencyFactory())
    assert taken[0] == taken[1] <= 5
