"""What WHAT adds to 'your list'."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import end_of_day
from academy.lib.registry import Todo
from courses.models import Newcomer, Run
from partners.models import Person
from partners.permissions import AccessRole

MOST = 10


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
def newcomers_to_find(person: Person, on: date) -> Iterator[Todo]:
    """People who came to a session and are in no record, the longest ago first."""
    for came in Newcomer.objects.waiting().select_related("session__run__course")[:MOST]:
        yield Todo(
            text=f"Find out who came to {came.session.run.course.title}: {came.name}, {came.agency_name}",
            url=reverse("settle_newcomer", args=[came.pk]),
        )
