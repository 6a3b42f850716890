"""People, one record for life, and their employments as dated versions."""

import functools
import operator
from collections.abc import Iterable
from datetime import date
from typing import Self
from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from academy.lib import registry
from academy.lib.of_row import OfRow
from academy.lib.text import sort_key
from partners.models.accounts import Duties, Grant
from partners.models.agencies import Agency, Team
from partners.models.versions import Version, VersionQuerySet
from partners.permissions import ASSIGNED, AccessRole


class DfeRole(models.IntegerChoices):
    """Department for Education, children's social work workforce census: role codes."""

    SENIOR_MANAGER = 1, "Senior manager"
    MIDDLE_MANAGER = 2, "Middle manager"
    FIRST_LINE_MANAGER = 3, "First line manager"
    SENIOR_PRACTITIONER = 4, "Senior practitioner"
    CASE_HOLDER = 5, "Case holder"
    QUALIFIED_WITHOUT_CASES = 6, "Qualified without cases"


class LeavingReason(models.IntegerChoices):
    """The same census: reason for leaving."""

    RESIGNATION = 1, "Resignation"
    VOLUNTARY_REDUNDANCY = 2, "Voluntary redundancy"
    COMPULSORY_REDUNDANCY = 3, "Compulsory redundancy"
    DISMISSED = 4, "Dismissed"
    RETIRED = 5, "Retired"
    DECEASED = 6, "Deceased"
    MOVED_WITHIN = 7, "Moved to a non child and family social work role in the authority"
    OTHER = 8, "Other"
    NOT_KNOWN = 9, "Not known"
    NOT_YET_COLLECTED = 10, "Not yet collected"


class Destination(models.IntegerChoices):
    """The same census: destination of a leaver."""

    ENGLISH_AUTHORITY = 1, "Social work at another English authority"
    OUTSIDE_ENGLAND = 2, "Social work outside England"
    AGENCY = 3, "Agency or consultancy"
    OTHER_SOCIAL_WORK = 4, "Other social work outside local authorities"
    OTHER_SOCIAL_CARE = 5, "Other social care"
    LEFT_PROFESSION = 6, "Not social care, abroad, no employment or career break"
    OTHER = 7, "Other"
    NOT_KNOWN = 8, "Not known"
    NOT_YET_COLLECTED = 9, "Not yet collected"


class WorkerType(models.TextChoices):
    EMPLOYEE = "employee", "Employee"
    AGENCY = "agency", "Agency worker"


