"""What evaluation adds to 'your list'."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import london_day
from academy.lib.registry import Todo
from evaluation.models import FollowUp
from partners.models import Person
from partners.permissions import AccessRole

MOST = 10


@registry.todo(AccessRole.LEARNER)
def follow_ups_to_answer(person: Person, on: date) -> Iterator[Todo]:
    """What the person was asked and has not answered."""
    waiting = FollowUp.objects.open_to(person).select_related("achievement__course").order_by("closes_at")
    for item in waiting[:MOST]:
        yield Todo(
            text=f"Tell us what changed, {item.months} months on: {item.achievement.course.title}",
            url=reverse("follow_up", args=[item.token]),
            due=london_day(item.closes_at),
            detail="Takes about 2 minutes",
        )
