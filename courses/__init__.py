"""WHAT: catalogue, runs, sessions, bookings and the queue, attendance, achievements."""
