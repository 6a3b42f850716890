"""Planning again what was held before."""

from datetime import timedelta

import pytest

from academy.lib.dates import at_hour, end_of_day, london_day
from courses.actions import copying
from courses.models import KeptPlaces, Room, Run
from partners.models import AgencyKind, AuditEvent
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, employed, holding, planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = 52 * 7


@pytest.fixture
def lead():
    return holding("lead")


def all_of(*runs: Run):
    return Run.objects.filter(pk__in=[run.pk for run in runs]).order_by("starts_at")


def copied(lead, *runs: Run, days: int = YEAR) -> list[Run]:
    return copying.copy_runs(copies=copying.preview(all_of(*runs), days), days=days, by=lead, at=NOW)


def starts(run: Run) -> list:
    return [session.starts_at for session in run.sessions.all()]


def test_a_year_later_is_the_same_day_of_the_week_at_the_same_time_of_londons_clock(lead):
    in_summer = planned_run(starts_at=at_hour(TODAY.replace(year=2026, month=3, day=31), 9, 30))
    (made,) = copied(lead, in_summer)
    assert starts(made) == [at_hour(london_day(in_summer.starts_at) + YEAR * DAY, 9, 30)]
    assert starts(made)[0].astimezone().weekday() == in_summer.starts_at.weekday()


def test_across_a_change_of_clocks_half_past_nine_stays_half_past_nine(lead):
    (made,) = copied(lead, planned_run(starts_at=at_hour(TODAY, 9, 30)), days=25 * 7)
    assert starts(made) == [at_hour(TODAY + 175 * DAY, 9, 30)]


def test_a_day_without_work_becomes_the_next_one_and_says_so():
    run = planned_run(starts_at=at_hour(TODAY.replace(month=12, day=25) - YEAR * DAY, 10))
    (copy,) = copying.preview(all_of(run), YEAR)
    assert [london_day(slot.starts_at) for slot in copy.slots] == [TODAY.replace(month=12, day=29)]
    assert copy.notes == ["Friday 25 December 2026 is no working day or is taken: Tuesday 29 December 2026 instead."]


def test_two_days_of_a_run_never_become_one_and_one_day_never_becomes_two(lead):
    christmas_eve = TODAY.replace(month=12, day=24) - YEAR * DAY
    run = planned_run(starts_at=at_hour(christmas_eve, 10), sessions=3)
    eve, christmas, morning_after = run.sessions.all()
    for session, day, hour in ((eve, 0, 9), (christmas, 1, 9), (morning_after, 1, 14)):
        start = at_hour(christmas_eve + day * DAY, hour)
        run.sessions.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    (made,) = copied(lead, run)
    days = [london_day(start) for start in starts(made)]
    assert days == [TODAY.replace(month=12, day=24), *[TODAY.replace(month=12, day=29)] * 2]


def test_a_copy_is_a_draft_with_all_that_was_agreed_and_nothing_of_what_happened(lead):
    trainer = employed()
    run = planned_run(starts_at=at_hour(TODAY - 30 * DAY, 9), capacity=14, trainers=[trainer])
    until = end_of_day(TODAY - 40 * DAY)
    Run.objects.filter(pk=run.pk).update(
        minimum=4,
        cost=120,
        joining="Bring lunch",
        notes="Too hot",
        recording_url="https://a.example",
        books_until=until,
    )
    run.sessions.update(join_url="https://meet.example/1")
    KeptPlaces.objects.create(run=run, agency_kind=AgencyKind.SCHOOL, places=2, until=until)
    (made,) = copied(lead, run)
    made.refresh_from_db()
    assert (made.state, made.capacity, made.minimum, made.cost, made.joining) == ("draft", 14, 4, 120, "Bring lunch")
    assert (made.notes, made.recording_url, made.sessions.get().join_url) == ("", "", "")
    assert list(made.trainers.all()) == [trainer]
    later = end_of_day(TODAY - 40 * DAY + YEAR * DAY)
    assert (made.books_until, made.kept_places.get().until, made.kept_places.get().places) == (later, later, 2)
    assert AuditEvent.objects.get(kind="run.copied").details == {"copy_of": run.pk}


def test_a_room_that_is_out_of_use_is_not_planned_again():
    old = Room.objects.create(name="Old hall", seats=9, in_use=False)
    run = planned_run(starts_at=at_hour(TODAY - 28 * DAY, 9))
    run.sessions.update(room=old, venue="Old hall")
    (copy,) = copying.preview(all_of(run), YEAR)
    assert (copy.slots[0].room, copy.slots[0].venue) == (None, "Room to be chosen")
    assert copy.notes == ["Old hall is out of use: choose another room."]


