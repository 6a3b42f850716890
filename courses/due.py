"""What WHAT adds to the tick: when runs start, their queues end, and their courses' next run is another."""

from datetime import datetime

from academy.lib import registry
from courses.actions import approvals, bookings, certificates, offers, places, visits
from courses.models import Course


@registry.due(order=20, what="Hand on places that were offered, kept or not approved")
def places_handed_on(at: datetime) -> dict[str, int]:
    """End what has run out: offers, approvals that nobody gave, places kept for an agency. Then tidy up after those who
    have a place on another date now."""
    return {
        "offers_ran_out": offers.lapse_offers(at),
        "approvals_lapsed": approvals.lapse(at),
        "approvals_reminded": approvals.remind(at),
        "kept_places_released": places.release_kept_places(at),
        "places_held_as_booking_opened": places.serve_opened(at),
        "places_swapped": bookings.give_up_replaced(at),
        "queues_left": places.leave_other_queues(at),
    }


@registry.due(order=30, what="End the queues of runs that have started")
def queues_ended(at: datetime) -> dict[str, int]:
    """End the queues of runs that have started, and move their courses back in the catalogue."""
    Course.objects.filter(next_start__lte=at).refresh_next_start(at)
    return {"queues_ended_for": bookings.end_queues(at)}


@registry.due(order=40, what="Issue certificates")
def certificates_issued(at: datetime) -> dict[str, int]:
    """Issue what was earned since."""
    return {"certificates_issued": certificates.issue_missing(at)}


@registry.due(order=45, what="End what nobody agreed to of shadowing and coaching, and ask what was learnt")
def visits_followed(at: datetime) -> dict[str, int]:
    """End requests that nobody decided; ask guests and hosts to write, once it is over; count the rest as done."""
    return {
        "visits_lapsed": visits.lapse(at),
        "visits_asked_about": visits.ask_to_reflect(at),
        "visits_done": visits.finish(at),
    }
