"""What people who wait for a date are told."""

from datetime import datetime

from courses.models import Interest, Run
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, Run]:
    return Run.objects.select_related("course").prefetch_related("sessions").in_bulk(ids)


def _unless_bookable(run: Run, at: datetime) -> str:
    return "" if run.state == Run.State.PUBLISHED and not run.has_started(at) else "it can no longer be booked"


@outbox.kind("courses.date_published", subject="run", load=_load, unwanted=_unless_bookable)
def _date_published(run: Run) -> Mail:
    subject = f"There is a date: {run.course.title}"
    return outbox.mail(subject, "courses/date_published", run=run, course=run.course, sessions=run.sessions.all())


def date_published(interest: Interest, run: Run, at: datetime) -> None:
    """'There is a date of the course that you asked for.' Once for each run."""
    key = f"{interest.pk}-{run.pk}"
    outbox.queue(outbox.new("courses.date_published", key=key, person=interest.person_id, at=at, run=run.pk))
