"""Who can sign in, and the access roles granted to people."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from partners.models.agencies import Agency, Team
from partners.permissions import AccessRole

if TYPE_CHECKING:
    from partners.models.people import Person


class UserManager(BaseUserManager):
    def get_queryset(self) -> models.QuerySet["User"]:
        """Accounts with their people: every page asks for both."""
        return super().get_queryset().select_related("person")

    def create_user(self, email: str, person: "Person", **fields) -> "User":
        """An account without a password: people sign in with a code sent to their address."""
        user = self.model(email=self.normalize_email(email).lower(), person=person, **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """The account with which one person signs in. An address belongs to one account at a time."""

    email = models.EmailField(unique=True, null=True, help_text="empty once the address was given to someone else")
    person = models.OneToOneField("partners.Person", on_delete=models.CASCADE, related_name="user")
    is_active = models.BooleanField(default=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email or f"account {self.pk}"

    @property
    def given_name(self) -> str:  # so that a password is compared with it
        return self.person.given_name

    @property
    def family_name(self) -> str:
        return self.person.family_name


@dataclass(frozen=True)
class Duties:
    """What somebody's grants make them answer for: the whole academy, agencies by id, teams by path."""

    leads: bool
    agencies: frozenset[int]
    teams: frozenset[str]


class GrantQuerySet(models.QuerySet):
    def in_force(self, on: date) -> Self:
        """Those that somebody holds on that day."""
        return self.not_ended(on).filter(from_date__lte=on)

    def not_ended(self, on: date) -> Self:
        """Those in force on that day, and those still to come."""
        return self.filter(Q(to_date=None) | Q(to_date__gt=on))

    def duties_of(self, person: "Person", on: date) -> "Duties":
        """What that person leads and coordinates on that day. One query."""
        held = self.held_by(person, on).values_list("access_role", "agency", "team__path")
        coordinated = [(agency, path) for role, agency, path in held if role == AccessRole.COORDINATOR]
        return Duties(
            leads=(AccessRole.LEAD, None, None) in held,
            agencies=frozenset(agency for agency, path in coordinated if path is None),
            teams=frozenset(path for _, path in coordinated if path is not None),
        )

    def held_by(self, person: "Person", on: date) -> Self:
        """That person's grants in force on that day."""
        return self.in_force(on).filter(person=person)


# What a row said before each change, kept by a trigger: however it was changed, and by whomever.
@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), context_field=None, model_name="GrantChange"
)
class Grant(models.Model):
    """An access role given to a person for an agency, a team, or (neither named) the whole academy.

    Nothing is deleted: one that is no longer held has ended. One that ends on its first day was never in force.
    """

    GRANTABLE = [
        (role.value, role.value.capitalize())
        for role in (AccessRole.COORDINATOR, AccessRole.LEAD, AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR)
    ]

    person = models.ForeignKey("partners.Person", on_delete=models.CASCADE, related_name="grants")
    access_role = models.CharField(max_length=20, choices=GRANTABLE)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True, help_text="the first day without it")
    reason = models.CharField(max_length=200)
    given_by = models.ForeignKey("partners.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_by = models.ForeignKey("partners.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True, db_default="", default="")

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(access_role=AccessRole.COORDINATOR) | Q(agency__isnull=False),
                name="a_coordinator_belongs_to_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gte=F("from_date")),
                name="an_access_role_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_access_role_is_given_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_access_role_display()}"

    @property
    def place(self) -> str:
        """What it is for: 'Elm Primary, Reception team', 'Elm Primary' or 'the whole academy'."""
        return ", ".join(str(part) for part in (self.agency, self.team) if part) or "the whole academy"

    def is_in_force(self, on: date) -> bool:
        return self.from_date <= on and (self.to_date is None or self.to_date > on)
