"""What people are told about their places: one function a message, keyed so that it is queued once."""

from collections.abc import Callable
from datetime import datetime

from academy.lib.calendar import Calendar
from courses.emails import invitations
from courses.models import Booking
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, Booking]:
    return invitations.load(ids, at)


def _unless_still(state: str) -> Callable[[Booking, datetime], str]:
    return lambda booking, at: "" if booking.state == state else "the booking has changed since"


def _mail(booking: Booking, subject: str, template: str, calendar: Calendar | None = None) -> Mail:
    run = booking.run
    context = {"booking": booking, "run": run, "course": run.course, "sessions": run.sessions.all()}
    return outbox.mail(f"{subject}: {run.course.title}", f"courses/{template}", calendar=calendar, **context)


def _queue(kind: str, booking: Booking, at: datetime) -> None:
    outbox.queue(outbox.new(kind, key=str(booking.pk), person=booking.person_id, at=at, booking=booking.pk))


@outbox.kind("courses.place_booked", subject="booking", load=_load, unwanted=_unless_still(Booking.State.BOOKED))
def _place_booked(booking: Booking) -> Mail:
    return _mail(booking, "Booked", "place_booked", invitations.of(booking))


def place_booked(booking: Booking, at: datetime) -> None:
    """'You have a place.'"""
    _queue("courses.place_booked", booking, at)
    invitations.further(booking, at)


@outbox.kind("courses.place_in_queue", subject="booking", load=_load, unwanted=_unless_still(Booking.State.QUEUED))
def _place_in_queue(booking: Booking) -> Mail:
    return _mail(booking, "In the queue", "place_in_queue")


def place_in_queue(booking: Booking, at: datetime) -> None:
    """'The run is full; you are in the queue.'"""
    _queue("courses.place_in_queue", booking, at)


@outbox.kind("courses.place_came_up", subject="booking", load=_load, unwanted=_unless_still(Booking.State.BOOKED))
def _place_came_up(booking: Booking) -> Mail:
    return _mail(booking, "You now have a place", "place_came_up", invitations.of(booking))


def place_came_up(booking: Booking, at: datetime) -> None:
    """'A place came up and it is yours.'"""
    _queue("courses.place_came_up", booking, at)
    invitations.further(booking, at)


@outbox.kind("courses.place_offered", subject="booking", load=_load, unwanted=_unless_still(Booking.State.OFFERED))
def _place_offered(booking: Booking) -> Mail:
    return _mail(booking, "A place is held for you", "place_offered")


def place_offered(booking: Booking, at: datetime) -> None:
    """'A place is held for you until then.'"""
    _queue("courses.place_offered", booking, at)


@outbox.kind("courses.offer_ran_out", subject="booking", load=_load)
def _offer_ran_out(booking: Booking) -> Mail:
    return _mail(booking, "The offer has run out", "offer_ran_out")


def offer_ran_out(booking: Booking, at: datetime) -> None:
    """'You did not answer in time, so the place goes on.'"""
    _queue("courses.offer_ran_out", booking, at)


@outbox.kind("courses.place_handed_on", subject="booking", load=_load)
def _place_handed_on(booking: Booking) -> Mail:
    return _mail(booking, "Place handed on", "place_handed_on", invitations.of(booking))


def place_handed_on(booking: Booking, at: datetime) -> None:
    """'Your colleague has your place now.'"""
    _queue("courses.place_handed_on", booking, at)
    invitations.further(booking, at)


@outbox.kind("courses.place_handed_to_you", subject="booking", load=_load, unwanted=_unless_still(Booking.State.BOOKED))
def _place_handed_to_you(booking: Booking) -> Mail:
    return _mail(booking, "A colleague gave you their place", "place_handed_to_you", invitations.of(booking))


def place_handed_to_you(booking: Booking, at: datetime) -> None:
    """'You have your colleague's place now.'"""
    _queue("courses.place_handed_to_you", booking, at)
    invitations.further(booking, at)


@outbox.kind("courses.place_given_up", subject="booking", load=_load)
def _place_given_up(booking: Booking) -> Mail:
    subject = "You left the queue" if booking.state == Booking.State.LEFT_QUEUE else "Place given up"
    return _mail(booking, subject, "place_given_up", invitations.of(booking))


def place_given_up(booking: Booking, at: datetime) -> None:
    """'Your place has gone to someone else; nothing more to do.'"""
    _queue("courses.place_given_up", booking, at)
    invitations.further(booking, at)


@outbox.kind("courses.no_place", subject="booking", load=_load)
def _no_place(booking: Booking) -> Mail:
    return _mail(booking, "No place came up", "no_place")


def no_place_came_up(booking: Booking, at: datetime) -> None:
    """'The run has started without a place for you.'"""
    _queue("courses.no_place", booking, at)
