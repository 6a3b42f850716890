"""A wrong mark on a closed run is put right, and what hangs on it follows."""

import pytest

from courses.actions import certificates, corrections
from courses.actions.registers import close_run
from courses.models import Achievement, Attendance
from courses.models.states import WrongState
from partners.models import AuditEvent
from tests.courses.days import mark, past_run
from tests.factories import NOW, achieved, booked, employed, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


def closed(trainer, *given: str):
    """A closed run of one session, and one booking for each of those marks."""
    run = past_run(trainer)
    bookings = {booked(run): each for each in given}
    mark(run, trainer, bookings)
    close_run(run=run, by=trainer, at=NOW)
    run.refresh_from_db()
    return run, *bookings


def correct(booking, given: str, by) -> bool:
    session = booking.run.sessions.get()
    return corrections.correct(booking=booking, marks={session.pk: given}, reason="The sheet says so", by=by, at=NOW)


def test_one_who_was_there_after_all_completes_the_course_with_a_certificate(trainer):
    run, booking, _ = closed(trainer, "absent", "absent")
    assert correct(booking, "present", trainer)
    achievement = Achievement.objects.get()
    assert (achievement.booking, achievement.run, achievement.completed_on) == (booking, run, run.last_day)
    assert certificates.issue_missing(NOW) == 1
    event = AuditEvent.objects.get(kind="register.corrected")
    assert (event.person, event.details["reason"]) == (booking.person, "The sheet says so")


def test_one_who_was_not_there_loses_it_and_gets_the_same_certificate_back_when_that_was_wrong(trainer):
    _, booking = closed(trainer, "present")
    certificates.issue_missing(NOW)
    number = Achievement.objects.get().certificate.number
    assert not correct(booking, "absent", trainer)
    assert Achievement.objects.get().revoked_at == NOW
    assert correct(booking, "late", trainer)
    assert (Achievement.objects.get().revoked_at, Achievement.objects.get().certificate.number) == (None, number)


def test_a_course_completed_elsewhere_that_day_is_enough(trainer):
    run, booking = closed(trainer, "absent")
    achieved(booking.person, course=run.course, on=run.last_day)
    assert correct(booking, "present", trainer)
    assert Achievement.objects.count() == 1


def test_saying_what_the_register_says_changes_nothing(trainer):
    _, booking = closed(trainer, "present")
    assert correct(booking, "present", holding("lead"))
    assert Attendance.objects.get().marked_by == trainer
    assert not AuditEvent.objects.filter(kind="register.corrected").exists()


def test_an_open_run_has_its_register(trainer):
    booking = booked(past_run(trainer))
    with pytest.raises(WrongState):
        correct(booking, "present", trainer)


def test_a_lead_corrects_a_mark_with_a_reason_and_a_trainer_does_not(trainer, as_person):
    run, booking = closed(trainer, "absent")
    address, session = f"/runs/{run.pk}/correct/{booking.pk}/", run.sessions.get()
    assert as_person(trainer).get(address).status_code == 403
    lead = as_person(holding("lead"))
    assert f"/correct/{booking.pk}/" in lead.get(f"/runs/{run.pk}/register/").content.decode()
    sent = {f"session-{session.pk}": "present"}
    assert "Say why it is changed" in lead.post(address, sent).content.decode()
    told = lead.post(address, sent | {"reason": "The sheet says so"}, follow=True).content.decode()
    assert f"Corrected. {booking.person.name} has completed the course." in told
