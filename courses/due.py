"""What WHAT adds to the tick: when runs start, their queues end, and their courses' next run is another."""

from datetime import datetime

from academy.lib import registry
from courses.actions import bookings, certificates
from courses.models import Course


@registry.due(order=30, what="End the queues of runs that have started")
def queues_ended(at: datetime) -> dict[str, int]:
    """End the queues of runs that have started, and move their courses back in the catalogue."""
    Course.objects.filter(next_start__lte=at).refresh_next_start(at)
    return {"queues_ended_for": bookings.end_queues(at)}


@registry.due(order=40, what="Issue certificates")
def certificates_issued(at: datetime) -> dict[str, int]:
    """Issue what was earned since."""
    return {"certificates_issued": certificates.issue_missing(at)}
