"""The people offered on the try-out's first page, and what there is to see as each of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from academy.demo.cohorts import Intake
from academy.demo.people import Roll
from academy.demo.world import AGENCIES, AgencyPlan
from academy.lib.dates import at_hour, london_day, next_working_day
from academy.tryout.models import Guide
from courses.actions import bookings, runs
from courses.models import Course, Mark
from partners.actions import accounts
from partners.models import Agency, Employment, Person
from partners.permissions import AccessRole

COUNCIL, HEALTH, SCHOOLS = AGENCIES[0], AGENCIES[1], AGENCIES[3]
HUBS = "Children and families > Early help > Family hubs"


@dataclass(frozen=True)
class Cast:
    """Employee numbers of those who have a part, by part."""

    learner: str
    trainer: str
    manager: str
    coordinator: str
    lead: str
    director: str


def cast(roll: Roll) -> Cast:
    """Put those with a part on the roll."""
    hubs = roll.managers[HUBS]
    part = _part
    return Cast(
        learner=part(roll, COUNCIL, HUBS, "Family support worker", ("Mina", "Tolpuddle"), hubs),
        trainer=part(roll, COUNCIL, HUBS, "Practice educator", ("Tomos", "Adeyemi-Cross"), hubs),
        manager=hubs,
        coordinator=part(roll, SCHOOLS, "Larkhill Academy", "Trust training coordinator", ("Oriel", "Starling"), ""),
        lead=part(roll, COUNCIL, "Children and families", "Academy lead", ("Harjit", "Meadowcroft"), ""),
        director=roll.managers[COUNCIL.name],
    )


def _part(roll: Roll, agency: AgencyPlan, team: str, job: str, name: tuple[str, str], manager: str) -> str:
    return roll.add(
        agency, team, job, name=name, manager_employee_number=manager, fte="1", start_date=roll.past(900, 2000)
    )


def person(agency: AgencyPlan, number: str) -> Person:
    """Whoever has that number there."""
    return Employment.objects.get(agency__name=agency.name, employee_number=number).person


def grant_roles(parts: Cast, at: datetime) -> None:
    """Access roles of the lead, the director and a coordinator."""
    lead = person(COUNCIL, parts.lead)
    give = accounts.grant
    give(person=lead, access_role=AccessRole.LEAD, by=None, at=at, reason="Runs the academy")
    give(
        person=person(COUNCIL, parts.director),
        access_role=AccessRole.DIRECTOR,
        agency=Agency.objects.get(name=COUNCIL.name),
        by=lead,
        at=at,
        reason="Director of children’s services",
    )
    give(
        person=person(SCHOOLS, parts.coordinator),
        access_role=AccessRole.COORDINATOR,
        agency=Agency.objects.get(name=SCHOOLS.name),
        by=lead,
        at=at,
        reason="Coordinates training for the trust",
    )


def stage(parts: Cast, course: Course, people: list[Person], now: datetime) -> None:
    """What a newcomer finds to do: a register waiting for the trainer, a coming run with places for the learner."""
    learner, trainer = person(COUNCIL, parts.learner), person(COUNCIL, parts.trainer)
    yesterday = london_day(now) - timedelta(days=1)
    held = runs.plan_run(
        course=course,
        slots=[runs.Slot(at_hour(yesterday, 9, 30), at_hour(yesterday, 16, 30), "Larkshire Training Centre, room 2")],
        capacity=12,
        trainers=[trainer],
        by=trainer,
        at=now - timedelta(days=60),
    )
    for place, someone in enumerate([learner, *people[:8]]):
        bookings.book(run=held, person=someone, by=someone, at=now - timedelta(days=30, minutes=place))
    marks = {held.bookings.booked().first().pk: Mark.PRESENT}
    runs.take_register(session=held.sessions.get(), marks=marks, by=trainer, at=now)
    soon = next_working_day(london_day(now) + timedelta(days=17))
    runs.plan_run(
        course=course,
        slots=[runs.Slot(at_hour(soon, 9, 30), at_hour(soon, 16, 30), "Larkshire Training Centre, room 5")],
        capacity=16,
        trainers=[trainer],
        by=trainer,
        at=now - timedelta(days=40),
    )


def introduce(parts: Cast, intake: Intake) -> None:
    """The try-out's first page."""
    introductions = [
        (person(COUNCIL, parts.learner), "Learner", "Find training, book a place, see your own record."),
        (person(COUNCIL, parts.trainer), "Trainer", "Take yesterday’s register and close the run."),
        (person(COUNCIL, parts.manager), "Manager", "See your team and what they have booked."),
        (person(COUNCIL, intake.newest_member), "Newly qualified social worker", "A member of ASYE cohort 5."),
        (person(COUNCIL, intake.practice_leads[0]), "ASYE practice lead", "See your members and whose review is next."),
        (
            person(SCHOOLS, parts.coordinator),
            "Agency coordinator",
            "A partner’s view: sees people of the own trust only.",
        ),
        (person(COUNCIL, parts.lead), "Academy lead", "See every run, register, cohort and figure."),
        (person(COUNCIL, parts.director), "Director", "Open ‘Who stays’, and the people behind each number."),
    ]
    Guide.objects.bulk_create(
        Guide(person=someone, position=position, what=what, see=see)
        for position, (someone, what, see) in enumerate(introductions)
    )
