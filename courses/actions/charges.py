"""The ledger of places given up late or not used, and of fees."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from courses.models import Attendance, Booking, Charge, Mark, Policy, Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

Kind = Charge.Kind


@audit.sentence("charge.waived", run=Run)
def _waived(told: audit.Told) -> str:
    return f"waived a charge about {told.own('booking')} of {told.detail('run')}"


@audit.sentence("charges.invoiced")
def _invoiced(told: audit.Told) -> str:
    return f"took {told.detail('count')} charges into a file for invoicing"


@audit.sentence("policy.set")
def _set(told: audit.Told) -> str:
    return f"set what is agreed with agencies of the kind {told.detail('agency_kind')} on giving up and not coming"


def given_up(booking: Booking, *, at: datetime) -> None:
    """Write down that a place was given up later than agreed, if it was. The booking must have its run."""
    if booking.is_late(at) and booking.agency_id:
        _write([_new(booking, Kind.LATE, booking.late_charge, at)])


def of_closed_run(run: Run, *, at: datetime) -> None:
    """Write down who did not come, and the fees of those who held a place. Once, however often it is asked."""
    held = list(run.bookings.booked().filter(walk_in=False).exclude(agency=None))
    absent = _absent(run)
    rows = [_new(booking, Kind.NO_SHOW, booking.no_show_charge, at) for booking in held if booking.pk in absent]
    rows += [_new(booking, Kind.FEE, booking.fee, at) for booking in held if booking.fee]
    _write(rows)


CORRECTED = "The register was corrected."


def corrected(booking: Booking, *, by: Person, at: datetime) -> None:
    """Let the ledger follow a register that was put right: whoever was there after all need not pay for staying away,
    and whoever was not does. What was invoiced is between the academy and the agency. Needs the run."""
    known = Charge.objects.filter(booking=booking, kind=Kind.NO_SHOW)
    if booking.pk not in _absent(booking.run):
        unpaid = known.filter(waived_at=None, invoiced_at=None)
        unpaid.update(waived_at=at, waived_by=by, waiver_reason=CORRECTED)
    elif not known.filter(waiver_reason=CORRECTED).update(waived_at=None, waived_by=None, waiver_reason=""):
        of_closed_run(booking.run, at=at)


def _absent(run: Run) -> set[int]:
    """Bookings whose every mark says that they were not there, or came late where that counts as absent."""
    there = Attendance.objects.filter(booking=OuterRef("pk")).exclude(mark=Mark.ABSENT)
    strictly = there.exclude(mark=Mark.LATE)
    booked = run.bookings.booked().filter(attendances__isnull=False)
    never = booked.filter(late_is_absent=False).exclude(Exists(there))
    never_in_time = booked.filter(late_is_absent=True).exclude(Exists(strictly))
    return {*never.values_list("pk", flat=True), *never_in_time.values_list("pk", flat=True)}


def _new(booking: Booking, kind: str, amount, at: datetime) -> Charge:
    return Charge(booking=booking, agency_id=booking.agency_id, kind=kind, amount=amount, made_at=at)


def _write(rows: Iterable[Charge]) -> None:
    Charge.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def waive(*, charge: Charge, reason: str, by: Person, at: datetime) -> None:
    """Waive a charge, for a reason. Raises WrongState where it was waived or invoiced before."""
    open_charges = Charge.objects.filter(pk=charge.pk, waived_at=None, invoiced_at=None)
    if not open_charges.update(waived_at=at, waived_by=by, waiver_reason=reason):
        raise WrongState("This charge was waived or invoiced before.")
    booking = charge.booking
    audit.record("charge.waived", by=by, at=at, about=charge, person=booking.person, run=booking.run_id)


@transaction.atomic
def invoice(*, by: Person, at: datetime) -> list[Charge]:
    """Take every charge that is to be paid and was in no file yet. Returns them, with what an invoice names."""
    rows = Charge.objects.standing().filter(invoiced_at=None, amount__gt=0).select_for_update(of=("self",))
    found = list(
        rows.select_related("agency", "booking__person", "booking__run__course").order_by("agency__name_key", "pk")
    )
    Charge.objects.filter(pk__in=[charge.pk for charge in found]).update(invoiced_at=at)
    if found:
        audit.record("charges.invoiced", by=by, at=at, about=by, count=len(found))
    return found


@transaction.atomic
def set_policy(*, policy: Policy, by: Person, at: datetime) -> Policy:
    """Save what is agreed with one kind of agency. Bookings made before keep what was agreed then."""
    policy.save()
    audit.record("policy.set", by=by, at=at, about=policy, agency_kind=policy.get_agency_kind_display())
    return policy
