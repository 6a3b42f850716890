"""Binomial limits, against scipy, and where units are drawn between them."""

import pytest
from scipy.stats import binom

from academy.lib.figures import Share, binomial_limits
from academy.lib.funnel_chart import RARE, USUAL, Unit, funnel


@pytest.mark.parametrize("tail", [USUAL, RARE])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.85, 0.97])
@pytest.mark.parametrize("whole", [1, 7, 40, 200])
def test_limits_lie_within_a_count_of_the_binomials_own(rate, whole, tail):
    """Interpolated between counts: at most one below the smallest count that holds so much of the distribution."""
    low, high = binomial_limits(rate, whole, tail)
    for share, up_to in ((low, tail), (high, 1 - tail)):
        count = binom.ppf(up_to, whole, rate)
        assert max(0, count - 1) - 1e-9 <= share * whole <= count + 1e-9


@pytest.mark.parametrize("tail", [USUAL, RARE])
def test_beyond_the_exact_sums_the_normal_curve_takes_over_without_a_step(tail):
    for before, after in zip(binomial_limits(0.85, 200, tail), binomial_limits(0.85, 201, tail), strict=True):
        assert before == pytest.approx(after, abs=0.01)


def test_limits_of_none_and_of_all_are_the_rate_itself():
    assert binomial_limits(0, 10, USUAL) == (0, 0)
    assert binomial_limits(1, 10, USUAL) == (1, 1)


def test_a_unit_far_from_the_others_lies_outside_and_is_said_to():
    units = [Unit(name, Share(part, 100)) for name, part in [("A", 90), ("B", 88), ("C", 91), ("D", 89), ("E", 70)]]
    points = {point.unit.name: point.in_words for point in funnel(units).points}
    assert {points[name] for name in "ABCD"} == {"within"}
    assert points["E"] == "outside the outer limits"


def test_a_small_unit_with_the_same_share_lies_within():
    units = [Unit(name, Share(part, whole)) for name, part, whole in [("A", 90, 100), ("B", 88, 100), ("C", 3, 5)]]
    assert {point.in_words for point in funnel(units).points} == {"within"}


def test_two_units_are_not_compared():
    assert funnel([Unit("A", Share(1, 2)), Unit("B", Share(1, 2)), Unit("C", Share(0, 0))]) is None
