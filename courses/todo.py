"""What WHAT adds to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Min
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import end_of_day, london_day
from academy.lib.registry import Todo
from academy.lib.text import plural
from courses.models import Run
from partners.models import Person
from partners.permissions import AccessRole

MOST = 10
LEFT_OPEN = timedelta(days=7)  # after that it is no longer the trainer’s alone


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
def registers_left_open(person: Person, on: date) -> Iterator[Todo]:
    """For academy leads: runs that ended more than a week ago and that nobody has closed."""
    left = Run.objects.filter(state=Run.State.PUBLISHED, ends_at__lte=end_of_day(on - LEFT_OPEN))
    found = left.aggregate(count=Count("pk"), first=Min("pk"), since=Min("ends_at"))
    if count := found["count"]:
        yield Todo(
            text=f"See to {plural(count, 'register')} left open for a week or more",
            url=reverse("register", args=[found["first"]]) if count == 1 else reverse("registers"),
            due=london_day(found["since"]),
            detail="Until then nobody gets a certificate, and nobody is asked what changed",
        )
