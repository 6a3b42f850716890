"""Months, working days and London days."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from json import loads
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day.

    Clamped from the anchor, never chained: 30 November plus 3 months is 28 (29) February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def _bank_holidays() -> frozenset[date]:
    """England's, from the package's own file: its code would bring a web client, and 10 MB, into every process."""
    calendar = loads((resources.files("govuk_bank_holidays") / "bank-holidays.json").read_text("utf-8"))
    return frozenset(date.fromisoformat(item["date"]) for item in calendar["england-and-wales"]["events"])


def is_working_day(day: date) -> bool:
    """Whether England works that day. Past the published calendar, only the fixed holidays are known."""
    fixed = (day.month, day.day) in {(12, 25), (12, 26), (1, 1)}
    return day.weekday() < 5 and not fixed and day not in _bank_holidays()


def next_working_day(day: date) -> date:
    """`day` itself if England works on it, else the first day after it on which England does."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days_before(day: date, count: int) -> date:
    """The day that is `count` working days before `day`; `day` itself for none."""
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_after(day: date, count: int) -> date:
    """The day that is `count` working days after `day`; `day` itself for none."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def london_day(at: datetime) -> date:
    """The London date of an aware moment."""
    return at.astimezone(LONDON).date()


def start_of_day(day: date) -> datetime:
    """The first moment of a London day, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last moment of a London day (a microsecond before the next one starts), in UTC."""
    return start_of_day(day + timedelta(days=1)) - timedelta(microseconds=1)


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """That London wall-clock time on that day, in UTC. 9:00 stays 9:00 across clock changes."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def moment(text: str) -> datetime:
    """An aware moment from a command line: '2027-02-22T09:30', London time, or a date, which means its end.

    Raises ValueError, fit to show.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a moment like 2027-02-22T09:30.") from None
    if "T" not in text and " " not in text:
        return end_of_day(found.date())
    return found if found.tzinfo else found.replace(tzinfo=LONDON)
