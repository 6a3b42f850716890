"""Why someone may see how a member gets on with a programme; each rule of `Member.objects.visible_to` in a sentence."""

from collections.abc import Iterator
from datetime import date

from academy.lib import registry
from academy.lib.text import plural
from cohorts.models import Cohort, Member, MemberVersion
from partners.models import Grant, Person
from partners.permissions import AccessRole
from partners.reasons import held

PROGRESS = "How they get on with a programme"
PAGE = "The cohort’s page"

registry.shown_at |= {"cohort": Cohort}


@registry.reason(Person, PROGRESS)
def it_is_ones_own(viewer: Person, person: Person, on: date) -> Iterator[str]:
    if viewer.pk == person.pk:
        yield from (f"{viewer.name} is on {member.cohort}." for member in _memberships(person))


@registry.reason(Person, PROGRESS)
def who_is_assigned(viewer: Person, person: Person, on: date) -> Iterator[str]:
    for member in _memberships(person):
        yield from (f"{viewer.name} is {person.name}’s {duty} on {member.cohort}." for duty in _duties(viewer, member))


@registry.reason(Person, PROGRESS)
def leads_and_directors(viewer: Person, person: Person, on: date) -> Iterator[str]:
    members = list(_memberships(person))
    for grant, agencies in _oversight(viewer, on):
        if members and agencies is None:
            yield f"{viewer.name} is {_as(grant)} for the whole academy ({held(grant)})."
        elif any(member.agency_id in agencies for member in members if agencies):
            yield f"{viewer.name} is {_as(grant)} for {grant.agency} ({held(grant)}), whose member this is."


@registry.reason(Cohort, PAGE)
def of_whom_one_sees_any(viewer: Person, cohort: Cohort, on: date) -> Iterator[str]:
    seen, all_of_them = Member.objects.visible_to(viewer, on).filter(cohort=cohort).count(), cohort.members.count()
    if seen:
        members = plural(all_of_them, "member")
        yield f"{viewer.name} may see {seen} of the {members}: whoever sees one sees the page, with those."


def _memberships(person: Person):
    return Member.objects.filter(person=person).select_related("cohort").order_by("pk")


def _duties(viewer: Person, member: Member) -> Iterator[str]:
    version = MemberVersion.objects.current().filter(identity=member).first()
    if version and version.practice_lead_id == viewer.pk:
        yield "practice lead"
    if version and version.mentor_id == viewer.pk:
        yield "mentor"


def _oversight(viewer: Person, on: date) -> Iterator[tuple[Grant, set[int] | None]]:
    """Grants by which someone oversees members, with the agencies whose; None: of all."""
    grants = Grant.objects.held_by(viewer, on).filter(team=None).select_related("agency", "given_by")
    for grant in grants.filter(access_role__in=[AccessRole.LEAD, AccessRole.DIRECTOR]):
        if grant.agency is None:
            yield grant, None
        elif grant.access_role == AccessRole.DIRECTOR:
            yield grant, {grant.agency_id}


def _as(grant: Grant) -> str:
    return "an academy lead" if grant.access_role == AccessRole.LEAD else "a director"
