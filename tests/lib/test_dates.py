"""Months, working days and London days."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.lib import dates

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
RECENT = st.dates(date(2018, 1, 1), date(2030, 12, 31))
MONTHS = st.integers(-240, 240)


@given(DAYS, MONTHS)
def test_adding_months_lands_in_the_month_that_many_later(day, months):
    then = dates.add_months(day, months)
    assert (then.year - day.year) * 12 + then.month - day.month == months


@given(DAYS, MONTHS)
def test_adding_months_keeps_the_day_or_takes_the_last_of_the_month(day, months):
    then = dates.add_months(day, months)
    assert then.day == min(day.day, monthrange(then.year, then.month)[1])


@given(DAYS)
def test_adding_no_months_changes_nothing(day):
    assert dates.add_months(day, 0) == day


@given(DAYS, MONTHS, MONTHS)
def test_months_are_counted_from_the_anchor_so_a_clamped_day_comes_back(day, first, second):
    """Chained from a clamped day, 31 January would be 28 March after two months."""
    then = dates.add_months(day, first + second)
    assert then.day >= dates.add_months(dates.add_months(day, first), second).day
    if monthrange(then.year, then.month)[1] >= day.day:
        assert then.day == day.day


@pytest.mark.parametrize(
    ("anchor", "months", "due"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 8, 31), 12, date(2027, 8, 31)),
    ],
)
def test_awkward_anchors_are_clamped(anchor, months, due):
    assert dates.add_months(anchor, months) == due


@given(RECENT)
def test_the_next_working_day_is_a_working_day_and_never_earlier(day):
    found = dates.next_working_day(day)
    assert found >= day
    assert dates.is_working_day(found)
    assert found.weekday() < 5


@given(RECENT)
def test_no_working_day_is_passed_over(day):
    found = dates.next_working_day(day)
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(dates.is_working_day(passed) for passed in between)


@pytest.mark.parametrize("year", range(2019, 2040))
def test_nobody_works_at_christmas_or_new_year(year):
    """Also past the published calendar."""
    assert not any(map(dates.is_working_day, [date(year, 12, 25), date(year, 12, 26), date(year, 1, 1)]))
    assert dates.next_working_day(date(year, 12, 25)) > date(year, 12, 26)


@pytest.mark.parametrize(
    "holiday", [date(2020, 5, 8), date(2022, 9, 19), date(2026, 4, 3), date(2026, 4, 6), date(2026, 8, 31)]
)
def test_english_bank_holidays_are_not_worked(holiday):
    """VE Day moved to a Friday, a state funeral, Good Friday, Easter Monday and the summer bank holiday."""
    assert not dates.is_working_day(holiday)


def test_a_christmas_on_saturday_is_made_up_for():
    assert dates.next_working_day(date(2021, 12, 25)) == date(2021, 12, 29)


@given(RECENT, st.integers(3, 23), st.integers(0, 59))
def test_an_hour_of_the_day_is_that_hour_in_london_whatever_the_clocks_do(day, hour, minute):
    at = dates.at_hour(day, hour, minute).astimezone(dates.LONDON)
    assert (at.date(), at.hour, at.minute) == (day, hour, minute)


def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change():
    sunday_forward, sunday_back = date(2026, 3, 29), date(2026, 10, 25)
    for day in (sunday_forward, sunday_back):
        before, after = dates.at_hour(day - timedelta(days=1), 9), dates.at_hour(day, 9)
        assert after - before != timedelta(days=1)
        assert dates.at_hour(day, 9).astimezone(dates.LONDON).hour == 9


@given(RECENT)
def test_a_london_day_starts_where_the_one_before_ends(day):
    assert dates.start_of_day(day) - dates.end_of_day(day - timedelta(days=1)) == timedelta(microseconds=1)
    assert dates.london_day(dates.start_of_day(day)) == day == dates.london_day(dates.end_of_day(day))


def test_half_past_eleven_in_utc_is_tomorrow_in_a_london_summer():
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert dates.london_day(at) == date(2026, 7, 2)
