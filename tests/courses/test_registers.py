"""Taking registers, closing runs, and what people have completed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from courses.actions.registers import RegisterRefused, close_run, take_register
from courses.actions.runs import Slot, plan_run
from courses.models import Achievement, Attendance, Booking, Mark, Run
from courses.models.states import WrongState
from partners.models import AuditEvent, Person
from tests.factories import NOW, CourseFactory, achieved, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def trainer():
    return employed()


def past_run(trainer, *, sessions: int = 1, **facts) -> Run:
    """A run whose last session ended yesterday."""
    return planned_run(
        starts_at=NOW - DAY - timedelta(weeks=sessions - 1), sessions=sessions, trainers=[trainer], **facts
    )


def mark(run: Run, trainer, *marks: dict[Booking, str], at=NOW) -> None:
    """One dictionary of marks for each session, in order."""
    for session, given in zip(run.sessions.all(), marks, strict=False):
        take_register(session=session, marks={b.pk: m for b, m in given.items()}, by=trainer, at=at)


# --- Planning ----------------------------------------------------------------------------------------------------


def test_a_planned_run_lasts_from_its_first_session_to_its_last(trainer):
    slots = [
        Slot(NOW + 9 * DAY, NOW + 9 * DAY + timedelta(hours=3), "Room 2"),
        Slot(NOW + DAY, NOW + 2 * DAY, "Online"),
    ]
    run = plan_run(course=CourseFactory(), slots=slots, capacity=5, trainers=[trainer], by=trainer, at=NOW)
    assert (run.starts_at, run.ends_at) == (NOW + DAY, NOW + 9 * DAY + timedelta(hours=3))
    assert [session.venue for session in run.sessions.all()] == ["Online", "Room 2"]
    assert (run.state, list(run.trainers.all())) == (Run.State.PUBLISHED, [trainer])


# --- Marking -----------------------------------------------------------------------------------------------------


def test_a_register_cannot_be_taken_before_its_session_starts(trainer):
    run = planned_run(starts_at=NOW, sessions=2, trainers=[trainer])
    booking = booked(run)
    first, second = run.sessions.all()
    take_register(session=first, marks={booking.pk: "present"}, by=trainer, at=NOW)
    with pytest.raises(RegisterRefused, match="not started yet"):
        take_register(session=second, marks={booking.pk: "present"}, by=trainer, at=NOW + timedelta(minutes=30))
    assert Attendance.objects.get().session == first


def test_marks_belong_to_a_session_and_marking_again_replaces_them(trainer):
    run = past_run(trainer, sessions=2)
    booking = booked(run)
    mark(run, trainer, {booking: "absent"}, {booking: "present"})
    mark(run, trainer, {booking: "part"})
    assert list(Attendance.objects.order_by("session__starts_at").values_list("mark", flat=True)) == ["part", "present"]


def test_people_who_are_not_marked_stay_as_they_were(trainer):
    run = past_run(trainer)
    one, two = booked(run), booked(run)
    mark(run, trainer, {one: "present"})
    mark(run, trainer, {two: "excused"})
    assert {a.booking: a.mark for a in Attendance.objects.all()} == {one: Mark.PRESENT, two: Mark.EXCUSED}


def test_only_those_who_hold_a_place_can_be_marked_and_nothing_is_saved_of_a_list_with_others(trainer):
    run = past_run(trainer)
    own, stranger, gone = booked(run), booked(past_run(trainer)), booked(run)
    Booking.objects.filter(pk=gone.pk).update(state=Booking.State.GIVEN_UP)
    with pytest.raises(RegisterRefused, match="2 people on this list no longer hold a place"):
        mark(run, trainer, {own: "present", stranger: "present", gone: "present"})
    assert not Attendance.objects.exists()


def test_who_took_a_register_is_written_down_with_counts_and_without_names(trainer):
    run = past_run(trainer)
    mark(run, trainer, {booked(run): "present", booked(run): "present", booked(run): "absent"})
    event = AuditEvent.objects.get(kind="register.taken")
    assert (event.by, event.details) == (trainer, {"run": run.pk, "present": 2, "absent": 1})


# --- Closing -----------------------------------------------------------------------------------------------------


def test_a_run_is_not_closed_before_its_last_session_has_ended(trainer):
    run = planned_run(starts_at=NOW - 6 * DAY, sessions=2, trainers=[trainer])
    with pytest.raises(RegisterRefused, match="has not ended yet"):
        close_run(run=run, by=trainer, at=NOW)


def test_a_run_is_not_closed_while_marks_are_missing(trainer):
    run = past_run(trainer, sessions=2)
    one, two = booked(run), booked(run)
    mark(run, trainer, {one: "present", two: "present"}, {one: "present"})
    with pytest.raises(RegisterRefused, match="1 mark is still missing"):
        close_run(run=run, by=trainer, at=NOW)
    run.refresh_from_db()
    assert run.state == Run.State.PUBLISHED


def test_nobody_waits_for_marks_of_those_who_gave_up_or_queue(trainer):
    run = past_run(trainer)
    one, gone, queued = booked(run), booked(run), booked(run)
    Booking.objects.filter(pk=gone.pk).update(state="given_up")
    Booking.objects.filter(pk=queued.pk).update(state="queued", queue_position=1)
    mark(run, trainer, {one: "present"})
    (achievement,) = close_run(run=run, by=trainer, at=NOW)
    assert achievement.person == one.person


def test_those_present_at_every_session_have_completed_the_course(trainer):
    run = past_run(trainer, sessions=2)
    every, once, part = booked(run), booked(run), booked(run)
    mark(
        run,
        trainer,
        {every: "present", once: "present", part: "part"},
        {every: "present", once: "excused", part: "present"},
    )
    close_run(run=run, by=trainer, at=NOW)
    achievement = Achievement.objects.get()
    assert (achievement.person, achievement.course, achievement.booking) == (every.person, run.course, every)
    assert achievement.recorded_at == NOW


@pytest.mark.parametrize(("share", "completed"), [(50, True), (51, False), (66, False), (100, False)])
def test_a_course_may_ask_for_a_share_of_its_sessions(trainer, share, completed):
    run = past_run(trainer, sessions=2, attendance_share=share)
    booking = booked(run)
    mark(run, trainer, {booking: "present"}, {booking: "absent"})
    assert bool(close_run(run=run, by=trainer, at=NOW)) is completed


def test_two_of_three_sessions_are_enough_for_66_per_cent(trainer):
    run = past_run(trainer, sessions=3, attendance_share=66)
    booking = booked(run)
    mark(run, trainer, {booking: "present"}, {booking: "absent"}, {booking: "present"})
    assert len(close_run(run=run, by=trainer, at=NOW)) == 1


def test_completion_is_dated_by_the_last_sessions_day_in_london_not_by_the_closing(trainer):
    summer_night = datetime(2026, 7, 14, 17, 30, tzinfo=UTC)  # until 23:30 UTC, which is 00:30 on the 15th in London
    run = planned_run(starts_at=summer_night, trainers=[trainer])
    booking = booked(run)
    mark(run, trainer, {booking: "present"})
    close_run(run=run, by=trainer, at=NOW)
    assert Achievement.objects.get().completed_on == date(2026, 7, 15)


def test_closing_twice_makes_one_achievement(trainer):
    run = past_run(trainer)
    mark(run, trainer, {booked(run): "present"})
    close_run(run=run, by=trainer, at=NOW)
    with pytest.raises(WrongState):
        close_run(run=run, by=trainer, at=NOW)
    assert Achievement.objects.count() == 1


def test_a_course_completed_elsewhere_that_day_is_not_completed_twice(trainer):
    run = past_run(trainer)
    booking = booked(run)
    achieved(booking.person, course=run.course, on=run.last_day)
    mark(run, trainer, {booking: "present"})
    close_run(run=run, by=trainer, at=NOW)
    assert Achievement.objects.count() == 1


def test_the_register_of_a_closed_run_cannot_be_changed(trainer):
    run = past_run(trainer)
    booking = booked(run)
    mark(run, trainer, {booking: "present"})
    close_run(run=run, by=trainer, at=NOW)
    with pytest.raises(RegisterRefused, match="is closed"):
        mark(run, trainer, {booking: "absent"})
    assert Attendance.objects.get().mark == Mark.PRESENT


def test_a_cancelled_run_cannot_be_closed(trainer):
    run = past_run(trainer)
    run.move_to(Run.State.CANCELLED)
    with pytest.raises(WrongState):
        close_run(run=run, by=trainer, at=NOW)


# --- The trainer's pages -----------------------------------------------------------------------------------------


def test_a_trainer_takes_the_register_and_closes_the_run(trainer, as_person):
    run = past_run(trainer, title="Thresholds")
    here, away = booked(run), booked(run)
    browser = as_person(trainer)
    assert "2 marks are still missing" in browser.get(f"/runs/{run.pk}/register/").content.decode()
    session = run.sessions.get()
    marks = {f"mark-{here.pk}": "present", f"mark-{away.pk}": "absent"}
    page = browser.post(f"/runs/{run.pk}/register/{session.pk}/", marks, follow=True).content.decode()
    assert "Register saved: 2 people marked." in page
    assert "Everyone is marked." in page
    page = browser.post(f"/runs/{run.pk}/close/", follow=True).content.decode()
    assert "Run closed. 1 person has completed the course" in page
    assert Achievement.objects.get().person == here.person
    assert "Thresholds" in as_person(here.person).get("/bookings/").content.decode()


def test_a_mark_that_is_not_one_changes_nothing(trainer, as_person):
    run = past_run(trainer)
    booking, session = booked(run), run.sessions.get()
    address = f"/runs/{run.pk}/register/{session.pk}/"
    page = as_person(trainer).post(address, {f"mark-{booking.pk}": "asleep"}, follow=True)
    assert "Choose one of the marks offered." in page.content.decode()
    assert not Attendance.objects.exists()


def test_a_session_of_another_run_is_not_found(trainer, as_person):
    run, other = past_run(trainer), past_run(trainer)
    address = f"/runs/{run.pk}/register/{other.sessions.get().pk}/"
    assert as_person(trainer).post(address, {}).status_code == 404


def addresses(run: Run) -> list[tuple[str, str]]:
    session = run.sessions.first()
    return [
        ("get", f"/runs/{run.pk}/register/"),
        ("post", f"/runs/{run.pk}/register/{session.pk}/"),
        ("post", f"/runs/{run.pk}/close/"),
    ]


def test_a_trainer_of_another_run_finds_nothing(trainer, as_person):
    past_run(stranger := employed())
    for method, address in addresses(past_run(trainer)):
        assert getattr(as_person(stranger), method)(address).status_code == 404


def test_one_who_teaches_nothing_is_told_that_the_page_is_for_others(trainer, as_person):
    for method, address in addresses(past_run(trainer)):
        assert getattr(as_person(employed()), method)(address).status_code == 403


def test_an_academy_lead_keeps_every_register(trainer, as_person):
    run = past_run(trainer)
    browser = as_person(holding("lead"))
    assert browser.get(f"/runs/{run.pk}/register/").status_code == 200
    assert f"/runs/{run.pk}/register/" in browser.get("/registers/").content.decode()


def test_registers_to_take_are_on_the_trainers_list(trainer, as_person):
    past_run(trainer, title="Thresholds")
    planned_run(starts_at=NOW + timedelta(hours=2), title="Later today", trainers=[trainer])
    planned_run(title="Next month", trainers=[trainer])
    page = as_person(trainer).get("/").content.decode()
    assert "Take the register and close: Thresholds" in page
    assert "Later today" in page
    assert "Take the register: Next month" not in page


def test_what_someone_needs_is_shown_to_the_trainer_and_not_printed_on_the_sheet_that_goes_round(trainer, as_person):
    run = planned_run(trainers=[trainer])
    booking = booked(run)
    Person.objects.filter(pk=booking.person_id).update(access_needs="A hearing loop")
    page = as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()
    assert page.count("A hearing loop") == 1
    assert "govuk-!-display-none-print" in page.partition("A hearing loop")[0].rpartition("<section")[2]
    type(run).objects.filter(pk=run.pk).update(starts_at=NOW - DAY, ends_at=NOW - DAY / 2)
    run.sessions.update(starts_at=NOW - DAY, ends_at=NOW - DAY / 2)
    assert "A hearing loop" in as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()


@pytest.mark.parametrize(("days", "seen"), [(31, False), (29, True), (-29, True), (-31, False)])
def test_what_someone_needs_is_shown_to_the_trainer_from_30_days_before_the_run_to_30_days_after(
    trainer, as_person, days, seen
):
    run = planned_run(trainers=[trainer], starts_at=NOW + days * DAY)
    Person.objects.filter(pk=booked(run).person_id).update(access_needs="A hearing loop")
    assert ("A hearing loop" in as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()) is seen
    lead = as_person(holding("lead"))
    assert "A hearing loop" in lead.get(f"/runs/{run.pk}/register/").content.decode()


def test_what_someone_needs_is_shown_to_no_other_trainer_manager_or_coordinator(trainer, as_person):
    manager = employed()
    person = employed(agency=manager.employments.get().agency, manager=manager)
    Person.objects.filter(pk=person.pk).update(access_needs="A hearing loop")
    run = planned_run(trainers=[trainer], starts_at=NOW + DAY)
    booking = booked(run, person)
    other = employed()
    planned_run(trainers=[other])
    agency = manager.employments.get().agency
    for viewer in (manager, other, holding("coordinator", agency=agency, scoped=True), holding("director")):
        browser = as_person(viewer)
        for address in (f"/runs/{run.pk}/register/", f"/bookings/{booking.reference}/", "/people/", f"/runs/{run.pk}/"):
            assert "A hearing loop" not in browser.get(address).content.decode()


def queries(browser, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


def test_a_register_asks_the_database_no_more_for_three_than_for_one(trainer, as_person):
    run = past_run(trainer, sessions=2)
    mark(run, trainer, {booked(run): "present"})
    browser, address = as_person(trainer), f"/runs/{run.pk}/register/"
    one = queries(browser, address)
    mark(run, trainer, {booked(run): "present"}, {booked(run): "absent"})
    assert queries(browser, address) == one


def test_the_list_of_registers_asks_no_more_for_three_runs_of_each_kind_than_for_one(trainer, as_person):
    def one_of_each() -> None:
        booked(past_run(trainer))
        booked(planned_run(trainers=[trainer]))
        booked(done := past_run(trainer))
        Run.objects.filter(pk=done.pk).update(state=Run.State.COMPLETED)

    one_of_each()
    browser = as_person(trainer)
    one = queries(browser, "/registers/")
    one_of_each(), one_of_each()
    assert queries(browser, "/registers/") == one


@pytest.mark.parametrize("where", ["close/", "register/{session}/"])
def test_an_address_that_only_takes_forms_leads_back_to_the_register(trainer, as_person, where):
    run = past_run(trainer)
    page = as_person(trainer).get(f"/runs/{run.pk}/" + where.format(session=run.sessions.first().pk))
    assert (page.status_code, page.url) == (302, f"/runs/{run.pk}/register/")
    run.refresh_from_db()
    assert run.state == Run.State.PUBLISHED
