"""Whether somebody may have what they booked: their manager's word, and where a fee is due, their agency's."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from courses.models.bookings import Booking
from courses.models.states import WrongState
from partners.models import Deputy, Employment, EmploymentVersion, Grant, Person
from partners.permissions import AccessRole


def deciders_of(person: int, agency: int | None, on: date, *, by_manager: bool = True) -> models.QuerySet[Person]:
    """Who is asked about what somebody of an agency wants: the managers and whoever stands in for them; where there is
    none, or it is not theirs to say, the agency's coordinators; where there are none, the academy's leads."""
    spells = Employment.objects.in_post(on).filter(person=person)
    stated = EmploymentVersion.objects.current().filter(identity__in=spells, retracted=False).values("manager")
    managers = Person.objects.employed(on).filter(pk__in=stated)
    deputies = Deputy.objects.filter(manager__in=managers, from_date__lte=on, until__gte=on).values("deputy")
    asked = Person.objects.filter(Q(pk__in=managers) | Q(pk__in=deputies)).exclude(pk=person)
    if by_manager and asked.exists():
        return asked
    grants = Grant.objects.in_force(on).exclude(person=person)
    coordinators = grants.filter(access_role=AccessRole.COORDINATOR, agency=agency, team=None)
    leads = grants.filter(access_role=AccessRole.LEAD, agency=None)
    return Person.objects.filter(pk__in=(coordinators if coordinators.exists() else leads).values("person"))


class ApprovalQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=Approval.State.WAITING)

    def drop(self) -> None:
        """Nobody need decide any more: the booking has ended."""
        self.waiting().update(state=Approval.State.DROPPED)

    def visible_to(self, viewer: Person, on: date) -> Self:
        """Those that `viewer` may decide: of the people below a manager, and of whoever they stand in for; of the own
        agency for its coordinator; all for a lead. Never of oneself."""
        duties = Grant.objects.duties_of(viewer, on)
        others = self.exclude(booking__person=viewer)
        if duties.leads:
            return others
        coordinated = Employment.objects.in_post(on).coordinated(duties).values("person")
        managed = Person.objects.managed_by(viewer, on).values("pk")
        manager = Q(step=Approval.Step.MANAGER, booking__person__in=managed)
        return others.filter(manager | Q(booking__person__in=coordinated))


class Approval(models.Model):
    """One person's word that a booking may stand. A place is held meanwhile: having one and being allowed it are two
    things."""

    class Step(models.TextChoices):
        MANAGER = "manager", "Manager"
        FEE = "fee", "Fee"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for approval"
        GIVEN = "given", "Approved"
        REFUSED = "refused", "Not approved"
        LAPSED = "lapsed", "Nobody decided in time"
        DROPPED = "dropped", "No longer needed"

    NEXT = {State.WAITING: {State.GIVEN, State.REFUSED, State.LAPSED, State.DROPPED}}

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="approvals")
    step = models.CharField(max_length=10, choices=Step)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="when the place goes to somebody else if nobody has decided")
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="told to the person")
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="approvals_that_wait")]
        constraints = [
            models.UniqueConstraint(fields=["booking", "step"], name="each_step_of_a_booking_is_approved_once")
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.get_step_display()}, {self.get_state_display().lower()}"

    def deciders(self, on: date) -> models.QuerySet[Person]:
        """Who is asked: the managers and whoever stands in for them; for a fee, or where there is no manager, the
        agency's coordinators; where there are none, the academy's leads."""
        by_manager = self.step == self.Step.MANAGER
        return deciders_of(self.booking.person_id, self.booking.agency_id, on, by_manager=by_manager)

    def move_to(self, state: str, **fields: object) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        if state not in self.NEXT.get(self.state, set()):
            raise WrongState(f"This was decided before: {self.get_state_display().lower()}.")
        if not Approval.objects.filter(pk=self.pk, state=self.state).update(state=state, **fields):
            raise WrongState("Someone else decided this a moment ago.")
        for name, value in {"state": state, **fields}.items():
            setattr(self, name, value)
