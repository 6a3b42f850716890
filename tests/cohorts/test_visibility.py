"""Which members and cohorts somebody may see."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import registry
from cohorts.models import Cohort, Member
from cohorts.stats import whereabouts
from partners.models import Grant, Person
from partners.permissions import AccessRole
from tests.factories import TODAY, AgencyFactory, PersonFactory, TeamFactory, asye_cohort, employed, enrolled, holding

pytestmark = pytest.mark.django_db
START = date(2026, 9, 7)


@pytest.fixture
def agency():
    return AgencyFactory()


@pytest.fixture
def members(agency) -> list[Member]:
    """Three members of one cohort and agency, the first with a practice lead and a mentor."""
    cohort = asye_cohort()
    duties = [{"practice_lead": employed(agency=agency), "mentor": employed(agency=agency)}, {}, {}]
    return [enrolled(cohort, employed(agency=agency), agency, start=START, **duty) for duty in duties]


def seen_by(viewer: Person) -> set[Member]:
    return set(Member.objects.visible_to(viewer, TODAY))


def cohorts_of(viewer: Person) -> set[Cohort]:
    return set(Cohort.objects.visible_to(viewer, TODAY))


def granted(access_role: str, **scope) -> Person:
    person = PersonFactory()
    facts = {"from_date": date(2020, 1, 1)} | scope
    Grant.objects.create(person=person, access_role=access_role, reason="a test", **facts)
    return person


def test_a_member_sees_the_own_membership_and_not_a_fellow_members(members):
    assert seen_by(members[0].person) == {members[0]}
    assert seen_by(employed()) == set()


@pytest.mark.parametrize("duty", ["practice_lead", "mentor"])
def test_a_practice_lead_and_a_mentor_see_their_own_members(members, duty):
    assessor = getattr(members[0].versions.get(), duty)
    assert seen_by(assessor) == {members[0]}
    assert cohorts_of(assessor) == {members[0].cohort}
    assert registry.roles_of(assessor, TODAY) == {"learner", duty}


def test_a_practice_lead_no_longer_sees_a_membership_that_was_withdrawn(members):
    lead = members[0].versions.get().practice_lead
    members[0].versions.update(retracted=True)
    assert seen_by(lead) == cohorts_of(lead) == registry.roles_of(lead, TODAY) - {"learner"} == set()


def test_leads_and_directors_of_the_whole_academy_see_everyone(members):
    for role in (AccessRole.LEAD, AccessRole.DIRECTOR):
        assert seen_by(holding(role)) == set(members)


def test_a_director_of_an_agency_sees_its_members_only(members, agency):
    stranger = enrolled(asye_cohort("Another"), employed(), AgencyFactory(), start=START)
    director = holding(AccessRole.DIRECTOR, agency=agency, scoped=True)
    assert seen_by(director) == set(members)
    assert cohorts_of(director) == {members[0].cohort}
    assert stranger not in seen_by(director)


def test_a_grant_for_a_team_opens_neither_the_agency_nor_the_academy(members, agency):
    team = TeamFactory(agency=agency)
    for role in (AccessRole.LEAD, AccessRole.DIRECTOR):
        assert seen_by(granted(role, team=team)) == seen_by(granted(role, team=team, agency=agency)) == set()


def test_coordinators_and_administrators_see_no_members(members, agency):
    assert seen_by(holding(AccessRole.COORDINATOR, agency=agency, scoped=True)) == set()
    assert seen_by(holding(AccessRole.ADMINISTRATOR)) == set()


def test_an_ended_grant_shows_nothing(members):
    assert seen_by(granted(AccessRole.LEAD, to_date=TODAY)) == set()
    assert seen_by(granted(AccessRole.LEAD, to_date=TODAY + timedelta(days=1))) == set(members)


def test_whereabouts_tells_only_of_members_whom_one_may_see(members):
    cohort, first = members[0].cohort, members[0]
    mentor = first.versions.get().mentor
    assert [where.member for where in whereabouts(cohort, mentor, TODAY)] == [first]
    assert whereabouts(cohort, employed(), TODAY) == []


def test_whereabouts_asks_as_few_questions_of_three_members_as_of_one(members):
    lead = holding(AccessRole.LEAD)
    alone = enrolled(asye_cohort("Alone"), employed(), AgencyFactory(), start=START)
    asked = []
    for member in (alone, members[0]):
        with CaptureQueriesContext(connection) as queries:
            found = whereabouts(member.cohort, lead, TODAY)
            assert all(where.member.person.name and where.version.mentor != lead for where in found)
        asked.append(len(queries))
    assert asked[0] == asked[1]
