"""The people offered on the try-out's first page, and what there is to see as each of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from academy.demo.cohorts import Intake
from academy.demo.people import Roll
from academy.demo.world import AGENCIES, AgencyPlan
from academy.lib.dates import at_hour, is_working_day, london_day, next_working_day
from academy.tryout.models import Guide
from courses.actions import bookings, registers, runs
from courses.models import Course, Mark, Run
from partners.actions import agencies, grants, sign_ups
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
    administrator: str


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
        administrator=part(roll, COUNCIL, "Children and families", "Systems officer", ("Delphine", "Okoro-Marsh"), ""),
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
    give, since = grants.give, london_day(at) - timedelta(days=365)
    give(person=lead, access_role=AccessRole.LEAD, by=None, at=at, from_date=since, reason="Runs the academy")
    give(
        person=person(COUNCIL, parts.director),
        access_role=AccessRole.DIRECTOR,
        agency=Agency.objects.get(name=COUNCIL.name),
        by=lead,
        at=at,
        reason="Director of children’s services",
    )
    systems = person(COUNCIL, parts.administrator)
    give(person=systems, access_role=AccessRole.ADMINISTRATOR, by=lead, at=at, reason="Keeps the academy running")
    give(
        person=person(SCHOOLS, parts.coordinator),
        access_role=AccessRole.COORDINATOR,
        agency=Agency.objects.get(name=SCHOOLS.name),
        by=lead,
        at=at,
        from_date=since,
        reason="Coordinates training for the trust",
    )


@dataclass(frozen=True)
class Stage:
    """Where the newcomer's scenes are set."""

    learner: Person
    trainer: Person
    others: list[Person]
    courses: dict[str, Course]
    now: datetime

    def run(self, title: str, day: date, capacity: int) -> Run:
        """A day's run of that course by the trainer of the cast, published long before."""
        slot = runs.Slot(at_hour(day, 9, 30), at_hour(day, 16, 30), "Larkshire Training Centre, room 2")
        return runs.plan_run(
            course=self.courses[title],
            slots=[slot],
            capacity=capacity,
            trainers=[self.trainer],
            by=self.trainer,
            at=slot.starts_at - timedelta(days=90),
        )

    def book(self, run: Run, *people: Person, days_ago: int) -> None:
        """Each of them asks for a place, a minute apart."""
        for place, someone in enumerate(people):
            asked = self.now - timedelta(days=days_ago) + timedelta(minutes=place)
            bookings.book(run=run, person=someone, by=someone, at=asked)

    def mark_present(self, run: Run, at: datetime, most: int | None = None) -> None:
        """The register says that they were there: all of them, or the first `most`."""
        held = run.bookings.booked().order_by("pk").values_list("pk", flat=True)[:most]
        registers.take_register(
            session=run.sessions.get(), marks=dict.fromkeys(held, Mark.PRESENT), by=self.trainer, at=at
        )


def set_scenes(stage: Stage) -> None:
    """What a newcomer finds to do as the learner and as the trainer."""
    _a_register_half_taken(stage)
    _a_follow_up_to_answer(stage)
    _a_place_in_a_queue(stage)
    _somebody_who_asks_to_be_added(stage)
    soon = next_working_day(london_day(stage.now) + timedelta(days=17))
    stage.run("Recognising and responding to neglect", soon, capacity=16)


def _a_register_half_taken(stage: Stage) -> None:
    held = stage.run("Recognising and responding to neglect", _last_working_day_before(stage.now), capacity=12)
    stage.book(held, stage.learner, *stage.others[:8], days_ago=30)
    stage.mark_present(held, stage.now, most=1)


def _last_working_day_before(now: datetime) -> date:
    days_before = (london_day(now) - timedelta(days=ago) for ago in range(1, 15))
    return next(day for day in days_before if is_working_day(day))


def _a_follow_up_to_answer(stage: Stage) -> None:
    """A little more than three months after a run, its follow-up has just been sent."""
    day = next_working_day(london_day(stage.now) - timedelta(days=100))
    held = stage.run("Thresholds in practice", day, capacity=12)
    stage.book(held, stage.learner, *stage.others[8:15], days_ago=130)
    evening = at_hour(day, 17)
    stage.mark_present(held, evening)
    registers.close_run(run=held, by=stage.trainer, at=evening)


def _a_place_in_a_queue(stage: Stage) -> None:
    full = stage.run("Motivational conversations", next_working_day(london_day(stage.now) + timedelta(days=24)), 8)
    stage.book(full, *stage.others[15:25], stage.learner, days_ago=12)
    impatient = full.bookings.waiting_in_queue().first()
    bookings.give_up(booking=impatient, by=impatient.person, at=stage.now - timedelta(days=3))


def open_doors(parts: Cast, at: datetime) -> None:
    """Whoever has an address of the schools' trust or of the health trust may ask to be added there."""
    lead = person(COUNCIL, parts.lead)
    for plan in (SCHOOLS, HEALTH):
        agency = Agency.objects.get(name=plan.name)
        agencies.change(agency=agency, name=plan.name, kind=plan.kind, domains=[plan.domain], by=lead, at=at)


def _somebody_who_asks_to_be_added(stage: Stage) -> None:
    """Three days ago a new colleague asked the trust's coordinator."""
    agency = Agency.objects.get(name=SCHOOLS.name)
    sign_ups.ask(
        email=f"efua.tanglewood@{SCHOOLS.domain}",
        agency=agency,
        team=agency.teams.get(name="Larkhill Academy"),
        given_name="Efua",
        family_name="Tanglewood",
        job="Teacher",
        employee_number="",
        manager_email="",
        start_date=next_working_day(london_day(stage.now) - timedelta(days=14)),
        at=stage.now - timedelta(days=3),
    )


def introduce(parts: Cast, intake: Intake) -> None:
    """The try-out's first page."""
    introductions = [
        (person(COUNCIL, parts.learner), "Learner", "Find training, book a place, see your own record."),
        (person(COUNCIL, parts.trainer), "Trainer", "Finish the last run’s register and close the run."),
        (person(COUNCIL, parts.manager), "Manager", "See your people and what they have booked."),
        (
            person(COUNCIL, intake.newest_member),
            "Newly qualified social worker",
            "See your year: what comes next, and who supports you.",
        ),
        (person(COUNCIL, intake.practice_leads[0]), "ASYE practice lead", "See your members and whose review is next."),
        (
            person(SCHOOLS, parts.coordinator),
            "Agency coordinator",
            "A partner’s view: the own trust’s people and training, and a staff list to decide about.",
        ),
        (person(COUNCIL, parts.lead), "Academy lead", "Plan courses and runs; see every register, cohort and figure."),
        (person(COUNCIL, parts.director), "Director", "Open ‘Who stays’, and the people behind each number."),
        (person(COUNCIL, parts.administrator), "Administrator", "See what runs by itself, and what needs a decision."),
    ]
    Guide.objects.bulk_create(
        Guide(person=someone, position=position, what=what, see=see)
        for position, (someone, what, see) in enumerate(introductions)
    )