class JobRole(models.Model):
    """What a person is employed as."""

    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, unique=True, editable=False)

    class Meta:
        ordering = ["name_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)


# Everyone below a manager who is at work, at any depth, by what is known now; a ring of managers ends where it began.
# Who stands in for a manager manages their people too. It walks down the index on managers, so it costs what the people
# below cost, not what the county does.
_RUNNING = """v.is_current AND NOT v.retracted
    AND e.start_date <= %s AND (v.end_date IS NULL OR v.end_date > %s)"""
_SPELLS = "partners_employmentversion v JOIN partners_employment e ON e.id = v.identity_id"
_MANAGED = f"""
WITH RECURSIVE heads AS (
    SELECT %s AS id
    UNION SELECT manager_id FROM partners_deputy WHERE deputy_id = %s AND from_date <= %s AND until >= %s
), managed AS (
    SELECT e.person_id FROM heads JOIN ({_SPELLS}) ON v.manager_id = heads.id AND {_RUNNING}
        AND EXISTS (SELECT FROM {_SPELLS} WHERE e.person_id = heads.id AND {_RUNNING})
        AND EXISTS (SELECT FROM {_SPELLS} WHERE e.person_id = %s AND {_RUNNING})
    UNION
    SELECT e.person_id FROM managed JOIN ({_SPELLS}) ON v.manager_id = managed.person_id AND {_RUNNING}
)
SELECT person_id FROM managed
"""  # noqa: S608  (only our own fragments are pasted in; every value is a parameter)

# The id of the agency of a person's main spell on a day; takes the person's id and the day twice.
MAIN_AGENCY = f"""
SELECT e.agency_id FROM {_SPELLS} WHERE e.person_id = %s AND {_RUNNING}
ORDER BY v.dfe_role NULLS LAST, v.fte DESC, e.start_date LIMIT 1
"""  # noqa: S608

# A person's spells on a day; takes the person's id and the day twice.
SPELLS_THAT_RUN = f"SELECT e.* FROM {_SPELLS} WHERE e.person_id = %s AND {_RUNNING}"  # noqa: S608

# The ids of the agencies where a person works on a day; takes the person's id and the day twice.
EMPLOYERS = f"SELECT e.agency_id FROM {_SPELLS} WHERE e.person_id = %s AND {_RUNNING}"  # noqa: S608


def _managed_by(manager: "Person", on: date) -> RawSQL:
    who, day = manager.pk, (on, on)
    return RawSQL(_MANAGED, (who, who, *day, *day, *day, who, *day, *day))


def _coordinated(duties: Duties, on: date) -> models.Exists:
    """Whether the person of a row has a post that somebody with these duties coordinates. Asked of each row, so that
    finding one person among an agency's thousands does not gather them all first."""
    spells = Employment.objects.in_post(on).coordinated(duties)
    return models.Exists(spells.filter(person=models.OuterRef("pk")))


def _holds(roles: Iterable[str], on: date) -> OfRow:
    """Whether the person of a row holds one of these access roles on that day."""
    each = registry.roles_sql("{row}.id", "t.day")
    held = f"EXISTS (SELECT FROM (SELECT %s::date) t(day), LATERAL ({each}) held(role) WHERE role = ANY(%s))"
    return OfRow(held, (on, list(roles)))


class PersonQuerySet(models.QuerySet):
    def employed(self, on: date) -> Self:
        """People in post anywhere on that day, by what is known now."""
        return self.filter(models.Exists(Employment.objects.in_post(on).filter(person=models.OuterRef("pk"))))

    def mail_refused(self) -> Self:
        """Those who hear nothing from the academy, since their mail server refuses the address we have."""
        return self.filter(email_refused=F("email")).exclude(email="")

    def holding(self, roles: Iterable[str], on: date) -> Self:
        """Those who hold one of these access roles on that day, by a grant or by what they do."""
        return self.filter(_holds(roles, on))

    def matching(self, words: str) -> Self:
        """Those with each of these words at the beginning of a name, a former name, an address or a number."""
        for word in sort_key(words.replace("\0", "")).split():
            # The index finds who stands before the @: thousands have the same behind it, and it would look at them all.
            before, at, _ = word.partition("@")
            self = self.filter(search_key__contains=f" {before}")
            if at:
                self = self.filter(GreaterThan(StrIndex("search_key", models.Value(f" {word}")), 0))
        return self

    def managed_by(self, manager: "Person", on: date) -> Self:
        """Everyone whom `manager`, or somebody for whom they stand in, manages on that day, at any depth below."""
        return self.filter(pk__in=_managed_by(manager, on))

    def visible_to(self, viewer: "Person", on: date) -> Self:
        """Whose records `viewer` may open: everyone for a lead, the own agency or team for its coordinator,
        the people below for a manager and whoever stands in for one, and always oneself."""
        duties = Grant.objects.duties_of(viewer, on)
        if duties.leads:
            return self.filter(merged_into=None)
        return self.filter(_coordinated(duties, on) | Q(pk=viewer.pk) | Q(pk__in=_managed_by(viewer, on)))

    def kept_by(self, viewer: "Person", on: date) -> Self:
        """Whose records `viewer` may change: everyone's for a lead, those of the own agency or team for its
        coordinator."""
        duties = Grant.objects.duties_of(viewer, on)
        if duties.leads:
            return self.filter(merged_into=None)
        return self.filter(_coordinated(duties, on))

    def may_be_moved_by(self, viewer: "Person", on: date) -> Self:
        """Those to whom `viewer` may give a new address, with which whoever reads that mailbox can sign in as them.

        So a lead may not to an administrator, nor a coordinator to somebody who works elsewhere too, or who has rights
        or will have them: a trainer, say, or, for the coordinator of a team, a manager, whose people may be in others.
        """
        duties = Grant.objects.duties_of(viewer, on)
        if duties.leads:
            administrators = Grant.objects.not_ended(on).filter(access_role=AccessRole.ADMINISTRATOR)
            return self.exclude(pk__in=administrators.exclude(person=viewer).values("person"))
        elsewhere = Employment.objects.in_post(on).exclude(pk__in=Employment.objects.coordinated(duties).values("pk"))
        holders = Grant.objects.not_ended(on).exclude(person=viewer)
        higher = ASSIGNED | {AccessRole.MANAGER} if duties.teams else ASSIGNED
        kept = self.kept_by(viewer, on).exclude(pk__in=elsewhere.values("person"))
        return kept.exclude(pk__in=holders.values("person")).filter(Q(pk=viewer.pk) | ~Q(_holds(higher, on)))


class Person(models.Model):
    """One human being, one record for life: across jobs, agencies, surnames and e-mail addresses."""

    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    name_key = models.CharField(max_length=220, editable=False, db_index=True, help_text="surname first, to sort by")
    email = models.EmailField(blank=True, db_index=True)
    email_refused = models.EmailField(
        blank=True,
        editable=False,
        db_default="",
        default="",
        help_text="the address that a mail server refused for good; told to coordinators",
    )
    swe_number = models.CharField("Social Work England number", max_length=20, blank=True)
    search_key = models.TextField(
        editable=False,
        db_default="",
        default="",
        help_text="names, former names, address and numbers, each after a space",
    )
    access_needs = models.TextField(blank=True, help_text="what a trainer should arrange; remembered from a booking")
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the record that has become this person's; nothing shows this one any more",
    )
    uuid = models.UUIDField(
        unique=True,
        editable=False,
        db_default=RandomUUID(),
        default=uuid4,
        help_text="names this record outside the database",
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "pk"]
        verbose_name_plural = "people"
        indexes = [GinIndex(OpClass("search_key", "gin_trgm_ops"), name="people_by_beginnings_of_words")]
        constraints = [
            models.UniqueConstraint(
                fields=["swe_number"], condition=~Q(swe_number=""), name="a_social_work_england_number_is_one_person"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name as people say it."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def mail_is_refused(self) -> bool:
        """Whether the address we have now is one that its mail server refused."""
        return bool(self.email) and self.email == self.email_refused

    def set_name_key(self) -> Self:
        """Work out the sort key; `save` does so by itself, bulk writers call it."""
        self.name_key = sort_key(self.family_name, self.given_name)
        return self

    def save(self, *args, **kwargs) -> None:
        self.set_name_key()
        if self._state.adding:
            self.search_key = f" {self.name_key} {sort_key(self.email)}"
        super().save(*args, **kwargs)

    def employment(self, on: date) -> "Employment | None":
        """The main spell on that day: the senior one by DfE role, then the one with most hours."""
        order = (F("versions__dfe_role").asc(nulls_last=True), "-versions__fte", "start_date")
        spells = self.employments.in_post(on).select_related("agency", "team", "job_role")
        return spells.order_by(*order).first()


class PersonVersion(Version):
    """What was said of a person's name and address, when, and by which agency."""

    FACTS = ("given_name", "family_name", "email")

    identity = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="versions")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    load = models.ForeignKey(
        "partners.Import", null=True, blank=True, on_delete=models.SET_NULL, related_name="person_versions"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["identity", "-recorded_at"], name="person_versions_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=Q(is_current=True), name="a_person_has_one_current_version"
            )
        ]


