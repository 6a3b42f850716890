"""Why someone may see something: the explanation says no more and no less than the querysets allow."""

from datetime import date, timedelta
from random import Random

import pytest

from academy.lib import registry
from cohorts.models import Cohort, Member
from cohorts.reasons import PAGE as COHORT_PAGE
from cohorts.reasons import PROGRESS
from courses.models import Booking, Run
from courses.reasons import BOOKINGS, REGISTER
from courses.reasons import PAGE as RUN_PAGE
from partners.models import Deputy, Grant, Person
from partners.permissions import AccessRole
from partners.reasons import RECORD
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    TeamFactory,
    asye_cohort,
    booked,
    employ,
    employed,
    enrolled,
    holding,
    planned_run,
)

pytestmark = pytest.mark.django_db
PEOPLE = 16


def why(viewer, thing, what=RECORD) -> list[str]:
    return registry.reasons(viewer, thing, TODAY)[what]


def named(given: str, family: str, **job) -> Person:
    person = employed(**job)
    person.given_name, person.family_name = given, family
    person.save()
    return person


@pytest.fixture
def crowd() -> list[Person]:
    """Invented people with every access role, for the academy, an agency or a team, now, before and later; managers
    of managers, rings of them, leavers, people with two jobs; trainers, practice leads and mentors. By chance, the
    same each time."""
    chance = Random(20261123)
    agencies = [AgencyFactory() for _ in range(3)]
    teams = [TeamFactory(agency=agency) for agency in agencies for _ in range(2)]
    people: list[Person] = []
    for _ in range(PEOPLE):
        ends = chance.choice([None, None, None, TODAY, TODAY + timedelta(days=1)])
        manager = chance.choice([None, *people]) if people else None
        agency = chance.choice(agencies)
        team = chance.choice([None, *(team for team in teams if team.agency == agency)])
        people.append(employed(agency=agency, team=team, manager=manager, end_date=ends))
    for person in chance.sample(people, 8):
        employ(person, agency=chance.choice(agencies), manager=chance.choice(people), employee_number=f"2-{person.pk}")
    first, second = people[:2]
    first.employments.first().versions.update(manager=second)  # a ring, if the second works for the first
    _grants(chance, people, agencies, teams)
    for manager, deputy in zip(chance.sample(people, 8), chance.sample(people, 8), strict=True):
        if manager != deputy:
            last = chance.choice([TODAY, TODAY - timedelta(days=1)])
            Deputy.objects.create(manager=manager, deputy=deputy, from_date=last, until=last, named_at=NOW)
    _training(chance, people)
    _cohorts(chance, people, agencies)
    return people


def _grants(chance: Random, people: list[Person], agencies, teams) -> None:
    """Each access role for the academy, an agency and a team, held by one person each; then as many by chance."""
    scopes = [(None, None), (agencies[0], None), (teams[0].agency, teams[0])]
    every = [(role, *scope) for role, _ in Grant.GRANTABLE for scope in scopes if role != "coordinator" or scope[0]]
    for person, (role, agency, team) in zip(people, every, strict=False):
        given = {"person": person, "access_role": role, "agency": agency, "team": team, "reason": "each"}
        Grant.objects.create(**given, from_date=date(2020, 1, 1))
    for person in people:
        role, agency, team = chance.choice(every)
        start = chance.choice([date(2020, 1, 1), TODAY + timedelta(days=1)])
        given = {"person": person, "access_role": role, "agency": agency, "team": team, "reason": "by chance"}
        Grant.objects.create(**given, from_date=start, to_date=chance.choice([None, start, TODAY + timedelta(days=1)]))


def _training(chance: Random, people: list[Person]) -> None:
    for number in range(4):
        run = planned_run(trainers=chance.sample(people, 2))
        for person in chance.sample(people, 5):
            booked(run, person)
        if number == 0:
            Run.objects.filter(pk=run.pk).update(state=Run.State.DRAFT)


def _cohorts(chance: Random, people: list[Person], agencies) -> None:
    for number in range(2):
        cohort = asye_cohort(f"Cohort {number}")
        for person in chance.sample(people, 5):
            duty = {"practice_lead": chance.choice(people), "mentor": chance.choice([None, *people])}
            member = enrolled(cohort, person, chance.choice(agencies), start=date(2026, 9, 7), **duty)
            if chance.random() < 0.3:
                member.versions.update(retracted=True)


