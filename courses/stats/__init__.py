"""Figures about training. What is registered here: who trains, and what must always be true of bookings."""

from courses.stats import integrity, roles  # noqa: F401  (they register themselves)
