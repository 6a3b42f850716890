"""What people are told about approvals of bookings."""

from datetime import datetime

from academy.lib.calendar import Calendar
from academy.lib.dates import london_day
from courses.emails import invitations
from courses.models import Approval, Booking
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, Approval]:
    found = Approval.objects.select_related("booking__run__course", "booking__person", "booking__agency")
    return found.prefetch_related("booking__run__sessions").in_bulk(ids)


def _unless_waiting(approval: Approval, at: datetime) -> str:
    return "" if approval.state == Approval.State.WAITING else "it was decided, or is no longer needed"


def _mail(approval: Approval, subject: str, template: str) -> Mail:
    run = approval.booking.run
    context = {"approval": approval, "booking": approval.booking, "run": run, "course": run.course}
    return outbox.mail(f"{subject}: {run.course.title}", f"courses/{template}", sessions=run.sessions.all(), **context)


def _queue(kind: str, approval: Approval, at: datetime) -> None:
    asked = approval.deciders(london_day(at)).values_list("pk", flat=True)
    outbox.queue(*[outbox.new(kind, key=f"{approval.pk}-{pk}", person=pk, at=at, approval=approval.pk) for pk in asked])


@outbox.kind("courses.approval_wanted", subject="approval", load=_load, unwanted=_unless_waiting)
def _approval_wanted(approval: Approval) -> Mail:
    return _mail(approval, f"{approval.booking.person.name} asks for your approval", "approval_wanted")


def approval_wanted(approval: Approval, at: datetime) -> None:
    """'Somebody whom you answer for has booked this: do you agree?' To each who may decide."""
    _queue("courses.approval_wanted", approval, at)


@outbox.kind("courses.approval_still_wanted", subject="approval", load=_load, unwanted=_unless_waiting)
def _approval_still_wanted(approval: Approval) -> Mail:
    return _mail(approval, f"{approval.booking.person.name} still waits for your approval", "approval_wanted")


def approval_still_wanted(approval: Approval, at: datetime) -> None:
    """The same, once more."""
    _queue("courses.approval_still_wanted", approval, at)


def _about(booking: Booking, subject: str, template: str, calendar: Calendar | None = None) -> Mail:
    run = booking.run
    context = {"booking": booking, "run": run, "course": run.course, "sessions": run.sessions.all()}
    refusal = [item for item in booking.approvals.all() if item.state in ("refused", "lapsed")]
    reason = refusal[0].reason if refusal else ""
    title = f"{subject}: {run.course.title}"
    return outbox.mail(title, f"courses/{template}", calendar=calendar, reason=reason, **context)


def _queue_for_person(kind: str, booking: Booking, at: datetime) -> None:
    outbox.queue(outbox.new(kind, key=str(booking.pk), person=booking.person_id, at=at, booking=booking.pk))


@outbox.kind("courses.booking_approved", subject="booking", load=invitations.load)
def _booking_approved(booking: Booking) -> Mail:
    return _about(booking, "Approved", "booking_approved")


def booking_approved(booking: Booking, at: datetime) -> None:
    """'Your booking was approved.'"""
    _queue_for_person("courses.booking_approved", booking, at)


@outbox.kind("courses.not_approved", subject="booking", load=invitations.load)
def _not_approved(booking: Booking) -> Mail:
    return _about(booking, "Not approved", "not_approved", invitations.of(booking))


def not_approved(booking: Booking, at: datetime) -> None:
    """'Your booking was not approved, for this reason.'"""
    _queue_for_person("courses.not_approved", booking, at)
    invitations.further(booking, at)
