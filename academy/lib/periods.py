"""Financial years and their quarters, by which councils report: from 1 April."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from academy.lib.dates import add_months

DAY = timedelta(days=1)
MONTHS_OF_A_YEAR, MONTHS_OF_A_QUARTER, APRIL = 12, 3, 4


@dataclass(frozen=True)
class Period:
    """Some days on end, both named days included."""

    name: str
    start: date
    end: date


def financial_year(day: date) -> Period:
    """The year from April to March that has that day: '2025–26'."""
    return year_from(day.year if day.month >= APRIL else day.year - 1)


def year_from(year: int) -> Period:
    """The year that begins on 1 April of `year`."""
    start = date(year, APRIL, 1)
    return Period(f"{year}–{(year + 1) % 100:02}", start, add_months(start, MONTHS_OF_A_YEAR) - DAY)


def quarters(year: Period) -> Iterator[Period]:
    """The four of a financial year, the first one first: 'April to June 2025'."""
    for number in range(4):
        start = add_months(year.start, number * MONTHS_OF_A_QUARTER)
        yield quarter(start)


def quarter(day: date) -> Period:
    """The quarter that has that day."""
    start = date(day.year, day.month - (day.month - 1) % MONTHS_OF_A_QUARTER, 1)
    end = add_months(start, MONTHS_OF_A_QUARTER) - DAY
    return Period(f"{start:%B} to {end:%B %Y}", start, end)
