"""Kaplan and Meier's curve: against scipy, by hand, and what must hold of any."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from academy.lib.figures import wilson
from academy.lib.survival import Stay, kaplan_meier

MONTHS = st.integers(0, 60).map(float)  # few enough that many tie
STAYS = st.lists(st.builds(Stay, MONTHS, st.booleans()), min_size=1, max_size=60)
ALL_STILL_THERE = st.lists(st.builds(Stay, MONTHS, st.just(False)), min_size=1, max_size=60)


def people(left: str = "", seen: str = "") -> list[Stay]:
    """Those who left, and those last seen still there, after so many months."""
    return [Stay(float(m), True) for m in left.split()] + [Stay(float(m), False) for m in seen.split()]


@given(STAYS)
def test_share_and_interval_are_those_of_scipy(stays):
    left, seen = ([stay.months for stay in stays if stay.left is which] for which in (True, False))
    survival = stats.ecdf(stats.CensoredData(uncensored=left, right=seen)).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no interval where the share is 1 or 0
        interval = survival.confidence_interval(0.95, method="log-log")
    for step in kaplan_meier(stays).steps:
        assert step.share == pytest.approx(float(survival.evaluate(step.months)), abs=1e-12)
        if 0 < step.share < 1:
            assert step.low == pytest.approx(float(interval.low.evaluate(step.months)), abs=1e-9)
            assert step.high == pytest.approx(float(interval.high.evaluate(step.months)), abs=1e-9)


def test_an_example_worked_by_hand():
    """Six people: one leaves at 3 months, two at 7 as another is last seen, one at 12; one is there at 20.

    3 months: 5/6. 7 months: 5/6 × 3/5 = 1/2. 12 months: 1/2 × 1/2 = 1/4.
    """
    curve = kaplan_meier(people(left="3 7 7 12", seen="7 20"))
    assert [(step.months, step.at_risk, step.left, step.censored) for step in curve.steps] == [
        (0, 6, 0, 0),
        (3, 6, 1, 0),
        (7, 5, 2, 1),
        (12, 2, 1, 0),
        (20, 1, 0, 1),
    ]
    assert [step.share for step in curve.steps] == pytest.approx([1, 5 / 6, 1 / 2, 1 / 4, 1 / 4])
    assert (curve.people, curve.left, curve.end) == (6, 4, 20)


@given(STAYS)
def test_the_curve_never_rises_and_everyone_is_in_it_once(stays):
    curve = kaplan_meier(stays)
    shares = [step.share for step in curve.steps]
    assert shares == sorted(shares, reverse=True)
    assert sum(step.left + step.censored for step in curve.steps) == curve.people == len(stays)
    assert curve.left == sum(stay.left for stay in stays)
    assert all(curve.at_risk(m) == sum(stay.months >= m for stay in stays) for m in (0, 12, 24.5, 60, 61))


@given(STAYS)
def test_the_interval_holds_the_share_and_stays_between_0_and_1(stays):
    for step in kaplan_meier(stays).steps:
        assert 0 <= step.low <= step.share <= step.high <= 1
        assert step.low < step.high


@given(st.lists(MONTHS, min_size=1, max_size=60))
def test_where_nobody_is_lost_from_sight_it_is_the_plain_share_of_those_who_stayed(left):
    for step in kaplan_meier(Stay(months, True) for months in left).steps:
        assert step.share == pytest.approx(sum(months > step.months for months in left) / len(left))


@given(ALL_STILL_THERE)
def test_with_no_leavers_it_is_1_with_wilsons_interval_of_those_still_followed(stays):
    for step in kaplan_meier(stays).steps:
        beyond = sum(stay.months > step.months for stay in stays)
        assert step.share == 1
        assert (step.low, step.high) == wilson(beyond or step.at_risk, beyond or step.at_risk)


def test_once_everyone_has_left_it_is_0_with_wilsons_interval_of_the_leavers_and_stays_0():
    last = kaplan_meier(people(left="10 24 25", seen="5")).at(36)
    assert (last.share, last.low, last.high) == (0, *wilson(0, 3))


def test_it_is_cut_off_at_the_last_observation():
    curve = kaplan_meier(people(left="10", seen="30 20"))
    assert curve.at(30).share == pytest.approx(2 / 3)
    assert curve.at(30.1) is None


def test_it_holds_from_the_day_of_leaving_until_the_next():
    curve = kaplan_meier(people(left="12 24", seen="30 30"))
    assert [curve.at(months).share for months in (0, 11.9, 12, 23.9, 24)] == [1, 1, 0.75, 0.75, 0.5]


def test_someone_who_left_on_the_first_day_is_gone_from_the_start():
    assert kaplan_meier(people(left="0", seen="9")).at(0).share == 0.5


def test_nobody_is_a_curve_without_a_line():
    curve = kaplan_meier([])
    assert (curve.people, curve.left, curve.end, curve.at(0), curve.at_risk(0)) == (0, 0, 0, None, 0)


def test_more_people_alike_make_the_interval_narrower():
    few, many = (kaplan_meier(people(left="12 20", seen="30 30 30") * times).at(24) for times in (1, 9))
    assert few.share == pytest.approx(many.share)
    assert few.low < many.low < many.high < few.high
