"""The chart of how many stay: where its lines go, and that it can be read without colour, scripts or styles."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.lib.survival import Stay, kaplan_meier
from academy.lib.survival_chart import PLOT, TOP, WIDE, months_marked, survival
from tests.lib.test_charts import drawn, texts

CURVES = st.lists(st.builds(Stay, st.floats(0, 120), st.booleans()), min_size=1, max_size=40).map(kaplan_meier)
HALF_LEFT_AT_12 = kaplan_meier([Stay(12.0, True), Stay(24.0, False)])


def points(path: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_the_line_goes_along_and_then_down_and_ends_with_the_last_observation():
    chart = survival(HALF_LEFT_AT_12, end=48)
    middle = TOP + PLOT / 2
    assert points(chart.line) == [(0, TOP), (250, TOP), (250, middle), (500, middle)]
    assert chart.seen == f"M500.0 {middle - 5}V{middle + 5}"


@given(CURVES)
def test_line_and_band_stay_inside_and_are_made_of_upright_and_level_lines(curve):
    chart = survival(curve, curve.end)
    for path in (chart.line, chart.band):
        corners = points(path)
        assert all(0 <= x <= WIDE and TOP <= y <= TOP + PLOT for x, y in corners)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))
    assert points(chart.line)[-1][0] == pytest.approx(curve.end / max(1, -(-curve.end // 1)) * WIDE, abs=0.1)


@pytest.mark.parametrize(
    ("end", "marks"),
    [(1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (13, [0, 3, 6, 9, 12]), (38, [0, 12, 24, 36]), (100, [0, 24, 48, 72, 96])],
)
def test_a_few_round_months_are_marked(end, marks):
    assert months_marked(end) == marks


@given(st.integers(1, 700))
def test_there_is_always_a_mark_after_nought_and_never_more_than_six(end):
    assert 2 <= len(months_marked(end)) <= 6


def test_the_first_mark_says_what_is_counted():
    assert [tick.text for tick in survival(HALF_LEFT_AT_12, 38).ticks] == ["0", "12 months", "24", "36"]


def test_nobody_at_all_is_an_empty_chart():
    chart = survival(kaplan_meier([]), 0)
    assert (chart.line, chart.band, chart.seen) == ("", "", "")
    assert drawn("survival", chart).attrib["role"] == "img"


def test_a_drawing_is_named_and_carries_no_style_attribute():
    svg = drawn("survival", survival(HALF_LEFT_AT_12, 24, beside=HALF_LEFT_AT_12))
    assert (svg.attrib["role"], svg.attrib["aria-labelledby"]) == ("img", "x-title x-desc")
    assert (svg[0].text, svg[1].text) == ("Cohorts & others", "As in the table.")
    assert not [element for element in svg.iter() if "style" in element.attrib]
    assert {"0%", "50%", "100%", "6 months"} <= set(texts(svg))


def test_the_line_of_all_is_told_from_the_cohorts_own_by_its_dashes_too():
    svg = drawn("survival", survival(HALF_LEFT_AT_12, 24, beside=HALF_LEFT_AT_12))
    lines = [element for element in svg.iter() if element.tag.endswith("path") and "stroke" in element.attrib]
    assert [bool(line.attrib.get("stroke-dasharray")) for line in lines] == [True, False, False]
