"""What practice leads and mentors find in the morning."""

from datetime import date, timedelta

import pytest

from partners.models import EmploymentVersion
from tests.factories import TODAY, AgencyFactory, asye_cohort, employed, enrolled
from tests.morning import owed, said, section

pytestmark = pytest.mark.django_db

STAGES = "Your members’ next stages"


@pytest.fixture
def council():
    return AgencyFactory()


@pytest.fixture
def cohort(db):
    return asye_cohort("Cohort 5")


def member(cohort, council, start: date, **facts):
    person = employed(agency=council)
    enrolled(cohort, person, council, start=start, **facts)
    return person


@pytest.mark.parametrize("part", ["practice_lead", "mentor"])
def test_they_see_which_stage_comes_next_for_whom_soonest_first(as_person, cohort, council, part):
    me = employed(agency=council)
    late = member(cohort, council, date(2026, 11, 2), **{part: me})
    ann, bob = (member(cohort, council, date(2026, 9, 7), **{part: me}) for _ in range(2))
    member(cohort, council, date(2026, 9, 7), practice_lead=employed())
    found = section(me, STAGES)
    both = sorted((ann, bob), key=lambda person: person.name_key)
    assert said(found) == [
        f"3-month review, 7 December 2026: Cohort 5 | {both[0].name} and {both[1].name}",
        f"3-month review, 2 February 2027: Cohort 5 | {late.name}",
    ]
    assert as_person(me).get(found.lines[0].url).status_code == 200


def test_one_who_assesses_and_mentors_the_same_member_sees_them_once(cohort, council):
    me = employed(agency=council)
    member(cohort, council, date(2026, 9, 7), practice_lead=me, mentor=me)
    assert len(section(me, STAGES).lines) == 1


def test_whoever_has_finished_or_left_is_due_for_nothing(cohort, council):
    me = employed(agency=council)
    member(cohort, council, date(2026, 9, 7), practice_lead=me, completed_on=TODAY)
    member(cohort, council, date(2026, 9, 7), practice_lead=me, outcome="withdrawn", outcome_on=TODAY)
    left = member(cohort, council, date(2026, 9, 7), practice_lead=me)
    assert len(section(me, STAGES).lines) == len(owed(me)) == 1
    EmploymentVersion.objects.filter(identity__person=left).update(end_date=TODAY - timedelta(days=1))
    found = section(me, STAGES)
    assert (found.lines, found.nothing) == ([], "None of your members is on the programme at the moment.")
    assert owed(me) == []


def test_after_the_last_stage_comes_the_panel(cohort, council):
    me = employed(agency=council)
    person = member(cohort, council, date(2024, 9, 2), mentor=me, outcome="deferred", outcome_on=date(2025, 9, 2))
    assert said(section(me, STAGES)) == [f"Panel: Cohort 5 | {person.name}"]
