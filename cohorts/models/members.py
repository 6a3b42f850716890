"""Intakes, and the people on them as dated versions."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from academy.lib.text import sort_key
from cohorts.models.programmes import ProgrammeVersion
from partners.models import Agency, Grant, Person, Version, VersionQuerySet
from partners.permissions import AccessRole


class EntryRoute(models.TextChoices):
    UNIVERSITY = "university", "University"
    STEP_UP = "step_up", "Step Up"
    FRONTLINE = "frontline", "Frontline / Approach"
    APPRENTICESHIP = "apprenticeship", "Apprenticeship"
    OVERSEAS = "overseas", "Overseas"


class Outcome(models.TextChoices):
    PASS = "pass", "Pass"
    FAIL = "fail", "Fail"
    DEFERRED = "deferred", "Deferred"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REDEPLOYED = "redeployed", "Redeployed"


class CohortQuerySet(models.QuerySet):
    def visible_to(self, person: Person, on: date) -> Self:
        """All for leads; their agencies' for directors; those of their own members for leads and mentors of people."""
        return self.filter(Exists(Member.objects.visible_to(person, on).filter(cohort=OuterRef("pk"))))


class Cohort(models.Model):
    """An intake of a programme."""

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name_key"], name="a_cohort_has_one_name_in_its_programme")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)


class MemberQuerySet(models.QuerySet):
    def visible_to(self, person: Person, on: date) -> Self:
        """Everyone for a lead; a director's own agencies; the members one assesses or mentors; and oneself."""
        grants = Grant.objects.held_by(person, on)
        everywhere = grants.filter(access_role__in=[AccessRole.LEAD, AccessRole.DIRECTOR], agency=None, team=None)
        own = grants.filter(access_role=AccessRole.DIRECTOR, team=None).values("agency")
        assigned = MemberVersion.objects.current().filter(Q(practice_lead=person) | Q(mentor=person))
        return self.filter(
            Exists(everywhere) | Q(agency__in=own) | Q(pk__in=assigned.values("identity")) | Q(person=person)
        )

    def known_now(self) -> Self:
        """Members whose membership has not been withdrawn as a mistake."""
        return self.filter(versions__is_current=True, versions__retracted=False)


class Member(models.Model):
    """One person on a cohort. Names the membership only: its facts are in its versions."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="cohort_members")

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "person"], name="a_person_is_on_a_cohort_once")]

    def __str__(self) -> str:
        return f"{self.person} on {self.cohort}"


class MemberVersion(Version):
    """What was said of a membership, and when."""

    FACTS = (
        *("start_date", "entry_route", "practice_lead_id", "mentor_id"),
        *("completed_on", "outcome", "outcome_on"),
    )

    identity = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="versions")
    start_date = models.DateField()
    entry_route = models.CharField(max_length=20, choices=EntryRoute, blank=True)
    practice_lead = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="assesses")
    mentor = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentors")
    completed_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    outcome_on = models.DateField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["identity", "-recorded_at"], name="member_versions_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=Q(is_current=True), name="a_membership_has_one_current_version"
            )
        ]
