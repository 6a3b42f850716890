"""Runs that are made to be measured, and taken away again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from courses.models import Booking, Course, Run


def runs_of_their_own(count: int, *, places: int, begins: datetime) -> list[Run]:
    """Published runs, each of a course of its own, since nobody has places on two dates of one."""
    model = Course.objects.first()
    facts = {"summary": model.summary, "kind": model.kind, "owner_id": model.owner_id, "cpd_hours": model.cpd_hours}
    courses = Course.objects.bulk_create(Course(title=f"Measured {n}", published=False, **facts) for n in range(count))
    span = {"starts_at": begins, "ends_at": begins + timedelta(hours=3)}
    return Run.objects.bulk_create(Run(course=each, state="published", capacity=places, **span) for each in courses)


def take_away(runs: Iterable[Run]) -> None:
    """Delete such runs, with their bookings and courses."""
    courses = [run.course_id for run in runs]
    Booking.objects.filter(run__course__in=courses).delete()
    Run.objects.filter(course__in=courses).delete()
    Course.objects.filter(pk__in=courses).delete()
