"""Who must not be erased, who was, and how far today's retention run has come."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from academy.lib.text import day
from cohorts.models import Member
from courses.models import Booking
from partners.models import Agency, Employment, Person

ERASED_NAME = "Someone who has been erased"
LEASE = timedelta(minutes=5)


class HoldQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(ended_at=None)

    def to_review(self, on: date) -> Self:
        """Those in force whose day for another look has come."""
        return self.in_force().filter(review_on__lte=on)

    def over(self, person: Person) -> Self:
        """Those in force that keep this person's records: by name, or by an agency they have to do with."""
        agencies = [tie.objects.filter(person=person).values("agency") for tie in _TIES]
        return self.in_force().filter(Q(person=person) | Q(agency__in=agencies[0].union(*agencies[1:])))


class Hold(models.Model):
    """Records that must stay for a claim, an inquiry or a court, whatever the schedule or anybody asks."""

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=300)
    from_date = models.DateField()
    review_on = models.DateField(help_text="when someone looks whether it is still needed")
    placed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["review_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, agency__isnull=True) | Q(person__isnull=True, agency__isnull=False),
                name="a_hold_is_on_a_person_or_an_agency",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="a_person_is_held_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(ended_at=None), name="an_agency_is_held_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"Hold on {self.person or self.agency}"

    @property
    def sentence(self) -> str:
        """Why nothing is erased, fit to show."""
        whose = "this person’s records" if self.person_id else f"all records of people of {self.agency}"
        return (
            f"A legal hold of {day(self.from_date)} keeps {whose}. "
            "Nothing of theirs is erased until an administrator ends it."
        )


_TIES = (Employment, Member, Booking)  # what ties a person to an agency


def held_people() -> models.QuerySet[Person]:
    """Everyone whose records a hold in force keeps."""
    holds = Hold.objects.in_force()
    tied = [
        Q(Exists(tie.objects.filter(person=OuterRef("pk"), agency__in=holds.exclude(agency=None).values("agency"))))
        for tie in _TIES
    ]
    named = Q(Exists(holds.filter(person=OuterRef("pk"))))
    return Person.objects.filter(named | tied[0] | tied[1] | tied[2]).order_by()


class Erasure(models.Model):
    """That a person was erased: what the ledger's file says too, outside the database."""

    class Rule(models.TextChoices):
        REQUEST = "request", "On request"
        SCHEDULE = "schedule", "By the schedule"

    record = models.UUIDField(unique=True, help_text="the person's uuid, also where no such record is here")
    person = models.OneToOneField(Person, null=True, on_delete=models.SET_NULL, related_name="erasure")
    at = models.DateTimeField()
    rule = models.CharField(max_length=10, choices=Rule)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="without a name")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Erased {self.get_rule_display().lower()} on {self.at:%Y-%m-%d}"


class RetentionRun(models.Model):
    """One day's retention run: begun, carried on by later ticks where one was not enough, and finished once."""

    on = models.DateField(unique=True, help_text="the London day that it is for")
    began_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True, help_text="while a worker is at it")
    finished_at = models.DateTimeField(null=True, blank=True)
    did = models.JSONField(default=dict, help_text="how many rows each rule took, by what it is called")

    class Meta:
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"Retention run for {self.on}"

    @classmethod
    def claim(cls, on: date, at: datetime) -> "RetentionRun | None":
        """That day's run, for one worker at a time; None while another is at it. One that died is at it no more."""
        run, _ = cls.objects.get_or_create(on=on, defaults={"began_at": at})
        free = cls.objects.filter(Q(lease_until=None) | Q(lease_until__lte=at), pk=run.pk)
        return run if free.update(lease_until=at + LEASE) else None
