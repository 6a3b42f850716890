"""What WHAT adds to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import F
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import end_of_day, london_day, start_of_day
from academy.lib.registry import Todo
from academy.lib.text import plural
from courses.models import Course, Run
from partners.models import Grant, Person
from partners.permissions import AccessRole

MOST = 10
TOO_FEW_DAYS = 14  # before a run, from when on planners hear that fewer people come than it is worth holding for


@registry.todo(AccessRole.TRAINER)
def registers_to_take(person: Person, on: date) -> Iterator[Todo]:
    """Runs that the person teaches, that have started and are not closed."""
    runs = Run.objects.taught_by(person).filter(state=Run.State.PUBLISHED, starts_at__lte=end_of_day(on))
    for run in runs.select_related("course").order_by("ends_at")[:MOST]:
        ended = run.ends_at <= end_of_day(on)
        yield Todo(
            text=f"{'Take the register and close' if ended else 'Take the register'}: {run.course.title}",
            url=reverse("register", args=[run.pk]),
            due=run.last_day,
        )


@registry.todo(AccessRole.LEAD)
def planning(person: Person, on: date) -> Iterator[Todo]:
    """Runs with too few people, and courses to look at again."""
    yield from _runs_with_too_few(person, on)
    yield from _courses_to_review(person, on)


@registry.todo(AccessRole.COORDINATOR)
def planning_for_an_agency(person: Person, on: date) -> Iterator[Todo]:
    """The same of the own agency's; a lead has them already."""
    if not Grant.objects.duties_of(person, on).leads:
        yield from planning(person, on)


def _runs_with_too_few(person: Person, on: date) -> Iterator[Todo]:
    soon = end_of_day(on + timedelta(days=TOO_FEW_DAYS))
    runs = Run.objects.planned_by(person, on).filter(state=Run.State.PUBLISHED, starts_at__gte=start_of_day(on))
    few = runs.filter(starts_at__lte=soon, minimum__gt=0).with_counts().filter(booked__lt=F("minimum"))
    for run in few.select_related("course").order_by("starts_at")[:MOST]:
        yield Todo(
            text=f"Hold it or cancel it: {run.course.title}",
            url=reverse("planned_run", args=[run.pk]),
            due=london_day(run.starts_at),
            detail=f"{plural(run.booked, 'person', 'people')} booked; it is worth holding with {run.minimum}",
        )


def _courses_to_review(person: Person, on: date) -> Iterator[Todo]:
    due = Course.objects.kept_by(person, on).filter(review_on__lte=on, published=True)
    for course in due.only("title", "review_on").order_by("review_on", "pk")[:MOST]:
        url = reverse("planned_course", args=[course.pk])
        yield Todo(text=f"Look at the content again: {course.title}", url=url, due=course.review_on)
