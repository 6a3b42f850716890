"""Whose records somebody may open: an owner, a colleague, an outsider, and those with duties."""

from datetime import date, timedelta

import pytest
from django.db import connection

from academy.lib import registry
from partners.models import Employment, Grant, Person, Team
from partners.models.versions import mark_current
from partners.permissions import ALLOWED, AccessRole, May, allows
from tests.factories import TODAY, AgencyFactory, PersonFactory, TeamFactory, employ, employed, holding

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def seen_by(viewer: Person, on: date = TODAY) -> set[Person]:
    return set(Person.objects.visible_to(viewer, on))


def managed_by(manager: Person, on: date = TODAY) -> set[Person]:
    return set(Person.objects.managed_by(manager, on))


def granted(access_role: str, **scope) -> Person:
    person = PersonFactory()
    dates = {"from_date": date(2020, 1, 1)} | scope
    Grant.objects.create(person=person, access_role=access_role, reason="a test", **dates)
    return person


@pytest.fixture
def line() -> list[Person]:
    """A director, a head of service, a team manager and a social worker, each managed by the one before."""
    people = [employed()]
    for _ in range(3):
        people.append(employed(manager=people[-1]))
    return people


def test_everyone_sees_their_own_record_and_a_colleague_does_not():
    agency = AgencyFactory()
    owner, colleague, outsider = employed(agency=agency), employed(agency=agency), employed()
    assert [seen_by(person) for person in (owner, colleague, outsider)] == [{owner}, {colleague}, {outsider}]


def test_a_manager_sees_the_people_below_at_any_depth_and_nobody_above_or_beside(line):
    top, second, third, fourth = line
    beside = employed(manager=top)
    assert managed_by(top) == {second, third, fourth, beside}
    assert managed_by(second) == {third, fourth}
    assert managed_by(fourth) == set()
    assert seen_by(second) == {second, third, fourth}


def test_a_ring_of_managers_ends():
    first, second, third = employed(), employed(), employed()
    for manager, person in [(first, second), (second, third), (third, first)]:
        person.employments.get().versions.update(manager=manager)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")  # rather fail than go round for ever
    assert managed_by(first) == {first, second, third}


def test_someone_who_manages_themselves_manages_nobody_else():
    alone = employed()
    alone.employments.get().versions.update(manager=alone)
    assert managed_by(alone) == {alone}


@pytest.mark.parametrize(("end", "managed"), [(YESTERDAY, False), (TODAY, False), (TOMORROW, True), (None, True)])
def test_people_are_managed_while_they_are_in_post(end, managed):
    manager = employed()
    person = employed(manager=manager, end_date=end)
    assert (person in managed_by(manager)) == (person in seen_by(manager)) == managed
    assert (AccessRole.MANAGER in registry.roles_of(manager, TODAY)) == managed


def test_a_manager_who_has_left_manages_nobody_whatever_the_records_still_say():
    manager = employed(end_date=TODAY - timedelta(days=1))
    employed(manager=manager)
    assert managed_by(manager) == set()


def test_people_are_not_managed_before_they_start():
    manager = employed()
    person = employed(manager=manager, start=TOMORROW)
    assert managed_by(manager) == set()
    assert managed_by(manager, on=TOMORROW) == {person}


def test_a_withdrawn_spell_gives_no_manager_and_no_coordinator_a_view():
    agency = AgencyFactory()
    manager, coordinator = employed(), granted(AccessRole.COORDINATOR, agency=agency)
    person = employed(agency=agency, manager=manager)
    assert person in seen_by(manager) & seen_by(coordinator)
    person.employments.get().versions.update(retracted=True)
    assert person not in seen_by(manager) | seen_by(coordinator)
    assert person not in Person.objects.employed(TODAY)


def test_only_the_newest_statement_says_who_manages():
    old, new = employed(), employed()
    person = employed(manager=old)
    spell = person.employments.get()
    spell.versions.create(manager=new, recorded_at=spell.versions.get().recorded_at, source="t", is_current=False)
    mark_current(spell.versions.model, [spell.pk])
    assert (managed_by(old), managed_by(new)) == (set(), {person})


