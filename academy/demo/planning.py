"""What a newcomer finds as a lead who plans: a draft, a run that was called off, places that are kept, and demand."""

from datetime import timedelta

from academy.demo.facts import CALLED_OFF, DRAFT, WANTED
from academy.demo.guides import Stage
from academy.lib.dates import at_hour, end_of_day, london_day, next_working_day
from courses.actions import places, runs
from courses.actions.runs import Keeping, Slot, Terms
from courses.models import Interest, Room, Run
from partners.models import AgencyKind, Person


def set_scenes(stage: Stage, lead: Person, rooms: list[Room]) -> None:
    """By the lead, yesterday."""
    at = stage.now - timedelta(days=1)
    _a_draft_in_two_sessions(stage, lead, rooms[0])
    _a_run_called_off(stage, lead)
    _places_kept(stage, lead)
    _demand(stage, at)


def _a_draft_in_two_sessions(stage: Stage, lead: Person, room: Room) -> None:
    days = [next_working_day(london_day(stage.now) + timedelta(days=ahead)) for ahead in (60, 74)]
    slots = [Slot(at_hour(day, 9, 30), at_hour(day, 13), room.name, room) for day in days]
    terms = Terms(capacity=16, minimum=6, cost=480, joining="Bring a case that you oversee.", trainers=[stage.trainer])
    at = stage.now - timedelta(days=1)
    runs.draft_run(course=stage.courses[DRAFT], slots=slots, terms=terms, by=lead, at=at)


def _a_run_called_off(stage: Stage, lead: Person) -> None:
    run = stage.run(CALLED_OFF, next_working_day(london_day(stage.now) + timedelta(days=31)), capacity=12)
    stage.book(run, *stage.others[25:30], days_ago=9)
    at = stage.now - timedelta(days=2)
    runs.cancel_run(run=run, reason="The trainer is ill. We are looking for another date.", by=lead, at=at)


def _places_kept(stage: Stage, lead: Person) -> None:
    """Two places for early years on the next run of a course."""
    course = stage.courses["Recognising and responding to neglect"]
    run = Run.objects.bookable(stage.now).filter(course=course).earliest("starts_at")
    kept = [Keeping(2, end_of_day(london_day(run.starts_at) - timedelta(days=7)), agency_kind=AgencyKind.EARLY_YEARS)]
    terms = Terms(capacity=run.capacity, minimum=6, trainers=list(run.trainers.all()), kept=kept)
    runs.change_run(run=run, terms=terms, by=lead, at=stage.now - timedelta(days=1))


def _demand(stage: Stage, at) -> None:
    """People who wait for a date, each with days and areas of their own."""
    wishes = [([2], ["Larkford"]), ([2, 4], ["Saltmarsh", "Larkford"]), ([], []), ([3, 4], ["Northfield"])]
    waiting = []
    for title, count in WANTED.items():
        for place, person in enumerate(stage.others[30 : 30 + count]):
            days, areas = wishes[place % len(wishes)]
            wish = {"days": days, "areas": areas, "wants_place": place % 2 == 0}
            waiting.append(Interest(course=stage.courses[title], person=person, asked_at=at, **wish))
    Interest.objects.bulk_create(waiting)
    for title in WANTED:
        places.serve_course(stage.courses[title], at)  # nobody waits beside a date that suits and has a place
