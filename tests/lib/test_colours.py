"""Colours: shades, tints and contrast."""

import pytest

from academy.lib.colours import contrast, darken, mix, readable, tint


def test_black_on_white_has_the_greatest_contrast_and_a_colour_on_itself_the_least():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b4f5c", "#0b4f5c") == pytest.approx(1)


def test_contrast_agrees_with_published_ratios_whichever_way_round():
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#fff", "#777777") == pytest.approx(4.48, abs=0.005)


def test_readable_draws_the_line_at_four_and_a_half():
    assert readable("#ffffff", "#767676")
    assert not readable("#ffffff", "#777777")


def test_darken_and_tint_move_towards_black_and_white():
    assert darken("#808080", 0.5) == "#404040"
    assert tint("#000000", 0.9) == "#e6e6e6"
    assert mix("#102030", "#ffffff", 0) == "#102030"


@pytest.mark.parametrize("colour", ["", "teal", "#12", "#12345g", "rgb(1,2,3)"])
def test_what_is_no_colour_is_refused_with_an_example(colour):
    with pytest.raises(ValueError, match="#0b4f5c"):
        darken(colour)
