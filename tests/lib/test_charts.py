"""Charts: their geometry, and that what is drawn can be read without colour, scripts or styles."""

from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from academy.lib.charts import STYLES, Share, shares, stacked

KEYS = ["In post", "Left after the year", "Left during the year", "Redeployed", "On programme"]


def drawn(template: str, chart: object) -> ElementTree.Element:
    context = {"c": chart, "id": "x", "title": "Cohorts & others", "desc": "As in the table."}
    return ElementTree.fromstring(render_to_string(f"charts/{template}.svg", context))


def texts(svg: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in svg.iter() if element.tag.endswith("}text")]


@given(st.lists(st.lists(st.integers(0, 5000), min_size=5, max_size=5), min_size=1, max_size=6))
def test_segments_touch_and_their_widths_are_to_the_scale_of_the_axis(counts):
    chart = stacked([("A", values) for values in counts], KEYS)
    end = int(chart.ticks[-1].text)
    assert end >= max(sum(values) for values in counts)
    assert len(chart.ticks) <= 6
    for row, values in zip(chart.rows, counts, strict=True):
        edge = 0.0
        for part in row.segments:
            assert part.x == pytest.approx(edge, abs=0.02)
            assert part.width == pytest.approx(part.value / end * 100, abs=0.01)
            edge = part.x + part.width
        assert edge == pytest.approx(sum(values) / end * 100, abs=0.05)
        assert sum(part.value for part in row.segments) == sum(values)


def test_an_empty_part_is_not_drawn_and_a_narrow_one_keeps_its_number_to_the_table():
    (row,) = stacked([("A", [1, 0, 99, 0, 0])], KEYS).rows
    assert [(part.value, part.shown) for part in row.segments] == [(1, False), (99, True)]


def test_no_people_at_all_draw_an_axis_and_no_bar():
    chart = stacked([("A", [0, 0, 0, 0, 0])], KEYS)
    assert chart.rows[0].segments == []
    assert [tick.text for tick in chart.ticks] == ["0", "1"]


def test_rows_do_not_overlap_however_long_their_labels():
    chart = stacked([("A cohort with a name that takes more than a line of a phone", [1] * 5)] * 3, KEYS)
    for row, following in zip(chart.rows, chart.rows[1:], strict=False):
        assert row.label[-1].y < row.bar
        assert row.bar + chart.bar < following.label[0].y
    assert chart.rows[-1].bar + chart.bar < chart.base


def test_each_key_differs_from_the_others_by_its_pattern_alone():
    assert len({style.pattern for style in STYLES}) == len(STYLES)


@pytest.mark.parametrize(
    ("rows", "keys"),
    [([("A", [1])], ["a", "b"]), ([("A", [-1, 2])], ["a", "b"]), ([], list("abcdef"))],
)
def test_counts_that_cannot_be_drawn_are_refused(rows, keys):
    with pytest.raises(ValueError):
        stacked(rows, keys)


def test_a_share_says_how_many_it_is_of_and_rounds_halves_up():
    chart = shares([Share("A", 0.125, 0.02, 0.3, 40), Share("B", 0.585, 0.4, 0.7, 200)])
    assert [row.value.text for row in chart.rows] == ["13% of 40", "59% of 200"]
    assert chart.rows[0].whisker == (2.0, 30.0)


def test_a_share_with_too_few_answers_has_words_and_no_bar():
    (row,) = shares([Share("A", None, None, None, 3)]).rows
    assert (row.share, row.whisker, row.value.text) == (None, (), "Too few answers")


def test_an_interval_never_leaves_the_chart():
    (row,) = shares([Share("A", 1.0, 0.9, 1.0000001, 9)]).rows
    assert row.whisker == (90.0, 100)


@pytest.mark.parametrize(
    ("template", "chart"),
    [
        ("stacked", stacked([("ASYE <2025>", [3, 1, 1, 1, 8])], KEYS)),
        ("shares", shares([Share("Used & told", 0.5, 0.3, 0.7, 12), Share("B", None, None, None, 2)])),
    ],
)
def test_a_drawing_is_named_and_carries_no_style_attribute(template, chart):
    svg = drawn(template, chart)
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-labelledby"] == "x-title x-desc"
    assert svg[0].text == "Cohorts & others"
    assert not [element for element in svg.iter() if "style" in element.attrib]
    assert {row.label[0].text for row in chart.rows} <= set(texts(svg))


def test_every_pattern_that_is_used_is_defined_in_the_same_drawing():
    svg = drawn("stacked", stacked([("A", [3, 2, 2, 2, 8])], KEYS))
    used = {element.attrib["fill"][5:-1] for element in svg.iter() if element.attrib.get("fill", "").startswith("url(")}
    defined = {element.attrib["id"] for element in svg.iter() if element.tag.endswith("pattern")}
    assert used
    assert used == defined
