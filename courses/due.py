"""What WHAT adds to the tick: queues end when their runs start."""

from datetime import datetime

from academy.lib import registry
from courses.actions import bookings


@registry.due(order=30)
def queues_ended(at: datetime) -> dict[str, int]:
    """End the queues of runs that have started."""
    return {"queues_ended_for": bookings.end_queues(at)}
