"""Asking for approval of a booking, and deciding. Having a place and being allowed it are two things: a place is held
while somebody decides, and goes on to the next where they do not agree or do not decide in time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from academy.lib.dates import end_of_day, london_day, working_days_after, working_days_before
from courses import emails
from courses.actions.places import fill_places, lock
from courses.eligibility import Asking
from courses.models import Approval, Booking, Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

State = Approval.State
Step = Approval.Step
NOT_DECIDED = "Nobody decided in time."


@audit.sentence("approval.given", run=Run)
def _given(told: audit.Told) -> str:
    return f"approved {told.own('booking')} of {told.detail('run')} ({told.detail('step')})"


@audit.sentence("approval.refused", run=Run)
def _refused(told: audit.Told) -> str:
    return f"did not approve {told.own('booking')} of {told.detail('run')} ({told.detail('step')})"


@audit.sentence("approval.lapsed", run=Run)
def _lapsed(told: audit.Told) -> str:
    return f"ended {told.own('booking')} of {told.detail('run')}, which nobody had decided about in time"


def ask(booking: Booking, asking: Asking, *, by: Person) -> None:
    """Ask for the first approval that a new booking needs; what `by` may approve is approved by their booking it."""
    if asking.needs_approval or booking.fee:
        _ask(booking, Step.MANAGER, by=by, at=asking.at)


def _ask(booking: Booking, step: str, *, by: Person, at: datetime) -> None:
    approval = Approval.objects.create(booking=booking, step=step, asked_at=at, due_at=_due_at(booking.run, at))
    if _may_decide(approval, by, at):
        approval.move_to(State.GIVEN, decided_by=by, decided_at=at)
        _go_on(approval, by=by, at=at)
    else:
        emails.approval_wanted(approval, at)


def _may_decide(approval: Approval, by: Person, at: datetime) -> bool:
    return Approval.objects.visible_to(by, london_day(at)).filter(pk=approval.pk).exists()


def _due_at(run: Run, at: datetime) -> datetime:
    """Ten working days from now, and at least two before the run; never less than a day, nor after the start."""
    within = working_days_after(london_day(at), settings.APPROVAL_WITHIN_DAYS)
    before = working_days_before(london_day(run.starts_at), 2)
    least = working_days_after(london_day(at), 1)
    return min(end_of_day(max(min(within, before), least)), run.starts_at)


def _go_on(approval: Approval, *, by: Person, at: datetime) -> None:
    """What follows once a step was approved: the next step, or the good news."""
    booking = approval.booking
    if approval.step == Step.MANAGER and booking.fee:
        _ask(booking, Step.FEE, by=by, at=at)
    elif approval.decided_by_id != booking.booked_by_id:
        emails.booking_approved(booking, at)


@transaction.atomic
def decide(*, approval: Approval, give: bool, by: Person, at: datetime, reason: str = "") -> Approval:
    """Approve a booking, or not: then its place goes to the next. The person is told, with the reason.

    Raises WrongState where it was decided before or the booking has ended.
    """
    run = lock(approval.booking.run)
    approval = Approval.objects.select_related("booking__run", "booking__person").get(pk=approval.pk)
    approval.move_to(State.GIVEN if give else State.REFUSED, decided_by=by, decided_at=at, reason=reason)
    booking = approval.booking
    facts = {"run": run.pk, "step": approval.get_step_display().lower()}
    audit.record(f"approval.{approval.state}", by=by, at=at, about=approval, person=booking.person, **facts)
    if give:
        _go_on(approval, by=by, at=at)
    else:
        _end(booking, run, by=by, at=at)
    return approval


def _end(booking: Booking, run: Run, *, by: Person | None, at: datetime) -> None:
    """End a booking that was not approved, and hand its place on."""
    booking.move_to(Booking.State.REFUSED, ended_at=at, calendar_sequence=booking.calendar_sequence + 1)
    emails.not_approved(booking, at)
    fill_places(run, by=by, at=at)


def move(old: Booking, new: Booking, at: datetime) -> None:
    """A colleague has the place: what was approved stays so; the rest is asked of whoever answers for them."""
    for approval in old.approvals.all():
        waits = approval.state == State.WAITING
        copy = Approval.objects.create(
            booking=new,
            step=approval.step,
            state=approval.state,
            asked_at=at if waits else approval.asked_at,
            due_at=_due_at(new.run, at) if waits else approval.due_at,
            decided_by=approval.decided_by,
            decided_at=approval.decided_at,
        )
        if waits:
            emails.approval_wanted(copy, at)
    old.approvals.drop()


def remind(at: datetime) -> int:
    """Remind of approvals that have waited for some working days, once. Returns how many."""
    day = working_days_before(london_day(at), settings.APPROVAL_REMINDER_AFTER_DAYS)
    waiting = Approval.objects.waiting().filter(asked_at__lt=end_of_day(day), reminded_at=None, due_at__gt=at)
    reminded = list(waiting.select_related("booking__person"))
    for approval in reminded:
        with transaction.atomic():
            if Approval.objects.filter(pk=approval.pk, reminded_at=None).update(reminded_at=at):
                emails.approval_still_wanted(approval, at)
    return len(reminded)


def lapse(at: datetime) -> int:
    """End the bookings about which nobody decided in time; their places go to the next. Returns how many."""
    over = Approval.objects.waiting().filter(due_at__lte=at).select_related("booking__run")
    return sum(_lapse(approval, at) for approval in over.order_by("due_at", "pk"))


@transaction.atomic
def _lapse(approval: Approval, at: datetime) -> int:
    run = lock(approval.booking.run)
    approval = Approval.objects.select_related("booking__run", "booking__person").get(pk=approval.pk)
    try:
        approval.move_to(State.LAPSED, decided_at=at, reason=NOT_DECIDED)
    except WrongState:
        return 0  # decided a moment ago
    booking = approval.booking
    audit.record("approval.lapsed", by=None, at=at, about=approval, person=booking.person, run=run.pk)
    _end(booking, run, by=None, at=at)
    return 1
