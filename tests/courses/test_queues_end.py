"""A queue ends when its run starts, and those who waited are told."""

from datetime import timedelta

import pytest

from academy.lib import registry
from courses.actions.bookings import book
from courses.models import Booking
from tests.factories import NOW, booked, employed, planned_run

pytestmark = pytest.mark.django_db


def test_whoever_still_waits_when_a_run_starts_is_told_once_that_no_place_came_up(mailoutbox):
    run, later = planned_run(capacity=1), planned_run(capacity=1, starts_at=NOW + timedelta(days=60))
    booked(run)
    booked(later)
    me = employed()
    waiting, still_waiting = (book(run=one, person=me, by=me, at=NOW) for one in (run, later))
    registry.run_due(run.starts_at - timedelta(minutes=1))
    mailoutbox.clear()
    for _ in range(2):
        registry.run_due(run.starts_at)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([me.email], f"No place came up: {run.course.title}")]
    waiting.refresh_from_db()
    still_waiting.refresh_from_db()
    assert (waiting.state, waiting.queue_position) == (Booking.State.NO_PLACE, None)
    assert still_waiting.state == Booking.State.QUEUED
