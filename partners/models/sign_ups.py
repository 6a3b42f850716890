"""People who ask to be added: with an address of a domain that an agency has registered, until it says who they are."""

import functools
import operator
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from partners.models.accounts import Duties, Grant
from partners.models.agencies import Agency, Team
from partners.models.people import Person
from partners.permissions import AccessRole


class SignUpQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Those that nobody has decided about yet, the first to ask first."""
        return self.filter(state=SignUp.State.WAITING).order_by("asked_at", "pk")

    def coordinated(self, duties: Duties) -> Self:
        """Those for an agency that somebody with these duties coordinates, for a team of theirs or one below it."""
        in_teams = [Q(team__path__startswith=path) for path in duties.teams]
        return self.filter(functools.reduce(operator.or_, in_teams, Q(agency__in=duties.agencies)))

    def visible_to(self, viewer: Person, on: date) -> Self:
        """Those about which `viewer` may decide: all for a lead, for coordinators those for what they coordinate."""
        duties = Grant.objects.duties_of(viewer, on)
        return self if duties.leads else self.coordinated(duties)

    def without_coordinator(self, on: date) -> Self:
        """Those about which no coordinator can decide on that day, so that a lead must."""
        asked = ExpressionWrapper(OuterRef("team__path"), output_field=models.CharField())
        grants = Grant.objects.in_force(on).filter(access_role=AccessRole.COORDINATOR, agency=OuterRef("agency"))
        above = grants.alias(asked=asked).filter(Q(team=None) | Q(asked__startswith=F("team__path")))
        return self.exclude(Exists(above))

    def owed_by(self, person: Person, on: date) -> Self:
        """Those that this person is to answer: as a coordinator; as a lead where no coordinator can."""
        duties = Grant.objects.duties_of(person, on)
        own = self.coordinated(duties)
        return own | self.without_coordinator(on) if duties.leads else own


class SignUp(models.Model):
    """What somebody says of themselves, having shown that they read the mail of `email`. It opens nothing."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ADDED = "added", "Added as a new person"
        KNOWN = "known", "Found to be known already"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Nobody answered"

    S = State
    NEXT = {S.WAITING: {S.ADDED, S.KNOWN, S.DECLINED, S.EXPIRED}}

    email = models.EmailField()
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="sign_ups")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="sign_ups")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    job = models.CharField(max_length=200, help_text="in their own words")
    employee_number = models.CharField(max_length=40, blank=True)
    manager_email = models.EmailField(blank=True)
    start_date = models.DateField(null=True, blank=True, help_text="of the job, as far as they know")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="why it was declined; they read it")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="sign_ups")

    objects = SignUpQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=Q(state="waiting"), name="an_address_waits_for_one_answer_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="a_sign_up_is_decided_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"sign-up {self.pk} ({self.state})"

    @property
    def name(self) -> str:
        """The name as people say it."""
        return f"{self.given_name} {self.family_name}".strip()

    def move_to(self, state: str, **facts: object) -> bool:
        """From the state we read to `state`, writing `facts` too; False where somebody else moved it first."""
        if state not in self.NEXT.get(self.state, ()):
            return False
        moved = type(self).objects.filter(pk=self.pk, state=self.state).update(state=state, **facts)
        if moved:
            for name, value in {"state": state, **facts}.items():
                setattr(self, name, value)
        return bool(moved)
