"""Closing runs, and what people have completed then."""

from datetime import UTC, date, datetime

import pytest

from courses.actions.completion import outcomes
from courses.actions.registers import RegisterRefused, close_run
from courses.models import Achievement, Attendance, Booking, Mark, Run
from courses.models.states import WrongState
from tests.courses.days import DAY, mark, past_run
from tests.factories import NOW, achieved, booked, employed, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


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


# --- What a mark counts for --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "completed"), [("present", True), ("late", True), ("part", False), ("absent", False), ("excused", False)]
)
def test_who_came_late_was_there_and_who_came_for_a_part_was_not(trainer, given, completed):
    run = past_run(trainer)
    mark(run, trainer, {booked(run): given})
    assert bool(close_run(run=run, by=trainer, at=NOW)) is completed


def test_who_came_late_was_absent_where_that_was_agreed_as_they_booked(trainer):
    run = past_run(trainer)
    strict, lenient = booked(run), booked(run)
    Booking.objects.filter(pk=strict.pk).update(late_is_absent=True)
    mark(run, trainer, {strict: "late", lenient: "late"})
    assert [each.booking for each in close_run(run=run, by=trainer, at=NOW)] == [lenient]


def test_why_somebody_has_not_completed_a_run_is_said_by_day(trainer):
    run = past_run(trainer, sessions=2)
    booking, strict = booked(run), booked(run)
    Booking.objects.filter(pk=strict.pk).update(late_is_absent=True)
    mark(run, trainer, {booking: "excused", strict: "late"}, {booking: "part", strict: "present"})
    said = {outcome.booking: outcome.why_not for outcome in outcomes(run)}
    first = "15 November 2026"
    assert said == {
        booking: f"Excused on {first} and there for only a part on 22 November 2026.",
        strict: f"Late on {first}, which counts as absent by what was agreed.",
    }
