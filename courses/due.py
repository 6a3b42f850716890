"""What WHAT adds to the tick: when runs start, their queues end, and their courses' next run is another."""

from datetime import datetime

from academy.lib import registry
from courses.actions import bookings
from courses.models import Course


@registry.due(order=30, what="End the queues of runs that have started")
def queues_ended(at: datetime) -> dict[str, int]:
    """End the queues of runs that have started, and move their courses back in the catalogue."""
    Course.objects.filter(next_start__lte=at).refresh_next_start(at)
    return {"queues_ended_for": bookings.end_queues(at)}
