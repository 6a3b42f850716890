"""What people are told about training: one function a message, keyed so that it is queued once."""

from courses.emails.approvals import approval_still_wanted, approval_wanted, booking_approved, not_approved
from courses.emails.interests import date_published
from courses.emails.places import (
    no_place_came_up,
    offer_ran_out,
    place_booked,
    place_came_up,
    place_given_up,
    place_handed_on,
    place_handed_to_you,
    place_in_queue,
    place_offered,
)

__all__ = [
    "approval_still_wanted",
    "approval_wanted",
    "booking_approved",
    "date_published",
    "no_place_came_up",
    "not_approved",
    "offer_ran_out",
    "place_booked",
    "place_came_up",
    "place_given_up",
    "place_handed_on",
    "place_handed_to_you",
    "place_in_queue",
    "place_offered",
]
