"""Making the demo academy: all of it in one transaction, the same from the same seed on the same day."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from academy.demo import changes, cohorts, colleagues, guides, learning, people, planning, records, training
from academy.lib import clock, registry
from academy.lib.dates import london_day
from academy.lib.text import references_from
from cohorts.importers.cohorts import import_cohorts
from courses.models import Course
from partners.importers.people import import_people
from partners.models import Person


@transaction.atomic
def load(*, seed: int, at: datetime) -> None:
    """Fill an empty database with Larkshire as it stands at `at`."""
    chance = Random(seed)
    now = training.midnight(at)
    roll = people.Roll(chance, london_day(now))
    with references_from(chance), clock.standing_at(now):
        people.everyone(roll)
        intake = cohorts.intake(roll)
        parts = guides.cast(roll)
        _take_in(import_people(roll.csv(), by=None, at=now, name="larkshire-people.csv"))
        _take_in(import_cohorts(intake.csv, by=None, at=now, name="larkshire-cohorts.csv"))
        training.count_rows()
        guides.grant_roles(parts, now)
        guides.open_doors(parts, now)
        catalogue = training.courses()
        a_year_ago = roll.today - timedelta(days=training.PAST_DAYS)
        were_here = Person.objects.employed(a_year_ago).exclude(email="").order_by("pk")  # some have left since
        still_here = list(were_here.employed(roll.today))
        rooms, people_then = training.rooms(), chance.sample(list(were_here), 500)
        year = training.Year(chance, now, people_then, _trainers(parts, still_here), rooms)
        training.live_through(year, catalogue)
        stage = _stage(parts, catalogue, chance.sample(still_here, 50), now)
        guides.set_scenes(stage)
        planning.set_scenes(stage, guides.person(guides.COUNCIL, parts.lead), rooms)
        colleagues.learn_from_each_other(
            learner=stage.learner, trainer=stage.trainer, others=stage.others[25:], now=now
        )
        _leave_to_decide(parts, now)
        changes.leave_to_decide(guides.person(guides.COUNCIL, parts.manager), now)
        guides.introduce(parts, intake)
        registry.run_due(now)
        newest = guides.person(guides.COUNCIL, intake.newest_member)
        learning.keep(guides.person(guides.COUNCIL, parts.learner), newest, now)


def _stage(parts: guides.Cast, catalogue: list[Course], others: list[Person], now: datetime) -> guides.Stage:
    learner = guides.person(guides.COUNCIL, parts.learner)
    trainer = guides.person(guides.COUNCIL, parts.trainer)
    others = [person for person in others if person not in (learner, trainer)]
    return guides.Stage(learner, trainer, others, {course.title: course for course in catalogue}, now)


def _leave_to_decide(parts: guides.Cast, now: datetime) -> None:
    lead = guides.person(guides.COUNCIL, parts.lead)
    records.files_of_people(guides.person(guides.SCHOOLS, parts.coordinator), lead, now)
    records.possible_duplicates(lead, now)


def _trainers(parts: guides.Cast, at_work: list[Person]) -> list[Person]:
    """The trainer of the cast, and seven others."""
    first = guides.person(guides.COUNCIL, parts.trainer)
    return [first, *[person for person in at_work if person != first][10:80:10]]


def _take_in(outcome) -> None:
    if not outcome.ok:
        raise ValueError(f"The demo's own file is wrong: {outcome.errors[0]}")
