"""What people are told about their places: one function a message, keyed so that it is queued once."""

from datetime import datetime

from courses.models import Booking
from partners import outbox
from partners.models import OutboxMessage
from partners.outbox import Mail


def _booking(message: OutboxMessage) -> Booking:
    return Booking.objects.select_related("run__course", "person").get(pk=message.subjects["booking"])


def _unless_still(state: str):
    def unwanted(message: OutboxMessage, at: datetime) -> str:
        return "" if _booking(message).state == state else "the booking has changed since"

    return unwanted


def _mail(message: OutboxMessage, subject: str, template: str) -> Mail:
    booking = _booking(message)
    run = booking.run
    context = {"booking": booking, "run": run, "course": run.course, "sessions": list(run.sessions.all())}
    return outbox.mail(subject.format(course=run.course.title), f"courses/{template}", **context)


def _queue(kind: str, booking: Booking, at: datetime) -> None:
    outbox.queue(outbox.new(kind, key=str(booking.pk), person=booking.person_id, at=at, booking=booking.pk))


@outbox.kind("courses.place_booked", unwanted=_unless_still(Booking.State.BOOKED))
def _place_booked(message: OutboxMessage) -> Mail:
    return _mail(message, "Booked: {course}", "place_booked")


def place_booked(booking: Booking, at: datetime) -> None:
    """'You have a place.'"""
    _queue("courses.place_booked", booking, at)


@outbox.kind("courses.place_in_queue", unwanted=_unless_still(Booking.State.QUEUED))
def _place_in_queue(message: OutboxMessage) -> Mail:
    return _mail(message, "In the queue: {course}", "place_in_queue")


def place_in_queue(booking: Booking, at: datetime) -> None:
    """'The run is full; you are in the queue.'"""
    _queue("courses.place_in_queue", booking, at)


@outbox.kind("courses.place_came_up", unwanted=_unless_still(Booking.State.BOOKED))
def _place_came_up(message: OutboxMessage) -> Mail:
    return _mail(message, "You now have a place: {course}", "place_came_up")


def place_came_up(booking: Booking, at: datetime) -> None:
    """'A place came up and it is yours.'"""
    _queue("courses.place_came_up", booking, at)


@outbox.kind("courses.place_given_up")
def _place_given_up(message: OutboxMessage) -> Mail:
    return _mail(message, "Place given up: {course}", "place_given_up")


def place_given_up(booking: Booking, at: datetime) -> None:
    """'Your place has gone to someone else; nothing more to do.'"""
    _queue("courses.place_given_up", booking, at)
