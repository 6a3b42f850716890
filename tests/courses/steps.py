"""What people do in the tests of booking, as the pages do it."""

from datetime import datetime

from courses.actions import bookings, interests, offers
from courses.models import Booking, Interest, Run
from partners.models import Agency, OutboxMessage, Person
from tests.factories import NOW, employed


def ask(run: Run, person: Person | None = None, *, at: datetime = NOW, agency: Agency | None = None) -> Booking:
    """Somebody books for themselves."""
    person = person or employed(agency=agency)
    return bookings.book(run=run, person=person, by=person, at=at)


def leave(booking: Booking, *, at: datetime = NOW) -> Booking:
    return bookings.give_up(booking=booking, by=booking.person, at=at)


def take(booking: Booking, *, at: datetime = NOW) -> Booking:
    return offers.take_offer(booking=booking, by=booking.person, at=at)


def decline(booking: Booking, *, at: datetime = NOW) -> Booking:
    return offers.decline_offer(booking=booking, by=booking.person, at=at)


def state(booking: Booking) -> str:
    """What has become of it."""
    return Booking.objects.get(pk=booking.pk).state


def told(person: Person) -> list[str]:
    """The kinds of message waiting for someone, oldest first."""
    kinds = OutboxMessage.objects.filter(person=person).order_by("pk").values_list("kind", flat=True)
    return [kind.removeprefix("courses.") for kind in kinds]


def waits_for(course, person: Person | None = None, *, at: datetime = NOW, **wish) -> Interest:
    """Somebody wants a place on the next date of a course that suits."""
    wish = {"wants_place": True, "days": [], "areas": []} | wish
    return interests.ask(course=course, person=person or employed(), at=at, **wish)