def test_the_explanation_agrees_with_who_may_open_a_record_its_bookings_and_its_progress(crowd):
    met, booked_once = {True: 0, False: 0}, ids(Booking.objects.values_list("person"))
    for viewer in crowd:
        opened = {
            RECORD: ids(Person.objects.visible_to(viewer, TODAY).values_list("pk")),
            BOOKINGS: ids(Booking.objects.visible_to(viewer, TODAY).values_list("person")),
            PROGRESS: ids(Member.objects.visible_to(viewer, TODAY).values_list("person")),
        }
        for person in crowd:
            for what, sentences in registry.reasons(viewer, person, TODAY).items():
                there = what != BOOKINGS or person.pk in booked_once
                assert bool(sentences and there) == (person.pk in opened[what]), (what, viewer.pk, person.pk, sentences)
                met[bool(sentences)] += 1
    assert min(met.values()) > 5 * PEOPLE  # both were met often


def ids(rows) -> set[int]:
    return {pk for (pk,) in rows}


def test_the_explanation_of_pages_agrees_with_who_sees_runs_and_cohorts(crowd):
    for viewer in crowd:
        for model, what, seen in (
            (Run, RUN_PAGE, Run.objects.visible_to(viewer, TODAY)),
            (Run, REGISTER, Run.objects.kept_by(viewer, TODAY)),
            (Cohort, COHORT_PAGE, Cohort.objects.visible_to(viewer, TODAY)),
        ):
            assert {thing for thing in model.objects.all() if why(viewer, thing, what)} == set(seen)


def test_a_coordinator_is_told_where_since_when_by_whom_and_why():
    agency, jo = AgencyFactory(name="Elm Primary"), named("Jo", "Bell")
    amira, sam = named("Amira", "Khan"), named("Sam", "Reed", agency=agency)
    Grant.objects.create(
        person=amira,
        access_role="coordinator",
        agency=agency,
        from_date=date(2026, 5, 3),
        reason="runs it",
        given_by=jo,
    )
    assert why(amira, sam) == [
        "Amira Khan coordinates Elm Primary (since 3 May 2026, given by Jo Bell because “runs it”), "
        "where Sam Reed works."
    ]
    assert why(jo, sam) == []


def test_a_manager_is_told_through_whom():
    top = named("Amira", "Khan")
    jo = named("Jo", "Bell", manager=top)
    kim = named("Kim", "Lo", manager=jo)
    sam = named("Sam", "Reed", manager=kim)
    assert why(kim, sam) == ["Kim Lo manages Sam Reed."]
    assert why(jo, sam) == ["Jo Bell manages Sam Reed through Kim Lo."]
    assert why(top, sam) == ["Amira Khan manages Sam Reed through Jo Bell and Kim Lo."]
    assert why(sam, top) == []


def test_the_page_answers_for_a_person_a_run_and_a_cohort_and_says_what_each_access_role_opens(as_person):
    agency = AgencyFactory(name="Elm Primary")
    amira = holding(AccessRole.COORDINATOR, agency=agency, scoped=True)
    sam, run = employed(agency=agency), planned_run(trainers=[amira])
    browser = as_person(holding("administrator"))
    page = browser.get("/access-roles/why/", {"viewer": amira.email, "person": sam.name, "address": f"/runs/{run.pk}/"})
    text = page.content.decode()
    assert f"{amira.name} coordinates Elm Primary" in text
    assert f"{amira.name} trains on this run." in text
    assert f"Nothing lets {amira.name} see this." in text  # the progress on a programme
    assert "See the people one answers for" in text
    assert "As a trainer of a run" in text
    cohort = asye_cohort()
    shut = browser.get("/access-roles/why/", {"viewer": sam.pk, "address": f"http://x.example/cohorts/{cohort.pk}/"})
    assert f"No access role of {sam.name} opens pages where people see cohorts." in shut.content.decode()


@pytest.mark.parametrize("address", ["/nowhere/", "/help/", "/runs/987654/", "http://[", "nonsense"])
def test_an_address_of_nothing_that_can_be_explained_is_said_so(as_person, address):
    amira = holding("administrator")
    page = as_person(amira).get("/access-roles/why/", {"viewer": amira.pk, "address": address}).content.decode()
    assert "No run or cohort has this address" in page


def test_a_name_that_several_have_is_a_choice_and_one_that_nobody_has_is_said_so(as_person):
    twins = [named("Sam", "Reed"), named("Sam", "Reed")]
    page = as_person(holding("administrator")).get("/access-roles/why/?viewer=Sam+Reed&person=zzz").content.decode()
    assert all(f"viewer={twin.pk}" in page for twin in twins)
    assert "Choose one of these people" in page
    assert "Nobody is called ‘zzz’" in page
