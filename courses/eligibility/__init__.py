"""Who may have a place: named reasons why not, and how many places there are for whom."""

from courses.eligibility.checks import AT_THE_DOOR, CHECKS, HANDED_ON, Asking, Terms, asking, clashes, why_not
from courses.eligibility.seats import (
    Seats,
    Way,
    clashes_now,
    has_another_date_now,
    offer_until,
    queue_gives_until,
    queue_stops_at,
    waits_beside_a_place,
    way,
)

__all__ = [
    "AT_THE_DOOR",
    "CHECKS",
    "HANDED_ON",
    "Asking",
    "Seats",
    "Terms",
    "Way",
    "asking",
    "clashes",
    "clashes_now",
    "has_another_date_now",
    "offer_until",
    "queue_gives_until",
    "queue_stops_at",
    "waits_beside_a_place",
    "way",
    "why_not",
]
