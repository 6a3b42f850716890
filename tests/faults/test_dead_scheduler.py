"""The scheduler was dead for three days. The night before it died is in `tests/evaluation/test_follow_ups.py`."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from academy.lib import registry
from courses.actions.bookings import book
from evaluation.models import FollowUp
from partners.models import OutboxMessage
from tests.courses.test_races import together
from tests.factories import achieved, crowd, planned_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
DIED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday
BACK = DIED + timedelta(days=3)
DAY = timedelta(days=1)
State = FollowUp.State


def ago(days: int, wave: int = 3) -> date:
    """A day of completion whose first follow-up fell due so many days before the scheduler died."""
    due = (DIED - days * DAY).date()
    return date(due.year, due.month - wave, due.day)


def test_one_catch_up_sends_once_what_still_makes_sense_and_says_why_the_rest_is_skipped(smtp):
    sink, window = smtp(), timedelta(days=settings.FOLLOW_UP_WINDOW_DAYS)
    reminded_before, to_remind, lapsed, fell_due = crowd(4)
    achieved(reminded_before, on=date(2026, 8, 3))  # asked on 3 November, to be reminded on the 17th
    achieved(to_remind, on=date(2026, 8, 6))  # asked on 6 November: the reminder falls due while nobody ticks
    for day in (3, 6, 17, 18):
        registry.run_due(datetime(2026, 11, day, 9, tzinfo=UTC))
    assert sink.received == 3

    achieved(lapsed, on=date(2026, 7, 24))  # due on 26 October: its window closes on 23 November at 9:00
    achieved(fell_due, on=date(2026, 8, 21))  # due on 23 November at 9:00
    run = planned_run(starts_at=BACK + 30 * DAY, capacity=1)
    for person in (lapsed, fell_due):
        book(run=run, person=person, by=person, at=DIED + DAY)

    for done in together(*[lambda: registry.run_due(BACK)] * 2):  # two jobs had been waiting for a worker
        assert not isinstance(done, Exception), done
    registry.run_due(BACK + timedelta(minutes=1))
    skipped = FollowUp.objects.get(person=lapsed, months=3)
    assert BACK - skipped.due_at > window
    assert (skipped.state, skipped.skipped_because) == (State.SKIPPED, "its time had passed")
    assert FollowUp.objects.get(person=fell_due, months=3).state == State.SENT
    subjects = {
        person: sorted(mail["Subject"].partition(":")[0] for mail in sink.to(person.email))
        for person in (reminded_before, to_remind, lapsed, fell_due)
    }
    assert subjects == {
        reminded_before: ["3 months on", "Reminder, 3 months on"],
        to_remind: ["3 months on", "Reminder, 3 months on"],
        lapsed: ["Booked"],
        fell_due: ["3 months on", "In the queue"],
    }
    assert set(sink.ids.values()) == {1}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {OutboxMessage.State.SENT}
