"""Who assesses and mentors, and where each member of a cohort is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from academy.lib import registry
from academy.lib.dates import add_months
from cohorts.models import Cohort, Member, MemberVersion, Outcome, Stage
from partners.models import Employment, Person
from partners.permissions import AccessRole

_ASSIGNED = """
    SELECT '{role}' WHERE EXISTS (
        SELECT FROM cohorts_memberversion WHERE is_current AND NOT retracted AND {role}_id = %(person)s
    )
"""
for _role in (AccessRole.PRACTICE_LEAD, AccessRole.MENTOR):
    registry.roles(_ASSIGNED.format(role=_role))


@dataclass(frozen=True)
class Whereabouts:
    """Where one member is on a day."""

    member: Member
    version: MemberVersion
    employment: Employment | None
    next_stage: Stage | None
    next_due: date | None

    @property
    def status(self) -> str:
        """'Completed', 'On the programme', 'Left' and so on, as a reader would say it."""
        version = self.version
        if version.outcome in (Outcome.FAIL, Outcome.WITHDRAWN, Outcome.REDEPLOYED):
            return version.get_outcome_display()
        if version.completed_on or version.outcome == Outcome.PASS:
            return "Completed" if self.employment else "Completed, then left"
        if not self.employment:
            return "Left"
        return "Deferred" if version.outcome == Outcome.DEFERRED else "On the programme"

    @property
    def is_on_programme(self) -> bool:
        return self.status in ("On the programme", "Deferred")


def under_way(on: date) -> QuerySet[MemberVersion]:
    """Current memberships of those who are on the programme, or will be, and are in post in their agency."""
    posts = Employment.objects.in_post(on).filter(
        person=OuterRef("identity__person"), agency=OuterRef("identity__agency")
    )
    known = MemberVersion.objects.current().filter(Exists(posts), completed_on=None)
    return known.filter(outcome__in=["", Outcome.DEFERRED])


def whereabouts(cohort: Cohort, viewer: Person, on: date) -> list[Whereabouts]:
    """Where each member is whom `viewer` may see, in order of surname. Three queries, however many members."""
    versions = {
        version.identity_id: version
        for version in MemberVersion.objects.current()
        .filter(identity__cohort=cohort, start_date__lte=on)
        .select_related("practice_lead", "mentor")
    }
    members = Member.objects.visible_to(viewer, on).filter(pk__in=versions).select_related("person")
    stages = list(cohort.version.stages.filter(required=True))
    spells = _spells(members, on)
    return [
        _where(member, versions[member.pk], spells.get((member.person_id, member.agency_id)), stages, on)
        for member in members.order_by("person__name_key", "pk")
    ]


def _spells(members, on: date) -> dict[tuple[int, int], Employment]:
    current = Employment.objects.in_post(on).filter(person__in=members.values("person"))
    return {(spell.person_id, spell.agency_id): spell for spell in current.select_related("team", "job_role")}


def _where(member: Member, version: MemberVersion, spell: Employment | None, stages: list[Stage], on: date):
    coming = [(stage, add_months(version.start_date, stage.month)) for stage in stages]
    coming = [(stage, due) for stage, due in coming if due >= on]
    stage, due = coming[0] if coming else (None, None)
    where = Whereabouts(member, version, spell, stage, due)
    return where if where.is_on_programme else Whereabouts(member, version, spell, None, None)


def own_year(person: Person, on: date) -> Whereabouts | None:
    """Where a member is on their own programme, while they are on it."""
    versions = MemberVersion.objects.current().filter(identity__person=person, start_date__lte=on)
    related = ("identity__cohort__version__programme", "practice_lead", "mentor")
    version = versions.select_related(*related).order_by("-start_date").first()
    if version is None:
        return None
    member = version.identity
    stages = list(member.cohort.version.stages.filter(required=True))
    spell = Employment.objects.in_post(on).filter(person=person, agency=member.agency_id).first()
    where = _where(member, version, spell, stages, on)
    return where if where.is_on_programme else None