def test_a_coordinator_sees_the_own_agency_and_nothing_of_another():
    agency, other = AgencyFactory(), AgencyFactory()
    coordinator = holding(AccessRole.COORDINATOR, agency=agency, scoped=True)
    own, stranger = employed(agency=agency), employed(agency=other)
    leaver = employed(agency=agency, end_date=YESTERDAY)
    assert seen_by(coordinator) == {coordinator, own}
    assert not {stranger, leaver} & seen_by(coordinator)
    employ(stranger, agency=agency)
    assert stranger in seen_by(coordinator)


def test_a_lead_sees_everyone():
    lead, stranger, leaver = granted(AccessRole.LEAD), employed(), employed(end_date=YESTERDAY)
    assert seen_by(lead) == {lead, stranger, leaver}


@pytest.mark.parametrize("role", [AccessRole.LEAD, AccessRole.COORDINATOR, AccessRole.DIRECTOR])
def test_a_grant_for_a_team_opens_neither_the_agency_nor_the_academy(role):
    team = TeamFactory()
    others = {employed(agency=team.agency), employed()}
    for scope in [{"team": team, "agency": team.agency}] + ([{"team": team}] if role != AccessRole.COORDINATOR else []):
        viewer = granted(role, **scope)
        assert not others & seen_by(viewer)


def test_a_lead_of_one_agency_does_not_see_the_whole_academy():
    assert employed() not in seen_by(granted(AccessRole.LEAD, agency=AgencyFactory()))


@pytest.mark.parametrize("role", [AccessRole.DIRECTOR, AccessRole.ADMINISTRATOR])
def test_directors_and_administrators_open_no_records(role):
    viewer = granted(role)
    stranger = employed()
    assert stranger not in seen_by(viewer)


@pytest.mark.parametrize(
    ("dates", "held"),
    [
        ({"to_date": TODAY}, False),
        ({"to_date": TOMORROW}, True),
        ({"from_date": TODAY}, True),
        ({"from_date": TOMORROW}, False),
    ],
)
def test_a_grant_counts_from_its_first_day_to_the_day_before_its_end(dates, held):
    lead = granted(AccessRole.LEAD, **dates)
    stranger = employed()
    assert (stranger in seen_by(lead)) == held
    assert (AccessRole.LEAD in registry.roles_of(lead, TODAY)) == held


def test_everyone_is_a_learner_and_nothing_else_by_themselves():
    assert registry.roles_of(employed(), TODAY) == {AccessRole.LEARNER}


def test_each_permission_names_who_has_it_and_a_learner_only_has_the_own_record():
    assert set(ALLOWED) == set(May)
    assert [may for may in May if allows({AccessRole.LEARNER}, may)] == [May.USE_OWN_RECORD]
    assert all(allows({role}, May.USE_OWN_RECORD) for role in AccessRole)


def test_the_last_day_worked_is_not_a_day_in_post():
    spell = employ(PersonFactory(), end_date=TODAY)
    assert spell in Employment.objects.in_post(YESTERDAY)
    assert spell not in Employment.objects.in_post(TODAY)


def test_the_main_spell_is_the_senior_one_and_then_the_one_with_most_hours():
    person = PersonFactory()
    employ(person, employee_number="1")
    employ(person, employee_number="2", dfe_role=5)
    employ(person, employee_number="3", dfe_role=3, fte="0.2")
    senior = employ(person, employee_number="4", dfe_role=3, fte="0.4")
    employ(person, employee_number="5", dfe_role=1, end_date=TODAY)
    assert person.employment(TODAY) == senior


def test_teams_nest_at_any_depth():
    top = TeamFactory()
    below = TeamFactory(agency=top.agency, parent=TeamFactory(agency=top.agency, parent=top))
    beside = TeamFactory(agency=top.agency)
    assert below in Team.objects.under(top)
    assert beside not in Team.objects.under(top)
    assert set(Team.objects.under(below)) == {below}
