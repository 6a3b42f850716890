"""What people are told about training: one function a message, keyed so that it is queued once."""

from courses.emails.places import no_place_came_up, place_booked, place_came_up, place_given_up, place_in_queue

__all__ = ["no_place_came_up", "place_booked", "place_came_up", "place_given_up", "place_in_queue"]
