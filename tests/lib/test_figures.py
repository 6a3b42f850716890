"""Rounding, shares and Wilson's interval."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from academy.lib.figures import Z95, Share, half_up, wilson

WHOLES = st.integers(1, 5000)
COUNTS = WHOLES.flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@given(st.decimals(-1000, 1000, places=6), st.integers(0, 4))
def test_rounding_half_up_is_within_half_a_unit_and_takes_halves_away_from_zero(value, places):
    unit = Fraction(1, 10**places)
    rounded, exact = Fraction(half_up(value, places)), Fraction(value)
    assert abs(rounded - exact) <= unit / 2
    if abs(rounded - exact) == unit / 2:
        assert abs(rounded) > abs(exact)


def test_halves_go_up_where_python_would_round_them_to_even():
    assert [half_up(n + 0.5) for n in range(4)] == [1, 2, 3, 4]
    assert half_up(2.675, 2) == Decimal("2.68")


@given(COUNTS)
def test_a_percentage_is_rounded_half_up_from_the_exact_fraction(count):
    part, whole = count
    assert Share(part, whole).percent == floor(Fraction(100 * part, whole) + Fraction(1, 2))


@given(st.integers(0, 99))
def test_a_share_that_falls_on_a_half_goes_up(percent):
    assert Share(2 * percent + 1, 200).percent == percent + 1


@given(COUNTS)
def test_a_share_and_the_rest_are_the_whole(count):
    part, whole = count
    assert Fraction(part, whole) == pytest.approx(Fraction(Share(part, whole).value))
    assert Share(part, whole).percent + Share(whole - part, whole).percent in (100, 101)


@given(st.integers(0, 10))
def test_nothing_to_divide_by_is_unknown_and_not_zero(part):
    nothing = Share(part, 0)
    assert nothing.value is nothing.percent is nothing.interval is nothing.interval_percent is None


@given(COUNTS)
def test_wilsons_ends_are_where_the_score_test_just_rejects(count):
    """Wilson's ends solve |p − x| = z √(x (1 − x) / n); this checks the equation, not another form of the answer."""
    part, whole = count
    for end in wilson(part, whole):
        distance = (part / whole - end) ** 2
        assert distance == pytest.approx(Z95**2 * end * (1 - end) / whole, abs=1e-9)


@given(COUNTS)
def test_wilson_holds_the_share_and_stays_between_0_and_1(count):
    part, whole = count
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1
    assert low < high


@given(COUNTS)
def test_wilson_reads_the_same_from_the_other_side(count):
    part, whole = count
    low, high = wilson(part, whole)
    other_low, other_high = wilson(whole - part, whole)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))


@given(COUNTS, st.integers(2, 9))
def test_more_of_the_same_makes_the_interval_narrower(count, times):
    part, whole = count
    assume(whole > 1)
    low, high = wilson(part, whole)
    narrower_low, narrower_high = wilson(part * times, whole * times)
    assert narrower_high - narrower_low < high - low


def test_all_of_a_few_is_not_all_for_certain():
    low, high = Share(9, 9).interval
    assert high == 1
    assert low < 0.75
    assert Share(9, 9).interval_percent == (half_up(100 * low), 100)


@given(WHOLES)
def test_none_is_from_exactly_0_and_all_is_to_exactly_1(whole):
    assert wilson(0, whole)[0] == 0
    assert wilson(whole, whole)[1] == 1


def test_z_is_the_normal_distributions():
    assert pytest.approx(NormalDist().inv_cdf(0.975)) == Z95
