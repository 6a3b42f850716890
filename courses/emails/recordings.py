"""What those who were booked are told about a recording."""

from datetime import datetime

from courses.models import Booking, Run
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, Booking]:
    return Booking.objects.select_related("run__course", "person").in_bulk(ids)


def _unless_there(booking: Booking, at: datetime) -> str:
    return "" if booking.run.recording_url else "the link was taken out again"


@outbox.kind("courses.recording_added", subject="booking", load=_load, unwanted=_unless_there)
def _recording_added(booking: Booking) -> Mail:
    context = {"booking": booking, "run": booking.run, "course": booking.run.course}
    return outbox.mail(f"The recording: {booking.run.course.title}", "courses/recording_added", **context)


def recording_added(run: Run, at: datetime) -> None:
    """To those who were booked: 'The recording is there.' Once for each run."""
    booked = run.bookings.booked().values_list("pk", "person")
    kind = "courses.recording_added"
    outbox.queue(*[outbox.new(kind, key=str(pk), person=person, at=at, booking=pk) for pk, person in booked])