class EmploymentQuerySet(models.QuerySet):
    def coordinated(self, duties: Duties) -> Self:
        """Spells at the agencies, and in the teams and those nested in them, that somebody with these duties
        coordinates."""
        in_teams = [Q(team__path__startswith=path) for path in duties.teams]
        return self.filter(functools.reduce(operator.or_, in_teams, Q(agency__in=duties.agencies)))

    def kept_by(self, viewer: Person, on: date) -> Self:
        """Spells that `viewer` may change: all for a lead, those of the own agency or team for its coordinator."""
        duties = Grant.objects.duties_of(viewer, on)
        return self if duties.leads else self.coordinated(duties)

    def visible_to(self, viewer: Person, on: date) -> Self:
        """Spells that `viewer` may see of people whose record they may open: the own, those that they coordinate, and
        those at agencies where they work; all for a lead."""
        duties = Grant.objects.duties_of(viewer, on)
        if duties.leads:
            return self
        own = Employment.objects.in_post(on).filter(person=viewer).values("agency")
        return self.filter(
            Q(person=viewer) | Q(agency__in=own) | Q(pk__in=Employment.objects.coordinated(duties).values("pk"))
        )

    def in_post(self, on: date) -> Self:
        """Spells that run on that day, by what is known now. The end date is the last day worked."""
        return self.filter(
            Q(versions__end_date=None) | Q(versions__end_date__gt=on),
            start_date__lte=on,
            versions__is_current=True,
            versions__retracted=False,
        )


class Employment(models.Model):
    """A dated spell of one person in one post. Names the spell only: its facts are in its versions."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="employments")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="employments")
    job_role = models.ForeignKey(JobRole, null=True, blank=True, on_delete=models.PROTECT, related_name="employments")
    employee_number = models.CharField(max_length=40)
    start_date = models.DateField()

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "employee_number", "job_role", "team", "start_date"],
                nulls_distinct=False,
                name="a_spell_is_stated_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee_number} at {self.agency} from {self.start_date}"


class EmploymentVersion(Version):
    """What was said of a spell, and when."""

    FACTS = (
        *("fte", "end_date", "leaving_reason", "destination", "manager_id", "dfe_role", "worker_type"),
        "career_level",
    )

    identity = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="versions")
    fte = models.DecimalField("full-time equivalent", max_digits=4, decimal_places=3, default=1)
    end_date = models.DateField(null=True, blank=True, help_text="the last day worked")
    leaving_reason = models.PositiveSmallIntegerField(null=True, blank=True, choices=LeavingReason)
    destination = models.PositiveSmallIntegerField(null=True, blank=True, choices=Destination)
    manager = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="manages")
    dfe_role = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=DfeRole, help_text="empty = not a children's social work post"
    )
    worker_type = models.CharField(max_length=10, choices=WorkerType, default=WorkerType.EMPLOYEE)
    career_level = models.CharField(max_length=60, blank=True, db_default="", default="")
    load = models.ForeignKey(
        "partners.Import", null=True, blank=True, on_delete=models.SET_NULL, related_name="employment_versions"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["identity", "-recorded_at"], name="employment_versions_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=Q(is_current=True), name="an_employment_has_one_current_version"
            )
        ]
