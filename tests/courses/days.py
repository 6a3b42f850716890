"""Runs that are over, and their registers."""

from datetime import datetime, timedelta

from courses.actions.registers import take_register
from courses.models import Booking, Run
from partners.models import Person
from tests.factories import NOW, planned_run

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def past_run(trainer: Person, *, sessions: int = 1, **facts) -> Run:
    """A run whose last session ended yesterday."""
    return planned_run(
        starts_at=NOW - DAY - timedelta(weeks=sessions - 1), sessions=sessions, trainers=[trainer], **facts
    )


def mark(run: Run, trainer: Person, *marks: dict[Booking, str], at: datetime = NOW) -> None:
    """One dictionary of marks for each session, in order."""
    for session, given in zip(run.sessions.all(), marks, strict=False):
        take_register(session=session, marks={b.pk: m for b, m in given.items()}, by=trainer, at=at)
