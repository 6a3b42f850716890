"""One clock for every edge."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from academy.lib import clock
from tests.factories import NOW


def test_pages_and_commands_tell_the_time_they_are_told():
    later = NOW + timedelta(days=31)
    clock.use(lambda: later)
    assert clock.now() == later
    assert clock.today() == later.date()


def test_today_is_londons():
    clock.use(lambda: datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert clock.today() == date(2026, 7, 2)


def test_it_knows_when_somebody_moved_it():
    clock.use(timezone.now)
    assert not clock.is_moved()
    clock.use(lambda: timezone.now() + timedelta(days=7))
    assert clock.is_moved()
