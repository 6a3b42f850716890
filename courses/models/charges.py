"""What giving up late and not coming costs, by kind of agency; and the ledger of it."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q

from courses.models.bookings import Booking
from partners.models import Agency, AgencyKind, Grant, Person


class Policy(models.Model):
    """What is agreed with one kind of agency. Copied onto each booking when it is made."""

    agency_kind = models.CharField(max_length=20, choices=AgencyKind, unique=True)
    free_until_days = models.PositiveSmallIntegerField(
        "working days before the run until which giving up costs nothing", default=0
    )
    late_charge = models.DecimalField("for giving up later (£)", max_digits=8, decimal_places=2, default=0)
    no_show_half_day = models.DecimalField(
        "for not coming, up to 4 hours (£)", max_digits=8, decimal_places=2, default=0
    )
    no_show_full_day = models.DecimalField("for not coming, longer (£)", max_digits=8, decimal_places=2, default=0)
    late_is_absent = models.BooleanField("whoever comes late counts as absent", default=False)

    class Meta:
        ordering = ["agency_kind"]
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(late_charge__gte=0, no_show_half_day__gte=0, no_show_full_day__gte=0),
                name="a_charge_is_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.get_agency_kind_display()


class ChargeQuerySet(models.QuerySet):
    def visible_to(self, viewer: Person, on: date) -> Self:
        """All for a lead; for a coordinator those of the own agencies."""
        duties = Grant.objects.duties_of(viewer, on)
        return self if duties.leads else self.filter(agency__in=duties.agencies)

    def standing(self) -> Self:
        """Those not waived."""
        return self.filter(waived_at=None)


class Charge(models.Model):
    """That a place was given up late, or that somebody did not come; and what that costs their agency, if anything."""

    class Kind(models.TextChoices):
        LATE = "late", "Given up late"
        NO_SHOW = "no_show", "Did not come"
        FEE = "fee", "Fee"

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="charges")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.DecimalField(max_digits=8, decimal_places=2, help_text="pounds; 0 where the policy has none")
    made_at = models.DateTimeField()
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    waiver_reason = models.CharField(max_length=300, blank=True)
    invoiced_at = models.DateTimeField(null=True, blank=True, help_text="when it went into a file for invoicing")

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "kind"], name="a_booking_is_charged_once_for_each"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="an_amount_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.booking}"

    @property
    def due(self) -> Decimal:
        """Pounds to be paid."""
        return Decimal(0) if self.waived_at else self.amount