def test_what_is_planned_already_is_not_planned_twice(lead):
    run = planned_run(starts_at=at_hour(TODAY - 28 * DAY, 9))
    assert len(copied(lead, run)) == 1
    assert copied(lead, run) == []
    (copy,) = copying.preview(all_of(run), YEAR)
    assert (copy.can_be, copy.notes) == (False, ["This date is planned already."])


def test_only_what_was_held_is_planned_again():
    course = CourseFactory()
    held = planned_run(course=course, starts_at=NOW - 9 * DAY)
    for state in ("draft", "cancelled"):
        Run.objects.filter(pk=planned_run(course=course, starts_at=NOW - 8 * DAY).pk).update(state=state)
    found = copying.held_between(Run.objects.all(), TODAY - 20 * DAY, TODAY)
    assert list(found) == [held]
    assert not copying.held_between(Run.objects.all(), TODAY - 8 * DAY, TODAY)


# --- On the page ----------------------------------------------------------------------------------------------------


def test_a_lead_sees_what_it_makes_before_making_those_that_are_ticked(lead, as_person):
    browser = as_person(lead)
    runs = [planned_run(title=f"Course {n}", starts_at=at_hour(TODAY - n * DAY, 9)) for n in (20, 21)]
    address = f"/planning/copy/?first={TODAY - 30 * DAY}&last={TODAY}&weeks=52&starts_on="
    page = browser.get(address).content.decode()
    assert all(f"Course {n}" in page for n in (20, 21))
    assert Run.objects.filter(state="draft").count() == 0
    asked = {"first": str(TODAY - 30 * DAY), "last": str(TODAY), "weeks": "52", "starts_on": ""}
    response = browser.post("/planning/copy/", asked | {"copy": [runs[0].pk]})
    made = Run.objects.get(state="draft")
    assert response.headers["Location"] == f"/planning/runs/{made.pk}/"
    assert made.course == runs[0].course


def test_the_first_may_be_given_a_day_and_the_others_keep_their_distance(lead, as_person):
    course = CourseFactory()
    runs = [planned_run(course=course, starts_at=at_hour(TODAY - days * DAY, 9)) for days in (21, 14)]
    asked = {"course": course.pk, "first": TODAY - 30 * DAY, "last": TODAY, "weeks": "", "starts_on": "2027-02-01"}
    response = as_person(lead).post("/planning/copy/", asked | {"copy": [run.pk for run in runs]})
    assert response.headers["Location"] == "/planning/publish/"
    made = Run.objects.filter(state="draft").order_by("starts_at")
    assert [str(london_day(run.starts_at)) for run in made] == ["2027-02-01", "2027-02-08"]


def test_one_run_is_planned_again_whatever_became_of_it(lead, as_person):
    run = planned_run(starts_at=at_hour(TODAY - 21 * DAY, 9))
    Run.objects.filter(pk=run.pk).update(state="cancelled")
    browser = as_person(lead)
    assert "Plan this run again" in browser.get(f"/planning/copy/?run={run.pk}").content.decode()
    day = TODAY - 21 * DAY
    browser.post("/planning/copy/", {"run": run.pk, "first": day, "last": day, "weeks": "10", "copy": run.pk})
    assert Run.objects.get(state="draft").course == run.course


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first": ""}, "Enter the first day"),
        ({"last": "2020-01-01"}, "The last day is before the first one"),
        ({"weeks": "", "starts_on": ""}, "Enter how many weeks later"),
        ({"weeks": "x"}, "enter a whole number"),
        ({"weeks": "9999"}, "up to 520"),
    ],
)
def test_what_is_missing_is_said(lead, as_person, wrong, said):
    asked = {"first": "2026-01-01", "last": "2026-11-01", "weeks": "52", "starts_on": ""} | wrong
    page = as_person(lead).get("/planning/copy/", asked).content.decode()
    assert said in page


def test_runs_of_courses_that_somebody_does_not_keep_are_not_copied(as_person):
    agency = AgencyFactory()
    coordinator = holding("coordinator", agency=agency, scoped=True)
    others = planned_run(starts_at=at_hour(TODAY - 21 * DAY, 9))
    own = planned_run(starts_at=at_hour(TODAY - 21 * DAY, 9), owner=agency)
    browser = as_person(coordinator)
    assert browser.get(f"/planning/copy/?run={others.pk}").status_code == 404
    assert browser.get(f"/planning/copy/?course={others.course_id}").status_code == 404
    asked = {"first": TODAY - 30 * DAY, "last": TODAY, "weeks": "52", "copy": [others.pk, own.pk]}
    browser.post("/planning/copy/", asked)
    assert [run.course for run in Run.objects.filter(state="draft")] == [own.course]
