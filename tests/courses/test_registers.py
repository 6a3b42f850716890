"""Taking registers."""

from datetime import timedelta

import pytest

from courses.actions.registers import RegisterRefused, take_register
from courses.actions.runs import Slot, plan_run
from courses.models import Attendance, Booking, Mark, Run
from partners.models import AuditEvent
from tests.courses.days import DAY, MINUTE, mark, past_run
from tests.factories import NOW, CourseFactory, booked, employed, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


def test_a_planned_run_lasts_from_its_first_session_to_its_last(trainer):
    slots = [
        Slot(NOW + 9 * DAY, NOW + 9 * DAY + timedelta(hours=3), "Room 2"),
        Slot(NOW + DAY, NOW + 2 * DAY, "Online"),
    ]
    run = plan_run(course=CourseFactory(), slots=slots, capacity=5, trainers=[trainer], by=trainer, at=NOW)
    assert (run.starts_at, run.ends_at) == (NOW + DAY, NOW + 9 * DAY + timedelta(hours=3))
    assert [session.venue for session in run.sessions.all()] == ["Online", "Room 2"]
    assert (run.state, list(run.trainers.all())) == (Run.State.PUBLISHED, [trainer])


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


def taken(session, booking: Booking, mark: str, *, by, minutes_ago: float | None = None, at=NOW) -> int:
    made = {} if minutes_ago is None else {booking.pk: at - minutes_ago * MINUTE}
    return take_register(session=session, marks={booking.pk: mark}, made=made, by=by, at=at)


def test_of_two_phones_the_later_mark_stands_whichever_arrives_first(trainer):
    run, other = past_run(trainer), employed()
    session, booking = run.sessions.get(), booked(run)
    taken(session, booking, "present", by=trainer, minutes_ago=5)
    taken(session, booking, "absent", by=other, minutes_ago=9)
    assert Attendance.objects.get().mark == Mark.PRESENT
    taken(session, booking, "late", by=other, minutes_ago=2)
    attendance = Attendance.objects.get()
    assert (attendance.mark, attendance.marked_by, attendance.marked_at) == (Mark.LATE, other, NOW - 2 * MINUTE)


def test_a_mark_is_never_made_after_it_arrives_nor_before_its_session(trainer):
    run = past_run(trainer)
    session, one, two = run.sessions.get(), booked(run), booked(run)
    taken(session, one, "present", by=trainer, minutes_ago=-600)
    taken(session, two, "present", by=trainer, minutes_ago=60 * 24 * 30)
    times = dict(Attendance.objects.values_list("booking", "marked_at"))
    assert times == {one.pk: NOW, two.pk: session.starts_at}


def test_the_same_marks_sent_again_are_written_down_once(trainer):
    run = past_run(trainer)
    session, booking = run.sessions.get(), booked(run)
    for _ in range(3):
        assert taken(session, booking, "present", by=trainer, minutes_ago=5) == 1
    assert AuditEvent.objects.filter(kind="register.taken").count() == 1


def test_everyone_else_is_marked_and_nobody_who_was(trainer):
    run = past_run(trainer)
    away, here, late = booked(run), booked(run), booked(run)
    mark(run, trainer, {away: "absent"})
    session = run.sessions.get()
    assert take_register(session=session, marks={late.pk: "late"}, rest="present", by=trainer, at=NOW) == 3
    marks = dict(Attendance.objects.values_list("booking", "mark"))
    assert marks == {away.pk: "absent", here.pk: "present", late.pk: "late"}
