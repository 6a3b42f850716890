"""What the frame's own pages add to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from academy.lib import clock, registry
from academy.lib.registry import Todo
from academy.lib.text import plural
from partners.models import OutboxMessage, Person, Work
from partners.permissions import AccessRole

LATE = timedelta(minutes=5)  # a tick comes every few seconds; whoever waits this long waits for a worker


@registry.todo(AccessRole.ADMINISTRATOR)
def messages_to_decide(person: Person, on: date) -> Iterator[Todo]:
    """For administrators: messages that failed, or of which nobody knows whether they arrived."""
    undecided = [OutboxMessage.State.FAILED, OutboxMessage.State.DOUBTFUL]
    if count := OutboxMessage.objects.filter(state__in=undecided).count():
        yield Todo(
            text=f"Decide about {plural(count, 'message')} that failed or may have arrived",
            url=reverse("system") + "#undecided",
        )


@registry.todo(AccessRole.ADMINISTRATOR)
def work_that_stands_still(person: Person, on: date) -> Iterator[Todo]:
    """For administrators: work that ended with a fault the last time, or that nothing has looked for lately."""
    notes = list(Work.objects.values_list("fault", "ran_at"))
    if faults := sum(bool(fault) for fault, _ in notes):
        things = plural(faults, "thing that runs by itself and", "things that run by themselves and")
        yield Todo(text=f"Look at {things} ended with a fault", url=reverse("system") + "#work")
    if notes and max(ran_at for _, ran_at in notes) < clock.now() - LATE:
        yield Todo(
            text="Start the worker and the scheduler",
            url=reverse("system"),
            detail="Nothing has looked for work for more than 5 minutes",
        )
